"""Turn a network's start and end marks into spans of text (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from rag.models.reader.question_terms import QuestionTerms
from rag.text.words import split_words

Scores = npt.NDArray[np.float32]

MAX_SPAN_TOKENS = 40
"""Tokens of the longest span."""
_MAX_SPANS = 5
_MAX_STARTS = 40
_EDGE = " \t\n\r,;:.!?()[]{}\"'“”‘’«»–—-"
_OPENED = {")": "(", "]": "[", "”": "“", "’": "‘", "»": "«"}


@dataclass(frozen=True, slots=True)
class MarkedSpan:
    """A stretch of a text with the sum of its start's and end's logits."""

    start: int
    end: int
    logit: float


def find_best_spans(
    start: Scores, end: Scores, *, inside: Sequence[bool], offsets: Sequence[tuple[int, int]]
) -> list[MarkedSpan]:
    """Extract the best few spans of a window, none overlapping a better one; `offsets` are each token's in the text."""
    places = np.flatnonzero(np.asarray(inside))
    if not len(places):
        return []
    starts = places[np.argsort(-start[places], kind="stable")[:_MAX_STARTS]]
    ends = np.full(len(end) + MAX_SPAN_TOKENS - 1, -np.inf, dtype=np.float32)
    ends[places] = end[places]
    lasts = starts + sliding_window_view(ends, MAX_SPAN_TOKENS)[starts].argmax(axis=1)
    logits = start[starts] + end[lasts]
    found = [
        MarkedSpan(offsets[first][0], offsets[last][1], logit)
        for first, last, logit in zip(starts.tolist(), lasts.tolist(), logits.tolist(), strict=True)
    ]
    return select_apart(found)


def select_apart(marks: Sequence[MarkedSpan]) -> list[MarkedSpan]:
    """Select the best few spans by their logits, best first, without those that overlap a better one."""
    kept: list[MarkedSpan] = []
    for mark in sorted(marks, key=lambda mark: (-mark.logit, mark.start, mark.end)):
        if all(mark.end <= other.start or mark.start >= other.end for other in kept):
            kept.append(mark)
        if len(kept) == _MAX_SPANS:
            break
    return kept


def trim_span(text: str, mark: MarkedSpan) -> MarkedSpan:
    """Extend a mark to whole words, and trim punctuation at its edges."""
    start = mark.start
    end = mark.end
    while start > 0 and start < end and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and end > start and text[end - 1].isalnum() and text[end].isalnum():
        end += 1
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE and not _closes(text[start : end - 1], text[end - 1]):
        end -= 1
    return MarkedSpan(start, end, mark.logit) if start < end else mark


def _closes(before: str, last: str) -> bool:
    """Whether the last character closes a bracket or quotation that was opened before."""
    opening = _OPENED.get(last)
    return opening is not None and before.count(opening) > before.count(last)


def repeats_question(terms: QuestionTerms, span: str) -> bool:
    """Whether a span says only words of the question, which answers nothing unless it offered a choice."""
    return not terms.offers_choice and set(split_words(span)) <= terms.words


def may_answer(terms: QuestionTerms, span: str) -> bool:
    """Whether a span may be an answer: it says more than the question did, and lies within one paragraph."""
    return "\n\n" not in span.strip() and not repeats_question(terms, span)


def compute_missing_share(terms: QuestionTerms, text: str) -> float:
    """Compute the share of the question's names and figures that a text lacks; 0 for a question without any."""
    folded = text.casefold()
    return sum(root not in folded for root in terms.roots) / len(terms.roots) if terms.roots else 0.0


def split_belief(marks: Sequence[MarkedSpan]) -> list[float]:
    """Split the belief in a text among its spans: the softmax of the means of their starts' and ends' logits."""
    if not marks:
        return []
    weights = np.exp((np.array([mark.logit for mark in marks]) - marks[0].logit) / 2)
    return [float(weight) for weight in weights / weights.sum()]
