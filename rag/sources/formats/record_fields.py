"""Read the fields of an article from a record, whatever its columns are called and however its values are wrapped."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from rag.sources.cleaning.publication_date import read_day
from rag.sources.formats.field_names import FIELDS, is_container, normalise_name, order_columns
from rag.sources.formats.records import value_to_text

Row = Mapping[str, object]
"""A record of an export, by the names of its columns."""

MAX_COLUMNS = 1_000
"""Columns of a record among which its fields are looked for."""
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>]+|(?:[a-z0-9-]+\.)+[a-z]{2,}/[^\s<>]*", re.IGNORECASE)
_EPOCH = re.compile(r"\d{9,10}|\d{13}|\d{16}|\d{19}")
"""A time as a number: seconds, milli-, micro- or nanoseconds since 1970."""
_FIRST_YEAR = 1980
_COMPACT_TIME = re.compile(r"((?:19|20)\d{6})\d{4}(?:\d\d)?")
_TEXT_KEYS = (
    *("rendered", "value", "name", "title", "text", "content"),
    *("main", "original", "html", "full", "plain", "label", "display_name", "displayName", "full_name", "fullName"),
)
"""Where content systems keep the text of a field that is an object, the surest first."""
_BODY_KEYS = (
    *("rendered", "value", "text", "content", "body", "html", "full", "plain", "main", "original", "paragraph"),
    *("children", "blocks", "paragraphs", "sections", "data", "ops", "insert", "items", "name", "title"),
)
_RUN_KEYS = ("children", "ops")
"""Where they and their editors keep a text of several blocks."""
_ADDRESS_KEYS = ("url", "href", "@id", "web", "value")
_DAY_KEYS = ("$date", "$numberLong", "date", "datetime", "time", "iso", "value", "seconds", "_seconds")
_NAME_PARTS = (("given", "family"), ("firstName", "lastName"), ("first_name", "last_name"), ("firstname", "lastname"))
_FAMILY_FIRST = re.compile(r"[^,;]{1,60},[^,;]{1,60}(?:;[^,;]{1,60},[^,;]{1,60})+")
"""Several authors whose family names stand first, as bibliographies write them: “Lee, Ann; Quist, Bo”."""
_DAY_PART = re.compile(r"\d{1,4}")
_WIKI_LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
_MARKDOWN_LINK = re.compile(r"\[([^\[\]]+)\]\([^()\s]*\)")
_LINK_TARGET = re.compile(r"\[[^\[\]]*\]\((https?://[^()\s]+)\)")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_BY = re.compile(r"by:? +(?=\S)", re.IGNORECASE)
_QUOTED = r"'[^']*'|\"[^\"]*\""
_PYTHON_LIST = re.compile(rf"\[\s*(?:{_QUOTED})(?:\s*,\s*(?:{_QUOTED}))*\s*,?\s*\]")
"""A list of texts as Python prints it, in which data sets keep several authors."""
_PLACEHOLDER = re.compile(r"\{\{.*\}\}|<%.*%>|\{%.*%\}")
_MAX_DEPTH = 6
_MAX_PATH_DEPTH = 4
_MAX_LIST_CHARS = 10_000
_MAX_DAY_CHARS = 120
_MAX_PUBLISHER_CHARS = 200


class RecordFields(NamedTuple):
    """The fields that a record holds, and its other columns."""

    fields: dict[str, object]
    """The values of those fields that it has; the text is as it is written there."""
    others: dict[str, object]


def read_fields(
    record: Mapping[str, object],
    *,
    stated: Mapping[str, str] | None = None,
    columns: Sequence[str] | None = None,
    guessed: Mapping[str, str] | None = None,
    wanted: Sequence[str] = FIELDS,
    only_sure: bool = False,
) -> RecordFields:
    """Read the fields of a record by the names of its columns and by what they hold.

    `stated` maps fields to columns whatever they are called, `guessed` to those that come before any name where they
    hold what the field needs; `columns` are those to look among, if not all, for the fields that are `wanted`. With
    `only_sure` no name counts that says so in a row alone, such as `name` or `created`.
    """
    chosen = choose_columns(record, stated=stated, columns=columns, guessed=guessed, wanted=wanted, only_sure=only_sure)
    fields = {field: _VALUES[field](value_at(record, column)) for field, column in chosen.items()}
    used = {column.partition(".")[0] for column in chosen.values()} | set(chosen.values())
    others = {key: value for key, value in record.items() if key and key not in used and key not in FIELDS}
    return RecordFields(fields, others)


def choose_columns(
    record: Row,
    *,
    stated: Mapping[str, str] | None = None,
    columns: Sequence[str] | None = None,
    guessed: Mapping[str, str] | None = None,
    wanted: Sequence[str] = FIELDS,
    only_sure: bool = False,
) -> dict[str, str]:
    """Choose the columns that hold the fields of a record, as `read_fields` reads them."""
    stated = stated or {}
    guessed = guessed or {}
    if columns is None:
        columns = tuple(islice(column_paths(record), MAX_COLUMNS))
    ordered = {**order_columns(tuple(columns), only_sure=only_sure), "id": ("id",)}
    chosen: dict[str, str] = {}
    for field in wanted:
        if field in stated:
            chosen[field] = stated[field]
            continue
        taken = {chosen.get(other) for other in ("text", "title", "date", "author")}
        names = [guessed[field], *ordered[field]] if field in guessed else ordered[field]
        if column := _choose_column(record, field, [name for name in names if name not in taken]):
            chosen[field] = column
    return chosen


def column_paths(record: Mapping[str, object], prefix: str = "") -> Iterator[str]:
    """Yield the columns of a record, and with dots those of the objects in it."""
    inner: list[tuple[str, Mapping[str, object]]] = []
    for name, value in record.items():
        yield f"{prefix}{name}"
        if isinstance(value, dict) and (not prefix or is_container(name)) and prefix.count(".") < _MAX_PATH_DEPTH:
            inner.append((f"{prefix}{name}.", value))
    for path, value in inner:
        yield from column_paths(value, path)


def value_at(record: Mapping[str, object], column: str) -> object:
    """Return the value in a column, or deeper in an object by a name with dots."""
    if column in record:
        return record[column]
    value: object = record
    for name in column.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def is_web_address(value: object) -> bool:
    """Whether a value is an address on the web and nothing else."""
    return _ADDRESS.fullmatch(address_of(value)) is not None


def unwrap(value: object) -> object:
    """Return the text in a value that is an object, as content systems write them, and in each item of a list."""
    if isinstance(value, list):
        return [unwrap(item) for item in value]
    if isinstance(value, dict):
        return next((unwrap(value[key]) for key in _TEXT_KEYS if key in value), "")
    return value


def paragraphs_of(value: object) -> str:
    """Return a text as one string; the items of a list, or of an editor's blocks, become paragraphs."""
    return "\n\n".join(filter(None, _iter_paragraphs(value, _MAX_DEPTH)))


