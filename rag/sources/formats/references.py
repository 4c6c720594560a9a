"""Load bibliographies (.ris, .bib): an article for each entry with an abstract."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial

from rag.errors import NoArticle, SourceError
from rag.failures import LeftOut, attempt
from rag.sources.cleaning.encodings import decode
from rag.sources.cleaning.publication_date import order_by_examples
from rag.sources.cleaning.unicode import one_line
from rag.sources.files import MB, explain_over_limit
from rag.sources.formats.document import WholeFile
from rag.sources.formats.record_parser import RecordParser, prefix_id
from rag.sources.formats.text import Text
from rag.types import Article, Failure

Entry = Mapping[str, Sequence[str]]
"""The values of an entry by the names that its format has for them; `id` is its own id, where it has one."""

_RIS_LINE = re.compile(r"([A-Z][A-Z0-9])  ?-(?: (.*))?")
_BIB_ENTRY = re.compile(r"@\s*([A-Za-z]+)\s*[{(]\s*([^,\s{}()]{0,200})\s*,")
_BIB_FIELD = re.compile(r"\s*,?\s*([A-Za-z][\w:+.-]{0,60})\s*=\s*")
_BIB_BARE = re.compile(r"[^\s,#{}\"]+")
_BIB_JOIN = re.compile(r"\s*#\s*")
_BIB_MARK = re.compile(r"[{}\"\\]")
_BIB_OTHER = ("comment", "string", "preamble")
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "text": ("AB", "N2", "abstract"),
    "title": ("TI", "T1", "CT", "title"),
    "author": ("AU", "A1", "author"),
    "source": ("T2", "JF", "JO", "JA", "journaltitle", "journal", "booktitle", "PB", "publisher"),
    "date": ("DA", "Y1", "PY", "date", "year"),
    "url": ("UR", "url"),
    "id": ("ID", "id"),
}
"""The names of each field in both formats, the surest first."""
_KEPT = {"KW": "keywords", "keywords": "keywords", "N1": "notes", "note": "notes", "DO": "doi", "doi": "doi"}
_MARKS = "\u0300\u0301\u0302\u0308\u0303\u0304\u0307\u0306\u030c\u030b\u0327\u0323\u0331\u0328\u030a"
_ACCENTS = dict(zip("`'^\"~=.uvHcdbkr", _MARKS, strict=True))
_ACCENT = re.compile(r"\\([`'^\"~=.]|[uvHcdbkr](?![A-Za-z]))\s*\{?\s*(\\[ij](?![A-Za-z])|[A-Za-z])\s*\}?")
_LETTERS = {"ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "aa": "å", "AA": "Å"}
_LETTER = re.compile(r"\\(ss|o|O|l|L|ae|AE|oe|aa|AA)(?![A-Za-z])\s?(?:\{\})?")
_COMMAND = re.compile(r"\\[A-Za-z]+\*?\s*|\\[,;:!/@]|\\(?=[%&$#_{}])|[{}]")
_SLASHES = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})/?.*")


class References(WholeFile):
    """Loads .ris and .bib files; entries without an abstract are counted and left out."""

    suffixes = (".ris", ".bib")

    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Parse each entry with an abstract into an article; raises NoArticle where none has one."""
        text, _ = decode(data)
        entries = list(read_bib(text) if name.lower().endswith(".bib") else read_ris(text))
        whole = [entry for entry in entries if _read_field(entry, "text")]
        if not entries or (not whole and self.all_text):
            yield from Text(*self.limits).parse_bytes(data, origin, name)
            return
        if not whole:
            raise NoArticle("references without abstracts")
        records = RecordParser(origin, origin, name.rsplit("/", 1)[-1], unit="entry")
        records.find_order = lru_cache(1)(lambda: order_by_examples([data]))
        for records.line, entry in enumerate(whole, 1):
            yield attempt(f"{origin}:{records.line}", partial(self._parse_entry, records, entry))
        if missing := len(entries) - len(whole):
            yield LeftOut(origin, f"{missing:,} of its {len(entries):,} references, which have no abstract")

    def _parse_entry(self, records: RecordParser, entry: Entry) -> Article:
        """Parse an entry into an article; raises SourceError for one over the limit of an article."""
        fields = {field: _read_field(entry, field) for field in _FIELDS}
        if (size := len(fields["text"].encode("utf-8", "replace"))) > self.limit_mb * MB:
            raise SourceError(explain_over_limit(size, self.limit_mb))
        more: dict[str, str] = {}
        for name, kept in _KEPT.items():
            if value := ", ".join(entry.get(name, ())):
                more.setdefault(kept, value)
        return records.from_fields({**more, **fields, "id": prefix_id(fields["id"], records.name)})


