"""The English word lists by which questions, claims and sentences are read.

Patterns of more than such words stand in the modules that use them: time expressions, reasons, abstentions, prompt
injections. Another language needs its own of each.
"""

import re
from collections.abc import Iterable


def any_of(words: Iterable[str]) -> str:
    """Return a regular expression that matches any of the words, the longest one that fits."""
    return f"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})"


# Pronouns: words that mean somebody or something said before.

SUBJECT_PRONOUNS = ("he", "she", "it", "they")
OBJECT_PRONOUNS = ("him", "her", "them")
POSSESSIVE_PRONOUNS = ("his", "her", "its", "their")
DEMONSTRATIVE_PRONOUNS = ("this", "that", "these", "those")
CONVERSATION_PRONOUNS = ("i", "you", "we", "our", "your")
"""Those of people who speak, which mean nothing to one who reads the sentence alone."""

# Questions: how they begin.

QUESTION_WORDS = ("what", "how", "why", "when", "where", "who", "whom", "whose", "which")
QUESTION_VERBS = ("did", "does", "do", "is", "are", "was", "were", "has", "have", "had")
"""Verbs that open a question or follow its question word."""
MODALS = ("can", "could", "will", "would", "should")
AMBIGUOUS_MODALS = ("may", "might", "must")
"""Modals that also name a month or a thing, so that only the first word of a question is looked up among them."""
MEASURES = "many much old long far often big large high tall fast deep wide heavy".split()
"""Words after “how” that ask for a figure."""

PREPOSITIONS = (
    "at in on for by to from with of since until under about after through into over during near between before "
    "behind without within along across against around".split()
)
PARTICLES = ("up", "off", "out", "down", "in", "on", "away", "back", "over")
"""Words that belong to the verb before them."""
DETERMINERS = (
    "the a an this that these those my your his her its our their some any no every each both another all".split()
)
"""Words that begin the name or description of a thing."""
QUANTIFIED_SUBJECTS = ("there", "anyone", "anybody", "anything", "someone", "everyone", "people")
"""Words that are the subject of a question without a determiner."""

CONNECTIVES = (
    *("and", "but", "so", "then", "or", "what about", "how about"),
    *("I meant", "I mean", "no, I meant", "no, I mean", "no I meant", "sorry, I meant", "I was asking about"),
)
"""Words that open a question which goes on from the one before."""
ADDITIVE = re.compile(
    r"\b(?:also|too(?=[.,;])|as well(?! as)|another|others|further|in addition|besides|then|next"
    r"|follow(?:s|ed|ing)|finally)\b"
    r"|\b(?:second|third|fourth|fifth|sixth|last)\b(?= (?:place|was|is|came|with)|[,;.])",
    re.I,
)
"""Says that a sentence goes on with what those before it list."""
QUESTION_OPENING = re.compile(
    rf"^(and|but|so)?\s*(who(m|se)?|what|which|when|where|why|how( {any_of(MEASURES)})?)\b\s*"
    rf"({any_of(QUESTION_VERBS)}\b\s*)?",
    re.I,
)
"""The beginning of a question, before what it is about."""

# Questions: what they want.

OPEN_QUESTION = re.compile(
    rf"\b(why|how(?! {any_of(MEASURES)}\b)|"
    r"what (did|does|do|happened|happens|was said|caused|led)|for what reasons?|describe|explain)\b",
    re.I,
)
"""Wants a few sentences that explain."""
CHOICE_QUESTION = re.compile(
    rf"^(and |but |so )?{any_of([*QUESTION_VERBS, *MODALS, *AMBIGUOUS_MODALS])}\b|"
    r"\b(difference between|compared? (to|with)|versus|vs)\b",
    re.I,
)
"""Wants what speaks for and against: yes or no, one or the other."""

# Questions: which things and times they speak of.

COORDINATION = re.compile(r"\b(and|or|than|versus|vs|both|between)\b", re.I)
"""Stands between the names that a question puts beside each other."""
PRESENT_TIME = re.compile(
    r"\b(?:this|last|past|next) (?:week|month|year|\w+day|weekend)"
    r"|\b(?:recent(?:ly)?|today|yesterday|now|currently|latest|just)\b"
    r"|\bon (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b",
    re.I,
)
"""Means the time at which the question is asked."""
LATEST_STATE = re.compile(
    r"\b(?:now|nowadays|still|currently|current|today|latest|newest|most recent|final|finally|eventually|ultimately"
    r"|so far|to date|by now|in the end|at last|turned? out|end(?:s|ed)? up|actual|actually|any ?more|at present)\b",
    re.I,
)
"""Asks how a matter stands or ended, not how it began."""
EARLIER_STATE = re.compile(
    r"\b(?:first|original|originally|initial|initially|at first|earlier|earliest|previous|previously|before|formerly"
    r"|once|used to|plan(?:s|ned|ning)?|expect(?:s|ed|ing)?|forecast(?:s|ed)?|predict(?:s|ed)?|estimat(?:e|es|ed)"
    r"|intend(?:s|ed)?|propos(?:e|es|ed)|supposed|promis(?:e|es|ed)|will|old)\b",
    re.I,
)
"""Asks what was so, or was thought to come, at an earlier time."""

