"""Lay out and wire the Ask tab: conversations, the chat and its evidence."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import Dependency

from rag.assistant import Assistant
from rag.errors import RagError
from rag.index import Index
from rag.retrieval.rewriting import MAX_QUESTION_CHARS
from rag.settings import Settings
from rag.types import Filters
from rag.web.chat import article_view, browser_storage, citation_cards, messages, welcome
from rag.web.chat.browser_storage import StoredConversation
from rag.web.chat.conversation_list import KEEP, RESTORE, UNEDITED, chat_list
from rag.web.chat.events import clicked, meant
from rag.web.chat.export import as_json, as_markdown
from rag.web.chat.feedback import Feedback
from rag.web.chat.turns import Turns, talk
from rag.web.escaping import as_rag_error, error_html
from rag.web.server.health import Metrics
from rag.web.server.rate_limits import DRAWING

_DAY = "YYYY-MM-DD"
_SCRIPT = Path(__file__).with_name("page.js")
_FORMER_SECRET = "kept in this browser alone"
"""Version 0.1 kept all conversations in one record, which Gradio scrambled with this word."""
_SAVE = """(text, name) => {
  const link = Object.assign(document.createElement("a"), { download: name });
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}"""
# Gradio's page must have heard that an answer was left; what is asked before that it does not send.
_SETTLE = "() => new Promise((done) => setTimeout(done, 400, { __type__: 'update', interactive: true }))"
_BRANCHED = '<p class="thanks" role="status">The conversation as it was stays in the list of conversations.</p>'
_UNREADABLE = "this conversation cannot be read; it may have been kept by another version, and stays in the browser"
_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_DRAWS = {**_PRIVATE, "concurrency_id": DRAWING}


class ChatTab:
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

    def lay_out_chats(self) -> None:
        """The conversations that this browser keeps."""
        self._former = gr.BrowserState([], storage_key="articles-conversations", secret=_FORMER_SECRET)
        self._record = gr.Textbox(visible="hidden", label="Record")
        self._going = gr.State(None)
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
                    citation_cards.panel(()), elem_id="passages", js_on_load=None, apply_default_css=False
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
            container=False, lines=1, max_lines=5, max_length=MAX_QUESTION_CHARS, submit_btn=True, autofocus=True,
        )  # fmt: skip
        with gr.Row(elem_id="filters"):
            self.publisher = gr.Dropdown([("All publishers", "")], value="", label="Publisher", min_width=140)
            self._since = gr.Textbox(label="Since", placeholder=_DAY, max_lines=1, min_width=110)
            self._until = gr.Textbox(label="Until", placeholder=_DAY, max_lines=1, min_width=110)

    def wire(self, blocks: gr.Blocks) -> None:
        """Everything that happens at the desk."""
        self._voted = gr.State(None)
        asks = [self.question, self._record, self._going, self.publisher, self._since, self._until]
        told = [self.question, self.chat, self._panel, self._going, self._notice, self._record]
        asking = [self.question.submit, self.chat.example_select]
        # One event for all ways to ask, so that a session has one answer under way at a time.
        answering = gr.on(asking, self._answer, asks, told, trigger_mode="once", concurrency_id="answers", **_PRIVATE)
        again = gr.on(
            [self.chat.retry, self.chat.edit], self._answer_again, asks, told, trigger_mode="once",
            concurrency_id="answers", cancels=[answering], **_PRIVATE,
        )  # fmt: skip
        again.failure(None, self.chat, self.chat, js=UNEDITED, **_PRIVATE)
        leaving: dict[str, Any] = {"cancels": [answering, again], **_DRAWS}
        stopped = self.question.stop(self._stopped, [self._record, self._going], told, queue=False, **leaving)
        for event in (answering, again, stopped):
            self._keep(event)
        stopped.then(None, None, self.question, js=_SETTLE, **_PRIVATE)
        self._wire_chats(blocks, told, leaving)
        self._wire_feedback()

    def _keep(self, event: Dependency) -> None:
        """Has the browser keep the conversation after an event; that asks nothing of the server."""
        event.then(None, self._record, self._record, js=KEEP, **_PRIVATE)

    def _wire_chats(self, blocks: gr.Blocks, told: list[Any], leaving: dict[str, Any]) -> None:
        self._keep(blocks.load(self._restored, self._former, told, js=RESTORE, **_DRAWS))
        begun = gr.on([self._new.click, self._chats.delete], self._begun, None, told, **leaving)
        for event in (begun, self._chats.select(self._opened, None, told, **leaving)):
            self._keep(event)
            event.then(None, None, self.question, js=_SETTLE, **_PRIVATE)
        for button, export in ((self._markdown, self._as_markdown), (self._json, self._as_json)):
            made = button.click(export, [self._record, self._going], [self._exported, self._name], **_DRAWS)
            made.then(None, [self._exported, self._name], None, js=_SAVE, **_PRIVATE)

    def _wire_feedback(self) -> None:
        known = [self._record, self._going]
        self.chat.like(self._vote, known, [self._voted, self._remarking, self._remark], **_DRAWS)
        self._remark.submit(
            self._add_remark, [self._voted, *known, self._remark], [self._remarking, self._notice], **_DRAWS
        )

    # Answering.

    def _answer(
        self,
        typed: str,
        record: str,
        going: StoredConversation | None,
        publisher: str,
        since: str,
        until: str,
        event: gr.EventData,
    ) -> Iterator[tuple[object, ...]]:
        """Everything that changes while one question is answered."""
        question = clicked(event) or typed.strip()
        if question:
            before = _known(record, going)
            yield from self._told_so_far(question, before, before, _filters(publisher, since, until), clears=True)

    def _answer_again(
        self,
        _typed: str,
        record: str,
        going: StoredConversation | None,
        publisher: str,
        since: str,
        until: str,
        event: gr.EventData,
    ) -> Iterator[tuple[object, ...]]:
        """The same for a question asked again, as it was or edited, in a new conversation where more follows."""
        before = _known(record, going)
        place, question = meant(event, before.turns)
        if 0 <= place < len(before.turns) and question:
            now = browser_storage.branched(before, place)
            yield from self._told_so_far(question, before, now, _filters(publisher, since, until), clears=False)

    def _told_so_far(
        self, question: str, before: StoredConversation, kept_now: StoredConversation, filters: Filters, clears: bool
    ) -> Iterator[tuple[object, ...]]:
        running: dict[str, Any] = {"submit_btn": False, "stop_btn": True}
        box: object = gr.Textbox("", **running) if clears else gr.Textbox(**running)
        shown, record = "", gr.skip()
        notice = _BRANCHED if kept_now.id != before.id else ""
        try:
            for turns in self._talk(question, kept_now.turns, filters):
                if turns is None:
                    yield (gr.skip(),) * 6
                    continue
                cards = citation_cards.panel(turns)
                going = browser_storage.with_turns(kept_now, turns)
                # The box is the person's again once it is cleared, and the cards are heavy and change least.
                if turns[-1].done:
                    self._metrics.observe(turns[-1].answer)
                    box, record = gr.Textbox(submit_btn=True, stop_btn=False), browser_storage.written(going)
                yield box, messages.messages(turns), gr.skip() if cards == shown else cards, going, notice, record
                box, shown = gr.skip(), cards
        except Exception as error:  # whatever it is, the page must not say for ever that it reads
            self._metrics.fail(error)
            box = gr.Textbox(question, submit_btn=True, stop_btn=False)
            yield box, *_drawn(before.turns), before, error_html(as_rag_error(error)), gr.skip()

    def _talk(self, question: str, turns: Turns, filters: Filters) -> Iterator[Turns | None]:
        return talk(self._assistant, self._articles(), question[:MAX_QUESTION_CHARS], turns, filters)

    def _stopped(self, record: str, going: StoredConversation | None) -> tuple[object, ...]:
        """The conversation with its last answer left as far as it came."""
        known = _known(record, going)
        if known.turns and not (last := known.turns[-1]).done:
            left = replace(last, done=True, stopped=True, articles=self._articles())
            known = browser_storage.with_turns(known, (*known.turns[:-1], left))
        return _shown(known)

    def _article(self, asked: dict[str, Any]) -> str:
        """The article that a browser asks for; what it sends may be anything."""
        try:
            marks = [(int(start), int(end)) for start, end in asked.get("marks") or []]
            chosen = (int(asked["chosen"][0]), int(asked["chosen"][1])) if asked.get("chosen") else None
            return article_view.article(self._index, str(asked.get("id", "")), marks, chosen)
        except (TypeError, ValueError, IndexError, AttributeError, KeyError):
            return article_view.MISSING
        except RagError as error:
            return error_html(error)

    def _articles(self) -> int:
        return 0 if self._index.empty else self._index.counts()[0]

    # Conversations.

    def _restored(self, record: object) -> tuple[object, ...]:
        """What the tab showed before it was loaded again; nothing is changed where it showed nothing."""
        known = browser_storage.read(record)
        return _shown(known, working=True) if known is not None else (gr.skip(),) * 6

    def _begun(self) -> tuple[object, ...]:
        return _shown(browser_storage.begun())

    def _opened(self, event: gr.EventData) -> tuple[object, ...]:
        known = browser_storage.read((event._data or {}).get("record"))
        return _shown(known) if known is not None else _shown(browser_storage.begun(), error_html(_UNREADABLE))

    def _as_markdown(self, record: str, going: StoredConversation | None) -> tuple[str, str]:
        return as_markdown(_known(record, going).turns), "conversation.md"

    def _as_json(self, record: str, going: StoredConversation | None) -> tuple[str, str]:
        return as_json(_known(record, going).turns), "conversation.json"

    # Feedback.

    def _vote(self, record: str, going: StoredConversation | None, event: gr.LikeData) -> tuple[object, ...]:
        place = int(event.index[0] if isinstance(event.index, tuple | list) else event.index) // 2
        vote = (place, event.liked if isinstance(event.liked, bool) else event.liked == "Like")
        self._add_vote(vote, _known(record, going).turns, "")
        return vote, gr.Row(visible=True), ""

    def _add_remark(
        self, vote: tuple[int, bool] | None, record: str, going: StoredConversation | None, remark: str
    ) -> tuple[object, str]:
        self._add_vote(vote, _known(record, going).turns, remark)
        return gr.Row(visible=False), '<p class="thanks" role="status">Kept. Thank you.</p>'

    def _add_vote(self, vote: tuple[int, bool] | None, turns: Turns, remark: str) -> None:
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


def _known(record: object, going: StoredConversation | None) -> StoredConversation:
    """The conversation on screen: the browser's record, or the server's where an answer is under way."""
    known = browser_storage.read(record)
    if going is None:
        return known or browser_storage.begun()
    if known is None or (going.turns and not going.turns[-1].done):
        return going
    return replace(known, turns=going.turns) if known.mark == going.mark else known


def _shown(known: StoredConversation, notice: str = "", working: bool = False) -> tuple[object, ...]:
    """Everything that shows a conversation."""
    box = gr.Textbox(submit_btn=True, stop_btn=False, interactive=working)
    return box, *_drawn(known.turns), known, notice, browser_storage.written(known)


def _drawn(turns: Turns) -> tuple[object, str]:
    return messages.messages(turns), citation_cards.panel(turns)


def _filters(publisher: str, since: str, until: str) -> Filters:
    return Filters(publisher.strip(), since.strip(), until.strip())
