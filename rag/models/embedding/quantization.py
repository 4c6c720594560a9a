"""Round the packaged weights to 8 bits, as the graph for processors that multiply 8-bit integers takes them.

What goes into a matrix is rounded by one scale, found at run time, so one column of large numbers costs the others
their precision. Such columns are the same for every text: they are divided by a number each, and their rows of the
matrix are multiplied by it (SmoothQuant, arXiv 2211.10438). train/smoothing.py finds the numbers.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rag.errors import ModelError

SMOOTHING = Path(__file__).with_name("smoothing.json")
"""The divisors of large columns by layer and column, written by train/smoothing.py."""
SMOOTHING_SHA256 = "4965fed1e5b381e031d1c2b972e2f44cfcd1644611d792394a8ca37920d6dd4b"
LEVELS = 127
"""The largest 8-bit number that is used; the smallest is its negative."""
_BLOCK_ROWS = 64
"""Rows rounded at once: as many as stay in the cache between two steps."""


class RoundedMatrix(NamedTuple):
    """A matrix in 8 bits."""

    values: npt.NDArray[np.int8]
    """Shape (inputs, outputs)."""
    scales: npt.NDArray[np.float32]
    """What one stands for in each column, shape (outputs,)."""


def round_matrix(matrix: npt.NDArray[np.float32], divisors: npt.NDArray[np.float32]) -> RoundedMatrix:
    """Round a matrix of shape (outputs, inputs) to 8 bits, after multiplying its columns by what divides its inputs."""
    outputs, inputs = matrix.shape
    values = np.empty((inputs, outputs), np.int8)
    scales = np.empty(outputs, np.float32)
    for start in range(0, outputs, _BLOCK_ROWS):
        rows = slice(start, start + _BLOCK_ROWS)
        block = matrix[rows] * divisors
        # A row of zeros has any scale but none.
        scales[rows] = np.maximum(np.maximum(block.max(axis=1), -block.min(axis=1)) / LEVELS, np.finfo(np.float32).tiny)
        block /= scales[rows, None]
        values[:, rows] = np.rint(block, out=block).astype(np.int8).T
    return RoundedMatrix(values, scales)


@cache
def read_divisors() -> Mapping[str, Mapping[str, float]]:
    """Read the divisors of columns by layer and column; ModelError where the file is damaged."""
    try:
        data = SMOOTHING.read_bytes()
    except OSError as error:
        raise ModelError(f"{SMOOTHING} cannot be read; reinstall rag-articles ({error})") from error
    if hashlib.sha256(data).hexdigest() != SMOOTHING_SHA256:
        raise ModelError(f"{SMOOTHING} is damaged; reinstall rag-articles")
    divisors: Mapping[str, Mapping[str, float]] = json.loads(data)
    return divisors


def fill_divisors(columns: Mapping[str, float], inputs: int) -> npt.NDArray[np.float32]:
    """Return the divisor of each of the inputs of a layer, shape (inputs,), given those of its large columns."""
    divisors = np.ones(inputs, np.float32)
    for column, divisor in columns.items():
        divisors[int(column)] = divisor
    return divisors
