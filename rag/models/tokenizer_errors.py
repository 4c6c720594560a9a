"""Translate the errors and panics of tokenizers."""

from collections.abc import Iterator
from contextlib import contextmanager

from rag.errors import ModelError, RagError


@contextmanager
def tokenizer_errors(kind: type[RagError] = ModelError) -> Iterator[None]:
    """Turn what a tokenizer fails with into an error of our own: a panic of its native code is no Exception."""
    try:
        yield
    except (RagError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        said = " ".join(str(error).split())[:160]
        raise kind(f"the model's tokenizer cannot take this text: {said}") from error
