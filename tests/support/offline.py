"""Checks from outside, native code included, that nothing leaves this machine and that HOME gains no file.

`python -m tests.support.offline` runs ask, sync, chat and serve side by side for 90 seconds in a network namespace of
its own; `python -m tests.support.offline -- COMMAND` does the same with any other command. It exits with 1 when
something was looked up, sent or written, or when a program failed, and with 77 where no namespace can be made.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import httpx

from tests.support.llm_server import llm_server, said_in
from tests.support.namespace import NoNamespaceError, Watch, enter

ROOT = Path(__file__).parents[2]
NO_NAMESPACE = 77
SECONDS = 90.0
QUESTION = "Why did Iraq call for ending the coalition?"
_PORT = 7871
_PAUSE_S = 25.0
"""Between two starts of a program that ends by itself."""
_ENDING_S = 60
_BUSY_S = 240.0
"""In which a program must have started or ended, on a machine that does much else."""
_LAST_PACKETS_S = 0.5
_UNSET = ("RAG_", "HF_", "ORT_", "GRADIO_", "RAY_", "XDG_", "ANONYMIZED_", "TRANSFORMERS_", "DO_NOT_TRACK")
_CONTROL = "import socket; socket.socket(2, 2).sendto(b'x', ('192.0.2.1', 9)); socket.getaddrinfo('control.test', 80)"


class Programs:
    """Runs programs with a home of their own and keeps what went wrong with them."""

    def __init__(self, folder: Path) -> None:
        self.home, self.wrong = folder / "home", list[str]()
        self._environment = environment(folder)
        self._folder = folder

    def run(self, *command: str, typed: str | None = None, expect: str = "", **variables: str) -> None:
        """Runs one to its end, which must be a good one with the expected words in what it printed."""
        with self.started(*command, **variables) as program:
            printed, errors = program.communicate(typed)
        if program.returncode or expect not in printed:
            self.wrong.append(f"{' '.join(command)} ended with {program.returncode}: {printed[-500:]}{errors[-2000:]}")

    @contextmanager
    def started(self, *command: str, **variables: str) -> Iterator["subprocess.Popen[str]"]:
        """Starts one, and ends it by SIGTERM if it still runs after the block."""
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, cwd=self._folder,
            env=self._environment | variables,
        ) as program:  # fmt: skip
            try:
                yield program
            finally:
                if program.poll() is None:
                    # What a shell runs in the background ignores Ctrl-C, and so does all that it starts.
                    program.terminate()
                    try:
                        program.communicate(timeout=_ENDING_S)
                    except subprocess.TimeoutExpired:
                        program.kill()
                        self.wrong.append(f"{' '.join(command)} did not end")


def environment(folder: Path) -> dict[str, str]:
    """The environment of a person who has just installed the package, with an empty home."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(_UNSET)}
    folders = {name: folder / name.lower() for name in ("HOME", "TMPDIR")}
    for one in folders.values():
        one.mkdir()
    return kept | {name: str(one) for name, one in folders.items()} | {"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"}


