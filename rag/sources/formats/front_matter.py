"""Split the fields on top of a note off its text: YAML, TOML and JSON front matter, properties and header lines.

What is not valid there costs a note in the metadata, never the article: its lines are then read one by one.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from rag.errors import SourceError
from rag.sources.formats.field_names import find_fields
from rag.sources.formats.records import ParsedDocument

NOTE = "front matter"
"""The name in the metadata under which stands how front matter was read that is not valid."""
_MAX_FRONT_MATTER_CHARS = 64_000
_YAML = re.compile(r"-{3,}[ \t]*\n(.*?)^(?:-{3,}|\.{3})[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\+{3,}[ \t]*\n(.*?)^\+{3,}[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_LINE = {
    ":": re.compile(r"([^\W_](?:[^:\n]{0,60}[^:\s])?)[ \t]*:(?:[ \t]+(.*))?"),
    "=": re.compile(r"([\w.\"'-]{1,60})[ \t]*=[ \t]*(.*)"),
}
"""A line with a field, by the sign behind its name."""
_PROPERTY = re.compile(r"(?:[-*][ \t]+)?[ \t]*([^\W_][\w /-]{0,60})::(?:[ \t]+(.*))?")
"""A property on top of a page, as Logseq writes it."""
_HEADER = re.compile(r"([^\W\d_][\w -]{0,30}):[ \t]+(\S.*)")
_USUAL_NAMES = set(
    "tags tag aliases alias categories category layout draft type status lang language description summary weight "
    "image cover cssclass cssclasses created updated modified lastmod id permalink keywords series toc slug".split()
)
_PLACEHOLDER = re.compile(r"\{\{[^{}\n]{0,200}\}\}|<%.{0,200}?%>")
_EMPTY = ("~", "null", "|", ">", "|-", ">-")


def split_front_matter(text: str) -> ParsedDocument:
    """Split a text into the fields on top of it, each value as it is written, and the text behind them.

    Front matter that is not valid, is over 64,000 characters or uses aliases is read line by line, with a note under
    `NOTE`. A text that only begins with a ruled line has no fields.
    """
    text = text.lstrip()
    for opening, pattern, parse, sign in (("---", _YAML, _parse_yaml, ":"), ("+++", _TOML, _parse_toml, "=")):
        if text.startswith(opening) and (match := pattern.match(text)):
            fields = _read_block(match[1], parse, sign)
            return ParsedDocument({}, text) if fields is None else ParsedDocument(fields, text[match.end() :])
    return _split_json(text) or _split_properties(text) or _split_headers(text) or ParsedDocument({}, text)


def _read_block(block: str, parse: Callable[[str], object], sign: str) -> dict[str, object] | None:
    """Read a block of front matter, line by line where it is not valid; None for what is none."""
    try:
        if len(block) > _MAX_FRONT_MATTER_CHARS:
            raise SourceError(f"over {_MAX_FRONT_MATTER_CHARS:,} characters")
        fields = parse(block)
    except SourceError as error:
        lines = _read_lines(block[:_MAX_FRONT_MATTER_CHARS], sign)
        return {**lines, NOTE: f"read line by line: {error}"} if lines else None
    if fields is None:
        return {}
    return fields if isinstance(fields, dict) else None


def _parse_yaml(block: str) -> object:
    """Parse a block of YAML with every scalar as the string that is written there.

    A null value of the top mapping becomes an empty string, an empty block None. Raises SourceError for invalid YAML,
    aliases and too deep nesting.
    """
    import yaml  # type: ignore[import-untyped, unused-ignore]

    try:
        # A few aliases of aliases unfold to gigabytes, so none is read.
        if "*" in block and any(isinstance(token, yaml.AliasToken) for token in yaml.scan(block, yaml.BaseLoader)):
            raise SourceError("it uses YAML aliases (*name)")
        # BaseLoader keeps "007", "1984-13-45" and "No" as they are. Written in Python, it also survives deep nesting:
        # the C loader brings the whole process down.
        value = yaml.load(block, yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = f" (line {error.problem_mark.line + 2})" if error.problem_mark else ""
        raise SourceError(f"not valid YAML{line}: {error.problem}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise SourceError(f"not valid YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise SourceError("nested too deeply") from error
    if isinstance(value, dict):
        return {str(key): "" if value in ("~", "null") else value for key, value in value.items()}
    return value or None


def _parse_toml(block: str) -> object:
    """Parse a block of TOML, days and times as text; raises SourceError for what is not valid."""
    import tomllib

    try:
        return _write_days(tomllib.loads(block))
    except tomllib.TOMLDecodeError as error:
        raise SourceError(f"not valid TOML: {error}") from error
    except (RecursionError, ValueError) as error:
        raise SourceError("TOML that cannot be read") from error


def _write_days(value: object) -> object:
    """Return a value with its days and times as text."""
    if isinstance(value, dict):
        return {key: _write_days(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_write_days(item) for item in value]
    return value.isoformat() if isinstance(value, (date, datetime, time)) else value


def _read_lines(block: str, sign: str) -> dict[str, object]:
    """Read fields line by line: a name and the rest of its line, and items or more of it below; empty for prose."""
    fields: dict[str, object] = {}
    name = ""
    strange = 0
    for line in block.split("\n"):
        bare = line.strip()
        if not bare or bare.startswith("#"):
            continue
        match = None if line[0].isspace() else _LINE[sign].fullmatch(line.rstrip())
        if match:
            name = match[1].strip("\"'")
            fields[name] = _read_value(match[2] or "")
        elif name and bare.startswith("- "):
            items = fields[name]
            fields[name] = [*(items if isinstance(items, list) else []), _unquote(bare[2:])]
        elif name and line[0].isspace() and isinstance(fields[name], str):
            fields[name] = f"{fields[name]} {bare}".strip()
        else:
            strange += 1
    is_known = any(key.lower() in _USUAL_NAMES or _is_field(key) for key in fields)
    return fields if is_known and strange <= len(fields) else {}


def _read_value(written: str) -> object:
    """Read what stands behind a name: a list in brackets, or text."""
    written = written.strip()
    if written.startswith("[") and written.endswith("]") and not written.startswith("[["):
        return [item for part in written[1:-1].split(",") if (item := _unquote(part))]
    return "" if written in _EMPTY else _unquote(written)


def _unquote(written: str) -> str:
    """Return a text without the quotation marks around it."""
    bare = written.strip()
    return bare[1:-1].strip() if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "\"'" else bare


def _split_json(text: str) -> ParsedDocument | None:
    """Split a JSON object with a title, day or other field off the beginning of a text; None if there is none."""
    if not re.match(r"\{\s*\"", text):
        return None
    try:
        fields, end = json.JSONDecoder().raw_decode(text[:_MAX_FRONT_MATTER_CHARS])
    except (ValueError, RecursionError):
        return None
    rest = text[end:]
    is_header = isinstance(fields, dict) and any(map(_is_field, fields)) and rest.startswith("\n") and rest.strip()
    return ParsedDocument(fields, rest) if is_header else None


def _split_properties(text: str) -> ParsedDocument | None:
    """Split the properties `name:: value` off the beginning of a page; None if there are none."""
    found = _split_lines(text, _PROPERTY, least=1)
    return found if found and any(key.lower() in _USUAL_NAMES or _is_field(key) for key in found.fields) else None


def _split_headers(text: str) -> ParsedDocument | None:
    """Split lines `Title: …` and `Date: …` off the beginning of a text, as Pelican and MultiMarkdown have them."""
    found = _split_lines(text, _HEADER, least=2)
    if found is None or not found.text.startswith("\n"):
        return None
    known = {field for key in found.fields for field in _fields_of(key)}
    return found if "title" in known and len(known & {"title", "date", "author", "url", "source"}) > 1 else None


def _split_lines(text: str, pattern: re.Pattern[str], *, least: int) -> ParsedDocument | None:
    """Split the lines that fit a pattern off the beginning of a text; None if there are fewer than `least`."""
    fields: dict[str, object] = {}
    start = 0
    while start < len(text) and len(fields) < 100:
        end = text.find("\n", start, start + 2_000)
        line = text[start : end if end >= 0 else len(text)] if end >= 0 or len(text) - start < 2_000 else ""
        match = pattern.fullmatch(line.rstrip())
        if not match:
            break
        fields[match[1].strip()] = _read_value(match[2] or "")
        start = end + 1 if end >= 0 else len(text)
    return ParsedDocument(fields, text[start:]) if len(fields) >= least else None


def _is_field(name: str) -> bool:
    """Whether a name surely stands for the title, day, author, address or publisher of an article."""
    return bool(_fields_of(name) & {"title", "date", "author", "url", "source"})


def _fields_of(name: str) -> set[str]:
    """Return the fields that a name surely stands for."""
    return {candidate.field for candidate in find_fields(name[:100]) if candidate.is_sure}


def is_template(fields: Mapping[str, object], text: str) -> bool:
    """Whether a note is a template: its title or day is left open, or nothing but such places and headings is in it."""
    stated = [str(value) for key, value in fields.items() if key != NOTE and _is_field(key)]
    if any(map(_PLACEHOLDER.search, stated)):
        return True
    lines = [line for line in text.split("\n") if line.strip() and not line.startswith("#")]
    is_open = "{{" in text or "<%" in text
    return is_open and all(not re.search(r"\w", _PLACEHOLDER.sub("", line)) for line in lines)
