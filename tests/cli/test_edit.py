"""`rag edit`: what is set by hand is shown, kept and taken back, and what cannot be set costs one clear line."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rag.cli import main

MILL = "---\ntitle: Mill\ndate: 2024-03-01\nsource: Town Post\n---\nThe mill burned down on Monday at noon.\n"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of one article."""
    base = tmp_path_factory.mktemp("edit")
    (base / "mill.md").write_text(MILL)
    assert run(base / "index", "add", base / "mill.md").exit_code == 0
    return base / "index"


def run(index: Path, *arguments: object) -> Result:
    return CliRunner().invoke(main, ["--index", str(index), *map(str, arguments)])


def listed(index: Path) -> str:
    return run(index, "list").stdout.splitlines()[0]


def test_what_is_set_is_shown_listed_and_taken_back(index: Path) -> None:
    before = listed(index)
    done = run(index, "edit", "mill.md", "--title", "Old mill", "--date", "2024-03-05", "--publisher", "Varn Gazette")
    assert (done.exit_code, done.stderr) == (0, "")
    shown = "mill.md\t2024-03-05\tVarn Gazette\tOld mill"
    assert done.stdout.splitlines()[0] == shown
    assert all(name in done.stdout.splitlines()[1] for name in ("title", "date", "publisher"))
    assert listed(index) == f"{shown}\tedited"
    assert run(index, "edit", "mill.md", "--title", "").stdout.startswith("mill.md\t2024-03-05\tVarn Gazette\tMill\n")
    undone = run(index, "edit", "mill.md", "--undo")
    assert undone.stdout == f"{before}\nset by hand: nothing\n"
    assert listed(index) == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("none.md", "--title", "Mill"), "no article has the id 'none.md'"),
        (("none.md", "--undo"), "no article has the id 'none.md'"),
        (("mill.md", "--date", "5 March"), "not a day"),
        (("mill.md", "--date", "2024-02-31"), "not a day"),
        (("mill.md", "--title", "x" * 301), "a title has at most 300 characters"),
        (("mill.md",), "name what to set"),
    ],
)
def test_what_cannot_be_set_is_said_on_one_line(index: Path, arguments: tuple[str, ...], said: str) -> None:
    before = listed(index)
    done = run(index, "edit", *arguments)
    assert done.exit_code != 0
    assert done.stdout == ""
    assert said in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert listed(index) == before
