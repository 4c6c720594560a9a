"""The English words that open a clause which is not asserted: orders, wishes, conditions, doubts, reports (pure).

Verbs stand here by their base, and are inflected where they are used in every form.
"""

from collections.abc import Iterable

from rag.text.english import REPORTS
from rag.text.inflection import find_forms


def inflect(verbs: str) -> tuple[str, ...]:
    """Return every form of verbs that stand in a line, one space or, where a verb has several words, a comma apart."""
    return tuple(form for verb in _split(verbs) for form in find_forms(verb))


def _split(words: str) -> Iterable[str]:
    return (word.strip() for word in (words.split(",") if "," in words else words.split()))


REPORTS_OF_CLAUSES = (
    *REPORTS,
    *inflect(
        "announce explain report declare suspect guess assume estimate reckon feel contend speculate swear boast joke "
        "imply conclude agree concur assure caution lament stress emphasise emphasize post counter object protest "
        "respond answer proclaim profess theorise opine shout whisper yell"
    ),
)
"""Verbs before “that” by which somebody says or thinks what follows; none that takes it for true, as “show” does."""
CONVICTIONS = ("convinced", "certain", "sure", "adamant", "confident", "persuaded", "of the opinion", "of the view")
"""What somebody is who thinks something, before “that”."""
VIEWS = "view opinion words eyes judgement judgment mind estimation account telling version".split()
"""Nouns of what somebody thinks or tells: “in her view”."""
HEARSAY = ("allegedly", "reportedly", "supposedly", "purportedly", "apparently", "rumour has it", "rumor has it")
"""Words by which a sentence says that others say it."""
HELD = "said believed thought reported alleged claimed understood rumoured rumored assumed supposed feared".split()
"""What a thing is by hearsay, before an infinitive or behind “it is”."""

ORDERS_TO_SAY = (
    "write say answer reply repeat respond claim pretend announce declare report state tell read show mention type "
    "output print add insert include conclude finish end begin start confirm inform instruct assert put quote return "
    "believe reassure advise"
).split()
"""Verbs in the imperative that order somebody to say or to believe what follows."""
ORDERS_TO_ACT = ("make sure", "make certain", "be sure", "be certain", "see to it", "take care", "ensure")
"""Words in the imperative that order somebody to bring about what follows."""
DIRECTIVES = inflect(
    "ask, order, tell, urge, instruct, command, require, request, direct, oblige, invite, implore, beg, call on, "
    "call upon, call for, advise, encourage, demand, recommend, appeal"
)
"""Verbs by which somebody is told to do something."""
MANDATES = inflect("require order command request stipulate recommend urge ask")
"""Verbs before “that” and what is to be done."""
DUTIES = ("must", "shall", "should", "ought to", "has to", "have to", "needs to", "need to", "is to", "are to")
"""Words before the base of a verb that is somebody's duty, and so not done."""

WISHES = (
    "hope hopes hoped hoping wish wishes wished wishing want wants wanted wanting plan plans planned planning intend "
    "intends intended aim aims aimed dream dreams dreamt dreamed pray prays prayed demand demands demanded propose "
    "proposes proposed expect expects fear fears feared"
).split()
"""Verbs of what is wished, planned or feared, before a clause or an infinitive."""
DESIRES = (
    *("would like", "would love", "would prefer", "keen", "eager", "anxious", "willing", "ready", "hopeful"),
    *("scheduled", "determined", "supposed", "impatient", "reluctant", "hesitant"),
    *inflect("long yearn seek campaign lobby press push prepare petition"),
)
"""Words before the infinitive of what is wished or planned, beside the verbs of wishes."""
ATTEMPTS = inflect("try threaten promise refuse fail decline offer attempt vow pledge swear hesitate struggle")
"""Verbs before the infinitive of what has not been done, or not surely."""
PLANS = (
    "plan proposal bid attempt effort wish desire intention hope pledge promise offer request call demand aim ambition "
    "idea goal dream motion invitation permission appeal"
).split()
"""Nouns before the infinitive of what has not been done, or not surely."""
CONSIDERATIONS = (
    *inflect(
        "consider propose suggest recommend discuss advocate contemplate debate envisage favour favor oppose mull"
    ),
    *(
        "thinking of",
        "thinking about",
        "thought of",
        "thought about",
        "talk of",
        "talked of",
        "plans for",
        "in favour of",
    ),
)
"""Words before a verb in “-ing” of what has not been done."""
ACCUSATIONS = inflect("accuse suspect")
"""Verbs before “of” and what somebody is thought to have done."""

CONDITIONS = (
    *("if", "unless", "provided", "providing", "assuming", "supposing", "in case", "on condition", "as long as"),
    *("so long as", "in the event", "whenever"),
)
"""Words that open a condition."""
SUPPOSITIONS = ("suppose", "supposing", "imagine", "pretend", "let us assume", "what if")
"""Words that open what is only supposed."""
POSSIBILITIES = ("perhaps", "maybe", "possibly")
UNREAL_NOUNS = (
    "rumour rumor claim myth idea theory allegation belief possibility chance risk danger hope fear suspicion "
    "impression assumption prospect accusation"
).split()
"""Nouns of what need not be so, before “that”."""
PERCEPTIONS = "see hear feel smell taste tell find remember read seen heard felt found".split()
"""Verbs that, behind “could”, say what was done."""
DENIALS = (
    *inflect("deny doubt dispute disprove"),
    *("it is not true", "it is untrue", "it is wrong", "it is false", "it is a myth", "it was not true"),
    *("it was a myth", "no evidence", "no proof", "no sign", "no indication", "far from clear", "unlikely"),
)
"""Words before a clause that is said not to be so, or not to be known."""
SYMMETRIC_VERBS = frozenset(
    inflect("meet marry divorce fight face play join match resemble equal border neighbour cross touch kiss hug")
)
"""Verbs of what two do to each other, so that either may be named first."""
