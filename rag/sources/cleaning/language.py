"""Detect the language of an article that states none."""

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from rag.types import Article

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_READ = 2_000
"""Characters that are looked at."""
_LEAST = 100
"""Characters below which every guess is too bold."""
_SURE = 0.9


def with_language(article: Article) -> Article:
    """The article with a code such as “en” in its metadata, unless it has one or no language is certain."""
    if article.metadata.get("language") or len(article.text) < _LEAST:
        return article
    language, certainty = _identifier().classify(article.text[:_READ])
    if certainty < _SURE:
        return article
    return replace(article, metadata={**article.metadata, "language": str(language)})


@lru_cache(maxsize=1)
def _identifier() -> "LanguageIdentifier":
    """The model, which takes half a second to unpack."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
