"""The graph of the packaged embedding model is what its exporter writes."""

import hashlib

import numpy as np
import onnx
from safetensors.numpy import load_file

from rag.models.embedding.packaged import GRAPH, GRAPH_SHA256, read_weights
from rag.models.embedding.safetensors_file import read_tensors
from rag.models.embedding.weights import PACKAGED, packaged_folder
from train.export_embedding import graph


def test_the_shipped_graph_is_the_written_one() -> None:
    assert onnx.load(str(GRAPH), load_external_data=False) == graph()
    assert hashlib.sha256(GRAPH.read_bytes()).hexdigest() == GRAPH_SHA256


def test_every_weight_has_its_place_and_shape() -> None:
    wanted = {one.name: tuple(one.dims) for one in graph().graph.initializer if one.external_data}
    given = read_weights(packaged_folder() / "model.safetensors")
    assert {name: value.shape for name, value in given.items()} == wanted


def test_the_file_of_weights_is_read_as_its_library_reads_it() -> None:
    path = packaged_folder() / "model.safetensors"
    expected = {name: value for name, value in load_file(path).items() if value.dtype == np.float32}
    read = read_tensors(path)
    assert read.sha256 == hashlib.sha256(path.read_bytes()).hexdigest() == PACKAGED.sha256
    assert read.tensors.keys() == expected.keys()
    assert all(np.array_equal(read.tensors[name], value) for name, value in expected.items())
