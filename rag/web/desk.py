"""The desk: conversations, the chat and its evidence, and what happens between them."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.errors import RagError
from rag.index import Index
from rag.settings import Settings
from rag.types import Filters
from rag.web import chat, kept, passages, reading, welcome
from rag.web.chats import chat_list, listed
from rag.web.conversation import Turns, talk, watched
from rag.web.escaping import trouble
from rag.web.events import clicked, meant
from rag.web.exporting import as_json, as_markdown
from rag.web.feedback import Feedback
from rag.web.health import Metrics
from rag.web.programs import LONGEST_QUESTION

_DAY = "YYYY-MM-DD"
_WORKERS = 16
_SETTLING = 0.4
"""Seconds until an answer that was stopped has been left."""
_SCRIPT = Path(__file__).with_name("page.js")
_SECRET = "kept in this browser alone"
"""Gradio scrambles what a browser keeps; a fixed word lets it be read after the server was started again."""
_SAVE = """(text, name) => {
  const link = Object.assign(document.createElement("a"), { download: name });
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}"""
_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


class Desk:
    """The components of the first tab, and the one assistant and index that all sessions share."""

    def __init__(
        self, assistant: Assistant, index: Index, settings: Settings, feedback: Feedback, metrics: Metrics
    ) -> None:
        """Nothing is shown before it is laid out."""
        self._assistant = assistant
        self._index = index
        self._settings = settings
        self._feedback = feedback
        self._metrics = metrics
        # As many as answer at once, and some whose answer nobody waits for any more.
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="answers")

    def lay_out_chats(self) -> None:
        """The conversations that this browser keeps."""
        self._browser = gr.BrowserState([], storage_key="articles-conversations", secret=_SECRET)
        self._turns = gr.State(())
        self._current = gr.State("")
        self._new = gr.Button("New conversation", elem_id="new", size="sm")
        self._chats = chat_list()
        with gr.Row(elem_id="export"):
            self._markdown = gr.Button("Export Markdown", size="sm", variant="secondary")
            self._json = gr.Button("Export JSON", size="sm", variant="secondary")
        self._exported = gr.Textbox(visible="hidden", label="Exported")
        self._name = gr.Textbox(visible="hidden", label="Name of the file")

    def lay_out(self) -> None:
        """The chat and its evidence."""
        with gr.Row(elem_id="desk"):
            with gr.Column(scale=6, min_width=320, elem_id="talk"):
                self._lay_out_talk()
            with gr.Column(scale=5, min_width=320, elem_id="evidence"):
                self._panel = gr.HTML(
                    passages.panel(()), elem_id="passages", js_on_load=None, apply_default_css=False
                )  # fmt: skip
                self._lay_out_article()

    def _lay_out_article(self) -> None:
        def article(asked: dict[str, Any]) -> str:
            return self._article(asked)

        # Gradio marks what the script may call, which a method does not let it do.
        gr.HTML(
            elem_id="article", html_template='<div class="reader" role="region" aria-label="Article"></div>',
            js_on_load=_SCRIPT.read_text("utf-8"), server_functions=[article], apply_default_css=False,
        )  # fmt: skip

    def _lay_out_talk(self) -> None:
        self.chat = gr.Chatbot(
            elem_id="chat", label="Conversation", show_label=False, container=False, layout="panel", buttons=[],
            feedback_options=("Like", "Dislike"), height=None, latex_delimiters=[], allow_tags=False, autoscroll=True,
            editable="user",
        )  # fmt: skip
        self._notice = gr.HTML("", elem_id="notice", js_on_load=None, apply_default_css=False)
        with gr.Row(elem_id="remark", visible=False) as self._remarking:
            self._remark = gr.Textbox(
                label="Remark", placeholder="What was wrong or right? (kept on this server)", show_label=False,
                container=False, max_length=1000, submit_btn="Keep",
            )  # fmt: skip
        self.question = gr.Textbox(
            elem_id="question", label="Question", placeholder="Ask a question  ( / )", show_label=False,
            container=False, lines=1, max_lines=5, max_length=LONGEST_QUESTION, submit_btn=True, autofocus=True,
        )  # fmt: skip
        with gr.Row(elem_id="filters"):
            self.publisher = gr.Dropdown([("All publishers", "")], value="", label="Publisher", min_width=140)
            self._since = gr.Textbox(label="Since", placeholder=_DAY, max_lines=1, min_width=110)
            self._until = gr.Textbox(label="Until", placeholder=_DAY, max_lines=1, min_width=110)

    def wire(self, blocks: gr.Blocks) -> None:
        """Everything that happens at the desk."""
        self._voted = gr.State(None)
        asks = [self.question, self._turns, self.publisher, self._since, self._until]
        told = [self.question, self.chat, self._panel, self._turns, self._notice]
        keeping = ([self._browser, self._current, self._turns], [self._browser, self._chats])
        asking = [self.question.submit, self.chat.example_select]
        # One event for all ways to ask, so that a session has one answer under way at a time.
        answering = gr.on(asking, self._answer, asks, told, trigger_mode="once", concurrency_id="answers", **_PRIVATE)
        again = gr.on(
            [self.chat.retry, self.chat.edit], self._answer_again, asks, told, trigger_mode="once",
            concurrency_id="answers", cancels=[answering], **_PRIVATE,
        )  # fmt: skip
        for event in (answering, again):
            event.then(self._keep, *keeping, **_PRIVATE)
        stopped = self.question.stop(
            self._stopped, [self._turns], [self.question, self.chat, self._panel, self._turns],
            cancels=[answering, again], queue=False, **_PRIVATE,
        )  # fmt: skip
        stopped.then(_settled, None, self.question, **_PRIVATE).then(self._keep, *keeping, **_PRIVATE)
        self._wire_chats(blocks, {"cancels": [answering, again], **_PRIVATE})
        self._wire_feedback()

    def _wire_chats(self, blocks: gr.Blocks, leaving: dict[str, Any]) -> None:
        shown = [self.question, self.chat, self._panel, self._turns, self._notice, self._current, self._chats]
        blocks.load(self._listed, [self._browser, self._current], [self._chats, self._current], **_PRIVATE)
        settling = (_settled, None, self.question)
        self._new.click(self._begun, [self._browser], shown, **leaving).then(*settling, **_PRIVATE)
        self._chats.select(self._opened, [self._browser], shown, **leaving).then(*settling, **_PRIVATE)
        changing = [self._browser, self._current]
        self._chats.edit(self._renamed, changing, [self._browser, self._chats], **_PRIVATE)
        deleted = self._chats.delete(self._deleted, [*changing, self._turns], [self._browser, *shown], **leaving)
        deleted.then(*settling, **_PRIVATE)
        for button, export in ((self._markdown, self._as_markdown), (self._json, self._as_json)):
            made = button.click(export, [self._turns], [self._exported, self._name], **_PRIVATE)
            made.then(None, [self._exported, self._name], None, js=_SAVE, **_PRIVATE)

    def _wire_feedback(self) -> None:
        self.chat.like(self._vote, [self._turns], [self._voted, self._remarking, self._remark], **_PRIVATE)
        self._remark.submit(
            self._add_remark, [self._voted, self._turns, self._remark], [self._remarking, self._notice], **_PRIVATE
        )

    # Answering.

    def _answer(
        self, typed: str, turns: Turns, publisher: str, since: str, until: str, event: gr.EventData
    ) -> Iterator[tuple[object, ...]]:
        """Everything that changes while one question is answered."""
        question = clicked(event) or typed.strip()
        if question:
            yield from self._told_so_far(question, turns, _filters(publisher, since, until), clears=True)

    def _answer_again(
        self, _typed: str, turns: Turns, publisher: str, since: str, until: str, event: gr.EventData
    ) -> Iterator[tuple[object, ...]]:
        """The same for a question that is asked again, as it was or edited; what came after it is let go."""
        place, question = meant(event, turns)
        if 0 <= place < len(turns) and question:
            yield from self._told_so_far(question, turns[:place], _filters(publisher, since, until), clears=False)

    def _told_so_far(self, question: str, turns: Turns, filters: Filters, clears: bool) -> Iterator[tuple[object, ...]]:
        running: dict[str, Any] = {"submit_btn": False, "stop_btn": True}
        box: object = gr.Textbox("", **running) if clears else gr.Textbox(**running)
        shown = ""
        try:
            for now in watched(lambda: self._talk(question, turns, filters), self._workers):
                if now is None:
                    yield (gr.skip(),) * 5
                    continue
                cards = passages.panel(now)
                # The box is the person's again once it is cleared, and the cards are heavy and change least.
                if now[-1].done:
                    self._metrics.observe(now[-1].answer)
                    box = gr.Textbox(submit_btn=True, stop_btn=False)
                yield box, chat.messages(now), gr.skip() if cards == shown else cards, now, ""
                box, shown = gr.skip(), cards
        except RagError as error:
            self._metrics.fail(error)
            box = gr.Textbox(question, submit_btn=True, stop_btn=False)
            yield box, chat.messages(turns), passages.panel(turns), turns, trouble(error)

    def _talk(self, question: str, turns: Turns, filters: Filters) -> Iterator[Turns]:
        return talk(self._assistant, self._articles(), question[:LONGEST_QUESTION], turns, filters)

    def _stopped(self, turns: Turns) -> tuple[object, ...]:
        """The conversation with its last answer left as far as it came."""
        if turns and not turns[-1].done:
            turns = (*turns[:-1], replace(turns[-1], done=True, stopped=True, articles=self._articles()))
        box = gr.Textbox(submit_btn=True, stop_btn=False, interactive=False)
        return box, chat.messages(turns), passages.panel(turns), turns

    def _article(self, asked: dict[str, Any]) -> str:
        """The article that a browser asks for; what it sends may be anything."""
        try:
            marks = [(int(start), int(end)) for start, end in asked.get("marks") or []]
            chosen = (int(asked["chosen"][0]), int(asked["chosen"][1])) if asked.get("chosen") else None
            return reading.article(self._index, str(asked.get("id", "")), marks, chosen)
        except (TypeError, ValueError, IndexError, AttributeError, KeyError):
            return reading.MISSING
        except RagError as error:
            return trouble(error)

    def _articles(self) -> int:
        return 0 if self._index.empty else self._index.counts()[0]

    # Conversations.

    def _keep(self, browser: object, current: str, turns: Turns) -> tuple[object, str]:
        known = kept.put(kept.read(browser), current, tuple(turn for turn in turns if turn.done))
        return kept.written(known), listed(known, current)

    def _listed(self, browser: object, current: str) -> tuple[str, str]:
        return listed(kept.read(browser), current), current or kept.new_id()

    def _begun(self, browser: object) -> tuple[object, ...]:
        return self._shown((), kept.new_id(), browser)

    def _opened(self, browser: object, event: gr.EventData) -> tuple[object, ...]:
        id = str((event._data or {}).get("id", ""))
        return self._shown(kept.turns_of(kept.read(browser), id), id, browser)

    def _shown(self, turns: Turns, id: str, browser: object) -> tuple[object, ...]:
        box = gr.Textbox(submit_btn=True, stop_btn=False, interactive=False)
        return box, chat.messages(turns), passages.panel(turns), turns, "", id, listed(kept.read(browser), id)

    def _renamed(self, browser: object, current: str, event: gr.EventData) -> tuple[object, str]:
        data = event._data or {}
        known = kept.renamed(kept.read(browser), str(data.get("id")), str(data.get("title")))
        return kept.written(known), listed(known, current)

    def _deleted(self, browser: object, current: str, turns: Turns, event: gr.EventData) -> tuple[object, ...]:
        """Without a conversation; a new one begins where it was the one that is shown."""
        id = str((event._data or {}).get("id"))
        left = kept.written(kept.without(kept.read(browser), id))
        return left, *(self._shown((), kept.new_id(), left) if id == current else self._shown(turns, current, left))

    def _as_markdown(self, turns: Turns) -> tuple[str, str]:
        return as_markdown(turns), "conversation.md"

    def _as_json(self, turns: Turns) -> tuple[str, str]:
        return as_json(turns), "conversation.json"

    # Feedback.

    def _vote(self, turns: Turns, event: gr.LikeData) -> tuple[object, ...]:
        place = int(event.index[0] if isinstance(event.index, tuple | list) else event.index) // 2
        vote = (place, event.liked if isinstance(event.liked, bool) else event.liked == "Like")
        self._record(vote, turns, "")
        return vote, gr.Row(visible=True), ""

    def _add_remark(self, vote: tuple[int, bool] | None, turns: Turns, remark: str) -> tuple[object, str]:
        self._record(vote, turns, remark)
        return gr.Row(visible=False), '<p class="thanks" role="status">Kept. Thank you.</p>'

    def _record(self, vote: tuple[int, bool] | None, turns: Turns, remark: str) -> None:
        if vote is not None and vote[0] < len(turns):
            answer = turns[vote[0]].answer
            self._feedback.add(answer.query, answer, vote[1], remark, date.today().isoformat())

    def opened(self, suggested: Sequence[str]) -> tuple[object, ...]:
        """What the desk shows of the index as it is: an invitation with questions to begin with, and publishers."""
        names = [] if self._index.empty else self._index.publishers()
        examples: Any = welcome.examples(self._index) or [{"text": question} for question in suggested]
        invitation = welcome.invitation(self._index, self._settings, bool(examples))
        return gr.Chatbot(placeholder=invitation, examples=examples), gr.Dropdown(
            choices=[("All publishers", ""), *((name, name) for name in names if name)]
        )


def _settled() -> gr.Textbox:
    """The box once Gradio's page has heard that the answer was left; what is asked before that it does not send."""
    time.sleep(_SETTLING)
    return gr.Textbox(interactive=True)


def _filters(publisher: str, since: str, until: str) -> Filters:
    return Filters(publisher.strip(), since.strip(), until.strip())
