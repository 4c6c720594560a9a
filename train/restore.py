"""Readers' networks out of what was left of them: a checkpoint, or the ONNX file that is shipped.

`python -m train.restore MEAN.pt READER READER …` writes the mean of their weights.
"""

import argparse
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from train.model import ReaderModel

_PLACE = re.compile(r"/(?:model/)?(.+)/(?:Gemm_)?MatMul(?:_quant)?")


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
    graph = onnx.load(path).graph
    held = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    found = {name.removeprefix("model."): value for name, value in held.items()}
    for node in graph.node:
        place = _PLACE.fullmatch(node.name)
        if place and node.op_type in ("MatMul", "MatMulInteger") and node.input[1] in held:
            found[place.group(1).replace("/", ".") + ".weight"] = _whole(node.input[1], held).T
    for name in [name for name in found if name.endswith("_quantized")]:
        if name.endswith("embeddings.weight_quantized"):
            found[name.removesuffix("_quantized")] = _whole(name if name in held else f"model.{name}", held)
    return {name: torch.from_numpy(np.array(found[name], np.float32)) for name in network.state_dict()}


def _whole(name: str, held: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the numbers of a matrix; those of a quantised one times their scales."""
    if not name.endswith("_quantized"):
        return held[name]
    stem = name.removesuffix("_quantized")
    return (held[name].astype(np.float32) - held.get(f"{stem}_zero_point", 0)) * held[f"{stem}_scale"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mean", type=Path)
    parser.add_argument("readers", type=Path, nargs="+")
    given = parser.parse_args()
    torch.save({"model": mean(given.readers)}, given.mean)
