"""The words by which follow-up questions in other languages are read.

The languages are German, French, Spanish, Italian, Portuguese, Dutch, Russian, Turkish, Arabic, Chinese and Japanese.
"""

from rag.text.english import any_of

PERSON_WORDS = (
    "wer wem wen wessen qui quién quiénes quien quienes chi quem wie кто кого кому kim kime kimi من 谁 誰 だれ".split()
)
"""Question words that ask for somebody."""
CONNECTIVES = "und aber et mais y pero e ma ed en maar и а но ve peki و 那 那么 而 そして では じゃあ".split()
"""Words that open a question which goes on from the one before."""
PRONOUNS = (
    "er sie es ihn ihm ihr ihre ihren sein seine dort dies dieser diese dieses il elle ils elles lui leur son sa "
    "ses y ce cette él ella ellos ellas su sus esto esta este eso lui lei loro suo sua ele ela eles elas seu seus "
    "hij zij ze hem haar hun он она оно они его её их "
    "o onu onun onlar هو هي هم 他 她 它 他们 这 那 それ その 彼 彼女".split()
)
"""Pronouns that mean somebody or something said before."""


def any_word_of(words: tuple[str, ...] | list[str]) -> str:
    """Return a regular expression that matches any of the words by itself; those of scripts without spaces anywhere."""
    spaced = [word for word in words if word[0].isascii() or not _is_unspaced(word)]
    unspaced = [word for word in words if word not in spaced]
    return rf"(?:(?<!\w){any_of(spaced)}(?!\w)|{any_of(unspaced)})" if unspaced else rf"(?<!\w){any_of(spaced)}(?!\w)"


def _is_unspaced(word: str) -> bool:
    return any("\u3040" <= character <= "\u9fff" for character in word)
