"""Writes a trained support model into the package: `python -m train.export_support CHECKPOINT SUPPORT DEV`."""

import argparse
import hashlib
import json
import random
from pathlib import Path

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from rag.models.reader.packaged import FOLDER, OnnxNetwork
from train.data import read
from train.export import to_onnx
from train.features import collate
from train.support import LONGEST, SEED, SHARES, SHARES_AGAIN, SupportModel, make_claims, tokens
from train.support_data import read_claims, split_claims

MADE = 1000


def export(checkpoint: Path, support: Path, data: Path) -> None:
    """Quantises, calibrates on claims that were held out, and writes the file with its card."""
    model = SupportModel(pretrained=False)
    model.load_state_dict(torch.load(checkpoint, map_location="cpu")["model"])
    path = FOLDER / "support.onnx"
    to_onnx(model, ("support",), path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    _, claims = split_claims(read_claims(support))
    for shares in (SHARES, SHARES_AGAIN):
        claims += make_claims(read(data), MADE, random.Random(SEED + 2), shares)
    network, made, logits = OnnxNetwork(path, sha256), tokens(claims), list[float]()
    for first in range(0, len(made), 4):
        batch = collate(made[first : first + 4])
        logits += [float(one) for one in network.run(batch.ids.numpy(), batch.kinds.numpy(), batch.mask.numpy())[0]]
    fitted = LogisticRegression(C=1e3).fit(np.array(logits)[:, None], [one.supported for one in claims])
    weights = {"scale": float(fitted.coef_[0][0]), "bias": float(fitted.intercept_[0])}
    card = {"sha256": sha256, "tokens": LONGEST} | weights
    (FOLDER / "support.json").write_text(json.dumps(card, indent=2) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("support", type=Path)
    parser.add_argument("data", type=Path)
    given = parser.parse_args()
    export(given.checkpoint, given.support, given.data)
