"""Write the quotation marks of every language as “ and ”, each in its place (pure)."""

import re

_DOUBLE = re.compile("„[^„“”]*[“”]|«[^«»]*»|»[^«»]*«|「[^「」]*」|『[^『』]*』|‹[^‹›]*›|”(?=\\w)[^“”]*\\S”")
_SINGLE = re.compile(r"(?<!\w)‘[^‘]*?[.,!?]’(?!\w)|(?<!\w)'(?=\w)[^']*(?:(?<=\w)'(?=\w)[^']*)*(?<=[.,!?])'(?!\w)")
"""Marks that are apostrophes too, and so count only where what they quote ends as a sentence does."""
_ANY_DOUBLE = re.compile('[“”"]')


def unify_quotation_marks(text: str) -> str:
    """Write the quotation marks of a text as “ and ”, whatever its language has; no character changes its place.

    >>> unify_quotation_marks("«Il pleut», dit-elle. „Es regnet“, sagte er.")
    '“Il pleut”, dit-elle. “Es regnet”, sagte er.'
    >>> unify_quotation_marks("‘It’s raining,’ she said.")
    '“It’s raining,” she said.'
    """
    text = _DOUBLE.sub(_put_marks, text)
    return text if _ANY_DOUBLE.search(text) else _SINGLE.sub(_put_marks, text)


def _put_marks(match: re.Match[str]) -> str:
    return f"“{match[0][1:-1]}”"
