"""The arithmetics of the packaged model: float32, and 8-bit matrices where the processor multiplies those faster.

Each is a graph, written by train/export_embedding.py, and the weights of the installed model as that graph takes them.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from rag.errors import ModelError
from rag.models.embedding.quantization import fill_divisors, read_divisors, round_matrix
from rag.models.embedding.safetensors_file import Weights, read_tensors
from rag.models.embedding.weights import DAMAGED, PACKAGED
from rag.models.hardware import multiplies_int8

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

LAYERS = 6

Arranged = Mapping[str, npt.NDArray[Any]]
"""Weights by their names in a graph."""


class Layer(NamedTuple):
    """The weights of one product, those of query, key and value side by side."""

    name: str
    matrix: npt.NDArray[np.float32]
    """Shape (outputs, inputs)."""
    bias: npt.NDArray[np.float32]


class Arithmetic(NamedTuple):
    """How the model is computed."""

    graph: Path
    """The model without its weights."""
    sha256: str
    arrange: Callable[[Weights], Arranged]
    batch_tokens: int
    """Most tokens run at once by one core, in texts of one length."""

    def open_session(self, weights: Path) -> "InferenceSession":
        """Load the graph with the weights of a safetensors file; ModelError where either is damaged."""
        graph = self.graph.read_bytes()
        if hashlib.sha256(graph).hexdigest() != self.sha256:
            raise ModelError(f"{self.graph} is damaged; reinstall rag-articles")
        arranged = self.arrange(read_weights(weights))
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(value) for value in arranged.values()]
        options.add_external_initializers(list(arranged), values)
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def choose_arithmetic() -> str:
    """Return the name of the faster arithmetic of this processor."""
    return "int8" if multiplies_int8() else "float32"


def read_weights(path: Path) -> Weights:
    """Read the weights by their names in the model; ModelError where they are not the packaged model's."""
    try:
        read = read_tensors(path)
    except OSError as error:
        raise ModelError(f"{DAMAGED} ({error})") from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ModelError(DAMAGED) from error
    if read.sha256 != PACKAGED.sha256:
        raise ModelError(DAMAGED)
    return {name.removeprefix("bert."): value for name, value in read.tensors.items()}


def arrange_float32(weights: Weights) -> Arranged:
    """Arrange weights for products x·W."""
    arranged = dict(_arrange_vectors(weights))
    for layer in layers(weights):
        arranged[f"{layer.name}.weight"] = np.ascontiguousarray(layer.matrix.T)
        arranged[f"{layer.name}.bias"] = layer.bias
    return arranged


def arrange_int8(weights: Weights) -> Arranged:
    """Arrange weights for products x·W with matrices of 8 bits; a layer with large columns has factors too."""
    arranged: dict[str, npt.NDArray[Any]] = dict(_arrange_vectors(weights))
    for layer in layers(weights):
        columns = read_divisors().get(layer.name, {})
        divisors = fill_divisors(columns, layer.matrix.shape[1])
        rounded = round_matrix(layer.matrix, divisors)
        arranged[f"{layer.name}.weight"] = rounded.values
        arranged[f"{layer.name}.scales"] = rounded.scales
        arranged[f"{layer.name}.bias"] = layer.bias
        if columns:
            arranged[f"{layer.name}.smoothing"] = 1 / divisors
    return arranged


def layers(weights: Weights) -> Iterator[Layer]:
    """Yield the weights of each product of the model."""
    for number in range(LAYERS):
        own = f"encoder.layer.{number}"
        attention = f"{own}.attention.self"
        parts = [f"{attention}.{part}" for part in ("query", "key", "value")]
        matrix = np.concatenate([weights[f"{part}.weight"] for part in parts])
        yield Layer(attention, matrix, np.concatenate([weights[f"{part}.bias"] for part in parts]))
        for name in (f"{own}.attention.output.dense", f"{own}.intermediate.dense", f"{own}.output.dense"):
            yield Layer(name, weights[f"{name}.weight"], weights[f"{name}.bias"])


def _arrange_vectors(weights: Weights) -> Weights:
    """Return the tables and the weights of the normalisations.

    All texts are of the first kind, so the vector of that kind is added to the positions once.
    """
    table = "embeddings.{}.weight".format
    kind = weights[table("token_type_embeddings")][0]
    arranged = {name: value for name, value in weights.items() if "LayerNorm" in name}
    arranged[table("word_embeddings")] = weights[table("word_embeddings")]
    arranged[table("position_embeddings")] = weights[table("position_embeddings")][: PACKAGED.window] + kind
    return arranged


ARITHMETICS: Mapping[str, Arithmetic] = {
    "float32": Arithmetic(
        Path(__file__).with_name("embedding.onnx"),
        "33aa18ef8c513bacd9d851e53a72b7f1ae802632af3a18ffa6603f8ed052e97e",
        arrange_float32,
        # As many as stay in the core's cache between two layers.
        batch_tokens=256,
    ),
    "int8": Arithmetic(
        Path(__file__).with_name("embedding_int8.onnx"),
        "ae4665bd4a52aec48c9cc83052fc1e8b0b0e69868828d7f7229adf33c9864bc5",
        arrange_int8,
        # One scale rounds all that is run at once: a text by itself has one vector, in any company.
        batch_tokens=0,
    ),
}
