"""Builds ONNX graphs node by node: what the exporters share, and an encoder whose matrices have 8 bits.

A graph of torch is not fused as well: in ONNX Runtime's own operators (com.microsoft) a passage takes two thirds of the
time. All texts of a run have one length, so nothing masks padding. The scale of what goes into a matrix is that of all
of it, found at run time, so one column of large numbers costs the others their precision:
so the columns that are known
to be large are made smaller, and their rows of the matrix larger (SmoothQuant, arXiv 2211.10438).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

OWN = "com.microsoft"
EPSILON = 1e-12
OPSETS = [helper.make_opsetid("", 17), helper.make_opsetid(OWN, 1)]
IR = 8
"""Version of the file format that the oldest ONNX Runtime allowed here reads."""
LAYERS, HEADS = 6, 12
WORDS = "encoder.embeddings.word_embeddings.weight"

Array = npt.NDArray[np.float32]
Weights = Mapping[str, Array]
"""By their names in the network; matrices as torch has them, a row an output."""


class Graph:
    """Nodes and weights as they are added; every method returns the name of what it made."""

    def __init__(self) -> None:
        """Begins empty."""
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def values(self, name: str, values: npt.NDArray[np.generic]) -> str:
        """Numbers that stand in the graph."""
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def constant(self, name: str, *values: int) -> str:
        """Whole numbers that stand in the graph."""
        return self.values(name, np.array(values, dtype=np.int64))

    def node(self, kind: str, *inputs: str, domain: str = "", **settings: object) -> str:
        """Return one step; ONNX Runtime's own ones are named with their domain."""
        made = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [made], domain=domain, **settings))
        return made


def quantise(matrix: Array, axis: int) -> tuple[npt.NDArray[np.int8], Array]:
    """Round a matrix to 8-bit integers, with one scale for all numbers along an axis."""
    scales = np.abs(matrix).max(axis=axis, keepdims=True) / 127 + 1e-12
    return np.round(matrix / scales).astype(np.int8), scales.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Linear:
    """A layer's matrix and bias."""

    matrix: Array
    """Shape (inputs, outputs)."""
    bias: Array


