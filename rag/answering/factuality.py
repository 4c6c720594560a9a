"""Find in a sentence the clauses that it does not assert itself: orders, wishes, conditions, doubts, reports (pure).

By grammar alone, and only where that is sure: the words that open such a clause are of closed classes, or few.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from rag.answering.claims import Claim, Evidence
from rag.answering.clause_patterns import (
    CONDITIONAL,
    ORDERED_QUOTATION,
    PATTERNS,
    REPORT_MARKS,
    UNREAL_VERBS,
    UNSURE,
    Kind,
)
from rag.text.english import IRREGULAR_PASTS, MODALS, SUBJECT_PRONOUNS, any_of
from rag.text.lexical import content_words
from rag.text.quotation_marks import unify_quotation_marks
from rag.text.words import split_whole_words

REASONS: dict[Kind, str] = {
    "order": "the passage only orders this",
    "wish": "the passage says this only as a wish or a plan",
    "condition": "the passage says this only under a condition",
    "question": "the passage only asks this",
    "possibility": "the passage says this only as a possibility",
    "denial": "the passage says that this is not so",
    "report": "drops who said it",
}
"""Why a claim is not supported by a clause of each kind."""
MIN_COVERED = 0.8
"""The share of a claim's content words that a clause must have for the claim to rest on it."""

_QUOTE = re.compile(r"“(?P<typographic>[^“”]+)”|\"(?P<straight>[^\"]+)\"")
_PRONOUN = re.compile(rf"{any_of(SUBJECT_PRONOUNS)}\b")
"""What opens a clause about somebody whom the words before it name."""
_OF_SUBJECT = ("wish", "denial", "order")
"""Kinds of clause whose pronoun stands for the subject of the sentence."""
_MIN_QUOTED_WORDS = 4
_QUOTED_SENTENCE = re.compile(r"\S+ .*[.,!?]$", re.S)
"""What is quoted and says something, though it be short."""
_MAX_CHARS = 1000
"""Longer sentences are not looked into: they are lists or badly split, and matching takes its time."""
_SHORT_FORM = re.compile(r"(?<=^[a-z]{3})(?<![sui])s$")
_MODAL = re.compile(rf"\b{any_of(MODALS)}\b", re.I)


@dataclass(frozen=True, slots=True)
class Unasserted:
    """A clause that its sentence does not assert, and who speaks where that is said."""

    kind: Kind
    clause: str
    speaker: str = ""
    verb: str = ""
    """The one verb that is not asserted, where the rest of the clause may be; empty for all of it."""
    outside: str = ""
    """What else the sentence says."""


@lru_cache(1024)
def find_unasserted(sentence: str) -> tuple[Unasserted, ...]:
    """Find the clauses that a sentence puts into an order, a wish, a condition, a doubt or somebody's mouth."""
    if len(sentence) > _MAX_CHARS:
        return ()
    text = unify_quotation_marks(sentence)
    return (*_find_clauses(text), *_find_quotations(text), *_find_verbs(text))


def find_dropped(claim: Claim, evidence: Evidence) -> Unasserted | None:
    """Find the clause that a claim rests on though its evidence does not assert it; none where the claim says so too.

    What only somebody said comes last, since nearly any other reason weighs more.
    """
    texts = [sentence.text for sentence in evidence.sentences]
    found = [
        (one, " ".join([*texts[:place], one.outside, *texts[place + 1 :]]))
        for place, text in enumerate(texts)
        for one in find_unasserted(text)
    ]
    for spoken in evidence.spoken:
        if spoken.is_quoted:
            quoted = Unasserted("report", spoken.text.strip('“”" '), spoken.speaker)
            found.append((quoted, evidence.text.replace(spoken.text, " ", 1)))
    dropped = [one for one, others in found if not _is_carried_over(one, claim) and _rests_on(claim, one, others)]
    return min(dropped, key=lambda one: one.kind == "report", default=None)


def _find_clauses(sentence: str) -> Iterator[Unasserted]:
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(sentence):
            groups = match.groupdict()
            pieces = [groups["clause"], groups.get("rest") or ""]
            outside = sentence.replace(pieces[0], " ", 1).replace(pieces[1] or "\n", " ", 1)
            clause = " ".join(pieces).strip()
            if kind in _OF_SUBJECT and _PRONOUN.match(clause):
                clause, outside = sentence, ""
            yield Unasserted(kind, clause, groups.get("speaker") or groups.get("other") or "", outside=outside)


def _find_quotations(sentence: str) -> Iterator[Unasserted]:
    """Find what is quoted, where it is long enough to say something; a quoted question asks."""
    for match in _QUOTE.finditer(sentence):
        quoted = match["typographic"] or match["straight"]
        if len(quoted.split()) < _MIN_QUOTED_WORDS and not _QUOTED_SENTENCE.match(quoted):
            continue
        before = sentence[: match.start()]
        is_ordered = ORDERED_QUOTATION.search(before)
        kind: Kind = "question" if quoted.endswith("?") else "order" if is_ordered else "report"
        outside = f"{before} {sentence[match.end() :]}"
        yield Unasserted(kind, quoted, outside, outside=outside)


def _find_verbs(sentence: str) -> Iterator[Unasserted]:
    for kind, pattern in UNREAL_VERBS:
        for match in pattern.finditer(sentence):
            outside = f"{sentence[: match.start('verb')]} {sentence[match.end('verb') :]}"
            yield Unasserted(kind, sentence, verb=match["verb"], outside=outside)


def _is_carried_over(one: Unasserted, claim: Claim) -> bool:
    """Whether a claim says itself that it is no assertion, or names who speaks."""
    if one.kind == "report":
        return bool(REPORT_MARKS.search(claim.text) or content_words(one.speaker) & claim.content)
    if one.kind == "question" and "?" in claim.text:
        return True
    if one.kind == "condition":
        return bool(CONDITIONAL.search(claim.text))
    # “Will” says more than “may”, and no more than “plans to”.
    is_modal = one.kind != "possibility" and _MODAL.search(claim.text)
    return bool(is_modal or UNSURE.search(claim.text))


def _rests_on(claim: Claim, one: Unasserted, others: str) -> bool:
    """Whether a claim has its words from a clause, and not from what else the evidence says."""
    if share_words(claim.text, one.clause) < MIN_COVERED:
        return False
    claimed = _read_bases(claim.text)
    verb = _read_bases(one.verb)
    if one.verb and not verb <= claimed:
        return False
    return not (verb <= _read_bases(others)) if one.verb else share_words(claim.text, others) < MIN_COVERED


def share_words(claim: str, text: str) -> float:
    """Return the share of the content words of a claim that a text has; 0 where it has none."""
    claimed = _read_bases(claim)
    return len(claimed & _read_bases(text)) / len(claimed) if claimed else 0.0


@lru_cache(1024)
def _read_bases(text: str) -> frozenset[str]:
    """Return the content words of a text, with the base of a verb whose form the stemmer leaves: “bought”, “buys”."""
    words = (IRREGULAR_PASTS.get(word) or _SHORT_FORM.sub("", word) for word in split_whole_words(text))
    return content_words(" ".join(words))
