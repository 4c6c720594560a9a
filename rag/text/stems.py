"""Find the content words of a text in any of the languages that questions are read in, by their stems (pure).

The stemmers are those of Tantivy (Snowball). Languages that are written without spaces have no stems: of these a word
is any two characters that stand side by side.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from rag.text.languages import UNSPACED, common_words, fold

if TYPE_CHECKING:
    import tantivy

_STEMMERS = {
    "en": "english",
    "de": "german",
    "fr": "french",
    "es": "spanish",
    "it": "italian",
    "pt": "portuguese",
    "nl": "dutch",
    "ru": "russian",
    "tr": "turkish",
    "ar": "arabic",
}
_WORD = re.compile(r"\w+")
_SUFFIX = re.compile(r"(?<=\w)['’]\w+")
"""What Turkish writes behind the apostrophe of a name."""
_RUN = re.compile(r"[\u3400-\u9fff々]+|[\u30a0-\u30ff]+|[a-z0-9.]+")
"""A run of characters of one script in a text without spaces; the Japanese syllables between them say little."""
_MIN_STEM_CHARS = 4
"""Characters of the shortest stem that counts as a part of another."""
_MIN_LEFT_CHARS = 3
_MIN_INNER_CHARS = 5
"""Characters of the shortest one within a compound."""
_MIN_SHARED_SHARE = 0.6
"""Share of the longer of two stems that both begin with where they are of one root."""
_PART_MATCH = 0.85


@lru_cache(4096)
def find_stems(text: str, language: str) -> frozenset[str]:
    """Find the stems of the content words of a text, each once.

    >>> sorted(find_stems("Wie lange dauern die Arbeiten an der Brücke?", "de"))
    ['arbeit', 'bruck', 'dau']
    """
    folded = fold(text)
    if language in UNSPACED:
        filler = "".join(common_words(language))
        runs = _RUN.findall(re.sub(f"[{filler}]", " ", folded) if filler else folded)
        return frozenset(unit for run in runs for unit in _split_run(run))
    if language == "tr":
        text = _SUFFIX.sub("", text)
    empty = common_words(language)
    words = [word for word in _WORD.findall(text) if _says_something(word) and fold(word) not in empty]
    stems = _analyzer(language).analyze(" ".join(words))
    # What is left of a short word may be no more than a syllable.
    return frozenset(
        fold(stem if len(stem) >= _MIN_LEFT_CHARS else word) for stem, word in zip(stems, words, strict=True)
    )


@lru_cache(1 << 14)
def stem_word(word: str) -> str:
    """Stem an English word in lower case.

    >>> stem_word("losing"), stem_word("moved")
    ('lose', 'move')
    """
    stems = _analyzer("en").analyze(word)
    return stems[0] if len(stems) == 1 else word


def match_stem(stem: str, stems: frozenset[str]) -> float:
    """Return how surely a word stands among others, 0 to 1: the same, as a part of a compound, or by its root."""
    if stem in stems:
        return 1.0
    if len(stem) == 1 and not stem.isascii():
        return float(any(stem in other for other in stems))
    if not stem.isalpha() or len(stem) < _MIN_STEM_CHARS:
        return 0.0
    return max((_compare(stem, other) for other in stems), default=0.0)


def _compare(one: str, other: str) -> float:
    short, long = sorted((one, other), key=len)
    if len(short) < _MIN_STEM_CHARS:
        return 0.0
    if long.startswith(short) or long.endswith(short) or (len(short) >= _MIN_INNER_CHARS and short in long):
        return _PART_MATCH
    shared = next((place for place, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return shared / len(long) if shared >= max(_MIN_SHARED_SHARE * len(long), _MIN_STEM_CHARS) else 0.0


def _says_something(word: str) -> bool:
    return len(word) > 2 or word.isdigit() or (len(word) > 1 and word.isupper())


def _split_run(run: str) -> list[str]:
    """Split a run of Chinese characters into all pairs of neighbours; leave one of another script whole."""
    if len(run) < 2 or not "\u3400" <= run[0] <= "\u9fff":
        return [run]
    return [run[start : start + 2] for start in range(len(run) - 1)]


@lru_cache(maxsize=16)
def _analyzer(language: str) -> "tantivy.TextAnalyzer":
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.regex(r"\w+")).filter(Filter.lowercase())
    if stemmer := _STEMMERS.get(language):
        builder = builder.filter(Filter.stemmer(stemmer))
    return builder.build()
