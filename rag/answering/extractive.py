"""Compose an extractive answer from the articles' own sentences (pure)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.answering.citations import Extract
from rag.retrieval.answer_types import AnswerType, holds, names_wanted
from rag.retrieval.confidence import answer_probability, is_same_answer
from rag.retrieval.query import Query
from rag.text.english import DEMONSTRATIVE_PRONOUNS, OBJECT_PRONOUNS, POSSESSIVE_PRONOUNS, SUBJECT_PRONOUNS, any_of
from rag.text.languages import REASON_WORDS, any_word_of, find_language
from rag.text.sentences import find_sentence, split_passage
from rag.text.words import containment, join_words, shingles
from rag.types import Hit, Passage, Span

_REASON = re.compile(
    r"\b(because|since|due to|owing to|as a result|in order to|so (as|that)|reasons?|in response to|after|aim(s|ed)? to"
    r"|justif\w+|caused?|led to|prompted|over (fears|concerns)|amid|saying)\b",
    re.I,
)
_CONTINUING = re.compile(rf"^[“\"]?{any_of([*SUBJECT_PRONOUNS, *DEMONSTRATIVE_PRONOUNS])}\b", re.I)
_PRONOUNS = frozenset(
    (*SUBJECT_PRONOUNS, *OBJECT_PRONOUNS, *POSSESSIVE_PRONOUNS, *DEMONSTRATIVE_PRONOUNS, "hers", "who")
)
_FOREIGN_REASON = re.compile(any_word_of(REASON_WORDS), re.I)
_MIN_SHARE = {"fact": 0.4, "open": 0.3, "yes or no": 0.4}
"""A further sentence is given when its score is at least this share of the best one's."""
_MAX_SENTENCES = {"fact": 3, "open": 4, "yes or no": 2}
_REASON_FACTOR = 1.5
"""How much more a sentence counts that gives a reason, where one is asked for."""
_MIN_SIDE_SHARE = 0.1
"""A sentence on another side of the question is given when its score is at least this share of the best one's."""
_REPEATED_LIKENESS = 0.6

_BESIDE_FACTOR = 0.25
"""How much less a sentence counts whose span is of another type than is asked for, while the rest of it is not."""
_OTHER_TYPE_FACTOR = 0.02
"""How much less one counts that is of another type altogether, as one without a number where a number is asked for."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sentence with the span in it that may answer."""

    passage: Passage
    start: int
    end: int
    span: tuple[int, int]
    score: float

    @property
    def text(self) -> str:
        return self.passage.at(self.start, self.end)

    @property
    def answer_words(self) -> str:
        """Return the words of the span, to see which candidates give the same answer."""
        return join_words(self.passage.at(*self.span))

    @property
    def place(self) -> tuple[str, int]:
        return self.passage.article_id, self.start

    def mentions(self, name: str) -> bool:
        """Whether the sentence or the title of its article holds a name."""
        return name.casefold() in f"{self.passage.title}\n{self.text}".casefold()

    def repeats(self, other: "_Candidate") -> bool:
        """Whether most of the wording of one, the shorter, stands in the other too."""
        return containment(shingles(self.text), shingles(other.text)) >= _REPEATED_LIKENESS


def compose(
    query: Query, hits: Sequence[Hit], *, most: int, adds: Callable[[str, str], bool] | None = None
) -> list[Extract]:
    """Choose the sentences that answer, at most `most`, in an order that reads well; none when nothing was read.

    `adds(said, more)` says whether a sentence says anything beyond one that is said already.
    """
    kind = query.kind
    able = _candidates(query, hits)
    if kind == "fact":
        able = _merge_same_answers(able)
    if query.wants_reason:
        able = _prefer_reasons(able)
    chosen: list[_Candidate] = []
    for candidate in able:
        if len(chosen) == min(most, _MAX_SENTENCES[kind]) or candidate.score < _MIN_SHARE[kind] * able[0].score:
            break
        if not any(candidate.repeats(one) or (adds and not adds(one.text, candidate.text)) for one in chosen):
            chosen.append(candidate)
    chosen += _other_sides(query, able, chosen)[: most - len(chosen)]
    if kind == "open" and 0 < len(chosen) < most:
        chosen += _continue_from_best(chosen)
    ordered = _explain_pronouns(chosen)[:most] if kind == "fact" else _order_by_article(chosen)
    return [Extract(one.passage, one.start, one.end, Span(*one.span, one.score)) for one in ordered]


def _prefer_reasons(able: Sequence[_Candidate]) -> list[_Candidate]:
    """Raise the scores of the candidates that give a reason, and sort by them."""
    weighed = [
        replace(one, score=min(one.score * _REASON_FACTOR, 1.0)) if _gives_reason(one.text) else one for one in able
    ]
    return sorted(weighed, key=lambda candidate: (-candidate.score, candidate.place))


