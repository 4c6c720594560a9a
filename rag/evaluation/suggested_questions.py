"""Suggest questions that an index can answer, made from its sentences and checked by asking them."""

import json
import random
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pydantic import TypeAdapter

from rag.assistant import Assistant
from rag.errors import StoreError
from rag.index import Index
from rag.storage.atomic_files import write_atomic
from rag.storage.layout import SUGGESTED
from rag.storage.plain_files import read_regular
from rag.text.sentences import headings, sentences
from rag.types import Article

_NAME = r"[A-Z][\w’'-]+(?: (?:of |the |al-|de )?[A-Z][\w’'-]+)+"
_PERSON = re.compile(
    r"\b(?:minister|president|mayor|leader|commander|director|professor|spokes\w+|officer|engineer|author|writer|judge|"
    r"scientist|historian|chief|founder|governor|senator|coach|singer|actor|king|queen|captain|chairman|critic|cleric)\b"
)
_THING = re.compile(
    r"\b(?:group|company|party|agency|organi[sz]ation|militia|newspaper|journal|river|city|town|village|island|bank|team|band|"
    r"album|film|museum|law|treaty|ship|university|school|network|programme|program|alliance|coalition|region|country)\b"
)
_SUBJECT = rf"(?:The [a-z]+(?: [a-z]+)?|(?:The )?{_NAME})"
_APPOSED = re.compile(rf"(?P<name>{_NAME}), (?:the|an?) (?P<what>[a-z][^,.;:“”\"]{{4,60}}),")
_DATED = re.compile(
    rf"(?P<what>(?:[Tt]he )?{_NAME}) was (?P<verb>founded|built|opened|launched|established|elected|closed|destroyed|"
    r"signed|discovered|completed|killed) (?:in|on) "
)
_CAUSED = re.compile(
    rf"(?P<what>{_SUBJECT}) (?P<verb>is|are|was|were|will|has|have|had|can|could|must) "
    r"(?P<rest>[^,.;:“”\"]{5,80}?),? because\b"
)
_COUNTED = re.compile(
    r"(?:(?:About|More than|At least|Some|Nearly|Over) )?[\d,.]{1,9} (?P<what>[a-z]+(?: [a-z]+)?) "
    r"(?P<verb>were|are|had) "
    rf"(?P<rest>[^,.;:“”\"]{{4,40}} (?:in|at|by|from|of|off|near|on) {_NAME})"
)
_LOWERED = re.compile(r"^(?:The|A|An|This|That|These|Those|Its|His|Her|Their|Some|Many|Most|Both|All)\b")
_VAGUE = re.compile(r"\b(?:he|she|it|they|this|that|these|those|his|her|its|their|there|we|i|you|our|your)\b", re.I)
_MOST_BYTES = 1_000_000
_TRIED = 24
_SURE = 0.45
"""How sure the answer to a suggested question must be."""


@dataclass(frozen=True, slots=True)
class _Questions:
    """What is kept of them, and the state of the index they were made from."""

    state: str
    questions: list[str]


def suggest(assistant: Assistant, most: int = 4, seed: int = 0) -> list[str]:
    """At most so many questions, each answered from the article that it was made from; none from an empty index."""
    if assistant.index.empty:
        return []
    ids = [article.id for article in islice(assistant.index.articles(), 2000)]
    random.Random(seed).shuffle(ids)
    found: list[str] = []
    for id, question in islice(_candidates(assistant, ids), _TRIED):
        answer = assistant.quoted(question)
        cited = [citation.passage.article_id for citation in answer.citations]
        if answer.answered and answer.confidence >= _SURE and cited[:1] == [id]:
            found.append(question)
        if len(found) == most:
            break
    return found


def suggested(assistant: Assistant, index: Index, most: int = 4) -> list[str]:
    """The questions kept for the index as it is; where it has changed since, made anew and kept in its folder."""
    file, state = index.folder / SUGGESTED, index.state
    if (kept := _kept(file, state)) is not None:
        return kept
    found = suggest(assistant, most)
    if state:
        with suppress(StoreError):  # they are made again the next time
            write_atomic(file, json.dumps({"state": state, "questions": found}) + "\n")
    return found


def _kept(file: Path, state: str) -> list[str] | None:
    try:
        return known(read_regular(file, _MOST_BYTES), state)
    except OSError:
        return None


def known(data: bytes, state: str) -> list[str] | None:
    """The questions in the bytes of their file; None where they hold none for an index in this state."""
    try:
        found = TypeAdapter(_Questions).validate_json(data, strict=True)
    except ValueError:
        return None
    return found.questions if found.state == state else None


def _candidates(assistant: Assistant, ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The first question that each article offers."""
    for id in ids:
        article = assistant.index.article(id)
        question = next(questions(article), "") if article is not None else ""
        if question:
            yield id, question


def questions(article: Article) -> Iterator[str]:
    """What the sentences of an article answer, by rule, the plainest first."""
    heads = set(headings(article.text))
    spans = [span for span in sentences(article.text)[:60] if span not in heads]
    told = [" ".join(article.text[start:end].split()) for start, end in spans]
    for rule in (_why, _when, _how_many, _who):
        for sentence in told:
            question = rule(sentence)
            if question and not _VAGUE.search(question) and len(question) <= 110:
                yield question


def _why(sentence: str) -> str:
    found = _CAUSED.match(sentence)
    return f"Why {found['verb']} {_inside(found['what'])} {found['rest']}?" if found else ""


def _when(sentence: str) -> str:
    found = _DATED.search(sentence)
    return f"When was {_inside(found['what'])} {found['verb']}?" if found else ""


def _how_many(sentence: str) -> str:
    found = _COUNTED.match(sentence)
    return f"How many {found['what']} {found['verb']} {found['rest']}?" if found else ""


def _who(sentence: str) -> str:
    found = _APPOSED.search(sentence)
    if found and _PERSON.search(found["what"]):
        return f"Who is {found['name']}?"
    return f"What is {found['name']}?" if found and _THING.search(found["what"]) else ""


def _inside(text: str) -> str:
    """A subject as it reads within a sentence."""
    return text[0].lower() + text[1:] if _LOWERED.match(text) else text
