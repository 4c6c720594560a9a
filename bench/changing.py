"""Rules that change one thing in a sentence so that the passage it is taken from no longer supports it."""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

KINDS = ("number", "name", "name within", "date", "negation")

_UNITS = "two three four five six seven eight nine ten eleven twelve".split()
_TEENS = "thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS = "second third fourth fifth sixth seventh eighth ninth tenth".split()
NUMBERS = {word: value for value, word in enumerate(_UNITS + _TEENS, 2)}
_ALIKE = (_UNITS[:8], _UNITS[8:] + _TEENS, _TENS, _ORDINALS)
MONTHS = "January February March April May June July August September October November December".split()
_SHORT = "Jan. Feb. Aug. Sept. Oct. Nov. Dec.".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

_CAPITAL = r"[A-ZÀ-Þ][\w&]*(?:['’-][A-ZÀ-Þ]\w+)*"
_NAME = re.compile(rf"(?<![\w’'.-])(?:{_CAPITAL})(?: (?:[A-Z]\. )?{_CAPITAL})*(?![\w-])")
_TITLES = (
    "President Vice First Lady Prime Minister King Queen Prince Princess Pope Justice Judge Secretary Senator Attorney "
    "General Chief Officer Democrat Republican Mayor Governor Representative Sir Senate House Majority Minority Leader "
    "Speaker US U.S. Former Director CEO Professor Commissioner Captain Coach Press Chancellor Actress Actor The A An "
    "In On At But And As After Before When While For From With Since If That This Like Both Now Then Also Although "
    "Though Despite Under By To Meanwhile Here Where Even Only Because Until Former Detective Lieutenant Sheriff Deputy"
).split()
_MEN = (
    "Joe John David Mike Michael Paul Jim Robert Tom Donald Steve Kevin Chris James Andrew Scott Anthony Brian Eric "
    "Andy Richard Matt Jeff Tim Greg Brad Jason Peter Alex Ryan Stephen Steven Dan Daniel Thomas Volodymyr Jon Pete "
    "Roger Bob William Elon George Sergei Sergey Ivan Leo Vincent Tommy Victor Viktor Russell Luke Bryan Lionel Harry "
    "Alberto Luis Noah Juan Jorge Shane Elvis Leonard Walter Albert Fernando Raymond Henry Marcus Ronald Ted "
    "Mitch Josh Nick Ben Benjamin Bill Barack Boris Emmanuel Vladimir Rishi Antony Jerome Kyle Sam Samuel Charles Ron "
    "Larry Ken Kenneth Mark Gary Edward Frank Bernie Chuck Adam Aaron Patrick Rafael Roberto Carlos Jose Tony Tyler "
    "Justin Sean Dmitry Dmitri Oleksandr Oleksii Narendra Olaf Tiger Dustin Johnny Brett Ketanji Zach Jack Jake Nathan"
).split()
_WOMEN = (
    "Liz Nancy Karine Cheryl Beth Kirsten Christina Anna Kimberly Marie Elena Monica Heather Brittany Judith Tanya "
    "Jacinda Elaine Sandra Ellen Pamela Theresa Carla Debbie Paula Jenny Sara Sarah Kari Alicia Eva Kristen Joan "
    "Holly Melinda Suzanne Maggie Amber Carolyn Patricia Katherine Shannon Elise Jill Kamala Michelle Hillary "
    "Melania Ivanka Jennifer Jessica Emily Emma Amy Lisa Laura Julia Julie Mary Maria Susan Linda Barbara Karen Rachel "
    "Serena Venus Naomi Simone Britney Taylor Ghislaine Olena Ursula Angela Christine Elizabeth Kate Catherine Megan "
    "Meghan Rebecca Rochelle Stephanie Nicole Natalie Ashley Andrea Ann Anne Alice Diana Lindsey Kathy Gretchen Letitia"
).split()
_PLACES = {
    "country": "Ukraine|Russia|China|France|Germany|Italy|Spain|Poland|Japan|India|Brazil|Mexico|Canada|Australia|Iran"
    "|Israel|Turkey|Egypt|Nigeria|Kenya|Ethiopia|Afghanistan|Pakistan|Sweden|Finland|Norway|Denmark|Belgium|Austria|Greece"
    "|Portugal|Ireland|Hungary|Romania|Belarus|Taiwan|Indonesia|Thailand|Vietnam|Cuba|Haiti|Colombia|Argentina|Chile|Peru"
    "|Venezuela|Syria|Yemen|Saudi Arabia|South Korea|North Korea|South Africa|New Zealand|Sri Lanka|Qatar|Switzerland",
    "the": "United States|United Kingdom|Netherlands|Philippines|Czech Republic",
    "letters": "US|UK|EU",
    "state": "Texas|California|Florida|Ohio|Michigan|Pennsylvania|Wisconsin|Arizona|Nevada|Illinois|Alabama|Mississippi"
    "|Louisiana|Tennessee|Kentucky|Virginia|Maryland|Oregon|Colorado|Utah|Idaho|Montana|Minnesota|Iowa|Missouri|Kansas"
    "|Oklahoma|Arkansas|Indiana|Massachusetts|Connecticut|Maine|Vermont|Alaska|Hawaii|Nebraska|South Carolina"
    "|North Carolina|New Jersey|New Mexico|New Hampshire|West Virginia|South Dakota|North Dakota",
    "city": "Kyiv|Moscow|London|Berlin|Beijing|Tokyo|Rome|Madrid|Brussels|Vienna|Warsaw|Athens|Dublin|Chicago|Houston"
    "|Dallas|Boston|Atlanta|Miami|Seattle|Denver|Detroit|Philadelphia|Phoenix|Baltimore|Cleveland|Minneapolis|Buffalo"
    "|Uvalde|Austin|Nashville|Los Angeles|San Francisco|San Diego|Las Vegas|New Orleans|Shanghai|Mumbai|Sydney"
    "|Toronto|Mariupol|Kharkiv|Kherson|Lviv|Odesa|Istanbul|Dubai|Cairo|Kabul|Tehran|Baghdad|Jerusalem|Portland|Orlando",
    "company": "Apple|Google|Amazon|Microsoft|Facebook|Meta|Twitter|Netflix|Disney|Tesla|Walmart|Boeing|Pfizer|Moderna"
    "|Starbucks|Uber|Airbnb|Spotify|Nike|Adidas|Toyota|Samsung|Instagram|TikTok|YouTube|Hulu|Intel|Airbus|HBO|Peloton",
    "media": "CNN|Reuters|Fox News|NBC News|ABC News|CBS News|USA TODAY|The New York Times|The Washington Post",
    "agency": "FBI|CIA|NASA|CDC|FDA|EPA|IRS|TSA|FAA|FCC|FTC|FEMA",
    "league": "NFL|NBA|MLB|NHL|FIFA|UEFA|NCAA|PGA Tour|WNBA",
    "department": "Justice Department|State Department|Treasury Department|Labor Department|Pentagon",
    "party": "Democrats|Republicans",
    "party adjective": "Democratic|Republican",
}
_GROUPS = {name: group for group, names in _PLACES.items() for name in names.split("|")}
_SAME = ({"US", "U.S.", "United States", "America"}, {"UK", "United Kingdom", "Britain"}, {"EU", "European Union"})
_SAME = (*_SAME, {"Facebook", "Meta", "Instagram"}, {"Google", "YouTube"}, {"Disney", "Hulu"}, {"China", "Taiwan"})
_PEOPLE = dict.fromkeys(_MEN, "man") | dict.fromkeys(_WOMEN, "woman")