def _gives_reason(sentence: str) -> bool:
    return bool(_REASON.search(sentence)) or (
        find_language(sentence) != "en" and bool(_FOREIGN_REASON.search(sentence))
    )


def _other_sides(query: Query, able: Sequence[_Candidate], chosen: Sequence[_Candidate]) -> list[_Candidate]:
    """Choose the best sentence on each side of a question that no chosen sentence is on."""
    found: list[_Candidate] = []
    for name in query.sides:
        if any(one.mentions(name) for one in (*chosen, *found)):
            continue
        on_it = [one for one in able if one.mentions(name) and one.score >= _MIN_SIDE_SHARE * able[0].score]
        found += on_it[:1]
    return found


def _candidates(query: Query, hits: Sequence[Hit]) -> list[_Candidate]:
    """Make candidates of the spans that lie in a sentence, best first, each sentence once though passages overlap."""
    found: dict[tuple[str, int], _Candidate] = {}
    for hit in hits:
        for span in hit.reading.spans if hit.reading is not None else ():
            share = span.score / max(hit.reading.relevance, 1e-9) if hit.reading is not None else 0.0
            place = find_sentence(hit.passage, span.start, span.end)
            if place is None:
                continue
            inside = max(span.start, place[0]), min(span.end, place[1])
            candidate = _Candidate(hit.passage, *place, inside, answer_probability(hit) * share)
            candidate = replace(candidate, score=candidate.score * _type_factor(query.answer_type, candidate))
            score = candidate.score
            if candidate.place not in found or found[candidate.place].score < score:
                found[candidate.place] = candidate
    return sorted(found.values(), key=lambda candidate: (-candidate.score, candidate.place))


def _type_factor(wanted: AnswerType, candidate: _Candidate) -> float:
    """Return how much less a candidate counts that is of another type than is wanted.

    In other languages than English the spans are not sure enough to be judged, so it is the sentence.
    """
    span = candidate.passage.at(*candidate.span)
    if holds(wanted, span) if wanted.language == "en" else names_wanted(wanted, candidate.text):
        return 1.0
    return _BESIDE_FACTOR if holds(wanted, candidate.text) else _OTHER_TYPE_FACTOR


def _merge_same_answers(able: Sequence[_Candidate]) -> list[_Candidate]:
    """Merge candidates of the same answer into the best one; an answer that several articles give is surer.

    The agreement of the hits counts their best spans alone; here the others of each passage have a voice too.
    """
    groups: dict[str, list[_Candidate]] = {}
    for candidate in able:
        words = candidate.answer_words
        known = next((answer for answer in groups if is_same_answer(answer, words)), words)
        groups.setdefault(known, []).append(candidate)
    joined = []
    for group in groups.values():
        doubt = 1.0
        articles = set[str]()
        for candidate in group:
            if candidate.passage.article_id not in articles:
                doubt *= 1 - candidate.score
                articles.add(candidate.passage.article_id)
        best = group[0]
        joined.append(_Candidate(best.passage, best.start, best.end, best.span, 1 - doubt))
    return sorted(joined, key=lambda candidate: (-candidate.score, candidate.place))


def _continue_from_best(chosen: Sequence[_Candidate]) -> list[_Candidate]:
    """Return the sentence right after the best one where it opens with a pronoun (“He went on to say …”), or none."""
    best = chosen[0]
    places = {candidate.place for candidate in chosen}
    after = [place for place in split_passage(best.passage) if place[0] >= best.end][:1]
    more = [_Candidate(best.passage, *place, (place[0], place[0]), best.score) for place in after]
    return [one for one in more if _CONTINUING.match(one.text) and one.place not in places]


def _explain_pronouns(chosen: Sequence[_Candidate]) -> list[_Candidate]:
    """Insert, before each candidate whose answer is but a pronoun, the preceding sentence, which explains it."""
    explained = list[_Candidate]()
    places = {candidate.place for candidate in chosen}
    for candidate in chosen:
        before = [place for place in split_passage(candidate.passage) if place[1] <= candidate.start][-1:]
        if candidate.answer_words in _PRONOUNS:
            meant = [_Candidate(candidate.passage, *place, (place[0], place[0]), candidate.score) for place in before]
            explained += [other for other in meant if other.place not in places]
        explained.append(candidate)
    return explained


def _order_by_article(chosen: Sequence[_Candidate]) -> list[_Candidate]:
    """Order candidates article by article, the one with the best sentence first, each in the order of its text."""
    articles = list(dict.fromkeys(candidate.passage.article_id for candidate in chosen))
    return sorted(chosen, key=lambda candidate: (articles.index(candidate.passage.article_id), candidate.start))
