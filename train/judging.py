"""Fits how reader and search are weighed together: `python -m train.judging INDEX QUESTIONS [INDEX QUESTIONS …]`.

Prints the weights of passages, for `rag/retrieval/confidence.py`, and those of the answer, for
`rag/retrieval/sentence_ranking.py`. Every set of questions counts alike, however many it has. A third of the questions
are asked with every passage withheld that holds an accepted answer, so that some have none. The answer is fitted with
the weights of passages in use, so it is run again once these are replaced.
"""

import argparse
import json
import random
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from rag import Index
from rag.answering.extractive import compose
from rag.evaluation import metrics, read_questions
from rag.evaluation.questions import Question
from rag.models.reader import open_reader
from rag.protocols import Reader
from rag.retrieval.confidence import logit, with_agreement
from rag.retrieval.query import Query, make_query
from rag.retrieval.sentence_ranking import ScoredSentence, log_odds, score_sentences
from rag.types import Filters, Hit

SEED = 60
WITHHELD = 0.33
READ = 12

Row = tuple[list[float], bool]
"""What is known of a passage, a sentence or an answer, and whether that is right."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with what was read and ranked for it."""

    question: Question
    query: Query
    hits: tuple[Hit, ...]
    sentences: tuple[ScoredSentence, ...]


def judge(index: Index, reader: Reader, question: Question, *, withheld: bool) -> Judged:
    """Search and read for a question as an assistant does, however unsure the answer is."""
    filters = Filters(as_of=question.date)
    query = make_query(question.question, as_of=question.date, publishers=index.publishers())
    hits = [
        hit
        for hit in index.search(query, 30, filters)
        if not (withheld and metrics.contains_answer(hit.passage.text, question.answers))
    ][:READ]
    readings = reader.read(query.text, [hit.passage for hit in hits])
    read = with_agreement([replace(hit, reading=reading) for hit, reading in zip(hits, readings, strict=True)])
    return Judged(question, query, tuple(read), tuple(score_sentences(query, read)))


def judge_set(folder: Path, questions: Path, most: int) -> list[Judged]:
    """Judge at most so many of the questions, drawn by chance."""
    index, reader, chance = Index.open(folder), open_reader(), random.Random(SEED)
    found = [question for question in read_questions(questions) if question.answers or not question.has_answer]
    drawn = chance.sample(found, min(most, len(found)))
    return [judge(index, reader, question, withheld=chance.random() < WITHHELD) for question in drawn]


def passage_rows(judged: Judged) -> list[Row]:
    """Return what makes each passage sure: the reader's word, the search's, the vectors', and that of other articles.

    A passage is right where its best span holds an accepted answer or shares half its words.
    """
    rows = []
    for hit in judged.hits:
        assert hit.reading is not None
        answers = judged.question.answers
        is_right = metrics.token_f1(hit.span_text, answers) >= 0.5 or metrics.contains_answer(hit.span_text, answers)
        rows.append(([logit(hit.reading.relevance), hit.score, hit.likeness, hit.agreement], is_right))
    return rows


def answer_row(judged: Judged) -> Row:
    """Return how surely the best sentence answers and how old it is, and whether what is quoted holds the answer."""
    best = judged.sentences[0]
    quotes = [one.passage.at(one.start, one.end) for one in compose(judged.query, judged.sentences, most=4)]
    return [log_odds(best), best.hit.stale], any(
        metrics.contains_answer(quote, judged.question.answers) for quote in quotes
    )


def fit(sets: list[list[Row]]) -> list[float]:
    """Return the weights of a logistic regression, then its bias; every set counts alike, however many rows it has."""
    rows = [(*row, 1 / len(own)) for own in sets for row in own]
    features, labels, weights = map(list, zip(*rows, strict=True))
    fitted = LogisticRegression(C=100).fit(np.array(features), labels, sample_weight=np.array(weights) * len(rows))
    return [*map(float, fitted.coef_[0]), float(fitted.intercept_[0])]


def main(given: list[Path], most: int) -> None:
    """Print the weights of passages and of the answer."""
    sets = [judge_set(folder, questions, most) for folder, questions in zip(given[::2], given[1::2], strict=True)]
    named = {
        ("_READER_WEIGHT", "SEARCH_WEIGHT", "_COSINE_WEIGHT", "_AGREEMENT_WEIGHT", "_BIAS"): fit(
            [[row for judged in own for row in passage_rows(judged)] for own in sets]
        ),
        ("_SHARPNESS", "_STALE", "_SHIFT"): fit(
            [[answer_row(judged) for judged in own if judged.sentences] for own in sets]
        ),
    }
    for names, values in named.items():
        print(json.dumps({name: round(value, 3) for name, value in zip(names, values, strict=True)}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("given", type=Path, nargs="+", metavar="INDEX QUESTIONS")
    parser.add_argument("--most", type=int, default=300, help="questions of each set")
    options = parser.parse_args()
    main(options.given, options.most)
