"""Indexes articles and answers questions with this library; a child of bench/quality.py.

    python bench/answering.py ARTICLES.jsonl QUESTIONS.jsonl NEW_FOLDER

Puts rankings.jsonl into the folder, as the peers write it, with two systems: what a search ranks, and what an
assistant has read; the seconds of the latter are those of the whole answer, and its lines have the scores of that
answer. Beside it lie passages.jsonl and articles.jsonl, the documents for the peers: our passages with their titles,
and the whole articles as we cleaned them.
"""

import json
import sys
from pathlib import Path

from common import Record, time_call, write

from rag import Answer, Assistant, Hit, Index, Passage
from rag.evaluation import metrics
from rag.evaluation.questions import Question, read_questions
from rag.evaluation.run import Outcome

BEST = 10


def main(articles: Path, questions: Path, folder: Path) -> None:
    index = Index.open(folder / "index")
    assistant = Assistant(index)
    index.embedder.embed(["A text, so that the model is loaded and has run once."])
    seconds, _ = time_call(lambda: index.sync(articles))
    asked = read_questions(questions)
    assistant.ask(asked[0].question)
    lines = [line for number, one in enumerate(asked) for line in rank_and_answer(number, one, assistant)]
    write(folder / "rankings.jsonl", lines)
    write(folder / "passages.jsonl", passages(index))
    write(folder / "articles.jsonl", whole(index))
    print(json.dumps({"seconds": seconds}))


def rank_and_answer(number: int, asked: Question, assistant: Assistant) -> list[Record]:
    """Return the lines of both systems for a question."""
    searching, hits = time_call(lambda: assistant.index.search(asked.question, BEST))
    asking, answer = time_call(lambda: assistant.ask(asked.question))
    return [
        {"system": "ours, searched", "question": number, "seconds": searching, "found": list(map(hit_record, hits))},
        {
            "system": "ours, read",
            "question": number,
            "seconds": asking,
            "found": list(map(hit_record, answer.hits[:BEST])),
        }
        | {"scores": scores(asked, answer)},
    ]


def hit_record(hit: Hit) -> Record:
    return stretch(hit.passage) | {"copies": [stretch(copy) for copy in hit.copies]}


def stretch(passage: Passage) -> Record:
    return {"article_id": passage.article_id, "text": passage.text, "start": passage.start, "end": passage.end}


def scores(asked: Question, answer: Answer) -> dict[str, float]:
    """Return how good an answer is; nothing where it abstained."""
    return {
        "exact": metrics.exact_match(answer.short, asked.answers),
        "F1": metrics.token_f1(answer.short, asked.answers),
        "answer in quotes": float(Outcome(asked, {}, answer).is_right),
    }


def passages(index: Index) -> list[Record]:
    """Every passage, with its title as it is embedded."""
    splitter = index.chunker
    cut = [(splitter.shorten_title(one.title), passage) for one in index.articles() for passage in splitter.split(one)]
    return [{"id": one.id, "title": title} | stretch(one) for title, one in cut]


def whole(index: Index) -> list[Record]:
    return [
        {"id": one.id, "article_id": one.id, "title": one.title, "text": one.text, "start": 0, "end": len(one.text)}
        for one in index.articles()
    ]


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
