"""Guess by content which columns of an export hold the fields of an article, where no name of a column tells (pure).

The column with the longest prose is the text. The others are found by what they hold, and by words of their names.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from rag.sources.formats.field_names import (
    FIELDS,
    find_fields,
    hinted_fields,
    is_reading_list,
    order_columns,
    says_another_day,
)
from rag.sources.formats.record_fields import (
    FIELD_CHECKS,
    MAX_COLUMNS,
    Row,
    choose_columns,
    is_web_address,
    paragraphs_of,
    value_at,
)
from rag.sources.formats.records import value_to_text

COLUMNS_NOTE = "columns taken"
"""The name in the metadata of an article of which columns its fields were taken, where that was guessed."""
SAMPLED_ROWS = 100
"""Rows of an export in which columns are looked at."""
_SAMPLED_CHARS = 10_000
_MIN_PROSE_WORDS = 12
"""Words of a cell that need not end as a sentence does to be prose."""
_MIN_SENTENCE_WORDS = 4
_MIN_SAVED_WORDS = 60
"""Words of the text in a list of saved pages, where anything shorter is an excerpt or a note."""
_MIN_TIMES_LONGER = 3
"""Times that prose is longer than what a less sure name tells, or a sure one that holds no prose."""
_MIN_SHARE = 0.8
"""The share of the cells of a column, where they are not empty, that are as the field needs them."""
_MAX_TITLE_WORDS = 30
_MAX_WORD_CHARS = 14
_MAX_DEPTH = 6
_SENTENCE_END = re.compile(r"[.!?…。！？।؟۔][\"'”’»)\]]*(?:\s|$)")
_TAG = re.compile(r"<[^<>]{0,500}>")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_DENSE = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2}")
"""Two characters of a script without spaces, which count as a word."""
_CAPITAL = r"[^\W\d_a-z][\w.'’-]*"
_PARTICLES = "and|und|et|y|e|&|de|da|di|van|von|der|den|la"
_NAME = re.compile(rf"(?:[Bb]y:? +)?{_CAPITAL}(?:[,;]? (?:{_CAPITAL}|{_PARTICLES})){{1,9}}")
"""Names of one person or of several."""
_KEYWORDS = re.compile(r"[^,;|]{1,30}(?:[,;|][^,;|]{1,30}){2,}")
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|mp[34])\b", re.IGNORECASE)
_PRINTED_DAY = re.compile(r"[^\W\d_]{3}|\d[-./年]\d|(?:19|20)\d{6}$")
"""What tells a day from a mere number."""


class Column(NamedTuple):
    """A column in the first rows of an export."""

    name: str
    values: Sequence[object]
    """Those that are not empty."""
    texts: Sequence[str]
    """The same as text, without tags."""

    @property
    def words(self) -> int:
        """Words of its typical cell."""
        counts = sorted(map(count_words, self.texts))
        return counts[len(counts) // 2]

    @property
    def distinct(self) -> float:
        """The share of its cells that differ."""
        return len(set(self.texts)) / len(self.texts)

    def holds(self, check: Callable[[str], object]) -> bool:
        """Whether most of its cells pass a check."""
        return sum(1 for text in self.texts if check(text)) >= _MIN_SHARE * len(self.texts)


def guess_columns(
    rows: Sequence[Row], known: Sequence[str] = (), stated: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Guess the columns of the fields in the first rows of an export whose text no name tells; else empty.

    `known` are the names among which fields are found by name, `stated` the columns of those that are known already; a
    column deep in an object has a name with dots.
    """
    stated = stated or {}
    sample = [row for row in rows[:SAMPLED_ROWS] if isinstance(row, dict)]
    names = tuple(dict.fromkeys((*known, *islice(_leaf_paths(sample), MAX_COLUMNS))))[:MAX_COLUMNS]
    columns = {column.name: column for column in _read_columns(names, sample)}
    guessed: dict[str, str] = {}
    if "text" not in stated:
        text = _guess_text({name: column for name, column in columns.items() if name not in stated.values()}, names)
        if text is None:
            return {}
        guessed["text"] = text.name
    named = order_columns(names)
    for field, find in _FINDERS.items():
        if field not in stated and not _is_named(field, named[field], columns):
            taken = {*stated.values(), *guessed.values()}
            free = [column for name, column in columns.items() if name not in taken and _is_free(name)]
            if found := find(free):
                guessed[field] = found.name
    return guessed


