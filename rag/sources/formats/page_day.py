"""Find the day of publication of a web page: stated, printed under its title, or else as its markup suggests."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from rag.sources.cleaning.datelines import choose_stamp, find_dateline, read_stamp
from rag.sources.cleaning.publication_date import day_in_address, parse_day, read_day
from rag.sources.cleaning.unicode import one_line
from rag.text.dates import DATE_NOTE
from rag.text.printed_days import find_printed_days

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]

_MAX_LINES = 400
_FILE_DAY_TAGS = frozenset(
    "created changed dcterms.created dc.date.created dc.created date.created date-created creation_date "
    "creationdate last-modified lastmodified generated revised dcterms.modified dc.date.modified".split()
)
"""Names of meta tags that say when a file was made or changed, as office programs export them; nothing of the text."""


def find_page_day(
    tree: "HtmlElement", read_text: Callable[[], str], *, stated: str, extracted: object, url: str
) -> dict[str, object]:
    """Find the day of a page as the fields `date` and `date_note`; `read_text` reads all that is printed on it.

    What is `stated` as the time of publication counts first, then the line under the title, then the day that was
    `extracted` from its markup: not where that is the day the file was made, and with a note where only the address
    `url` says it.
    """
    if read_day(stated).day:
        return {"date": stated}
    lines = read_text().split("\n\n")[:_MAX_LINES]
    if printed := _find_printed(tree, lines):
        return {"date": printed}
    day = parse_day(extracted)
    if not day or (day in _file_days(tree) and not _is_printed(day, tree, lines)):
        return {"date": ""}
    in_address = day_in_address(url)
    if day == in_address.day and not _is_printed(day, tree, lines):
        return {"date": day, DATE_NOTE: in_address.note}
    return {"date": day}


def _find_printed(tree: "HtmlElement", lines: list[str]) -> str:
    """Return the line that states the day: the one under the title, or the only one that says “published”."""
    headings = [one_line(heading.text_content()) for heading in tree.iter("h1")]
    first = next((lines.index(heading) + 1 for heading in headings if heading in lines), 0)
    for part in (lines[first:], lines[:first]):
        if written := find_dateline(part).stamp.written:
            return written
    stamps = {line: stamp for line in lines if (stamp := read_stamp(line)) and not (stamp.is_bare or stamp.is_updated)}
    return choose_stamp(list(stamps.values())) if len(stamps) == 1 else ""


def _file_days(tree: "HtmlElement") -> set[str]:
    """Return the days on which the file itself is said to have been made or changed."""
    names = ((meta.get("name") or meta.get("property") or "").lower() for meta in tree.iter("meta"))
    metas = zip(names, tree.iter("meta"), strict=True)
    return {parse_day(meta.get("content") or "") for name, meta in metas if name in _FILE_DAY_TAGS}


def _is_printed(day: str, tree: "HtmlElement", lines: list[str]) -> bool:
    """Whether a day is printed on a page, or stands in an element for times."""
    if any((time.get("datetime") or "").startswith(day) for time in tree.iter("time")):
        return True
    return any(found.day == day for line in lines for found in find_printed_days(line))
