"""How a case is tried: each probe returns an empty text, or what did not hold."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.cases.doors import DOORS
from tests.cases.forms import FORMS
from tests.cases.reading import read
from tests.cases.splitting import sentences
from tests.support.chroma_server import free_port
from tests.support.llm_server import LlmServer, Reply, Script, llm_server
from tests.support.web_server import Page, Request, web_server

Case = dict[str, Any]
Probe = Callable[[Case, "Workbench"], str]

GOOD = "The ferry workers of Harbortown ended their strike on Monday after the council agreed to raise wages.\n"
QUESTION = "When did the ferry workers end their strike?"
_VERBS = (["list"], ["info"], ["search", "strike"], ["ask", QUESTION], ["check"], ["rollback"], ["sync"])
_KEY = "sk-" + "0123456789abcdefghijklmnopqrstuvwxyz" + "ABCDEFGHIJKLM"


class Workbench:
    """A folder of cases, a place to work in, an index of one good article, and a page over it when one is asked for."""

    def __init__(self, folder: Path, work: Path) -> None:
        """Work in `work`; the inputs are in `folder`."""
        self.folder = folder
        self.work = work
        self.good = work / "good" / "GOOD.md"
        self.index = work / "index"
        self._address = ""
        self._at_end = ExitStack()
        self._count = 0

    def __enter__(self) -> "Workbench":
        self.good.parent.mkdir()
        self.good.write_text(GOOD)
        done = self.run("add", str(self.good))
        assert done.returncode == 0, done.stderr
        return self

    def __exit__(self, *_: object) -> None:
        self._at_end.close()

    def fresh(self) -> Path:
        """Make an empty folder."""
        self._count += 1
        folder = self.work / f"case-{self._count}"
        folder.mkdir()
        return folder

    def run(
        self, *arguments: str, index: Path | None = None, seconds: float = 120, **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run `rag` and return what it printed; TimeoutExpired after so many seconds."""
        command = [sys.executable, "-m", "rag", "--index", str(index or self.index), *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=seconds, cwd=self.work,
            env=_environment(**variables), stdin=subprocess.DEVNULL,
        )  # fmt: skip

    @property
    def address(self) -> str:
        """The page over the good article, served until the end."""
        self._address = self._address or self._at_end.enter_context(_served(self.index, self.work))
        return self._address


def add(case: Case, bench: Workbench) -> str:
    """Add files beside a good article in every form: each record is read or named, and the good one is in."""
    for name in case["files"]:
        records = [json.loads(line) for line in (bench.folder / name).read_text(encoding="utf-8").splitlines() if line]
        for form, write in FORMS.items():
            folder = bench.fresh()
            write(folder, records)
            (folder / "GOOD.md").write_text(GOOD)
            done = bench.run("sync", str(folder), "--json", index=folder.parent / f"{folder.name}-index")
            if wrong := _crash(done):
                return f"{name} as {form}: {wrong}"
            changes = json.loads(done.stdout)
            known = bench.run("list", "--json", index=folder.parent / f"{folder.name}-index")
            if "GOOD.md" not in known.stdout:
                return f"{name} as {form}: GOOD.md is not in"
            if changes["added"] + len(changes["failed"]) < len(records) + 1:
                return f"{name} as {form}: {len(records)} records, but {changes}"
    return ""


def fetch(case: Case, bench: Workbench) -> str:
    """Fetch a page beside another one: it is read or named, and the other is in."""
    page = Page(
        case.get("body", GOOD), case.get("status", 200), case.get("headers", {}), case.get("kind", "text/plain")
    )
    with web_server({case["path"]: page, "/other.txt": Page(GOOD, kind="text/plain")}) as server:
        index = bench.fresh() / "index"
        addresses = [server.url(case["path"]), server.url("/other.txt")]
        done = bench.run("add", *addresses, "--json", index=index, RAG_FETCH_PRIVATE="true", RAG_FETCH_DELAY="0")
    if wrong := _crash(done):
        return wrong
    changes = json.loads(done.stdout)
    seen = changes["added"] + len(changes["failed"])
    return "" if changes["added"] >= 1 and seen == 2 else f"of two addresses: {changes}"


def ask(case: Case, bench: Workbench) -> str:
    """Ask hostile questions through every door: an answer, a refusal or one line, and the page goes on."""
    for question in ["".join(_repeated(given)) for given in case["questions"]]:
        for name, door in DOORS.items():
            if wrong := door(question, bench):
                return f"{name}: {question[:40]!r}: {wrong}"
    for name, door in DOORS.items():
        if wrong := door(QUESTION, bench):
            return f"{name} does not go on: {wrong}"
    return ""


