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
from rag.web.chat.article_text import Mark
from rag.web.chat.browser_storage import StoredConversation
from rag.web.chat.conversation_list import KEEP, RESTORE, UNEDITED, chat_list
from rag.web.chat.events import Vote, parse_example_click, parse_retry, parse_vote
from rag.web.chat.export import as_json, as_markdown
from rag.web.chat.feedback import MAX_REMARK_CHARS, Feedback
from rag.web.chat.turns import Turns, stream_turns
from rag.web.components import DRAWS, PRIVATE, html_area
from rag.web.escaping import as_rag_error, error_html
from rag.web.server.health import Metrics

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
# Until an answer has ended, Gradio's page sends no other question: only then does the button to send one come back.
_READY = "() => ({ __type__: 'update', submit_btn: true, stop_btn: false })"
_BRANCHED = '<p class="thanks" role="status">The conversation as it was stays in the list of conversations.</p>'
_UNREADABLE = "this conversation cannot be read; it may have been kept by another version, and stays in the browser"


class ChatTab:
    """The components of the Ask tab; all sessions share its assistant and index."""

    def __init__(
        self, assistant: Assistant, index: Index, settings: Settings, *, feedback: Feedback, metrics: Metrics
    ) -> None:
        """Answer with `assistant` over `index`; `feedback` keeps votes, and `metrics` count the answers."""
        self._assistant = assistant
        self._index = index
        self._settings = settings
        self._feedback = feedback
        self._metrics = metrics

    def lay_out_chats(self) -> None:
        """Lay out the list of conversations that this browser keeps, and the buttons to begin and export one."""
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
        """Lay out the chat and its evidence."""
        with gr.Row(elem_id="desk"):
            with gr.Column(scale=6, min_width=320, elem_id="talk"):
                self._lay_out_talk()
            with gr.Column(scale=5, min_width=320, elem_id="evidence"):
                cards = citation_cards.render_panel(())
                self._panel = html_area("passages", cards)
                self._lay_out_article()

    def _lay_out_article(self) -> None:
        def article(request: dict[str, Any]) -> str:
            return self._render_article(request)

        # Gradio marks what the script may call, which a method does not let it do.
        gr.HTML(
            elem_id="article",
            html_template='<div class="reader" role="region" aria-label="Article"></div>',
            js_on_load=_SCRIPT.read_text("utf-8"),
            server_functions=[article],
            apply_default_css=False,
        )

    def _lay_out_talk(self) -> None:
        self.chat = gr.Chatbot(
            elem_id="chat",
            label="Conversation",
            show_label=False,
            container=False,
            layout="panel",
            buttons=[],
            feedback_options=("Like", "Dislike"),
            height=None,
            latex_delimiters=[],
            allow_tags=False,
            autoscroll=True,
            editable="user",
        )
        self._notice = html_area("notice")
        with gr.Row(elem_id="remark", visible=False) as self._remarking:
            self._remark = gr.Textbox(
                label="Remark",
                placeholder="What was wrong or right? (kept on this server)",
                show_label=False,
                container=False,
                max_length=MAX_REMARK_CHARS,
                submit_btn="Keep",
            )
        self.question = gr.Textbox(
            elem_id="question",
            label="Question",
            placeholder="Ask a question  ( / )",
            show_label=False,
            container=False,
            lines=1,
            max_lines=5,
            max_length=MAX_QUESTION_CHARS,
            submit_btn=True,
            autofocus=True,
        )
        with gr.Row(elem_id="filters"):
            self.publisher = gr.Dropdown([("All publishers", "")], value="", label="Publisher", min_width=140)
            self._since = gr.Textbox(label="Since", placeholder=_DAY, max_lines=1, min_width=110)
            self._until = gr.Textbox(label="Until", placeholder=_DAY, max_lines=1, min_width=110)

    def wire(self, blocks: gr.Blocks) -> None:
        """Wire the events of the tab."""
        self._voted = gr.State(None)
        asks = [self.question, self._record, self._going, self.publisher, self._since, self._until]
        shown = [self.question, self.chat, self._panel, self._going, self._notice, self._record]
        asking = [self.question.submit, self.chat.example_select]
        # One event for all ways to ask, so that a session has one answer under way at a time.
        answering = gr.on(asking, self._answer, asks, shown, trigger_mode="once", concurrency_id="answers", **PRIVATE)
        again = gr.on(
            [self.chat.retry, self.chat.edit],
            self._answer_again,
            asks,
            shown,
            trigger_mode="once",
            concurrency_id="answers",
            cancels=[answering],
            **PRIVATE,
        )
        again.failure(None, self.chat, self.chat, js=UNEDITED, **PRIVATE)
        for event in (answering, again):
            event.success(None, None, self.question, js=_READY, **PRIVATE)
        leaving: dict[str, Any] = {"cancels": [answering, again], **DRAWS}
        stopped = self.question.stop(self._stop_answer, [self._record, self._going], shown, queue=False, **leaving)
        for event in (answering, again, stopped):
            self._keep(event)
        stopped.then(None, None, self.question, js=_SETTLE, **PRIVATE)
        self._wire_chats(blocks, shown, leaving)
        self._wire_feedback()

    def _keep(self, event: Dependency) -> None:
        """Have the browser keep the conversation after an event; that asks nothing of the server."""
        event.then(None, self._record, self._record, js=KEEP, **PRIVATE)

    def _wire_chats(self, blocks: gr.Blocks, shown: list[Any], leaving: dict[str, Any]) -> None:
        self._keep(blocks.load(self._restore_conversation, self._former, shown, js=RESTORE, **DRAWS))
        began = gr.on([self._new.click, self._chats.delete], self._begin_conversation, None, shown, **leaving)
        for event in (began, self._chats.select(self._open_conversation, None, shown, **leaving)):
            self._keep(event)
            event.then(None, None, self.question, js=_SETTLE, **PRIVATE)
        for button, export in ((self._markdown, self._as_markdown), (self._json, self._as_json)):
            exported = button.click(export, [self._record, self._going], [self._exported, self._name], **DRAWS)
            exported.then(None, [self._exported, self._name], None, js=_SAVE, **PRIVATE)

    def _wire_feedback(self) -> None:
        known = [self._record, self._going]
        self.chat.like(self._vote, known, [self._voted, self._remarking, self._remark], **DRAWS)
        self._remark.submit(
            self._add_remark, [self._voted, *known, self._remark], [self._remarking, self._notice], **DRAWS
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
        """Yield what changes on the page while one question is answered."""
        question = parse_example_click(event) or typed.strip()
        if question:
            before = _current(record, going)
            filters = _filters(publisher, since, until)
            yield from self._stream(question, before, before, filters, clears=True)

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
        """Yield what changes while a question is asked again, in a new conversation where more turns follow it."""
        before = _current(record, going)
        retry = parse_retry(event, before.turns)
        if 0 <= retry.turn < len(before.turns) and retry.question:
            base = browser_storage.branch(before, retry.turn)
            filters = _filters(publisher, since, until)
            yield from self._stream(retry.question, before, base, filters, clears=False)

    def _stream(
        self, question: str, before: StoredConversation, base: StoredConversation, filters: Filters, *, clears: bool
    ) -> Iterator[tuple[object, ...]]:
        """Yield what changes while `base` gets one more turn; after an error the page shows `before` again."""
        running: dict[str, Any] = {"submit_btn": False, "stop_btn": True}
        box: object = gr.Textbox("", **running) if clears else gr.Textbox(**running)
        shown = ""
        record = gr.skip()
        notice = _BRANCHED if base.id != before.id else ""
        try:
            for turns in self._talk(question, base.turns, filters):
                if turns is None:
                    yield (gr.skip(),) * 6
                    continue
                cards = citation_cards.render_panel(turns)
                going = browser_storage.with_turns(base, turns)
                # The box is the person's again once it is cleared, and the cards are heavy and change least.
                if turns[-1].done:
                    self._metrics.observe(turns[-1].answer)
                    record = browser_storage.to_record(going)
                yield box, messages.chat_messages(turns), gr.skip() if cards == shown else cards, going, notice, record
                box = gr.skip()
                shown = cards
        except Exception as error:  # whatever it is, the page must not say for ever that it reads
            self._metrics.fail(error)
            yield gr.Textbox(question), *_draw(before.turns), before, error_html(as_rag_error(error)), gr.skip()

    def _talk(self, question: str, turns: Turns, filters: Filters) -> Iterator[Turns | None]:
        return stream_turns(
            self._assistant, question[:MAX_QUESTION_CHARS], turns, articles=self._articles(), filters=filters
        )

    def _stop_answer(self, record: str, going: StoredConversation | None) -> tuple[object, ...]:
        """Show the conversation with its last answer left as far as it came."""
        conversation = _current(record, going)
        if conversation.turns and not (last := conversation.turns[-1]).done:
            left = replace(last, done=True, stopped=True, articles=self._articles())
            conversation = browser_storage.with_turns(conversation, (*conversation.turns[:-1], left))
        return _show(conversation)

    def _render_article(self, request: dict[str, Any]) -> str:
        """Render the article that a browser asks for; what it sends may be anything."""
        try:
            marks = [Mark(int(start), int(end)) for start, end in request.get("marks") or []]
            chosen = Mark(int(request["chosen"][0]), int(request["chosen"][1])) if request.get("chosen") else None
            return article_view.render_article(self._index, str(request.get("id", "")), marks, chosen=chosen)
        except (TypeError, ValueError, IndexError, AttributeError, KeyError):
            return article_view.MISSING
        except RagError as error:
            return error_html(error)

    def _articles(self) -> int:
        return 0 if self._index.empty else self._index.counts()[0]

    # Conversations.

    def _restore_conversation(self, record: object) -> tuple[object, ...]:
        """Show what the tab showed before it was loaded again; nothing is changed where it showed nothing."""
        conversation = browser_storage.parse_record(record)
        return _show(conversation, is_interactive=True) if conversation is not None else (gr.skip(),) * 6

    def _begin_conversation(self) -> tuple[object, ...]:
        return _show(browser_storage.new_conversation())

    def _open_conversation(self, event: gr.EventData) -> tuple[object, ...]:
        conversation = browser_storage.parse_record((event._data or {}).get("record"))
        if conversation is None:
            return _show(browser_storage.new_conversation(), error_html(_UNREADABLE))
        return _show(conversation)

    def _as_markdown(self, record: str, going: StoredConversation | None) -> tuple[str, str]:
        return as_markdown(_current(record, going).turns), "conversation.md"

    def _as_json(self, record: str, going: StoredConversation | None) -> tuple[str, str]:
        return as_json(_current(record, going).turns), "conversation.json"

    # Feedback.

    def _vote(self, record: str, going: StoredConversation | None, event: gr.LikeData) -> tuple[object, ...]:
        vote = parse_vote(event)
        self._add_vote(vote, _current(record, going).turns, "")
        return vote, gr.Row(visible=True), ""

    def _add_remark(
        self, vote: Vote | None, record: str, going: StoredConversation | None, remark: str
    ) -> tuple[object, str]:
        self._add_vote(vote, _current(record, going).turns, remark)
        return gr.Row(visible=False), '<p class="thanks" role="status">Kept. Thank you.</p>'

    def _add_vote(self, vote: Vote | None, turns: Turns, remark: str) -> None:
        if vote is not None and vote.turn < len(turns):
            answer = turns[vote.turn].answer
            day = date.today().isoformat()
            self._feedback.add(answer.query, answer, good=vote.is_good, remark=remark, day=day)

    def draw(self, suggested: Sequence[str]) -> tuple[object, ...]:
        """Draw what the tab shows of the index: an invitation with questions to begin with, and publishers."""
        names = [] if self._index.empty else self._index.publishers()
        examples: Any = welcome.find_examples(self._index) or [{"text": question} for question in suggested]
        invitation = welcome.render_invitation(self._index, self._settings, has_suggestions=bool(examples))
        return gr.Chatbot(placeholder=invitation, examples=examples), gr.Dropdown(
            choices=[("All publishers", ""), *((name, name) for name in names if name)]
        )


def _current(record: object, going: StoredConversation | None) -> StoredConversation:
    """Return the conversation on screen: the browser's record, or the server's.

    The server's is newer while an answer is under way, and stands in for a record that is missing.
    """
    recorded = browser_storage.parse_record(record)
    if going is None:
        return recorded or browser_storage.new_conversation()
    if recorded is None or (going.turns and not going.turns[-1].done):
        return going
    return replace(recorded, turns=going.turns) if recorded.mark == going.mark else recorded


def _show(conversation: StoredConversation, notice: str = "", *, is_interactive: bool = False) -> tuple[object, ...]:
    """Return the values of everything that shows a conversation."""
    box = gr.Textbox(submit_btn=True, stop_btn=False, interactive=is_interactive)
    return box, *_draw(conversation.turns), conversation, notice, browser_storage.to_record(conversation)


def _draw(turns: Turns) -> tuple[object, str]:
    return messages.chat_messages(turns), citation_cards.render_panel(turns)


def _filters(publisher: str, since: str, until: str) -> Filters:
    return Filters(publisher.strip(), since.strip(), until.strip())
