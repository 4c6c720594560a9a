"""The public nouns of the library: frozen values."""

from rag.types.answers import DOUBT, Answer, Citation, Filters, Hit, Message, Mode, Reading, Sentence, Span, Support
from rag.types.articles import NOTED, Article, Passage
from rag.types.reports import Changes, Failure, Finding, Progress, TakenColumns

__all__ = [
    "DOUBT",
    "NOTED",
    "Answer",
    "Article",
    "Changes",
    "Citation",
    "Failure",
    "Filters",
    "Finding",
    "Hit",
    "Message",
    "Mode",
    "Passage",
    "Progress",
    "Reading",
    "Sentence",
    "Span",
    "Support",
    "TakenColumns",
]
