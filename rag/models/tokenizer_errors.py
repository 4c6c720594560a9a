"""Translate the errors and panics of tokenizers."""

from collections.abc import Iterator
from contextlib import contextmanager

from rag.errors import ModelError, RagError


@contextmanager
def tokenizer_errors(kind: type[RagError] = ModelError) -> Iterator[None]:
    """Translate what a tokenizer raises in the block, a panic of its native code too, into an error of `kind`."""
    try:
        yield
    except (RagError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        said = " ".join(str(error).split())[:160]
        raise kind(f"the model's tokenizer cannot take this text: {said}") from error
