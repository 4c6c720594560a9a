"""Load Markdown files with front matter as plain text."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from rag.errors import NoArticle
from rag.sources.cleaning.datelines import find_publication_line
from rag.sources.cleaning.encodings import decode
from rag.sources.cleaning.pasted_page import has_same_words, title_from_name
from rag.sources.cleaning.publication_date import day_in_name
from rag.sources.cleaning.unicode import find_concealment, normalise, one_line
from rag.sources.files import FileLoader
from rag.sources.formats.field_names import FIELDS
from rag.sources.formats.front_matter import is_template, split_front_matter
from rag.sources.formats.markup_fragment import Fragment, extract_fragments
from rag.sources.formats.note_syntax import rewrite_notes
from rag.sources.formats.record_fields import read_fields
from rag.sources.formats.records import build_article, value_to_text
from rag.sources.formats.tables import Cell, add_table
from rag.sources.formats.text_builder import LABEL_LEVEL, TextBuilder, reads_as_label
from rag.structure import STRUCTURE, StructuredText
from rag.text.dates import DATE_NOTE
from rag.types import Article, Failure

if TYPE_CHECKING:
    from markdown_it.token import Token


TEMPLATE = "a template for notes"
"""What is left out where title or day of a note are to be filled in."""


class Markdown(FileLoader):
    """Loads .md files: the front matter as fields, and the text without its syntax."""

    suffixes = (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd")

    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Parse the file into its one article; raises NoArticle for a template for notes."""
        text, note = decode(data)
        record, content = split_front_matter(normalise(text))
        if not self.all_text and is_template(record, content):
            raise NoArticle(TEMPLATE)
        named = read_fields(record, wanted=FIELDS[1:], only_sure=True)
        markdown = rewrite_notes(content, is_mdx=name.lower().endswith(".mdx"))
        title, body = _render(markdown, one_line(value_to_text(named.fields.get("title"))))
        notes = {"encoding": note, "flagged": find_concealment(text)}
        stated = {name: value for name, value in notes.items() if value}
        fields: dict[str, object] = {
            **named.others,
            **named.fields,
            "title": title,
            **stated,
            STRUCTURE: body.written,
        }
        if not value_to_text(fields.get("date")).strip():
            fields |= _find_day(body.text, name)
        yield build_article(fields, body.text, origin=origin, name=name, title=title_from_name(name))


def _find_day(body: str, name: str) -> dict[str, object]:
    """Find the day of a text that states none: in the line under its title or, not certain, in the name of its file."""
    if line := find_publication_line(body):
        return {"date": line}
    return dict(zip(("date", DATE_NOTE), day_in_name(name), strict=True))


def _render(content: str, title: str) -> tuple[str, StructuredText]:
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
    renderer = _Renderer()
    for token in _join_html(tokens):
        renderer.add_token(token)
    return title, renderer.builder.build()


def _join_html(tokens: Iterable["Token"]) -> Iterator["Token"]:
    """Join pieces of HTML that follow each other, since a blank line in a table parts it."""
    for is_html, run in groupby(tokens, lambda token: token.type == "html_block"):
        pieces = list(run)
        if is_html:
            pieces[0].content = "".join(token.content for token in pieces)
        yield from pieces[:1] if is_html else pieces


@dataclass(slots=True)
class _Renderer:
    """Renders the tokens of a Markdown document as plain text with its headings, lists and tables."""

    builder: TextBuilder = field(default_factory=TextBuilder)
    heading: int = 0
    """The level of the heading that is open, or 0."""
    depth: int = 0
    """How many lists are open."""
    mark: str | None = None
    """What stands before the first line of an item that has begun."""
    rows: list[list[str]] = field(default_factory=list)
    """The rows of the table that is open, the header first."""

    def add_token(self, token: "Token") -> None:
        """Add the text of a token."""
        kind = token.type
        if kind == "inline":
            self._add_words(_inline_text(token.children or ()), is_bold=_is_bold(token.children or ()))
        elif kind in ("fence", "code_block"):
            self.builder.add_literal(token.content)
        elif kind == "html_block":
            for fragment in extract_fragments(token.content):
                self._add_fragment(fragment)
        elif kind == "heading_open":
            self.heading = int(token.tag[1:])
        elif kind == "heading_close":
            self.heading = 0
        elif kind in ("bullet_list_open", "ordered_list_open"):
            if not self.depth:
                self.builder.end_list()
            self.depth += 1
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self.depth -= 1
        elif kind == "list_item_open":
            self.mark = f"{token.info}. " if token.info else ""
        elif kind == "tr_open":
            self.rows.append([])
        elif kind == "table_close":
            add_table(self.builder, [list(map(Cell, row)) for row in self.rows], header_rows=1)
            self.rows = []

    def _add_fragment(self, fragment: Fragment) -> None:
        """Add a block of HTML."""
        if fragment.kind != "paragraph":
            self.mark = None
        if fragment.kind == "table":
            add_table(self.builder, fragment.rows, caption=fragment.text)
        elif fragment.kind == "heading":
            self.builder.add_heading(fragment.text, fragment.level)
        elif fragment.kind == "item":
            self.builder.add_item(fragment.text, self.depth + fragment.level)
        else:
            self._add_words(fragment.text, is_bold=False)

    def _add_words(self, words: str, *, is_bold: bool) -> None:
        """Add words to the row of a table, or else to the text."""
        if self.rows:
            self.rows[-1].append(one_line(words))
        elif self.heading:
            self.builder.add_heading(words, self.heading)
        elif self.mark is not None:
            self.builder.add_item(self.mark + words, self.depth)
            self.mark = None
        elif is_bold and reads_as_label(words):
            self.builder.add_heading(words, LABEL_LEVEL)
        else:
            self.builder.add_paragraph(words)


def _is_bold(tokens: Sequence["Token"]) -> bool:
    """Whether all words of a line stand within one pair of marks for bold letters."""
    kinds = [token.type for token in tokens if token.type != "text" or token.content.strip()]
    return kinds[:1] == ["strong_open"] and kinds.index("strong_close") == len(kinds) - 1


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
