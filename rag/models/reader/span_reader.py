"""Rerank passages and extract answer spans with a network that marks their start and end."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from rag.models.reader.pairs import PairTokenizer
from rag.models.reader.question_terms import QuestionTerms, parse_question_terms
from rag.models.reader.spans import MarkedSpan, Scores, apart, best, missing, shares, tells, tidy
from rag.types import Passage, Reading, Span

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

Tokens = npt.NDArray[np.int64]

_BATCH = 4
"""Windows read at once: more are slower, as they leave the processor's cache."""


class Network(Protocol):
    """Marks tokens."""

    def __call__(self, ids: Tokens, kinds: Tokens, mask: Tokens) -> tuple[Scores, Scores, Scores]:
        """Logits of start and end, shape (batch, tokens), the first token standing for none; relevance, (batch,)."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turn what is known of a window into the probability that it answers."""

    relevance: float
    margin: float
    """Weight of how far the best span lies above “no answer”."""
    missing: float
    """Weight of the share of the question's names and figures that the passage lacks."""
    bias: float

    def probability(self, relevance: float, margin: float, missing: float) -> float:
        """Return the probability: the logistic function of the weighted sum."""
        logit = self.relevance * relevance + self.margin * margin + self.missing * missing + self.bias
        return 1 / (1 + math.exp(-min(max(logit, -30.0), 30.0)))


@dataclass(frozen=True, slots=True)
class _Window:
    passage: int
    encoding: "Encoding"


class SpanReader:
    """Reads passages in windows of what the network takes, in small batches of like length."""

    def __init__(self, tokenizer: "Callable[[], Tokenizer]", network: Network, calibration: Calibration) -> None:
        """`tokenizer` loads one that cuts, with overlap, what is too long for the network, and does not pad."""
        self._tokenizer = PairTokenizer(tokenizer)
        self._network = network
        self._calibration = calibration

    def readable(self, question: str) -> str:
        """Return the beginning of a question that is read: mostly all of it."""
        return self._tokenizer.cut(question)

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """Rerank passages and extract spans: for each the probability that it answers, and its best spans."""
        question = self.readable(question)
        terms = parse_question_terms(question)
        windows = self._windows(question, passages)
        windows.sort(key=lambda window: len(window.encoding))
        found: list[list[tuple[float, list[MarkedSpan]]]] = [[] for _ in passages]
        for first in range(0, len(windows), _BATCH):
            batch = windows[first : first + _BATCH]
            for window, judged in zip(batch, self._judge(terms, batch, passages), strict=True):
                found[window.passage].append(judged)
        return [_reading(terms, passage, own) for passage, own in zip(passages, found, strict=True)]

    def _windows(self, question: str, passages: Sequence[Passage]) -> list[_Window]:
        texts = [(question, _headed(passage)) for passage in passages]
        encodings = self._tokenizer.encode(texts)
        return [
            _Window(number, part)
            for number, encoding in enumerate(encodings)
            for part in (encoding, *encoding.overflowing)
        ]

    def _judge(
        self, terms: QuestionTerms, batch: Sequence[_Window], passages: Sequence[Passage]
    ) -> list[tuple[float, list[MarkedSpan]]]:
        """Run the network on a batch: for each window the probability that it answers, and its marks in the text."""
        starts, ends, relevances = self._network(*padded([window.encoding for window in batch]))
        judged = []
        for window, start, end, relevance in zip(batch, starts, ends, relevances, strict=True):
            passage, encoding = passages[window.passage], window.encoding
            before = len(_headed(passage)) - len(passage.text)
            offsets = [(a - before, b - before) for a, b in encoding.offsets]
            inside = [kind == 1 and 0 <= a < b for kind, (a, b) in zip(encoding.type_ids, offsets, strict=True)]
            marks = best(start, end, inside, offsets)
            margin = marks[0].logit - float(start[0] + end[0]) if marks else -30.0
            lacking = missing(terms, _headed(passage))
            judged.append((self._calibration.probability(float(relevance), margin, lacking), marks))
        return judged


def _headed(passage: Passage) -> str:
    return f"{passage.title}\n{passage.text}" if passage.title else passage.text


def padded(encodings: "Sequence[Encoding]") -> tuple[Tokens, Tokens, Tokens]:
    """Pad encodings to token ids, kinds and mask, each of shape (batch, longest)."""
    longest = max(len(encoding) for encoding in encodings)
    ids, kinds, mask = (np.zeros((len(encodings), longest), dtype=np.int64) for _ in range(3))
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding)] = encoding.ids
        kinds[row, : len(encoding)] = encoding.type_ids
        mask[row, : len(encoding)] = 1
    return ids, kinds, mask


def _reading(terms: QuestionTerms, passage: Passage, judged: Sequence[tuple[float, list[MarkedSpan]]]) -> Reading:
    """Merge the windows of one passage into one reading, its relevance that of the best window."""
    relevance = max((probability for probability, _ in judged), default=0.0)
    marks = apart([tidy(passage.text, mark) for _, own in judged for mark in own])
    telling = [mark for mark in marks if tells(terms, passage.text[mark.start : mark.end])] or marks
    spans = tuple(
        Span(passage.start + mark.start, passage.start + mark.end, relevance * share)
        for mark, share in zip(telling, shares(telling), strict=True)
    )
    return Reading(relevance, spans)
