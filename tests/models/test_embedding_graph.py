"""The graphs of the packaged embedding model are what their exporter writes, and take the weights they are given."""

import hashlib

import numpy as np
import onnx
import pytest
from safetensors.numpy import load_file

from rag.models.embedding.arithmetic import ARITHMETICS, layers, read_weights
from rag.models.embedding.quantization import LEVELS, SMOOTHING, SMOOTHING_SHA256, read_divisors, round_matrix
from rag.models.embedding.safetensors_file import read_tensors
from rag.models.embedding.weights import PACKAGED, packaged_folder
from train.export_embedding import graph

BOTH = pytest.mark.parametrize("arithmetic", ARITHMETICS)


@BOTH
def test_the_shipped_graph_is_the_written_one(arithmetic: str) -> None:
    shipped = ARITHMETICS[arithmetic]
    assert onnx.load(str(shipped.graph), load_external_data=False) == graph(arithmetic)
    assert hashlib.sha256(shipped.graph.read_bytes()).hexdigest() == shipped.sha256


@BOTH
def test_every_weight_has_its_place_shape_and_type(arithmetic: str) -> None:
    wanted = {
        one.name: (tuple(one.dims), onnx.helper.tensor_dtype_to_np_dtype(one.data_type))
        for one in graph(arithmetic).graph.initializer
        if one.external_data
    }
    given = ARITHMETICS[arithmetic].arrange(read_weights(packaged_folder() / "model.safetensors"))
    assert {name: (value.shape, value.dtype) for name, value in given.items()} == wanted


def test_a_rounded_matrix_is_the_matrix() -> None:
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(200, 24)).astype(np.float32)
    matrix[7] = 0
    divisors = np.where(np.arange(24) == 3, np.float32(5), np.float32(1))
    values, scales = round_matrix(matrix, divisors)
    assert values.shape == (24, 200)
    assert np.abs(values).max() == LEVELS
    assert np.abs(values.T * scales[:, None] - matrix * divisors).max() <= scales.max() * 0.501
    given = rng.normal(size=(5, 24)).astype(np.float32)
    most = np.abs(given / divisors).sum(axis=1, keepdims=True) * scales * 0.501
    assert (np.abs(given / divisors @ (values * scales) - given @ matrix.T) <= most).all()


def test_divisors_are_of_columns_that_layers_have() -> None:
    assert hashlib.sha256(SMOOTHING.read_bytes()).hexdigest() == SMOOTHING_SHA256
    read_divisors.cache_clear()
    inputs = {
        layer.name: layer.matrix.shape[1] for layer in layers(read_weights(packaged_folder() / "model.safetensors"))
    }
    for name, columns in read_divisors().items():
        assert all(divisor >= 1 and int(column) < inputs[name] for column, divisor in columns.items())
        assert len(columns) < inputs[name] / 4, "few columns stand out"


def test_the_file_of_weights_is_read_as_its_library_reads_it() -> None:
    path = packaged_folder() / "model.safetensors"
    expected = {name: value for name, value in load_file(path).items() if value.dtype == np.float32}
    read = read_tensors(path)
    assert read.sha256 == hashlib.sha256(path.read_bytes()).hexdigest() == PACKAGED.sha256
    assert read.tensors.keys() == expected.keys()
    assert all(np.array_equal(read.tensors[name], value) for name, value in expected.items())
