"""Put questions to an assistant and score every stage of the answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from rag.answering.citations import verbatim
from rag.assistant import Assistant
from rag.evaluation import metrics
from rag.evaluation.questions import Question
from rag.evaluation.relevance import Named, by_answer, by_article, by_passage
from rag.types import Answer, Filters, Hit

STAGES = ("words", "vectors", "fused", "read")
_POOL = 100
"""Passages that are ranked by words and by vectors, each alone."""
_WORST = 10

Scores = dict[str, object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question, what was found at each stage, best first, and what was answered."""

    asked: Question
    ranked: Mapping[str, Sequence[Hit]]
    answer: Answer

    @property
    def right(self) -> bool:
        """Whether an accepted answer stands in a cited quotation of an answer that was given."""
        return self.answer.answered and _quoted(self.answer, self.asked.answers)


def evaluate(
    assistant: Assistant, questions: Sequence[Question], report: Callable[[int], None] | None = None
) -> Scores:
    """Scores of retrieval, answers, citations, abstention and speed, and the worst questions; `report` counts them."""
    outcomes = []
    for number, question in enumerate(questions, 1):
        outcomes.append(_ask(assistant, question))
        if report:
            report(number)
    answerable = [one for one in outcomes if not one.asked.unanswerable]
    return {
        "questions": len(outcomes),
        "unanswerable": len(outcomes) - len(answerable),
        "retrieval": {
            "article": _retrieval(answerable, by_article),
            "passage": _retrieval(answerable, by_passage),
            "answer in passage": _retrieval(answerable, by_answer),
        },
        "answers": _answers([one for one in answerable if one.asked.answers]),
        "citations": _citations(outcomes),
        "abstention": _abstention(outcomes),
        "seconds": _seconds([one.answer for one in outcomes]),
        "worst": _worst(outcomes),
    }


def _ask(assistant: Assistant, question: Question) -> Outcome:
    filters = Filters(as_of=question.date)
    fused = assistant.index.search(question.question, _POOL, filters)
    answer = assistant.ask(question.question, filters=filters)
    words = sorted((hit for hit in fused if hit.word_rank), key=lambda hit: hit.word_rank or 0)
    vectors = sorted((hit for hit in fused if hit.dense_rank), key=lambda hit: hit.dense_rank or 0)
    return Outcome(question, dict(zip(STAGES, (words, vectors, fused, answer.hits), strict=True)), answer)


def _retrieval(outcomes: Sequence[Outcome], naming: Callable[[Question], Named | None]) -> dict[str, dict[str, float]]:
    named = {str(number): (one, naming(one.asked)) for number, one in enumerate(outcomes)}
    known = {number: (one, found) for number, (one, found) in named.items() if found is not None}
    relevant = {number: found[0] for number, (_, found) in known.items()}
    if not relevant:
        return {}
    return {
        stage: metrics.ranking(
            relevant,
            {number: list(dict.fromkeys(map(found[1], one.ranked[stage]))) for number, (one, found) in known.items()},
        )
        for stage in STAGES
    }


def _quoted(answer: Answer, accepted: Sequence[str]) -> bool:
    return any(metrics.holds(citation.quote, accepted) for citation in answer.citations)


def _answers(outcomes: Sequence[Outcome]) -> Scores:
    """The words that answer against the accepted ones, over all answerable questions; none where it abstained."""
    return {
        "exact": _mean([metrics.exact(one.answer.short, one.asked.answers) for one in outcomes]),
        "f1": _mean([metrics.overlap(one.answer.short, one.asked.answers) for one in outcomes]),
        "contained": _mean([metrics.holds(one.answer.text, one.asked.answers) for one in outcomes]),
    }


def _citations(outcomes: Sequence[Outcome]) -> Scores:
    cited = [citation for one in outcomes for citation in one.answer.citations]
    known = [one for one in outcomes if one.asked.answers]
    return {
        "answer in quotes": _mean([one.right for one in known]),
        "answer in quotes of answered": _mean([one.right for one in known if one.answer.answered]),
        "verbatim": _mean([verbatim(citation) for citation in cited]),
    }


def _abstention(outcomes: Sequence[Outcome]) -> Scores:
    able = [one.answer for one in outcomes if not one.asked.unanswerable]
    unable = [one.answer for one in outcomes if one.asked.unanswerable]
    sure, unsure = [one.confidence for one in able], [one.confidence for one in unable]
    known = [one for one in outcomes if one.asked.answers or one.asked.unanswerable]
    confidences = [one.answer.confidence for one in known]
    right = [_quoted(one.answer, one.asked.answers) or _would(one) for one in known]
    return {
        "answered": _mean([one.answered for one in able]),
        "refused": _mean([not one.answered for one in unable]),
        "auroc": metrics.separation(sure, unsure),
        "refused at 90% answered": metrics.refused_at(sure, unsure),
        "calibration error": metrics.calibration_error(confidences, right),
        "risk and coverage": metrics.risk_coverage(confidences, right),
    }


def _would(one: Outcome) -> bool:
    """Whether the best span would have been right, had the answer not been held back."""
    held_back = not one.answer.answered and bool(one.answer.hits)
    return held_back and metrics.holds(one.answer.hits[0].said, one.asked.answers)


def _seconds(answers: Sequence[Answer]) -> dict[str, dict[str, float]]:
    stages = dict.fromkeys(name for answer in answers for name in answer.timings)
    times = {stage: [answer.timings.get(stage, 0.0) for answer in answers] for stage in stages}
    return {stage: {"p50": median(own), "p95": _p95(own)} for stage, own in times.items()}


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def _worst(outcomes: Sequence[Outcome]) -> list[Scores]:
    """What went wrong, the surest first: answered falsely, or refused though answerable."""
    wrong = [one for one in outcomes if (one.asked.answers or one.asked.unanswerable) and not _well(one)]
    wrong.sort(key=lambda one: -abs(one.answer.confidence - 0.5))
    return [
        {
            "question": one.asked.question,
            "expected": list(one.asked.answers) or "no answer",
            "answer": one.answer.text,
            "confidence": one.answer.confidence,
            "gold article": _place(one),
        }
        for one in wrong[:_WORST]
    ]


def _well(one: Outcome) -> bool:
    return not one.answer.answered if one.asked.unanswerable else one.right


def _place(one: Outcome) -> int | None:
    """The gold article's place among the passages that were read, from 1."""
    gold = set(one.asked.gold_articles)
    places = (place for place, hit in enumerate(one.ranked["read"], 1) if hit.passage.article_id in gold)
    return next(places, None)


def _mean(values: Sequence[float | bool]) -> float | None:
    return sum(values) / len(values) if values else None