_BE = r"is|are|was|were"
_MODAL = r"will|would|could|can|should|must"
_AUX = re.compile(rf"(?<![\w’'-])(?P<aux>{_BE}|{_MODAL}|has|have|had) (?P<next>[\w$’'-]+)")
_PARTICIPLE = re.compile(
    r"\w+ed|been|become|made|taken|seen|said|done|gone|won|lost|given|known|shown|come|grown|begun|spent|sold|held|met"
    r"|found|told|left|led|built|broken|chosen|written|spoken|fallen|risen|drawn|driven|thrown|kept|put|set|cut|sent|paid"
)
_SKIP_NEXT = set(
    "also only just still even already once now ever never not no nothing none yet nearly hardly barely rarely neither "
    "both all why when how what where who whether because to among like up about more less at most almost one some "
    "few many several then so too as often always sometimes soon always around over there what's either".split()
)
_OPERATOR = re.compile(
    r"\b(?:if|whether|unless|until|when|whenever|while|although|though|as|than|what|how|why|before|after|where|so|many|"
    r"some|several|few|most|any|anyone|others|no|nothing|nobody|none|neither|nor|never|not|cannot|hardly|all|every|"
    r"everyone|each|both|half|more|only|least|part|might|may|maybe|perhaps|or|without|who|which|whose|over|"
    r"hundreds|thousands|dozens|millions|percent)\b|n[’']t\b|%",
    re.IGNORECASE,
)
_INDEFINITE = re.compile(
    rf"\W*(?:an?|another|one|nearly|almost|about|\d[\d,]*|{'|'.join(_UNITS + _TEENS + _TENS)}) ", re.IGNORECASE
)
_PASTS = dict(
    pair.split("/")
    for pair in "began/begin went/go took/take gave/give saw/see wrote/write spoke/speak fell/fall grew/grow "
    "knew/know rose/rise drew/draw chose/choose came/come became/become drove/drive flew/fly broke/break".split()
)
_PAST = re.compile(r"(?<=[\w’”]) (?P<past>" + "|".join(_PASTS) + r")(?= (?!and\b|or\b))")
_POLAR = (
    r"(?:any|anyone|anybody|anything|anywhere|either|yet|ever|until|nor|but|at all|anymore|much|even|necessarily|"
    r"in (?:almost|nearly|over|more|\d+))\b"
)
_UNDO = re.compile(
    rf"(?<![\w’'])(?:(?P<aux>{_BE}|{_MODAL}|has|have|had|do|does|did) (?:not|never)|(?P<stem>{_BE}|would|could|should|"
    rf"has|have|had|do|does|did|wo|ca)n[’']t|(?P<can>cannot)|(?P<longer>no longer)|(?P<one>(?:No one|Nobody)))"
    rf"(?= (?!only|just|because|really|to\b)[a-z])(?![^.]*\b{_POLAR})"
)
_MASS = "evidence doubt proof information access experience power interest word time".split()
_NO = re.compile(
    r"\b(?P<has>has|have|had|is|was|are|were) no (?P<noun>[a-z]+)(?= (?:that|of|to|in|for|about|on|from)\b)"
)
_READ = 1500
"""How much of an article is looked through for names, in characters."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a sentence stands: its passage, and the article around it."""

    passage: str
    article: str


