"""Flag articles that hold prompt injections, without changing them."""

from dataclasses import replace

from rag.text.prompt_injection import find_certain_injections
from rag.types import Article

FLAG = "flagged"
"""The key of the metadata that holds the reasons, separated by semicolons."""
INJECTION_REASON = "sentences that give orders to a model"


def flag_injections(article: Article) -> Article:
    """Flag an article in its metadata where its title or its text gives orders to a model."""
    before = article.metadata.get(FLAG, "")
    if INJECTION_REASON in before or not find_certain_injections(f"{article.title}\n{article.text}"):
        return article
    reasons = filter(None, [before, INJECTION_REASON])
    return replace(article, metadata={**article.metadata, FLAG: "; ".join(reasons)})
