"""What else could rank passages, beside vectors, BM25 and the boosts: each feature added to the fused score.

    python bench/fusing.py INDEX_DIR QUESTIONS.jsonl

For each question the candidates of both searches are ranked by their score, and again with one feature times a weight
added to it: the share of the question's words, the rare ones counting more, that stand in the passage (`words`), in the
title (`title`) and in all that was found of the article (`article`), the share of its pairs of neighbouring words
(`pairs`) and of its names (`names`), and the cosine as it is, not scaled (`cosine`). Prints how often the first passage
is of a named article, and how often it holds an accepted answer.
"""

import argparse
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from common import table

from rag import Index, Settings
from rag.evaluation.metrics import contains_answer
from rag.evaluation.questions import Question, read_questions
from rag.retrieval.filters import resolve_filters
from rag.retrieval.fusion import fuse
from rag.retrieval.intent import boost
from rag.retrieval.query import parse_query
from rag.storage.generation import Generation
from rag.text.lexical import content_words
from rag.text.words import split_parts
from rag.types import Filters, Passage

FEATURES = ("words", "title", "article", "pairs", "names", "cosine")
WEIGHTS = (0.1, 0.2, 0.4)
_NAME = re.compile(r"(?<!^)\b[A-Z][\w'’-]+")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that one of the searches found."""

    score: float
    features: Mapping[str, float]
    is_of_article: bool
    """Whether its article is one of those that the question names."""
    holds_answer: bool


def find_candidates(index: Index, questions: Sequence[Question]) -> list[list[Candidate]]:
    """Find the candidates of each question."""

    def look(generation: Generation) -> list[list[Candidate]]:
        return [list(_candidates(index, generation, question)) for question in questions]

    return index.generations.read(look)


def _candidates(index: Index, generation: Generation, question: Question) -> Iterator[Candidate]:
    filters = Filters(as_of=question.date)
    query = parse_query(question.question, as_of=question.date, publishers=generation.catalogue.publishers())
    scope = resolve_filters(filters, generation)
    vector = index.embedder.embed([query.text])[0]
    near = generation.nearest(vector, index.settings.candidates, scope)
    matching = generation.matching(query.text, index.settings.candidates, scope)
    stored = {result.passage.id: result.passage for result in [*near, *matching]}
    dense, words = ({result.passage.id: result.score for result in side} for side in (near, matching))
    fused = fuse(dense, words, index.settings.bm25_weight)
    passages = dict(zip(fused, generation.passages([stored[id] for id in fused]), strict=True))
    found = {id: passage for id, passage in passages.items() if passage is not None}
    features = _features(query.text, list(found.values()))
    farthest = min(dense.values(), default=0.0)
    for (id, passage), own in zip(found.items(), features, strict=True):
        yield Candidate(
            fused[id] + boost(query, passage),
            {**own, "cosine": dense.get(id, farthest)},
            passage.article_id in question.gold_articles,
            contains_answer(passage.text, question.answers),
        )


def _features(question: str, passages: Sequence[Passage]) -> Iterator[dict[str, float]]:
    wanted = content_words(question)
    pairs = set(pairwise(split_parts(question)))
    names = {name.casefold() for name in _NAME.findall(question)}
    texts = [content_words(passage.text) & wanted for passage in passages]
    titles = [content_words(passage.title) & wanted for passage in passages]
    known = Counter(word for text in texts for word in text)
    rarity = {word: math.log(1 + (len(passages) + 1) / (known[word] + 1)) for word in wanted}
    articles: dict[str, set[str]] = {}
    for passage, text, title in zip(passages, texts, titles, strict=True):
        articles.setdefault(passage.article_id, set()).update(text, title)

    def share(there: set[str] | frozenset[str]) -> float:
        return sum(rarity[word] for word in there) / (sum(rarity.values()) or 1.0)

    for passage, text, title in zip(passages, texts, titles, strict=True):
        said = split_parts(passage.text)
        lower = {word.casefold() for word in said}
        yield {
            "words": share(text | title),
            "title": share(title),
            "article": share(articles[passage.article_id]),
            "pairs": len(pairs & set(pairwise(said))) / (len(pairs) or 1),
            "names": len(names & lower) / len(names) if names else 1.0,
        }


def score(ranked: Sequence[Sequence[Candidate]], feature: str = "", weight: float = 0.0) -> tuple[float, float]:
    """Return how often the first candidate is of a named article, and how often it holds an accepted answer."""
    best = [max(found, key=lambda one: one.score + weight * one.features.get(feature, 0.0)) for found in ranked]
    return sum(one.is_of_article for one in best) / len(best), sum(one.holds_answer for one in best) / len(best)


def main() -> None:
    """Rank by each feature in turn, and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("questions", type=Path)
    given = parser.parse_args()
    index = Index.open(given.index, Settings.load())
    ranked = [found for found in find_candidates(index, _asked(given.questions)) if found]
    index.close()
    rows: list[list[object]] = [["as it is", "", *_shown(score(ranked))]]
    rows += [[name, weight, *_shown(score(ranked, name, weight))] for name in FEATURES for weight in WEIGHTS]
    table(("added", "weight", "article first", "answer in the first passage"), rows)


def _asked(path: Path) -> list[Question]:
    return [question for question in read_questions(path) if question.gold_articles and question.answers]


def _shown(scores: tuple[float, float]) -> list[str]:
    return [f"{one:.3f}" for one in scores]


if __name__ == "__main__":
    main()
