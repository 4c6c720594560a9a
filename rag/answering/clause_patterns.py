"""The patterns of English clauses that their sentence does not assert: what opens them, and who speaks.

By grammar alone, and only where that is sure: the words that open such a clause are of closed classes, or few.
"""

import re
from typing import Literal

from rag.text.clause_words import (
    ACCUSATIONS,
    ATTEMPTS,
    CONDITIONS,
    CONSIDERATIONS,
    CONVICTIONS,
    DENIALS,
    DESIRES,
    DIRECTIVES,
    DUTIES,
    HEARSAY,
    HELD,
    MANDATES,
    ORDERS_TO_ACT,
    ORDERS_TO_SAY,
    PERCEPTIONS,
    PLANS,
    POSSIBILITIES,
    REPORTS_OF_CLAUSES,
    SUPPOSITIONS,
    UNREAL_NOUNS,
    VIEWS,
    WISHES,
)
from rag.text.english import REPORTS, any_of

Kind = Literal["order", "wish", "condition", "question", "possibility", "denial", "report"]

_REST = r"(?P<clause>[^“”]+?)[.!]?$"
_TO_COMMA = r"(?P<clause>[^,“”]+)"
_NO_CLAUSE = r"(?:who|whom|which|that|where|although|while|if|as)\b"
_NAME = rf"(?!{_NO_CLAUSE}|and\b|but\b)(?:(?! {_NO_CLAUSE})[^,;:“”\"]){{1,70}}?"
_SPEAKER = rf"(?P<speaker>{_NAME})"
_EXPLAINED = rf"(?P<speaker>{_NAME}(?:, [^,;:“”\"]{{2,80}},)?)"
"""Who speaks, with what explains it between commas."""
_FINITE = r"(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should)\b"
_SPEAKER_BEHIND = rf"(?P<speaker>(?!that\b)(?:(?! {_FINITE}| {_NO_CLAUSE})[^,;:“”\"]){{1,70}}?)"
_SAYS = any_of(REPORTS)
_SAYS_THAT = any_of(REPORTS_OF_CLAUSES)
_ADVERB = r"(?:also|later|then|now|has|have|had|once|again|still|repeatedly|even|long|often|always|first|\w+ly)"
_SUBORDINATE = r"(?:Though|Although|Since|Because|When|While|After|Before|As|If|Once|Whereas)\b"
_START = (
    rf"(?:^|^(?:{_SUBORDINATE}|(?:In|On|At|During|Asked|Last|This|For|With|By|[A-Z]\w+ing)\b)[^,“”]*, |"
    r"[,;] (?:and|but|while|as) |; |^(?:But|And|So|Yet) )"
)
_CLAUSE_START = (
    r"(?:the|an?|it|he|she|they|we|I|there|this|these|those|his|her|its|their|our|no|all|some|many|most|[A-Z\d])"
)
_BARE = rf"(?!(?:\S+ ){{0,4}}(?:\S+,|{_NO_CLAUSE}))"
"""Before a clause without “that”, which a mere object is not: “believed the witness who …”."""
_FUTURE = r"\b(?:will|would|could|might|may)\b"
_NO_JOINT = r"(?:(?!\band |\bbut )[^,;“”])"
_TO_SAY = (
    rf"(?:{any_of(DUTIES)}|(?:had|was|were) to|{any_of(DIRECTIVES)}(?: [^,;:“”]{{1,40}}?)? to|let [^.:;“”]{{1,30}}?)"
    rf" (?:\w+ly |then |only )?{any_of(ORDERS_TO_SAY)}\b"
)
_OPENERS = (
    r"(?:^|^[\w ]{1,20}[:.)] |^In [\w ]{1,20}, |^When (?:you are )?asked[^,]{0,30}, |^\W+)"
    r"(?:(?i:please|kindly|always|never|now|then|just|only|simply|first|next|finally|do not|don['’]t|and|so|let us|"
    r"let['’]s|you must|you should|make sure to|be sure to|remember to|ignore [^,;“”]{1,40}? and|"
    r"forget [^,;“”]{1,40}? and),? )*"
)
_ADDRESSED = (
    r"(?: (?:(?:to|in|with|at|on|it|them|him|her|us|me|every\w*|anyone|people|readers|visitors|users|the|an?|this|"
    r"these|your|each|all|any)\b)[^.:;“”]{0,40}?)?"
)
ORDERED_QUOTATION = re.compile(
    rf"(?:{_OPENERS}(?i:{any_of(ORDERS_TO_SAY)})\b|\b(?i:{_TO_SAY}))[^.;“”]{{0,40}}$",
)
"""Stands before what somebody is told to say in words that are quoted."""
PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))  # type: ignore[misc]
    for kind, pattern in (
        ("report", rf"{_START}{_EXPLAINED} (?:{_ADVERB} )*{_SAYS_THAT}\b[^,;:“”]{{0,40}}? that {_REST}"),
        ("report", rf"{_START}{_EXPLAINED} (?:{_ADVERB} )*{_SAYS} {_BARE}(?P<clause>{_CLAUSE_START}[^“”]+?)[.!]?$"),
        ("report", rf"{_START}{_EXPLAINED} (?:{_ADVERB} )*{_SAYS}: {_REST}"),
        (
            "report",
            rf"{_START}{_EXPLAINED} (?:is|are|was|were|feels|seems|remains|remained) (?:\w+ly )?"
            rf"{any_of(CONVICTIONS)} that {_REST}",
        ),
        (
            "report",
            rf"^(?!{_SUBORDINATE})(?P<clause>[^“”]+?), (?:{_SAYS} {_SPEAKER_BEHIND}|"
            rf"{_SPEAKER.replace('speaker', 'other')}(?<! is| be)(?<! are| was)(?<! were| been) "
            rf"(?:told (?:(?:the|an?|his|her|its) )?\w+|{_SAYS}))"
            rf"(?:,? (?:on|in|at|to|during|after|late|early|yesterday|today)\b[^“”]*)?[.!]?$",
        ),
        (
            "report",
            rf"^(?!{_SUBORDINATE})(?P<clause>[^,“”]+), (?:{_SPEAKER} (?:{_ADVERB} )*{_SAYS}|"
            rf"{_SAYS} {_SPEAKER_BEHIND.replace('speaker', 'other')})(?: [^,“”]{{0,30}})?, (?P<rest>[^“”]+?)[.!]?$",
        ),
        ("report", rf"(?i:^|[,;] |\b(?:but|and) )(?i:according to) {_SPEAKER}, {_REST}"),
        ("report", r"^(?P<clause>[^“”]+?), according to (?P<speaker>[^“”]+?)[.!]?$"),
        (
            "report",
            rf"\b(?i:in|to) (?P<speaker>[^,;“”]{{2,60}}?(?:s['’]|['’]s)|his|her|their|my|our) (?:\w+ )?"
            rf"{any_of(VIEWS)}, {_REST}",
        ),
        ("report", rf"^As {_SPEAKER} (?:puts? it|sees? it|saw it|says|said|tells it|told it), {_REST}"),
        ("report", r"^(?P<clause>[^“”]+?), if (?P<speaker>[^,“”]+?) (?:is|are|was|were) (?:to be believed|right)\b"),
        ("report", rf"(?:^|(?<!,) )(?i:{any_of(HEARSAY)})\b(?:,| that)? {_REST}"),
        ("report", rf"\b[Ii]t (?:is|was|has been|had been) (?:\w+ly )?{any_of(HELD)} that {_REST}"),
        ("report", rf"^(?P<clause>[^“”,]+ (?:is|are|was|were) (?:\w+ly )?{any_of(HELD)} to [^“”]+?)[.!]?$"),
        ("report", rf"^(?P<clause>[^“”,]+ (?:is|are|was|were|has|have|had) {any_of(HEARSAY)} [^“”]+?)[.!]?$"),
        (
            "order",
            rf"{_OPENERS}(?i:{any_of(ORDERS_TO_SAY)})\b{_ADDRESSED}(?: that |: ?| (?={_CLAUSE_START} )){_REST}",
        ),
        ("order", rf"{_OPENERS}(?i:{any_of(ORDERS_TO_ACT)})(?: that)? {_REST}"),
        ("order", rf"\b(?i:{_TO_SAY})[^.:;“”]{{0,30}}?(?: that |: ?| (?={_CLAUSE_START} )){_REST}"),
        ("order", rf"\b{any_of(DUTIES)} be(?: that |: ?){_REST}"),
        ("order", rf"\b{any_of(MANDATES)} that {_REST}"),
        ("wish", rf"\b{any_of(WISHES)}\b(?: that| for) {_REST}"),
        ("wish", rf"(?<![Tt]he )(?<!a )\b{any_of(WISHES)} (?P<clause>{_CLAUSE_START} [^,“”]+)"),
        ("wish", rf"\b(?i:if only) {_REST}"),
        ("wish", r"^May (?P<clause>[^?“”]+)!$"),
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
            rf",? (?:{any_of(CONDITIONS)}(?! (?:not|any|only|ever|so|you|necessary|possible)\b)|"
            rf"(?:should|were|had) {_CLAUSE_START}) ",
        ),
        ("condition", rf"^(?:Only )?(?i:{any_of(CONDITIONS)}) [^,“”]+? (?P<clause>(?:will|would) [^“”]+)$"),
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
"""What opens a clause that is not asserted; the clause, in one piece or two, and who speaks."""
_TO_VERB = r"to (?:not )?(?:\w+ly )?(?:be |have been |have )?(?P<verb>(?![a-z]*[^s]s\b)[a-z]{3,})"
_OBJECT = r"(?: (?:(?!and\b|or\b|but\b|who\b|which\b|that\b|when\b)[^\s,;:.“”]+ ?){1,6}?)?"
"""What may stand between such a verb and the infinitive: who is to do it."""
UNREAL_VERBS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("wish", re.compile(r"\b(?:should|ought to) (?:\w+ly )?(?:not )?(?!have\b)(?:be )?(?P<verb>[a-z]{3,})")),
    ("wish", re.compile(rf"\b{any_of([*WISHES, *ATTEMPTS])}{_OBJECT} {_TO_VERB}")),
    ("wish", re.compile(rf"\b{any_of(DESIRES)}(?: for)?{_OBJECT} {_TO_VERB}")),
    ("wish", re.compile(rf"\b(?i:{any_of(PLANS)})s?(?: (?:is|are|was|were))?(?: for{_OBJECT})? {_TO_VERB}")),
    ("wish", re.compile(rf"\b{any_of(CONSIDERATIONS)} (?:the |a )?(?P<verb>[a-z]{{2,}}ing)\b")),
    ("order", re.compile(rf"\b{any_of(DIRECTIVES)}{_OBJECT} {_TO_VERB}")),
    ("order", re.compile(rf"\b{any_of(DUTIES)} (?:\w+ly )?(?:not )?(?!have\b)(?:be )?(?P<verb>[a-z]{{3,}})")),
    ("possibility", re.compile(r"\b(?:would|could|might|should|must) have (?:been )?(?:\w+ly )?(?P<verb>[a-z]{3,})")),
    (
        "possibility",
        re.compile(
            r"(?<![Ii]n )(?<!\d )\b(?:may|might)(?: \w+ly| well| also| not| soon)?(?: be)? (?P<verb>(?!be\b)[a-z]{3,})"
        ),
    ),
    ("possibility", re.compile(rf"\bcould (?:\w+ly |soon )?(?:be )?(?P<verb>(?!{any_of(PERCEPTIONS)}\b)[a-z]{{3,}})")),
    ("possibility", re.compile(rf"\b{any_of(ACCUSATIONS)}{_OBJECT} of (?:\w+ly )?(?P<verb>[a-z]{{2,}}ing)\b")),
)
"""What makes a verb one of something that has not been done, or not surely."""
CONDITIONAL = re.compile(rf"\b(?i:{any_of([*CONDITIONS, 'when', 'would', 'could', 'might', 'depends'])}|may)\b")
"""Words by which a claim says that it holds under a condition."""
UNSURE = re.compile(
    rf"\b(?i:{any_of([*CONDITIONS, *WISHES, *ATTEMPTS, *DESIRES, *CONSIDERATIONS, *POSSIBILITIES])}|"
    rf"{any_of([*SUPPOSITIONS, *DENIALS, *DIRECTIVES, *ACCUSATIONS, *ORDERS_TO_ACT])}|"
    rf"{any_of({*UNREAL_NOUNS, *PLANS})}s?|whether|instruct(?:s|ed|ions?)|(?:un)?likely|(?:im)?possible|"
    rf"supposed|alleged)\b|\b(?:may|might|could|would|{any_of(DUTIES)}|(?:had|was|were) to)\b|n['’]t\b"
)
"""Words by which a claim itself says that it asserts nothing."""
REPORT_MARKS = re.compile(
    rf"\b(?i:{any_of([*REPORTS_OF_CLAUSES, *HEARSAY, *CONVICTIONS, *HELD, *ACCUSATIONS])}|according to|"
    rf"in [^,]{{2,60}} {any_of(VIEWS)}|called|quoted)\b|[“\"«„]"
)
"""Words by which a claim says that somebody says it."""
