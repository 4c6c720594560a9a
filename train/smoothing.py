"""Finds the large columns of the packaged embedding model: `python -m train.smoothing`.

The model in float32 embeds the articles of seeds/, and the largest number of each column that goes into a matrix is
noted. Which columns are large depends little on the text. What comes out of attention has none that stand out.
"""

import hashlib
import json

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

from rag.models.embedding.arithmetic import ARITHMETICS, read_weights
from rag.models.embedding.packaged import PackagedEmbedder, truncate
from rag.models.embedding.quantization import SMOOTHING
from rag.models.embedding.weights import PACKAGED, packaged_folder
from rag.sources import read
from rag.text.chunking import Chunker, embedded_texts
from rag.types import Article
from train.export_embedding import graph
from train.graphs import Array

SOURCE = "seeds"
LARGEST = 4.0
"""What no number that goes into a matrix is to exceed: most are smaller, those of few columns much larger."""


def passages() -> list[list[int]]:
    """Read the articles and return the tokens of what the model reads of each passage."""
    embedder = PackagedEmbedder("cpu", arithmetic="float32")
    chunker = Chunker(embedder.count_tokens, PACKAGED.window)
    articles = [item for item in read([SOURCE]) if isinstance(item, Article)]
    texts = [text for one in articles for text in embedded_texts(one.title, chunker.split(one), chunker)]
    return [truncate(encoding.ids) for encoding in embedder.tokenizer.encode_batch_fast(texts)]


def largest_columns(texts: list[list[int]]) -> dict[str, Array]:
    """Return by layer the largest number of each column that goes into its matrix, over the tokens of all texts."""
    model = graph("float32")
    given = {
        node.input[1].removesuffix(".weight"): node.input[0]
        for node in model.graph.node
        if node.op_type in ("MatMul", "Attention") and "attention.output" not in node.input[1]
    }
    names = sorted(set(given.values()))
    model.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    arranged = ARITHMETICS["float32"].arrange(read_weights(packaged_folder() / "model.safetensors"))
    options = onnxruntime.SessionOptions()
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(value) for value in arranged.values()]
    options.add_external_initializers(list(arranged), values)
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    largest: dict[str, Array] = {}
    for ids in texts:
        for name, values in zip(names, session.run(names, {"ids": np.array([ids], dtype=np.int32)}), strict=True):
            columns = np.abs(values).max(axis=(0, 1))
            largest[name] = np.maximum(largest.get(name, columns), columns)
    return {layer: largest[name] for layer, name in given.items()}


def export() -> str:
    """Writes the divisors and returns the file's SHA-256, which stands in `rag/models/embedding/quantization.py`."""
    found = {
        layer: {str(number): round(float(columns[number]) / LARGEST, 2) for number in np.flatnonzero(columns > LARGEST)}
        for layer, columns in largest_columns(passages()).items()
    }
    SMOOTHING.write_text(json.dumps(found, indent=1) + "\n")
    return hashlib.sha256(SMOOTHING.read_bytes()).hexdigest()


if __name__ == "__main__":
    print(export())
