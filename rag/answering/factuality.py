"""Find in a sentence the clauses that it does not assert itself: orders, wishes, conditions, doubts, reports (pure).

By grammar alone, and only where that is sure: the words that open such a clause are of closed classes, or few.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rag.answering.claims import Claim, Evidence, parse_claim
from rag.text.english import (
    CONDITIONS,
    DENIALS,
    HEARSAY,
    HELD,
    MODALS,
    ORDERS_TO_SAY,
    POSSIBILITIES,
    REPORTS,
    SUBJECT_PRONOUNS,
    SUPPOSITIONS,
    UNREAL_ATTEMPTS,
    UNREAL_NOUNS,
    WISHES,
    any_of,
)
from rag.text.lexical import content_words

Kind = Literal["order", "wish", "condition", "question", "possibility", "denial", "report"]
REASONS: dict[Kind, str] = {
    "order": "the passage only tells somebody to say this",
    "wish": "the passage says this only as a wish or a plan",
    "condition": "the passage says this only under a condition",
    "question": "the passage only asks this",
    "possibility": "the passage says this only as a possibility",
    "denial": "the passage says that this is not so",
    "report": "drops who said it",
}
"""Why a claim is not supported by a clause of each kind."""
_MIN_COVERED = 0.8
"""The share of a claim's content words that a clause must have for the claim to rest on it."""

