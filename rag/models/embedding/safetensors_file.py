"""Read a safetensors file in one pass that also computes its digest.

The library for the format takes the content as one piece, which has to be read and hashed before, and copies it; here
each tensor is read to where it stays, and hashed while it is in the processor's cache.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt

Weights = Mapping[str, npt.NDArray[np.float32]]

_SIZE_BYTES = 8
_MAX_HEADER_BYTES = 1_000_000
_PIECE_BYTES = 1 << 18
_TYPES: Mapping[str, type[np.generic]] = {"F32": np.float32, "I64": np.int64}


class HashedTensors(NamedTuple):
    """The tensors of a file by their names, and its digest, which says whether they are to be trusted."""

    tensors: Weights
    """Those of float32."""
    sha256: str


def read_tensors(path: Path) -> HashedTensors:
    """Read a file whose tensors are of float32 or int64; ValueError or LookupError where it is not of the format."""
    digest = hashlib.sha256()
    tensors = dict[str, npt.NDArray[Any]]()
    with path.open("rb") as file:
        start = file.read(_SIZE_BYTES)
        header = file.read(min(int.from_bytes(start, "little"), _MAX_HEADER_BYTES))
        digest.update(start)
        digest.update(header)
        described = {name: entry for name, entry in json.loads(header).items() if name != "__metadata__"}
        left = path.stat().st_size - len(start) - len(header)
        for name in sorted(described, key=lambda name: described[name]["data_offsets"]):
            kind = np.dtype(_TYPES[described[name]["dtype"]])
            shape = described[name]["shape"]
            # A damaged header may name more than any memory holds.
            left -= kind.itemsize * math.prod(shape)
            if left < 0:
                raise ValueError("the file is shorter than its header says")
            tensors[name] = np.empty(shape, kind)
            _fill(tensors[name].reshape(-1).data.cast("B"), file, digest)
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
    floats = {name: tensor for name, tensor in tensors.items() if tensor.dtype == np.float32}
    return HashedTensors(floats, digest.hexdigest())


def _fill(memory: memoryview, file: BinaryIO, digest: "hashlib._Hash") -> None:
    """Fill memory with what comes next in a file, hashing it; ValueError where the file ends before."""
    for start in range(0, len(memory), _PIECE_BYTES):
        piece = memory[start : start + _PIECE_BYTES]
        if file.readinto(piece) != len(piece):  # type: ignore[attr-defined]
            raise ValueError("the file ends within a tensor")
        digest.update(piece)