def describe_columns(row: Row, known: Sequence[str], guessed: Mapping[str, str], stated: Mapping[str, str]) -> str:
    """Say which columns of a row are taken for which fields, as people read it."""
    chosen = {**guessed, **choose_columns(row, columns=known, guessed=guessed, stated=stated)}
    return ", ".join(f"{field} = {chosen[field]}" for field in FIELDS if field in chosen)


def count_words(text: str) -> int:
    """Count the words of a text; of scripts without spaces, two characters are one."""
    return len(_WORD.findall(text)) + len(_DENSE.findall(text))


def reads_as_prose(text: str) -> bool:
    """Whether a text is prose: sentences, or many words that are no list of them."""
    words = count_words(text)
    is_list = 2 * sum(map(text.count, ",;|")) >= words
    if words < _MIN_SENTENCE_WORDS or is_list or len(text) > _MAX_WORD_CHARS * words:
        return False
    return words >= _MIN_PROSE_WORDS or _SENTENCE_END.search(text) is not None


def _leaf_paths(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the names of all values in the rows that are no objects, with dots those in objects."""
    for row in rows:
        stack: list[tuple[str, object]] = [("", row)]
        while stack:
            path, value = stack.pop()
            if isinstance(value, dict) and path.count(".") < _MAX_DEPTH:
                deeper = [(f"{path}.{name}" if path else str(name), inner) for name, inner in value.items() if name]
                stack += reversed(deeper)
            elif path and not isinstance(value, dict):
                yield path


def _read_columns(names: Iterable[str], rows: Sequence[Row]) -> Iterator[Column]:
    """Yield the columns that are not empty in the first rows."""
    for name in names:
        found = [(value, text) for row in rows if (text := _cell_text(value := value_at(row, name)))]
        if found:
            values, texts = zip(*found, strict=True)
            yield Column(name, values, texts)


def _cell_text(value: object) -> str:
    """Return the beginning of a cell as text, without tags; empty for one that holds neither text nor number."""
    if isinstance(value, (dict, bool)) or value is None:
        return ""
    text = paragraphs_of(value) if isinstance(value, list) else value_to_text(value)
    text = text[:_SAMPLED_CHARS]
    return (_TAG.sub(" ", text) if "<" in text else text).strip()


def _guess_text(columns: Mapping[str, Column], names: tuple[str, ...]) -> Column | None:
    """Return the column of the longest prose, unless a name tells which is the text."""
    prose = [column for column in columns.values() if not find_fields(column.name) and _holds_prose(column)]
    best = max(prose, key=_total_words, default=None)
    if best is None:
        return None
    if is_reading_list(names) and best.words < _MIN_SAVED_WORDS:
        return None
    sure = _first_text(order_columns(names, only_sure=True)["text"], columns)
    if sure is not None and (_holds_prose(sure) or sure.words >= _MIN_SENTENCE_WORDS):
        return None
    named = sure or _first_text(order_columns(names)["text"], columns)
    return best if named is None or best.words >= max(_MIN_TIMES_LONGER * named.words, _MIN_PROSE_WORDS) else None


def _first_text(names: Iterable[str], columns: Mapping[str, Column]) -> Column | None:
    """Return the first column of those names in which there may be a text."""
    found = (columns[name] for name in names if name in columns)
    return next((column for column in found if any(map(FIELD_CHECKS["text"], column.values))), None)


def _holds_prose(column: Column) -> bool:
    """Whether most cells of a column are prose, and not the same over and over."""
    return column.holds(reads_as_prose) and (len(column.texts) < 3 or column.distinct > 0.5)


def _total_words(column: Column) -> int:
    return sum(map(count_words, column.texts))


def _is_named(field: str, names: Iterable[str], columns: Mapping[str, Column]) -> bool:
    """Whether a name tells a column that mostly holds what the field needs."""
    fits = FIELD_CHECKS[field]
    return any(
        2 * sum(map(fits, columns[name].values)) >= len(columns[name].values) for name in names if name in columns
    )


def _is_free(name: str) -> bool:
    """Whether no name tells surely what a column is."""
    return not any(candidate.is_sure for candidate in find_fields(name))


def _find_url(columns: Sequence[Column]) -> Column | None:
    """Find the addresses of the articles: those that differ most, and are none of pictures."""
    found = [
        column for column in columns if column.holds(is_web_address) and not any(map(_PICTURE.search, column.texts))
    ]
    return max(found, key=lambda column: (_hints("url", column), column.distinct), default=None)


def _find_date(columns: Sequence[Column]) -> Column | None:
    """Find the days: the first whose name does not speak of another day than that of publication."""
    found = [
        column
        for column in columns
        if column.holds(_PRINTED_DAY.search)
        and all(map(FIELD_CHECKS["date"], column.values))
        and not says_another_day(column.name)
    ]
    return max(found, key=lambda column: _hints("date", column), default=None)


def _find_source(columns: Sequence[Column]) -> Column | None:
    """Find the publishers: names of hosts, or what a word of the column's name says."""
    found = [column for column in columns if column.holds(FIELD_CHECKS["source"]) and not column.holds(str.isdecimal)]
    hosts = [column for column in found if column.holds(_HOST.fullmatch)]
    return next(iter([*(column for column in found if _hints("source", column)), *hosts]), None)


def _find_author(columns: Sequence[Column]) -> Column | None:
    """Find the authors: a word of the column's name says so, or its cells are names of people."""
    found = [column for column in columns if column.holds(FIELD_CHECKS["author"]) and not column.holds(_is_figure)]
    hinted = [column for column in found if _hints("author", column) and column.words <= _MIN_PROSE_WORDS]
    return next(iter([*hinted, *(column for column in found if column.holds(_NAME.fullmatch))]), None)


def _find_title(columns: Sequence[Column]) -> Column | None:
    """Find the titles: a word of the column's name says so, or they are the longest short texts that differ."""
    found = [
        column
        for column in columns
        if column.words <= _MAX_TITLE_WORDS
        and not column.holds(_is_figure)
        and not column.holds(is_web_address)
        and not column.holds(_HOST.fullmatch)
        and not all(map(FIELD_CHECKS["date"], column.values))
    ]
    hinted = [column for column in found if _hints("title", column)]
    likely = [
        column
        for column in found
        if column.words >= 2 and column.distinct >= _MIN_SHARE and not any(map(_is_list, column.values))
    ]
    return next(iter(hinted), None) or max(likely, key=_title_likelihood, default=None)


def _title_likelihood(column: Column) -> tuple[bool, int]:
    """Rank a column of short texts: those that end as sentences do are teasers."""
    return not column.holds(_SENTENCE_END.search), column.words


def _hints(field: str, column: Column) -> bool:
    """Whether a word of the name of a column speaks of a field."""
    return field in hinted_fields(column.name)


def _is_figure(text: str) -> bool:
    """Whether a text has more digits than letters."""
    return sum(map(str.isdigit, text)) > sum(map(str.isalpha, text))


def _is_list(value: object) -> bool:
    """Whether a value is a list, of keywords perhaps."""
    text = value_to_text(value)
    return isinstance(value, list) or text.startswith(("[", "{")) or _KEYWORDS.fullmatch(text) is not None


_FINDERS: Mapping[str, Callable[[Sequence[Column]], Column | None]] = {
    "url": _find_url,
    "date": _find_date,
    "source": _find_source,
    "title": lambda columns: (
        _find_title([column for column in columns if not column.holds(_NAME.fullmatch)])
        or _find_title([column for column in columns if not _hints("author", column)])
    ),
    "author": _find_author,
}
"""In the order in which they are found: a column that is taken is none of those that follow."""
