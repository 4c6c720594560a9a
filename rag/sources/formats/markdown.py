"""Load Markdown files with front matter as plain text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rag.sources.cleaning.encodings import decode
from rag.sources.cleaning.pasted_page import has_same_words, title_from_name
from rag.sources.cleaning.unicode import find_concealment, normalise, one_line
from rag.sources.files import FileLoader
from rag.sources.formats.front_matter import split_front_matter
from rag.sources.formats.records import build_article, value_to_text
from rag.types import Article, Failure

if TYPE_CHECKING:
    from markdown_it.token import Token


class Markdown(FileLoader):
    """Loads .md files: the front matter as fields, and the text without its syntax."""

    suffixes = (".md", ".markdown")

    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Parse the file into its one article."""
        text, note = decode(data)
        record, content = split_front_matter(normalise(text))
        title, body = _render(content, one_line(value_to_text(record.get("title"))))
        notes = {"encoding": note, "flagged": find_concealment(text)}
        fields = {**record, "title": title, **{name: value for name, value in notes.items() if value}}
        yield build_article(fields, body, origin=origin, name=name, title=title_from_name(name))


def _render(content: str, title: str) -> tuple[str, str]:
    """Render Markdown as a title and plain text; the first heading stands in for an empty title.

    That heading is left out of the text where it is the title or has the same words.
    """
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(content)
    index = next((index for index, token in enumerate(tokens) if token.type == "heading_open"), None)
    if index is not None:
        heading = one_line(_inline_text(tokens[index + 1].children or ()))
        if heading and (not title or has_same_words(heading, title)):
            title = title or heading
            del tokens[index : index + 3]
    return title, _render_tokens(tokens)


def _render_tokens(tokens: Sequence["Token"]) -> str:
    """Render tokens as plain text: paragraphs one blank line apart, list items and table rows on their own lines."""
    builder = _TextBuilder()
    for token in tokens:
        builder.add_token(token)
    return normalise("".join(builder.pieces[1:]))


@dataclass(slots=True)
class _TextBuilder:
    """Builds plain text out of the tokens of a Markdown document."""

    pieces: list[str] = field(default_factory=list)
    gap: str = "\n\n"
    mark: str = ""
    cells: list[str] | None = None

    def add_token(self, token: "Token") -> None:
        """Add the text of a token."""
        kind = token.type
        if kind == "inline":
            self._add_words(_inline_text(token.children or ()))
        elif kind in ("fence", "code_block"):
            self.gap = "\n\n"
            self._add_words(token.content.rstrip("\n"))
        elif kind in ("paragraph_open", "heading_open"):
            self.gap = self.gap if token.hidden else "\n\n"
        elif kind in ("bullet_list_open", "ordered_list_open", "table_open") and token.level == 0:
            self.gap = "\n\n"
        elif kind == "list_item_open":
            self.mark = f"{token.info}. " if token.info else ""
        elif kind == "tr_open":
            self.cells = []
        elif kind == "tr_close":
            row = " | ".join(self.cells or ())
            self.cells = None
            self._add_words(row)

    def _add_words(self, words: str) -> None:
        """Add words to the row of a table, or else to the text."""
        if self.cells is not None:
            self.cells.append(words)
        elif words.strip():
            self.pieces += [self.gap, self.mark + words.strip(" ")]
            self.gap = "\n"
            self.mark = ""


def _inline_text(tokens: Sequence["Token"]) -> str:
    """Render inline tokens as plain text, without images and HTML tags.

    Hard line breaks and `<br>` become line feeds, soft ones spaces.
    """
    return "".join(map(_token_text, tokens))


def _token_text(token: "Token") -> str:
    """Render one inline token as text."""
    if token.type == "html_inline":
        return "\n" if token.content.lower().startswith("<br") else ""
    return {"softbreak": " ", "hardbreak": "\n", "image": ""}.get(token.type, token.content)
