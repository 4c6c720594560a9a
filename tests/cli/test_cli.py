"""The command line as its contract has it, with the real model."""

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rag.cli import main
from rag.cli.terminal import progress_bar
from rag.prompts import NOT_FOUND
from rag.types import Progress
from tests.conftest import ROOT


def rag(*arguments: object, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of three articles, built by the command line."""
    from tests.conftest import ARTICLES

    base = tmp_path_factory.mktemp("cli")
    (base / "articles").mkdir()
    for name, text in ARTICLES.items():
        (base / "articles" / name).write_text(text)
    done = rag("--index", base / "index", "sync", base / "articles")
    assert done.exit_code == 0, done.output
    assert done.stdout == "3 added, 0 updated, 0 removed, 0 unchanged, 0 failed\n"
    assert done.stderr == ""
    return base / "index"


def test_ask_shows_the_answer_and_its_sources(built: Path) -> None:
    done = rag("--index", built, "ask", "Why will the library stay open until midnight?")
    assert done.exit_code == 0
    first, *rest = done.stdout.splitlines()
    assert "students asked for a quiet place to work" in first
    assert "[1]" in first
    assert "[1] Library opens at night, Harbor Review, 2024-05-05" in rest
    assert done.stderr == "(quoted from your articles)\n"


def test_ask_json(built: Path) -> None:
    done = rag("ask", "How long will the repair of the bridge take?", "--json", "--index", built)
    told = json.loads(done.stdout)
    assert told["answered"] is True
    assert any("nine months" in citation["quote"] for citation in told["citations"])
    assert told["answer"] == " ".join(f"{one['text']} [{one['citations'][0]}]" for one in told["sentences"])


def test_ask_abstains(built: Path) -> None:
    done = rag("--index", built, "ask", "What is the capital of Peru?")
    assert done.exit_code == 0
    assert done.stdout.startswith(NOT_FOUND)
    assert "nearest passages" in done.stdout


def test_explain_goes_to_stderr(built: Path) -> None:
    done = rag("--index", built, "ask", "When did the old bridge close?", "--explain")
    assert "seconds: understand" in done.stderr
    assert "vectors 1" in done.stderr
    assert "seconds" not in done.stdout


def test_search_json(built: Path) -> None:
    rows = json.loads(rag("--index", built, "search", "frost blossom", "-k", "2", "--json").stdout)
    assert [row["rank"] for row in rows] == [1, 2]
    assert set(rows[0]) == {
        "rank", "score", "article_id", "title", "source", "url", "date", "start", "end", "text",
    }  # fmt: skip
    assert rows[0]["article_id"] == "orchard.md"
    only = json.loads(rag("--index", built, "search", "frost", "--publisher", "harbor", "--json").stdout)
    assert {row["source"] for row in only} == {"Harbor Review"}


def test_the_day_it_is_asked_moves_articles_up(built: Path) -> None:
    for day, first in (("2024-03-02", "bridge.md"), ("2024-05-04", "library.md")):
        done = rag("--index", built, "search", "bridge library", "--as-of", day, "--json")
        assert json.loads(done.stdout)[0]["article_id"] == first
    assert rag("--index", built, "ask", "When?", "--as-of", "May").exit_code == 1


def test_eval_scores_an_index(built: Path, tmp_path: Path) -> None:
    lines = [
        {"question": "Who asked drivers to use the tunnel?", "answers": ["Ada Fell"], "gold_articles": ["bridge.md"]},
        {"question": "Who wrote the opera Fidelio?", "unanswerable": True},
    ]
    questions = tmp_path / "questions.jsonl"
    questions.write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = rag("--index", built, "eval", questions, "--json")
    assert done.exit_code == 0, done.output
    scores = json.loads(done.stdout)
    assert scores["retrieval"]["article"]["read"]["hit@1"] == 1
    assert scores["citations"] == {"answer in quotes": 1, "answer in quotes of answered": 1, "verbatim": 1}
    assert scores["abstention"]["auroc"] == 1
    table = rag("--index", built, "eval", questions).stdout
    assert [line.split()[0] for line in table.splitlines() if line.startswith("    ")].count("words") == 2
    assert "hit@10" in table and "verbatim 1.000" in table


def test_eval_scores_the_reader_alone(tmp_path: Path) -> None:
    text = "The old bridge closed on Friday. Mayor Ada Bell was sorry."
    asked = [
        {"question": "Who was sorry?", "answers": [{"text": "Ada Bell", "answer_start": 39}]},
        {"question": "Which planet has rings of ice?", "answers": [], "is_impossible": True},
    ]
    squad = tmp_path / "squad.json"
    squad.write_text(json.dumps({"data": [{"title": "Bridge", "paragraphs": [{"context": text, "qas": asked}]}]}))
    done = rag("eval", "--squad", squad, "--json")
    assert done.exit_code == 0, done.output
    scores = json.loads(done.stdout)
    assert scores["f1"] > 0.5
    assert scores["no-answer auroc"] == 1
    assert rag("eval", "--squad", squad).stdout.startswith("questions 2  unanswerable 1  exact ")


def test_list_and_info(built: Path) -> None:
    rows = json.loads(rag("--index", built, "list", "--json").stdout)
    assert [row["id"] for row in rows] == ["bridge.md", "library.md", "orchard.md"]
    assert (
        rag("--index", built, "list").stdout.splitlines()[0]
        == "bridge.md\t2024-03-01\tHarbor Review\tOld bridge closes"
    )
    told = json.loads(rag("--index", built, "info", "--json").stdout)
    assert (told["articles"], told["model"]["name"]) == (3, "all-MiniLM-L6-v2")
    assert told["settings"]["index"] == {"value": str(built), "from": "given"}
    assert told["settings"]["port"] == {"value": "7860", "from": "default"}


def test_sync_json_names_failures(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text("# Good\n\nA good one.\n")
    (tmp_path / "bad.md").write_bytes(b"\x00\x01\x02" * 50)
    done = rag("--index", tmp_path / "index", "sync", tmp_path / "good.md", tmp_path / "bad.md", "--json")
    told = json.loads(done.stdout)
    assert (told["added"], told["updated"], told["removed"], told["unchanged"]) == (1, 0, 0, 0)
    assert told["failed"][0]["source"].endswith("bad.md")
    again = rag("--index", tmp_path / "index", "sync", tmp_path / "good.md", tmp_path / "bad.md")
    assert again.exit_code == 0
    assert again.stdout == "0 added, 0 updated, 0 removed, 1 unchanged, 1 failed\n"
    assert "failed: " in again.stderr


def test_add_stdin_then_remove(tmp_path: Path) -> None:
    line = json.dumps({"id": "x1", "title": "Piped", "text": "It came through a pipe."})
    assert rag("--index", tmp_path, "add", "-", stdin=line.encode()).stdout.startswith("1 added")
    assert rag("--index", tmp_path, "remove", "x1").stdout == "0 added, 0 updated, 1 removed, 0 unchanged, 0 failed\n"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_long_work_shows_its_progress_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", _Terminal())
    with progress_bar() as report:
        assert report is not None
        report(Progress("reading", 40, None, 0, 0.5))
        time.sleep(1.1)
        report(Progress("indexing", 10, 40, 90, 2.0))
        time.sleep(1.1)
        report(Progress("indexing", 20, 40, 180, 4.0))
        report(Progress("embedding", 0, 40, 0, 0.0))
    shown = sys.stderr.getvalue()  # type: ignore[attr-defined]
    assert "indexing:  50%" in shown
    assert "45 passages/s" in shown
    assert "articles/s" in shown
    assert "every article answers by its words now; 40 articles left for meaning search\n" in shown


def test_a_pipe_gets_no_progress_but_when_words_are_done(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar() as report:
        report(Progress("reading", 40, None, 0, 0.5))
        report(Progress("indexing", 40, 40, 90, 2.0))
        for done in (0, 20, 40):
            report(Progress("embedding", done, 40, 2 * done, 2.0))
    [line] = capsys.readouterr().err.splitlines()
    assert line == "every article answers by its words now; 40 articles left for meaning search"


def test_a_file_name_gives_a_terminal_no_orders(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "\x1b]0;mine\x07 two\nlines.txt").write_text("")
    (tmp_path / "articles" / "größe.txt").write_text("")
    done = rag("--index", tmp_path / "index", "sync", tmp_path / "articles")
    assert done.exit_code == 1
    assert "\x1b" not in done.stderr and len(done.stderr.splitlines()) == 1
    (tmp_path / "articles" / "bridge.txt").write_text("The bridge is closed.")
    done = rag("--index", tmp_path / "index", "sync", tmp_path / "articles")
    failed = [line.partition("articles/")[2] for line in done.stderr.splitlines() if line.startswith("failed: ")]
    assert failed == ["\\x1b]0;mine\\x07 two\\nlines.txt: no text in it", "größe.txt: no text in it"]
    assert "\x1b" not in done.stderr


def test_chat_follows_up(built: Path) -> None:
    done = rag("--index", built, "chat", stdin="Which bridge over the Lune closed?\nWhen was that?\n\n")
    assert done.exit_code == 0
    assert "(searched for: When was that: bridge over the Lune closed?)" in done.stderr
    assert done.stdout.count("on Friday") >= 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["ask", "x"], "there is no index in "),
        (["sync"], "nothing to sync yet"),
        (["sync", "missing"], "missing: no such file or folder"),
        (["remove", "x"], "no article has the id 'x'"),
    ],
)
def test_errors_are_one_line_and_status_1(tmp_path: Path, arguments: list[str], says: str) -> None:
    done = rag("--index", tmp_path / "none", *arguments)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.startswith("rag: ")
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_bad_filter_and_setting_are_status_1(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = rag("--index", built, "search", "x", "--since", "soon")
    assert (done.exit_code, done.stderr) == (
        1,
        "rag: 'soon' is not a day; write it as YYYY-MM-DD, such as 2024-01-05\n",
    )
    monkeypatch.setenv("RAG_PORT", "many")
    done = rag("--index", built, "info")
    assert done.exit_code == 1
    assert "RAG_PORT" in done.stderr


@pytest.mark.parametrize("arguments", [["fly"], ["ask"], ["search", "x", "-k", "0"], ["add"]])
def test_wrong_usage_is_status_2(arguments: list[str]) -> None:
    assert rag(*arguments).exit_code == 2


@pytest.mark.parametrize("verb", ["", "sync", "ask", "serve"])
def test_help(verb: str) -> None:
    done = rag(*([verb] if verb else []), "--help")
    assert done.exit_code == 0
    assert "--index" in done.stdout


def test_real_process_and_closed_pipe(built: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = f"{sys.executable} -m rag --index {built} list | head -1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, env=environment)
    assert done.stdout.startswith("bridge.md")
    assert done.stderr == ""


@pytest.mark.parametrize("verb", ["ask", "search"])
@pytest.mark.parametrize("question", ["", "  \n", "\x00\x1b", "\u200b", "x" * 2001])
def test_what_is_no_question_is_said_to_be_missing(verb: str, question: str) -> None:
    done = CliRunner().invoke(main, [verb, question])
    assert done.exit_code == 2
    assert ("is empty" if len(question) < 9 else "may have 2,000 characters") in done.stderr
