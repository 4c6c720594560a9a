"""The page itself: Gradio's components, laid out and wired to the assistant."""

from collections.abc import Iterator
from typing import Any

import gradio as gr
from gradio.events import api

from rag.assistant import Assistant
from rag.errors import RagError
from rag.index import Index
from rag.settings import Settings
from rag.shapes import to_json
from rag.types import Filters
from rag.web import chat, passages, welcome
from rag.web.conversation import Turns, talk
from rag.web.escaping import inert_line

AT_ONCE = 4
"""How many questions are answered at the same time, over all sessions and the API."""
_WAITING = 64
LONGEST_QUESTION = 2000
_DAY = "YYYY-MM-DD"


class _Page:
    """The components that change, and the one assistant and index that all sessions share."""

    def __init__(self, assistant: Assistant, index: Index, settings: Settings) -> None:
        self._assistant = assistant
        self._index = index
        self._settings = settings
        self._model = assistant.llm.name if assistant.llm is not None else ""
        self.blocks = gr.Blocks(title="Ask the Articles", analytics_enabled=False, fill_width=True)
        with self.blocks:
            self._lay_out()
            self._wire()

    def _lay_out(self) -> None:
        self._turns = gr.State(())
        self._heading = _html(welcome.heading(0, self._model), "heading")
        with gr.Row(elem_id="desk"):
            with gr.Column(scale=6, min_width=320, elem_id="talk"):
                self._lay_out_talk()
            with gr.Column(scale=5, min_width=320, elem_id="evidence"):
                self._panel = _html(passages.panel(()), "passages")

    def _lay_out_talk(self) -> None:
        self._chat = gr.Chatbot(
            elem_id="chat", show_label=False, container=False, layout="panel", buttons=[], feedback_options=None,
            height=None, latex_delimiters=[], allow_tags=False, autoscroll=True,
        )  # fmt: skip
        self._notice = _html("", "notice")
        self._question = gr.Textbox(
            elem_id="question", label="Question", placeholder="Ask a question", show_label=False, container=False,
            lines=1, max_lines=5, max_length=LONGEST_QUESTION, submit_btn=True, autofocus=True,
        )  # fmt: skip
        with gr.Row(elem_id="filters"):
            self._publisher = gr.Dropdown(_publishers([]), value="", label="Publisher", min_width=140)
            self._since = gr.Textbox(label="Since", placeholder=_DAY, max_lines=1, min_width=110)
            self._until = gr.Textbox(label="Until", placeholder=_DAY, max_lines=1, min_width=110)

    def _wire(self) -> None:
        self.blocks.queue(max_size=_WAITING, default_concurrency_limit=AT_ONCE)
        private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        self.blocks.load(self._open, None, [self._heading, self._chat, self._publisher], **private)
        asked = [self._question, self._turns, self._publisher, self._since, self._until]
        told = [self._question, self._chat, self._panel, self._turns, self._notice]
        asking = [self._question.submit, self._chat.example_select]
        # One event for both ways to ask, so that a session has one answer under way at a time.
        answering = gr.on(asking, self._answer, asked, told, trigger_mode="once", concurrency_id="answers", **private)
        self._chat.clear(_forgotten, None, told, queue=False, cancels=[answering], **private)
        api(self._ask, api_name="ask", concurrency_id="answers")

    def _open(self) -> tuple[str, gr.Chatbot, gr.Dropdown]:
        """What the page shows of the index, as it is when the page is opened."""
        invitation = welcome.invitation(self._index, self._settings)
        return (
            welcome.heading(self._articles(), self._model),
            gr.Chatbot(placeholder=invitation, examples=welcome.examples(self._index)),  # type: ignore[arg-type]
            gr.Dropdown(choices=_publishers([] if self._index.empty else self._index.publishers())),
        )

    def _answer(
        self, typed: str, turns: Turns, publisher: str, since: str, until: str, event: gr.EventData
    ) -> Iterator[tuple[object, ...]]:
        """Everything that changes on the page while one question is answered."""
        question = _clicked(event) or typed.strip()
        if not question:
            return
        box: object = ""
        shown = ""
        try:
            for now in talk(self._assistant, self._articles(), question, turns, _filters(publisher, since, until)):
                cards = passages.panel(now)
                # The box is the person's again once it is cleared, and the cards are heavy and change least.
                yield box, chat.messages(now), gr.skip() if cards == shown else cards, now, ""
                box, shown = gr.skip(), cards
        except RagError as error:
            yield question, chat.messages(turns), passages.panel(turns), turns, _trouble(error)

    def _ask(self, question: str, publisher: str = "", since: str = "", until: str = "") -> dict[str, object]:
        """The answer to one question, as the object that `rag ask --json` prints."""
        try:
            return to_json(self._assistant.ask(question, filters=_filters(publisher, since, until)))
        except RagError as error:
            raise gr.Error(str(error), print_exception=False) from None

    def _articles(self) -> int:
        return 0 if self._index.empty else self._index.counts()[0]


def build(assistant: Assistant, index: Index, settings: Settings) -> gr.Blocks:
    """The page over an assistant and its index, not yet listening."""
    return _Page(assistant, index, settings).blocks


def _html(value: str, name: str) -> gr.HTML:
    return gr.HTML(value, elem_id=name, js_on_load=None, apply_default_css=False)


def _trouble(error: RagError) -> str:
    return f'<p class="trouble" role="alert">{inert_line(str(error))}</p>'


def _publishers(names: list[str]) -> list[str | int | float | tuple[str, str | int | float]]:
    return [("All publishers", ""), *((name, name) for name in names if name)]


def _filters(publisher: str, since: str, until: str) -> Filters:
    return Filters(publisher.strip(), since.strip(), until.strip())


def _forgotten() -> tuple[object, ...]:
    """The page after the conversation is cleared."""
    return gr.skip(), [], passages.panel(()), (), ""


def _clicked(event: gr.EventData) -> str:
    """The example question that was clicked, or nothing when the question was typed."""
    value = (event._data or {}).get("value")
    return str(value["text"]) if isinstance(value, dict) else ""
