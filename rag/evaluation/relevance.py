"""Judge the relevance of retrieved passages to a question (pure)."""

from collections.abc import Callable

from rag.evaluation import metrics
from rag.evaluation.questions import Place, Question
from rag.types import Hit

Named = tuple[dict[str, int], Callable[[Hit], str]]
"""The names of what is relevant to a question, and the name of what a hit shows."""


def by_article(asked: Question) -> Named | None:
    """Articles by their ids; a passage that is folded with a copy in a gold article shows that one."""
    gold = dict.fromkeys(asked.gold_articles, 1)

    def name(hit: Hit) -> str:
        shown = [passage.article_id for passage in (hit.passage, *hit.copies)]
        return next((id for id in shown if id in gold), shown[0])

    return (gold, name) if gold else None


def by_passage(asked: Question) -> Named | None:
    """Gold passages by their numbers: a passage that covers most of one, or lies mostly in one, shows it."""
    gold = {f"gold {number}": place for number, place in enumerate(asked.gold_passages)}

    def name(hit: Hit) -> str:
        return next((name for name, place in gold.items() if _shows(hit, place)), hit.passage.id)

    return (dict.fromkeys(gold, 1), name) if gold else None


def _shows(hit: Hit, place: Place) -> bool:
    for passage in (hit.passage, *hit.copies):
        shared = min(passage.end, place.end) - max(passage.start, place.start)
        if passage.article_id == place.article_id and 2 * shared >= min(
            place.end - place.start, passage.end - passage.start
        ):
            return True
    return False


def by_answer(asked: Question) -> Named | None:
    """Passages that contain an accepted answer, whichever they are."""
    if not asked.answers:
        return None
    return {"answer": 1}, lambda hit: "answer" if metrics.holds(hit.passage.text, asked.answers) else hit.passage.id
