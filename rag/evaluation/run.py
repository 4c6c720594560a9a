"""Put questions to an assistant and score every stage of the answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from rag.answering.citations import is_verbatim
from rag.assistant import Assistant
from rag.evaluation import metrics
from rag.evaluation.questions import Question
from rag.evaluation.relevance import Judgement, by_answer, by_article, by_passage
from rag.evaluation.verdicts import Verdict, count_verdicts, judge
from rag.types import Answer, Filters, Hit, Message

STAGES = ("words", "vectors", "fused", "read")
_MAX_RANKED = 100
"""Passages that are ranked by BM25 and by vectors, each alone."""

Scores = dict[str, object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question, the hits of each stage, best first, and the answer."""

    question: Question
    ranked: Mapping[str, Sequence[Hit]]
    answer: Answer

    @property
    def is_right(self) -> bool:
        """Whether an answer was given and an accepted one stands in a cited quotation."""
        return self.answer.answered and _quotes_answer(self.answer, self.question.answers)

    @property
    def verdict(self) -> Verdict | None:
        """How right the answer is; None where the question does not say what a right one is."""
        if self.question.answers and not self.question.must and self.is_right:
            return "right"
        return judge(self.question, self.answer)


def evaluate(
    assistant: Assistant,
    questions: Sequence[Question],
    report: Callable[[int], None] | None = None,
    *,
    most_worst: int = 10,
) -> Scores:
    """Score retrieval, answers, citations, abstention and speed; list the worst answers, at most `most_worst`.

    Questions of a conversation are asked after those before them. `report` gets the number of questions done.
    """
    outcomes = []
    for number, question in enumerate(questions, 1):
        outcomes.append(_ask(assistant, question))
        if report:
            report(number)
    answerable = [outcome for outcome in outcomes if outcome.question.has_answer]
    return {
        "questions": len(outcomes),
        "unanswerable": len(outcomes) - len(answerable),
        "retrieval": {
            "article": _score_retrieval(answerable, by_article),
            "passage": _score_retrieval(answerable, by_passage),
            "answer in passage": _score_retrieval(answerable, by_answer),
        },
        "answers": _score_answers([outcome for outcome in answerable if outcome.question.answers]),
        "citations": _score_citations(outcomes),
        "abstention": _score_abstention(outcomes),
        "verdicts": count_verdicts([(outcome.question, outcome.answer) for outcome in outcomes]),
        "seconds": _measure_seconds([outcome.answer for outcome in outcomes]),
        "worst": _list_worst(outcomes, most_worst),
    }


def _ask(assistant: Assistant, question: Question) -> Outcome:
    filters = Filters(as_of=question.date)
    history: tuple[Message, ...] = ()
    for earlier in question.history:
        said = assistant.ask(earlier, history, filters)
        history += (Message("user", earlier), Message("assistant", said.text))
    answer = assistant.ask(question.question, history, filters)
    fused = assistant.index.search(answer.query, _MAX_RANKED, filters) if answer.query.strip() else []
    words = sorted((hit for hit in fused if hit.word_rank), key=lambda hit: hit.word_rank or 0)
    vectors = sorted((hit for hit in fused if hit.dense_rank), key=lambda hit: hit.dense_rank or 0)
    return Outcome(question, dict(zip(STAGES, (words, vectors, fused, answer.hits), strict=True)), answer)


def _score_retrieval(
    outcomes: Sequence[Outcome], judge: Callable[[Question], Judgement | None]
) -> dict[str, dict[str, float]]:
    judged = {str(number): (outcome, judge(outcome.question)) for number, outcome in enumerate(outcomes)}
    known = {number: (outcome, judgement) for number, (outcome, judgement) in judged.items() if judgement is not None}
    relevant = {number: judgement.gold for number, (_, judgement) in known.items()}
    if not relevant:
        return {}
    return {
        stage: metrics.score_rankings(
            relevant,
            {
                number: list(dict.fromkeys(map(judgement.name, outcome.ranked[stage])))
                for number, (outcome, judgement) in known.items()
            },
        )
        for stage in STAGES
    }


def _quotes_answer(answer: Answer, accepted: Sequence[str]) -> bool:
    """Whether a cited quotation contains an accepted answer."""
    return any(metrics.contains_answer(citation.quote, accepted) for citation in answer.citations)