def use_everything(programs: Programs, seconds: float) -> None:
    """Runs ask, sync, chat and serve side by side for so many seconds."""
    rag = (sys.executable, "-m", "rag")
    programs.run(*rag, "sync", str(ROOT / "seeds"))
    programs.run(*rag, "--index", "cluster", "sync", "--ray", "local", str(ROOT / "seeds"))
    end = time.monotonic() + seconds

    def again(*command: str, expect: str = "") -> Callable[[], None]:
        def repeat() -> None:
            while time.monotonic() < end:
                programs.run(*rag, *command, expect=expect)
                time.sleep(min(_PAUSE_S, max(0.0, end - time.monotonic())))

        return repeat

    def long_ask(url: str) -> None:
        variables = {"RAG_LLM": f"scripted@{url}", "RAG_LLM_SECONDS": str(seconds), "RAG_ANSWER_SECONDS": str(seconds)}
        programs.run(*rag, "ask", QUESTION, expect="[1]", **variables)

    def sync_from_a_pipe() -> None:
        with programs.started(*rag, "--index", "piped", "sync", "-") as program:
            assert program.stdin
            number = 0
            while time.monotonic() < end:
                number += 1
                program.stdin.write(f'{{"id": "{number}", "title": "Bridge", "text": "Bridge {number} has closed."}}\n')
                program.stdin.flush()
                time.sleep(0.5)
            program.communicate(timeout=_BUSY_S)
        if program.returncode:
            programs.wrong.append(f"sync - ended with {program.returncode}")

    def chat() -> None:
        with programs.started(*rag, "chat") as program:
            assert program.stdin
            for _ in range(2):
                program.stdin.write(QUESTION + "\n")
                program.stdin.flush()
                time.sleep(max(0.0, end - time.monotonic()) / 2)
            printed, errors = program.communicate("\n", timeout=_BUSY_S)
        if program.returncode or printed.count("[1]") < 2:
            programs.wrong.append(f"chat ended with {program.returncode}: {printed}{errors}")

    def serve() -> None:
        with programs.started(*rag, "serve", "--port", str(_PORT)) as program:
            try:
                use_page(f"http://127.0.0.1:{_PORT}", end)
            except (httpx.HTTPError, AssertionError) as error:
                program.kill()
                programs.wrong.append(f"serve: {error!r}: {program.communicate()[1][-2000:]}")

    pieces = ["The coalition has done its work. [1] ", *("And so on. " for _ in range(int(seconds)))]
    with llm_server(said_in(pieces, pause=0.9)) as llm:
        jobs = [again("ask", QUESTION, expect="[1]"), again("sync"), lambda: long_ask(llm.url)]
        jobs += [sync_from_a_pipe, chat, serve]
        threads = [threading.Thread(target=job) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def use_page(address: str, end: float) -> None:
    """Asks a page for all that a browser and a program would, until the end."""
    latest = time.monotonic() + _BUSY_S
    with httpx.Client(base_url=address, timeout=_BUSY_S, trust_env=False) as page:
        while True:
            try:
                page.get("/").raise_for_status()
                break
            except httpx.ConnectError:
                assert time.monotonic() < latest, "it did not listen"
                time.sleep(0.2)
        page.post("/gradio_api/upload", files={"files": ("a.md", b"# A\n\nThe mill closed.")}).raise_for_status()
        while True:
            page.get("/config").raise_for_status()
            message = {"role": "user", "content": QUESTION}
            said = page.post("/v1/chat/completions", json={"model": "articles", "messages": [message]})
            assert "[1]" in said.raise_for_status().text, said.text
            asked = page.post("/gradio_api/run/search", json={"data": [QUESTION, 3, "", "", ""]})
            asked.raise_for_status()
            if time.monotonic() >= end:
                return
            time.sleep(min(10.0, max(0.0, end - time.monotonic())))


def observe(act: Callable[[Programs], None], folder: Path) -> list[str]:
    """What went wrong, what left this machine and what HOME gained while programs ran."""
    watch, programs = Watch(), Programs(folder)
    seen_of_control = watch_control(watch)
    act(programs)
    time.sleep(_LAST_PACKETS_S)
    files = [path for path in programs.home.rglob("*") if not path.is_dir()]
    written = [f"written: ~/{path.relative_to(programs.home)}" for path in sorted(files)]
    return [*programs.wrong, *sorted(watch.seen - seen_of_control), *written]


def watch_control(watch: Watch) -> set[str]:
    """What is seen of a process that does look up a name and send something; none of it means that nothing is seen."""
    subprocess.run([sys.executable, "-c", _CONTROL], capture_output=True)
    deadline = time.monotonic() + 5
    while len(watch.seen) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert watch.seen == {"looked up control.test", "sent to 192.0.2.1 port 9 (UDP)"}, watch.seen
    return set(watch.seen)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.support.offline", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("command", nargs="*", help="what to run instead, after --")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rag-offline-") as name:
        folder = Path(name)
        try:
            enter(folder)
        except NoNamespaceError as error:
            click.echo(error, err=True)
            return NO_NAMESPACE
        if given.command:
            found = observe(lambda programs: programs.run(*given.command), folder)
        else:
            found = observe(lambda programs: use_everything(programs, given.seconds), folder)
    for line in found:
        click.echo(line)
    if not found:
        click.echo("nothing was looked up, sent elsewhere or written to HOME")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
