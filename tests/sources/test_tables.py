"""Tables: which rows name the columns, cells over several rows and columns, and how each row is written."""

import pytest

from rag.sources.formats.tables import Cell, write_table


def grid(*rows: str, names: int = 0) -> list[list[Cell]]:
    """Rows of cells, the first ones of names; `<2` behind a cell is over how many columns it reaches, `v2` rows."""
    table = []
    for number, row in enumerate(rows):
        cells = []
        for part in row.split("|"):
            text, _, wide = part.strip().partition("<")
            text, _, high = text.partition("v:")
            cells.append(Cell(text, number < names, int(wide or 1), int(high or 1)))
        table.append(cells)
    return table


def lines(rows: list[list[Cell]], **more) -> list[tuple[str, str]]:
    return [(line.kind, line.text) for line in write_table(rows, **more)]


def rows_of(rows: list[list[Cell]], **more) -> list[str]:
    return [text for _, text in lines(rows, **more)]


@pytest.mark.parametrize(
    ("rows", "written"),
    [
        (grid("Crew|Place", "Tern|2", names=1), ["Crew: Tern; Place: 2"]),
        (
            grid("Street|Lamps", "Oak Lane|28", "Elm Row|3"),
            ["Street: Oak Lane; Lamps: 28", "Street: Elm Row; Lamps: 3"],
        ),
        (grid("Name|Role", "Ann|Chair", "Bo|Clerk"), ["Name | Role", "Ann | Chair", "Bo | Clerk"]),
        (grid("2021|3", "2022|4"), ["2021 | 3", "2022 | 4"]),
        (grid("|2022|2023", "Visitors|48|61"), ["Visitors; 2022: 48; 2023: 61"]),
        (grid("Crewv:2|Heat<2", "one|two", "Tern|1|3", names=2), ["Crew: Tern; Heat one: 1; Heat two: 3"]),
        (grid("Day|Tide", "Mondayv:2|3.1", "3.4"), ["Day: Monday; Tide: 3.1", "Day: Monday; Tide: 3.4"]),
        (grid("Crew|Place|Note", "Tern|2||", names=1), ["Crew: Tern; Place: 2"]),
        (grid("Crew|Place", names=1), ["Crew | Place"]),
        (grid("|", "|"), []),
    ],
)
def test_rows(rows: list[list[Cell]], written: list[str]) -> None:
    assert rows_of(rows) == written


def test_a_row_that_names_itself_is_written_behind_its_name() -> None:
    rows = [[Cell("Area", True), Cell("48 km")], [Cell("Owner:", True), Cell("Ann"), Cell("Bo")]]
    assert rows_of(rows) == ["Area: 48 km", "Owner: Ann | Bo"]


def test_a_cell_over_all_columns_is_a_caption() -> None:
    rows = grid("Lamps<2", "Street|Lamps", "North<2", "Oak Lane|28")
    assert lines(rows, header_rows=2) == [
        ("caption", "Lamps"),
        ("caption", "North"),
        ("row", "Street: Oak Lane; Lamps: 28"),
    ]
    assert lines(rows, caption="Table 1", header_rows=2)[0] == ("caption", "Table 1")


def test_names_do_not_make_a_table_many_times_longer() -> None:
    header = [Cell("x" * 100, True)] * 50
    written = rows_of([header, *[[Cell("1")] * 50] * 200])
    assert sum(map(len, written)) < 60_000
    assert len(rows_of([[Cell("x" * 5_000, True), Cell("y", True)], *grid("1|2")])) == 2


def test_what_spans_is_bounded() -> None:
    wide = [[Cell("x" * 100, columns=10**6, rows=10**6)], *[[Cell("y")]] * 5_000]
    assert sum(map(len, rows_of(wide))) < 300_000
    many = [[Cell("x" * 100, columns=100, rows=60_000)] * 20] * 50
    assert max(map(len, rows_of(many))) < 50_000