def address_of(value: object) -> str:
    """Return the address in a value, which may be an object or a list of several."""
    if isinstance(value, list):
        return next(filter(None, map(address_of, value)), "")
    if isinstance(value, dict):
        return next((address_of(value[key]) for key in _ADDRESS_KEYS if key in value), "")
    written = value_to_text(value)
    return _squeeze(_LINK_TARGET.sub(r"\1", written) if "](" in written else written).strip("<>")


def names_of(value: object) -> str:
    """Return the names in a value: a text, the links of a note, an object, or a list of them in any notation."""
    if isinstance(value, str):
        if (listed := _parse_list(value)) is not None:
            return names_of(listed)
        bare = _MARKDOWN_LINK.sub(r"\1", _WIKI_LINK.sub(r"\1", value)) if "[" in value else value
        if _FAMILY_FIRST.fullmatch(bare):
            return ", ".join(" ".join(map(str.strip, reversed(name.split(",")))) for name in bare.split(";"))
        return _BY.sub("", _squeeze(bare), count=1)
    if isinstance(value, list):
        if len(value) == 1 and isinstance(value[0], list):  # YAML takes the link of a note for a list in a list
            return names_of(f"[[{value_to_text(value[0])}]]")
        return ", ".join(filter(None, map(names_of, value)))
    if isinstance(value, dict):
        for parts in _NAME_PARTS:
            if any(part in value for part in parts):
                return _squeeze(" ".join(value_to_text(value.get(part)) for part in parts))
        return names_of(unwrap(value))
    return value_to_text(value)


def day_text(value: object) -> str:
    """Return a day as it is written; a number of seconds or milliseconds since 1970 as a time in UTC."""
    if isinstance(value, dict):
        parts = value.get("date-parts")
        if isinstance(parts, list) and parts:
            return day_text(parts[0])
        return next((day_text(value[key]) for key in _DAY_KEYS if key in value), "")
    if isinstance(value, list):
        if len(value) >= 3 and all(_DAY_PART.fullmatch(str(part)) for part in value[:3]):
            return "{:04}-{:02}-{:02}".format(*map(int, value[:3]))
        return day_text(value[0]) if value else ""
    if isinstance(value, bool):
        return ""
    text = str(int(value)) if isinstance(value, float) and abs(value) < 1e19 else _squeeze(value_to_text(value))
    if "[[" in text:
        text = _WIKI_LINK.sub(r"\1", text)
    if match := _COMPACT_TIME.fullmatch(text):
        return match[1]
    return _epoch_to_iso(text.partition(".")[0]) or text


def _squeeze(text: str) -> str:
    """Return a text on one line; it is normalised once it is part of an article."""
    return " ".join(text.split())


