"""Parsers run in a sandbox: whatever becomes of one, the others are read, and nothing is left behind."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rag.sources import Sandbox, annotate, read
from rag.sources.registry import make_file_loaders
from rag.telemetry import TELEMETRY_OFF
from rag.types import Article, Failure
from tests.support import documents
from tests.support.documents import FIRST

LONG = b"From: a@b.c\nContent-Type: text/plain; " + b"a=b; " * 300_000 + b"\n\n" + FIRST.encode()
"""A header over which the parser of headers sits for minutes."""
CONFINED = """
import os, socket, subprocess, sys
from rag.sources.sandbox_worker import confine_process
confine_process(500)
for attempt in (
    lambda: socket.create_connection(("127.0.0.1", 9)),
    lambda: subprocess.run(["true"]),
    lambda: os.write(os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY), b"x"),
):
    try:
        attempt()
    except OSError as error:
        print(type(error).__name__)
"""


def put(folder: Path, **files: bytes) -> list[str]:
    for name, data in files.items():
        (folder / name.replace("_", ".")).write_bytes(data)
    return [str(folder / name.replace("_", ".")) for name in files]


def test_one_process_reads_all_the_files_and_ends(tmp_path: Path) -> None:
    paths = put(
        tmp_path,
        a_docx=documents.docx(),
        b_odt=documents.odt(),
        c_rtf=documents.rtf(),
        d_html=documents.page().encode(),
    )
    seen = set()
    with Sandbox() as sandbox:
        for path in paths:
            [item] = read([path], sandbox=sandbox)
            assert isinstance(item, Article), item
            assert sandbox.child is not None
            seen.add(sandbox.child.pid)
        child = sandbox.child
    assert len(seen) == 1
    assert child is not None
    assert child.poll() is not None


def test_a_small_text_needs_no_process(tmp_path: Path) -> None:
    paths = put(tmp_path, a_txt=FIRST.encode(), b_md=FIRST.encode(), c_jsonl=json.dumps({"text": FIRST}).encode())
    with Sandbox() as sandbox:
        assert all(isinstance(item, Article) for item in read(paths, sandbox=sandbox))
        assert sandbox.child is None


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.jsonl", "a", "a.log"])
def test_a_large_text_is_read_in_the_process_as_it_is_without(tmp_path: Path, name: str) -> None:
    text = f"{FIRST}\n\n" * 800
    data = json.dumps({"text": text}).encode() if "json" in name else text.encode()
    (tmp_path / name).write_bytes(data)
    with Sandbox() as sandbox:
        [item] = read([str(tmp_path / name)], sandbox=sandbox)
        assert sandbox.child is not None
    loader = next(one for one in make_file_loaders(10, 100) if one.accepts(name))
    assert [item] == list(map(annotate, loader.load(str(tmp_path / name))))


def test_a_small_packed_text_is_read_in_the_process(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(json.dumps({"text": FIRST}).encode()))
    with Sandbox() as sandbox:
        [item] = read([str(tmp_path / "a.jsonl.gz")], sandbox=sandbox)
        assert isinstance(item, Article)
        assert sandbox.child is not None


ENDLESS = {
    "a.md": b"![" * 1_000_000,
    "b.md": b"* \n" * 2_000_000,
    "c.md": b"*a_ " * 2_000_000,
    "d.jsonl.gz": gzip.compress(b"\n" * 400_000_000, 1),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_text_that_takes_too_long_is_named_and_the_next_one_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(ENDLESS[name])
    (tmp_path / "z.md").write_text(f"{FIRST}\n\n" * 800)
    with Sandbox(seconds=2) as sandbox:
        slow, good = read([str(tmp_path / name), str(tmp_path / "z.md")], sandbox=sandbox)
    assert slow == Failure(str(tmp_path / name), "its parser took more than 2 s (RAG_PARSER_SECONDS)")
    assert isinstance(good, Article)


SMALL = {
    "images": "![",
    "brackets": "[",
    "items": "* \n",
    "emphasis": "*a_ ",
    "pairs": "[](",
    "tags": "<a ",
    "ticks": "` ",
}


@pytest.mark.parametrize("unit", SMALL.values(), ids=SMALL)
def test_the_largest_text_that_needs_no_process_takes_a_second_or_two(tmp_path: Path, unit: str) -> None:
    path = tmp_path / "a.md"
    path.write_text((unit * 64_000)[:64_000])
    started = time.thread_time()
    with Sandbox() as sandbox:
        list(read([str(path)], sandbox=sandbox))
        assert sandbox.child is None
    assert time.thread_time() - started < 4


def test_a_file_that_takes_too_long_is_named_and_the_next_one_read(tmp_path: Path) -> None:
    paths = put(tmp_path, a_eml=LONG, b_eml=documents.eml(FIRST))
    with Sandbox(seconds=3) as sandbox:
        slow, good = read(paths, sandbox=sandbox)
    assert slow == Failure(paths[0], "its parser took more than 3 s (RAG_PARSER_SECONDS)")
    assert isinstance(good, Article)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory of a process so")
def test_a_file_that_takes_too_much_memory_is_named_and_the_next_one_read(tmp_path: Path) -> None:
    paths = put(tmp_path, a_json=b"[" + b"[[]],{}," * 3_000_000 + b"1]", b_json=documents.export())
    with Sandbox(memory_mb=200) as sandbox:
        large, *good = read(paths, sandbox=sandbox)
    assert large == Failure(paths[0], "its parser took more than 200 MB of memory (RAG_PARSER_MEMORY_MB)")
    assert len(good) == 2
    assert all(isinstance(item, Article) for item in good)


def test_a_file_that_ends_its_parser_is_named_and_the_next_one_read(tmp_path: Path) -> None:
    mails = documents.mbox([f"{number}. {FIRST * 100}" for number in range(200)])
    paths = put(tmp_path, a_mbox=mails, b_odt=documents.odt())
    with Sandbox() as sandbox:
        items = read(paths, sandbox=sandbox)
        assert isinstance(next(items), Article)
        assert sandbox.child is not None
        os.kill(sandbox.child.pid, signal.SIGKILL)
        rest = list(items)
    assert Failure(paths[0], "its parser ended unexpectedly") in rest
    assert isinstance(rest[-1], Article)
    assert rest[-1].id == "b.odt"


def test_a_reading_that_is_given_up_does_not_answer_for_the_next(tmp_path: Path) -> None:
    paths = put(tmp_path, a_mbox=documents.mbox([FIRST] * 50), b_odt=documents.odt())
    with Sandbox() as sandbox:
        items = read(paths[:1], sandbox=sandbox)
        next(items)
        items.close()  # type: ignore[attr-defined]
        [item] = read(paths[1:], sandbox=sandbox)
    assert isinstance(item, Article)
    assert item.id == "b.odt"


def test_it_works_from_threads(tmp_path: Path) -> None:
    paths = put(tmp_path, a_docx=documents.docx(), b_odt=documents.odt(), c_rtf=documents.rtf())
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda path: list(read([path])), paths))
    assert [item.id for [item] in found if isinstance(item, Article)] == ["a.docx", "b.odt", "c.rtf"]


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="the environment of a process cannot be seen")
def test_no_secret_reaches_the_parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("RAG_AUTH", "ann:hash")
    [path] = put(tmp_path, a_odt=documents.odt())
    with Sandbox() as sandbox:
        list(read([path], sandbox=sandbox))
        assert sandbox.child is not None
        environment = Path(f"/proc/{sandbox.child.pid}/environ").read_text()
    assert "PATH=" in environment
    assert "sk-secret" not in environment
    assert "RAG_" not in environment
    assert {f"{name}={value}" for name, value in TELEMETRY_OFF.items()} <= set(environment.split("\0"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not limit what a process writes")
def test_a_parser_reaches_no_network_starts_no_program_and_writes_no_file(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CONFINED, str(tmp_path / "x")], capture_output=True, text=True)
    assert done.stdout.split() == ["PermissionError", "PermissionError", "OSError"], done.stderr


@pytest.mark.parametrize(
    ("library", "kind", "files"), [("pypdfium2", "pdf", "PDF files"), ("olefile", "msg", "messages of Outlook")]
)
def test_a_missing_library_is_told_with_the_command_that_installs_it(
    library: str, kind: str, files: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, **{f"{library}_py": b"raise ImportError"})
    monkeypatch.syspath_prepend(tmp_path)
    [path] = put(tmp_path, **{f"a_{kind}": documents.WHOLE[kind]})
    [failure] = read([path])
    assert isinstance(failure, Failure)
    assert failure.reason == f"{files} need one more package: pip install 'rag-articles[documents]'"
