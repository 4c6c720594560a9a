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

REDIRECT_STATUSES = {301, 302, 303, 307, 308}

_MAX_ATTEMPTS = 3
_MAX_WAIT_SECONDS = 30.0
"""The longest wait that a server can ask for and still be tried again."""
_BUSY_STATUSES = {429, 502, 503, 504}
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
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,500}"')
_LAST_MODIFIED = re.compile(r"[\x20-\x7e]{1,60}")
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+", re.ASCII)
BACKOFF = wait_exponential_jitter(initial=1, max=4)


class Gone(SourceError):
    """Raised where the server says that there is nothing at the address any more."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply of a server; its body is empty unless its status is from 200 to 299."""

    status: int
    headers: httpx.Headers
    body: bytes
    charset: str
    """The encoding that the server states, in lower case; empty where it states none."""

    @property
    def kind(self) -> str:
        """The media type in lower case, empty where none is stated."""
        kind = _MEDIA_TYPE.match(self.headers.get("content-type", "").strip())
        return kind[0].lower() if kind else ""

    @property
    def is_permanent(self) -> bool:
        """Whether it is a permanent redirect."""
        return self.status in (301, 308)

    @property
    def location(self) -> str:
        """The target of a redirect, empty where none is stated."""
        return str((self.headers.get_list("location") or [""])[0])

    @property
    def retry_after(self) -> float:
        """The seconds of the Retry-After header, or until the time it names; 0 where it cannot be read."""
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
        """The error for a reply that is no page."""
        if self.status in _BUSY_STATUSES and (seconds := self.retry_after) > _MAX_WAIT_SECONDS:
            return SourceError(f"the server asks to be left alone for {seconds:,.0f} s ({self.status})")
        words = "the server failed" if 500 <= self.status < 600 else "answers without a page"
        kind = Gone if self.status in (404, 410) else SourceError
        return kind(_REASONS.get(self.status, f"{words} ({self.status})"))

    def to_visit(self, seen: Visit, *, is_unchanged: bool) -> Visit:
        """Make the visit to remember, with the validators of the reply and the digest of `seen`.

        If `is_unchanged`, validators that the reply lacks are those of `seen`.
        """
        etag = self._validator("etag", _ETAG)
        modified = self._validator("last-modified", _LAST_MODIFIED)
        if is_unchanged:
            etag = etag or seen.etag
            modified = modified or seen.modified
        return Visit(etag, modified, seen.digest)

    def _validator(self, header: str, pattern: re.Pattern[str]) -> str:
        """Return a header if it is a validator that can be sent back, else an empty string."""
        value = self.headers.get(header, "")
        return value if pattern.fullmatch(value) else ""


def conditional_headers(seen: Visit | None) -> dict[str, str]:
    """Make the headers that ask for a page only if it has changed since it was `seen`; none without validators."""
    if seen is None:
        return {}
    asked = {"If-None-Match": seen.etag if _ETAG.fullmatch(seen.etag) else ""}
    asked["If-Modified-Since"] = seen.modified if _LAST_MODIFIED.fullmatch(seen.modified) else ""
    return {name: value for name, value in asked.items() if value}


def make_retrying(sleep: Callable[[float], None]) -> Retrying:
    """Make a retry policy: up to three attempts where there is no connection, or a server is busy and not for long."""
    return Retrying(
        retry=retry_if_exception_type(Unreachable) | retry_if_result(_is_worth_retrying),
        stop=stop_after_attempt(_MAX_ATTEMPTS),
        wait=_seconds_before_retry,
        sleep=sleep,
        retry_error_callback=_last_outcome,
    )


def _is_worth_retrying(reply: Reply) -> bool:
    """Whether a server is busy, and does not ask for a long wait."""
    return reply.status in _BUSY_STATUSES and reply.retry_after <= _MAX_WAIT_SECONDS


def _seconds_before_retry(state: RetryCallState) -> float:
    """Return the seconds before the next attempt: a backoff that grows each time, or longer if the server asks."""
    asked = 0.0 if state.outcome is None or state.outcome.failed else state.outcome.result().retry_after
    return max(asked, BACKOFF(state))


def _last_outcome(state: RetryCallState) -> Reply:
    """Return the reply of the last attempt, or raise its error."""
    assert state.outcome is not None
    reply: Reply = state.outcome.result()
    return reply
