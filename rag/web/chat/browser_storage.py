"""Read and write the record of a conversation that the browser keeps."""

import json
import uuid
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from rag.web.chat.turns import Turn, Turns

_HITS = 12
"""Passages that are kept of an answer, for its cards and for why it was given."""
_TITLE = 60


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """One conversation."""

    id: str
    title: str = ""
    turns: Turns = ()
    mark: str = ""
    """Another at every change of the turns."""
    base: str = ""
    """The mark of what this tab wrote or read last; where the browser holds another, another tab has written."""


_KEPT: TypeAdapter[StoredConversation] = TypeAdapter(StoredConversation)


def begun() -> StoredConversation:
    """A conversation in which nothing was said yet."""
    return StoredConversation(_new_id())


def read(record: object) -> StoredConversation | None:
    """The conversation in a record; None where there is none or it cannot be read."""
    try:
        return _KEPT.validate_python(json.loads(str(record)), strict=False) if record else None
    except (ValueError, RecursionError):  # pydantic's own error is a ValueError
        return None


def written(kept: StoredConversation) -> str:
    """The record of a conversation, with its finished turns and only the passages that are shown."""
    turns = tuple(_lighter(turn) for turn in kept.turns if turn.done)
    # Lone surrogates, which a browser may send, can only be sent back as escapes.
    return json.dumps(_KEPT.dump_python(replace(kept, turns=turns), mode="json"))


def with_turns(kept: StoredConversation, turns: Turns) -> StoredConversation:
    """The conversation with other turns, and a title if it had none."""
    title = kept.title or (_title(turns) if turns else "")
    return replace(kept, title=title, turns=turns, mark=_new_id())


def branched(kept: StoredConversation, place: int) -> StoredConversation:
    """What a conversation is continued as from one of its turns: itself at the last, a new one where more follows."""
    turns = kept.turns[:place]
    return replace(kept, turns=turns) if place >= len(kept.turns) - 1 else StoredConversation(_new_id(), turns=turns)


def _new_id() -> str:
    return uuid.uuid4().hex[:12]


def _title(turns: Turns) -> str:
    return " ".join(turns[0].answer.question.split())[:_TITLE]


def _lighter(turn: Turn) -> Turn:
    cited = {citation.passage.id for citation in turn.answer.citations}
    hits = [hit for place, hit in enumerate(turn.answer.hits) if place < _HITS or hit.passage.id in cited]
    return replace(turn, answer=replace(turn.answer, hits=tuple(hits)))
