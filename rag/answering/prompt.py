"""Build the prompt of an LLM: passages as sealed quotations, the question and the rules (pure but for chance)."""

import html
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rag.answering.prompt_text import sanitize
from rag.errors import LLMError
from rag.prompts import ANSWER, ASK, NOT_FOUND, PASSAGE
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
    question: str, passages: Sequence[Passage], today: str, room: int, count_tokens: Callable[[str], int]
) -> Prompt:
    """The prompt with as many whole passages as fit into `room` tokens, the first ones first.

    LLMError when not even one fits.
    """
    ids = _ids(len(passages) + 1, " ".join(passage.text for passage in passages))
    seal, named = ids[0], dict(zip(ids[1:], passages, strict=True))
    instructions = ANSWER.format(example=f"[{_ids(1, seal)[0]}]", not_found=NOT_FOUND)
    shown, kept = list[str](), dict[str, Passage]()
    left = room - count_tokens(instructions + ASK.format(today=today, seal=seal, passages="", question=question))
    for id, passage in named.items():
        text = _sealed(id, seal, passage)
        if (size := count_tokens(text + "\n")) <= left:
            left -= size
            shown.append(text)
            kept[id] = passage
    if not kept:
        raise LLMError(
            f"no passage fits into the {room} tokens it reads; raise RAG_LLM_CONTEXT_TOKENS if it can read more"
        )
    prompt = ASK.format(today=today, seal=seal, passages="\n".join(shown), question=strip_invisible(question))
    return Prompt(instructions, prompt, kept, len(named) - len(kept))


def _ids(count: int, text: str) -> list[str]:
    """Different names that nobody can guess, and that no text in the prompt contains."""
    found: dict[str, None] = {}
    while len(found) < count:
        name = "".join(secrets.choice(letters) for letters in (_LETTERS, _DIGITS, _LETTERS, _DIGITS, _LETTERS, _DIGITS))
        if name not in text:
            found[name] = None
    return list(found)


def _sealed(id: str, seal: str, passage: Passage) -> str:
    about = (_attribute(one) for one in (passage.title, passage.source, passage.date))
    title, publisher, date = about
    text = sanitize(passage.text)
    return PASSAGE.format(seal=seal, id=id, title=title, publisher=publisher, date=date, text=text)


def _attribute(text: str) -> str:
    return html.escape(" ".join(sanitize(text).split()))
