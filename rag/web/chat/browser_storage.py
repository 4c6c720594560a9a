"""Read and write the record of a conversation that the browser keeps."""

import json
import uuid
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from rag.web.chat.turns import Turn, Turns

_MAX_HITS = 12
"""Passages that are kept of an answer, for its cards and for why it was given."""
_MAX_TITLE_CHARS = 60


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """A conversation, as one record of the browser's storage holds it."""

    id: str
    title: str = ""
    turns: Turns = ()
    mark: str = ""
    """A mark of the version, changed with every change of the turns."""
    base: str = ""
    """The mark of what this tab wrote or read last; where the browser holds another, another tab has written."""


_CONVERSATION: TypeAdapter[StoredConversation] = TypeAdapter(StoredConversation)


def new_conversation() -> StoredConversation:
    """Make a conversation without turns."""
    return StoredConversation(_new_id())


def parse_record(record: object) -> StoredConversation | None:
    """Parse the record of a conversation; None where there is none or it cannot be read."""
    try:
        return _CONVERSATION.validate_python(json.loads(str(record)), strict=False) if record else None
    except (ValueError, RecursionError):  # pydantic's own error is a ValueError
        return None


def to_record(conversation: StoredConversation) -> str:
    """Serialise a conversation as JSON: its finished turns, each with its first 12 passages and those it cites."""
    turns = tuple(_lighter(turn) for turn in conversation.turns if turn.done)
    # Lone surrogates, which a browser may send, can only be sent back as escapes.
    return json.dumps(_CONVERSATION.dump_python(replace(conversation, turns=turns), mode="json"))


def with_turns(conversation: StoredConversation, turns: Turns) -> StoredConversation:
    """Return the conversation with other turns and a fresh mark, titled by its first question if it had no title."""
    title = conversation.title or (_title(turns) if turns else "")
    return replace(conversation, title=title, turns=turns, mark=_new_id())


def branch(conversation: StoredConversation, turn: int) -> StoredConversation:
    """Return the conversation cut before a turn that is asked again; under a new id where other turns follow it."""
    turns = conversation.turns[:turn]
    return (
        replace(conversation, turns=turns)
        if turn >= len(conversation.turns) - 1
        else StoredConversation(_new_id(), turns=turns)
    )


def _new_id() -> str:
    return uuid.uuid4().hex[:12]


def _title(turns: Turns) -> str:
    return " ".join(turns[0].answer.question.split())[:_MAX_TITLE_CHARS]


def _lighter(turn: Turn) -> Turn:
    cited = {citation.passage.id for citation in turn.answer.citations}
    hits = [hit for rank, hit in enumerate(turn.answer.hits) if rank < _MAX_HITS or hit.passage.id in cited]
    return replace(turn, answer=replace(turn.answer, hits=tuple(hits)))
