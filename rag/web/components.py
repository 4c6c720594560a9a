"""Make what the tabs of the page share: a component for HTML, and the options of events."""

from typing import Any

import gradio as gr

from rag.web.server.rate_limits import DRAWING

PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
"""Options of an event that is no endpoint for programs and shows no progress of its own."""
DRAWS: dict[str, Any] = {**PRIVATE, "concurrency_id": DRAWING}
"""Options of such an event that only draws what is known, which the rate limits count apart."""


def html_area(elem_id: str, value: str = "") -> gr.HTML:
    """Make a component that shows HTML, without a script and without Gradio's styles."""
    return gr.HTML(value, elem_id=elem_id, js_on_load=None, apply_default_css=False)