_REST = r"(?P<clause>[^“”]+?)[.!]?$"
_TO_COMMA = r"(?P<clause>[^,“”]+)"
_NO_CLAUSE = r"(?:who|whom|which|that|where|although|while|if|as)\b"
_SPEAKER = rf"(?P<speaker>(?!{_NO_CLAUSE}|and\b|but\b)(?:(?! {_NO_CLAUSE})[^,;:“”\"]){{1,70}}?)"
_SAYS = any_of(REPORTS)
_ADVERB = r"(?:also|later|then|now|has|have|had|once|again|still|repeatedly|even|\w+ly)"
_SUBORDINATE = r"(?:Though|Although|Since|Because|When|While|After|Before|As|If|Once|Whereas)\b"
_START = (
    rf"(?:^|^(?:{_SUBORDINATE}|(?:In|On|At|During|Asked)\b)[^,“”]*, |[,;] (?:and|but|while|as) |; |"
    r"^(?:But|And|So|Yet) )"
)
_CLAUSE_START = (
    r"(?:the|an?|it|he|she|they|we|I|there|this|these|those|his|her|its|their|our|no|all|some|many|most|[A-Z\d])"
)
_BARE = rf"(?!(?:\S+ ){{0,4}}(?:\S+,|{_NO_CLAUSE}))"
"""Before a clause without “that”, which a mere object is not: “believed the witness who …”."""
_FUTURE = r"\b(?:will|would|could|might|may)\b"
_QUOTE = re.compile(r"“(?P<typographic>[^“”]+)”|\"(?P<straight>[^\"]+)\"")
_NO_JOINT = r"(?:(?!\band |\bbut )[^,;“”])"
_PRONOUN = re.compile(rf"{any_of(SUBJECT_PRONOUNS)}\b")
"""What opens a clause about somebody whom the words before it name."""
_OF_SUBJECT = ("wish", "denial", "order")
"""Kinds of clause whose pronoun stands for the subject of the sentence."""
_MIN_QUOTED_WORDS = 4
_MAX_CHARS = 1000
"""Longer sentences are not looked into: they are lists or badly split, and matching takes its time."""
_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))  # type: ignore[misc]
    for kind, pattern in (
        ("report", rf"{_START}{_SPEAKER} (?:{_ADVERB} )*{_SAYS}\b[^,;:“”]{{0,40}}? that {_REST}"),
        ("report", rf"{_START}{_SPEAKER} (?:{_ADVERB} )*{_SAYS} {_BARE}(?P<clause>{_CLAUSE_START}[^“”]+?)[.!]?$"),
        ("report", rf"{_START}{_SPEAKER} (?:{_ADVERB} )*{_SAYS}: {_REST}"),
        (
            "report",
            rf"^(?!{_SUBORDINATE})(?P<clause>[^“”]+?), (?:{_SAYS} {_SPEAKER}|"
            rf"{_SPEAKER.replace('speaker', 'other')}(?<! is| be)(?<! are| was)(?<! were| been) "
            rf"(?:told (?:(?:the|an?|his|her|its) )?\w+|{_SAYS}))"
            rf"(?:,? (?:on|in|at|to|during|after|late|early|yesterday|today)\b[^“”]*)?[.!]?$",
        ),
        ("report", rf"(?i:^|[,;] |\b(?:but|and) )(?i:according to) {_SPEAKER}, {_REST}"),
        ("report", r"^(?P<clause>[^“”]+?), according to (?P<speaker>[^“”]+?)[.!]?$"),
        ("report", rf"(?:^|(?<!,) )(?i:{any_of(HEARSAY)})\b(?:,| that)? {_REST}"),
        ("report", rf"^(?P<clause>[^“”,]+ (?:is|are|was|were) {any_of(HELD)} to [^“”]+?)[.!]?$"),
        ("report", rf"^(?P<clause>[^“”,]+ (?:is|are|was|were|has|have|had) {any_of(HEARSAY)} [^“”]+?)[.!]?$"),
        (
            "order",
            rf"^(?:[\w ]{{1,20}}[:.)] |In [\w ]{{1,20}}, |\W*)"
            rf"(?:(?i:please|always|never|now|then|just|first|next|finally|do not|don['’]t|"
            rf"and|so|let us|let['’]s|you must|you should|make sure to|be sure to|remember to),? )*"
            rf"(?i:{any_of(ORDERS_TO_SAY)})\b[^.:;“”]{{0,40}}?(?: that |: ?| (?={_CLAUSE_START} )){_REST}",
        ),
        (
            "order",
            rf"\b(?:must|should|shall|(?:has|have|had|ought|is|are|was|were|told|asked|ordered|instructed|urged)"
            rf"(?: [^,;:“”]{{1,40}}?)? to) (?:\w+ly )?{any_of(ORDERS_TO_SAY)}\b[^.:;“”]{{0,30}}?(?: that |: ?){_REST}",
        ),
        ("order", rf"^Let [^.:;“”]{{1,30}} {any_of(ORDERS_TO_SAY)} that {_REST}"),
        ("wish", rf"\b{any_of(WISHES)}\b(?: that| for) {_REST}"),
        ("wish", rf"(?<![Tt]he )(?<!a )\b{any_of(WISHES)} (?P<clause>{_CLAUSE_START} [^,“”]+)"),
        ("question", r"^(?P<clause>.+)\?[”\"]?$"),
        ("question", rf"\bwhether (?:or not )?{_TO_COMMA}"),
        ("question", rf"\b(?:ask|asks|asked|wonder|wonders|wondered|know|knows|knew) if {_REST}"),
        (
            "condition",
            rf"\b(?<!as )(?<![Ee]ven )(?i:{any_of(CONDITIONS)})(?! (?:not|any|only|ever|so|you|necessary|possible)\b)"
            rf"(?: that)? {_TO_COMMA}",
        ),
        ("condition", rf"^(?:Should|Had|Were) {_TO_COMMA},"),
        ("condition", rf"^(?:(?i:{any_of(CONDITIONS)})|Should|Had|Were) [^,“”]+, (?P<clause>[^“”]*{_FUTURE}[^“”]*)$"),
        (
            "condition",
            rf"(?:^|[,;] |\b(?:and|but) )(?P<clause>{_NO_JOINT}*{_FUTURE}{_NO_JOINT}*?)"
            rf",? {any_of(CONDITIONS)}(?! (?:not|any|only|ever|so|you|necessary|possible)\b) ",
        ),
        ("possibility", rf"\b(?i:{any_of(SUPPOSITIONS)})(?: that)? {_REST}"),
        ("possibility", rf"(?:^|[,;] (?:and |but )?)(?i:{any_of(POSSIBILITIES)}),? {_TO_COMMA}"),
        (
            "possibility",
            rf"\b(?:it|It) (?:is|was|seems|remains) (?:\w+ly )?(?:possible|likely|conceivable|thinkable) that {_REST}",
        ),
        ("possibility", rf"\b(?:it|It) (?:may|might|could) (?:well )?be that {_REST}"),
        ("possibility", rf"\b(?i:{any_of(UNREAL_NOUNS)})s? (?:(?:has|had) it |holds? )?that {_REST}"),
        ("denial", rf"(?<!\ba )(?<!\bno )\b(?i:{any_of(DENIALS)})(?: that)? {_REST}"),
    )
)
"""What opens a clause that is not asserted; the clause, and who speaks."""
_UNREAL_VERB: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("wish", re.compile(rf"\b{any_of(WISHES)} (?:not )?to (?P<verb>[a-z]{{3,}})")),
    ("wish", re.compile(r"\b(?:should|ought to) (?:\w+ly )?(?P<verb>[a-z]{3,})")),
    ("possibility", re.compile(r"\b(?:would|could|might|should) have (?:\w+ly )?(?P<verb>[a-z]{3,})")),
    ("wish", re.compile(rf"\b{any_of(UNREAL_ATTEMPTS)} to (?P<verb>[a-z]{{3,}})")),
    (
        "possibility",
        re.compile(r"(?<![Ii]n )(?<!\d )\b(?:may|might)(?: \w+ly| well| also| not| soon)? (?P<verb>[a-z]{3,})"),
    ),
)
"""What makes a verb one of something that has not been done, or not surely."""
_CONDITIONAL = re.compile(rf"\b(?i:{any_of([*CONDITIONS, 'when', 'would', 'could', 'might', 'depends'])}|may)\b")
_UNSURE = re.compile(
    rf"\b(?i:{any_of([*CONDITIONS, *WISHES, *UNREAL_ATTEMPTS, *POSSIBILITIES, *SUPPOSITIONS, *DENIALS])}|"
    rf"{any_of(UNREAL_NOUNS)}s?|whether|ask(?:s|ed|ing)?|order(?:s|ed)?|instruct(?:s|ed|ions?)|(?:un)?likely|(?:im)?possible|"
    r"plan|wish|call(?:s|ed)? for)\b|\b(?:may|might|must|could|would|should)\b|n['’]t\b"
)
"""Words by which a claim itself says that it asserts nothing."""
_MODAL = re.compile(rf"\b{any_of(MODALS)}\b", re.I)
_REPORT_MARKS = re.compile(rf"\b(?i:{any_of([*REPORTS, *HEARSAY])}|according to|in the words of|called|quoted)\b|[“\"]")


