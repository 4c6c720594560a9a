"""Lay out and wire the Articles tab."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from rag.errors import RagError, SourceError
from rag.index import Index
from rag.retrieval.findings import note_meaning_share
from rag.settings import Settings
from rag.sources import SUFFIXES
from rag.web.articles.job import render_failures, render_job
from rag.web.articles.jobs import Jobs
from rag.web.articles.table import ArticleList, Shown
from rag.web.components import DRAWS, PRIVATE, html_area
from rag.web.escaping import error_html, inert_line
from rag.web.server.forwarding import PATHS_REFUSED, is_private, may_name_paths

_TICK_SECONDS = 0.5
"""Seconds between two looks at a running job."""
_PATHS_REFUSED = PATHS_REFUSED[0].upper() + PATHS_REFUSED[1:]


class ArticlesTab:
    """The components of the tab; the jobs are shared by all who have the page open."""

    def __init__(self, index: Index, settings: Settings) -> None:
        """Show the articles of `index`; `settings` say whether paths of this machine can be named."""
        self.jobs = Jobs(index, settings)
        self._index = index
        self.list = ArticleList(index)
        self._settings = settings
        self._local = is_private(settings)

    # What is there.

    def lay_out(self) -> None:
        """Lay out the list, what can be done with a row of it, the running job, and ways to add articles."""
        self._selected = gr.State("")
        self._asked = gr.State(("", ""))
        self.finished = gr.State(0)
        self.chosen = gr.Textbox(visible="hidden", label="Article to open")
        self._timer = gr.Timer(_TICK_SECONDS, active=False)
        self.list.lay_out()
        self._lay_out_selected()
        self._status = html_area("articles-status")
        self._failures = html_area("articles-failures")
        with gr.Row():
            self._stop = gr.Button("Stop", size="sm", visible=False)
            self._retry = gr.Button("Try again", size="sm", visible=False)
            self._discard = gr.Button("Forget uploads that cannot be read", size="sm", visible=False)
        with gr.Accordion("Add articles", open=self._index.empty):
            self._lay_out_adding()
        with gr.Row():
            self._sync = gr.Button("Sync all sources", size="sm")
            self._rebuild = gr.Button("Rebuild", size="sm")

    def _lay_out_selected(self) -> None:
        with gr.Group(visible=False) as self._actions:
            self._about = html_area("articles-selected")
            with gr.Row():
                self._open = gr.Button("Open", size="sm")
                self._refresh = gr.Button("Refresh", size="sm")
                self._remove = gr.Button("Remove", size="sm")
        with gr.Group(visible=False) as self._confirming:
            self._question = html_area("articles-question")
            with gr.Row():
                self._yes = gr.Button("Yes", size="sm", variant="primary")
                self._no = gr.Button("Cancel", size="sm")

    def _lay_out_adding(self) -> None:
        self._files = gr.File(label="Files", file_count="multiple", file_types=list(SUFFIXES), height=140)
        self._upload = gr.Button("Add files", size="sm")
        with gr.Row():
            self._title = gr.Textbox(label="Title", max_lines=1, scale=2)
            self._source = gr.Textbox(label="Publisher", max_lines=1)
            self._day = gr.Textbox(label="Date", placeholder="YYYY-MM-DD", max_lines=1)
        self._text = gr.Textbox(label="Text", lines=4, max_lines=12)
        self._paste = gr.Button("Add text", size="sm")
        self._address = gr.Textbox(label="Address", placeholder="https://", max_lines=1)
        self._fetch = gr.Button("Add address", size="sm")
        self._refused = html_area("articles-paths", f"<p>{_PATHS_REFUSED}</p>")
        if self._local:
            with gr.Group(visible=False) as self._naming:
                self._path = gr.Textbox(label="File or folder on this machine", max_lines=1)
                self._walk = gr.Button("Add file or folder", size="sm")

    # What happens.

    def wire(self, blocks: gr.Blocks, opened: gr.State | None = None) -> None:
        """Wire all events; `opened` is given the id of an article that is to be opened, as `chosen` is."""
        self._work = [self._status, self._failures, self._stop, self._retry, self._discard, self._timer, self.finished]
        blocks.load(self.load, self.list.inputs, [*self.list.outputs, *self._work], **DRAWS)
        self.list.wire()
        self._wire_selected([self.chosen, *([opened] if opened is not None else [])])
        self._wire_adding(blocks)
        self._timer.tick(self.look, None, self._work, **DRAWS)
        for button, act in ((self._stop, self.stop), (self._retry, self.retry), (self._discard, self.forget)):
            button.click(act, None, self._work, **PRIVATE)
        self.finished.change(self.list.reload, self.list.inputs, self.list.outputs, **DRAWS)

    def _wire_selected(self, opened: list[Any]) -> None:
        shown = [self._selected, self._about, self._actions, self._confirming]
        self.list.table.select(self.select, None, shown, **DRAWS)
        self.opening = self._open.click(
            lambda id: (id,) * len(opened) if len(opened) > 1 else id, self._selected, opened, **DRAWS
        )
        asked = [self._asked, self._question, self._confirming, *self._work]
        self._remove.click(self.ask_removal, self._selected, asked, **PRIVATE)
        self._refresh.click(self.ask_refresh, self._selected, asked, **PRIVATE)
        self._sync.click(self.ask_sync, None, asked, **PRIVATE)
        self._rebuild.click(self.ask_rebuild, None, asked, **PRIVATE)
        done = [self._confirming, self._actions, *self._work]
        self._yes.click(self.confirm, self._asked, done, trigger_mode="once", **PRIVATE)
        self._no.click(lambda: gr.Group(visible=False), None, self._confirming, **PRIVATE)

    def _wire_adding(self, blocks: gr.Blocks) -> None:
        self._upload.click(self.add_files, self._files, [self._files, *self._work], **PRIVATE)
        pasted = [self._title, self._source, self._day, self._text]
        self._paste.click(self.add_text, pasted, [*pasted, *self._work], **PRIVATE)
        given = [self._address, *self._work]
        gr.on([self._fetch.click, self._address.submit], self.add_address, self._address, given, **PRIVATE)
        if self._local:
            blocks.load(self._show_paths, None, [self._naming, self._refused], **DRAWS)
            named = [self._path, *self._work]
            gr.on([self._walk.click, self._path.submit], self.add_path, self._path, named, **PRIVATE)

    # A row of it.

    def select(self, event: gr.SelectData) -> Shown:
        """Show what can be done with the row that was picked; the row holds its article's id in its last cell."""
        row = event.row_value or [""]
        about = ", ".join(inert_line(str(part)) for part in row[:3] if part)
        return str(row[-1]), f"<p>{about}</p>", gr.Group(visible=bool(row[-1])), gr.Group(visible=False)

    def ask_removal(self, id: str) -> Shown:
        """Ask whether to remove an article, and say what becomes of its file."""

        def question() -> str:
            article = self._index.article(id)
            if article is None:
                raise SourceError("this article is not in the index any more")
            kept = "the next sync of its source brings it back, unless it is taken out there too"
            end = "its uploaded file is deleted" if self.jobs.uploads.holds(article.origin) else kept
            return f"Remove “{article.title or id}” from the index? Then {end}."

        return self._ask("remove", id, question)

    def ask_refresh(self, id: str) -> Shown:
        """Ask whether to read the source of an article again."""
        return self._ask(
            "refresh", id, lambda: f"Read {self.jobs.source_of(id)} again, and take in what is new or changed in it?"
        )

    def ask_sync(self) -> Shown:
        """Ask whether to read all sources again."""
        what = "take in what is new or changed, and forget what is gone"
        return self._ask("sync", "", lambda: f"Read all {len(self.jobs.sources())} sources again: {what}?")

    def ask_rebuild(self) -> Shown:
        """Ask whether to rebuild the index."""
        what = "The index of now answers until it is done"
        return self._ask("rebuild", "", lambda: f"Build the whole index again from the texts it keeps? {what}.")

    def _ask(self, action: str, id: str, question: Callable[[], str]) -> Shown:
        try:
            self.jobs.check_free()
            text = question()
        except RagError as error:
            return ("", ""), "", gr.Group(visible=False), *self.look(error)
        return (action, id), f"<p>{inert_line(text)}</p>", gr.Group(visible=True), *self.look()

    def confirm(self, asked: tuple[str, str]) -> Shown:
        """Start the job that was asked about and confirmed: an action and the id of its article."""
        action, id = asked
        acts = {
            "remove": lambda: self.jobs.remove(id),
            "refresh": lambda: self.jobs.refresh(id),
            "sync": self.jobs.sync,
            "rebuild": self.jobs.rebuild,
        }
        gone = gr.Group(visible=False)
        return gone, gone if action == "remove" else gr.skip(), *self._do(acts[action] if action else lambda: None)

    # Adding.

    def add_files(self, paths: list[str] | None) -> Shown:
        """Keep uploaded files and start a job that adds them; show the job, or why it cannot start."""

        def add() -> None:
            self.jobs.check_free()
            if not paths:
                raise SourceError("choose some files first")
            files = [self.jobs.uploads.keep_file(path) for path in paths]
            self.jobs.add_kept(f"Adding {len(paths)} files" if len(paths) > 1 else "Adding 1 file", files)

        return self._try_adding(add, [None])

    def add_text(self, title: str, publisher: str, day: str, text: str) -> Shown:
        """Keep a text that was pasted and start a job that adds it; show the job, or why it cannot start."""

        def add() -> None:
            self.jobs.check_free()
            self.jobs.add_kept(
                "Adding a text", [self.jobs.uploads.keep_text(title, text, publisher=publisher, day=day.strip())]
            )

        return self._try_adding(add, [""] * 4)

    def add_address(self, address: str) -> Shown:
        """Start a job that adds what is at a web address; show the job, or why it cannot start."""
        return self._try_adding(lambda: self.jobs.add_address(address), [""])

    def add_path(self, path: str, request: gr.Request) -> Shown:
        """Start a job that adds a file or folder of this machine, for a client that may name one; show the job."""

        def add() -> None:
            if not may_name_paths(request, self._settings):
                raise SourceError(PATHS_REFUSED)
            self.jobs.add_path(path)

        return self._try_adding(add, [""])

    def _show_paths(self, request: gr.Request) -> Shown:
        """Offer the box for paths to those who may name one; the others see why there is none."""
        allowed = may_name_paths(request, self._settings)
        return gr.Group(visible=allowed), gr.HTML(visible=not allowed)

    def _try_adding(self, add: Callable[[], object], cleared: list[object]) -> Shown:
        """Call `add`; return the values of its input boxes, cleared unless it fails, then those that show the job."""
        try:
            add()
        except RagError as error:
            return *(gr.skip() for _ in cleared), *self.look(error)
        return *cleared, *self.look()

    # The job at work.

    def load(self, *wanted: Any) -> Shown:
        """Draw the whole tab, as the page is opened."""
        return *self.list.reload(*wanted), *self.look()

    def look(self, wrong: RagError | None = None) -> Shown:
        """Show the job that runs, or the last one, below the error `wrong`; the page looks again while it runs."""
        job = self.jobs.last
        fault = (error_html(wrong) if wrong is not None else "") + self._render_share()
        if job is None:
            return fault, "", *[gr.Button(visible=False)] * 3, gr.Timer(active=False), 0
        return (
            fault + render_job(job),
            render_failures(job),
            gr.Button(visible=job.running, interactive=not job.stopping),
            gr.Button(job.retry_label or "Try again", visible=bool(job.retry_label)),
            gr.Button(visible=self.jobs.discardable),
            gr.Timer(active=job.running),
            self.jobs.finished,
        )

    def _render_share(self) -> str:
        """Render how much of the articles is searched by meaning, as HTML; empty where all of them are."""
        try:
            note = "" if self._index.empty else note_meaning_share(self._index.embedded_share())
        except RagError:  # the list says what is wrong
            return ""
        return f"<p>{note}</p>" if note else ""

    def _do(self, act: Callable[[], object]) -> Shown:
        try:
            act()
        except RagError as error:
            return self.look(error)
        return self.look()

    def stop(self) -> Shown:
        """Ask the running job to stop, and show it."""
        return self._do(self.jobs.stop)

    def retry(self) -> Shown:
        """Continue or retry the last job, and show it."""
        return self._do(self.jobs.retry)

    def forget(self) -> Shown:
        """Delete the uploads that the last job could not read and no article came from."""
        return self._do(self.jobs.discard)
