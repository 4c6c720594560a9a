"""Writes a trained reader into the package: `python -m train.export CHECKPOINT DEV.jsonl.gz`."""

import argparse
import hashlib
import json
import random
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from rag.models.reader.packaged import FOLDER, ReaderNetwork
from rag.models.reader.question_terms import parse_question_terms
from rag.models.reader.spans import compute_missing_share
from rag.models.reader.windows import TokenWindow
from train.data import Example, by_title, read
from train.features import collate, features
from train.graphs import Array, build
from train.model import LONGEST, ReaderModel
from train.restore import weights
from train.unanswerable import KINDS, make, names

STRIDE = 96
SEED = 30
LARGEST = 5.0
"""Columns whose numbers are larger than this are smoothed: most are smaller, one or two of a layer much larger."""
SMOOTHING = 100
"""Examples on which the largest numbers are looked for."""
_SMOOTHED = re.compile(r"\d\.(?:intermediate|output)\.dense$")


def find_smoothing(model: nn.Module, examples: Sequence[Example]) -> dict[str, Array]:
    """Find the factors of the columns that go into the matrices of the feed-forward layers, by their largest numbers.

    Attention and its output have no columns that stand out.
    """
    largest: dict[str, Tensor] = {}

    def record(name: str, _: nn.Module, given: tuple[Tensor, ...]) -> None:
        columns = given[0].abs().amax(dim=(0, 1))
        largest[name] = torch.maximum(largest.get(name, columns), columns)

    layers = [(name, part) for name, part in model.named_modules() if _SMOOTHED.search(name)]
    hooks = [part.register_forward_pre_hook(partial(record, name)) for name, part in layers]
    with torch.inference_mode():
        for one in features(examples):
            batch = collate([one])
            model.eval()(batch.ids, batch.kinds, batch.mask)
    for hook in hooks:
        hook.remove()
    return {name: np.minimum(LARGEST / columns.clamp(min=1e-9).numpy(), 1) for name, columns in largest.items()}


def write_network(model: nn.Module, output: str, examples: Sequence[Example], path: Path) -> str:
    """Write a model as an ONNX file of 8-bit matrices, and return its SHA-256."""
    held = {name: value.numpy() for name, value in model.state_dict().items()}
    made = build(held, output, find_smoothing(model, examples))
    path.write_bytes(made.SerializeToString(deterministic=True))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def made_hard(examples: Sequence[Example]) -> list[Example]:
    """Unanswerable examples of each kind, out of every answerable one that lends itself to it."""
    rng, pool, articles = random.Random(SEED), names(examples), by_title(examples)
    made = [(kind, make(kind, one, rng, pool, articles)) for one in examples for kind in KINDS]
    return [replace(one, source=kind) for kind, one in made if one]


def calibrate(network: ReaderNetwork, examples: Sequence[Example]) -> dict[str, float]:
    """Weights of relevance, margin and missing names that make them a probability, fitted by logistic regression."""
    rows = []
    made = features(examples)
    scored = network([TokenWindow(one.ids.astype(np.int64), one.kinds.astype(np.int64)) for one in made])
    for example, feature, scores in zip(examples, made, scored, strict=True):
        inside = feature.kinds == 1
        best = scores.start[inside].max(initial=-1e4) + scores.end[inside].max(initial=-1e4)
        lacking = compute_missing_share(parse_question_terms(example.question), f"{example.title} {example.context}")
        rows.append((scores.relevance, best - scores.start[0] - scores.end[0], lacking))
    answerable = [one.start > 0 for one in made]
    fitted = LogisticRegression(C=1e3).fit(np.array(rows), answerable)
    found = dict(zip(("relevance", "margin", "missing"), map(float, fitted.coef_[0]), strict=True))
    return found | {"bias": float(fitted.intercept_[0])}


def export(checkpoint: Path, data: Path, calibrating: int) -> None:
    """Quantises, calibrates and writes the file with its card."""
    model = ReaderModel(pretrained=False)
    model.load_state_dict(weights(checkpoint))
    path = FOLDER / "reader.onnx"
    examples = read(data)
    sha256 = write_network(model, "relevance", random.Random(SEED).sample(examples, SMOOTHING), path)
    examples += made_hard(examples)
    chosen = random.Random(SEED).sample(examples, min(calibrating, len(examples)))
    calibration = calibrate(ReaderNetwork(path, sha256), chosen)
    card = {"sha256": sha256, "tokens": LONGEST, "stride": STRIDE, "calibration": calibration}
    (FOLDER / "reader.json").write_text(json.dumps(card, indent=2) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--calibrating", type=int, default=3000)
    given = parser.parse_args()
    export(given.checkpoint, given.data, given.calibrating)
