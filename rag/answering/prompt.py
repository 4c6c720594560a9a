"""Build the prompt of an LLM: passages as sealed quotations, the question and the rules (pure but for chance)."""

import html
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rag.answering.prompt_text import sanitize
from rag.errors import LLMError
from rag.prompts import ANSWER_SYSTEM_PROMPT, ANSWER_USER_PROMPT, NOT_FOUND, PASSAGE_TEMPLATE
from rag.text.characters import strip_invisible
from rag.types import Passage

_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_DIGITS = "23456789"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt, and which passage each id in it stands for."""

    instructions: str
    prompt: str
    passages: Mapping[str, Passage]
    left_out: int = 0
    """How many passages did not fit."""


def build_prompt(
    question: str, passages: Sequence[Passage], today: str, *, max_tokens: int, count_tokens: Callable[[str], int]
) -> Prompt:
    """Build a prompt of at most `max_tokens` with the passages in the order given, leaving out each that does not fit.

    LLMError when none fits.
    """
    ids = _make_ids(len(passages) + 1, " ".join(passage.text for passage in passages))
    seal = ids[0]
    named = dict(zip(ids[1:], passages, strict=True))
    instructions = ANSWER_SYSTEM_PROMPT.format(example=f"[{_make_ids(1, seal)[0]}]", not_found=NOT_FOUND)
    shown = list[str]()
    kept = dict[str, Passage]()
    left = max_tokens - count_tokens(
        instructions + ANSWER_USER_PROMPT.format(today=today, seal=seal, passages="", question=question)
    )
    for id, passage in named.items():
        text = _quote_passage(id, seal, passage)
        if (size := count_tokens(text + "\n")) <= left:
            left -= size
            shown.append(text)
            kept[id] = passage
    if not kept:
        raise LLMError(
            f"no passage fits into the {max_tokens} tokens it reads; raise RAG_LLM_CONTEXT_TOKENS if it can read more"
        )
    prompt = ANSWER_USER_PROMPT.format(
        today=today, seal=seal, passages="\n".join(shown), question=strip_invisible(question)
    )
    return Prompt(instructions, prompt, kept, len(named) - len(kept))


def _make_ids(count: int, text: str) -> list[str]:
    """Make `count` different ids that nobody can guess, none of which stands in `text`."""
    found: dict[str, None] = {}
    while len(found) < count:
        name = "".join(secrets.choice(letters) for letters in (_LETTERS, _DIGITS, _LETTERS, _DIGITS, _LETTERS, _DIGITS))
        if name not in text:
            found[name] = None
    return list(found)


def _quote_passage(id: str, seal: str, passage: Passage) -> str:
    """Quote a passage, sanitised, between tags that its text cannot close."""
    about = (_attribute(one) for one in (passage.title, passage.source, passage.date))
    title, publisher, date = about
    text = sanitize(passage.text)
    return PASSAGE_TEMPLATE.format(seal=seal, id=id, title=title, publisher=publisher, date=date, text=text)


def _attribute(text: str) -> str:
    return html.escape(" ".join(sanitize(text).split()))
