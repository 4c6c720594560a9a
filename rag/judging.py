"""How surely a passage answers, from how it was found and how it was read together (pure)."""

import math
from collections.abc import Sequence

from rag.types import Hit

# Fitted by `python -m train.judging`; see docs/decisions.md.
_READ = 0.317
_FOUND = 1.999
_LIKE = 1.909
_BIAS = -4.33
_SHARPNESS = 1.248
_SHIFT = 1.887
_BOUND = 0.002
"""Probabilities nearer to 0 or 1 than this are not told apart."""


def judged(hit: Hit) -> float:
    """The probability that the passage's best span answers; 0 for one that was not read."""
    return _joined(hit, hit.reading.relevance) if hit.reading is not None else 0.0


def ceiling(hits: Sequence[Hit]) -> float:
    """What the best of `judged` would be at most, whatever a reader finds in these passages."""
    return max((_joined(hit, 1.0) for hit in hits), default=0.0)


def confidence(hits: Sequence[Hit]) -> float:
    """The probability that the best answer that the passages hold is a right one; 0 where there is none."""
    read = [hit for hit in hits if hit.reading is not None]
    return _calibrated(max(read, key=judged)) if read else 0.0


def _calibrated(best: Hit) -> float:
    # What is favoured is more likely meant, which makes it no more likely right.
    return logistic(_SHARPNESS * (logit(judged(best)) - _FOUND * best.favour) + _SHIFT)


def _joined(hit: Hit, relevance: float) -> float:
    return logistic(_READ * logit(relevance) + _FOUND * hit.score + _LIKE * hit.likeness + _BIAS)


def logit(probability: float) -> float:
    """The logarithm of the odds, bounded."""
    inside = min(max(probability, _BOUND), 1 - _BOUND)
    return math.log(inside / (1 - inside))


def logistic(value: float) -> float:
    """The probability with these odds."""
    return 1 / (1 + math.exp(-value))
