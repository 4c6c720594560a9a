"""Every way out of the command line is an exit status and one line; text from outside is cleaned at its doors."""

import ast
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from rag.cli import main
from rag.cli.exits import exit_status
from rag.errors import RagError, SettingsError
from rag.settings import Settings
from tests.conftest import ROOT

NUMBERS = [name for name, field in Settings.model_fields.items() if field.annotation in (int, float)]


class Panic(BaseException):
    """As native code raises it."""


def raising(error: BaseException) -> Callable[[], object]:
    def act() -> object:
        raise error

    return act


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (RagError("no index\x1b[31m"), 1, "rag: no index\\x1b[31m"),
        (ValueError("odd\nthing \x1b]0;x\x07"), 1, "rag: ValueError: odd thing \\x1b]0;x\\x07; this is a fault of rag"),
        (Panic("index out of range"), 1, "rag: Panic: index out of range; this is a fault of rag itself; run it again"),
        (MemoryError(), 1, "rag: there is not enough memory; raise the limit (ulimit -v), questions want 2 GB"),
        (RecursionError("deep"), 1, "rag: RecursionError: deep"),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"), 1, "rag: UnicodeEncodeError"),
        (GeneratorExit(), 1, "rag: GeneratorExit"),
        (KeyboardInterrupt(), 130, ""),
        (click.Abort(), 1, "rag: broken off"),
        (SystemExit(3), 3, ""),
        (SystemExit("no\x1b[31m"), 1, "no\\x1b[31m"),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, BaseException) else "",
)  # fmt: skip
def test_every_way_out_is_one_line(
    capsys: pytest.CaptureFixture[str], error: BaseException, status: int, said: str
) -> None:
    assert exit_status(raising(error)) == status
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(said)
    assert len(shown.err.splitlines()) == bool(said)


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_status(raising(ValueError("odd \x1b")), lambda: True) == 1
    shown = capsys.readouterr().err
    assert "Traceback (most recent call last)" in shown
    assert shown.splitlines()[-1].startswith("rag: ValueError: odd \\x1b; this is a fault")
    assert "\x1b" not in shown


def test_the_flag_reaches_the_door(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.cli.doctor.run_checks", lambda settings: 1 / 0)
    plain, debugged = CliRunner().invoke(main, ["doctor"]), CliRunner().invoke(main, ["--debug", "doctor"])
    assert (plain.exit_code, debugged.exit_code) == (1, 1)
    assert "Traceback" not in plain.stderr and "ZeroDivisionError" in plain.stderr
    assert "Traceback" in debugged.stderr
    assert CliRunner().invoke(main, ["doctor"]).stderr == plain.stderr


WAYS = [["-m", "rag"], ["-c", "from rag.cli import main; main()"]]


def run(*arguments: str | bytes, cwd: Path | bytes, **more: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], "HOME": str(ROOT), "PYTHONPATH": str(ROOT), **more}
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, errors="replace", env=environment, cwd=cwd)


@pytest.mark.parametrize("way", [*WAYS, [str(ROOT / "ui.py")]], ids=["module", "script", "ui"])
def test_each_way_in_has_the_same_door(tmp_path: Path, way: list[str]) -> None:
    verb = [] if way[0].endswith("ui.py") else ["info"]
    done = run(*way, *verb, cwd=tmp_path, RAG_PORT="many")
    assert done.returncode == 1
    assert done.stderr.startswith("rag: RAG_PORT: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [b"ask", b"why \xff?"],
        [b"search", b"\xc3"],
        [b"sync", b"\xff.md"],
        [b"--index", b"\xff", b"list"],
        [b"remove", b"\xff"],
        [b"\xff"],
        [b"ask", b"x", b"--publisher", b"\xff"],
    ],
)
def test_bytes_that_are_no_text_raise_nothing(tmp_path: Path, arguments: list[bytes]) -> None:
    for locale in ({"LC_ALL": "C.UTF-8"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}):
        done = run("-m", "rag", *arguments, cwd=tmp_path, **locale)
        assert done.returncode in (1, 2)
        assert "Traceback" not in done.stderr and "fault of rag" not in done.stderr


