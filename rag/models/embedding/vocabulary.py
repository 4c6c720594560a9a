"""Tell ordinary words from rare ones by the vocabulary of the packaged model."""

from functools import lru_cache
from typing import TYPE_CHECKING

from rag.models.embedding.sentence_transformer import bare_tokenizer
from rag.models.embedding.weights import packaged_folder

if TYPE_CHECKING:
    from tokenizers import Tokenizer


def is_ordinary_word(word: str) -> bool:
    """Whether a word in lower case is among the 20,000 or so that are so common in English that they are one token."""
    return _load_tokenizer().token_to_id(word) is not None


@lru_cache(maxsize=1)
def _load_tokenizer() -> "Tokenizer":
    return bare_tokenizer(packaged_folder() / "tokenizer.json")
