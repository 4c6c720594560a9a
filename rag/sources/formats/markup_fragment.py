"""Extract the text of HTML that stands in a Markdown file, by Python's own parser.

Small Markdown files are read outside of the sandbox, where no page may be given to a parser written in C.
"""

from html.parser import HTMLParser

from rag.sources.cleaning.hidden_html import hides

_UNSEEN_TAGS = frozenset("head script style template noscript iframe object svg button select textarea".split())
_INLINE_TAGS = frozenset(
    "a abbr b bdi bdo big cite code data del dfn em font i ins kbd label mark q rp rt ruby s samp small span strike "
    "strong sub sup time tt u var wbr img".split()
)
_VOID_TAGS = frozenset("area base br col embed hr img input link meta source track wbr".split())


def extract_lines(markup: str) -> list[str]:
    """Extract the lines of text in a piece of HTML, one for each block, item and row; without hidden elements."""
    parser = _LineParser()
    parser.feed(markup)
    parser.close()
    lines = (" ".join(line.split()).strip(" |") for line in "".join(parser.pieces).split("\n"))
    return [line for line in lines if line]


class _LineParser(HTMLParser):
    """Gathers the text of blocks, parted by line feeds."""

    def __init__(self) -> None:
        """Begin with no text and no open tag that hides it."""
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unseen: list[str] = []
        """The open tags from the first one on whose text is not seen."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line where a block begins, or pass over what is not seen."""
        if tag in _VOID_TAGS:
            self.pieces += "\n" if tag in ("br", "hr") and not self._unseen else ""
        elif self._unseen or tag in _UNSEEN_TAGS or _is_hidden(dict(attrs)):
            self._unseen.append(tag)
        elif tag in ("td", "th"):
            self.pieces.append(" | ")
        elif tag not in _INLINE_TAGS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a line where a block ends, and what is not seen with the tag that began it."""
        if self._unseen:
            if tag in self._unseen:
                del self._unseen[len(self._unseen) - 1 - self._unseen[::-1].index(tag) :]
        elif tag not in _INLINE_TAGS and tag not in ("td", "th"):
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        """Add text that is seen."""
        if not self._unseen:
            self.pieces.append(" ".join(data.split("\n")))


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    """Whether its own attributes hide an element."""
    if "hidden" in attributes and attributes["hidden"] != "until-found":
        return True
    return (attributes.get("aria-hidden") or "").strip().lower() == "true" or hides(attributes.get("style") or "")
