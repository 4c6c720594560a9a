"""Interpret Gradio's events of clicks and edits in the chat."""

import gradio as gr

from rag.web.chat.turns import Turns


def clicked(event: gr.EventData) -> str:
    """The example question that was clicked, or nothing when the question was typed."""
    value = (event._data or {}).get("value")
    return str(value["text"]) if isinstance(value, dict) and "text" in value else ""


def meant(event: gr.EventData, turns: Turns) -> tuple[int, str]:
    """Which turn is asked again, and with which question."""
    data = event._data or {}
    index = data.get("index", 0)
    place = int(index[0] if isinstance(index, list | tuple) else index) // 2
    previous = data.get("previous_value")
    value = data.get("value")
    edited = str(value).strip() if previous is not None and isinstance(value, str) else ""
    return place, edited or (turns[place].answer.question if 0 <= place < len(turns) else "")
