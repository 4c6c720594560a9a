"""Readers' networks out of what was left of them: a checkpoint, or the ONNX file that is shipped.

`python -m train.restore MEAN.pt READER READER …` writes the mean of their weights.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from train.graphs import read_weights
from train.model import ReaderModel

Weights = dict[str, torch.Tensor]


def weights(path: Path, network: nn.Module | None = None) -> Weights:
    """Read the weights of a checkpoint, or of an ONNX file if its name ends so, by their names in the network.

    An ONNX file has those of a reader where no other network is given.
    """
    if path.suffix != ".onnx":
        held: Weights = torch.load(path, map_location="cpu")["model"]
        return held
    return _read_onnx(path, network or ReaderModel(pretrained=False))


def mean(paths: Sequence[Path]) -> Weights:
    """Return the mean of the weights that several files hold."""
    held = [weights(path) for path in paths]
    return {name: torch.stack([one[name] for one in held]).mean(0) for name in held[0]}


def _read_onnx(path: Path, network: nn.Module) -> Weights:
    """Return the weights in an ONNX file, each 8-bit number taken back to what it stands for."""
    found = read_weights(path)
    return {name: torch.from_numpy(np.array(found[name], order="C")) for name in network.state_dict()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mean", type=Path)
    parser.add_argument("readers", type=Path, nargs="+")
    given = parser.parse_args()
    torch.save({"model": mean(given.readers)}, given.mean)
