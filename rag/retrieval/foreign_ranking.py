"""Rank sentences by words for a question in a language that the reader was not trained on (pure).

The packaged reader knows English alone: in other languages its spans and its probabilities say little. What carries
over is how much of the question a sentence and what stands around it repeat, and whether it holds what is wanted.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.retrieval.answer_types import holds, remove_question_words
from rag.retrieval.confidence import SEARCH_WEIGHT, logistic, logit
from rag.retrieval.foreign_fit import POSSIBLE, SURE, UNFIT, measure_fit
from rag.retrieval.query import Query
from rag.retrieval.sentence_ranking import ScoredSentence, log_odds, sort_by_score
from rag.text.languages import PEOPLE_WORDS, PRONOUNS, REASON_WORDS, UNCAPITALISED, differ_in_script
from rag.text.sentences import find_sentence, split_passage
from rag.text.stems import find_stems, match_stem
from rag.types import Hit

# Fitted to 103 questions in eleven languages; see docs/decisions.md.
_OWN_WEIGHT = 4.8
_AROUND_WEIGHT = 2.8
_FIT_WEIGHT = 3.9
_MISSING_WEIGHT = -2.6
_SHARE_WEIGHT = 0.3
_BIAS = -7.5
_STALE = -4.0
_UNSAID_FIT = 0.57
"""How surely any sentence holds what a question wants that does not say it."""
_UNFIT_FACTOR = 0.02
"""What is left of the score of a sentence in another script, or of another type than is wanted."""
_UNITLESS_FACTOR = 0.1
"""What is left where it lacks the unit that is asked for."""
_BESIDE_FACTOR = 0.25
"""What is left of that of a sentence that may hold what is wanted, where another one beside it surely does."""
_MIN_AROUND_BESIDE = 0.5
"""How much of the question that other one repeats at least, and of what this one does."""
_NEXT_TO_EVENT_FIT = 0.8
_MIN_EVENT = 0.6
"""How surely a sentence gives a reason that follows one with this much of the question: what happened, then why."""

_MAX_WEIGHED_CHARS = 8
"""Characters of a word up to which a longer one, which is rarer, weighs more."""
_MIN_WEIGHED_CHARS = 2
_NAME_WEIGHT = 1.5
_TOPIC_SHARE = 0.2
"""The part that a name or a word of the title has of its weight in a sentence itself: the whole article is on it."""
_MIN_OWN_SHARE = 0.35
"""The part of all words' weight that those in the sentence itself are measured by at least."""
_BEFORE = 0.3
"""How far a word of the sentence before counts as one of the sentence itself."""
_AROUND_BEFORE = 0.8
"""How far a word counts that stands in the sentence before, in the title, or anywhere in the passage, or there as a
name or a word of the title too."""
_AROUND_TITLE = 0.9
_AROUND_PASSAGE = 0.5
_AROUND_TOPIC = 0.8
_MIN_TITLE_MATCH = 0.5
_QUOTED = re.compile(r"[“„«「『《]([^”“»」』》]+)[”“»」』》]")


@dataclass(frozen=True, slots=True)
class _Term:
    """A content word of a question by its stem."""

    stem: str
    weight: float
    is_name: bool
    """Whether it is a name or a figure, which an article on something else lacks."""


@dataclass(frozen=True, slots=True)
class WordEvidence:
    """What speaks for a sentence, each between 0 and 1."""

    own: float
    """The share of the question's words that stand in the sentence, names aside."""
    around: float
    """The share of them that stand there or around it."""
    missing: float
    """The share of its names and figures that the passage lacks."""
    fit: float | None
    """How surely it holds what is wanted; None where the question does not say."""
    share: float
    """The part that it has of the spans that the reader found in the passage."""

    @property
    def probability(self) -> float:
        """The probability that the sentence answers."""
        return logistic(
            _OWN_WEIGHT * self.own
            + _AROUND_WEIGHT * self.around
            + _FIT_WEIGHT * (_UNSAID_FIT if self.fit is None else self.fit)
            + _MISSING_WEIGHT * self.missing
            + _SHARE_WEIGHT * self.share
            + _BIAS
        )


def score_by_words(query: Query, hits: Sequence[Hit]) -> list[ScoredSentence]:
    """Score all sentences of the passages that were read, best first, each once though passages overlap."""
    found: dict[tuple[str, int], ScoredSentence] = {}
    for hit in hits:
        if hit.reading is None:
            continue
        for sentence in _score_passage(query, hit):
            known = found.get(sentence.place)
            if known is None or known.score < sentence.score:
                found[sentence.place] = sentence
    return sort_by_score(found.values())


def confidence_by_words(ranked: Sequence[ScoredSentence]) -> float:
    """Compute the probability that the best of the ranked sentences answers; 0 where there is none."""
    return logistic(log_odds(ranked[0]) + _STALE * ranked[0].hit.stale) if ranked else 0.0


def _score_passage(query: Query, hit: Hit) -> list[ScoredSentence]:
    places = split_passage(hit.passage)
    evidence = weigh_passage(query, hit)
    sure = max((one.around for one in evidence if one.fit == SURE), default=0.0)
    return [
        ScoredSentence(
            hit, *place, _find_span(query, hit, *place), _favour(hit, _scale(query, hit, one, sure=sure, place=place))
        )
        for place, one in zip(places, evidence, strict=True)
    ]


