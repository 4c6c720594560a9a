"""Writes the graph of the packaged embedding model, without weights: `python -m train.export_embedding`.

The weights are those of the installed model; `rag/models/embedding/packaged.py` gives them in by name. The operators of
com.microsoft are ONNX Runtime's own. Its layer normalisation goes number by number and takes a seventh of the time;
its instance normalisation, over one row a token, does the same with vector instructions.
"""

import hashlib
import math

import onnx
from onnx import TensorProto, helper

from rag.models.embedding.packaged import GRAPH, LAYERS
from rag.models.embedding.weights import PACKAGED
from train.graphs import EPSILON, HEADS, IR, OPSETS, OWN, Graph

WIDTH, INNER, WORDS = PACKAGED.dimension, 1536, 30522


class EmbeddingGraph(Graph):
    """A graph whose weights are given in when it is loaded."""

    def weight(self, name: str, *shape: int) -> str:
        """A weight that is given in when the graph is loaded."""
        place = {"location": "model.safetensors", "offset": "0", "length": str(4 * math.prod(shape))}
        tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape, data_location=TensorProto.EXTERNAL)
        for key, value in place.items():
            tensor.external_data.add(key=key, value=value)
        self.weights.append(tensor)
        return name

    def dense(self, given: str, name: str, inputs: int, outputs: int) -> str:
        """Return the product with a matrix; its bias is added by what comes after."""
        return self.node("MatMul", given, self.weight(f"{name}.weight", inputs, outputs))

    def normalize(self, given: str, bias: str, residual: str, name: str) -> str:
        """Return the sum of the three, each row at mean 0 and variance 1, scaled and shifted."""
        total = self.node("Add", self.node("Add", given, self.weight(bias, WIDTH)), residual)
        rows = self.node("InstanceNormalization", total, "ones", "zeros", epsilon=EPSILON)
        scaled = self.node("Mul", rows, self.weight(f"{name}.weight", WIDTH))
        return self.node("Add", scaled, self.weight(f"{name}.bias", WIDTH))

    def layer(self, given: str, name: str) -> str:
        """Return one layer of the transformer."""
        own = f"{name}.attention.self"
        three = self.weight(f"{own}.weight", WIDTH, 3 * WIDTH), self.weight(f"{own}.bias", 3 * WIDTH)
        seen = self.node("Attention", given, *three, domain=OWN, num_heads=HEADS)
        out = f"{name}.attention.output"
        seen = self.normalize(
            self.dense(seen, f"{out}.dense", WIDTH, WIDTH), f"{out}.dense.bias", given, f"{out}.LayerNorm"
        )
        inner = self.dense(seen, f"{name}.intermediate.dense", WIDTH, INNER)
        inner = self.node("BiasGelu", inner, self.weight(f"{name}.intermediate.dense.bias", INNER), domain=OWN)
        out = f"{name}.output"
        return self.normalize(
            self.dense(inner, f"{out}.dense", INNER, WIDTH), f"{out}.dense.bias", seen, f"{out}.LayerNorm"
        )


def graph() -> onnx.ModelProto:
    """Build the model from ids, shape (texts, tokens), to unit vectors, shape (texts, 384); all texts of one length."""
    made = EmbeddingGraph()
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


def export() -> str:
    """Writes the file and returns its SHA-256, which stands in `rag/models/embedding/packaged.py`."""
    GRAPH.parent.mkdir(parents=True, exist_ok=True)
    GRAPH.write_bytes(graph().SerializeToString(deterministic=True))
    return hashlib.sha256(GRAPH.read_bytes()).hexdigest()


if __name__ == "__main__":
    print(export())
