"""Number citations, and verify each quotation against its passage (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.types import Answer, Citation, Passage, Sentence, Span


@dataclass(frozen=True, slots=True)
class Extract:
    """A sentence quoted from a passage, with the words in it that answer."""

    passage: Passage
    start: int
    """Where the quotation begins in the article."""
    end: int
    answer: Span
    """Where in the article the words stand that answer, and how well they do."""


def cite(extracts: Sequence[Extract]) -> tuple[tuple[Sentence, ...], tuple[Citation, ...]]:
    """Turn extracts into sentences, each with its own citation, numbered from 1 in the order given."""
    sentences: list[Sentence] = []
    citations: list[Citation] = []
    for number, extract in enumerate(extracts, 1):
        quote = extract.passage.at(extract.start, extract.end)
        citations.append(Citation(number, extract.passage, extract.start, extract.end, quote))
        answer = extract.answer
        emphasis = _emphasis(quote, answer.start - extract.start, answer.end - extract.start)
        sentences.append(Sentence(" ".join(quote.split()), (number,), "supported", answer.score, emphasis))
    return tuple(sentences), tuple(citations)


def _emphasis(quote: str, start: int, end: int) -> tuple[int, int] | None:
    """Locate the quote's words from `start` to `end` once its white space is collapsed; None where there are none."""
    words = " ".join(quote[max(start, 0) : end].split())
    if not words:
        return None
    before = " ".join(quote[:start].split())
    first = len(before) + (1 if before and quote[:start][-1:].isspace() else 0)
    return first, first + len(words)


class Ledger:
    """Numbers citations, one for each passage, from 1 in the order in which the passages are first cited."""

    def __init__(self, citations: Sequence[Citation] = ()) -> None:
        """Begin with citations made before, which keep their numbers."""
        self._made = {citation.number: citation for citation in citations}

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations so far, by number."""
        return tuple(self._made.values())

    def cite(self, passage: Passage, start: int, end: int) -> int:
        """Cite a stretch of a passage and return its number; a passage cited before keeps its own, and quotes more."""
        for number, known in self._made.items():
            if known.passage.id == passage.id:
                self._made[number] = _grown(known, start, end)
                return number
        number = len(self._made) + 1
        self._made[number] = Citation(number, passage, start, end, passage.at(start, end))
        return number


def _grown(known: Citation, start: int, end: int) -> Citation:
    marks = tuple(sorted({*(known.marks or ((known.start, known.end),)), (start, end)}))
    first, last = marks[0][0], max(mark[1] for mark in marks)
    quote = known.passage.at(first, last)
    return replace(known, start=first, end=last, quote=quote, marks=marks if len(marks) > 1 else ())


def verify(answer: Answer) -> Answer:
    """Drop citations that are not verbatim, and mark each sentence by how well those that are kept support it.

    A sentence that has none left is unsupported; any other that an LLM wrote keeps the support it has.
    """
    citations = tuple(citation for citation in answer.citations if is_verbatim(citation))
    numbers = {citation.number: citation for citation in citations}
    prose = answer.mode == "llm"
    sentences = tuple(_mark_support(sentence, numbers, is_prose=prose) for sentence in answer.sentences)
    return replace(answer, citations=citations, sentences=sentences)


def is_verbatim(citation: Citation) -> bool:
    """Whether the quote stands in the passage at the offsets it names."""
    passage = citation.passage
    inside = passage.start <= citation.start < citation.end <= passage.end
    return inside and passage.at(citation.start, citation.end) == citation.quote


def _mark_support(sentence: Sentence, citations: dict[int, Citation], *, is_prose: bool) -> Sentence:
    """Mark a sentence by what its citations say word for word; prose has been judged by what they mean."""
    kept = tuple(number for number in sentence.citations if number in citations)
    if not kept:
        return replace(sentence, citations=(), support="unsupported")
    if is_prose:
        return replace(sentence, citations=kept)
    held = any(sentence.text in " ".join(citations[number].quote.split()) for number in kept)
    return replace(sentence, citations=kept, support="supported" if held else "weak")
