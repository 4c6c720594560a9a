"""Suggest questions that an index can answer, made from its sentences and checked by asking them."""

import json
import random
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from pydantic import TypeAdapter

from rag.assistant import Assistant
from rag.errors import StoreError
from rag.index import Index
from rag.storage.atomic_files import write_atomic
from rag.storage.layout import SUGGESTED
from rag.storage.plain_files import read_regular
from rag.text.english import (
    CONVERSATION_PRONOUNS,
    DEMONSTRATIVE_PRONOUNS,
    POSSESSIVE_PRONOUNS,
    SUBJECT_PRONOUNS,
    any_of,
)
from rag.text.sentences import split_sentences, split_units
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
_VAGUE = re.compile(
    r"\b"
    + any_of([*SUBJECT_PRONOUNS, *DEMONSTRATIVE_PRONOUNS, *POSSESSIVE_PRONOUNS, *CONVERSATION_PRONOUNS, "there"])
    + r"\b",
    re.I,
)
_MAX_BYTES = 1_000_000
_MAX_TRIED = 24
"""Questions that are asked of the index to find those that it answers."""
_MIN_CONFIDENCE = 0.45
"""The least confidence of the answer to a suggested question."""


@dataclass(frozen=True, slots=True)
class _SuggestionsFile:
    """Suggested questions, and the state of the index that they were made from."""

    state: str
    questions: list[str]


def suggest(assistant: Assistant, most: int = 4, seed: int = 0) -> list[str]:
    """Make at most so many questions, each answered from the article it was made from; none for an empty index."""
    if assistant.index.empty:
        return []
    ids = [article.id for article in islice(assistant.index.articles(), 2000)]
    random.Random(seed).shuffle(ids)
    suggestions: list[str] = []
    for id, question in islice(_candidates(assistant, ids), _MAX_TRIED):
        answer = assistant.quote(question)
        cited = [citation.passage.article_id for citation in answer.citations]
        if answer.answered and answer.confidence >= _MIN_CONFIDENCE and cited[:1] == [id]:
            suggestions.append(question)
        if len(suggestions) == most:
            break
    return suggestions


def load_or_suggest(assistant: Assistant, index: Index, most: int = 4) -> list[str]:
    """Load the suggestions stored for the index as it is; where there are none, make at most `most` and store them."""
    file = index.folder / SUGGESTED
    state = index.state
    if (stored := _load_suggestions(file, state)) is not None:
        return stored
    suggestions = suggest(assistant, most)
    if state:
        with suppress(StoreError):  # they are made again the next time
            write_atomic(file, json.dumps({"state": state, "questions": suggestions}) + "\n")
    return suggestions


def _load_suggestions(file: Path, state: str) -> list[str] | None:
    try:
        return parse_suggestions(read_regular(file, _MAX_BYTES), state)
    except OSError:
        return None


def parse_suggestions(data: bytes, state: str) -> list[str] | None:
    """Parse the file of suggested questions; None if it is damaged or made for another state of the index."""
    try:
        stored = TypeAdapter(_SuggestionsFile).validate_json(data, strict=True)
    except ValueError:
        return None
    return stored.questions if stored.state == state else None


def _candidates(assistant: Assistant, ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the first question of each article, with the article's id."""
    for id in ids:
        article = assistant.index.article(id)
        question = next(generate_questions(article), "") if article is not None else ""
        if question:
            yield id, question


def generate_questions(article: Article) -> Iterator[str]:
    """Generate questions that the first sentences of an article answer, by rule: why, when, how many, who or what."""
    split = partial(split_sentences, language=article.metadata.get("language", ""))
    units = split_units(article.text, article.structure, split)[:60]
    texts = [" ".join(article.text[start:end].split()) for start, end, heads in units if not heads]
    for rule in (_ask_why, _ask_when, _ask_how_many, _ask_who):
        for sentence in texts:
            question = rule(sentence)
            if question and not _VAGUE.search(question) and len(question) <= 110:
                yield question


def _ask_why(sentence: str) -> str:
    match = _CAUSED.match(sentence)
    return f"Why {match['verb']} {_lower_start(match['what'])} {match['rest']}?" if match else ""


def _ask_when(sentence: str) -> str:
    match = _DATED.search(sentence)
    return f"When was {_lower_start(match['what'])} {match['verb']}?" if match else ""


def _ask_how_many(sentence: str) -> str:
    match = _COUNTED.match(sentence)
    return f"How many {match['what']} {match['verb']} {match['rest']}?" if match else ""


def _ask_who(sentence: str) -> str:
    match = _APPOSED.search(sentence)
    if match and _PERSON.search(match["what"]):
        return f"Who is {match['name']}?"
    return f"What is {match['name']}?" if match and _THING.search(match["what"]) else ""


def _lower_start(text: str) -> str:
    """Return a subject as it is written within a sentence."""
    return text[0].lower() + text[1:] if _LOWERED.match(text) else text
