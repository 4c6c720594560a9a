"""Find the units of measure, the money and the share that a text names, in twelve languages (pure).

The names of units, months and days are those of the Unicode Consortium's locale data (CLDR).
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from rag.text.english import any_of
from rag.text.languages import UNSPACED, find_language, fold

Unit = Literal[
    "money",
    "percent",
    "length",
    "weight",
    "temperature",
    "speed",
    "area",
    "volume",
    "power",
    "duration",
]
"""What a unit measures."""

_CLDR_UNITS: dict[Unit, str] = {
    "speed": "kilometer-per-hour meter-per-second mile-per-hour knot",
    "area": "hectare square-kilometer square-meter square-mile acre square-foot square-yard dunam",
    "volume": "cubic-kilometer cubic-meter liter hectoliter megaliter milliliter cubic-foot gallon pint barrel bushel",
    "power": "kilowatt-hour megawatt kilowatt watt gigawatt horsepower hertz megahertz gigabyte megabyte",
    "length": "kilometer meter decimeter centimeter millimeter nautical-mile mile yard foot inch fathom light-year",
    "weight": "tonne kilogram gram milligram ton stone pound ounce carat",
    "temperature": "celsius fahrenheit kelvin temperature-generic",
    "duration": "century decade year month week day hour minute second",
    "percent": "percent",
}
"""Units of CLDR by what they measure; those whose names begin with the name of another stand before it."""
_OTHER_NAMES: dict[Unit, dict[str, str]] = {
    "speed": {"ja": "時速 秒速", "zh": "时速 時速 每小时 每小時", "de": "km/h", "en": "kph mph"},
    "length": {
        "en": "storey storeys floors",
        "zh": "公里 米 层",
        "ja": "メートル キロ センチ 階建て",
        "ru": "этаж",
        "tr": "kat",
    },
    "weight": {
        "en": "tons tonnes kilos",
        "de": "kilo",
        "fr": "kilo",
        "es": "kilo",
        "it": "chilo",
        "pt": "quilo",
        "nl": "kilo",
    },
    "temperature": {
        "en": "degrees degree",
        "de": "grad",
        "fr": "degre",
        "es": "grado",
        "it": "gradi",
        "pt": "grau",
        "nl": "graden",
    },
    "duration": {
        "en": "fortnight night nights weekend lifetime",
        "zh": "小时 分钟 天 年 周 月",
        "ja": "時間 分間 日間 年間 か月 ヶ月",
    },
}
"""Names that the locale data lack."""
_LOCALES = {"en": ("en", "en_GB"), "pt": ("pt", "pt_PT"), "zh": ("zh", "zh_Hant")}
_COUNTS = (1, 2, 5, 11)
"""Counts that between them take every form of a plural."""
_MAX_SYMBOL_CHARS = 3
_ENDING = r"\w{0,4}"
_NUMERALS = "〇零一二三四五六七八九十百千万数几"
_SCALED = r"(?<![\d.,])\d[\d.,]{0,20}(?:[ -]?(?:thousand|million|billion|mio|mrd|mill\w+|mil[hi]\w+|млн|тыс)\.?)?"
_SHARES = {
    "en": r"half|halves|thirds?|quarters?|fifths?|tenths?|majority|per ?cent|pct|(?:one|two|three|\d{1,2}) (?:in|out "
    r"of) (?:every )?(?:three|four|five|six|seven|eight|nine|ten|twenty|a hundred|\d{1,3}(?!\d))",
    "de": r"prozent|halfte|drittel|viertel|funftel|zehntel",
    "fr": r"moitie|tiers|quart|cinquieme|dixieme|pour ?cent",
    "es": r"mitad|tercio|cuarta parte|por ciento",
    "it": r"meta|terzo|quarto|per ?cento",
    "pt": r"metade|terco|quarto|por cento",
    "nl": r"helft|derde|kwart|procent",
    "ru": r"половин\w+|трет\w+|четверт\w+|процент\w*",
    "tr": r"yuzde|yarısı|ucte|dortte",
    "ar": r"نصف|ثلث|ربع|في (?:المئة|المائة)|بالمئة|بالمائة",
    "zh": r"百分之|一半|[二三四五六七八九十]分之",
    "ja": r"パーセント|半分|半数|[二三四五六七八九十0-9]分の|[一二三四五六七八九0-9]割",
}
_RATE = re.compile(r"(?<=[a-z]) an? (?=hour\b|second\b)")
"""Stands in English for “per”, so that “60 miles an hour” is a speed."""
_IN = re.compile(r"(?<=\d) in(?= \w)")
"""A preposition behind a figure, “540 in 2010”, which is no inch."""
_PERCENT_SIGN = re.compile(r"[%٪％]")
_MONEY = re.compile(
    r"[$£€¥₽₺₹￥]|\b(?:usd|eur|gbp|chf|jpy|cny|rub|try|sar|aed|egp|brl)\b|\b(?:euro|dollar|cent|franc|frank|peso|rupee|pence|"
    r"pennies|rubl|rouble|ruble|sterling|kron|yuan|yen|dirham|dinar|rupi|lira|lire|reais|dolar|dollaro|libra|livre|pfund|"
    r"pond|crown|korun|zlot|forint|hryvni|shekel|riyal|tenge|ringgit|naira|shilling|guilder|peseta|евро|доллар|рубл|фунт|юан|йен)\w{0,5}\b|\bpounds?\b|元|円|美元|欧元|歐元|ドル|ユーロ|دولار|يورو|ريال|دينار|درهم|جنيه|ليرة"
)
_CENTS = re.compile(
    r"\b(?:centimet|centur|central|centre|center|centr|pour cent|per cent|percent|por cento|frankly)\w*"
)
_FREE = {
    "en": r"free|nothing|no (?:charge|fee|cost)|without (?:charge|pay)",
    "de": r"kostenlos|gratis|umsonst|nichts",
    "fr": r"gratuit\w*|rien",
    "es": r"gratis|gratuit\w*|nada",
    "it": r"gratis|gratuit\w*|nulla|niente",
    "pt": r"gratis|gratuit\w*|nada",
    "nl": r"gratis|niets",
    "ru": r"бесплатн\w*|ничего",
    "tr": r"ucretsiz|bedava",
    "ar": r"مجان\w*",
    "zh": r"免费|免費",
    "ja": r"無料|ただ",
}


def find_units(text: str, language: str = "") -> frozenset[Unit]:
    """Find what the units that a text names measure; symbols such as “m” only behind a figure.

    Without a language, that of the text is found.
    """
    code = language or find_language(text)
    folded = _RATE.sub(" per ", fold(text))
    measured = _IN.sub(" ", folded)
    found: set[Unit] = {_MEASURED[match.lastgroup or ""] for match in _compile_units(code).finditer(measured)}
    if _PERCENT_SIGN.search(folded) or _compile_words(_SHARES[code], code).search(folded):
        found.add("percent")
    if _MONEY.search(_CENTS.sub(" ", folded)) or _compile_words(_FREE[code], code).search(folded):
        found.add("money")
    return frozenset(found)


def remove_measures(text: str, language: str) -> str:
    """Return a folded text without the figures of measures, money and shares, so that only other ones are left."""
    named = re.sub(r"\?P<\w+>", "?:", _compile_units(language).pattern)
    without = re.sub(rf"{_SCALED}[ -]?(?:{named}|[%٪％])", " ", _IN.sub(" ", _RATE.sub(" per ", text)))
    return re.sub(rf"[$£€¥₽₺₹￥] ?{_SCALED}|{_SCALED}[ -]?(?:{_MONEY.pattern})", " ", without)


def remove_units(text: str, language: str) -> str:
    """Return a folded text without the names of units and money in it."""
    return _MONEY.sub(" ", _compile_units(language).sub(" ", text))


@lru_cache(maxsize=64)
def _compile_words(words: str, language: str) -> re.Pattern[str]:
    folded = fold(words)
    return re.compile(folded if language in UNSPACED else rf"(?<!\w)(?:{folded})(?!\w)")


_MEASURED: dict[str, Unit] = {measured: measured for measured in _CLDR_UNITS}


@lru_cache(maxsize=16)
def _compile_units(language: str) -> re.Pattern[str]:
    """Compile the names of all units in a language, in groups that say what they measure."""
    return re.compile("|".join(rf"(?P<{measured}>{_pattern_of(measured, language)})" for measured in _CLDR_UNITS))


def _pattern_of(measured: Unit, language: str) -> str:
    names = {
        *(name for id in _CLDR_UNITS[measured].split() for name in _names_of(id, language)),
        *fold(_OTHER_NAMES.get(measured, {}).get(language, "")).split(),
    }
    symbols = {name for name in names if _is_symbol(name, language)}
    words = names - symbols
    patterns = []
    if words and language in (*UNSPACED, "ar"):
        patterns.append(any_of(words))
    elif words:
        # In English the locale data have every form; elsewhere cases add endings.
        patterns.append(rf"(?<!\w){any_of(words)}{'' if language == 'en' else _ENDING}(?!\w)")
    if symbols:
        patterns.append(rf"(?:(?<=[\d{_NUMERALS}]) ?|(?<=\d)-){any_of(symbols)}(?![a-zа-я])")
    return "|".join(patterns)


def _is_symbol(name: str, language: str) -> bool:
    """Whether a name of a unit means one only behind a figure."""
    if language in UNSPACED:
        return len(name) == 1 or name.isascii()
    is_word = name.replace(" ", "").replace("-", "").isalpha()
    return len(name) <= (_MAX_SYMBOL_CHARS if language != "ar" else 1) or not is_word


def _names_of(id: str, language: str) -> Iterator[str]:
    """Name one unit in a language, in all forms, folded."""
    from babel.units import UnknownUnitError, format_unit

    for locale in _LOCALES.get(language, (language,)):
        for count in _COUNTS:
            for length in ("long", "short"):
                try:
                    written = format_unit(count, id, length=length, locale=locale)
                except UnknownUnitError:
                    continue
                name = fold(re.sub(r"^[\d٠-٩]+|[\d٠-٩]+$", "", written).strip())
                # Where a language has no long name, the id stands in its place.
                if name and f"-{id}" not in name and not (name == id and "-" in id) and not re.search(r"\d", name):
                    yield name
