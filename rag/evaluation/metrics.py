"""Metrics of rankings, answers and confidence, each between 0 and 1 (pure)."""

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


def normal(text: str) -> str:
    """Lower case, without punctuation, articles and doubled spaces, as the SQuAD measures have it."""
    return " ".join(_ARTICLES.sub(" ", text.casefold().translate(_PUNCTUATION)).split())


def exact(said: str, accepted: Sequence[str]) -> float:
    """1 when it is one of the accepted answers."""
    return float(normal(said) in {normal(one) for one in accepted})


def overlap(said: str, accepted: Sequence[str]) -> float:
    """F1 of the words that it shares with the accepted answer nearest to it."""
    return max((_f1(normal(said).split(), normal(one).split()) for one in accepted), default=0.0)


def _f1(said: list[str], accepted: list[str]) -> float:
    if not said or not accepted:
        return float(said == accepted)
    shared = sum((Counter(said) & Counter(accepted)).values())
    return 2 * shared / (len(said) + len(accepted))


def holds(text: str, accepted: Sequence[str]) -> bool:
    """Whether a text contains one of the accepted answers, as whole words."""
    padded = f" {normal(text)} "
    return any(f" {normal(one)} " in padded for one in accepted if normal(one))


def ranking(relevant: Relevant, ranked: Ranked) -> dict[str, float]:
    """hit@k, MRR@10 and nDCG@10 over the queries of `relevant`, whose names are ranked best first."""
    import ir_measures
    from ir_measures import RR, Success, nDCG

    if not relevant:
        return {}
    names = {f"hit@{depth}": Success @ depth for depth in DEPTHS} | {"MRR@10": RR @ 10, "nDCG@10": nDCG @ 10}
    run = {query: {name: -float(place) for place, name in enumerate(ranked[query])} for query in relevant}
    # A query that found nothing counts as a miss.
    run = {query: scores or {"": 0.0} for query, scores in run.items()}
    found = ir_measures.calc_aggregate(names.values(), {query: dict(one) for query, one in relevant.items()}, run)
    return {name: float(found[measure]) for name, measure in names.items()}


def separation(answerable: Sequence[float], unanswerable: Sequence[float]) -> float | None:
    """Area under the ROC curve of a score that should be higher for what can be answered; None where one is empty."""
    from sklearn.metrics import roc_auc_score

    if not answerable or not unanswerable:
        return None
    labels = [1] * len(answerable) + [0] * len(unanswerable)
    return float(roc_auc_score(labels, [*answerable, *unanswerable]))


def refused_at(answerable: Sequence[float], unanswerable: Sequence[float], share: float = 0.9) -> float | None:
    """How many of the unanswerable score below the threshold that leaves that share of the answerable answered."""
    if not answerable or not unanswerable:
        return None
    kept = sorted(answerable, reverse=True)[max(round(share * len(answerable)) - 1, 0)]
    return sum(score < kept for score in unanswerable) / len(unanswerable)


def calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> float | None:
    """Expected calibration error over bins with as many answers each: how far confidence is from the share right."""
    if not confidences:
        return None
    pairs = sorted(zip(confidences, right, strict=True))
    bins = min(bins, len(pairs))
    cuts = [round(i * len(pairs) / bins) for i in range(bins + 1)]
    groups = [pairs[a:b] for a, b in pairwise(cuts)]
    gaps = (abs(sum(one for one, _ in group) - sum(true for _, true in group)) for group in groups)
    return sum(gaps) / len(pairs)


def risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> list[dict[str, float]]:
    """For each tenth of the questions answered, the surest first: the threshold, and the share that is wrong."""
    pairs = sorted(zip(confidences, right, strict=True), key=lambda pair: -pair[0])
    rows = []
    for tenth in range(1, 11):
        kept = pairs[: max(round(tenth * len(pairs) / 10), 1)]
        if kept:
            wrong = sum(not true for _, true in kept) / len(kept)
            rows.append({"coverage": tenth / 10, "threshold": kept[-1][0], "risk": wrong})
    return rows
