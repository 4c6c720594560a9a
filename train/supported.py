"""Measures the support model that ships on what it was not trained on: `python -m train.supported SUPPORT DEV`."""

import argparse
import random
from pathlib import Path

import numpy as np

from rag.reader.support import SupportChecker
from train.data import read
from train.support import SEED, held_out, labelled, report, ruled

MADE = 1200


def measure(support: Path, data: Path) -> None:
    """Prints how well it tells supported claims from others, by kind."""
    checker = SupportChecker()
    kept = [one for one in labelled(support) if held_out(one)]
    made = ruled(read(data), MADE, random.Random(SEED + 3))
    for title, claims in (("held-out support data", kept), ("held-out made by rule", made)):
        report(title, np.array(checker.support([(one.text, one.evidence) for one in claims])), claims)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("support", type=Path)
    parser.add_argument("reader_dev", type=Path)
    given = parser.parse_args()
    measure(given.support, given.reader_dev)
