"""Rank sentences by who speaks them, where a question asks what somebody said, or who said it (pure)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from rag.retrieval.query import Query
from rag.retrieval.sentence_ranking import ScoredSentence, fit_type, is_reader_sure, score_by_rule, sort_by_score
from rag.text.lexical import NameMatcher, find_names
from rag.text.speakers import (
    SpeechQuestion,
    SpokenSentence,
    cover_topic,
    find_speakers,
    is_same_speaker,
    names_speaker,
    opens_with_speaker,
)
from rag.text.words import has_form_of, split_parts
from rag.types import Hit

_BESIDE_FACTOR = 0.25
"""What is left of the score of a sentence that nobody is said to speak, beside those of the one who is asked for."""
_OTHER_FACTOR = 0.02
"""What is left of that of a sentence of somebody else."""
_MIN_COVERED = 0.6
"""The share of the words of what was said that the sentence has by which its speaker is found."""
_MIN_OWN_COVERED = 0.5
"""The share of the topic's words in a sentence of the one who is asked for, from which what nobody speaks is weaker."""


def rank_by_speaker(query: Query, hits: Sequence[Hit], ranked: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Rank the sentences of whoever a question asks for before others; as they are where it asks for nobody's word.

    Those sentences are found by their speaker and the words of the topic too, unless the reader is sure of another that
    nobody else speaks.
    """
    speech = query.speech
    if speech is None:
        return list(ranked)
    spoken: dict[tuple[str, int], SpokenSentence] = {}
    found = [
        (hit, one, covered)
        for hit in hits
        if hit.reading is not None
        for one, covered in _find_spoken(query, speech, hit, spoken)
    ]
    places = {(hit.passage.article_id, one.start) for hit, one, _ in found}
    known = {one.place: one for one in ranked}
    is_sure = bool(ranked) and _is_sure(speech, ranked[0], places, spoken)
    own = {place: known[place] for place in places if place in known}
    for hit, one, covered in found if not is_sure else ():
        place = (hit.passage.article_id, one.start)
        score = _score_by_topic(query, hit, one, covered)
        if covered and (place not in own or own[place].score < score):
            span = known[place].span if place in known else (one.start, one.end)
            own[place] = ScoredSentence(hit, one.start, one.end, span, score)
    has_own = not is_sure and max((covered for _, _, covered in found), default=0.0) >= _MIN_OWN_COVERED
    others = [one for one in ranked if one.place not in own]
    # What a publisher says is all that stands in its articles.
    if not query.attributed_to:
        others = [_weaken(speech, one, spoken.get(one.place), has_own=has_own) for one in others]
    return sort_by_score([*own.values(), *others])


def _is_sure(
    speech: SpeechQuestion,
    best: ScoredSentence,
    own: Collection[tuple[str, int]],
    spoken: Mapping[tuple[str, int], SpokenSentence],
) -> bool:
    """Whether the reader is sure of the best sentence, and nobody else speaks it.

    Where it is asked who said something, the sentence must say that unless none does.
    """
    is_other = best.place not in own and (best.place in spoken if speech.speaker else bool(own))
    return is_reader_sure([best]) and not is_other


def _find_spoken(
    query: Query, speech: SpeechQuestion, hit: Hit, spoken: dict[tuple[str, int], SpokenSentence]
) -> Iterator[tuple[SpokenSentence, float]]:
    """Find the sentences of a passage that are spoken by whoever is asked for, and how much of the topic they have.

    None are those of a passage that lacks a name of the topic. Every sentence with a speaker is noted in `spoken`.
    """
    passage = hit.passage
    around = f"{passage.title}\n{passage.text}"
    if any(NameMatcher(around).explain_missing(name) for name in find_names(f"a {speech.topic}")):
        return
    before = ""
    for one in find_speakers(passage):
        context = f"{passage.title} {before}"
        before = one.text
        is_opening = bool(speech.speaker) and opens_with_speaker(speech.speaker, one.text)
        if not (one.speaker or is_opening):
            continue
        spoken[passage.article_id, one.start] = one
        covered = cover_topic(speech.topic, one.text, context if speech.speaker else "")
        if speech.speaker:
            if is_same_speaker(speech.speaker, one.speaker, around):
                yield one, covered
            elif is_opening:
                # What is told of a person is not yet said by him or her; of a publisher it is seldom put otherwise.
                yield one, covered if query.attributed_to else 0.0
        elif covered >= _MIN_COVERED:
            yield one, covered


def _score_by_topic(query: Query, hit: Hit, one: SpokenSentence, covered: float) -> float:
    """Score a sentence by the share of the topic's words that it has."""
    return fit_type(query, one.text) * score_by_rule(hit, covered)


def _weaken(
    speech: SpeechQuestion, sentence: ScoredSentence, spoken: SpokenSentence | None, *, has_own: bool
) -> ScoredSentence:
    """Weaken a sentence that is not of whoever is asked for.

    Where none of theirs was found, what nobody is said to speak may be, and a description may mean whoever speaks, if
    the passage has such a person. One that names the speaker may be about what was said.
    """
    is_other = spoken is not None and bool(speech.speaker) and speech.is_named
    role = speech.role
    is_unknown = bool(role) and not has_form_of(role, split_parts(f"{sentence.passage.title} {sentence.passage.text}"))
    if names_speaker(speech.speaker, sentence.text) or not (is_other or has_own or is_unknown):
        return sentence
    return replace(sentence, score=sentence.score * (_OTHER_FACTOR if is_other else _BESIDE_FACTOR))
