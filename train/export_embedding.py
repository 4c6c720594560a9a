"""Writes the graphs of the packaged embedding model, without weights: `python -m train.export_embedding`.

The weights are those of the installed model; `rag/models/embedding/arithmetic.py` gives them in by name. The operators
of com.microsoft are ONNX Runtime's own. Its layer normalisation goes number by number and takes a seventh of the time;
its instance normalisation, over one row a token, does the same with vector instructions.
"""

import hashlib
import math

import numpy as np
import onnx
from onnx import TensorProto, helper

from rag.models.embedding.arithmetic import ARITHMETICS, LAYERS
from rag.models.embedding.quantization import read_divisors
from rag.models.embedding.weights import PACKAGED
from train.graphs import EPSILON, HEADS, IR, OPSETS, OWN, Graph

WIDTH, INNER, WORDS = PACKAGED.dimension, 1536, 30522


class EmbeddingGraph(Graph):
    """A graph in float32 whose weights are given in when it is loaded."""

    def weight(self, name: str, *shape: int, kind: int = TensorProto.FLOAT) -> str:
        """A weight that is given in when the graph is loaded."""
        size = helper.tensor_dtype_to_np_dtype(kind).itemsize * math.prod(shape)
        place = {"location": "model.safetensors", "offset": "0", "length": str(size)}
        tensor = TensorProto(name=name, data_type=kind, dims=shape, data_location=TensorProto.EXTERNAL)
        for key, value in place.items():
            tensor.external_data.add(key=key, value=value)
        self.weights.append(tensor)
        return name

    def attend(self, given: str, name: str) -> str:
        """Return what each token gathers of the others."""
        three = self.weight(f"{name}.weight", WIDTH, 3 * WIDTH), self.weight(f"{name}.bias", 3 * WIDTH)
        return self.node("Attention", given, *three, domain=OWN, num_heads=HEADS)

    def add_product(self, given: str, residual: str, name: str, inputs: int) -> str:
        """Return the product with a layer's matrix, plus its bias and what went around it."""
        product = self.node("MatMul", given, self.weight(f"{name}.weight", inputs, WIDTH))
        return self.node("Add", self.node("Add", product, self.weight(f"{name}.bias", WIDTH)), residual)

    def activate(self, given: str, name: str) -> str:
        """Return the product with a layer's matrix, plus its bias, through the activation."""
        product = self.node("MatMul", given, self.weight(f"{name}.weight", WIDTH, INNER))
        return self.node("BiasGelu", product, self.weight(f"{name}.bias", INNER), domain=OWN)

    def normalize(self, total: str, name: str) -> str:
        """Return each row at mean 0 and variance 1, scaled and shifted."""
        rows = self.node("InstanceNormalization", total, "ones", "zeros", epsilon=EPSILON)
        scaled = self.node("Mul", rows, self.weight(f"{name}.weight", WIDTH))
        return self.node("Add", scaled, self.weight(f"{name}.bias", WIDTH))

    def layer(self, given: str, name: str) -> str:
        """Return one layer of the transformer."""
        seen = self.attend(given, f"{name}.attention.self")
        out = f"{name}.attention.output"
        seen = self.normalize(self.add_product(seen, given, f"{out}.dense", WIDTH), f"{out}.LayerNorm")
        inner = self.activate(seen, f"{name}.intermediate.dense")
        out = f"{name}.output"
        return self.normalize(self.add_product(inner, seen, f"{out}.dense", INNER), f"{out}.LayerNorm")