@dataclass
class Names:
    """The names of all the articles, by what they name, and how often each of their words is written small."""

    seen: Counter[str] = field(default_factory=Counter)
    small: Counter[str] = field(default_factory=Counter)

    def add(self, text: str) -> None:
        text = text[:_READ]
        self.seen.update({name for _, name in _found(text)})
        self.small.update(set(re.findall(r"(?<![\w’'.-])[a-z]+\b", text)))

    @cached_property
    def pools(self) -> dict[str, list[str]]:
        """For each group the names that several articles have, in the order of the alphabet."""
        groups: dict[str, list[str]] = {}
        for name in sorted(name for name, count in self.seen.items() if count > 2):
            groups.setdefault(_group(name), []).append(name)
        return {group: names for group, names in groups.items() if group}


def change(kind: str, text: str, setting: Setting, names: Names, chance: random.Random) -> str:
    """Return the sentence with one thing of that kind changed, or an empty text where no rule fits."""
    rules: dict[str, Callable[[], Iterable[str]]] = {
        "number": lambda: _numbers(text, setting, chance),
        "name": lambda: _names(text, setting, names, chance),
        "name within": lambda: _names_within(text, setting, chance),
        "date": lambda: _dates(text, setting, chance),
        "negation": lambda: _negations(text),
    }
    options = [new for new in rules[kind]() if new != text and new not in setting.passage]
    return chance.choice(options) if options else ""


def _put(text: str, start: int, end: int, new: str) -> str:
    return text[:start] + new + text[end:]


def _has(text: str, words: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.IGNORECASE) is not None


# Numbers.

