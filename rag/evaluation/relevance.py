"""Judge the relevance of retrieved passages to a question (pure)."""

from collections.abc import Callable
from typing import NamedTuple

from rag.evaluation import metrics
from rag.evaluation.questions import GoldPassage, Question
from rag.types import Hit


class Judgement(NamedTuple):
    """What is relevant to a question, and how a hit is compared with it."""

    gold: dict[str, int]
    """The names of what is relevant, each with its grade."""
    name: Callable[[Hit], str]
    """Returns the name of what a hit shows: one of `gold` if it is relevant."""


def by_article(question: Question) -> Judgement | None:
    """Judge hits by the ids of their and their copies' articles; None where the question has no gold article."""
    gold = dict.fromkeys(question.gold_articles, 1)

    def name(hit: Hit) -> str:
        ids = [passage.article_id for passage in (hit.passage, *hit.copies)]
        return next((id for id in ids if id in gold), ids[0])

    return Judgement(gold, name) if gold else None


def by_passage(question: Question) -> Judgement | None:
    """Judge hits by the gold passages: one that shares half of the shorter of the two is relevant; None without any."""
    gold = {f"gold {number}": passage for number, passage in enumerate(question.gold_passages)}

    def name(hit: Hit) -> str:
        return next((name for name, passage in gold.items() if _shows(hit, passage)), hit.passage.id)

    return Judgement(dict.fromkeys(gold, 1), name) if gold else None


def _shows(hit: Hit, gold: GoldPassage) -> bool:
    """Whether a hit, or a copy folded into it, and a gold passage share at least half of the shorter one."""
    for passage in (hit.passage, *hit.copies):
        shared = min(passage.end, gold.end) - max(passage.start, gold.start)
        shorter = min(gold.end - gold.start, passage.end - passage.start)
        if passage.article_id == gold.article_id and 2 * shared >= shorter:
            return True
    return False


def by_answer(question: Question) -> Judgement | None:
    """Judge hits by whether their text contains an accepted answer; None where the question has none."""
    if not question.answers:
        return None

    def name(hit: Hit) -> str:
        return "answer" if metrics.contains_answer(hit.passage.text, question.answers) else hit.passage.id

    return Judgement({"answer": 1}, name)
