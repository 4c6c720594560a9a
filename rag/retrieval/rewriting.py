"""Rewrite follow-ups to stand alone, and decompose questions of several parts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.errors import LLMError, QuestionError
from rag.prompts import DECOMPOSE_SYSTEM_PROMPT, REWRITE_SYSTEM_PROMPT, REWRITE_USER_PROMPT
from rag.protocols import LLM
from rag.retrieval.follow_ups import MAX_TURN_CHARS, MAX_TURNS, classify, complete, is_follow_up
from rag.text.characters import replace_surrogates
from rag.text.english import (
    COMPARISON,
    MODALS,
    QUESTION_VERBS,
    QUESTION_WORDS,
    any_of,
)
from rag.types import Message

_VERBS = any_of([*QUESTION_VERBS, *MODALS])
_WORDS = any_of(QUESTION_WORDS)
_INNER = r"(?:of|from|in|on|for|to|and the|the|de|la|al|bin|von|van)"
_CAPITAL = r"(?:[A-Z0-9][\w'’.&-]*|\([^)]*\))"
_NAME = rf"(?!(?i:{_VERBS}|{_WORDS}|between)\b)(?:[Tt]he )?{_CAPITAL}(?:\s+(?:{_INNER}\s+){{0,2}}{_CAPITAL})*"
_PAIR = re.compile(rf"(?<![\w-])(?P<one>{_NAME}),? (?:and|or) (?P<other>{_NAME})")
_SUBJECT = r"(?:he|she|it|they|this|that|these|those|the|an?|his|her|its|their|(?-i:[A-Z]\w+))"
_CLAUSES = re.compile(
    rf"^(?P<one>.+?),?\s+(?:and|but|while)\s+(?P<other>(?:(?:{_WORDS})(?!['’])|(?:{_VERBS})\s+{_SUBJECT})\b.+)$", re.I
)
_ORDER = re.compile(
    rf"^(?:{_VERBS})\s+(?P<one>.+?)\s+(?:before or after|earlier or later than|after or before)\s+(?P<other>.+)$", re.I
)
MAX_QUESTION_CHARS = 2000
"""Characters of a question or a query at most, wherever it comes in."""
_MAX_LLM_QUESTION_CHARS = 300
"""Characters of a question that an LLM may write."""
_MAX_PARTS = 4


@dataclass(frozen=True, slots=True)
class RewrittenQuestion:
    """A question rewritten to stand alone, and decomposed."""

    text: str
    """The question, understandable by itself."""
    plain: str = ""
    """The question as asked, where it may be that it needed no completing; empty where it surely did or was not."""
    parts: tuple[str, ...] = ()
    """The questions that it is decomposed into; empty where it is one."""
    llm_error: str = ""
    """Why the LLM did not help; empty where it did or was not needed."""


def validate_question(question: str, name: str = "question") -> str:
    """Return a question that may be asked, without space around it; QuestionError when it is empty or too long."""
    asked = bound_question(question, name).strip()
    if not any(character.isprintable() and not character.isspace() for character in asked):
        raise QuestionError(f"{name} is empty")
    return asked


def bound_question(question: str, name: str = "question") -> str:
    """Return a question as text that can be stored; QuestionError when it is too long."""
    if len(question) > MAX_QUESTION_CHARS:
        raise QuestionError(f"{name} may have {MAX_QUESTION_CHARS:,} characters, this one has {len(question):,}")
    return replace_surrogates(question)


def rewrite(question: str, history: Sequence[Message], llm: LLM | None = None) -> RewrittenQuestion:
    """Rewrite a question to stand alone and decompose it, by rule; by an LLM where rules see that it may be needed."""
    text = complete(question, history)[:MAX_QUESTION_CHARS]
    plain = question if text != question and classify(question) == "unsure" else ""
    parts = decompose(text)
    llm_error = ""
    try:
        if llm is not None and is_follow_up(question, history):
            if rewritten := _rewrite_by_llm(question, history, llm):
                text = rewritten
                plain = ""
            parts = decompose(text)
        if llm is not None and parts:
            parts = _decompose_by_llm(text, llm) or parts
    except LLMError as error:
        llm_error = str(error)
    return RewrittenQuestion(text, plain, parts, llm_error)


def decompose(question: str) -> tuple[str, ...]:
    """Decompose a question into those that it puts together, by rule; empty where it is one."""
    asked = " ".join(question.split()).rstrip("? ")
    if order := _ORDER.match(asked):
        verb = asked.split()[0].lower()
        return f"When {verb} {order['one']}?", f"When was it that {order['other']}?"
    if COMPARISON.search(asked) and (pair := _PAIR.search(asked)):
        return tuple(_ask_about(asked, pair, pair[name]) for name in ("one", "other"))
    if (clauses := _CLAUSES.match(asked)) and re.match(rf"(?:{_WORDS}|{_VERBS})\b", asked, re.I):
        first = f"{clauses['one']}?"
        other = f"{clauses['other'][0].upper()}{clauses['other'][1:]}?"
        return first, complete(other, [Message("user", first)]) if classify(other) == "leans" else other
    return ()


def _ask_about(asked: str, pair: re.Match[str], name: str) -> str:
    """Ask a question about one of the two things that it puts beside each other."""
    return " ".join(re.sub(r"\bboth\b", "", f"{asked[: pair.start()]}{name}{asked[pair.end() :]}").split()) + "?"


def _rewrite_by_llm(question: str, history: Sequence[Message], llm: LLM) -> str:
    """Have an LLM rewrite the last question of a conversation to stand alone; empty unless it writes one line."""
    turns = "\n".join(f"{one.role}: {' '.join(one.text.split())[:MAX_TURN_CHARS]}" for one in history[-MAX_TURNS:])
    lines = _write_lines(llm, REWRITE_SYSTEM_PROMPT, REWRITE_USER_PROMPT.format(turns=turns, question=question))
    return lines[0] if len(lines) == 1 else ""


def _decompose_by_llm(question: str, llm: LLM) -> tuple[str, ...]:
    lines = [re.sub(r"^\W*(?:\d+[.)]\s*)?", "", line) for line in _write_lines(llm, DECOMPOSE_SYSTEM_PROMPT, question)]
    kept = tuple(dict.fromkeys(line for line in lines if line))
    return kept if 1 < len(kept) <= _MAX_PARTS else ()


def _write_lines(llm: LLM, instructions: str, prompt: str) -> list[str]:
    """Have an LLM write lines; return none when a line is too long to be a question."""
    written = replace_surrogates("".join(llm.stream(instructions, prompt, _MAX_LLM_QUESTION_CHARS)))
    written = re.sub(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|$)", "", written, flags=re.S)
    lines = [" ".join(line.split()).strip('"“”*` ') for line in written.splitlines() if line.strip()]
    return lines if all(len(line) <= _MAX_LLM_QUESTION_CHARS for line in lines) else []
