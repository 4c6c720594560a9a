"""Look up the names of months and weekdays in forty languages (pure).

They are those of the Unicode Consortium's locale data (CLDR). The languages stand in tiers, since reading the data of
all of them takes a second: a tier is read when no name was found in the ones before it.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from rag.text.english import MONTHS, WEEKDAYS

TIERS: tuple[tuple[str, ...], ...] = (
    (),
    ("de", "fr", "es", "it", "pt", "nl", "ru", "tr", "ar", "pl"),
    (
        *("sv", "da", "nb", "nn", "fi", "cs", "sk", "hu", "ro", "el", "uk", "bg", "sr", "sr_Latn", "sl", "ca", "et"),
        *("lv", "lt", "eu", "gl", "id", "ms", "vi", "he", "fa", "hi", "bn", "th", "ar_LB", "ar_TN", "ar_MA"),
    ),
)
"""Languages by how soon they are tried; the first tier is English, whose names need no data.

Croatian is left out: its “listopad” is October, and November in Czech and Polish.
"""
_ARTICLE = re.compile(r"^(?:de |d')")
_LETTERS = re.compile("[\u00c0-\u024f\u0370-\u052f\u0600-\u06ff\u1e00-\u1fff\uff01-\uff5e]")
"""Letters of Latin, Greek, Cyrillic and Arabic, and the wide ones of East Asia: all that may lose a mark."""


class CalendarNames(NamedTuple):
    """The names of one tier, as `to_plain` leaves them, without dots."""

    months: dict[str, int]
    """The number of each month, from 1; a name may be of two words."""
    weekdays: frozenset[str]


class _PlainCharacters(dict[int, str]):
    """What each character is without marks and case, and each digit in ASCII; always one character."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        plain = character.lower()
        if (digit := unicodedata.decimal(character, None)) is not None:
            plain = str(digit)
        elif _LETTERS.match(character):
            plain = unicodedata.normalize("NFKD", character)[0].casefold()
        elif character in "’‘ʼ`´":
            plain = "'"
        self[code] = plain if len(plain) == 1 else character
        return self[code]


_PLAIN = _PlainCharacters({ord("ı"): "i", ord("ß"): "s"})


def to_plain(text: str) -> str:
    """Return a text in lower case, letters without marks and digits in ASCII; every character stays in its place."""
    return text.translate(_PLAIN)


@lru_cache(maxsize=len(TIERS))
def load_calendar_names(tier: int) -> CalendarNames:
    """Load the names of a tier, an index of TIERS."""
    months: dict[str, int] = {}
    weekdays = set[str]()
    if not TIERS[tier]:
        for number, name in enumerate(MONTHS, 1):
            months |= dict.fromkeys({name.lower(), name[:3].lower(), name[:4].lower()}, number)
        return CalendarNames(months, frozenset(name.lower()[:size] for name in WEEKDAYS for size in (3, 4, 5, 9)))
    from babel.dates import get_day_names, get_month_names

    for locale in TIERS[tier]:
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in get_month_names(width, context, locale).items():
                    months[_key(name)] = number
                weekdays |= {word for name in get_day_names(width, context, locale).values() for word in _words(name)}
    return CalendarNames(months, frozenset(weekdays))


def _key(name: str) -> str:
    """Return the name of a month as it is looked up."""
    return _ARTICLE.sub("", to_plain(name).replace(".", "").strip())


def _words(name: str) -> list[str]:
    """Return the words of the name of a weekday as they are looked up."""
    return to_plain(name).replace(".", "").replace("-", " ").split()
