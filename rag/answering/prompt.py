"""Build the prompt of an LLM: passages as sealed quotations, the question and the rules (pure but for chance)."""

import html
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rag.answering.citations import Extract
from rag.answering.prompt_text import sanitize
from rag.errors import LLMError
from rag.prompts import (
    ANSWER_SYSTEM_PROMPT,
    ANSWER_USER_PROMPT,
    LIKELY_TEMPLATE,
    NOT_FOUND,
    PARTS_TEMPLATE,
    PASSAGE_TEMPLATE,
)
from rag.text.characters import strip_invisible
from rag.text.sentence_language import find_sentence_language
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
    language: str = ""
    """The language of the question, in which it is to be answered, as a code such as “en”."""


@dataclass(frozen=True, slots=True)
class Guidance:
    """What the search and the reader make of a question, shown to an LLM beside the passages."""

    parts: tuple[str, ...] = ()
    """The questions that it was taken apart into; empty where it was not."""
    likely: tuple[Extract, ...] = ()
    """The sentences that answer or deny it, the surest first."""


_NO_GUIDANCE = Guidance()


def build_prompt(
    question: str,
    passages: Sequence[Passage],
    today: str,
    *,
    max_tokens: int,
    count_tokens: Callable[[str], int],
    guidance: Guidance = _NO_GUIDANCE,
) -> Prompt:
    """Build a prompt of at most `max_tokens` with the passages in the order given, leaving out each that does not fit.

    LLMError when none fits.
    """
    ids = _make_ids(len(passages) + 1, " ".join(passage.text for passage in passages))
    seal = ids[0]
    named = dict(zip(ids[1:], passages, strict=True))
    instructions = ANSWER_SYSTEM_PROMPT.format(example=f"[{_make_ids(1, seal)[0]}]", not_found=NOT_FOUND)

    def fill(shown: Sequence[str], given: Mapping[str, Passage]) -> str:
        return ANSWER_USER_PROMPT.format(
            today=today,
            seal=seal,
            passages="\n".join(shown),
            guidance=_describe_guidance(guidance, seal, given),
            question=strip_invisible(question),
        )

    shown = list[str]()
    kept = dict[str, Passage]()
    left = max_tokens - count_tokens(instructions + fill([], named))
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
    return Prompt(
        instructions, fill(shown, kept), kept, len(named) - len(kept), language=find_sentence_language(question)
    )


def _describe_guidance(guidance: Guidance, seal: str, given: Mapping[str, Passage]) -> str:
    """Describe the parts of a question, and quote the likely sentences of the passages that are given.

    A sentence that the prompt has in another form is left out: something in its passage was taken for an injection.
    """
    ids = {passage.id: id for id, passage in given.items()}
    sentences = []
    for extract in guidance.likely:
        id = ids.get(extract.passage.id, "")
        text = sanitize(extract.passage.at(extract.start, extract.end))
        if id and text in sanitize(extract.passage.text):
            sentences.append(f"{' '.join(text.split())} [{id}]")
    likely = LIKELY_TEMPLATE.format(seal=seal, sentences="\n".join(sentences)) if sentences else ""
    parts = "\n".join(strip_invisible(part) for part in guidance.parts)
    return likely + (PARTS_TEMPLATE.format(questions=parts) if parts else "")


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
