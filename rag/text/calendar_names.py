"""Tell whether a text names a time, by months, weekdays, near days and seasons, in twelve languages (pure).

Months and weekdays are those of the Unicode Consortium's locale data (CLDR).
"""

import re
from functools import lru_cache

from rag.text.english import RELATIVE_DAYS, SEASONS, any_of
from rag.text.figures import has_number
from rag.text.languages import UNSPACED, fold
from rag.text.units import find_units

_LOCALES = {"zh": ("zh", "zh_Hant"), "pt": ("pt", "pt_PT")}
_NEAR_TIMES = {
    "en": [
        *RELATIVE_DAYS,
        *SEASONS,
        *"early-hours small-hours noon midnight midday dawn dusk sunrise sunset christmas easter new-year weekend "
        "weekly daily annually "
        "ago later "
        "earlier morning afternoon evening night now soon recently currently immediately already when while after "
        "before "
        "until till since during once yet never always season term semester beginning".split(),
    ],
    "de": "heute gestern morgen vorgestern morgens abend* nacht mittag* mitternacht frühling* sommer* herbst* winter* "
    "weihnachten ostern nach vor seit bis während bald nie".split(),
    "fr": "aujourd'hui hier demain matin soir nuit midi minuit printemps été automne hiver noël pâques après avant "
    "depuis "
    "jusque pendant bientôt jamais".split(),
    "es": "hoy ayer mañana tarde noche mediodía medianoche primavera verano otoño invierno navidad después antes desde "
    "hasta durante pronto nunca".split(),
    "it": "oggi ieri domani mattin* sera notte mezzogiorno mezzanotte primavera estate autunno inverno natale "
    "pasqua dopo "
    "prima fino durante presto mai".split(),
    "pt": "hoje ontem amanhã manhã tarde noite meio-dia meia-noite primavera verão outono inverno natal páscoa depois "
    "antes desde até durante breve nunca".split(),
    "nl": "vandaag gisteren morgen ochtend* avond* nacht* middag* lente* zomer* herfst* winter* kerst* pasen na "
    "voor sinds "
    "tot tijdens binnenkort nooit".split(),
    "ru": "май мае мая сегодня вчера завтра утр* вечер* ноч* полдень полночь весн* лет* осен* зим* рождеств* после "
    "до перед "
    "скоро никогда".split(),
    "tr": "bugün dün yarın sabah* akşam* gece* öğle* ilkbahar* yaz yazın sonbahar* kış* sonra önce kadar beri "
    "yakında".split(),
    "ar": "*اليوم *أمس *غدا *صباح* *مساء* *ليل* *ظهر* *ربيع* *صيف* *خريف* *شتاء* بعد قبل منذ حتى خلال قريبا "
    "أبدا".split(),
    "zh": "今 昨 明天 早上 晚 上午 下午 中午 夜 春 夏 秋 冬 后 後 前 期间 期間 星期 周 週".split(),
    "ja": "今 昨 明日 朝 夕 夜 午前 午後 正午 春 夏 秋 冬 後 前 まで から 週".split(),
}
"""Words for days, parts of the day and of the year, and words that stand before a time; a star is for any ending."""
_HOUR = r"(?:\d[:h]\d\d|(?<![\d.,])\d{1,2}\.[0-5]\d(?!\d| [a-z]+s\b| (?:m|b)illion\b))"
"""A time of day; with a point it may be a figure, which counts what stands behind it: “9.40 crowns”."""
_CLOCK = re.compile(rf"{_HOUR}|\d ?[ap]\.?m\b|\d ?(?:uhr|heures?|uur|時|点|點)|o'clock")
_YEAR = re.compile(r"(?<![\d.,$£€])(?:1[5-9]|20)\d\d(?![\d.,]\d|\d)")
_NUMERIC_DAY = re.compile(r"(?<!\d)\d{1,4}[./-]\d{1,2}[./-]\d{1,4}(?!\d)|\d ?[年月日]|[年月日]")


def names_time(text: str, language: str) -> bool:
    """Whether a text names any time: a day, a month, a year, an hour, or one seen from another, as in “after dark”."""
    folded = fold(text)
    if _CLOCK.search(folded) or _YEAR.search(folded) or _NUMERIC_DAY.search(folded):
        return True
    return bool(_compile_calendar(language).search(folded) or _compile_near(language).search(folded)) or (
        "duration" in find_units(text, language)
    )


def names_hour(text: str, language: str) -> bool:
    """Whether a text names a time of day."""
    folded = fold(text)
    return bool(_CLOCK.search(folded) or _compile_near(language).search(folded)) or has_number(text, language)


def names_year(text: str) -> bool:
    """Whether a text names a year in digits."""
    return bool(_YEAR.search(text))


def remove_times(text: str, language: str) -> str:
    """Return a folded text without the days, hours and years in it, so that only other figures are left."""
    calendar = _compile_calendar(language).pattern
    text = re.sub(rf"\d{{1,2}}(?:st|nd|rd|th|\.|º|°|er)?(?: (?:de|of|di))? ?(?:{calendar})", " ", text)
    text = re.sub(rf"(?:{calendar})(?:\.? \d{{1,2}}(?:st|nd|rd|th)?(?!\d))?", " ", text)
    text = re.sub(r"\d{1,4} ?[年月日時点點](?:\d{1,2}分)?", " ", text)
    text = re.sub(r"\bhalf past \w+", " ", text)
    text = re.sub(rf"\d?{_HOUR}|\d{{1,2}} ?[ap]\.?m\b|\d{{1,2}} ?uhr", " ", text)
    return _compile_near(language).sub(" ", _YEAR.sub(" ", _NUMERIC_DAY.sub(" ", text)))


@lru_cache(maxsize=16)
def _compile_calendar(language: str) -> re.Pattern[str]:
    """Compile the names of months and weekdays in a language, as they stand in folded text."""
    from babel.dates import get_day_names, get_month_names

    names = set[str]()
    for locale in _LOCALES.get(language, (language,)):
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for found in (get_month_names(width, context, locale), get_day_names(width, context, locale)):
                    names |= {fold(name).rstrip(".") for name in found.values()}
    names = {name for name in names if len(name) > 1 and not name.isdigit()}
    if language in UNSPACED:
        return re.compile(any_of(names))
    # Cases add endings to a name, or take the place of its last letter.
    inflected = {"ru": r"\w{0,3}", "tr": r"(?:'?\w{1,4})?", "de": r"s?"}.get(language, "")
    stems = {name[:-1] if language == "ru" and len(name) > 4 else name for name in names}
    before = r"(?<!\w)(?:\w{1,3})?" if language == "ar" else r"(?<!\w)"
    return re.compile(rf"{before}{any_of(stems)}{inflected}(?!\w)")


@lru_cache(maxsize=16)
def _compile_near(language: str) -> re.Pattern[str]:
    words = sorted(map(fold, _NEAR_TIMES[language]), key=len, reverse=True)
    pattern = "|".join(re.escape(word.replace("-", " ")).replace(r"\*", r"\w*") for word in words)
    return re.compile(pattern if language in UNSPACED else rf"(?<!\w)(?:{pattern})(?!\w)")
