"""Find the recordings of a podcast's episodes, and their transcripts, in its feed (pure).

https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/tags/transcript.md
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lxml.etree import _Element as Element  # type: ignore[import-untyped, unused-ignore]

_NAMESPACES = (
    "https://podcastindex.org/namespace/1.0",
    "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
)
_BEST_FIRST = ("text/vtt", "json", "srt", "subrip", "text/html", "text/plain")
"""Kinds of transcripts, those that know times and speakers first."""
_NO_RECORDING = ("", "")


class Recording(NamedTuple):
    """Addresses as the feed writes them, empty where it has none."""

    media: str
    """The sound or film."""
    transcript: str
    """What is said in it."""


def find_recordings(text: str, *, items: int) -> list[Recording]:
    """Find the recording of each of a feed's `items`, in the order of its XML; all are empty where that is broken."""
    found = list(_iter_recordings(text)) if "transcript" in text else []
    return found if len(found) == items else [Recording(*_NO_RECORDING)] * items


def _iter_recordings(text: str) -> Iterator[Recording]:
    from lxml import etree  # type: ignore[import-untyped, unused-ignore]

    from rag.sources.formats.xml_safe import safe_parser

    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), safe_parser())
    except (etree.XMLSyntaxError, ValueError):
        return
    for item in root.iter("{*}item", "{*}entry"):
        yield Recording(_find_media(item), _find_transcript(item))


def _find_media(item: "Element") -> str:
    """Return the address of the first sound or film that is attached to an item."""
    for enclosure in item.iterchildren("{*}enclosure", "{*}link"):
        if enclosure.get("type", "").partition("/")[0] in ("audio", "video"):
            return str(enclosure.get("url") or enclosure.get("href") or "")
    return ""


def _find_transcript(item: "Element") -> str:
    """Return the address of the best of an item's transcripts; the first of those of one kind."""
    own = [tag for space in _NAMESPACES for tag in item.iterchildren(f"{{{space}}}transcript") if tag.get("url")]
    return str(min(own, key=_rank).get("url")) if own else ""


def _rank(transcript: "Element") -> int:
    kind = transcript.get("type", "").lower()
    return next((rank for rank, known in enumerate(_BEST_FIRST) if known in kind), len(_BEST_FIRST))
