"""Rerank passages and extract answer spans with a network that marks their start and end."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from rag.models.reader.pairs import PairTokenizer
from rag.models.reader.question_terms import QuestionTerms, parse_question_terms
from rag.models.reader.spans import (
    MarkedSpan,
    Scores,
    compute_missing_share,
    find_best_spans,
    may_answer,
    select_apart,
    split_belief,
    trim_span,
)
from rag.types import Passage, Reading, Span

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

Tokens = npt.NDArray[np.int64]

_BATCH = 4
"""Windows read at once: more are slower, as they leave the processor's cache."""


class Network(Protocol):
    """A network that marks the tokens where an answer starts and ends."""

    def __call__(self, ids: Tokens, kinds: Tokens, mask: Tokens) -> tuple[Scores, Scores, Scores]:
        """Return logits of start and end, shape (batch, tokens), the first token for no answer; relevance, (batch,)."""


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
        """Compute the probability that a window answers: the logistic function of the weighted sum."""
        logit = self.relevance * relevance + self.margin * margin + self.missing * missing + self.bias
        return 1 / (1 + math.exp(-min(max(logit, -30.0), 30.0)))


@dataclass(frozen=True, slots=True)
class _Window:
    passage: int
    encoding: "Encoding"


class _JudgedWindow(NamedTuple):
    probability: float
    """That it answers."""
    marks: list[MarkedSpan]


class SpanReader:
    """Reads passages in windows of what the network takes, in small batches of like length."""

    def __init__(
        self,
        tokenizer: "Callable[[], Tokenizer]",
        network: Network,
        calibration: Calibration,
        *,
        languages: Iterable[str] = (),
    ) -> None:
        """`tokenizer` loads a tokenizer that cuts, with overlap, what is too long for the network, and does not pad.

        `languages` are the codes of those that the network was trained on; none where it reads any.
        """
        self.languages = frozenset(languages)
        self._tokenizer = PairTokenizer(tokenizer)
        self._network = network
        self._calibration = calibration

    def readable(self, question: str) -> str:
        """Return the beginning of a question that is read: mostly all of it."""
        return self._tokenizer.cut(question)

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """Judge passages: return for each, in the order given, the probability that it answers, and its best spans."""
        question = self.readable(question)
        terms = parse_question_terms(question)
        windows = self._windows(question, passages)
        windows.sort(key=lambda window: len(window.encoding))
        judged: list[list[_JudgedWindow]] = [[] for _ in passages]
        for first in range(0, len(windows), _BATCH):
            batch = windows[first : first + _BATCH]
            for window, verdict in zip(batch, self._judge(terms, batch, passages), strict=True):
                judged[window.passage].append(verdict)
        return [_merge_windows(terms, passage, own) for passage, own in zip(passages, judged, strict=True)]

    def _windows(self, question: str, passages: Sequence[Passage]) -> list[_Window]:
        texts = [(question, _text_with_title(passage)) for passage in passages]
        encodings = self._tokenizer.encode(texts)
        return [
            _Window(number, part)
            for number, encoding in enumerate(encodings)
            for part in (encoding, *encoding.overflowing)
        ]

    def _judge(
        self, terms: QuestionTerms, batch: Sequence[_Window], passages: Sequence[Passage]
    ) -> list[_JudgedWindow]:
        """Run the network on a batch: for each window the probability that it answers, and its marks in the text."""
        starts, ends, relevances = self._network(*pad([window.encoding for window in batch]))
        judged: list[_JudgedWindow] = []
        for window, start, end, relevance in zip(batch, starts, ends, relevances, strict=True):
            passage = passages[window.passage]
            encoding = window.encoding
            before = len(_text_with_title(passage)) - len(passage.text)
            offsets = [(a - before, b - before) for a, b in encoding.offsets]
            inside = [kind == 1 and 0 <= a < b for kind, (a, b) in zip(encoding.type_ids, offsets, strict=True)]
            marks = find_best_spans(start, end, inside=inside, offsets=offsets)
            margin = marks[0].logit - float(start[0] + end[0]) if marks else -30.0
            lacking = compute_missing_share(terms, _text_with_title(passage))
            probability = self._calibration.probability(float(relevance), margin, lacking)
            judged.append(_JudgedWindow(probability, marks))
        return judged


def _text_with_title(passage: Passage) -> str:
    return f"{passage.title}\n{passage.text}" if passage.title else passage.text


def pad(encodings: "Sequence[Encoding]") -> tuple[Tokens, Tokens, Tokens]:
    """Pad encodings to token ids, kinds and mask, each of shape (batch, longest)."""
    longest = max(len(encoding) for encoding in encodings)
    ids, kinds, mask = (np.zeros((len(encodings), longest), dtype=np.int64) for _ in range(3))
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding)] = encoding.ids
        kinds[row, : len(encoding)] = encoding.type_ids
        mask[row, : len(encoding)] = 1
    return ids, kinds, mask


def _merge_windows(terms: QuestionTerms, passage: Passage, judged: Sequence[_JudgedWindow]) -> Reading:
    """Merge the windows of one passage into one reading, its relevance that of the best window."""
    relevance = max((window.probability for window in judged), default=0.0)
    marks = select_apart([trim_span(passage.text, mark) for window in judged for mark in window.marks])
    telling = [mark for mark in marks if may_answer(terms, passage.text[mark.start : mark.end])] or marks
    spans = tuple(
        Span(passage.start + mark.start, passage.start + mark.end, relevance * share)
        for mark, share in zip(telling, split_belief(telling), strict=True)
    )
    return Reading(relevance, spans)
