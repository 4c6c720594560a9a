"""Tell facts from what could be and from what is to come (pure)."""

import re
from typing import Literal

from rag.text.english import CAPACITY_WORDS, FORECAST_WORDS, any_of

Modality = Literal["fact", "capacity", "forecast"]

_CLAUSE_END = re.compile(r"[;:]\s|,\s+(?:and|but|while|which|who|although|though|because|since)\s")
_CAPACITY = re.compile(rf"\b{any_of(CAPACITY_WORDS)}\b", re.I)
_FORECAST = re.compile(rf"\b{any_of(FORECAST_WORDS)}\b", re.I)


def find_modality(sentence: str, start: int) -> Modality:
    """Find as what a sentence gives the value at a position: “can carry 240”, “will cost 4 million”, “cost 5 million”.

    What counts is the clause in which the value stands, the first one where it begins before the sentence.
    """
    start = max(start, 0)
    ends = [0, *(match.end() for match in _CLAUSE_END.finditer(sentence)), len(sentence)]
    begin = max(end for end in ends if end <= start)
    clause = sentence[begin : min(end for end in ends if end > start or end == len(sentence))]
    if _CAPACITY.search(clause):
        return "capacity"
    return "forecast" if _FORECAST.search(clause) else "fact"
