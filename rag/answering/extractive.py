"""Compose an extractive answer from the articles' own sentences (pure)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.answering.citations import Extract
from rag.answering.lists import choose_listed, find_continuations, sort_by_text, wants_several
from rag.answering.updates import put_latest_first, replaces_value
from rag.retrieval.confidence import is_same_answer, is_same_time, logistic, logit
from rag.retrieval.query import Query
from rag.retrieval.sentence_ranking import ScoredSentence, sort_by_score
from rag.text.english import DEMONSTRATIVE_PRONOUNS, OBJECT_PRONOUNS, POSSESSIVE_PRONOUNS, SUBJECT_PRONOUNS, any_of
from rag.text.languages import REASON_WORDS, any_word_of, find_language
from rag.text.sentences import split_passage
from rag.text.speakers import find_speakers
from rag.text.words import containment, join_words, shingles
from rag.types import Span

_GIVEN_REASON = re.compile(
    r"\b(because|since(?! (?:then|last|the \w+ of|\w+ \d|\d|[A-Z]\w+[,.]))|due to|owing to|thanks to|as a result"
    r"|reasons?|justif\w+|cause[sd]?|led to|prompted|blam\w+|why)\b",
    re.I,
)
_POSSIBLE_REASON = re.compile(
    r"\b(so as|so that|in order to|in response to|after|aim(s|ed)? to|over (fears|concerns)|amid|saying|to avoid"
    r"|to prevent)\b",
    re.I,
)
_FOREIGN_REASON = re.compile(any_word_of(REASON_WORDS), re.I)
_CONTINUING = re.compile(rf"^[“\"]?{any_of([*SUBJECT_PRONOUNS, *DEMONSTRATIVE_PRONOUNS])}\b", re.I)
_PRONOUNS = frozenset(
    (*SUBJECT_PRONOUNS, *OBJECT_PRONOUNS, *POSSESSIVE_PRONOUNS, *DEMONSTRATIVE_PRONOUNS, "hers", "who")
)
_PERSONS = frozenset(("he", "she"))
_MIN_SHARE = {"fact": 0.3, "open": 0.25, "yes or no": 0.3}
"""A further sentence is given when its score is at least this share of the best one's."""
_MIN_SHARE_OF_LIST = 0.2
"""The share for a further sentence of a list."""
_MAX_SENTENCES = {"fact": 3, "open": 4, "yes or no": 2}
_GIVEN_REASON_WEIGHT = 2.0
_POSSIBLE_REASON_WEIGHT = 0.4
"""What is added to the log odds of a sentence that gives a reason, or may give one, where one is asked for."""
_MIN_SHARE_BESIDE_REASON = 0.5
"""The share for a further sentence where the best one gives the reason that is asked for."""
_MIN_SIDE_SHARE = 0.1
"""A sentence on another side of the question is given when its score is at least this share of the best one's."""
_REPEATED_LIKENESS = 0.6


def compose(
    query: Query, ranked: Sequence[ScoredSentence], *, most: int, adds: Callable[[str, str], bool] | None = None
) -> list[Extract]:
    """Choose the sentences that answer, at most `most`, in an order that reads well.

    `adds(said, more)` says whether a sentence says anything beyond one that is said already.
    """
    kind = query.kind
    able = list(ranked)
    if kind == "fact":
        able = put_latest_first(query, _merge_same_answers(able))
    if query.wants_reason:
        able = _prefer_reasons(able)
    is_list = query.answer_type.kind == "list"
    longest = min(most, _MAX_SENTENCES["open" if is_list else kind])
    share = _MIN_SHARE_OF_LIST if is_list else _MIN_SHARE[kind]
    if query.wants_reason and able and _GIVEN_REASON.search(able[0].text):
        share = _MIN_SHARE_BESIDE_REASON
    least = share * (able[0].score if able else 0.0)
    if is_list:
        able = choose_listed(query, able)
    chosen: list[ScoredSentence] = []
    for candidate in able:
        if len(chosen) == longest or candidate.score < least:
            break
        if not any(_repeats(candidate, one) or (adds and not adds(one.text, candidate.text)) for one in chosen):
            chosen.append(candidate)
    chosen += _other_sides(query, able, chosen)[: most - len(chosen)]
    chosen = [one for one in chosen if not _is_beside_point(query, one)]
    if chosen and wants_several(query):
        chosen += find_continuations(chosen, ranked)[: most - len(chosen)]
    if kind == "open" and 0 < len(chosen) < most:
        chosen += _continue_from_best(chosen)
    if is_list:
        ordered = sort_by_text(chosen)
    else:
        is_person = query.answer_type.kind == "person"
        ordered = (
            _explain_pronouns(chosen, is_person=is_person)[:most] if kind == "fact" else _order_for_reading(chosen)
        )
    if query.speech is not None:
        ordered = _name_speaker(ordered)[:most]
    return [to_extract(sentence) for sentence in ordered]


def to_extract(sentence: ScoredSentence) -> Extract:
    """Return a sentence as what is cited of its passage."""
    return Extract(sentence.passage, sentence.start, sentence.end, Span(*sentence.span, sentence.score))


