"""Rewrite follow-ups to stand alone, and decompose questions of several parts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.errors import LLMError, QuestionError
from rag.prompts import DECOMPOSE_SYSTEM_PROMPT, REWRITE_SYSTEM_PROMPT, REWRITE_USER_PROMPT
from rag.protocols import LLM
from rag.retrieval.decomposition import MAX_PARTS, compare, decompose
from rag.retrieval.embedded_questions import find_question
from rag.retrieval.follow_ups import MAX_TURN_CHARS, MAX_TURNS, classify, complete, is_follow_up
from rag.text.characters import replace_surrogates
from rag.types import Message

MAX_QUESTION_CHARS = 2000
"""Characters of a question or a query at most, wherever it comes in."""
_MAX_LLM_QUESTION_CHARS = 300
"""Characters of a question that an LLM may write."""


@dataclass(frozen=True, slots=True)
class RewrittenQuestion:
    """A question rewritten to stand alone, and decomposed."""

    text: str
    """The question, understandable by itself."""
    plain: str = ""
    """The question before it was completed, or taken apart for a comparison, where it may not have needed that; else
    empty."""
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
    found = find_question(question)
    asked = found.text
    text = complete(asked, history)[:MAX_QUESTION_CHARS]
    plain = asked if text != asked and classify(asked) == "unsure" else found.plain
    llm_error = ""
    parts = decompose(text)
    try:
        if llm is not None and is_follow_up(asked, history):
            if rewritten := _rewrite_by_llm(asked, history, llm):
                text = rewritten
                plain = ""
            parts = decompose(text)
        if llm is not None and parts:
            parts = _decompose_by_llm(text, llm) or parts
    except LLMError as error:
        llm_error = str(error)
    plain = plain or (text if parts and compare(text) else "")
    return RewrittenQuestion(text, plain, parts, llm_error)


def _rewrite_by_llm(question: str, history: Sequence[Message], llm: LLM) -> str:
    """Have an LLM rewrite the last question of a conversation to stand alone; empty unless it writes one line."""
    turns = "\n".join(f"{one.role}: {' '.join(one.text.split())[:MAX_TURN_CHARS]}" for one in history[-MAX_TURNS:])
    lines = _write_lines(llm, REWRITE_SYSTEM_PROMPT, REWRITE_USER_PROMPT.format(turns=turns, question=question))
    return lines[0] if len(lines) == 1 else ""


def _decompose_by_llm(question: str, llm: LLM) -> tuple[str, ...]:
    lines = [re.sub(r"^\W*(?:\d+[.)]\s*)?", "", line) for line in _write_lines(llm, DECOMPOSE_SYSTEM_PROMPT, question)]
    kept = tuple(dict.fromkeys(line for line in lines if line))
    return kept if 1 < len(kept) <= MAX_PARTS else ()


def _write_lines(llm: LLM, instructions: str, prompt: str) -> list[str]:
    """Have an LLM write lines; return none when a line is too long to be a question."""
    written = replace_surrogates("".join(llm.stream(instructions, prompt, _MAX_LLM_QUESTION_CHARS)))
    written = re.sub(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|$)", "", written, flags=re.S)
    lines = [" ".join(line.split()).strip('"“”*` ') for line in written.splitlines() if line.strip()]
    return lines if all(len(line) <= _MAX_LLM_QUESTION_CHARS for line in lines) else []
