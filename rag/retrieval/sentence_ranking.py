"""Rank the sentences of the passages that were read by how surely each answers (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rag.retrieval.answer_types import counts_another, holds, measures_another, names_wanted
from rag.retrieval.asked_names import names_object
from rag.retrieval.confidence import SEARCH_WEIGHT, answer_probability, logistic, logit
from rag.retrieval.query import Query
from rag.retrieval.subjects import is_far_from_names, is_of_another_year, speaks_of_another
from rag.text.languages import differ_in_script
from rag.text.sentences import find_sentence
from rag.text.words import join_words
from rag.types import Hit, Passage, Reading, Span

_BESIDE_FACTOR = 0.25
"""What is left of the score of a sentence whose spans are of another type than is wanted, while the rest of it is not.
"""
_UNFIT_FACTOR = 0.02
"""What is left where the whole sentence is of another type, in another script or on another subject."""
SURE_RELEVANCE = 0.5
"""From this relevance on, the reader is sure, and rules that find sentences by themselves give way; it is also the
relevance of a sentence of which such a rule is sure."""
# Fitted as `python -m train.judging` does, to 260 questions of three sets; staleness as before, since few are stale.
_SHARPNESS = 1.494
_STALE = -4.053
_SHIFT = 3.239


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """A sentence of a passage that was read, with the span in it that may answer."""

    hit: Hit
    start: int
    """Where it begins in its article."""
    end: int
    span: tuple[int, int]
    """Where in the article the words stand that answer."""
    score: float
    """The probability that it answers."""

    @property
    def passage(self) -> Passage:
        """The passage that it stands in."""
        return self.hit.passage

    @property
    def text(self) -> str:
        """Its characters."""
        return self.passage.at(self.start, self.end)

    @property
    def answer_words(self) -> str:
        """The words of the span, joined, to see which sentences give the same answer."""
        return join_words(self.passage.at(*self.span))

    @property
    def place(self) -> tuple[str, int]:
        """The article and the offset at which it begins."""
        return self.passage.article_id, self.start


def score_sentences(query: Query, hits: Sequence[Hit]) -> list[ScoredSentence]:
    """Score the sentences in which the reader found spans, best first, each once though passages overlap.

    Hits that were not read have no spans, but show what stands before those of their article.
    The score of a sentence is the share that all spans in it have of the passage's probability; little is left of it
    where the sentence surely holds nothing of the type that the question wants, or speaks of something else.
    """
    found: dict[tuple[str, int], ScoredSentence] = {}
    beside = [hit.passage for hit in hits]
    for hit in hits:
        if hit.reading is None:
            continue
        for sentence in _score_passage(query, hit, hit.reading, beside):
            known = found.get(sentence.place)
            if known is None or known.score < sentence.score:
                found[sentence.place] = sentence
    return sort_by_score(found.values())


def confidence(ranked: Sequence[ScoredSentence]) -> float:
    """Compute the calibrated probability that the best of the ranked sentences answers; 0 where there is none."""
    if not ranked:
        return 0.0
    best = ranked[0]
    return logistic(_SHARPNESS * log_odds(best) + _STALE * best.hit.stale + _SHIFT)


def log_odds(sentence: ScoredSentence) -> float:
    """Compute the log odds that a sentence answers, without the boost of its passage for what the question means.

    A boosted passage is more likely meant, which makes it no more likely right.
    """
    return logit(sentence.score) - SEARCH_WEIGHT * sentence.hit.favour


def sort_by_score(sentences: Iterable[ScoredSentence]) -> list[ScoredSentence]:
    """Sort sentences by their scores, best first, and those of one score by where they stand."""
    return sorted(sentences, key=lambda sentence: (-sentence.score, sentence.place))


def is_reader_sure(ranked: Sequence[ScoredSentence]) -> bool:
    """Whether the reader is sure of the passage in which the best of the ranked sentences stands."""
    return bool(ranked) and ranked[0].hit.reading is not None and ranked[0].hit.reading.relevance >= SURE_RELEVANCE


def score_by_rule(hit: Hit, certainty: float = 1.0) -> float:
    """Score a sentence that a rule found in a passage that was read; `certainty`, 0 to 1, is that of the rule."""
    assert hit.reading is not None
    return answer_probability(replace(hit, reading=replace(hit.reading, relevance=SURE_RELEVANCE * certainty)))


def raise_sentences(ranked: Sequence[ScoredSentence], found: Iterable[ScoredSentence]) -> list[ScoredSentence]:
    """Rank sentences anew with those that a rule found, each by the higher of its scores."""
    best = {one.place: one for one in ranked}
    for one in found:
        if one.place not in best or best[one.place].score < one.score:
            best[one.place] = one
    return sort_by_score(best.values())


def fit_type(query: Query, text: str) -> float:
    """Return the part that is left of the score of a sentence, whatever its spans, by the type that is wanted.

    1.0 where it may hold an answer of that type, little where it surely holds none.
    """
    return _fit(query, text, is_span_fit=True)


def _score_passage(query: Query, hit: Hit, reading: Reading, beside: Sequence[Passage]) -> list[ScoredSentence]:
    spans: dict[tuple[int, int], list[Span]] = {}
    for span in reading.spans:
        if place := find_sentence(hit.passage, span.start, span.end):
            spans.setdefault(place, []).append(
                replace(span, start=max(span.start, place[0]), end=min(span.end, place[1]))
            )
    whole = answer_probability(hit) / max(reading.relevance, 1e-9)
    sentences = []
    for (start, end), own in spans.items():
        fitting = [span for span in own if holds(query.answer_type, hit.passage.at(span.start, span.end))]
        best = (fitting or own)[0]
        factor = _fit(query, hit.passage.at(start, end), is_span_fit=bool(fitting))
        answer = (best.start, best.end)
        factor *= _fit_subject(query, hit.passage, (start, end), answer, beside)
        score = factor * whole * sum(span.score for span in own)
        sentences.append(ScoredSentence(hit, start, end, answer, score))
    return sentences


def _fit_subject(
    query: Query, passage: Passage, place: tuple[int, int], answer: tuple[int, int], beside: Sequence[Passage]
) -> float:
    """Return the part that is left of the score of a sentence, by whether it speaks of what the question is on.

    What a comparison sets beside that is told from it by its values.
    """
    if query.answer_type.language != "en" or query.other_sides:
        return 1.0
    is_object = names_object(query.text, passage.at(*place), answer[0] - place[0])
    if is_object or speaks_of_another(query.text, passage, place, answer, beside):
        return _UNFIT_FACTOR
    if is_of_another_year(query.text, passage, place):
        return _BESIDE_FACTOR
    return _BESIDE_FACTOR if is_far_from_names(query.text, passage, place, beside) else 1.0


def _fit(query: Query, text: str, *, is_span_fit: bool) -> float:
    """Return the part that is left of the score of a sentence, by whether it may be of the type that is wanted.

    In other languages than English the spans are not sure enough to be judged, so it is the sentence.
    """
    wanted = query.answer_type
    if differ_in_script(query.text, text) or not holds(wanted, text) or counts_another(query.text, wanted, text):
        return _UNFIT_FACTOR
    if wanted.language == "en" and wanted.is_quantity and measures_another(query.text, text):
        return _UNFIT_FACTOR
    is_fit = is_span_fit if wanted.language == "en" else names_wanted(wanted, text)
    return 1.0 if is_fit else _BESIDE_FACTOR
