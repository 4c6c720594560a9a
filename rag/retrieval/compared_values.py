"""Find the value of the second of two things that are compared, beside that of the first (pure).

What a text compares it puts side by side: “It took 38 minutes. The old ferry needed 55.” The second sentence says of
what it speaks, and the first does not, so that a reader who is asked about one thing alone passes it over.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rag.retrieval.answer_types import AnswerType, holds, names_wanted
from rag.retrieval.findings import Findings
from rag.retrieval.sentence_ranking import ScoredSentence
from rag.retrieval.value_questions import is_measure
from rag.text.english import DETERMINERS, POSSESSIVE_PRONOUNS, SUBJECT_PRONOUNS, any_of
from rag.text.figures import find_figures
from rag.text.lexical import content_words
from rag.text.sentences import split_passage
from rag.text.units import find_units
from rag.types import Hit

_MIN_SHARE = 0.5
"""A sentence has a value of the first thing when its score is at least this share of the best one's."""
_MAX_RATIO = 2.0
"""How many times larger the figure of one publisher may be than that of another for the same thing."""
_THAN = re.compile(rf"(?P<words>\b[\w’'-]+(?: \w+)?) than (?:{any_of(DETERMINERS)}\b|(?=[A-Z]))")
"""What is compared with a thing, not with a plan, a year or a number."""
_SCORE = 0.5
"""The probability of a sentence that compares two things: it may compare others."""
_PRONOUNS = frozenset([*SUBJECT_PRONOUNS, *POSSESSIVE_PRONOUNS])


def is_comparison(parts: Sequence[Findings]) -> bool:
    """Whether two questions ask for the same value of two things."""
    if len(parts) != 2:
        return False
    one, other = (part.query.answer_type for part in parts)
    if one != other or not one.is_quantity:
        return False
    words, others = (content_words(part.query.text) for part in parts)
    publishers = {part.query.attributed_to for part in parts}
    return bool(words & others) and (bool(words - others and others - words) or len(publishers - {""}) > 1)


def complete_pair(parts: Sequence[Findings], is_sure: Callable[[Findings], bool]) -> list[Findings]:
    """Complete the values of two things where not both are known, from what compares them or stands beside the other.

    Parts that ask for anything else, and those for which nothing is found, stay as they are.
    """
    if not is_comparison(parts):
        return list(parts)
    one, other = parts
    known = [is_sure(one) and not _is_of_other(one, other), is_sure(other) and not _is_of_other(other, one)]
    if all(known):
        return [one, other]
    if compared := _find_comparative(one, other):
        pairs = zip((one, other), (other, one), known, strict=True)
        return [mine if is_mine and _names_own(mine, its) else _settle(mine, compared) for mine, its, is_mine in pairs]
    if known[0] and (found := _find_value(other, one)):
        return [one, replace(_settle(other, found), confidence=one.confidence)]
    if known[1] and (found := _find_value(one, other)):
        return [replace(_settle(one, found), confidence=other.confidence), other]
    return [one, other]


def holds_value(part: Findings, wanted: AnswerType) -> bool:
    """Whether the surest sentence of a part holds a value of a type."""
    return (
        bool(part.sentences) and holds(wanted, part.sentences[0].text) and names_wanted(wanted, part.sentences[0].text)
    )


def _settle(part: Findings, sentence: ScoredSentence) -> Findings:
    return replace(part, sentences=(sentence,), confidence=max(part.confidence, sentence.score), is_complete=True)


def _things(part: Findings, other: Findings) -> frozenset[str]:
    """Return the words of a question that the other one lacks: the thing that it asks about."""
    return content_words(part.query.text) - content_words(other.query.text)


def _names_own(part: Findings, other: Findings) -> bool:
    """Whether the surest sentence of a part names its thing."""
    return bool(_things(part, other) & content_words(part.sentences[0].text))


def _is_of_other(part: Findings, other: Findings) -> bool:
    """Whether the surest sentence of a part names the thing of the other one alone."""
    is_other = bool(_things(other, part) & content_words(part.sentences[0].text))
    return is_other and not _names_own(part, other)


def _find_comparative(one: Findings, other: Findings) -> ScoredSentence | None:
    """Find a sentence that compares two things in the unit asked for, in a passage that names both, else None."""
    things, others = _things(one, other), _things(other, one)
    wanted = one.query.answer_type
    if not (things and others):
        return None
    for hit in _read_hits((one, other)):
        about = content_words(f"{hit.passage.title}\n{hit.passage.text}")
        if not things | others <= about:
            continue
        for sentence in _sentences(hit):
            compares = any(any(map(is_measure, match["words"].split())) for match in _THAN.finditer(sentence.text))
            words = content_words(sentence.text)
            is_about = bool(words & (things | others)) or sentence.text.split()[0].casefold() in _PRONOUNS
            if compares and is_about and _has_unit(wanted, sentence.text):
                return sentence
    return None


def _has_unit(wanted: AnswerType, text: str) -> bool:
    units = {"duration" if unit == "age" else unit for unit in wanted.units}
    return bool(find_units(text, "en") & units) if units else names_wanted(wanted, text)


def _find_value(part: Findings, known: Findings) -> ScoredSentence | None:
    return _find_of_publisher(part, known) if part.query.attributed_to else _find_beside(part, known)


def _find_beside(part: Findings, known: Findings) -> ScoredSentence | None:
    """Find the value of a thing in a sentence next to one that gives that of another, in the same units."""
    own, other = _things(part, known), _things(known, part)
    best = known.sentences[0].score
    for sentence in known.sentences:
        units = find_units(sentence.passage.at(*sentence.span), "en")
        about = content_words(f"{sentence.passage.title}\n{sentence.passage.text}")
        if sentence.score < _MIN_SHARE * best or not units or not own & about:
            continue
        for beside in _neighbours(sentence):
            words = content_words(beside.text)
            if not (words & other) and units & find_units(beside.text, "en"):
                return beside
    return None


def _find_of_publisher(part: Findings, known: Findings) -> ScoredSentence | None:
    """Find a figure of the same size in an article of the publisher whose word is asked for."""
    figures = find_figures(known.sentences[0].passage.at(*known.sentences[0].span))
    for sentence in part.sentences:
        if sentence.passage.source != part.query.attributed_to or not holds(part.query.answer_type, sentence.text):
            continue
        for figure in find_figures(sentence.passage.at(*sentence.span)):
            for other in figures:
                if 0 < max(figure.value, other.value) <= _MAX_RATIO * min(figure.value, other.value):
                    return sentence
    return None


def _read_hits(parts: Sequence[Findings]) -> list[Hit]:
    hits = {hit.passage.id: hit for part in parts for hit in part.hits if hit.reading is not None}
    return list(hits.values())


def _sentences(hit: Hit) -> Iterator[ScoredSentence]:
    for start, end in split_passage(hit.passage):
        yield ScoredSentence(hit, start, end, (start, start), _SCORE)


def _neighbours(sentence: ScoredSentence) -> list[ScoredSentence]:
    """Return the sentences before and behind one in its passage, the one before first."""
    places = list(split_passage(sentence.passage))
    number = next((number for number, place in enumerate(places) if place[0] == sentence.start), -1)
    beside = [places[one] for one in (number - 1, number + 1) if number >= 0 and 0 <= one < len(places)]
    return [replace(sentence, start=start, end=end, span=(start, start)) for start, end in beside]