def _score_answers(outcomes: Sequence[Outcome]) -> Scores:
    """Score answers against the accepted ones, over all answerable questions; one that was not given scores 0."""
    return {
        "exact": _mean([metrics.exact_match(outcome.answer.short, outcome.question.answers) for outcome in outcomes]),
        "f1": _mean([metrics.token_f1(outcome.answer.short, outcome.question.answers) for outcome in outcomes]),
        "contained": _mean(
            [metrics.contains_answer(outcome.answer.text, outcome.question.answers) for outcome in outcomes]
        ),
    }


def _score_citations(outcomes: Sequence[Outcome]) -> Scores:
    cited = [citation for outcome in outcomes for citation in outcome.answer.citations]
    known = [outcome for outcome in outcomes if outcome.question.answers]
    return {
        "answer in quotes": _mean([outcome.is_right for outcome in known]),
        "answer in quotes of answered": _mean([outcome.is_right for outcome in known if outcome.answer.answered]),
        "verbatim": _mean([is_verbatim(citation) for citation in cited]),
    }


def _score_abstention(outcomes: Sequence[Outcome]) -> Scores:
    able = [outcome.answer for outcome in outcomes if not outcome.question.must_be_refused]
    unable = [outcome.answer for outcome in outcomes if not outcome.question.has_answer]
    sure = [answer.confidence for answer in able]
    unsure = [answer.confidence for answer in unable]
    # Without accepted answers nobody knows whether one that was held back was right.
    has_accepted = any(outcome.question.answers for outcome in outcomes)
    known = [
        outcome
        for outcome in outcomes
        if has_accepted and (outcome.question.answers or not outcome.question.has_answer)
    ]
    confidences = [outcome.answer.confidence for outcome in known]
    right = [_quotes_answer(outcome.answer, outcome.question.answers) or _would_be_right(outcome) for outcome in known]
    return {
        "answered": _mean([answer.answered for answer in able]),
        "refused": _mean([not answer.answered for answer in unable]),
        "auroc": metrics.auroc(sure, unsure),
        "refused at 90% answered": metrics.refusal_rate(sure, unsure),
        "calibration error": metrics.calibration_error(confidences, right),
        "calibration error interval": metrics.calibration_interval(confidences, right),
        "risk and coverage": metrics.risk_coverage(confidences, right),
    }


def _would_be_right(outcome: Outcome) -> bool:
    """Whether the answer was held back although the best span of the first hit contains an accepted one."""
    held_back = not outcome.answer.answered and bool(outcome.answer.hits)
    return held_back and metrics.contains_answer(outcome.answer.hits[0].span_text, outcome.question.answers)


def _measure_seconds(answers: Sequence[Answer]) -> dict[str, dict[str, float]]:
    stages = dict.fromkeys(name for answer in answers for name in answer.timings)
    times = {stage: [answer.timings.get(stage, 0.0) for answer in answers] for stage in stages}
    return {stage: {"p50": median(own), "p95": _p95(own)} for stage, own in times.items()}


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def _list_worst(outcomes: Sequence[Outcome], most: int) -> list[Scores]:
    """List what went wrong, the surest first: answered wrongly, or not answered though answerable."""
    wrong = [outcome for outcome in outcomes if outcome.verdict not in ("right", None)]
    wrong.sort(key=lambda outcome: -abs(outcome.answer.confidence - 0.5))
    return [
        {
            "question": outcome.question.question,
            "kind": outcome.question.kind,
            "verdict": outcome.verdict,
            "expected": list(outcome.question.expected) or "no answer",
            "answer": outcome.answer.text,
            "confidence": outcome.answer.confidence,
            "gold article": _gold_rank(outcome),
        }
        for outcome in wrong[:most]
    ]


def _gold_rank(outcome: Outcome) -> int | None:
    """Return the rank, from 1, of the first passage of a gold article among those that were read."""
    gold = set(outcome.question.gold_articles)
    ranks = (rank for rank, hit in enumerate(outcome.ranked["read"], 1) if hit.passage.article_id in gold)
    return next(ranks, None)


def _mean(values: Sequence[float | bool]) -> float | None:
    return sum(values) / len(values) if values else None
