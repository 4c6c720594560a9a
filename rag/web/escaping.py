"""Escape text from articles, models and people for the page."""

import logging
import re
from urllib.parse import urlsplit

from rag.errors import RagError

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f]")


def inert(text: str) -> str:
    """Escape text for HTML and Markdown alike: each ASCII punctuation mark becomes a character reference."""
    return _PUNCTUATION.sub(lambda mark: f"&#{ord(mark[0])};", make_encodable(text))


def inert_line(text: str) -> str:
    """Escape text as `inert` does, on one line, where Markdown sees no indent, list or heading."""
    return " ".join(inert(text).split())


def make_encodable(text: str) -> str:
    """Replace each lone surrogate by a question mark: UTF-8 has none, and one would end a whole reply."""
    return text.encode("utf-8", "replace").decode("utf-8")


def web_host(url: str) -> str:
    """Return the host of an http(s) address that is safe to link to; empty for any other."""
    if _UNPRINTABLE.search(url):
        return ""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""


def as_rag_error(error: Exception) -> RagError:
    """Return a RagError as it is; log any other error, and return a RagError of one line in its place."""
    if isinstance(error, RagError):
        return error
    logging.getLogger("rag").error("a question failed", exc_info=error)
    return RagError(f"this could not be answered ({type(error).__name__}); the server's log says more")


def error_html(error: object) -> str:
    """Render what went wrong as one line of HTML."""
    return f'<p class="trouble" role="alert">{inert_line(str(error))}</p>'
