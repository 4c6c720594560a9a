"""The table of articles: search, sorting and paging."""

from typing import Any, NamedTuple

import gradio as gr

from rag.errors import RagError
from rag.index import Index
from rag.web.components import PRIVATE, html_area
from rag.web.escaping import error_html

_PAGE_ROWS = 50
_HEADERS = ["Title", "Publisher", "Date", "Words", "Added", "Id"]
_ORDERS = [("Title", "title"), ("Publisher", "source"), ("Date", "date"), ("Words", "words"), ("Added", "added")]

Shown = tuple[object, ...]
"""The values of the components that an event changes."""


class TableView(NamedTuple):
    """Which rows of the table are shown, as the components `inputs` give it."""

    words: str
    publisher: str
    order: str
    descending: bool
    start: int = 0


class ArticleList:
    """The table with its filters; the index sorts and counts, and only one page of rows is sent."""

    def __init__(self, index: Index) -> None:
        """List the articles of `index`."""
        self._index = index

    def lay_out(self) -> None:
        """Lay out the filters, the table, and the buttons that page through it."""
        self._start = gr.State(0)
        with gr.Row(elem_id="articles-filters"):
            self._words = gr.Textbox(label="Search", placeholder="Title, publisher or id", max_lines=1, scale=3)
            self._publisher = gr.Dropdown(_choices([]), value="", label="Publisher", min_width=140)
            self._order = gr.Dropdown(_ORDERS, value="title", label="Sort by", min_width=120)
            self._descending = gr.Checkbox(label="Descending", min_width=110)
        self.table = gr.Dataframe(
            headers=_HEADERS,
            datatype="str",
            column_count=len(_HEADERS),
            type="array",
            interactive=False,
            show_label=False,
            label="Articles",
            max_height=480,
            buttons=[],
            elem_id="articles-table",
            column_widths=["35%", "15%", "12%", "8%", "17%", "13%"],
        )
        with gr.Row():
            self._previous = gr.Button("Previous", size="sm", interactive=False)
            self._position = html_area("articles-place")
            self._next = gr.Button("Next", size="sm", interactive=False)

    @property
    def inputs(self) -> list[Any]:
        """The components that say which rows are wanted."""
        return [self._words, self._publisher, self._order, self._descending, self._start]

    @property
    def outputs(self) -> list[Any]:
        """The components that `reload` gives values for."""
        return [self.table, self._position, self._start, self._previous, self._next, self._publisher]

    def wire(self) -> None:
        """Wire the filters and the buttons."""
        filters = self.inputs[:-1]
        rows = self.outputs[:-1]
        # Gradio tells of no input that is a single paste.
        self._words.change(self.page, filters, rows, trigger_mode="multiple", concurrency_limit=1, **PRIVATE)
        changed = [self._words.submit, self._publisher.input, self._order.input, self._descending.input]
        gr.on(changed, self.page, filters, rows, trigger_mode="always_last", **PRIVATE)
        self._previous.click(self.earlier, self.inputs, rows, **PRIVATE)
        self._next.click(self.later, self.inputs, rows, **PRIVATE)

    def page(self, *inputs: Any) -> Shown:
        """Return the page of rows that `inputs` ask for, its position among all rows, and the buttons that page on.

        `inputs` are the values of the components of that name; without the last it is the first page.
        """
        return self._page(TableView(*inputs))

    def _page(self, view: TableView) -> Shown:
        start = view.start
        try:
            if self._index.empty:
                return [], "<p>No articles yet</p>", 0, gr.Button(interactive=False), gr.Button(interactive=False)
            listed, count = self._index.list_articles(
                view.words or "",
                view.publisher or "",
                order=view.order,
                descending=view.descending,
                start=start,
                most=_PAGE_ROWS,
            )
            if start and not listed:
                return self._page(view._replace(start=(count - 1) // _PAGE_ROWS * _PAGE_ROWS if count else 0))
        except RagError as error:
            return [], error_html(error), 0, gr.Button(interactive=False), gr.Button(interactive=False)
        rows = [
            [
                article.title or "Untitled",
                article.source,
                article.shown_date,
                f"{article.words:,}",
                article.added[:16].replace("T", " "),
                article.id,
            ]
            for article in listed
        ]
        last = start + len(rows)
        position = f"<p>rows {start + 1:,}–{last:,} of {count:,}</p>" if rows else "<p>No article matches</p>"
        return rows, position, start, gr.Button(interactive=start > 0), gr.Button(interactive=last < count)

    def earlier(self, *inputs: Any) -> Shown:
        """Return the page of rows before the one that begins at `start`."""
        view = TableView(*inputs)
        return self._page(view._replace(start=max(view.start - _PAGE_ROWS, 0)))

    def later(self, *inputs: Any) -> Shown:
        """Return the page of rows behind the one that begins at `start`."""
        view = TableView(*inputs)
        return self._page(view._replace(start=view.start + _PAGE_ROWS))

    def reload(self, *inputs: Any) -> Shown:
        """Return the page of rows and the publishers, as they are now."""
        try:
            names = [] if self._index.empty else self._index.publishers()
        except RagError:
            names = []
        view = TableView(*inputs)
        publisher = view.publisher if view.publisher in names else ""
        rows = self._page(view._replace(publisher=publisher))
        return *rows, gr.Dropdown(choices=_choices(names), value=publisher)


def _choices(names: list[str]) -> list[str | int | float | tuple[str, str | int | float]]:
    return [("All publishers", ""), *((name, name) for name in names if name)]
