"""The probe `sentences`: into how many sentences texts are split, of which no language is stated.

A case has `files`, each a list of texts, and `numbers`: how many sentences each text has, in their order.
"""

import json
from typing import TYPE_CHECKING

from rag.text.sentences import split_sentences

if TYPE_CHECKING:
    from tests.cases.probes import Case, Workbench


def sentences(case: "Case", bench: "Workbench") -> str:
    """Split texts; the sentences of the first that has more or fewer than it should, or an empty text."""
    texts = [text for name in case["files"] for text in json.loads((bench.folder / name).read_text(encoding="utf-8"))]
    for text, number in zip(texts, case["numbers"], strict=True):
        spans = split_sentences(text)
        if len(spans) != number:
            return f"{number} expected: {' | '.join(text[start:end] for start, end in spans)}"
    return ""