_DIGITS = re.compile(r"(?<![\w.,:/#–-])[$€£]?(?P<num>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?![\w:/]|[.,]\d|[-–]\d)")
_WORD = re.compile(r"(?<![\w-])(?P<num>" + "|".join(word for run in _ALIKE for word in run) + r")\b", re.IGNORECASE)
_DATED = re.compile(rf"(?:{'|'.join(MONTHS + _SHORT)})\.? $|\d (?:to|and|or) $|(?:to|between|from|in|of) (?=\d{{4}}$)")
_NOT_COUNT = re.compile(rf" (?:a\.m|p\.m|o.clock|to \d|{'|'.join(MONTHS)})|-(?:third|quarter|fifth|half|[A-Z])| half\b")
_UP = re.compile(r"\b(?:more than|at least|over|above|older than|exceed\w*|minimum of|another) [$€£]?$", re.IGNORECASE)
_DOWN = re.compile(
    r"\b(?:less than|fewer than|under|up to|as (?:many|much|high) as|below|at most|within|maximum of) [$€£]?$",
    re.IGNORECASE,
)


def _numbers(text: str, setting: Setting, chance: random.Random) -> Iterator[str]:
    for found in [*_DIGITS.finditer(text), *_WORD.finditer(text)]:
        start, end = found.span("num")
        before, after, old = text[:start], text[end:], found["num"]
        if _DATED.search(before) or _NOT_COUNT.match(after) or not _counts(before, after, old):
            continue
        up = _UP.search(text[: found.start("num")]) or re.match(r"(?: \w+)? or (?:more|older|above)\b", after)
        down = _DOWN.search(text[: found.start("num")])
        options = [new for new in _values(old, chance) if not _numbered(setting.passage, new)]
        if up or down:
            options = [new for new in options if (_size(new) > _size(old)) == bool(up)]
        if re.match(r"%| ?percent", after):
            options = [new for new in options if _size(new) <= 100 or _size(old) > 100]
        if options:
            yield _put(text, start, end, options[0])


def _counts(before: str, after: str, old: str) -> bool:
    """Whether it is an amount: no year, no part of a name, no pronoun, and not one."""
    if re.fullmatch(r"(?:1[5-9]|20)\d\d|1|0|1\.0|911|[0-9]{5,}", old):
        return False
    if not old[0].isdigit() and (old[0].isupper() and (before or not re.match(r" [a-z]", after))):
        return False
    if old in _ORDINALS and not re.search(r"\b(?:the|a|an|his|her|its|their|’s) $", before):
        return False
    if old in _ORDINALS and not re.match(r" [a-z]{3}(?!\w* of\b)", after):
        return False
    last = re.search(r"(\S+) [$€£]?$", before)
    named = last and last[1][0].isupper() and last.start() > 0 and last[1][-1] not in ",;:”"
    return not named and not before.endswith("No. ")


def _size(number: str) -> float:
    word = number.lower()
    for run in _ALIKE:
        if word in run:
            return NUMBERS.get(word, run.index(word) * 10 + 20 if run is _TENS else run.index(word) + 2)
    return float(number.replace(",", ""))


def _numbered(passage: str, new: str) -> bool:
    spelt = [word for word, value in NUMBERS.items() if str(value) == new] + [str(NUMBERS.get(new.lower(), new))]
    return any(_has(passage, one) for one in (new, *spelt))


def _values(old: str, chance: random.Random) -> list[str]:
    """Other numbers of the same look that are clearly smaller or larger, in a random order."""
    if not old[0].isdigit():
        run = next(run for run in _ALIKE if old.lower() in run)
        words = [word for word in run if word != old.lower() and not word.startswith("eigh") and word != "eleven"]
        return [word.capitalize() if old[0].isupper() else word for word in chance.sample(words, len(words))]
    whole = old.replace(",", "")
    kept = whole.rstrip("0").rstrip(".") or whole
    digits = kept.replace(".", "")
    found = []
    for _ in range(40):
        new = str(chance.randint(10 ** (len(digits) - 1), 10 ** len(digits) - 1))
        if new[-1] == "0" or new[0] == "8" or new[:2] in ("11", "18") or new == "1":
            continue
        point = kept.find(".")
        value = (new if point < 0 else f"{new[:point]}.{new[point:]}") + whole[len(kept) :]
        if not 0.85 < float(value) / float(whole) < 1.18 and 0.3 < float(value) / float(whole) < 3.4:
            found.append(f"{int(value):,}" if "," in old else value)
    return found


# Dates.

