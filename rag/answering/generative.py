"""Turn the text that an LLM streams into cited, verified sentences."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import pairwise

from rag.answering.citation_markers import CitationStream
from rag.answering.citations import Ledger
from rag.answering.prompt import Prompt
from rag.answering.support import Verdict, verify_claim
from rag.errors import LLMError
from rag.prompts import NOT_FOUND
from rag.protocols import LLM, Checker
from rag.text.lexical import content_words
from rag.text.sentences import split_sentences
from rag.types import Citation, Passage, Sentence

_MIN_FOLLOWING_WORDS = 3
"""Words that must follow a sentence before its end is sure: “Maj. Gen. Ryder” is none."""
_MAX_OTHER_PASSAGES = 4
"""Passages that are tried for a sentence that cites none which supports it."""
_MAX_CHARS_PER_TOKEN = 12
"""Characters of a token at most, on average: what is longer does not end."""
_GROWTH_STEPS = 256
"""A text is looked at again when it has grown by such a part: the work grows with its length, however small the pieces.
"""
_MAX_SENTENCE_CHARS = 1_500
"""Characters after which a sentence that does not end is taken for one, so that looking for its end stays cheap."""
_BULLET = re.compile(r"^(?:[-*•·]|#{1,6}|\d{1,2}[.)])\s+")
_INK = re.compile(r"[^\W_]")
_WORD_END = re.compile(r"(?<=\S)\s")
_ABSTENTION = re.compile(
    r"\b(?:passages?|articles?|sources?|context|texts?|information|excerpts?)\b.{0,60}"
    r"(?:\b(?:not|no|neither|nothing|never|cannot)\b|n['’]t\b)"
    r"|\bno (?:passage|article|source|information|mention|answer)\b"
    r"|\bI (?:can ?not|can['’]t|do not|don['’]t|am (?:not able|unable)|could not|couldn['’]t)\b"
    r"|\b(?:sorry|unable to answer)\b",
    re.I | re.S,
)
"""How LLMs say that they find no answer."""


@dataclass(frozen=True, slots=True)
class Prose:
    """What is written so far."""

    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    abstains: bool = False
    """Whether it says that the passages do not answer; known at its end."""
    waited: float = 0.0
    """Seconds spent waiting for the LLM."""


def write_answer(
    prompt: Prompt, llm: LLM, checker: Checker, *, max_tokens: int, show_unfinished: bool = True
) -> Iterator[Prose]:
    """Stream what the LLM answers to a prompt, checked sentence by sentence; the last item is complete.

    `show_unfinished` shows the sentence that is being written, which is not checked. LLMError when the answer is of no
    use.
    """
    draft = _Draft(prompt.passages, checker, prompt.language)
    pieces = llm.stream(prompt.instructions, prompt.prompt, max_tokens)
    shown = Prose()
    size = 0
    fed = 0
    waited = 0.0
    asked = time.perf_counter()
    held: list[str] = []
    with closing(pieces):
        for piece in pieces:
            waited += time.perf_counter() - asked
            held.append(piece)
            size += len(piece)
            if size > _MAX_CHARS_PER_TOKEN * max_tokens:
                raise LLMError(f"{llm.name}: it does not stop writing")
            if (size - fed) * _GROWTH_STEPS >= size:
                draft.feed("".join(held))
                held = []
                fed = size
                if (now := draft.prose(show_unfinished=show_unfinished)) != shown:
                    shown = now
                    yield replace(now, waited=waited)
            asked = time.perf_counter()
    waited += time.perf_counter() - asked
    draft.feed("".join(held))
    draft.close()
    yield replace(draft.finish(llm.name), waited=waited)


class _Draft:
    """The text of an LLM, of which finished sentences are checked one by one."""

    def __init__(self, passages: Mapping[str, Passage], checker: Checker, language: str) -> None:
        self._passages = passages
        self._language = language
        self._checker = checker
        self._markers = CitationStream(passages)
        self._ledger = Ledger()
        self._sentences: list[Sentence] = []
        self._done = 0  # where the text begins that is not checked yet
        self._looked = 0  # where it begins that was not looked at for the end of a sentence
        self._used = 0  # how many marks belong to checked sentences

    def feed(self, piece: str) -> None:
        """Add the next stretch of an LLM's text, and check each sentence that is finished against the passages.

        Where a sentence ends depends on the words alone, not on how they came in pieces.
        """
        self._markers.feed(piece)
        self._look()

    def close(self) -> None:
        """Check the sentences that are left: the text has ended."""
        self._markers.close()
        self._look()
        spans = self._spans(len(self._markers.text))
        for (start, end), (begin, _) in pairwise([*spans, (len(self._markers.text), 0)]):
            self._finish(start, end, begin)

    def prose(self, *, show_unfinished: bool) -> Prose:
        """Return what can be shown: the checked sentences, and the unfinished one where it is wanted."""
        begun = self._find_unfinished_sentence() if show_unfinished else ""
        return Prose((*self._sentences, *([Sentence(begun)] if begun else [])), self._ledger.citations)

    def finish(self, name: str) -> Prose:
        """Return the complete prose, or that it abstains; LLMError when there is none, or none that a passage supports.

        `name` is that of the LLM, for the error.
        """
        if _abstains(self._sentences):
            return Prose(abstains=True)
        if not self._sentences:
            raise LLMError(f"{name}: it wrote nothing")
        if all(one.support == "unsupported" for one in self._sentences):
            raise LLMError(f"{name}: the articles support nothing of what it wrote")
        return self.prose(show_unfinished=False)

    def _look(self) -> None:
        """Check the sentences that are complete by now, looking at the new text word by word."""
        text = self._markers.text
        for end in _WORD_END.finditer(text, self._looked):
            self._looked = end.start() + 1
            self._cut(end.start())
            self._settle(end.start())
        self._cut(len(text))

    def _cut(self, until: int) -> None:
        """Check text up to `until` that is longer than a sentence may be, without waiting for the sentence to end."""
        while until - self._done > _MAX_SENTENCE_CHARS:
            spans = self._spans(self._done + _MAX_SENTENCE_CHARS)
            start, end = spans[0] if spans else (self._done, self._done)
            following = spans[1][0] if len(spans) > 1 else self._done + _MAX_SENTENCE_CHARS
            self._finish(start, end, following)
            self._done = following

    def _spans(self, until: int) -> list[tuple[int, int]]:
        """Split the text that is not checked yet, up to `until`, into sentences."""
        rest = self._markers.text[self._done : until]
        return [(self._done + start, self._done + end) for start, end in split_sentences(rest, self._language)]

    def _find_unfinished_sentence(self) -> str:
        """Return the first sentence that is not checked yet; empty where there is none."""
        spans = self._spans(len(self._markers.text))
        return _clean(self._markers.text[slice(*spans[0])]) if spans else ""

    def _settle(self, until: int) -> None:
        """Check the sentences up to `until` that are followed by enough words, or by a line break."""
        text = self._markers.text
        while len(spans := self._spans(until)) > 1:
            (start, end), (begin, _) = spans[:2]
            if len(text[begin:until].split()) < _MIN_FOLLOWING_WORDS and "\n" not in text[end:begin]:
                return
            self._finish(start, end, begin)

    def _finish(self, start: int, end: int, begin: int) -> None:
        """Check a sentence, whose marks stand in it or between it and where the next begins."""
        text = self._markers.text
        until = end if "\n" in text[end:begin] else begin
        ids = [id for place, id in self._markers.marks[self._used :] if place <= until]
        self._used += len(ids)
        self._done = begin if until == begin else end
        said = _clean(text[start:end])
        if _INK.search(said):
            self._sentences.append(self._check(said, list(dict.fromkeys(ids))))

    def _check(self, said: str, ids: Sequence[str]) -> Sentence:
        """Verify a sentence by what it cites, else by the passages nearest to it, and number its citations."""
        verdict = _verify_by_citations(said, [self._passages[id] for id in ids], self._checker)
        if verdict.support == "unsupported":
            others = [passage for id, passage in self._passages.items() if id not in ids]
            found = verify_claim(said, _nearest_passages(said, others), self._checker)
            if found.support == "supported":
                verdict = found
            elif not ids:
                verdict = replace(verdict, reason=found.reason if found.evidence else "it cites nothing")
        numbers = dict.fromkeys(self._ledger.cite(*place) for place in verdict.evidence)
        return Sentence(said, tuple(sorted(numbers)), verdict.support, verdict.score, reason=verdict.reason)


def _verify_by_citations(said: str, cited: Sequence[Passage], checker: Checker) -> Verdict:
    """Verify a sentence by each passage it cites; where none supports it by itself, by all of them together."""
    each = [verify_claim(said, [passage], checker) for passage in cited]
    if good := [one for one in each if one.support == "supported"]:
        evidence = tuple(place for one in good for place in one.evidence)
        return replace(max(good, key=lambda one: one.score), evidence=evidence)
    return verify_claim(said, cited, checker) if len(each) != 1 else each[0]


def _nearest_passages(said: str, passages: Sequence[Passage]) -> list[Passage]:
    """Return the few passages that share most content words with a sentence, the nearest first."""
    words = content_words(said)
    shared = sorted(passages, key=lambda passage: -len(words & content_words(passage.text)))
    return shared[:_MAX_OTHER_PASSAGES]


def _abstains(said: Sequence[Sentence]) -> bool:
    """Whether sentences say that the passages do not answer, and nothing besides that a passage supports."""
    text = " ".join(one.text for one in said)
    if NOT_FOUND.rstrip(".").casefold() in text.casefold():
        return all(one.support != "supported" for one in said)
    return bool(said) and all(not one.citations and _ABSTENTION.search(one.text) for one in said)


def _clean(text: str) -> str:
    """Return a sentence on one line, without the mark of a list or a heading."""
    return _BULLET.sub("", " ".join(text.split()))
