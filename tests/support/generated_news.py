"""Made-up news whose truth is known: articles of pseudo-words, and what becomes of them through the press."""

import random
from collections.abc import Sequence

_SYLLABLES = "ba co du el fi go ha in ju ka lo mi no pu ra se ti ul va wo".split()
VOCABULARY = ["".join(pair) + tail for pair in zip(_SYLLABLES * 20, sorted(_SYLLABLES * 20), strict=True) for tail in
              ("", "n", "ra")]  # fmt: skip


def sentence(luck: random.Random, words: int = 14) -> str:
    """A sentence of common words and, one time in three, a figure."""
    told = [luck.choice(VOCABULARY) for _ in range(words)]
    if luck.random() < 0.33:
        told[luck.randrange(words)] = str(luck.randrange(2, 9000))
    return " ".join(told).capitalize() + "."


def article(luck: random.Random, paragraphs: int) -> list[str]:
    """Paragraphs of one to four sentences."""
    return [" ".join(sentence(luck) for _ in range(luck.randrange(1, 5))) for _ in range(paragraphs)]


def edited(luck: random.Random, paragraphs: Sequence[str], share: float) -> list[str]:
    """The paragraphs with a share of their words exchanged, figures left as they are."""
    return [
        " ".join(luck.choice(VOCABULARY) if luck.random() < share and word.isalpha() else word for word in text.split())
        for text in paragraphs
    ]


def series(luck: random.Random, paragraphs: Sequence[str]) -> list[str]:
    """The next report of a series: the same words, every figure another one."""
    return [
        " ".join(str(luck.randrange(10000, 99999)) if word.strip(".").isdigit() else word for word in text.split())
        for text in paragraphs
    ]