def _prefer_reasons(able: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Raise the scores of the candidates that give a reason, and sort by them."""
    return sort_by_score(
        replace(one, score=logistic(logit(one.score) + _weigh_reason(one.text))) if _weigh_reason(one.text) else one
        for one in able
    )


def _weigh_reason(text: str) -> float:
    if _GIVEN_REASON.search(text) or (find_language(text) != "en" and _FOREIGN_REASON.search(text)):
        return _GIVEN_REASON_WEIGHT
    return _POSSIBLE_REASON_WEIGHT if _POSSIBLE_REASON.search(text) else 0.0


def _other_sides(
    query: Query, able: Sequence[ScoredSentence], chosen: Sequence[ScoredSentence]
) -> list[ScoredSentence]:
    """Choose the best sentence on each side of a question that no chosen sentence is on."""
    found: list[ScoredSentence] = []
    # Of the one side that a part of a comparison asks about, whatever is found is said.
    share = _MIN_SIDE_SHARE if len(query.sides) > 1 else 0.0
    for name in query.sides:
        if any(_mentions(one, name) for one in (*chosen, *found)):
            continue
        on_it = [one for one in able if _mentions(one, name) and one.score >= share * able[0].score]
        found += on_it[:1]
    return found


def _is_beside_point(query: Query, sentence: ScoredSentence) -> bool:
    """Whether a sentence is on another side of the comparison that a query is a part of, and in no form on its own."""
    own = {word for name in query.sides for word in name.split()}
    words = re.findall(r"[\w’'-]+", sentence.text)
    return any(name in sentence.text for name in query.other_sides) and own.isdisjoint(words)


def _merge_same_answers(able: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Merge candidates of the same answer into the best one; an answer that several articles give is surer.

    The agreement of the hits counts their best spans alone; here the others of each passage have a voice too.
    """
    groups: list[list[_GivenAnswer]] = []
    for candidate in map(_GivenAnswer.of, able):
        known = next((group for group in groups if group[0].is_same_as(candidate)), None)
        if known is None:
            groups.append([candidate])
        else:
            known.append(candidate)
    joined = []
    for group in groups:
        doubt = 1.0
        articles = set[str]()
        for candidate in group:
            if candidate.sentence.passage.article_id not in articles:
                doubt *= 1 - candidate.sentence.score
                articles.add(candidate.sentence.passage.article_id)
        best = group[0].sentence
        joined.append(replace(best, score=1 - doubt))
    return sort_by_score(joined)


@dataclass(frozen=True, slots=True)
class _GivenAnswer:
    """A candidate and what its answer is compared by, found once however many others it is compared with."""

    sentence: ScoredSentence
    words: str
    is_replaced: bool
    """Whether the sentence says that another value replaces it."""

    @classmethod
    def of(cls, sentence: ScoredSentence) -> "_GivenAnswer":
        """Parse the answer of a candidate."""
        value = sentence.passage.at(*sentence.span)
        return cls(sentence, join_words(value), replaces_value(sentence.text, value))

    def is_same_as(self, other: "_GivenAnswer") -> bool:
        """Whether another candidate gives the same answer."""
        return (
            self.is_replaced == other.is_replaced
            and is_same_answer(self.words, other.words)
            and is_same_time(self.words, self.sentence.hit, other.sentence.hit)
        )


def _continue_from_best(chosen: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Return the sentence right after the best one where it opens with a pronoun (“He went on to say …”), or none."""
    best = chosen[0]
    places = {candidate.place for candidate in chosen}
    after = [place for place in split_passage(best.passage) if place[0] >= best.end][:1]
    more = [_neighbour(best, place) for place in after]
    return [one for one in more if _CONTINUING.match(one.text) and one.place not in places]


def _explain_pronouns(chosen: Sequence[ScoredSentence], *, is_person: bool) -> list[ScoredSentence]:
    """Insert, before each candidate whose answer is but a pronoun, the preceding sentence, which explains it.

    Of a question for a person “she” is the answer in whatever words it stands.
    """
    explained = list[ScoredSentence]()
    places = {candidate.place for candidate in chosen}
    for candidate in chosen:
        before = [place for place in split_passage(candidate.passage) if place[1] <= candidate.start][-1:]
        has_person = is_person and not _PERSONS.isdisjoint(candidate.answer_words.split())
        if has_person or candidate.answer_words in _PRONOUNS:
            meant = [_neighbour(candidate, place) for place in before]
            explained += [other for other in meant if other.place not in places]
        explained.append(candidate)
    return explained


def _name_speaker(chosen: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Insert, beside the first sentence, the one that names who speaks it, where it does not do that itself."""
    if not chosen:
        return []
    first = chosen[0]
    spoken = {one.start: one for one in find_speakers(first.passage)}
    named_at = spoken[first.start].named_at if first.start in spoken else first.start
    if named_at not in spoken or named_at == first.start:
        return list(chosen)
    naming = _neighbour(first, (named_at, spoken[named_at].end))
    others = [one for one in chosen[1:] if one.place != naming.place]
    return [naming, first, *others] if naming.start < first.start else [first, naming, *others]


def _order_for_reading(chosen: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """Put the best sentence first, and the others behind it article by article, each in the order of its text.

    A best sentence that opens with a pronoun stays behind those of its article that it goes on from.
    """
    ordered = sort_by_text(chosen)
    first = [one for one in chosen[:1] if not _CONTINUING.match(one.text)]
    return [*first, *(one for one in ordered if one not in first)]


def _neighbour(sentence: ScoredSentence, place: tuple[int, int]) -> ScoredSentence:
    """Return another sentence of the same passage, in which nothing is marked."""
    return replace(sentence, start=place[0], end=place[1], span=(place[0], place[0]))


def _mentions(sentence: ScoredSentence, name: str) -> bool:
    """Whether a sentence or the title of its article holds a name."""
    return name.casefold() in f"{sentence.passage.title}\n{sentence.text}".casefold()


def _repeats(one: ScoredSentence, other: ScoredSentence) -> bool:
    """Whether most of the wording of one, the shorter, stands in the other too."""
    return containment(shingles(one.text), shingles(other.text)) >= _REPEATED_LIKENESS
