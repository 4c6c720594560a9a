"""Read and write the file beside an export that says which of its columns is which field."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from rag.errors import SourceError
from rag.sources.files import read_bytes
from rag.sources.formats.field_names import FIELDS

FIELDS_FILE_SUFFIX = ".fields.json"
"""The ending of the file beside an export, behind the export's whole name."""
SAME_ID = "*"
"""What stands for the column of the id where ids are as they are without the file."""
_LIMIT_MB = 0.1
_OTHER_NAMES = {"publisher": "source", "day": "date", "address": "url", "headline": "title"}
_NEXT_FIELD = re.compile(rf",(?=\s*(?:{'|'.join((*FIELDS, *_OTHER_NAMES))})\s*=)", re.IGNORECASE)
"""What parts two fields: a comma before the name of one, since a comma may be part of a column's name."""


def parse_mapping(given: Sequence[str]) -> dict[str, str]:
    """Parse columns as they are given on a command line, field=column, several with commas; by field.

    >>> parse_mapping(["text=Body, long,title=kop", "publisher=src"])
    {'text': 'Body, long', 'title': 'kop', 'source': 'src'}
    """
    columns = {}
    for part in (part for text in given for part in _NEXT_FIELD.split(text)):
        name, sign, column = part.partition("=")
        field = _OTHER_NAMES.get(name.strip().lower(), name.strip().lower())
        if not sign or field not in FIELDS:
            raise SourceError(f"{part!r} is not FIELD=COLUMN with a field of {', '.join(FIELDS)}")
        columns[field] = column.strip()
    return columns


def read_fields_file(path: str) -> dict[str, str]:
    """Read which columns the file beside an export names, by field; raises SourceError where it cannot be used."""
    fields_path = path + FIELDS_FILE_SUFFIX
    if not os.path.isfile(fields_path):
        return {}
    try:
        columns = json.loads(read_bytes(fields_path, _LIMIT_MB))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{os.path.basename(fields_path)} is not JSON") from error
    is_wrong = not isinstance(columns, dict) or any(
        field not in FIELDS or not isinstance(name, str) for field, name in columns.items()
    )
    if is_wrong:
        raise SourceError(f"{os.path.basename(fields_path)} must give {', '.join(FIELDS)} the names of columns")
    return dict(columns)


def write_fields_file(path: str, columns: Mapping[str, str]) -> str:
    """Write which columns of an export are which fields to the file beside it, and return its path.

    What the file says of other fields stays; a field whose column is empty is taken out, and an empty file removed.
    The articles keep the ids that they have without a new file, unless it states that of their column. Raises
    SourceError where the file cannot be used, and OSError.
    """
    before = read_fields_file(path) or {"id": SAME_ID}
    stated = {field: column for field, column in {**before, **columns}.items() if column}
    target = Path(path + FIELDS_FILE_SUFFIX)
    if stated.items() <= {("id", SAME_ID)}:
        target.unlink(missing_ok=True)
        return str(target)
    written = target.with_name(f"{target.name}.new")
    written.write_text(json.dumps(stated, ensure_ascii=False) + "\n", encoding="utf-8")
    written.replace(target)
    return str(target)