def _epoch_to_iso(digits: str) -> str:
    """Convert a number of seconds, milli-, micro- or nanoseconds since 1970; empty for any other number."""
    if not _EPOCH.fullmatch(digits):
        return ""
    seconds = int(digits) // 10 ** {9: 0, 10: 0, 13: 3, 16: 6, 19: 9}[len(digits)]
    time = datetime.fromtimestamp(seconds, UTC)
    return time.isoformat() if _FIRST_YEAR <= time.year <= datetime.now(UTC).year + 1 else ""


def _choose_column(record: Mapping[str, object], field: str, columns: Sequence[str]) -> str:
    """Choose the first column whose value may be that field; empty if there is none."""
    fits = FIELD_CHECKS[field]
    fitting = (column for column in columns if fits(value_at(record, column)))
    if found := next(fitting, ""):
        if not isinstance(value_at(record, found), dict):
            return found
        # An object may hold more than this field; the column within it that is called so is the nearer one.
        return next((column for column in fitting if column.startswith(f"{found}.")), found)
    # What cannot be understood is kept under the field's own name, or where it may be a day: a person can see it.
    may_be = (column for column in columns if _may_be(field, column, value_to_text(value_at(record, column)).strip()))
    return next(may_be, "")


def _may_be(field: str, column: str, written: str) -> bool:
    """Whether a value that cannot be understood as a field is nevertheless kept for it."""
    if field == "date" and len(written) <= _MAX_DAY_CHARS and len(written) > 4 and _YEAR.search(written):
        return True
    return bool(written) and field in ("date", "url") and normalise_name(column) == field


def _is_text(value: object) -> bool:
    """Whether a value may be the text of an article: words, and no mere address."""
    if not isinstance(value, (str, list, dict)):
        return False
    text = value if isinstance(value, str) else paragraphs_of(value)
    return not text.isspace() and text != "" and not (len(text) < 2_000 and _ADDRESS.fullmatch(text.strip()))


def _is_title(value: object) -> bool:
    """Whether a value may be a title: it is not empty, and no placeholder of a template."""
    text = value if isinstance(value, str) else value_to_text(unwrap(value))
    return bool(text.strip()) and not _PLACEHOLDER.search(text)


def _is_day(value: object) -> bool:
    """Whether a value can be read as a day."""
    return _reads_as_day(day_text(value)[: _MAX_DAY_CHARS + 1])


@lru_cache(maxsize=10_000)
def _reads_as_day(text: str) -> bool:
    """Whether a day can be read in a text; many records of a file are of one day."""
    return bool(read_day(text).day)


def _is_author(value: object) -> bool:
    """Whether a value may name authors: it is not empty, no number, truth value or address."""
    return not isinstance(value, (int, float)) and bool(names := names_of(value)) and not _ADDRESS.fullmatch(names)


def _is_publisher(value: object) -> bool:
    """Whether a value may name a publisher: short, no address and no number."""
    if isinstance(value, (int, float)):
        return False
    name = names_of(value)
    return 0 < len(name) <= _MAX_PUBLISHER_CHARS and not ("/" in name and _ADDRESS.fullmatch(name))


def _iter_paragraphs(value: object, depth: int) -> Iterator[str]:
    """Yield the paragraphs of a text in any wrapping; the runs of one block stay together."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and depth:
        for item in value:
            yield from _iter_paragraphs(item, depth - 1)
    elif isinstance(value, dict) and depth:
        key = next((key for key in _BODY_KEYS if value.get(key) not in (None, "")), "")
        title = value.get("title", value.get("heading"))
        if isinstance(title, str) and key != "title":
            yield title
        inner = value.get(key)
        if key in _RUN_KEYS and isinstance(inner, list) and (runs := [_run_text(item) for item in inner]) and all(runs):
            yield "".join(runs)
        else:
            yield from _iter_paragraphs(inner, depth - 1)


def _run_text(item: object) -> str:
    """Return the text of a run of letters within a block, as editors store them; empty for anything else."""
    text = item.get("text", item.get("insert")) if isinstance(item, dict) and "children" not in item else None
    return text if isinstance(text, str) else ""


def _parse_list(text: str) -> list[object] | None:
    """Parse a list that stands in a cell as JSON or Python writes it; None for any other text."""
    if not (text.startswith("[") and text.endswith("]") and not text.startswith("[[")) or len(text) > _MAX_LIST_CHARS:
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return [name[1:-1] for name in re.findall(_QUOTED, text)] if _PYTHON_LIST.fullmatch(text) else None
    return value if isinstance(value, list) else None


FIELD_CHECKS: Mapping[str, Callable[[object], bool]] = {
    "text": _is_text,
    "title": _is_title,
    "date": _is_day,
    "author": _is_author,
    "url": is_web_address,
    "source": _is_publisher,
    "id": lambda value: value not in (None, ""),
}
"""What a value must be to be taken for a field."""
_VALUES: Mapping[str, Callable[[object], object]] = {
    "text": lambda value: value,
    "title": unwrap,
    "date": day_text,
    "author": names_of,
    "url": address_of,
    "source": names_of,
    "id": lambda value: value,
}
"""How the value of a field is read."""