def llm(case: Case, bench: Workbench) -> str:
    """Answer beside an LLM server that does harm: in time, with the articles' sentences, in printable text."""
    seconds = case.get("seconds", 10)
    with llm_server(_script(case)) as server, _models(case, server) as base:
        started = time.perf_counter()
        done = bench.run(
            "ask", QUESTION, "--json", seconds=seconds + 60, RAG_LLM=f"scripted@{base}", RAG_LLM_API_KEY=_KEY,
            RAG_LLM_SECONDS=str(seconds), OPENAI_API_KEY=_KEY,
        )  # fmt: skip
        took = time.perf_counter() - started
    if wrong := _crash(done):
        return wrong
    if took > seconds + case.get("beside", 25):
        return f"took {took:.0f} s at a limit of {seconds}"
    answer, everything = json.loads(done.stdout), done.stdout + done.stderr
    if answer["mode"] != case.get("mode", answer["mode"]):
        return f"answered by {answer['mode']}"
    if any(_KEY[start : start + 8] in everything for start in range(len(_KEY) - 8)):
        return "a part of the key is shown"
    plain = json.dumps(answer, ensure_ascii=False) + done.stderr
    odd = {mark for mark in plain if not mark.isprintable() and mark not in "\n\t"}
    return f"unprintable: {odd!r}" if odd else ""


def linked_index(case: Case, bench: Workbench) -> str:
    """Open an index in which something is a link: every verb refuses in one line, and what it leads to is untouched."""
    folder = bench.fresh()
    index, outside = folder / "index", folder / "outside"
    bench.run("sync", str(bench.good.parent), index=index)
    place = index / case["link"]
    if place.exists():
        place.rename(outside)
    elif case.get("folder"):
        outside.mkdir()
        (outside / "kept.txt").write_text("not ours")
    else:
        outside.write_bytes(b"not ours")
    place.symlink_to(outside)
    before = _state(outside)
    for arguments in _VERBS:
        done = bench.run(*arguments, index=index)
        if wrong := _crash(done):
            return f"{arguments[0]}: {wrong}"
        if done.returncode != 1 or "link" not in done.stderr:
            return f"{arguments[0]}: exit {done.returncode}: {done.stderr.strip()[:200]}"
    return "" if _state(outside) == before else "what the link leads to has changed"


def request(case: Case, bench: Workbench) -> str:
    """Send the page a wrong request: it has the status that is expected, and the page goes on."""
    address = bench.address
    method, path = case.get("method", "GET"), case.get("path", "/")
    content = case["body"].encode("utf-8", "surrogatepass") if "body" in case else None
    with httpx.Client(base_url=address, timeout=60) as client:
        reply = client.request(method, path, headers=case.get("headers", {}), content=content)
        if reply.status_code != case.get("status", 400):
            return f"status {reply.status_code}: {reply.text[:100]}"
        return "" if client.get("/").is_success else "the page does not go on"


PROBES: dict[str, Probe] = {
    "add": add,
    "fetch": fetch,
    "ask": ask,
    "llm": llm,
    "linked index": linked_index,
    "request": request,
    "read": read,
    "sentences": sentences,
}


def _crash(done: "subprocess.CompletedProcess[str]") -> str:
    """What shows that a run ended in another way than promised."""
    if "Traceback" in done.stderr or "panicked at" in done.stderr:
        return f"a traceback: {done.stderr.strip().splitlines()[-1][:200]}"
    return "" if done.returncode in (0, 1) else f"exit {done.returncode}: {done.stderr[-200:]}"


def _environment(**variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAG_")}
    return {**kept, "PYTHONPATH": os.pathsep.join(map(str, sys.path)), **variables}


@contextmanager
def _served(index: Path, work: Path) -> Iterator[str]:
    port = free_port()
    log = (work / "serve.log").open("w")
    command = [sys.executable, "-m", "rag", "--index", str(index), "serve", "--port", str(port)]
    process = subprocess.Popen(
        command, stdout=log, stderr=log, cwd=work, env=_environment(RAG_RATE_LIMIT="100000/minute")
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                if httpx.get(address, timeout=5).is_success:
                    break
            except httpx.TransportError:
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _repeated(given: str | list[Any]) -> Sequence[str]:
    """A text once, or so many times where it is given with a number."""
    return [given] if isinstance(given, str) else [str(given[0])] * int(given[1])


def _script(case: Case) -> Script:
    if "status" in case:
        message = str(case.get("message", "")).replace("{key}", _KEY)
        return lambda body: Reply(status=case["status"], message=message)
    if "raw" in case:
        return lambda body: Reply(raw=case["raw"].encode())
    pieces = [piece for given in case.get("pieces", ["Nothing."]) for piece in _repeated(given)]
    return lambda body: Reply(pieces, pause=case.get("pause", 0.0), pings=case.get("pings", False))


@contextmanager
def _models(case: Case, server: LlmServer) -> Iterator[str]:
    """The address of the server, whose list of models drips where the case says so."""
    if "models" not in case:
        yield server.url
        return

    def drip(request: Request) -> None:
        request.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        request.drip(b'{"object": "list", "data": [' + b" " * 100_000, case["models"].get("pause", 1.0))

    with web_server({"/v1/models": drip}) as dripping:
        yield dripping.url("/v1")


def _state(path: Path) -> list[tuple[str, bytes, float]]:
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    return [(str(file), file.read_bytes(), file.stat().st_mtime) for file in files]
