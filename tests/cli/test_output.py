"""What the command line prints of an answer; where it cannot, or memory ends: one line, and exit status 1."""

import subprocess
import sys

import click
import pytest

from rag.cli.terminal import show_answer
from rag.types import Answer, Sentence


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command line, with an index of one article."""
    home = tmp_path_factory.mktemp("home")
    (home / "a.md").write_text("The bridge closed.")
    command = [sys.executable, "-m", "rag", "--index", str(home / "index")]
    subprocess.run([*command, "sync", str(home / "a.md")], check=True, capture_output=True)
    return command


@pytest.mark.parametrize("verb", [["--help"], ["list"], ["sources"], ["info"], ["list", "--json"]])
def test_a_full_disk_behind_the_output_is_one_line(command: list[str], verb: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run([*command, *verb], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr == "rag: what was to be printed cannot be written: No space left on device\n"


@pytest.mark.parametrize("emphasis", [None, (0, 3), (4, 8)])
def test_a_space_stands_before_the_numbers(
    emphasis: tuple[int, int] | None, capsys: pytest.CaptureFixture[str]
) -> None:
    sentence = Sentence("The end.", citations=(1, 2), support="supported", emphasis=emphasis)
    show_answer(Answer("What?", "What?", (sentence,), answered=True))
    assert click.unstyle(capsys.readouterr().out).startswith("The end. [1][2]")
