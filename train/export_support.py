"""Writes a trained support model into the package: `python -m train.export_support CHECKPOINT SUPPORT DEV`."""

import argparse
import json
import random
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from rag.models.reader.packaged import FOLDER, OnnxNetwork
from rag.models.reader.windows import TokenWindow
from train.data import read
from train.export import SMOOTHING, write_network
from train.restore import weights
from train.support import LONGEST, SEED, SHARES, SHARES_AGAIN, SupportModel, make_claims, tokens
from train.support_data import read_claims, split_claims

MADE = 1000


def export(checkpoint: Path, support: Path, data: Path) -> None:
    """Quantises, calibrates on claims that were held out, and writes the file with its card."""
    model = SupportModel(pretrained=False)
    model.load_state_dict(weights(checkpoint, model))
    path = FOLDER / "support.onnx"
    sha256 = write_network(model, "support", random.Random(SEED).sample(read(data), SMOOTHING), path)
    _, claims = split_claims(read_claims(support))
    for shares in (SHARES, SHARES_AGAIN):
        claims += make_claims(read(data), MADE, random.Random(SEED + 2), shares)
    network = OnnxNetwork(path, sha256)
    logits = [
        float(logit)
        for (logit,) in network.run(
            [TokenWindow(one.ids.astype(np.int64), one.kinds.astype(np.int64)) for one in tokens(claims)]
        )
    ]
    fitted = LogisticRegression(C=1e3).fit(np.array(logits)[:, None], [one.supported for one in claims])
    scaling = {"scale": float(fitted.coef_[0][0]), "bias": float(fitted.intercept_[0])}
    card = {"sha256": sha256, "tokens": LONGEST} | scaling
    (FOLDER / "support.json").write_text(json.dumps(card, indent=2) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("support", type=Path)
    parser.add_argument("data", type=Path)
    given = parser.parse_args()
    export(given.checkpoint, given.support, given.data)
