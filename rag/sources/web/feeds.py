"""Parse feeds: RSS, Atom, RDF and JSON Feed."""

import calendar
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

from rag.errors import SourceError
from rag.sources.cleaning.publication_date import parse_day
from rag.sources.cleaning.unicode import one_line
from rag.sources.formats.html import count_words, extract_all_text, parse_html
from rag.sources.formats.xml_safe import refuse_declarations, refuse_depth, root_name
from rag.sources.web.body_text import decode_xml
from rag.sources.web.recordings import Recording, find_recordings
from rag.sources.web.urls import article_id

if TYPE_CHECKING:
    from feedparser import FeedParserDict  # type: ignore[import-untyped, unused-ignore]

_MAX_ENTRIES = 1_000
_MIN_FULL_TEXT_WORDS = 80
"""Words from which on a summary is taken for the whole text."""
_FEED_ROOTS = ("rss", "rdf", "feed", "channel")
_NO_POSTS = ("attachment", "nav_menu_item", "revision", "custom_css", "oembed_cache", "wp_global_styles")
"""What the export of a blog holds beside its posts and pages."""
_TRUNCATED = re.compile(
    r"(?:\.\.\.|…|\[&?(?:\.\.\.|…|hellip;)\]|\b(?:read|continue|see|learn) (?:more|reading|on)\b[^.]{0,60}|"
    r"\b(?:weiterlesen|lire la suite|leer más|mehr)\W{0,3})\W*\Z",
    re.IGNORECASE,
)
_CREDIT = re.compile(r"The post .{1,300} appeared first on .{1,200}", re.IGNORECASE)
_FEED_END = re.compile(r"</(?:[\w.-]+:)?(?:rss|rdf|feed|channel)\s*>\s*(?:<!--.*?-->\s*)*\Z", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed or sitemap says of one article; what it does not say is empty."""

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
    """What the list says of the article, a paragraph for each block."""
    updated: str = ""
    """When the list says it was last changed."""
    has_page: bool = True
    """Whether it has a page of its own; else the list carries all there is of it, and `url` is that of the list."""
    key: str = ""
    """What tells an entry without a page from the others of its list."""
    media: str = ""
    """The address of the recording that is its subject, such as an episode of a podcast."""
    transcript: str = ""
    """The address of what is said in the recording."""

    @property
    def id(self) -> str:
        """The id of its article: the address of its page, or that of the list with the key."""
        return f"{article_id(self.url)}#{self.key}" if self.key else article_id(self.url)


class _Moment(NamedTuple):
    """A day and a time in ISO form, both empty where they are unknown."""

    day: str
    time: str


def parse_feed_entries(body: bytes, kind: str, url: str) -> list[Entry] | None:
    """Parse a feed at an address into at most 1,000 entries, newest first; return None for what is no feed.

    `kind` is its media type. Entries with neither an http or https address nor a text are left out. Raises SourceError
    for a feed that cannot be read. Nothing is fetched.
    """
    try:
        text = decode_xml(body)
    except SourceError:
        return None
    if "json" in kind or text.lstrip().startswith("{"):
        return _parse_json_entries(text, url)
    if root_name(text) not in _FEED_ROOTS:
        return None
    refuse_declarations(text)
    refuse_depth(text)
    entries = _parse_xml_entries(text, url)
    return None if entries is None else [entry for entry in entries[:_MAX_ENTRIES] if entry.url]


def parse_saved_feed(body: bytes) -> list[Entry] | None:
    """Parse a feed that was saved as a file, such as the export of a blog, into all its entries, newest first.

    Return None for what is no feed. Entries without an address stay, and a summary is the text where there is no other.
    Raises SourceError for a feed that cannot be read.
    """
    text = decode_xml(body)
    if root_name(text) not in _FEED_ROOTS:
        return None
    refuse_declarations(text)
    refuse_depth(text)
    entries = _parse_xml_entries(text, "")
    return None if entries is None else [replace(entry, text=entry.text or entry.summary) for entry in entries]


def extract_fragment_text(markup: str) -> str:
    """Extract the text of a piece of HTML, a blank line between blocks; empty where it cannot be parsed."""
    if "<" not in markup and "&" not in markup:
        return markup.strip()
    try:
        tree = parse_html(markup)
    except SourceError:
        return ""
    return "" if tree is None else extract_all_text(tree)


def absolute_url(link: object, base: str) -> str:
    """Complete a link to an address, or return an empty string for one that is not on the web."""
    if not isinstance(link, str) or not link.strip():
        return ""
    with suppress(ValueError):
        address = link.strip() if link.startswith(("https://", "http://")) else urljoin(base, link.strip())
        parts = urlsplit(address)
        return address if parts.scheme in ("http", "https") and parts.netloc else ""
    return ""


def sort_newest_first(entries: Sequence[Entry]) -> list[Entry]:
    """Sort entries by the time they state, newest first; those without one keep their order behind the others."""
    return sorted(entries, key=lambda entry: entry.published or entry.date or entry.updated, reverse=True)


def _parse_xml_entries(text: str, url: str) -> list[Entry] | None:
    """Parse an RSS, Atom or RDF feed into its entries, newest first; return None for what is no feed.

    Raises SourceError where feedparser fails.
    """
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
    publisher = one_line(extract_fragment_text(_string_value(feed.feed, "title")))
    recordings = zip(feed.entries, find_recordings(text, items=len(feed.entries)), strict=True)
    items = [(item, recording) for item, recording in recordings if item.get("wp_post_type") not in _NO_POSTS]
    items.sort(key=lambda pair: _sort_key(pair[0]), reverse=True)
    broken = None if _FEED_END.search(text[-2_000:]) or not feed.entries else feed.entries[-1]
    entries = [
        _add_recording(_build_xml_entry(item, url, publisher=publisher, is_whole=item is not broken), recording, url)
        for item, recording in items
    ]
    return sort_newest_first(entries)


def _add_recording(entry: Entry, recording: Recording, url: str) -> Entry:
    """Add a recording to its entry, which has no page but that where it names none."""
    media, transcript = (absolute_url(link, url) for link in recording)
    entry = replace(entry, media=media, transcript=transcript)
    return entry if entry.url or not transcript else replace(entry, url=media or transcript, has_page=False)


def _without_page(entry: Entry, own_id: object, summary: str, url: str) -> Entry:
    """Complete an entry that names no page, where the list at `url` carries a text of it, however short."""
    text = entry.text or _strip_credit(summary)
    if entry.url or not text:
        return entry
    stated = one_line(own_id) if isinstance(own_id, str) else ""
    key = hashlib.sha256((stated or f"{entry.title}\n{entry.published or text}").encode()).hexdigest()[:12]
    return replace(entry, url=url, text=text, title=entry.title or one_line(text)[:80], has_page=False, key=key)


def _build_xml_entry(item: "FeedParserDict", url: str, *, publisher: str, is_whole: bool) -> Entry:
    """Build an entry from a feedparser item; its full text is used only if `is_whole`, not cut off with the feed."""
    contents = [_string_value(content, "value") for content in item.get("content") or []]
    content = extract_fragment_text(max(contents, key=len, default=""))
    summary = extract_fragment_text(_string_value(item, "summary"))
    published = _parsed_time(item, "published_parsed")
    updated = _parsed_time(item, "updated_parsed")
    source = item.get("source")
    source_title = one_line(extract_fragment_text(_string_value(source, "title"))) if isinstance(source, dict) else ""
    links = (item.get("feedburner_origlink"), item.get("link"), item.get("id"))
    entry = Entry(
        url=next(filter(None, (absolute_url(link, url) for link in links if _is_link(link, item))), ""),
        title=one_line(extract_fragment_text(_string_value(item, "title"))),
        date=_printed_day(item, "published") or published.day or _printed_day(item, "updated") or updated.day,
        published=published.time or updated.time,
        author=_author_names(item),
        source=source_title or publisher,
        text=_choose_full_text(content, summary) if is_whole else "",
        summary=summary,
        updated=updated.time,
    )
    return _without_page(entry, item.get("id"), content or summary, url) if is_whole else entry


def _is_link(link: object, item: "FeedParserDict") -> bool:
    """Whether to use a link of an item as its address: not if it is empty, nor an id that is no complete address."""
    return bool(link) and (link != item.get("id") or link == item.get("link") or "://" in str(link))


def _author_names(item: "FeedParserDict") -> str:
    """Join the names of the authors of an entry, each once, without those that have an @ in them."""
    people = (one_line(_string_value(person, "name")) for person in item.get("authors") or [])
    names = list(dict.fromkeys(name for name in people if name and "@" not in name))
    return "; ".join(names)


def _choose_full_text(content: str, summary: str) -> str:
    """Return the full text of an article if a feed carries it: its content, or a summary of 80 words or more.

    A text that ends as if it were cut off is not used; empty where there is no other.
    """
    for text, least in ((content, 1), (summary, _MIN_FULL_TEXT_WORDS)):
        text = _strip_credit(text)
        if count_words(text) >= least and not _TRUNCATED.search(text[-200:]):
            return text
    return ""


def _strip_credit(text: str) -> str:
    """Strip a last paragraph that only says on which site the text appeared first."""
    body, _, last = text.strip().rpartition("\n\n")
    return body if body and _CREDIT.fullmatch(last) else text.strip()


def _sort_key(item: "FeedParserDict") -> float:
    """Return the time of publication, or of the last change, in seconds; undated entries sort last."""
    parsed = dict.get(item, "published_parsed") or dict.get(item, "updated_parsed")
    if parsed:
        with suppress(ValueError, OverflowError):
            return calendar.timegm(parsed)
    return float("-inf")


def _parsed_time(item: "FeedParserDict", key: str) -> _Moment:
    """Return the day and time in UTC of a field that feedparser has parsed."""
    # Its dictionary gives the time of publication for that of the last change where there is none.
    parsed = dict.get(item, key)
    if not parsed:
        return _Moment("", "")
    with suppress(ValueError, OverflowError):
        time = datetime.fromtimestamp(calendar.timegm(parsed), UTC)
        return _Moment(f"{time:%Y-%m-%d}".zfill(10), time.isoformat())
    return _Moment("", "")


def _printed_day(item: "FeedParserDict", key: str) -> str:
    """Return the day of a field as it is written, in the time zone that it is written in."""
    # Its dictionary gives the time of publication for that of the last change where there is none.
    return parse_day(dict.get(item, key) or "")


def _string_value(value: "FeedParserDict", key: str) -> str:
    """Return a value if it is a string, else an empty string."""
    text = value.get(key)
    return text if isinstance(text, str) else ""


def _parse_json_entries(text: str, url: str) -> list[Entry] | None:
    """Parse the first 1,000 items of a JSON Feed, version 1 or 1.1, newest first; return None for anything else."""
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(feed, dict) or not str(feed.get("version")).startswith("https://jsonfeed.org/version/1"):
        return None
    items = feed.get("items")
    publisher = _line_value(feed, "title")
    entries = [_build_json_entry(item, feed, publisher=publisher, url=url) for item in _dicts(items)[:_MAX_ENTRIES]]
    return sort_newest_first([entry for entry in entries if entry.url])


def _build_json_entry(item: Mapping[str, object], feed: Mapping[str, object], *, publisher: str, url: str) -> Entry:
    """Build an entry of one item of a JSON Feed."""
    page = item.get("content_html")
    content = extract_fragment_text(page) if isinstance(page, str) else str(item.get("content_text") or "").strip()
    summary = _line_value(item, "summary")
    own_id = item.get("id")
    links = (item.get("url"), item.get("external_url"), own_id if "://" in str(own_id) else "")
    people = _json_author_names(item) or _json_author_names(feed)
    published = _line_value(item, "date_published")
    changed = _line_value(item, "date_modified")
    entry = Entry(
        url=next(filter(None, (absolute_url(link, url) for link in links)), ""),
        title=_line_value(item, "title"),
        date=parse_day(published or changed),
        published=_to_utc(published or changed),
        author="; ".join(dict.fromkeys(people)),
        source=publisher,
        text=_choose_full_text(content, ""),
        summary=summary,
        updated=_to_utc(changed),
    )
    return _without_page(entry, own_id, content or summary, url)


def _json_author_names(holder: Mapping[str, object]) -> list[str]:
    """List the names in `authors` (1.1) or `author` (1)."""
    people = _dicts(holder.get("authors")) or _dicts([holder.get("author")])
    return [name for person in people if (name := _line_value(person, "name"))]


def _dicts(value: object) -> list[Mapping[str, object]]:
    """Return the objects in a list; none for what is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _line_value(holder: Mapping[str, object], key: str) -> str:
    """Return a string value as one line, else an empty string."""
    value = holder.get(key)
    return one_line(value) if isinstance(value, str) else ""


def _to_utc(written: str) -> str:
    """Convert a time with a zone to UTC and ISO form; empty for anything less."""
    with suppress(ValueError, OverflowError):
        time = datetime.fromisoformat(written)
        return time.astimezone(UTC).isoformat() if time.tzinfo else ""
    return ""