CAPACITY_WORDS = (
    *("can", "could", "able to", "capacity", "room for", "space for", "seats", "seating", "holds", "up to", "at most"),
    *("a maximum of", "licensed for", "built for", "designed for"),
)
"""Words beside a figure that says how much there could be, not how much there was."""
FORECAST_WORDS = (
    *("is to", "are to", "was to", "were to", "wants to", "want to", "wanted to", "due to", "next year", "planned"),
    *"will would shall expect expects expected plan plans forecast forecasts hope hopes hoped aim aims aimed".split(),
    *"budgeted projected predict predicts predicted intend intends intended".split(),
)
"""Words beside a figure that is to come, or was to."""

# Inflection: forms that no rule of spelling gives.

IRREGULAR_COMPARATIVES = {
    **dict.fromkeys(["better", "best"], "good"),
    **dict.fromkeys(["worse", "worst"], "bad"),
    **dict.fromkeys(["farther", "further", "farthest", "furthest"], "far"),
    **dict.fromkeys(["elder", "eldest"], "old"),
}
NO_COMPARATIVES = frozenset(
    "other rather never ever over under after either neither together however whether former latter inner outer upper "
    "proper clever per her water paper silver number order power river summer winter winner owner leader member "
    "forest interest test west guest harvest request protest contest arrest".split()
)
"""Words that end like a comparative or superlative."""
NEUTRAL_ADJECTIVES = {
    "young": "old",
    "new": "old",
    "small": "large",
    "little": "large",
    "low": "high",
    "light": "heavy",
    "slow": "fast",
    "narrow": "wide",
    "shallow": "deep",
    "thin": "thick",
    "weak": "strong",
    "near": "far",
    "close": "far",
}
"""Adjectives of one end of a scale, by those with which one asks for the place on it: “how old”, not “how young”."""
PRICE_ADJECTIVES = ("cheap", "expensive", "dear", "costly", "pricey")
"""Adjectives that say what a thing costs."""
IRREGULAR_PLURALS = {"people": "person", "children": "child", "men": "man", "women": "woman", "feet": "foot"}
_IRREGULAR_VERBS = """
agree agreed agreed; beat beat beaten; become became become; begin began begun; bend bent bent; bind bound bound;
bite bit bitten; blow blew blown; break broke broken; breed bred bred; bring brought brought; build built built;
burn burnt burnt; buy bought bought; catch caught caught; choose chose chosen; come came come;
compete competed competed; complete completed completed; cost cost cost; create created created; cut cut cut;
deal dealt dealt; delete deleted deleted; dig dug dug; do did done; draw drew drawn; drink drank drunk;
drive drove driven; eat ate eaten; excite excited excited; fall fell fallen; feed fed fed; feel felt felt;
fight fought fought; find found found; flee fled fled; fly flew flown; forbid forbade forbidden;
forget forgot forgotten; free freed freed; freeze froze frozen; get got got; give gave given; go went gone;
grow grew grown; guarantee guaranteed guaranteed; hang hung hung; have had had; hear heard heard; hide hid hidden;
hit hit hit; hold held held; hurt hurt hurt; invite invited invited; keep kept kept; know knew known; lay laid laid;
lead led led; leave left left; lend lent lent; let let let; light lit lit; lose lost lost; make made made;
mean meant meant; meet met met; overtake overtook overtaken; pay paid paid; put put put; quit quit quit;
read read read; rebuild rebuilt rebuilt; ride rode ridden; ring rang rung; rise rose risen; run ran run;
say said said; see saw seen; sell sold sold; send sent sent; set set set; shake shook shaken; shoot shot shot;
show showed shown; shrink shrank shrunk; shut shut shut; sing sang sung; sink sank sunk; sit sat sat;
sleep slept slept; slide slid slid; speak spoke spoken; spend spent spent; split split split; spread spread spread;
stand stood stood; steal stole stolen; stick stuck stuck; strike struck struck; sweep swept swept; swim swam swum;
swear swore sworn; take took taken; teach taught taught; tear tore torn; tell told told;
think thought thought; throw threw thrown;
undergo underwent undergone; understand understood understood; unite united united; wake woke woken; wear wore worn;
win won won; withdraw withdrew withdrawn; write wrote written
"""
"""Base, past and participle of each verb."""
_VERB_FORMS = [verb.split() for verb in _IRREGULAR_VERBS.replace("\n", " ").split(";")]
IRREGULAR_BASES = {base: past for base, past, _ in _VERB_FORMS}
"""Bases of irregular verbs, by their past."""
IRREGULAR_PASTS = {form: base for base, past, participle in _VERB_FORMS for form in (past, participle)}
"""Pasts and participles of irregular verbs, by their base."""