def _read_field(entry: Entry, field: str) -> str:
    """Read a field of an entry, by the first of its names that is there."""
    values = next((found for name in _FIELDS[field] if any(found := [*filter(None, entry.get(name, ()))])), [])
    if field == "author":
        return ", ".join(map(_in_order, values))
    if field == "text":
        return "\n\n".join(values)
    value = one_line(values[0]) if values else ""
    return _SLASHES.sub(r"\1-\2-\3", value) if field == "date" else value


def _in_order(name: str) -> str:
    """Put a name that begins with the family name in the order in which it is said."""
    family, _, given = one_line(name).partition(",")
    return f"{given.split(',')[-1].strip()} {family.strip()}".strip()


def read_ris(text: str) -> Iterator[dict[str, list[str]]]:
    """Yield the entries of RIS, one from each TY to its ER; lines without a tag go on with the value before."""
    entry: dict[str, list[str]] = {}
    tag = ""
    for line in text.splitlines():
        if match := _RIS_LINE.fullmatch(line.rstrip("\r").lstrip("\ufeff")):
            tag = match[1]
            if tag in ("TY", "ER"):
                if entry:
                    yield entry
                entry = {"TY": []} if tag == "TY" else {}
            elif entry:
                entry.setdefault(tag, []).append((match[2] or "").strip())
        elif entry and tag in entry and entry[tag] and line.strip():
            entry[tag][-1] += "\n" + line.strip()
    if entry:
        yield entry


def read_bib(text: str) -> Iterator[dict[str, list[str]]]:
    """Yield the entries of BibTeX, with the commands of TeX in their values resolved or taken out."""
    start = 0
    while match := _BIB_ENTRY.search(text, start):
        start = match.end()
        if match[1].lower() in _BIB_OTHER:
            continue
        entry = {"id": [match[2]]}
        while field := _BIB_FIELD.match(text, start):
            value, start = _read_bib_value(text, field.end())
            name = field[1].lower()
            if name != "id":
                entry[name] = re.split(r"\s+and\s+", value) if name == "author" else [value]
        yield entry


def _read_bib_value(text: str, start: int) -> tuple[str, int]:
    """Read a value, perhaps joined of several, and return where it ends."""
    pieces = []
    while True:
        if text[start : start + 1] in ("{", '"'):
            end = _find_end(text, start)
            pieces.append(_strip_tex(text[start + 1 : end]))
            start = end + 1
        elif bare := _BIB_BARE.match(text, start):
            pieces.append(bare[0])
            start = bare.end()
        if not (join := _BIB_JOIN.match(text, start)):
            return "".join(pieces).strip(), start
        start = join.end()


def _find_end(text: str, start: int) -> int:
    """Return where the braces or quotation marks that begin a value end; the end of the text if they do not."""
    is_quoted = text[start] == '"'
    depth = 0
    skipped = -1
    for mark in _BIB_MARK.finditer(text, start + is_quoted):
        if mark.start() == skipped:
            continue
        if mark[0] == "\\":
            skipped = mark.end()
        elif mark[0] == '"':
            if is_quoted and depth == 0:
                return mark.start()
        else:
            depth += 1 if mark[0] == "{" else -1
            if depth == 0 and not is_quoted:
                return mark.start()
    return len(text)


def _strip_tex(value: str) -> str:
    """Return a value as it is printed: accents as letters, dashes, no commands and braces."""
    value = _ACCENT.sub(lambda match: match[2].lstrip("\\") + _ACCENTS[match[1]], value)
    value = _LETTER.sub(lambda match: _LETTERS[match[1]], value)
    bare = _COMMAND.sub("", value.replace("---", "—").replace("--", "–").replace("~", " "))
    return unicodedata.normalize("NFC", bare)
