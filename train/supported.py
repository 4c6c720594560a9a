"""Measures the support model that ships on what it was not trained on: `python -m train.supported SUPPORT DEV`."""

import argparse
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.answering.support import verify_claim
from rag.models.reader.support_checker import SupportChecker
from rag.types import Passage
from train.claims import Claim
from train.data import read
from train.support import SEED, held_out, make_claims, read_claims, report

MADE = 1200
CHECKED = 1500
"""Claims that the whole check is put to, which takes longer."""


def measure(support: Path, data: Path) -> None:
    """Prints how well it tells supported claims from others, by kind."""
    checker = SupportChecker()
    kept = [one for one in read_claims(support) if held_out(one)]
    made = make_claims(read(data), MADE, random.Random(SEED + 3))
    for title, claims in (("held-out support data", kept), ("held-out made by rule", made)):
        report(title, np.array(checker.support([(one.text, one.evidence) for one in claims])), claims)
    judge(random.Random(SEED).sample(kept, min(CHECKED, len(kept))), checker)


def judge(claims: Sequence[Claim], checker: SupportChecker) -> None:
    """Prints what the whole check, rules and narrowing included, says of claims."""
    said = [verify_claim(one.text, [_passage(one.evidence)], checker).support for one in claims]
    for supported in (True, False):
        own = [verdict for verdict, one in zip(said, claims, strict=True) if one.supported == supported]
        shares = ", ".join(
            f"{level} {own.count(level) / len(own):.3f}" for level in ("supported", "weak", "unsupported")
        )
        print(f"{'supported' if supported else 'other'} claims by the whole check ({len(own)}): {shares}")


def _passage(text: str) -> Passage:
    return Passage(article_id="", text=text, start=0, end=len(text))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("support", type=Path)
    parser.add_argument("reader_dev", type=Path)
    given = parser.parse_args()
    measure(given.support, given.reader_dev)