# Calendar and numbers.

MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
AMBIGUOUS_MONTHS = frozenset({"March", "May"})
"""Months that are ordinary words too."""
RELATIVE_DAYS = {
    **dict.fromkeys(["today", "tonight", "this morning", "this afternoon", "this evening"], 0),
    **dict.fromkeys(["yesterday", "overnight"], -1),
    "tomorrow": 1,
}
"""Words for a day, by how many days it lies from the day on which they are written."""
RELATIVE_YEARS = {"last": -1, "previous": -1, "next": 1, "following": 1}
"""What stands before “year”, by how many years that one lies from the year in which it is written."""
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
"""Seasons, by the month in which they begin."""
COUNTS = {
    word: count
    for count, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)
} | {"a": 1, "an": 1, "a few": 3, "several": 3}
"""Words that count the days, weeks, months or years of a time expression."""
PARTS_OF_YEAR = {"early": (0, 4), "mid": (4, 8), "late": (8, 12)}
"""Words before a year, by the months that they mean, counted from 0, the end left out."""
ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}
PLACES = {
    word: place
    for place, word in enumerate("first second third fourth fifth sixth seventh eighth ninth tenth".split(), 1)
}
"""Words for a place among others."""
PLACE_COLUMNS = frozenset("place rank position pos no standing finish placing ranking".split())
"""Names of columns that hold such a place."""
HIGHEST = tuple("most highest largest biggest greatest longest deepest tallest heaviest slowest".split())
LOWEST = tuple("fewest least lowest smallest shortest lightest fastest quickest cheapest".split())
"""Superlatives by whether the figure that they mean is the highest or the lowest: the fastest takes the least time."""
SCALES = {"thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9, "trillion": 1e12}
"""What is written behind a figure, by what it multiplies it with."""

# Claims.

APPROXIMATIONS = ("about", "around", "roughly", "some", "nearly", "almost", "approximately", "close to")
"""Words before a figure that is not meant exactly."""
LOWER_BOUNDS = ("over", "more than", "at least", "upwards of")
"""Words before a figure that may be exceeded."""
NEGATIONS = ("not", "never", "no", "none", "nobody", "nothing", "neither", "nor", "cannot", "without")
NEGATION = re.compile(rf"\b(?<!though )(?<!if ){any_of(NEGATIONS)}\b|n['’]t\b", re.I)
"""Negates what it stands in; “though not on its roads” but limits it."""
ABSENT_PRONOUN = re.compile(r"\b(?:nobody|no one|none|neither|not (?:a single|one)|any(?:one|body))\b", re.I)
"""Stands in a negative sentence for somebody or something that there is not."""
ABSENT_NOUN = re.compile(
    r"\b[Nn]o (?!(?:longer|more|less|fewer|doubt|need|matter|later|sooner|idea|way|means|wonder)\b)[a-z]{3,}"
)
"""Says of something that there is none."""
ACCOUNT_FIGURES = {
    "profit": re.compile(r"\b(?:profits?|earnings)\b", re.I),
    "loss": re.compile(r"\b(?:loss(?:es)?|deficit)\b", re.I),
    "revenue": re.compile(r"\b(?:revenues?|turnover|takings|sales)\b", re.I),
    "debt": re.compile(r"\bdebts?\b", re.I),
}
"""What accounts give figures of, each of which is none of the others."""
UNITS_OF_TIME = ("hour", "day", "week", "month", "year", "decade")
ANAPHORIC_PRONOUNS = (*SUBJECT_PRONOUNS, *DEMONSTRATIVE_PRONOUNS, "his", "her", "their")
"""Pronouns that open a sentence about somebody whom the sentence before names."""

# What somebody says.

REPORTS = (
    "say says said tell tells told claim claims claimed allege alleges alleged insist insists insisted argue argues "
    "argued believe believes believed think thinks thought write writes wrote state states stated maintain "
    "maintains maintained add adds added suggest suggests suggested assert asserts asserted testify testifies "
    "testified predict predicts predicted warn warns warned complain complains complained tweeted remarked commented "
    "replied"
).split()
"""Verbs by which somebody else says what follows; not those, as “show” or “confirm”, that take it for true."""
STANCE_VERBS = (
    "denies denied rejects rejected promises promised explains explained announced admits admitted blames blamed sees "
    "calls called describes described doubts doubted expects expected hopes hoped fears feared considers considered "
    "asks asked wants put puts estimates estimated contradicts contradicted"
).split()
"""Verbs by which one says what somebody else thinks or said, beside those of reports."""
OPINION_VERBS = "say think believe predict estimate expect suspect".split()
"""Verbs, behind an auxiliary, of a question that asks for somebody's word on anything: “When do they say it opens?”."""
SPEECH_VERBS = (
    *OPINION_VERBS,
    *(
        "argue claim warn tell suggest explain insist maintain complain comment remark reply answer announce mention "
        "promise deny describe respond react ask demand"
    ).split(),
)
"""All those of a question that asks what somebody said."""

# Words and names.

NAME_PARTICLES = ("of", "the", "de", "al", "bin", "van", "von")
"""Words in lower case that may stand within a name."""
NAMING_WORDS = ("named", "called", "christened", "known as")
"""Words that stand before the name of what was mentioned."""
KINDS_BEFORE_NAMES = frozenset(
    "Mount Mt Lake Cape Port Fort Loch Camp Hotel Hurricane Cyclone Typhoon Storm Operation Project Flight Line Route "
    "Bus Platform Pier Room Hall Ward District Mission".split()
)
"""Words that say of what kind the thing is whose name they begin."""
FUNCTION_WORDS = frozenset(
    "the a an this that these those it he she they we you i his her their its our your my and but or so if when while "
    "as at by for from in on of to with about after before during since until despite although though because there "
    "here what who which where why how not no yes many most some all both each every several other another more less "
    "few however also according meanwhile later then now today yesterday first second third last next under over "
    "between among".split()
)
TITLES = frozenset(
    "mr mrs ms dr president minister prime mayor governor gov senator sen representative rep congressman congresswoman "
    "king queen prince princess pope sir lord lady chancellor chief general gen colonel col captain capt sergeant sgt "
    "judge justice professor prof secretary director chairman chairwoman ceo officer detective lieutenant lt".split()
)
"""Words before a name that are no part of it."""
AUXILIARIES = frozenset(
    "is are was were be been being has have had do does did will would can could may might must should said says say "
    "than into out up down off just only very such own same too".split()
)
"""Words that, like function words and titles, carry nothing of what a sentence says."""
COUNTRY_ALIASES = {
    "us": ("america", "american", "americans", "united states"),
    "american": ("us", "usa", "united states"),
    "america": ("us", "usa", "united states"),
    "uk": ("britain", "british", "united kingdom"),
    "britain": ("uk", "united kingdom"),
    "british": ("uk", "united kingdom"),
    "united states": ("us", "usa", "america", "american", "americans"),
    "united kingdom": ("uk", "britain", "british"),
    "eu": ("european union", "europe"),
}
"""Names by which the same country goes, without full stops."""

# Sentences.

NAME_ABBREVIATIONS = "Dr Mr Mrs Ms St Gen Sen Rep Gov Lt Col Prof Capt Sgt Rev Hon Jr Sr".split()
"""Abbreviations beside a name, whose full stop ends no sentence."""
TITLE_ABBREVIATIONS = (
    "Dr Mr Mrs Ms Mx Messrs Prof Gen Lt Col Maj Capt Cmdr Sgt Spc Cpl Pvt Pfc Adm Brig Sen Sens Rep Reps Gov Govs Rev "
    "Hon Supt Det Insp Amb Pres Atty St".split()
)
"""Abbreviations before a name, whose full stop ends a sentence only where a word follows that opens one."""
DAY_ABBREVIATIONS = "Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr Aug Sep Sept Oct Nov Dec".split()
COUNTED_ABBREVIATIONS = (
    "Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec No Nos Vol Art Fig Sec p pp Approx approx Est est".split()
)
"""Abbreviations whose full stop ends no sentence where a figure follows."""
TIME_ZONES = "Eastern Central Mountain Pacific Greenwich".split()
SENTENCE_OPENERS = "The A An He She It They We You I In On At But And This That His Her Their There".split()
"""Words that open a sentence, so that behind a title's full stop a new one begins."""
VERBS_OF_SAYING = "said says asked asks replied added wrote writes tweeted told yelled joked".split()
"""Verbs of attribution: a sentence goes on with one behind a quoted question."""
REPORTING_VERBS = (
    "say says said saying report reports reported reporting write writes wrote written claim claims claimed tell tells "
    "told state states stated mention mentions mentioned estimate estimates estimated put puts give gives gave "
    "call calls "
    "called describe describes described quote quotes quoted publish published print prints printed cite cites cited "
    "think thinks believe believes"
).split()
"""Verbs of one whose word is asked for."""

# Citations.

CITATION_LABELS = frozenset(
    "id ids passage passages source sources ref refs reference references cite citation and".split()
)
"""Words that an LLM writes into a citation marker beside the id."""