@dataclass(frozen=True, slots=True)
class Unasserted:
    """A clause that its sentence does not assert, and who speaks where that is said."""

    kind: Kind
    clause: str
    speaker: str = ""
    verb: str = ""
    """The one verb that is not asserted, where the rest of the clause may be; empty for all of it."""


@lru_cache(1024)
def find_unasserted(sentence: str) -> tuple[Unasserted, ...]:
    """Find the clauses that a sentence puts into an order, a wish, a condition, a doubt or somebody's mouth."""
    if len(sentence) > _MAX_CHARS:
        return ()
    return (*_find_clauses(sentence), *_find_quotations(sentence), *_find_verbs(sentence))


def find_dropped(claim: Claim, evidence: Evidence) -> Unasserted | None:
    """Find the clause that a claim rests on though its evidence does not assert it; none where the claim says so too.

    What only somebody said comes last, since nearly any other reason weighs more.
    """
    dropped = [
        one
        for sentence in evidence.sentences
        for one in find_unasserted(sentence.text)
        if not _is_carried_over(one, claim) and _rests_on(claim, one, evidence)
    ]
    return min(dropped, key=lambda one: one.kind == "report", default=None)


def _find_clauses(sentence: str) -> Iterator[Unasserted]:
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(sentence):
            groups = match.groupdict()
            clause = sentence if kind in _OF_SUBJECT and _PRONOUN.match(match["clause"]) else match["clause"]
            yield Unasserted(kind, clause, groups.get("speaker") or groups.get("other") or "")


def _find_quotations(sentence: str) -> Iterator[Unasserted]:
    """Find what is quoted, where it is long enough to say something; a quoted question asks."""
    for match in _QUOTE.finditer(sentence):
        quoted = match["typographic"] or match["straight"]
        if len(quoted.split()) >= _MIN_QUOTED_WORDS:
            outside = f"{sentence[: match.start()]} {sentence[match.end() :]}"
            yield Unasserted("question" if quoted.endswith("?") else "report", quoted, outside)


def _find_verbs(sentence: str) -> Iterator[Unasserted]:
    for kind, pattern in _UNREAL_VERB:
        yield from (Unasserted(kind, sentence, verb=match["verb"]) for match in pattern.finditer(sentence))


def _is_carried_over(one: Unasserted, claim: Claim) -> bool:
    """Whether a claim says itself that it is no assertion, or names who speaks."""
    if one.kind == "report":
        return bool(_REPORT_MARKS.search(claim.text) or content_words(one.speaker) & claim.content)
    if one.kind == "question" and "?" in claim.text:
        return True
    if one.kind == "condition":
        return bool(_CONDITIONAL.search(claim.text))
    # “Will” says more than “may”, and no more than “plans to”.
    is_modal = one.kind != "possibility" and _MODAL.search(claim.text)
    return bool(is_modal or _UNSURE.search(claim.text))


def _rests_on(claim: Claim, one: Unasserted, evidence: Evidence) -> bool:
    """Whether a claim has its words from a clause, and not from what else the evidence says."""
    if not claim.content or _share(claim, one.clause) < _MIN_COVERED:
        return False
    verb = content_words(one.verb)
    if one.verb and not verb <= claim.content:
        return False
    others = " ".join(evidence.text.replace(one.verb or one.clause, " ", 1).split())
    return not (verb <= content_words(others)) if one.verb else _share(claim, others) < _MIN_COVERED


def _share(claim: Claim, text: str) -> float:
    """Return the share of a claim's content words that a text has."""
    return len(claim.content & parse_claim(text).content) / len(claim.content)