class Int8Graph(EmbeddingGraph):
    """A graph whose matrices have 8 bits, with one scale a column, and what goes into them one scale in all."""

    def attend(self, given: str, name: str) -> str:
        """Return what each token gathers of the others."""
        rounded = [f"{name}.given.{part}" for part in ("rounded", "scale", "zero")]
        self.nodes.append(helper.make_node("DynamicQuantizeLinear", [self.smooth(given, name, WIDTH)], rounded))
        matrix, scales, bias = self.rounded(name, WIDTH, 3 * WIDTH)
        zeros = self.values(f"{name}.zeros", np.zeros(3 * WIDTH, np.int8))
        inputs = [rounded[0], matrix, bias, rounded[1], scales, "", rounded[2], zeros]
        return self.node("QAttention", *inputs, domain=OWN, num_heads=HEADS)

    def add_product(self, given: str, residual: str, name: str, inputs: int) -> str:
        """Return the product with a layer's matrix, plus its bias and what went around it."""
        return self.node("Add", self.product(given, name, inputs, WIDTH), residual)

    def activate(self, given: str, name: str) -> str:
        """Return the product with a layer's matrix, plus its bias, through the activation."""
        return self.node("Gelu", self.product(given, name, WIDTH, INNER), domain=OWN)

    def product(self, given: str, name: str, inputs: int, outputs: int) -> str:
        """Return the product with a layer's matrix, plus its bias."""
        matrix, scales, bias = self.rounded(name, inputs, outputs)
        smooth = self.smooth(given, name, inputs)
        return self.node("DynamicQuantizeMatMul", smooth, matrix, scales, "", bias, domain=OWN)

    def rounded(self, name: str, inputs: int, outputs: int) -> tuple[str, str, str]:
        """A layer's matrix of 8 bits, its scales and its bias."""
        matrix = self.weight(f"{name}.weight", inputs, outputs, kind=TensorProto.INT8)
        return matrix, self.weight(f"{name}.scales", outputs), self.weight(f"{name}.bias", outputs)

    def smooth(self, given: str, name: str, inputs: int) -> str:
        """Return what goes into a layer, with its large columns made smaller, where it has any."""
        if name not in read_divisors():
            return given
        return self.node("Mul", given, self.weight(f"{name}.smoothing", inputs))


GRAPHS = {"float32": EmbeddingGraph, "int8": Int8Graph}


def graph(arithmetic: str) -> onnx.ModelProto:
    """Build the model from ids, shape (texts, tokens), to unit vectors, shape (texts, 384); all texts of one length."""
    made = GRAPHS[arithmetic]()
    length = made.node("Gather", made.node("Shape", "ids"), made.constant("one", 1))
    for name, value in (("ones", 1.0), ("zeros", 0.0)):
        filled = helper.make_tensor("value", TensorProto.FLOAT, [1], [value])
        made.nodes.append(helper.make_node("ConstantOfShape", [length], [name], value=filled))
    table = "embeddings.{}.weight".format
    words = made.weight(table("word_embeddings"), WORDS, WIDTH)
    positions = made.weight(table("position_embeddings"), PACKAGED.window, WIDTH)
    norm = [made.weight(f"embeddings.LayerNorm.{part}", WIDTH) for part in ("weight", "bias")]
    outputs = ["embedded", "unused"]
    inputs = ["ids", "", words, positions, "", *norm]
    made.nodes.append(helper.make_node("EmbedLayerNormalization", inputs, outputs, domain=OWN, epsilon=EPSILON))
    states = "embedded"
    for layer in range(LAYERS):
        states = made.layer(states, f"encoder.layer.{layer}")
    mean = made.node("ReduceMean", states, axes=[1], keepdims=0)
    made.nodes.append(helper.make_node("LpNormalization", [mean], ["vectors"], axis=-1, p=2))
    ids = helper.make_tensor_value_info("ids", TensorProto.INT32, ["texts", "tokens"])
    vectors = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", WIDTH])
    whole = helper.make_graph(made.nodes, PACKAGED.name, [ids], [vectors], made.weights)
    return helper.make_model(whole, opset_imports=OPSETS, ir_version=IR, producer_name="rag-articles")


def export() -> dict[str, str]:
    """Writes the files and returns their SHA-256, which stand in `rag/models/embedding/arithmetic.py`."""
    for name in GRAPHS:
        ARITHMETICS[name].graph.write_bytes(graph(name).SerializeToString(deterministic=True))
    return {name: hashlib.sha256(ARITHMETICS[name].graph.read_bytes()).hexdigest() for name in GRAPHS}


if __name__ == "__main__":
    print(export())
