"""Articles of files with one name in two folders: each has an id, and keeps it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rag import Index

FOLDERS = ("2023", "2024", "2025")


@pytest.fixture
def years(tmp_path: Path) -> list[Path]:
    """Folders that each have an invoice and an article that the others have not."""
    for year in FOLDERS:
        folder = tmp_path / year
        folder.mkdir()
        (folder / "invoice.md").write_text(f"# Invoice {year}\n\nThe roof repair of {year} cost {year}1 crowns.\n")
        (folder / f"note {year}.txt").write_text(f"A note of {year} says that the mill stands by the river.\n")
    return [tmp_path / year for year in FOLDERS]


def origins(index: Index) -> dict[str, str]:
    return {article.id: article.origin for article in index.articles()}


WAYS: dict[str, Callable[[Index, list[Path]], object]] = {
    "again": lambda index, years: index.sync(years),
    "another order": lambda index, years: index.sync(years[::-1]),
    "refreshed": lambda index, years: index.refresh(),
    "one refreshed": lambda index, years: index.refresh([str(years[1])]),
    "rebuilt": lambda index, years: index.rebuild(years),
    "rebuilt in another order": lambda index, years: index.rebuild(years[::-1]),
    "rebuilt from itself": lambda index, years: index.rebuild(),
    "added once more": lambda index, years: index.add(years[::-1]),
}


@pytest.mark.parametrize("way", WAYS)
def test_ids_stay(index: Index, years: list[Path], way: str) -> None:
    assert index.add(years).failed == ()
    before = origins(index)
    assert sorted(before) == sorted(
        ["invoice.md", "2024/invoice.md", "2025/invoice.md", *(f"note {year}.txt" for year in FOLDERS)]
    )
    assert before["2024/invoice.md"] == str(years[1] / "invoice.md")
    WAYS[way](index, years)
    assert origins(index) == before
    for year in years:
        (year / "invoice.md").write_text(f"# Invoice\n\nIn {year.name} the bill was sent again.\n")
    WAYS[way](index, years)
    assert origins(index) == before


def test_folders_that_are_added_one_after_the_other_get_the_same_ids(index: Index, years: list[Path]) -> None:
    for year in years:
        assert index.add(year).failed == ()
    assert [id for id in origins(index) if "invoice" in id] == ["2024/invoice.md", "2025/invoice.md", "invoice.md"]


def test_ids_stay_where_a_folder_goes(index: Index, years: list[Path]) -> None:
    index.sync(years)
    before = origins(index)
    for left in ([years[1], years[2]], [years[2]]):
        index.sync(left)
        assert origins(index) == {id: origin for id, origin in before.items() if Path(origin).parent in left}
    shutil.rmtree(years[0])
    index.sync([years[1], years[2]])
    assert origins(index)["2025/invoice.md"] == before["2025/invoice.md"]


def test_a_name_that_comes_later_gives_way(index: Index, years: list[Path]) -> None:
    """The folder that is read first gets a file whose name another folder has had before."""
    index.sync(years)
    (years[0] / "note 2024.txt").write_text("Another note says that the mill was sold.\n")
    assert index.sync(years).failed == ()
    assert origins(index)["note 2024.txt"] == str(years[1] / "note 2024.txt")
    assert origins(index)["2023/note 2024.txt"] == str(years[0] / "note 2024.txt")


def test_rows_of_exports_with_one_name(index: Index, years: list[Path]) -> None:
    for year in years:
        (year / "rows.csv").write_text(f"id,title,text\n1,Row,The row of {year.name} was read in the hall.\n")
    assert index.sync(years).failed == ()
    rows = {id for id in origins(index) if "rows" in id}
    assert rows == {"rows.csv#1", "2024/rows.csv#1", "2025/rows.csv#1"}
    index.sync(years[::-1])
    assert rows <= set(origins(index))