_MONTH = re.compile(
    rf"(?P<before>\b(?:[Ii]n|[Ss]ince|until|of|last|by|early|late|this|next|through|during|[Oo]n|mid-|from) ?)?"
    rf"(?<!\w)(?P<month>{'|'.join(map(re.escape, MONTHS + _SHORT))})(?P<day> \d{{1,2}}(?![\d%]|,\d| percent))?(?!\w)"
)
_WEEKDAY = re.compile(rf"(?<![\w-])(?P<day>{'|'.join(_DAYS)})(?![\w-]| [A-Z](?!\w*\. \d))")
_FEASTS = re.compile(r"(?:Black|Cyber|Super|Bloody|Ash|Good|Easter|Palm|Fat|Bowl|Taco|Giving|Sunday|Day) $")
_YEAR = re.compile(
    r"\b(?:[Ii]n|[Ss]ince|until|by|from|of|before|after|during|early|late|[Tt]he|"
    rf"(?:{'|'.join(MONTHS)})(?: \d{{1,2}},)?) "
    r"(?P<year>(?:19|20)\d\d)\b(?![-–,]\d|s\b| (?:people|men|women|[A-Z]))"
)


def _dates(text: str, setting: Setting, chance: random.Random) -> Iterator[str]:
    for found in _MONTH.finditer(text):
        if re.search(r"Fourth of $", text[: found.start("month")]) or re.match(r" [A-Z]", text[found.end() :]):
            continue
        old = found["month"]
        alike = [new for new in (_SHORT if old in _SHORT else MONTHS) if new[:3] not in setting.passage and new != old]
        if alike and (found["day"] or found["before"]):
            yield _put(text, *found.span("month"), chance.choice(alike))
        if found["day"]:
            days = [
                day for day in range(1, 29) if abs(day - int(found["day"])) > 1 and not _has(setting.passage, str(day))
            ]
            yield _put(text, *found.span("day"), f" {chance.choice(days)}")
    for found in _WEEKDAY.finditer(text):
        days_left = [day for day in _DAYS if not re.search(rf"\b{day}", setting.passage)]
        if days_left and not _FEASTS.search(text[: found.start()]):
            yield _put(text, *found.span("day"), chance.choice(days_left))
    for found in _YEAR.finditer(text):
        old_year = int(found["year"])
        years = [
            str(old_year + step) for step in (-9, -7, -6, -4, -3, -2, 2, 3) if old_year + step < max(2022, old_year)
        ]
        years = [year for year in years if year not in setting.passage]
        if years:
            yield _put(text, *found.span("year"), chance.choice(years))


# Names.


def _group(name: str) -> str:
    """Return what a name names: a group of places or organisations, a man or a woman; empty if that is not known."""
    if name in _GROUPS:
        return _GROUPS[name]
    parts = name.split()
    known = (
        len(parts[-1]) > 2 and not parts[-1].isupper() and parts[-1] not in _GROUPS and parts[-1] not in MONTHS + _DAYS
    )
    plain = len(parts) == 2 or bool(re.fullmatch(r"\S+ [A-Z]\. \S+", name))
    return _PEOPLE.get(parts[0], "") if known and plain and parts[-1] not in _TITLES else ""


def _found(text: str) -> Iterator[tuple[int, str]]:
    """Yield the names in a text that are not part of a longer one, without titles, and where they begin."""
    for found in _NAME.finditer(text):
        start, name = found.start(), found.group()
        while name not in _GROUPS and " " in name and name.split()[0] in _TITLES:
            start, name = start + name.index(" ") + 1, name[name.index(" ") + 1 :]
        joined = re.search(r"[A-ZÀ-Þ][\w’]+ (?:of|and|&|for|de|von|van|al|the) (?:the )?$", text[: found.start()])
        if not joined and not re.match(
            r" (?:of|&|de|von|van|al|and the) [A-Z]|, (?:Jr|Sr)\b| \d| [IVX]+\b", text[start + len(name) :]
        ):
            yield start, name


@lru_cache(maxsize=64)
def _people(text: str) -> dict[str, str]:
    """Return the surnames of the people whom the text names in full, and these names."""
    return {name.split()[-1]: name for _, name in _found(text) if _group(name) in ("man", "woman")}


def _other(one: str, two: str) -> bool:
    """Whether two names share no word and do not name the same."""
    return not set(one.split()) & set(two.split()) and not any(one in same and two in same for same in _SAME)


def _sites(text: str, people: dict[str, str]) -> Iterator[tuple[int, str, str, bool]]:
    """Yield the names to change: where each begins, the name, its group and whether it is a surname alone."""
    for start, name in _found(text):
        alone = name in people and name not in _GROUPS
        group = _group(people[name] if alone else name)
        if group:
            yield start, name, group, alone


