"""Rerank passages and extract answer spans with a network that marks their start and end."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from rag.models.reader.pairs import PairTokenizer
from rag.models.reader.question_terms import QuestionTerms, parse_question_terms
from rag.models.reader.spans import (
    MarkedSpan,
    compute_missing_share,
    find_best_spans,
    may_answer,
    select_apart,
    split_belief,
    trim_span,
)
from rag.models.reader.windows import Network, WindowScores, to_window
from rag.types import Passage, Reading, Span

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer


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


class _JudgedWindow(NamedTuple):
    probability: float
    """That it answers."""
    marks: list[MarkedSpan]


class SpanReader:
    """Reads passages in windows of what the network takes."""

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
        encodings = self._tokenizer.encode([(question, _text_with_title(passage)) for passage in passages])
        parts = [[encoding, *encoding.overflowing] for encoding in encodings]
        scores = iter(self._network([to_window(part) for own in parts for part in own]))
        readings = []
        for passage, own in zip(passages, parts, strict=True):
            judged = [self._judge(terms, passage, part, next(scores)) for part in own]
            readings.append(_merge_windows(terms, passage, judged))
        return readings

    def _judge(
        self, terms: QuestionTerms, passage: Passage, encoding: "Encoding", scores: WindowScores
    ) -> _JudgedWindow:
        """Judge a window of a passage by its scores: the probability that it answers, and its marks in the text."""
        text = _text_with_title(passage)
        before = len(text) - len(passage.text)
        offsets = [(a - before, b - before) for a, b in encoding.offsets]
        inside = [kind == 1 and 0 <= a < b for kind, (a, b) in zip(encoding.type_ids, offsets, strict=True)]
        marks = find_best_spans(scores.start, scores.end, inside=inside, offsets=offsets)
        margin = marks[0].logit - float(scores.start[0] + scores.end[0]) if marks else -30.0
        lacking = compute_missing_share(terms, text)
        return _JudgedWindow(self._calibration.probability(scores.relevance, margin, lacking), marks)


def _text_with_title(passage: Passage) -> str:
    return f"{passage.title}\n{passage.text}" if passage.title else passage.text


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
