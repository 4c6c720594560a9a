"""Export a conversation as Markdown or JSON."""

import json
import re

from rag.serialization import to_json
from rag.types import Answer
from rag.web.chat.turns import Turns

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!])")


def as_markdown(turns: Turns) -> str:
    """Every question with its answer and its sources, each quotation verbatim."""
    return "\n\n".join(f"## {_plain(turn.answer.question)}\n\n{told(turn.answer)}" for turn in turns) + "\n"


def told(answer: Answer) -> str:
    """An answer with its sources, as Markdown in which nothing but our own marks is live."""
    text = " ".join(
        f"{_plain(one.text)} {''.join(f'[{number}]' for number in one.citations)}".strip() for one in answer.sentences
    )
    lines = [text, *([f"*{_plain(answer.note)}*"] if answer.note else [])]
    for citation in answer.citations:
        about = ", ".join(filter(None, (*citation.attribution, citation.passage.url)))
        lines.append(f"[{citation.number}] {_plain(about)}\n> {_plain(' '.join(citation.quote.split()))}")
    return "\n\n".join(lines)


def as_json(turns: Turns) -> str:
    """Every answer as `rag ask --json` prints it."""
    return json.dumps([to_json(turn.answer) for turn in turns], ensure_ascii=False, indent=2)


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
