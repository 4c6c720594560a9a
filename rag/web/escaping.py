"""Escape text from articles, models and people for the page."""

import logging
import re
from urllib.parse import urlsplit

from rag.errors import RagError

_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\x9f]")


def inert(text: str) -> str:
    """The text as HTML or Markdown that can only be read: each ASCII punctuation mark as a character reference."""
    # A lone surrogate cannot be sent as UTF-8, and would end the whole reply.
    sendable = text.encode("utf-8", "replace").decode("utf-8")
    return _PUNCTUATION.sub(lambda mark: f"&#{ord(mark[0])};", sendable)


def inert_line(text: str) -> str:
    """The same on one line, where Markdown cannot see an indent, a list or a heading."""
    return " ".join(inert(text).split())


def web_host(url: str) -> str:
    """The host of an http(s) address that is safe to link to, or nothing."""
    if _UNPRINTABLE.search(url):
        return ""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "") if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""


def foreseen(error: Exception) -> RagError:
    """The error where it is one of our own; else one line for a person, and the rest in the log."""
    if isinstance(error, RagError):
        return error
    logging.getLogger("rag").error("a question failed", exc_info=error)
    return RagError(f"this could not be answered ({type(error).__name__}); the server's log says more")


def trouble(error: object) -> str:
    """What went wrong, as one line of HTML."""
    return f'<p class="trouble" role="alert">{inert_line(str(error))}</p>'
