"""Metrics of rankings, answers and confidence, each between 0 and 1 (pure)."""

import random
import re
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation + "“”‘’–—…")
DEPTHS = (1, 3, 5, 10)

Relevant = Mapping[str, Mapping[str, int]]
Ranked = Mapping[str, Sequence[str]]


def normalize(text: str) -> str:
    """Lower the case and drop punctuation, articles and doubled spaces, as the SQuAD metrics do."""
    return " ".join(_ARTICLES.sub(" ", text.casefold().translate(_PUNCTUATION)).split())


def exact_match(answer: str, accepted: Sequence[str]) -> float:
    """Return 1 if an answer, normalized, is one of the accepted ones, else 0 (SQuAD's EM)."""
    return float(normalize(answer) in {normalize(text) for text in accepted})


def token_f1(answer: str, accepted: Sequence[str]) -> float:
    """Return the F1 of the words that an answer shares with the nearest accepted one."""
    return max((_f1(normalize(answer).split(), normalize(text).split()) for text in accepted), default=0.0)


def _f1(words: list[str], accepted: list[str]) -> float:
    if not words or not accepted:
        return float(words == accepted)
    shared = sum((Counter(words) & Counter(accepted)).values())
    return 2 * shared / (len(words) + len(accepted))


def contains_answer(text: str, accepted: Sequence[str]) -> bool:
    """Whether a text contains one of the accepted answers, as whole words."""
    padded = f" {normalize(text)} "
    return any(f" {normalize(answer)} " in padded for answer in accepted if normalize(answer))


def score_rankings(relevant: Relevant, ranked: Ranked) -> dict[str, float]:
    """Compute hit@k, MRR@10 and nDCG@10 over the queries of `relevant`; `ranked` has names, best first."""
    import ir_measures
    from ir_measures import RR, Success, nDCG

    if not relevant:
        return {}
    measures = {f"hit@{depth}": Success @ depth for depth in DEPTHS} | {"MRR@10": RR @ 10, "nDCG@10": nDCG @ 10}
    run = {query: {name: -float(rank) for rank, name in enumerate(ranked[query])} for query in relevant}
    # A query that found nothing counts as a miss.
    run = {query: scores or {"": 0.0} for query, scores in run.items()}
    gold = {query: dict(names) for query, names in relevant.items()}
    scores = ir_measures.calc_aggregate(measures.values(), gold, run)
    return {name: float(scores[measure]) for name, measure in measures.items()}


def auroc(answerable: Sequence[float], unanswerable: Sequence[float]) -> float | None:
    """Compute the area under the ROC curve of a score that separates answerable questions from unanswerable ones.

    None where either is empty.
    """
    from sklearn.metrics import roc_auc_score

    if not answerable or not unanswerable:
        return None
    labels = [1] * len(answerable) + [0] * len(unanswerable)
    return float(roc_auc_score(labels, [*answerable, *unanswerable]))


def refusal_rate(answerable: Sequence[float], unanswerable: Sequence[float], share: float = 0.9) -> float | None:
    """Compute the share of unanswerable questions below the threshold that still answers `share` of the answerable."""
    if not answerable or not unanswerable:
        return None
    threshold = sorted(answerable, reverse=True)[max(round(share * len(answerable)) - 1, 0)]
    return sum(score < threshold for score in unanswerable) / len(unanswerable)


def calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> float | None:
    """Compute the expected calibration error over bins of like counts: how far confidence is from the share right."""
    if not confidences:
        return None
    pairs = sorted(zip(confidences, right, strict=True), key=lambda pair: pair[0])
    bins = min(bins, len(pairs))
    cuts = [round(i * len(pairs) / bins) for i in range(bins + 1)]
    groups = [pairs[a:b] for a, b in pairwise(cuts)]
    gaps = (abs(sum(confidence for confidence, _ in group) - sum(correct for _, correct in group)) for group in groups)
    return sum(gaps) / len(pairs)


def calibration_interval(
    confidences: Sequence[float], right: Sequence[bool], resamples: int = 1000, seed: int = 0
) -> tuple[float, float] | None:
    """Compute the interval in which the calibration error lies in 95 of 100 resamples of the questions (bootstrap)."""
    if not confidences:
        return None
    pairs = list(zip(confidences, right, strict=True))
    chance = random.Random(seed)
    errors = []
    for _ in range(resamples):
        drawn = chance.choices(pairs, k=len(pairs))
        errors.append(calibration_error([one for one, _ in drawn], [correct for _, correct in drawn]) or 0.0)
    errors.sort()
    return errors[round(0.025 * (resamples - 1))], errors[round(0.975 * (resamples - 1))]


def risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> list[dict[str, float]]:
    """Compute the risk-coverage curve: for each tenth of the questions answered, threshold and share that is wrong."""
    pairs = sorted(zip(confidences, right, strict=True), key=lambda pair: -pair[0])
    rows = []
    for tenth in range(1, 11):
        kept = pairs[: max(round(tenth * len(pairs) / 10), 1)]
        if kept:
            wrong = sum(not correct for _, correct in kept) / len(kept)
            rows.append({"coverage": tenth / 10, "threshold": kept[-1][0], "risk": wrong})
    return rows
