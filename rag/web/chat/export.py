"""Export a conversation as Markdown or JSON."""

import json
import re

from rag.serialization import to_json
from rag.types import Answer
from rag.web.chat.turns import Turns

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!])")


def as_markdown(turns: Turns) -> str:
    """Export every question with its answer and the quotations it cites, as Markdown."""
    parts = (f"## {_plain(turn.answer.question)}\n\n{answer_as_markdown(turn.answer)}" for turn in turns)
    return "\n\n".join(parts) + "\n"


def answer_as_markdown(answer: Answer) -> str:
    """Export an answer with the quotations it cites, as Markdown; markup within its texts is escaped."""
    text = " ".join(
        f"{_plain(sentence.text)} {''.join(f'[{number}]' for number in sentence.citations)}".strip()
        for sentence in answer.sentences
    )
    lines = [text, *([f"*{_plain(answer.note)}*"] if answer.note else [])]
    for citation in answer.citations:
        about = ", ".join(filter(None, (*citation.attribution, citation.url)))
        lines.append(f"[{citation.number}] {_plain(about)}\n> {_plain(' '.join(citation.quote.split()))}")
    return "\n\n".join(lines)


def as_json(turns: Turns) -> str:
    """Export the answers as one JSON list, each as `rag ask --json` prints it."""
    return json.dumps([to_json(turn.answer) for turn in turns], ensure_ascii=False, indent=2)


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
