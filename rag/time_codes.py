"""The times at which the words of a recording are said, kept beside its text (pure)."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

TIMES = "times"
"""The key of an article's metadata under which its times are written."""


class TimeCode(NamedTuple):
    """A place in the text of a recording, and when it is said.

    >>> TimeCode(start=42, second=4)
    TimeCode(start=42, second=4)
    """

    start: int
    """The offset in the text of the article."""
    second: int
    """Whole seconds since the recording began."""


def write_times(times: Iterable[TimeCode]) -> str:
    """Write times on one line, as the metadata of an article hold them: `0@1 42@4`."""
    return " ".join(f"{time.start}@{time.second}" for time in times)


@lru_cache(64)
def parse_times(written: str) -> tuple[TimeCode, ...]:
    """Parse what `write_times` wrote; return none where it is anything but times in order."""
    times: list[TimeCode] = []
    for mark in written.split():
        start, _, second = mark.partition("@")
        if not (start.isdecimal() and second.isdecimal()) or (times and int(start) < times[-1].start):
            return ()
        times.append(TimeCode(int(start), int(second)))
    return tuple(times)


def times_within(times: Sequence[TimeCode], start: int, end: int) -> tuple[TimeCode, ...]:
    """Return the times of a stretch of a text, the last one before it included."""
    first = max(bisect_right(times, start, key=lambda time: time.start) - 1, 0)
    last = bisect_right(times, end - 1, key=lambda time: time.start)
    return tuple(times[first:last])


def second_at(times: Sequence[TimeCode], offset: int) -> int | None:
    """Return the second at which what stands at an offset is said; None where that is not known."""
    number = bisect_right(times, offset, key=lambda time: time.start)
    return times[number - 1].second if number else None


def format_second(second: int) -> str:
    """Write a second as players show it.

    >>> format_second(83), format_second(3723)
    ('1:23', '1:02:03')
    """
    minutes, rest = divmod(second, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def add_second(url: str, second: int | None) -> str:
    """Return the address at which a recording is opened at a second, as a media fragment; empty stays empty.

    >>> add_second("https://example.org/talk.mp4", 83)
    'https://example.org/talk.mp4#t=83'
    """
    return url if second is None or not url or "#" in url else f"{url}#t={second}"
