"""Tar files and packed files are read as zip files are, and what is dangerous in them is refused by name."""

import bz2
import gzip
import lzma
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rag import explain
from rag.ingestion.explain import Coverage
from rag.types import Article, Failure
from tests.support import documents
from tests.support.reading import read

ZEROS = bytes(30_000_000)
TEXT = "The lock gates were shut at noon because of ice."


def of_type(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    return info


def items(path: Path, data: bytes) -> list[Article | Failure]:
    path.write_bytes(data)
    return [item for item in read([str(path)]) if isinstance(item, (Article, Failure))]


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("a.tar", bytes), ("a.tar.gz", gzip.compress), ("a.tgz", gzip.compress), ("A.TAR.GZ", gzip.compress),
        ("a.tar.bz2", bz2.compress), ("a.tbz2", bz2.compress), ("a.tar.xz", lzma.compress), ("a.txz", lzma.compress),
    ],
)  # fmt: skip
def test_tar_files_are_read_entry_by_entry(name: str, pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    entries = {
        "b/lock.txt": TEXT.encode(),
        "a.md": b"# Canal\n\nBoats go.",
        ".hidden": b"no",
        "c.docx": documents.docx(),
    }
    found = items(tmp_path / name, documents.tarred({**entries}, pack))
    assert [item.id for item in found if isinstance(item, Article)] == [
        f"{name}/b/lock.txt", f"{name}/a.md", f"{name}/c.docx",
    ]  # fmt: skip
    assert found[0].text == TEXT  # type: ignore[union-attr]


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)])
def test_a_packed_file_is_read_by_the_name_within(suffix: str, pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    [article] = items(tmp_path / f"canal-lock.md{suffix}", pack(f"---\nauthor: Ida Moor\n---\n{TEXT}".encode()))
    assert isinstance(article, Article)
    assert article.id == f"canal-lock.md{suffix}/canal-lock.md"
    assert (article.title, article.author, article.text) == ("Canal lock", "Ida Moor", TEXT)


def test_what_is_dangerous_in_a_tar_file_is_named_and_the_rest_read(tmp_path: Path) -> None:
    entries: dict[str, bytes | tarfile.TarInfo] = {
        "../out.txt": TEXT.encode(),
        "/root.txt": TEXT.encode(),
        "link.txt": of_type("link.txt", tarfile.SYMTYPE, "/etc/passwd"),
        "hard.txt": of_type("hard.txt", tarfile.LNKTYPE, "good.txt"),
        "pipe.txt": of_type("pipe.txt", tarfile.FIFOTYPE),
        "inner.tar.gz": documents.tarred({"a.txt": TEXT.encode()}, gzip.compress),
        "film.mp4": b"x",
        "good.txt": TEXT.encode(),
    }
    found = items(tmp_path / "a.tar.gz", documents.tarred(entries, gzip.compress))
    reasons = {item.source.rpartition("a.tar.gz/")[2]: item.reason for item in found if isinstance(item, Failure)}
    assert reasons == {
        "../out.txt": "its path leads out of the archive",
        "/root.txt": "its path leads out of the archive",
        "link.txt": "a link, not a file",
        "hard.txt": "a link, not a file",
        "pipe.txt": "a device, not a file",
        "inner.tar.gz": "an archive within an archive, which is not opened",
        "film.mp4": "not a kind of file that can be read: .mp4",
    }
    assert [item.id for item in found if isinstance(item, Article)] == ["a.tar.gz/good.txt"]


def forge(kind: bytes) -> bytes:
    """Make a tar file whose one header says that an exabyte follows, as a file or as the names of files."""
    info = of_type("a.txt", kind)
    info.size = 1 << 60
    return gzip.compress(info.tobuf(tarfile.GNU_FORMAT) + b"x" * 2048)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        pytest.param(
            "a.tar.gz", documents.tarred({"a.txt": ZEROS}, gzip.compress), "as only a bomb does", id="tar bomb"
        ),
        pytest.param("a.txt.gz", gzip.compress(ZEROS), "is over the limit", id="gz bomb"),
        pytest.param("a.txt.xz", lzma.compress(ZEROS), "is over the limit", id="xz bomb"),
        pytest.param("a.tar.gz", forge(tarfile.REGTYPE), "as only a bomb does", id="forged size"),
        pytest.param("a.tar.gz", forge(tarfile.XHDTYPE), "as only a bomb does", id="forged names"),
        pytest.param("a.tar.gz", b"no archive", "damaged, or no tar file in spite of its ending", id="no gzip"),
        pytest.param("a.tar", b"no archive" * 100, "damaged, or no tar file in spite of its ending", id="no tar"),
        pytest.param("a.txt.gz", gzip.compress(b"Boats go.")[:-9], "damaged: it cannot be unpacked", id="cut short"),
        pytest.param("a.tar", documents.tarred({}), "no file in it", id="empty"),
    ],
)
def test_bombs_and_damaged_files_are_refused_in_one_line(name: str, data: bytes, reason: str, tmp_path: Path) -> None:
    [item] = items(tmp_path / name, data)
    assert isinstance(item, Failure)
    assert reason in item.reason


def test_a_packed_file_is_measured_by_what_is_within(tmp_path: Path) -> None:
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(TEXT.encode()))
    (tmp_path / "b.tar.gz").write_bytes(documents.tarred({"b.txt": TEXT.encode()}, gzip.compress))
    found = [one for one in explain([str(tmp_path)]) if isinstance(one, Coverage)]
    assert [(one.words, one.lost) for one in found] == [(10, 0), (10, 0)]
