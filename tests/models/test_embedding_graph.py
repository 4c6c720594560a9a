"""The graph of the packaged embedding model is what its exporter writes."""

import hashlib

import onnx

from rag.models.embedding.packaged import GRAPH, GRAPH_SHA256, read_weights
from rag.models.embedding.weights import packaged_folder
from train.export_embedding import graph


def test_the_shipped_graph_is_the_written_one() -> None:
    assert onnx.load(str(GRAPH), load_external_data=False) == graph()
    assert hashlib.sha256(GRAPH.read_bytes()).hexdigest() == GRAPH_SHA256


def test_every_weight_has_its_place_and_shape() -> None:
    wanted = {one.name: tuple(one.dims) for one in graph().graph.initializer if one.external_data}
    given = read_weights(packaged_folder() / "model.safetensors")
    assert {name: value.shape for name, value in given.items()} == wanted
