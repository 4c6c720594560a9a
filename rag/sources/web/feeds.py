"""Parse feeds: RSS, Atom, RDF and JSON Feed."""

import calendar
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from rag.errors import SourceError
from rag.sources.cleaning.publication_date import iso_day
from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.html import count_words, extract_all_text, parse_html
from rag.sources.formats.xml_safe import refuse_declarations, refuse_depth, root_name
from rag.sources.web.body_text import decode_xml

if TYPE_CHECKING:
    from feedparser import FeedParserDict  # type: ignore[import-untyped, unused-ignore]

_MOST = 1_000
_WHOLE = 80
"""Words from which on a summary is taken for the whole text."""
_ROOTS = ("rss", "rdf", "feed", "channel")
_CUT = re.compile(
    r"(?:\.\.\.|…|\[&?(?:\.\.\.|…|hellip;)\]|\b(?:read|continue|see|learn) (?:more|reading|on)\b[^.]{0,60}|"
    r"\b(?:weiterlesen|lire la suite|leer más|mehr)\W{0,3})\W*\Z",
    re.IGNORECASE,
)
_CREDIT = re.compile(r"The post .{1,300} appeared first on .{1,200}", re.IGNORECASE)
_END = re.compile(r"</(?:[\w.-]+:)?(?:rss|rdf|feed|channel)\s*>\s*(?:<!--.*?-->\s*)*\Z", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a list says of one article; what it does not say is empty."""

    url: str
    title: str = ""
    date: str = ""
    """Day of publication as YYYY-MM-DD."""
    published: str = ""
    """The time of publication with its zone, in ISO form."""
    author: str = ""
    source: str = ""
    """The publisher: the title of the feed, or what the entry names."""
    text: str = ""
    """The article, if the list carries the whole of it."""
    summary: str = ""
    updated: str = ""
    """When the list says it was last changed."""


def entries(body: bytes, kind: str, url: str) -> list[Entry] | None:
    """The articles that a feed at an address names, newest first and 1,000 at most; None for what is no feed.

    `kind` is its media type. Entries without an address that can be fetched are left out. Raises SourceError for a
    feed that cannot be read. Nothing is fetched.
    """
    try:
        text = decode_xml(body)
    except SourceError:
        return None
    if "json" in kind or text.lstrip().startswith("{"):
        return _of_json(text, url)
    if root_name(text) not in _ROOTS:
        return None
    refuse_declarations(text)
    refuse_depth(text)
    return _of_xml(text, url)


def fragment_text(markup: str) -> str:
    """The text of a piece of HTML, a blank line between blocks; empty where it cannot be read."""
    if "<" not in markup and "&" not in markup:
        return markup.strip()
    try:
        tree = parse_html(markup)
    except SourceError:
        return ""
    return "" if tree is None else extract_all_text(tree)


def fetchable(link: object, base: str) -> str:
    """The whole address of a link, or an empty string for one that is not on the web."""
    if not isinstance(link, str) or not link.strip():
        return ""
    with suppress(ValueError):
        address = link.strip() if link.startswith(("https://", "http://")) else urljoin(base, link.strip())
        parts = urlsplit(address)
        return address if parts.scheme in ("http", "https") and parts.netloc else ""
    return ""


def newest(found: Sequence[Entry]) -> list[Entry]:
    """The entries by the time they state, newest first; those without one keep their order behind the others."""
    return sorted(found, key=lambda entry: entry.published or entry.date or entry.updated, reverse=True)


def _of_xml(text: str, url: str) -> list[Entry] | None:
    """The entries of an RSS, Atom or RDF feed."""
    import feedparser

    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    try:
        feed = feedparser.parse(BytesIO(text.encode("utf-8", "replace")), response_headers=headers)
    except MemoryError:  # a process that has too little is to end, and to say so
        raise
    except Exception as error:  # a feed can break a parser of feeds in any way
        raise SourceError("its XML cannot be read as a feed") from error
    if not feed.version and not feed.entries:
        return None
    publisher = one_line(fragment_text(_string(feed.feed, "title")))
    items = sorted(feed.entries, key=_seconds, reverse=True)[:_MOST]
    broken = None if _END.search(text[-2_000:]) or not feed.entries else feed.entries[-1]
    found = [_entry(item, publisher, url, item is not broken) for item in items]
    return newest([entry for entry in found if entry.url])


def _entry(item: "FeedParserDict", publisher: str, url: str, is_whole: bool) -> Entry:
    """One entry as feedparser reads it; of the last one before a feed breaks off the text is not believed."""
    contents = [_string(content, "value") for content in item.get("content") or []]
    content = fragment_text(max(contents, key=len, default=""))
    summary = fragment_text(_string(item, "summary"))
    day, time = _time(item, "published_parsed")
    changed_day, changed = _time(item, "updated_parsed")
    source = item.get("source")
    named = one_line(fragment_text(_string(source, "title"))) if isinstance(source, dict) else ""
    links = (item.get("feedburner_origlink"), item.get("link"), item.get("id"))
    return Entry(
        url=next(filter(None, (fetchable(link, url) for link in links if _is_link(link, item))), ""),
        title=one_line(fragment_text(_string(item, "title"))),
        date=day or changed_day,
        published=time or changed,
        author=_people(item),
        source=named or publisher,
        text=_whole(content, summary) if is_whole else "",
        summary=one_line(summary),
        updated=changed,
    )


def _is_link(link: object, item: "FeedParserDict") -> bool:
    """Whether a link is an address; an id is one only if it is whole, not if it could be completed to one."""
    return bool(link) and (link != item.get("id") or link == item.get("link") or "://" in str(link))


def _people(item: "FeedParserDict") -> str:
    """The authors of an entry."""
    people = (one_line(_string(person, "name")) for person in item.get("authors") or [])
    names = list(dict.fromkeys(name for name in people if name and "@" not in name))
    return "; ".join(names)


def _whole(content: str, summary: str) -> str:
    """The text of an article if a feed carries all of it: as content, or as a summary that is too long for one."""
    for text, least in ((content, 1), (summary, _WHOLE)):
        text = _without_credit(text)
        if count_words(text) >= least and not _CUT.search(text[-200:]):
            return text
    return ""


def _without_credit(text: str) -> str:
    """The text without a last paragraph that only says on which site it appeared first."""
    body, _, last = text.strip().rpartition("\n\n")
    return body if body and _CREDIT.fullmatch(last) else text.strip()


def _seconds(item: "FeedParserDict") -> float:
    """When an entry was published, or changed where it does not say; undated ones come last."""
    parsed = dict.get(item, "published_parsed") or dict.get(item, "updated_parsed")
    if parsed:
        with suppress(ValueError, OverflowError):
            return calendar.timegm(parsed)
    return float("-inf")


def _time(item: "FeedParserDict", key: str) -> tuple[str, str]:
    """The day and the time in ISO form of a field that feedparser has read, in UTC."""
    # Its dictionary gives the time of publication for that of the last change where there is none.
    parsed = dict.get(item, key)
    if not parsed:
        return "", ""
    with suppress(ValueError, OverflowError):
        time = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
        return f"{time:%Y-%m-%d}".zfill(10), time.isoformat()
    return "", ""


def _string(value: "FeedParserDict", key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""


def _of_json(text: str, url: str) -> list[Entry] | None:
    """The entries of a JSON Feed, version 1 or 1.1."""
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(feed, dict) or not str(feed.get("version")).startswith("https://jsonfeed.org/version/1"):
        return None
    items = feed.get("items")
    publisher = _line(feed, "title")
    found = [_json_entry(item, feed, publisher, url) for item in _dicts(items)[:_MOST]]
    return newest([entry for entry in found if entry.url])


def _json_entry(item: Mapping[str, object], feed: Mapping[str, object], publisher: str, url: str) -> Entry:
    """One item of a JSON Feed."""
    page = item.get("content_html")
    content = fragment_text(page) if isinstance(page, str) else str(item.get("content_text") or "").strip()
    summary = _line(item, "summary")
    own_id = item.get("id")
    links = (item.get("url"), item.get("external_url"), own_id if "://" in str(own_id) else "")
    people = _json_people(item) or _json_people(feed)
    time, changed = _line(item, "date_published"), _line(item, "date_modified")
    return Entry(
        url=next(filter(None, (fetchable(link, url) for link in links)), ""),
        title=_line(item, "title"),
        date=_utc_day(time or changed),
        published=_utc(time or changed),
        author="; ".join(dict.fromkeys(people)),
        source=publisher,
        text=_whole(content, ""),
        summary=summary,
        updated=_utc(changed),
    )


def _json_people(holder: Mapping[str, object]) -> list[str]:
    """The names in `authors` (1.1) or `author` (1)."""
    people = _dicts(holder.get("authors")) or _dicts([holder.get("author")])
    return [name for person in people if (name := _line(person, "name"))]


def _dicts(value: object) -> list[Mapping[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _line(holder: Mapping[str, object], key: str) -> str:
    value = holder.get(key)
    return one_line(value) if isinstance(value, str) else ""


def _utc(written: str) -> str:
    """A time with a zone, in UTC and ISO form; empty for anything less."""
    with suppress(ValueError, OverflowError):
        time = datetime.fromisoformat(written)
        return time.astimezone(UTC).isoformat() if time.tzinfo else ""
    return ""


def _utc_day(written: str) -> str:
    return _utc(written)[:10] or iso_day(written)
