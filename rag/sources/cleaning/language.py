"""Detect the language of an article that states none."""

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from rag.types import Article

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_MAX_CHARS_READ = 2_000
"""Characters that are looked at."""
_MIN_CHARS = 100
"""Characters below which every guess is too bold."""
_MIN_CERTAINTY = 0.9


def add_language(article: Article) -> Article:
    """Add a code such as “en” to the metadata, unless there is one or no language is certain."""
    if article.metadata.get("language") or len(article.text) < _MIN_CHARS:
        return article
    language, certainty = _load_identifier().classify(article.text[:_MAX_CHARS_READ])
    if certainty < _MIN_CERTAINTY:
        return article
    return replace(article, metadata={**article.metadata, "language": str(language)})


@lru_cache(maxsize=1)
def _load_identifier() -> "LanguageIdentifier":
    """Load the model, which takes half a second to unpack."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
