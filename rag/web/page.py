"""Lay out the page and wire its tabs."""

import threading

import gradio as gr

from rag.answering.background import start_in_background
from rag.assistant import Assistant
from rag.errors import RagError
from rag.evaluation.suggested_questions import load_or_suggest
from rag.index import Index
from rag.settings import Settings
from rag.web.articles.tab import ArticlesTab
from rag.web.chat import welcome
from rag.web.chat.feedback import Feedback
from rag.web.chat.tab import ChatTab
from rag.web.components import DRAWS, PRIVATE, html_area
from rag.web.evaluation.tab import EvaluationTab
from rag.web.server.gradio_api import ProgramAPI
from rag.web.server.health import Metrics
from rag.web.server.malformed_requests import Blocks

AT_ONCE = 4
"""How many questions are answered at the same time, over all sessions and the API."""
_MAX_WAITING = 64


class _Page:
    """The parts of the page; all sessions share its assistant and index."""

    def __init__(self, assistant: Assistant, index: Index, settings: Settings, *, metrics: Metrics) -> None:
        self._assistant = assistant
        self._index = index
        self._model = assistant.llm.name if assistant.llm is not None else ""
        self._settings = settings
        feedback = Feedback(settings.index)
        self._suggested = _Suggested(assistant, index)
        self._chat_tab = ChatTab(assistant, index, settings, feedback=feedback, metrics=metrics)
        self._articles_tab = ArticlesTab(index, settings)
        self._evaluation_tab = EvaluationTab(assistant, feedback)
        self.blocks = Blocks(title="Ask the Articles", analytics_enabled=False, fill_width=True)
        with self.blocks:
            self._lay_out()
            self._wire()
        self._articles_tab.jobs.resume()

    def _lay_out(self) -> None:
        with gr.Sidebar(open=False, width=280, elem_id="side"):
            self._chat_tab.lay_out_chats()
        self._heading = html_area("heading", welcome.render_heading(None, self._model))
        with gr.Tabs(elem_id="tabs") as self._tabs:
            with gr.Tab("Ask", id="ask"):
                self._chat_tab.lay_out()
            with gr.Tab("Articles", id="articles"):
                self._articles_tab.lay_out()
            with gr.Tab("Evaluation", id="evaluation"):
                self._evaluation_tab.lay_out()

    def _wire(self) -> None:
        self.blocks.queue(max_size=_MAX_WAITING, default_concurrency_limit=AT_ONCE)
        opened = [self._heading, self._chat_tab.chat, self._chat_tab.publisher]
        self.blocks.load(self._open, None, opened, **DRAWS)
        self._chat_tab.wire(self.blocks)
        self._articles_tab.wire(self.blocks)
        self._articles_tab.opening.then(None, self._articles_tab.chosen, None, js="(id) => openArticle(id)", **PRIVATE)
        self._articles_tab.finished.change(self._open, None, opened, **DRAWS)
        self._evaluation_tab.wire(self.blocks)
        asking = (lambda question: (question, gr.Tabs(selected="ask")), self._evaluation_tab.chosen)
        self._evaluation_tab.ask.click(*asking, [self._chat_tab.question, self._tabs], **PRIVATE)
        ProgramAPI(self._assistant, self._index, self._settings).register()

    def _open(self) -> tuple[object, ...]:
        """Draw what the page shows of the index: the heading, the invitation to ask and the publishers."""
        articles = 0 if self._index.empty else self._index.counts()[0]
        return (welcome.render_heading(articles, self._model), *self._chat_tab.draw(self._suggested.get()))


class _Suggested:
    """Suggested questions to begin with, made in the background whenever the index has changed."""

    def __init__(self, assistant: Assistant, index: Index) -> None:
        self._assistant = assistant
        self._index = index
        self._questions: tuple[str, ...] = ()
        self._index_state = ""
        self._lock = threading.Lock()

    def get(self) -> tuple[str, ...]:
        """Return the questions suggested so far; once the index has changed, find others in the background."""
        with self._lock:
            if (state := self._index.state) and state != self._index_state:
                self._index_state = state
                start_in_background(self._find)
        return self._questions

    def _find(self) -> None:
        try:
            self._questions = tuple(load_or_suggest(self._assistant, self._index))
        except RagError:  # there is a question to ask without one
            self._questions = ()


def build(assistant: Assistant, index: Index, settings: Settings, *, metrics: Metrics | None = None) -> gr.Blocks:
    """Build the page over an assistant and its index; `start` lets it listen."""
    return _Page(assistant, index, settings, metrics=metrics or Metrics()).blocks