class Encoder(Graph):
    """The encoder of both packaged networks, on `ids` and `kinds` of shape (texts, tokens)."""

    def __init__(self, held: Weights, smoothing: Mapping[str, Array]) -> None:
        """`smoothing` has, by the name of a layer, the factors of the columns that go into it."""
        super().__init__()
        self._held = held
        self._smoothing = smoothing

    def linear(self, *names: str) -> Linear:
        """Return the weights of layers, side by side."""
        matrices = [self._held[f"{name}.weight"].T for name in names]
        return Linear(np.concatenate(matrices, axis=1), np.concatenate([self._held[f"{name}.bias"] for name in names]))

    def dense(self, given: str, name: str) -> str:
        """Return the product of what is given with a layer's matrix in 8 bits, plus its bias."""
        layer = self.linear(name)
        matrix = layer.matrix
        if name in self._smoothing:
            factors = self._smoothing[name]
            given = self.node("Mul", given, self.values(f"{name}.smoothing", factors))
            matrix = matrix / factors[:, None]
        rounded, scales = quantise(matrix, 0)
        weights = self.values(f"{name}.matrix", rounded), self.values(f"{name}.scales", scales[0])
        bias = self.values(f"{name}.bias", layer.bias)
        return self.node("DynamicQuantizeMatMul", given, *weights, "", bias, domain=OWN)

    def attend(self, given: str, name: str) -> str:
        """Return what each token gathers of the others."""
        layer = self.linear(*(f"{name}.{part}" for part in ("query", "key", "value")))
        rounded, scales = quantise(layer.matrix, 0)
        made = [f"{name}.given.{part}" for part in ("rounded", "scale", "zero")]
        self.nodes.append(helper.make_node("DynamicQuantizeLinear", [given], made))
        inputs = [
            made[0],
            self.values(f"{name}.matrix", rounded),
            self.values(f"{name}.bias", layer.bias),
            made[1],
            self.values(f"{name}.scales", scales[0]),
            "",
            made[2],
            self.values(f"{name}.zeros", np.zeros(layer.bias.size, np.int8)),
        ]
        return self.node("QAttention", *inputs, domain=OWN, num_heads=HEADS)

    def normalise(self, given: str, name: str) -> str:
        """Return each token at mean 0 and variance 1, scaled and shifted."""
        weights = [self.values(f"{name}.{part}", self._held[f"{name}.{part}"]) for part in ("weight", "bias")]
        return self.node("LayerNormalization", given, *weights, axis=-1, epsilon=EPSILON)

    def embed(self) -> str:
        """Return the sums of each token's word, place and kind; the table of the words has one scale a word."""
        rounded, scales = quantise(self._held[WORDS], 1)
        words = self.node("Gather", self.values(f"{WORDS}.matrix", rounded), "ids")
        words = self.node("Cast", words, to=TensorProto.FLOAT)
        words = self.node("Mul", words, self.node("Gather", self.values(f"{WORDS}.scales", scales), "ids"))
        table = "encoder.embeddings.{}.weight".format
        kinds, places = table("token_type_embeddings"), table("position_embeddings")
        kind = self.node("Gather", self.values(kinds, self._held[kinds]), "kinds")
        length = self.node("Gather", self.node("Shape", "ids"), "one")
        place = self.node("Slice", self.values(places, self._held[places]), "zero", length, "zero")
        total = self.node("Add", self.node("Add", words, kind), place)
        return self.normalise(total, "encoder.embeddings.LayerNorm")

    def layer(self, given: str, number: int) -> str:
        """Return one layer of the transformer."""
        name = f"encoder.encoder.layer.{number}"
        seen = self.dense(self.attend(given, f"{name}.attention.self"), f"{name}.attention.output.dense")
        seen = self.normalise(self.node("Add", seen, given), f"{name}.attention.output.LayerNorm")
        inner = self.node("Gelu", self.dense(seen, f"{name}.intermediate.dense"), domain=OWN)
        outer = self.dense(inner, f"{name}.output.dense")
        return self.normalise(self.node("Add", outer, seen), f"{name}.output.LayerNorm")

    def judge(self, states: str, output: str) -> None:
        """Add the output that is the logit of each text, by its first token."""
        first = self.node("Squeeze", self.node("Slice", states, "zero", "one", "one"), "one")
        layer = self.linear("judge")
        product = self.node("MatMul", first, self.values("judge.weight", layer.matrix))
        total = self.node("Add", product, self.values("judge.bias", layer.bias))
        self.nodes.append(helper.make_node("Squeeze", [total, "one"], [output]))

    def mark(self, states: str) -> None:
        """Add the outputs that are the logits of each token, to be where an answer starts and where it ends."""
        layer = self.linear("span")
        product = self.node("MatMul", states, self.values("span.weight", layer.matrix))
        total = self.node("Add", product, self.values("span.bias", layer.bias))
        self.nodes.append(helper.make_node("Split", [total], ["starts", "ends"], axis=2))
        self.nodes += [helper.make_node("Squeeze", [f"{output}s", "two"], [output]) for output in ("start", "end")]


def build(held: Weights, output: str, smoothing: Mapping[str, Array]) -> onnx.ModelProto:
    """Build the network of some weights: its marks, where it has any, and one logit a text, named `output`."""
    made = Encoder(held, smoothing)
    marks = ["start", "end"] if "span.weight" in held else []
    for number, name in enumerate(("zero", "one", "two") if marks else ("zero", "one")):
        made.constant(name, number)
    states = made.embed()
    for number in range(LAYERS):
        states = made.layer(states, number)
    if marks:
        made.mark(states)
    made.judge(states, output)
    given = [helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"]) for name in ("ids", "kinds")]
    found = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["texts", "tokens"]) for name in marks]
    found.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, ["texts"]))
    whole = helper.make_graph(made.nodes, output, given, found, made.weights)
    return helper.make_model(whole, opset_imports=OPSETS, ir_version=IR, producer_name="rag-articles")


def read_weights(path: Path) -> dict[str, Array]:
    """Read the weights of a network that `build` made, each 8-bit number taken back to what it stands for."""
    held = {one.name: numpy_helper.to_array(one) for one in onnx.load(path).graph.initializer}
    found = {name: value for name, value in held.items() if value.dtype == np.float32}
    for name, scales in held.items():
        stem = name.removesuffix(".scales")
        if stem == name:
            continue
        matrix = held[f"{stem}.matrix"] * scales
        if stem == WORDS:
            found[WORDS] = matrix
        elif stem.endswith(".self"):
            for number, part in enumerate(("query", "key", "value")):
                found[f"{stem}.{part}.weight"] = np.split(matrix, 3, axis=1)[number].T
                found[f"{stem}.{part}.bias"] = np.split(held[f"{stem}.bias"], 3)[number]
        else:
            factors = held.get(f"{stem}.smoothing", np.ones(len(matrix), np.float32))
            found[f"{stem}.weight"] = (matrix * factors[:, None]).T
    for name in ("span.weight", "judge.weight"):
        if name in found:
            found[name] = found[name].T
    return found
