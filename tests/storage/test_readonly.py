"""An index that may not be written is read all the same: a read-only mount, a folder without the right, a full disk."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rag.errors import StoreError
from rag.index import Index
from rag.settings import Settings
from rag.storage.catalogue import Catalogue, IndexedArticle
from rag.storage.catalogue.schema import STEPS
from rag.testing import WordEmbedder
from rag.types import Article
from tests.conftest import ARTICLES, ROOT

NOBODY = "65534"
READER = """
import json, os, sys
from functools import partial
from click.testing import CliRunner
from rag import index as module
from rag.cli import main
from rag.errors import RagError
from rag.index import Index
from rag.settings import Settings
from rag.evaluation.suggested_questions import load_or_suggest
from rag.testing import OverlapReader, WordEmbedder
from rag.assistant import Assistant

def use(root):
    index = Index.open(root, Settings(_env_file=None), WordEmbedder())
    assistant = Assistant(index, OverlapReader())
    found = {
        "search": [hit.passage.article_id for hit in index.search("frost in the orchards", k=1)],
        "list": [one.id for one in index.list_articles(order="id").articles],
        "articles": [one.id for one in index.articles()],
        "counts": index.counts(), "info": index.info()["articles"], "sources": len(index.sources()),
        "versions": index.versions(), "flagged": index.flagged_articles(), "publishers": index.publishers(),
        "ask": assistant.ask("Why did the bridge close?").text, "suggested": load_or_suggest(assistant, index),
        "errors": {},
    }
    for call in (partial(index.check), partial(index.check, repair=True), partial(index.sync),
                 partial(index.sync, articles), partial(index.remove, "bridge.md"), partial(index.add, articles),
                 partial(index.rebuild), partial(index.rollback)):
        name = f"{call.func.__name__} {call.args} {call.keywords}"
        try:
            found["errors"][name] = f"done: {call()}"
        except RagError as error:
            found["errors"][name] = str(error)
    done = CliRunner().invoke(main, ["--index", root, "list", "--json"])
    found["command"] = [done.exit_code, len(json.loads(done.stdout))]
    index.close()
    return found

module.open_embedder = lambda *_: WordEmbedder()
user, articles, spare, *roots = sys.argv[1:]
if user:
    # What is imported when it is first needed may lie where only the present user may read.
    use(spare)
    os.setresgid(int(user), int(user), int(user))
    os.setresuid(int(user), int(user), int(user))
print(json.dumps({root: use(root) for root in roots}))
"""


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """Indexes in a folder that anybody may look into."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        home.chmod(0o755)
        (home / "articles").mkdir()
        for article, text in ARTICLES.items():
            (home / "articles" / article).write_text(text)
        with closing(Index.open(home / "clean", Settings(_env_file=None), WordEmbedder())) as index:
            index.sync(home / "articles")
            _keep_log(home / "clean", home / "killed")
        shutil.copytree(home / "killed", home / "log alone")
        for path in (home / "log alone").rglob("*.sqlite-shm"):
            path.unlink()
        shutil.copytree(home / "clean", home / "older")
        with closing(sqlite3.connect(home / "older" / "generation-0001" / "catalogue.sqlite")) as connection:
            for trigger in ("touched_in", "touched_out", "embedded", "not_pending"):
                connection.execute(f"DROP TRIGGER {trigger}")
            for table in ("signatures", "bands", "replaced", "touched", "marks", "pending"):
                connection.execute(f"DROP TABLE {table}")
            for statement in ("DROP TABLE edits", "DROP TRIGGER listed", "ALTER TABLE listing DROP COLUMN unsure"):
                connection.execute(statement)
            connection.execute(next(one for one in STEPS[1] if one.startswith("CREATE TRIGGER listed")))
            connection.execute("PRAGMA user_version = 4")
        yield home


