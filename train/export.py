"""Writes a trained reader into the package: `python -m train.export CHECKPOINT DEV.jsonl.gz`."""

import argparse
import hashlib
import json
import random
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from sklearn.linear_model import LogisticRegression
from torch import Tensor, nn

from rag.models.reader.packaged import FOLDER, OnnxNetwork
from rag.models.reader.question_terms import parse_question_terms
from rag.models.reader.spans import compute_missing_share
from train.data import Example, by_title, read
from train.features import collate, features
from train.model import LONGEST, ReaderModel
from train.unanswerable import KINDS, make, names

STRIDE = 96
FLOATS = (0, 1, 2)
"""Layers whose second feed-forward matrix stays in floats: its inputs have outliers that 8 bits do not hold."""
TABLES = ["word_embeddings/Gather", "position_embeddings/Gather", "token_type_embeddings/Gather"]
"""One scale for all of a table loses much of it: that of the words gets one a word, the others are small."""
SEED = 30


class Flat(nn.Module):
    """The model with its marks as a tuple, as an ONNX file has them."""

    def __init__(self, model: ReaderModel) -> None:
        """Wraps a model."""
        super().__init__()
        self.model = model

    def forward(self, ids: Tensor, kinds: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Start, end and relevance."""
        marks = self.model(ids, kinds, mask)
        return marks.start, marks.end, marks.relevance


def to_onnx(model: nn.Module, outputs: Sequence[str], path: Path) -> None:
    """Export the model to ONNX: weights as 8-bit integers, one scale a column; activations quantised at run time."""
    ids = torch.randint(1000, 20000, (2, 48))
    kinds = (torch.arange(48) > 10).long().expand(2, -1)
    axes = {name: {0: "batch", 1: "tokens"} for name in ("ids", "kinds", "mask", "start", "end")}
    axes |= {name: {0: "batch"} for name in outputs if name not in axes}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole, ready = Path(folder) / "whole.onnx", Path(folder) / "ready.onnx"
        torch.onnx.export(
            model.eval(),
            (ids, kinds, torch.ones_like(ids)),
            str(whole),
            input_names=["ids", "kinds", "mask"],
            output_names=list(outputs),
            dynamic_axes={name: axis for name, axis in axes.items() if name in (*outputs, "ids", "kinds", "mask")},
            opset_version=17,
            dynamo=False,
        )
        quant_pre_process(str(whole), str(ready), skip_symbolic_shape=True)
        nodes = [node.name for node in onnx.load(ready).graph.node]
        kept = [f"layer.{layer}/output/dense/MatMul" for layer in FLOATS] + TABLES
        floats = [name for name in nodes if any(part in name for part in kept)]
        quantize_dynamic(ready, path, per_channel=True, weight_type=QuantType.QInt8, nodes_to_exclude=floats)
    made = onnx.load(path)
    quantise_words(made.graph)
    onnx.save(made, path)


def quantise_words(graph: onnx.GraphProto) -> None:
    """Quantise the table of the words to 8-bit integers with one scale a word."""
    place, node = next((i, one) for i, one in enumerate(graph.node) if one.name.endswith(TABLES[0]))
    name, ids = node.input
    table = next(one for one in graph.initializer if one.name == name)
    values = numpy_helper.to_array(table)
    scales = np.abs(values).max(axis=1, keepdims=True) / 127 + 1e-12
    graph.initializer.remove(table)
    graph.initializer.append(numpy_helper.from_array(np.round(values / scales).astype(np.int8), f"{name}_quantized"))
    graph.initializer.append(numpy_helper.from_array(scales.astype(np.float32), f"{name}_scale"))
    steps = [
        helper.make_node("Gather", [f"{name}_quantized", ids], ["words"]),
        helper.make_node("Cast", ["words"], ["words_cast"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Gather", [f"{name}_scale", ids], ["words_scale"]),
        helper.make_node("Mul", ["words_cast", "words_scale"], list(node.output)),
    ]
    graph.node.remove(node)
    for further, step in enumerate(steps):
        graph.node.insert(place + further, step)


def made_hard(examples: Sequence[Example]) -> list[Example]:
    """Unanswerable examples of each kind, out of every answerable one that lends itself to it."""
    rng, pool, articles = random.Random(SEED), names(examples), by_title(examples)
    made = [(kind, make(kind, one, rng, pool, articles)) for one in examples for kind in KINDS]
    return [replace(one, source=kind) for kind, one in made if one]


def calibrate(network: OnnxNetwork, examples: Sequence[Example]) -> dict[str, float]:
    """Weights of relevance, margin and missing names that make them a probability, fitted by logistic regression."""
    rows = []
    made = features(examples)
    for first in range(0, len(made), 4):
        batch = collate(made[first : first + 4])
        start, end, relevance = network(batch.ids.numpy(), batch.kinds.numpy(), batch.mask.numpy())
        inside = (batch.kinds * batch.mask).numpy() == 1
        best = np.where(inside, start, -1e4).max(1) + np.where(inside, end, -1e4).max(1)
        chosen = examples[first : first + 4]
        lacking = [
            compute_missing_share(parse_question_terms(one.question), f"{one.title} {one.context}") for one in chosen
        ]
        rows += list(zip(relevance, best - start[:, 0] - end[:, 0], lacking, strict=True))
    answerable = [one.start > 0 for one in made]
    fitted = LogisticRegression(C=1e3).fit(np.array(rows), answerable)
    weights = dict(zip(("relevance", "margin", "missing"), map(float, fitted.coef_[0]), strict=True))
    return weights | {"bias": float(fitted.intercept_[0])}


def export(checkpoint: Path, data: Path, calibrating: int) -> None:
    """Quantises, calibrates and writes the file with its card."""
    model = ReaderModel(pretrained=False)
    model.load_state_dict(torch.load(checkpoint, map_location="cpu")["model"])
    path = FOLDER / "reader.onnx"
    to_onnx(Flat(model), ("start", "end", "relevance"), path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    examples = read(data)
    examples += made_hard(examples)
    chosen = random.Random(SEED).sample(examples, min(calibrating, len(examples)))
    weights = calibrate(OnnxNetwork(path, sha256), chosen)
    card = {"sha256": sha256, "tokens": LONGEST, "stride": STRIDE, "calibration": weights}
    (FOLDER / "reader.json").write_text(json.dumps(card, indent=2) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--calibrating", type=int, default=3000)
    given = parser.parse_args()
    export(given.checkpoint, given.data, given.calibrating)
