"""Interpret Gradio's events of clicks and edits in the chat."""

from typing import Any, NamedTuple

import gradio as gr

from rag.web.chat.turns import Turns


def parse_example_click(event: gr.EventData) -> str:
    """Return the example question that was clicked; empty where the question was typed."""
    value = (event._data or {}).get("value")
    return str(value["text"]) if isinstance(value, dict) and "text" in value else ""


class Vote(NamedTuple):
    """A vote on the answer of one turn, counted from 0."""

    turn: int
    is_good: bool


class Retry(NamedTuple):
    """The number of a turn, from 0, and the question that is asked in its place."""

    turn: int
    question: str


def parse_retry(event: gr.EventData, turns: Turns) -> Retry:
    """Parse which turn is asked again, and with which question: the edited one, or else the turn's own."""
    data = event._data or {}
    turn = _turn_of(data.get("index", 0))
    previous = data.get("previous_value")
    value = data.get("value")
    edited = str(value).strip() if previous is not None and isinstance(value, str) else ""
    return Retry(turn, edited or (turns[turn].answer.question if 0 <= turn < len(turns) else ""))


def parse_vote(event: gr.LikeData) -> Vote:
    """Parse which turn's answer was voted on, and whether it was liked."""
    return Vote(_turn_of(event.index), event.liked if isinstance(event.liked, bool) else event.liked == "Like")


def _turn_of(index: Any) -> int:
    """Return the number of the turn that a message of the chat belongs to; each turn has two messages."""
    return int(index[0] if isinstance(index, list | tuple) else index) // 2
