"""Interpret a response: its content type, its validators, and why it is refused."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, retry_if_result, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from rag.errors import SourceError
from rag.source_state import Visit
from rag.sources.web.ssrf_guard import Unreachable

REDIRECTS = {301, 302, 303, 307, 308}

_ATTEMPTS = 3
_PATIENCE = 30.0
"""The most seconds that a server can ask to wait before it is tried again."""
_BUSY = {429, 502, 503, 504}
_REASONS = {
    401: "asks for a login (401)",
    402: "asks to be paid (402)",
    403: "the server refuses to give it (403)",
    404: "not there any more (404)",
    410: "not there any more (410)",
    429: "the server asks for fewer requests (429); try again later",
    451: "withheld for legal reasons (451)",
    503: "the server is not available at the moment (503)",
}
_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,500}"')
_STAMP = re.compile(r"[\x20-\x7e]{1,60}")
_KIND = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+", re.ASCII)
_backoff = wait_exponential_jitter(initial=1, max=4)


class Gone(SourceError):
    """The server says that there is nothing at the address any more."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a server; the body is that of a page, of nothing else."""

    status: int
    headers: httpx.Headers
    body: bytes
    charset: str
    """The encoding it is said to have, in lower case; empty where nothing is said."""

    @property
    def kind(self) -> str:
        """Its media type in lower case, empty where nothing is said."""
        kind = _KIND.match(self.headers.get("content-type", "").strip())
        return kind[0].lower() if kind else ""

    @property
    def for_good(self) -> bool:
        """Whether it is a redirect that stays."""
        return self.status in (301, 308)

    @property
    def location(self) -> str:
        """Where a redirect leads, empty where nothing is said."""
        return str((self.headers.get_list("location") or [""])[0])

    @property
    def asked_to_wait(self) -> float:
        """The seconds of its Retry-After header, or until the time it names; 0 where nothing can be read there."""
        asked = self.headers.get("retry-after", "").strip()
        if asked.isascii() and asked.isdigit():
            return float(asked[:9])
        try:
            until = parsedate_to_datetime(asked)
            return max((until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds(), 0.0)
        except (ValueError, OverflowError):
            return 0.0

    @property
    def refusal(self) -> SourceError:
        """The error for an answer that is no page."""
        if self.status in _BUSY and (seconds := self.asked_to_wait) > _PATIENCE:
            return SourceError(f"the server asks to be left alone for {seconds:,.0f} s ({self.status})")
        words = "the server failed" if 500 <= self.status < 600 else "answers without a page"
        kind = Gone if self.status in (404, 410) else SourceError
        return kind(_REASONS.get(self.status, f"{words} ({self.status})"))

    def visit(self, seen: Visit, unchanged: bool) -> Visit:
        """What to remember of it; one that says only that nothing has changed need not say it all again."""
        etag, modified = self.headers.get("etag", ""), self.headers.get("last-modified", "")
        etag, modified = etag if _TAG.fullmatch(etag) else "", modified if _STAMP.fullmatch(modified) else ""
        if unchanged:
            etag, modified = etag or seen.etag, modified or seen.modified
        return Visit(etag, modified, seen.digest)


def conditions(seen: Visit | None) -> dict[str, str]:
    """The headers that ask for a page only if it has changed, as far as they can be sent."""
    if seen is None:
        return {}
    asked = {"If-None-Match": seen.etag if _TAG.fullmatch(seen.etag) else ""}
    asked["If-Modified-Since"] = seen.modified if _STAMP.fullmatch(seen.modified) else ""
    return {name: value for name, value in asked.items() if value}


def retrying(sleep: Callable[[float], None]) -> Retrying:
    """Asks up to three times where there is no connection, or where a server is busy and not for long."""
    return Retrying(
        retry=retry_if_exception_type(Unreachable) | retry_if_result(_may_pass),
        stop=stop_after_attempt(_ATTEMPTS),
        wait=_pause,
        sleep=sleep,
        retry_error_callback=_last,
    )


def _may_pass(reply: Reply) -> bool:
    return reply.status in _BUSY and reply.asked_to_wait <= _PATIENCE


def _pause(state: RetryCallState) -> float:
    """Seconds before the next attempt: as many as the server asks for, else a little more each time."""
    asked = 0.0 if state.outcome is None or state.outcome.failed else state.outcome.result().asked_to_wait
    return max(asked, _backoff(state))


def _last(state: RetryCallState) -> Reply:
    """What the last attempt gave, an error as much as an answer."""
    assert state.outcome is not None
    reply: Reply = state.outcome.result()
    return reply
