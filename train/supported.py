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
from train.support import MEASURED, SEED, SHARES, SHARES_AGAIN, make_claims, report
from train.support_data import read_claims, sample_parts, split_claims

MADE = 1200
CHECKED = 300
"""Claims that the whole check is put to, which takes longer."""


def measure(support: Sequence[Path], data: Path) -> None:
    """Prints how well it tells supported claims from others, by kind."""
    checker = SupportChecker()
    rng = random.Random(SEED)
    _, kept = split_claims([claim for path in support for claim in read_claims(path)])
    kept = sample_parts(kept, MEASURED, rng)
    examples = read(data)
    made = make_claims(examples, MADE, random.Random(SEED + 3), SHARES)
    made_too = make_claims(examples, MADE, random.Random(SEED + 4), SHARES_AGAIN)
    sets = (("held-out support data", kept), ("held-out made by rule", made), ("and as shown again", made_too))
    for title, claims in sets:
        report(title, np.array(checker.support([(one.text, one.evidence) for one in claims])), claims)
    for title, claims in sets:
        print(title)
        judge(rng.sample(claims, min(CHECKED, len(claims))), checker)


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
    parser.add_argument("--extra", type=Path, nargs="*", default=[], help="more claims")
    given = parser.parse_args()
    measure([given.support, *given.extra], given.reader_dev)