def _keep_log(root: Path, target: Path) -> None:
    """An index as a writer leaves it that is killed: what it wrote last stands only in the catalogue's log."""
    with closing(sqlite3.connect(root / "generation-0001" / "catalogue.sqlite")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("UPDATE state SET changes = changes + 1")
        connection.commit()
        shutil.copytree(root, target)
    assert (target / "generation-0001" / "catalogue.sqlite-wal").stat().st_size


KINDS = ("clean", "killed", "log alone", "older")


def _check(done: "subprocess.CompletedProcess[str]", refusal: str) -> None:
    assert done.returncode == 0, done.stderr[-3000:]
    for root, found in json.loads(done.stdout).items():
        assert found["search"] == ["orchard.md"], root
        assert found["list"] == found["articles"] == ["bridge.md", "library.md", "orchard.md"]
        assert found["counts"][0] == found["info"] == 3 and found["sources"] == 1
        assert len(found["publishers"]) == 2 and found["versions"] == found["flagged"] == []
        assert "cracks" in found["ask"]
        assert found["command"] == [0, 3]
        for verb, line in found["errors"].items():
            has_room = root.endswith("log alone") and "full" in refusal
            assert has_room or re.search(refusal, line), (verb, line)
            assert "\n" not in line
            assert not ("check" in verb and ("rag rollback" in line or "rag sync" in line or "repair" in line)), line


def _run(home: Path, roots: list[Path], *before: str, user: str = "") -> "subprocess.CompletedProcess[str]":
    """Use the indexes in a process of its own, after whose end nothing that was copied is left."""
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o777)
        spare = shutil.copytree(home / "clean", Path(place) / "spare")
        (Path(place) / "tmp").mkdir()
        (Path(place) / "tmp").chmod(0o777)
        command = [*before, sys.executable, "-c", READER, user, str(home / "articles"), str(spare), *map(str, roots)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": f"{place}/tmp"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=place, timeout=300)
        assert [name for name in os.listdir(f"{place}/tmp") if name.startswith("rag-read-")] == []
    return done


def _state(roots: list[Path]) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for root in roots for path in root.rglob("*") if path.is_file()}


def test_an_index_on_a_read_only_mount_answers(home: Path) -> None:
    mount = f"mount --bind '{home}' '{home}' && mount -o remount,ro,bind '{home}' && exec \"$@\""
    if subprocess.run(["unshare", "-m", "sh", "-c", mount, "sh", "true"], capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    roots = [home / kind for kind in KINDS]
    before = _state(roots)
    _check(_run(home, roots, "unshare", "-m", "sh", "-c", mount, "sh"), "may not be written")
    assert _state(roots) == before


def test_an_index_of_somebody_else_answers(home: Path) -> None:
    """Whoever may read it needs no right to write it."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        roots = [Path(shutil.copytree(home / kind, Path(name) / kind)) for kind in KINDS]
        for path in (path for root in roots for path in (root, *root.rglob("*"))):
            path.chmod(0o555 if path.is_dir() else 0o444)
        before = _state(roots)
        _check(_run(home, roots, user=NOBODY if os.getuid() == 0 else ""), "may not be written")
        assert _state(roots) == before
        for path in (path for root in roots for path in (root, *root.rglob("*"))):
            path.chmod(0o755)


def test_an_index_on_a_full_disk_answers(home: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    try:
        roots = [Path(shutil.copytree(home / kind, disk / kind)) for kind in KINDS]
        with open(disk / "ballast", "wb", buffering=0) as ballast:
            free = shutil.disk_usage(disk).free
            ballast.write(bytes(free))
        assert not shutil.disk_usage(disk).free
        # Where SQLite folds a log that is left over into its file, some room is free again.
        _check(_run(home, roots), "No space left on device|disk is full")
        (disk / "ballast").unlink()
        for root in roots:
            with closing(Index.open(root, Settings(_env_file=None), WordEmbedder())) as index:
                index.sync(home / "articles")
                assert index.check() == []
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def _article(id: str) -> Article:
    return Article(id, "A title", "A text.")


def test_what_is_written_elsewhere_is_seen_where_nothing_may_be_written(tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root may mount")
    path, seen = tmp_path / "index" / "catalogue.sqlite", tmp_path / "seen"
    path.parent.mkdir()
    seen.mkdir()
    writer = Catalogue(path)
    writer.confirm([IndexedArticle(_article("a"), "", 1)])
    writer.close()
    mounted = subprocess.run(["mount", "--bind", str(path.parent), str(seen)], capture_output=True)
    if mounted.returncode:
        pytest.skip("no file system may be mounted here")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(seen)], check=True)
        reader = Catalogue(seen / path.name)
        assert reader.counts() == (1, 1)
        writer = Catalogue(path)
        writer.confirm([IndexedArticle(_article("b"), "", 1)])
        assert reader.counts() == (2, 2)
        writer.close()
        assert reader.counts() == (2, 2)
        with pytest.raises(StoreError, match=r"^the catalogue [^\n]* (may not|cannot) be written[^\n]*$"):
            reader.confirm([IndexedArticle(_article("c"), "", 1)])
        reader.close()
    finally:
        subprocess.run(["umount", "--lazy", str(seen)], check=True)