def _names(text: str, setting: Setting, names: Names, chance: random.Random) -> Iterator[str]:
    for start, old, group, alone in _sites(text, _people(setting.article)):
        pool = names.pools.get(group, [])
        options = [name.split()[-1] if alone else name for name in chance.sample(pool, len(pool))]
        for new in options:
            same = {new, new.split()[-1]}.union(*(same for same in _SAME if new in same))
            if _other(old, new) and not any(_has(setting.article, one) for one in same):
                yield _put(text, start, start + len(old), new)
                break


def _names_within(text: str, setting: Setting, chance: random.Random) -> Iterator[str]:
    people = {last: name for last, name in _people(setting.article).items() if _has(setting.passage, last)}
    there = sorted({name for _, name in _found(setting.passage)} | set(people.values()))
    for start, old, group, alone in _sites(text, _people(setting.article)):
        options = [name for name in there if _group(name) == group and _other(people.get(old, old), name)]
        options = [name.split()[-1] if alone else name for name in options if not _has(text, name.split()[-1])]
        options = [name for name in options if not _alike(text, name, setting.passage)]
        if options:
            yield _put(text, start, start + len(old), chance.choice(options))


def _alike(text: str, name: str, passage: str) -> bool:
    """Whether the passage may say of the name what the text says of another."""
    said = set(re.findall(r"[a-z]{5,}", text))
    near = [one for one in re.split(r"(?<=[.!?”])\s+", passage) if _has(one, name)]
    return any(len(said.intersection(re.findall(r"[a-z]{5,}", one))) > 3 for one in near)


# Negations.


def _negations(text: str) -> Iterator[str]:
    quoted = [found.span() for found in re.finditer(r"“[^”]*”?|\"[^\"]*\"?", text)]
    for start, end, new in [*_denied(text), *_affirmed(text)]:
        if not any(first <= start < last for first, last in quoted):
            yield _put(text, start, end, new)


def _denied(text: str) -> Iterator[tuple[int, int, str]]:
    for found in _AUX.finditer(text):
        aux, following = found["aux"], found["next"]
        clause = _clause(text[: found.start()])
        if not clause or following in _SKIP_NEXT or following.endswith("ly") or not _finite(text, found):
            continue
        if following in ("a", "an") and (aux in ("has", "have", "had") or clause.strip().lower() == "there"):
            yield *found.span("next"), "no"
        elif aux not in ("has", "have", "had") or _PARTICIPLE.fullmatch(following):
            yield (
                found.end("aux"),
                found.end("aux"),
                " never" if following == "been" else "not" if aux == "can" else " not",
            )
    for found in _PAST.finditer(text):
        clause = _clause(text[: found.start()])
        if clause and not re.search(r"(?:\b(?:to|the|a|has|have|had|was)|[,.])$", clause):
            yield *found.span("past"), f"did not {_PASTS[found['past']]}"


def _clause(before: str) -> str:
    """Return the clause up to there, or an empty text if the opposite may be true as well: of others, or only if, …"""
    clause = re.split(r"[;:—–]|, (?:and|but) |\bthat\b", before)[-1]
    return "" if _OPERATOR.search(clause) or _INDEFINITE.match(clause) else clause


def _finite(text: str, found: re.Match[str]) -> bool:
    """Whether a subject stands before the auxiliary, which is neither inverted nor an infinitive."""
    last = re.search(r"([\w’'”-]+),? $", text[: found.start()])
    return bool(last) and last[1] not in {"to", "will", "would", "could", "should", "must", "can", "and", "not", "also"}


def _affirmed(text: str) -> Iterator[tuple[int, int, str]]:
    for found in _UNDO.finditer(text):
        if found["one"]:
            yield *found.span(), "Someone"
        elif found["longer"]:
            yield *found.span(), "still"
        else:
            stem = found["aux"] or found["stem"] or "can"
            yield *found.span(), {"wo": "will", "ca": "can"}.get(stem, stem)
    for found in _NO.finditer(text):
        noun = found["noun"]
        article = "" if noun.endswith("s") or noun in _MASS else "an " if noun[0] in "aeiou" else "a "
        yield *found.span(), f"{found['has']} {article}{noun}"
