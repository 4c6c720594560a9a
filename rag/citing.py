"""Numbered citations: made from the passages, checked against them (pure)."""

from collections.abc import Sequence
from dataclasses import replace

from rag.types import Answer, Citation, Passage, Sentence

Quote = tuple[Passage, int, int, tuple[int, int], float]
"""A passage, the offsets in its article that are quoted, those of the words that answer, and how well they do."""


def cite(quotes: Sequence[Quote]) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
    """Verbatim sentences with their citations, numbered from 1 in the order given."""
    sentences: list[Sentence] = []
    citations: list[Citation] = []
    for number, (passage, start, end, span, score) in enumerate(quotes, 1):
        quote = passage.at(start, end)
        citations.append(Citation(number, passage, start, end, quote))
        emphasis = _emphasis(quote, span[0] - start, span[1] - start)
        sentences.append(Sentence(" ".join(quote.split()), (number,), "supported", score, emphasis))
    return tuple(sentences), tuple(citations)


def _emphasis(quote: str, start: int, end: int) -> tuple[int, int] | None:
    """Where the quote's words from start to end stand once its white space is squeezed."""
    words = " ".join(quote[max(start, 0) : end].split())
    if not words:
        return None
    before = " ".join(quote[:start].split())
    first = len(before) + (1 if before and quote[:start][-1:].isspace() else 0)
    return first, first + len(words)


def verify(answer: Answer) -> Answer:
    """The answer with only citations that are verbatim, and each sentence marked by whether one holds it up."""
    citations = tuple(citation for citation in answer.citations if verbatim(citation))
    numbers = {citation.number: citation for citation in citations}
    sentences = tuple(_checked(sentence, numbers) for sentence in answer.sentences)
    return replace(answer, citations=citations, sentences=sentences)


def verbatim(citation: Citation) -> bool:
    """Whether the quote stands in the passage at the offsets it names."""
    passage = citation.passage
    inside = passage.start <= citation.start < citation.end <= passage.end
    return inside and passage.at(citation.start, citation.end) == citation.quote


def _checked(sentence: Sentence, citations: dict[int, Citation]) -> Sentence:
    kept = tuple(number for number in sentence.citations if number in citations)
    if not kept:
        return replace(sentence, citations=(), support="unsupported")
    held = any(sentence.text in " ".join(citations[number].quote.split()) for number in kept)
    return replace(sentence, citations=kept, support="supported" if held else "weak")
