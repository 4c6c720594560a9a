"""Find the numbers that a text names, in digits or words: their values in English, whether there are any in others."""

import re
from dataclasses import dataclass
from functools import lru_cache

from text_to_num import alpha2digit

from rag.text.english import APPROXIMATIONS, LOWER_BOUNDS, SCALES, any_of
from rag.text.languages import UNSPACED, fold

_SCALED = re.compile(rf"(?<![\w.])(\d[\d,]*(?:\.\d+)?)[\s-]?({any_of(SCALES)})\b")
_FIGURE = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")
_DIGIT = re.compile(r"\d")
_ONE = re.compile(r"\b[Oo]ne\b")
_DOZEN = re.compile(r"\b(?:a|one) dozen\b", re.I)
_ROUGHLY = re.compile(rf"\b{any_of(APPROXIMATIONS)}\s+[$£€]?$", re.I)
_AT_LEAST = re.compile(rf"\b{any_of(LOWER_BOUNDS)}\s+[$£€]?$", re.I)
_SPELLED_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl")
"""Languages whose number words `text_to_num` knows."""
_NUMBER_WORDS = {
    "ru": "один одна одно одного два две двух три трех трёх четыре пять шесть семь восемь девять десять двенадцать "
    "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто сто двести триста четыреста пятьсот "
    "тысяча тысячи тысяч миллион миллиона миллионов десятки сотни",
    "tr": "bir iki üç dört beş altı yedi sekiz dokuz on yirmi otuz kırk elli altmış yetmiş seksen doksan yüz bin "
    "milyon "
    "onlarca yüzlerce binlerce",
    "ar": "واحد واحدة اثنان اثنين ثلاثة ثلاث أربعة أربع خمسة خمس ستة ست سبعة سبع ثمانية ثماني تسعة تسع عشرة عشر عشرين "
    "عشرون ثلاثين ثلاثون أربعين أربعون خمسين خمسون ستين سبعين ثمانين تسعين مئة مائة مئتي ألف آلاف مليون ملايين "
    "عشرات مئات",
}
_CJK_NUMBER = re.compile(r"[零〇一二三四五六七八九十百千万萬亿億两兩]")
_QUANTIFIERS = {
    "en": "one none nobody no both half several few many dozen dozens hundreds thousands millions nothing any all most "
    "every everyone pair couple twice once zero",
    "de": "kein keine keiner keinen keinem niemand beide mehrere einige wenige viele dutzend dutzende hunderte "
    "tausende "
    "halb hälfte alle ein eine einen einem einer eines",
    "fr": "aucun aucune personne plusieurs quelques peu beaucoup dizaine dizaines centaine centaines milliers douzaine "
    "moitié tous toutes un une",
    "es": "ningún ninguno ninguna nadie varios varias pocos pocas muchos muchas decenas cientos miles docena docenas "
    "mitad todos todas un una uno ambos",
    "it": "nessun nessuno nessuna alcuni alcune pochi poche molti molte decine centinaia migliaia dozzina metà tutti "
    "tutte un uno una entrambi",
    "pt": "nenhum nenhuma ninguém vários várias poucos poucas muitos muitas dezenas centenas milhares dúzia metade "
    "todos "
    "todas um uma ambos",
    "nl": "geen niemand enkele meerdere weinig veel tientallen honderden duizenden dozijn helft alle een één beide",
    "ru": "никто нет ни несколько мало много половина все оба обе",
    "tr": "hiç kimse birkaç birçok çok az yarısı tüm bütün",
    "ar": "لا لم ليس أحد بعض عدة كثير قليل نصف كل جميع",
}
"""Words that say how many without a number."""
_ROUGH_SHARE = 0.06
"""The share of a figure by which one that is meant roughly may differ from it."""
_MAX_EXCESS = 1.5
"""How many times a lower bound a figure may be that is still counted by it."""


@dataclass(frozen=True, slots=True)
class Figure:
    """The value of a number, in digits or words, and how exactly it is meant."""

    value: float
    text: str
    roughly: bool = False
    at_least: bool = False

    def agrees(self, other: "Figure") -> bool:
        """Whether both may count the same: “nearly 3,000” and 2,996, “more than 50” and 53."""
        low, high = sorted((self.value, other.value))
        if low == high:
            return True
        is_exceeded = any(
            one.at_least and more.value > one.value and high <= _MAX_EXCESS * low
            for one, more in ((self, other), (other, self))
        )
        return is_exceeded or ((self.roughly or other.roughly) and high - low <= _ROUGH_SHARE * high)


def find_figures(text: str) -> tuple[Figure, ...]:
    """Find the numbers of a text, in digits or words, without the word “one”, which seldom counts."""
    digits = _SCALED.sub(
        lambda match: f"{_parse_digits(match[1]) * SCALES[match[2]]:.0f}", _ONE.sub("…", _DOZEN.sub("12", text))
    )
    digits = alpha2digit(digits, "en", 0)
    figures = []
    for match in _FIGURE.finditer(digits):
        before = digits[: match.start()]
        roughly, at_least = bool(_ROUGHLY.search(before)), bool(_AT_LEAST.search(before))
        figures.append(Figure(_parse_digits(match[0]), match[0], roughly=roughly, at_least=at_least))
    return tuple(figures)


def has_number(text: str, language: str) -> bool:
    """Whether a text says a number in its language, in digits, in words, or in words such as “none” and “several”."""
    if _DIGIT.search(text) or language in UNSPACED:
        return bool(_DIGIT.search(text) or _CJK_NUMBER.search(text) or re.search(r"[没沒无無]|数|幾|几|全", text))
    words = frozenset(re.findall(r"\w+", fold(text)))
    if words & _fold_words(language):
        return True
    return bool(_DIGIT.search(write_digits(text, language)))


def write_digits(text: str, language: str) -> str:
    """Write the numbers of a text that are in words in digits, where its language is one whose words are known."""
    return alpha2digit(text, language, 0) if language in _SPELLED_LANGUAGES else text


def remove_numbers(text: str, language: str) -> str:
    """Return a folded text without the words and digits of numbers."""
    if language in UNSPACED:
        return _CJK_NUMBER.sub(" ", re.sub(r"\d", " ", text))
    digits = write_digits(text, language)
    return " ".join(word for word in re.findall(r"[^\W\d_]+", digits) if word not in _fold_words(language))


@lru_cache(maxsize=16)
def _fold_words(language: str) -> frozenset[str]:
    return frozenset(fold(f"{_NUMBER_WORDS.get(language, '')} {_QUANTIFIERS.get(language, '')}").split())


def _parse_digits(digits: str) -> float:
    return float(digits.rstrip(",").replace(",", ""))
