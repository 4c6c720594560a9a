"""Load Markdown files with front matter as plain text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.sources.cleaning.encodings import decode
from rag.sources.cleaning.pasted_page import normalise, one_line, readable_name, same_words
from rag.sources.cleaning.unicode import concealed
from rag.sources.files import FileLoader
from rag.sources.formats.front_matter import split
from rag.sources.formats.records import article, plain
from rag.types import Article, Failure

if TYPE_CHECKING:
    from markdown_it.token import Token


class Markdown(FileLoader):
    """Reads .md files: what the front matter tells, and the text without its syntax."""

    suffixes = (".md", ".markdown")

    def read(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """The one article of the file."""
        text, note = decode(data)
        record, content = split(normalise(text))
        title, body = _rendered(content, one_line(plain(record.get("title"))))
        notes = {"encoding": note, "flagged": concealed(text)}
        fields = {**record, "title": title, **{name: said for name, said in notes.items() if said}}
        yield article(fields, body, origin, name, readable_name(name))


def _rendered(content: str, title: str) -> tuple[str, str]:
    """The title, the first heading where none is given, and the plain text without that heading."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(content)
    place = next((place for place, token in enumerate(tokens) if token.type == "heading_open"), None)
    if place is not None:
        heading = one_line(_inline(tokens[place + 1].children or ()))
        if heading and (not title or same_words(heading, title)):
            title = title or heading
            del tokens[place : place + 3]
    return title, _text(tokens)


def _text(tokens: Sequence["Token"]) -> str:
    """The plain text of a document: paragraphs one blank line apart, list items and table rows on their own lines."""
    page = _Page()
    for token in tokens:
        page.take(token)
    return normalise("".join(page.pieces[1:]))


@dataclass(slots=True)
class _Page:
    """A document on its way to plain text."""

    pieces: list[str] = field(default_factory=list)
    gap: str = "\n\n"
    mark: str = ""
    cells: list[str] | None = None

    def take(self, token: "Token") -> None:
        """Adds what a token says to the page."""
        kind = token.type
        if kind == "inline":
            self._words(_inline(token.children or ()))
        elif kind in ("fence", "code_block"):
            self.gap = "\n\n"
            self._words(token.content.rstrip("\n"))
        elif kind in ("paragraph_open", "heading_open"):
            self.gap = self.gap if token.hidden else "\n\n"
        elif kind in ("bullet_list_open", "ordered_list_open", "table_open") and token.level == 0:
            self.gap = "\n\n"
        elif kind == "list_item_open":
            self.mark = f"{token.info}. " if token.info else ""
        elif kind == "tr_open":
            self.cells = []
        elif kind == "tr_close":
            row, self.cells = " | ".join(self.cells or ()), None
            self._words(row)

    def _words(self, words: str) -> None:
        """Adds words to the row of a table, or else to the page."""
        if self.cells is not None:
            self.cells.append(words)
        elif words.strip():
            self.pieces += [self.gap, self.mark + words.strip(" ")]
            self.gap, self.mark = "\n", ""


def _inline(tokens: Sequence["Token"]) -> str:
    """The words of a line without its syntax; images and raw HTML go, line breaks stay."""
    return "".join(map(_said, tokens))


def _said(token: "Token") -> str:
    if token.type == "html_inline":
        return "\n" if token.content.lower().startswith("<br") else ""
    return {"softbreak": " ", "hardbreak": "\n", "image": ""}.get(token.type, token.content)
