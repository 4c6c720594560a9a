"""Choose the columns of an export that hold the fields of its articles: stated, by name, or else by content (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rag.sources.formats.column_guess import describe_columns, guess_columns, reads_as_prose
from rag.sources.formats.field_names import order_columns
from rag.sources.formats.fields_file import SAME_ID
from rag.sources.formats.record_fields import RecordFields, Row, column_paths, read_fields, value_at


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """The columns in which the fields of the articles of an export are looked for."""

    known: tuple[str, ...] | None = None
    """Those among which fields are found by name; None for those of each row."""
    stated: Mapping[str, str] = field(default_factory=dict)
    """The columns of fields that a file beside the export names."""
    guessed: Mapping[str, str] = field(default_factory=dict)
    """The columns of fields that only their content tells."""
    note: str = ""
    """Which column is taken for what, as people read it; empty where nothing is guessed."""

    unmapped: "ColumnChoice | None" = None
    """What would be chosen without the file beside the export, where ids are made of that."""

    @property
    def named_ids(self) -> Mapping[str, str]:
        """The stated columns of which ids are made."""
        return {} if self.unmapped is not None else self.stated

    @property
    def has_text(self) -> bool:
        """Whether a column is stated or guessed to be the text."""
        return "text" in self.stated or "text" in self.guessed

    def read(self, row: Row) -> RecordFields:
        """Read the fields of a row."""
        return read_fields(row, stated=self.stated, guessed=self.guessed, columns=self.known)


def choose(rows: Sequence[Row], known: tuple[str, ...] | None, stated: Mapping[str, str]) -> ColumnChoice:
    """Choose the columns of an export by its first rows; nothing is guessed where a name tells which is the text."""
    if stated.get("id") == SAME_ID:
        own = {field: column for field, column in stated.items() if field != "id"}
        return replace(choose(rows, known, own), unmapped=choose(rows, known, {}))
    first = next((row for row in rows if isinstance(row, dict)), None)
    if first is None or ("text" not in stated and _names_prose(first, known)):
        return ColumnChoice(known, stated)
    names = known if known is not None else tuple(column_paths(first))
    guessed = guess_columns(rows, names, stated)
    note = describe_columns(first, names, guessed, stated) if guessed else ""
    return ColumnChoice(known, stated, guessed, note)


def _names_prose(row: Row, known: tuple[str, ...] | None) -> bool:
    """Whether a sure name tells a column of prose."""
    names = order_columns(known if known is not None else tuple(row), only_sure=True)["text"]
    return any(isinstance(value := value_at(row, name), str) and reads_as_prose(value) for name in names)