def test_a_working_folder_may_have_any_name_and_an_old_locale(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/caf\xe9"
    os.mkdir(folder)
    (tmp_path / "bridge.md").write_text("# Größe\n\nDie Größe der Brücke ist 3 m.\n", "utf-8")
    old = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = run("-m", "rag", "sync", "../bridge.md", cwd=folder, **old)
    assert (done.returncode, done.stdout) == (0, "1 added, 0 updated, 0 removed, 0 unchanged, 0 failed\n"), done.stderr
    assert run("-m", "rag", "list", cwd=folder, **old).returncode == 0


@pytest.mark.parametrize("kind", ["file", "folder"])
@pytest.mark.parametrize("name", ["Größe".encode(), b"caf\xe9"])
def test_a_source_whose_path_is_no_text_is_refused_in_one_line(tmp_path: Path, name: bytes, kind: str) -> None:
    path = os.path.join(os.fsencode(tmp_path), name)
    os.mkdir(path)
    if kind == "file":
        path += b"/" + name + b".md"
        with open(path, "wb") as file:
            file.write(b"# Bridge\n\nThe bridge is closed.\n")
    done = run("-m", "rag", "sync", path, cwd=tmp_path, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert done.returncode == 1
    assert "its path is no text in this locale" in done.stderr and "LC_ALL=C.UTF-8" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_working_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code = "import os, sys; os.rmdir(os.getcwd()); sys.argv = ['rag', 'sync', 'x']; from rag.cli import main; main()"
    done = run("-c", code, cwd=gone)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and "Traceback" not in done.stderr


@pytest.mark.parametrize("start", [("-m", "rag", "info"), ("-c", "from rag.__main__ import run; run()")])
def test_ctrl_c_while_libraries_are_loaded_ends_with_130(start: tuple[str, ...], tmp_path: Path) -> None:
    """At the moment at which the first library is imported."""
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt", "utf-8")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    command = [sys.executable, *start]
    child = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    assert (child.returncode, child.stdout, child.stderr) == (130, "", "")


def test_ctrl_c_ends_with_130(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# Bridge\n\nThe bridge is closed.\n", "utf-8")
    assert run("-m", "rag", "--index", "index", "sync", "a.md", cwd=tmp_path).returncode == 0
    for verb in ("chat", "watch", "serve"):
        running = subprocess.Popen(
            [sys.executable, "-m", "rag", "--index", "index", verb],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path,
            env={**os.environ, "RAG_PORT": "0"},
            # What a shell has put in the background ignores Ctrl-C, and so does all that it starts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        assert running.stderr is not None
        if verb == "watch":
            time.sleep(4)
        else:
            assert running.stderr.read(1) in (b"?", b"A")
        assert running.poll() is None, verb
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=30)
        assert running.returncode == 130, verb
        assert len(said.strip().splitlines()) <= 1, said


# Settings.


@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "1e400", "-1", "1e300", "9" * 30, "9" * 5000])
@pytest.mark.parametrize("name", NUMBERS)
def test_no_number_is_without_bounds(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"RAG_{name.upper()}", value)
    with pytest.raises(SettingsError, match=f"^RAG_{name.upper()}: ") as raised:
        Settings.load()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("kind", ["no text", "no right", "a pipe", "a loop"])
def test_an_env_file_that_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    path = tmp_path / ".env"
    monkeypatch.chdir(tmp_path)
    if kind == "no text":
        path.write_bytes(b"RAG_PORT=1\xff\n")
    elif kind == "a pipe":
        os.mkfifo(path)
    elif kind == "a loop":
        path.symlink_to(path)
    else:
        path.write_text("RAG_PORT=1\n")
        path.chmod(0)
        if os.access(path, os.R_OK):
            pytest.skip("root may read everything")
    with pytest.raises(SettingsError, match=r"^\.env (is|cannot)"):
        Settings.load()


def test_a_folder_named_like_an_env_file_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").mkdir()
    monkeypatch.chdir(tmp_path)
    assert Settings.load().origins({})["port"] == "default"


# Encodings.


@pytest.mark.parametrize("path", sorted((ROOT / "rag").rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_text_file_is_opened_in_a_named_encoding(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            given = {word.arg for word in node.keywords}
            if name in ("read_text", "write_text") and isinstance(node.func, ast.Attribute):
                place = 0 if name == "read_text" else 1
                assert "encoding" in given or len(node.args) > place, f"line {node.lineno}"
            elif name == "open" and _has_text_mode(node):
                assert "encoding" in given, f"line {node.lineno}"


def _has_text_mode(node: ast.Call) -> bool:
    """Whether a call of `open` names a mode of text, or is the built-in one and names none."""
    modes = [
        one.value for one in (*node.args, *(word.value for word in node.keywords)) if isinstance(one, ast.Constant)
    ]
    modes = [mode for mode in modes if isinstance(mode, str) and set(mode) <= set("rwxabt+")]
    return any("b" not in mode for mode in modes) or (isinstance(node.func, ast.Name) and not modes)


def test_json_for_programs_is_json_whatever_is_in_it() -> None:
    from rag.cli.terminal import print_json

    said = {"text": "a\x9b\u202e\ud800\n b"}
    command = click.Command("say", callback=lambda: print_json(said))
    shown = CliRunner().invoke(command).stdout
    assert json.loads(shown) == said
    assert not set(shown) & set("\x9b\u202e\ud800")


@pytest.mark.parametrize(
    ("verb", "limit_gb"),
    [(["ask", "Why?"], 1.4), (["search", "bridge"], 1.4), (["sync", "a.md"], 1.4), (["add", "a.md"], 2.6)],
)
def test_a_limit_of_memory_that_is_too_low_is_said_beforehand(tmp_path: Path, verb: list[str], limit_gb: float) -> None:
    pytest.importorskip("resource")
    (tmp_path / "a.md").write_text("# Bridge\n\nThe bridge is closed.\n", "utf-8")
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({int(limit_gb * 1e9)},) * 2)"
    done = run("-c", f"{limited}; from rag.cli import main; main()", *verb, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"rag: this process may take {limit_gb} GB of memory (ulimit -v), which is too")
    assert len(done.stderr.splitlines()) == 1
