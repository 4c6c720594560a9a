"""Conversations as the browser keeps them: as JSON, read back with care since anything may have become of it there."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from rag.web.conversation import Turn, Turns

_LARGEST = 2_500_000
"""Characters that all conversations may have together; browsers keep about five million."""
_HITS = 12
"""Passages that are kept of an answer, for its cards and for why it was given."""
_TITLE = 60
_TURNS: TypeAdapter[tuple[Turn, ...]] = TypeAdapter(tuple[Turn, ...])


@dataclass(frozen=True, slots=True)
class Kept:
    """One conversation."""

    id: str
    title: str
    turns: Turns


_KEPT: TypeAdapter[tuple[Kept, ...]] = TypeAdapter(tuple[Kept, ...])


def new_id() -> str:
    """A name for a conversation."""
    return uuid.uuid4().hex[:12]


def read(value: object) -> tuple[Kept, ...]:
    """The conversations in what a browser kept, the newest first; none where that cannot be read."""
    try:
        return _KEPT.validate_python(_tuples(value), strict=False)
    except ValidationError:
        return ()


def written(kept: Sequence[Kept]) -> list[dict[str, Any]]:
    """The conversations for a browser to keep; the oldest are let go where there is no room for all."""
    room, shown = _LARGEST, list[dict[str, Any]]()
    for one in _KEPT.dump_python(tuple(map(_lighter, kept)), mode="json"):
        room -= len(json.dumps(one))
        if room < 0 and shown:
            break
        shown.append(one)
    return shown


def put(kept: Sequence[Kept], id: str, turns: Turns) -> tuple[Kept, ...]:
    """The conversations with one of them as it now is, in front; an empty one is left out."""
    known = next((one for one in kept if one.id == id), None)
    others = tuple(one for one in kept if one.id != id)
    if not turns:
        return others
    return (Kept(id, known.title if known else _title(turns), turns), *others)


def renamed(kept: Sequence[Kept], id: str, title: str) -> tuple[Kept, ...]:
    """The conversations with another title for one."""
    title = " ".join(title.split())[:_TITLE]
    return tuple(replace(one, title=title) if one.id == id and title else one for one in kept)


def without(kept: Sequence[Kept], id: str) -> tuple[Kept, ...]:
    """The conversations but one."""
    return tuple(one for one in kept if one.id != id)


def turns_of(kept: Sequence[Kept], id: str) -> Turns:
    """The turns of a conversation, none where there is no such."""
    return next((one.turns for one in kept if one.id == id), ())


def _title(turns: Turns) -> str:
    return " ".join(turns[0].answer.question.split())[:_TITLE]


def _lighter(one: Kept) -> Kept:
    """The conversation with only the passages that are shown."""
    return replace(one, turns=tuple(map(_shown, one.turns)))


def _shown(turn: Turn) -> Turn:
    cited = {citation.passage.id for citation in turn.answer.citations}
    hits = [hit for place, hit in enumerate(turn.answer.hits) if place < _HITS or hit.passage.id in cited]
    return replace(turn, answer=replace(turn.answer, hits=tuple(hits)))


def _tuples(value: object) -> object:
    """What JSON made lists of, as far as it can be conversations at all."""
    return tuple(value) if isinstance(value, list) else ()
