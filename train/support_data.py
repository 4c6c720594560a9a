"""Reads what the support model is trained and measured on; by its evidence a claim is kept for measuring or not."""

import gzip
import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from train.claims import Claim

HELD_OUT = 8
"""Hundredths of the evidence texts that are kept for measuring."""
HELD_OUT_MORE = {"fm2": 25, "wice_train_partial": 25, "hans": 25, "litbank": 25}
"""The same for sources whose names begin so: of these no claim that is kept is shown beside another text either."""
FIRST = {"": 1.0}
"""What a first training is shown: all."""
AGAIN = {
    "fever_train_long": 0.03, "fever_train": 0.05, "fever_nli": 0.0, "fever": 0.3, "feverous": 0.7, "begin": 0.5,
    "wice": 1.0, "fm2": 1.5, "litbank": 2.0, "hans": 0.3, "syn_aug": 0.35, "scone": 0.25, "conj_adv": 0.2,
    "neg_nli": 0.4, "med": 0.25, "help": 0.0, "mnli": 0.15, "cad_snli": 0.1, "breaking": 0.08, "snli": 0.06,
    "entailment_bank": 0.4, "contractnli": 0.4, "q2": 1.0, "faithdial": 1.0,
}  # fmt: skip
"""What a trained model is trained on with: shares of the sources whose names begin so, the longest counts."""
_PARTS = {
    "hans l": "hans: word order", "hans s": "hans: part of a phrase", "hans c": "hans: clause within",
    "wice": "wice", "litbank": "litbank", "fm2": "fm2",
}  # fmt: skip
"""Under which name a source is measured, by how it begins; the others under their own."""


def read_claims(path: Path) -> list[Claim]:
    """Return the claims of a file of lines with `claim`, `evidence`, `label` and `source`, which becomes their kind.

    What a source says of the kind (`sub`) is written behind its name.
    """
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    return [
        Claim(
            one["claim"], one["evidence"], one["label"] == "supported", f"{one['source']} {one.get('sub', '')}".strip()
        )
        for one in lines
    ]


def is_held_out(claim: Claim) -> bool:
    """Whether the claim is kept for measuring, decided by its evidence alone."""
    text = " ".join(claim.evidence.casefold().split())
    share = next((share for name, share in HELD_OUT_MORE.items() if claim.kind.startswith(name)), HELD_OUT)
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 100 < share


def split_claims(claims: Sequence[Claim]) -> tuple[list[Claim], list[Claim]]:
    """Split claims into those that may be shown in training and those that are kept."""
    kept = [one for one in claims if is_held_out(one)]
    said = {one.text for one in kept if _is_held_out_more(one)}
    return [one for one in claims if not is_held_out(one) and one.text not in said], kept


def draw_claims(claims: Sequence[Claim], shares: Mapping[str, float], rng: random.Random) -> list[Claim]:
    """Draw from each source its share, whole rounds first."""
    groups: dict[str, list[Claim]] = defaultdict(list)
    for one in claims:
        groups[one.kind.split(" ")[0]].append(one)
    drawn = list[Claim]()
    for source, group in groups.items():
        share = shares[max((name for name in shares if source.startswith(name)), key=len)]
        drawn += group * int(share) + rng.sample(group, round(share % 1 * len(group)))
    return drawn


def sample_parts(claims: Sequence[Claim], most: int, rng: random.Random) -> list[Claim]:
    """Return at most so many claims of each part of the measurement."""
    groups: dict[str, list[Claim]] = defaultdict(list)
    for one in claims:
        groups[name_part(one)].append(one)
    return [one for group in groups.values() for one in rng.sample(group, min(most, len(group)))]


def name_part(claim: Claim) -> str:
    """Name the part of the measurement that a claim counts in."""
    return next((name for start, name in _PARTS.items() if claim.kind.startswith(start)), claim.kind)


def _is_held_out_more(claim: Claim) -> bool:
    return claim.kind.startswith(tuple(HELD_OUT_MORE))