def weigh_passage(query: Query, hit: Hit) -> list[WordEvidence]:
    """Weigh the evidence for each sentence of a passage, in order."""
    language = query.answer_type.language
    terms = _parse_terms(query.text, language)
    places = split_passage(hit.passage)
    texts = [hit.passage.at(*place) for place in places]
    words = [find_stems(text, language) for text in texts]
    # An article of a year need not say it.
    title = _match(terms, find_stems(f"{hit.passage.title} {hit.passage.date[:4]}", language))
    passage = _match(terms, frozenset().union(*words))
    shares = _share_spans(hit)
    before = [0.0] * len(terms)
    evidence = []
    for place, text, stems in zip(places, texts, words, strict=True):
        own = _match(terms, stems)
        fit = measure_fit(query.answer_type, query.text, text)
        if fit == POSSIBLE and query.answer_type.kind == "reason" and _weigh_own(terms, before, title) >= _MIN_EVENT:
            fit = _NEXT_TO_EVENT_FIT
        with_before = [max(one, _BEFORE * other) for one, other in zip(own, before, strict=True)]
        evidence.append(
            WordEvidence(
                _weigh_own(terms, with_before, title),
                _weigh_around(terms, own, before, title, passage),
                _weigh_missing(terms, title, passage),
                fit,
                shares.get(place, 0.0),
            )
        )
        before = own
    return evidence


@lru_cache(maxsize=64)
def _parse_terms(question: str, language: str) -> tuple[_Term, ...]:
    """Parse the content words of a question, without those that say what it asks for."""
    general = {stem for word in (*PEOPLE_WORDS, *PRONOUNS, *REASON_WORDS) for stem in find_stems(word, language)}
    stems = find_stems(remove_question_words(question, language), language) - general
    named = {stem for stem in stems if stem[0].isdigit()}
    named |= find_stems(" ".join(_QUOTED.findall(question)), language)
    if language not in UNCAPITALISED and language != "de":
        capitalised = [word for word in question.strip(" ¿¡").split()[1:] if word.strip("«»“”\"'(")[:1].isupper()]
        named |= find_stems(" ".join(capitalised), language)
    return tuple(
        _Term(
            stem,
            min(max(len(stem), _MIN_WEIGHED_CHARS), _MAX_WEIGHED_CHARS) * (_NAME_WEIGHT if stem in named else 1.0),
            stem in named,
        )
        for stem in sorted(stems)
    )


def _match(terms: Iterable[_Term], stems: frozenset[str]) -> list[float]:
    return [match_stem(term.stem, stems) for term in terms]


def _is_topic(term: _Term, in_title: float) -> bool:
    return term.is_name or in_title > _MIN_TITLE_MATCH


def _weigh_own(terms: Sequence[_Term], matches: Sequence[float], title: Sequence[float]) -> float:
    weights = [
        term.weight * (_TOPIC_SHARE if _is_topic(term, in_title) else 1.0)
        for term, in_title in zip(terms, title, strict=True)
    ]
    # Where all words are of the title, any sentence of the article has some of them.
    least = _MIN_OWN_SHARE * sum(term.weight for term in terms)
    return _average(weights, matches, least)


def _weigh_around(
    terms: Sequence[_Term],
    own: Sequence[float],
    before: Sequence[float],
    title: Sequence[float],
    passage: Sequence[float],
) -> float:
    matches = [
        max(
            one,
            _AROUND_BEFORE * other,
            _AROUND_TITLE * in_title,
            (_AROUND_TOPIC if _is_topic(term, in_title) else _AROUND_PASSAGE) * anywhere,
        )
        for term, one, other, in_title, anywhere in zip(terms, own, before, title, passage, strict=True)
    ]
    return _average([term.weight for term in terms], matches)


def _weigh_missing(terms: Sequence[_Term], title: Sequence[float], passage: Sequence[float]) -> float:
    weights = [term.weight if term.is_name else 0.0 for term in terms]
    return _average(weights, [1 - max(pair) for pair in zip(title, passage, strict=True)])


def _average(weights: Sequence[float], values: Sequence[float], least: float = 0.0) -> float:
    """Return the weighted average of values; as if of zeros too where the weights sum up to less than `least`."""
    total = max(sum(weights), least)
    return sum(weight * value for weight, value in zip(weights, values, strict=True)) / total if total else 0.0


def _share_spans(hit: Hit) -> dict[tuple[int, int], float]:
    """Return the part that each sentence has of the spans that the reader found."""
    spans = hit.reading.spans if hit.reading is not None else ()
    total = sum(span.score for span in spans) or 1.0
    shares: dict[tuple[int, int], float] = {}
    for span in spans:
        if place := find_sentence(hit.passage, span.start, span.end):
            shares[place] = shares.get(place, 0.0) + span.score / total
    return shares


def _scale(query: Query, hit: Hit, evidence: WordEvidence, *, sure: float, place: tuple[int, int]) -> float:
    """Return the probability that a sentence answers, of which little is left where it does not fit the question.

    `sure` is how much of the question the sentences around it repeat that surely hold what is wanted.
    """
    fit = evidence.fit
    if fit == 0 or differ_in_script(query.text, hit.passage.at(*place)):
        return _UNFIT_FACTOR * evidence.probability
    if fit == UNFIT:
        return _UNITLESS_FACTOR * evidence.probability
    is_beside = fit == POSSIBLE and sure >= max(_MIN_AROUND_BESIDE, _MIN_EVENT * evidence.around)
    return (_BESIDE_FACTOR if is_beside else 1.0) * evidence.probability


def _favour(hit: Hit, probability: float) -> float:
    """Raise a probability where the question means such articles more than others."""
    return logistic(logit(probability) + SEARCH_WEIGHT * hit.favour) if hit.favour else probability


def _find_span(query: Query, hit: Hit, start: int, end: int) -> tuple[int, int]:
    """Find the words that the reader marked in a sentence and that fit; all of it where there are none."""
    spans = hit.reading.spans if hit.reading is not None else ()
    inside = [(span.start, span.end) for span in spans if start <= span.start and span.end <= end]
    return next((span for span in inside if holds(query.answer_type, hit.passage.at(*span))), (start, end))
