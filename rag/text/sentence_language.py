"""Find the language by whose rules a text is split into sentences: the stated one, else that of its script or words."""

import re
from collections import Counter
from functools import lru_cache
from itertools import chain, repeat

from rag.text.abbreviations import OTHER_SCRIPTS, find_sentence_words, latin_languages
from rag.text.english import AUXILIARIES, FUNCTION_WORDS

_CODE = re.compile(r"([a-z]{2,3})(?:[-_]\w+)*", re.IGNORECASE | re.ASCII)
_FAR = re.compile(r"[\u0370-\u1dff\u2c00-\u2dff\u2e80-\u2fff\u3040-\ud7ff\uf900-\ufaff\ufb1d-\ufdff\ufe70-\ufefc]")
"""A letter, or nearly always one, of another script than the Latin one."""
_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"[^\W\d_]{2,}")
_SCRIPTS = (
    (re.compile(r"[\u3040-\u30ff]"), ("ja",)),
    (re.compile(r"[\u3400-\u9fff]"), ("zh", "ja", "yue", "wuu")),
    (re.compile(r"[\u0600-\u06ff]"), ("ar", "fa", "ur", "ps", "ckb", "ug")),
    (re.compile(r"[\u0400-\u04ff]"), ("ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg")),
    (re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]"), ("el",)),
    (re.compile(r"[\u0900-\u097f]"), ("hi", "mr", "ne", "sa")),
    (re.compile(r"[\u0590-\u05ff]"), ("he", "yi")),
    (re.compile(r"[\u0e00-\u0e7f]"), ("th",)),
)
"""Scripts, with the languages written in them; one that is not stated is taken for the first."""
_MIN_SCRIPT_SHARE = 0.3
"""Share of the letters from which a text is of the language of their script, whatever names it has in another."""
_MAX_CHARS_READ = 2_000
_OWN_WEIGHT = 0.6
"""Weight of an abbreviation of one language alone, beside that of one of its commonest words."""
_SHARED_WEIGHT = 0.3
"""Weight of an abbreviation that several languages have."""
_MIN_MARGIN = 0.5
"""By how much another language must be likelier than English."""


def find_sentence_language(text: str, stated: str = "") -> str:
    """Return the code of the stated language, else of that of the text; “en” where no other is likelier."""
    if code := _CODE.fullmatch(stated):
        return code[1].lower()
    return _find_language_of_script(text[:_MAX_CHARS_READ]) or _guess_latin(text[:_MAX_CHARS_READ])


def find_block_language(block: str, language: str) -> str:
    """Return the language of a block of a text in that language: another one where its script is another."""
    if _FAR.search(block, 0, _MAX_CHARS_READ):
        head = block[:_MAX_CHARS_READ]
        return _find_language_of_script(head, language) or language
    return _guess_latin(block[:_MAX_CHARS_READ]) if language in OTHER_SCRIPTS or language in ("zh", "ja") else language


def _find_language_of_script(text: str, language: str = "") -> str:
    """Return the language of the script of a text, `language` where that is written in it; empty where it is Latin."""
    if text.isascii() or not _FAR.search(text):
        return ""
    least = _MIN_SCRIPT_SHARE * len(_LETTER.findall(text))
    for script, languages in _SCRIPTS:
        if len(script.findall(text)) > least:
            return language if language in languages else languages[0]
    return ""


def _guess_latin(text: str) -> str:
    """Guess the language of a text in Latin letters by its commonest words and abbreviations; “en” unless sure."""
    words = frozenset(_WORD.findall(text.lower()))
    scores = {code: sum(map(weights.get, words & weights.keys(), repeat(0.0))) for code, weights in _weigh_words()}
    best = max(scores, key=lambda code: scores[code])
    return best if scores[best] >= scores["en"] + _MIN_MARGIN else "en"


@lru_cache(maxsize=1)
def _weigh_words() -> tuple[tuple[str, dict[str, float]], ...]:
    """Weigh the common words and the abbreviations of the languages in Latin letters."""
    tables = {code: find_sentence_words(code) for code in latin_languages()}
    shortened = {code: words.titles | words.inner | words.final for code, words in tables.items()}
    shared = Counter(chain.from_iterable(shortened.values()))
    weighed = list[tuple[str, dict[str, float]]]()
    for code, words in tables.items():
        weights = {word: _SHARED_WEIGHT if shared[word] > 1 else _OWN_WEIGHT for word in shortened[code]}
        common = words.openers | (FUNCTION_WORDS | AUXILIARIES if code == "en" else frozenset())
        weighed.append((code, weights | dict.fromkeys(common, 1.0)))
    return tuple(weighed)
