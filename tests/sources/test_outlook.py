"""A message that Outlook saved is read as any e-mail is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from rag.types import Article, Failure
from tests.support.documents import FIRST, SECOND, THIRD
from tests.support.outlook import attached_file, attached_message, compound, message
from tests.support.reading import read

SENT = datetime(2024, 1, 5, 9, 30, tzinfo=UTC)


def load(path: Path, data: bytes) -> list[Article | Failure]:
    path.write_bytes(data)
    return [item for item in read([str(path)]) if isinstance(item, Article | Failure)]


def endless(data: bytes) -> bytes:
    """A message whose subject has four gigabytes, of sectors that follow each other in a circle."""
    name = data.index("__substg1.0_0037001F".encode("utf-16-le"))
    return data[: name + 120] + b"\xff\xff\xff\xff" + data[name + 124 :]


def test_a_message_with_what_is_attached(tmp_path: Path) -> None:
    long_text = (f"{THIRD} Nr. {number}" for number in range(200))
    inner = message("Tides", SECOND, sender="Bo Holm", sent=datetime(2024, 1, 3, 8, tzinfo=UTC), header=24)
    files = [attached_file("plan.txt", "\n\n".join(long_text).encode(), "text/plain"), attached_message(inner)]
    data = compound(message("Canal öffnet", f"{FIRST}\r\n\r\n-- \r\nAnn", sent=SENT, attached=files))
    found = load(tmp_path / "a.msg", data)
    assert all(isinstance(item, Article) for item in found), found
    articles = {item.id: item for item in found if isinstance(item, Article)}
    assert list(articles) == ["a.msg", "a.msg/plan.txt", "a.msg/Tides.eml"]
    own = articles["a.msg"]
    assert (own.title, own.author, own.date, own.text) == ("Canal öffnet", "Ann Lee", "2024-01-05", FIRST)
    tides = articles["a.msg/Tides.eml"]
    assert (tides.author, tides.date, tides.text) == ("Bo Holm", "2024-01-03", SECOND)
    assert articles["a.msg/plan.txt"].text.endswith(f"{THIRD} Nr. 199")


def test_a_message_in_html_alone(tmp_path: Path) -> None:
    [article] = load(tmp_path / "a.msg", compound(message("Canal", "", page=f"<p>{FIRST}</p><p>{SECOND}</p>")))
    assert isinstance(article, Article)
    assert article.text == f"{FIRST}\n\n{SECOND}"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(endless(compound(message("Canal", FIRST))), id="endless"),
        pytest.param(compound(message("Canal", FIRST))[:64] + b"\xff" * 448 + bytes(4000), id="large tables"),
        pytest.param(b"From: Ann", id="text"),
        pytest.param(compound({"WordDocument": b"text"}), id="word"),
        pytest.param(compound(message("Canal", FIRST))[:1000], id="cut"),
        pytest.param(compound(message("Canal", FIRST))[:600] + bytes(5000), id="zeros"),
    ],
)
def test_what_is_no_message_is_named(data: bytes, tmp_path: Path) -> None:
    [failure] = load(tmp_path / "a.msg", data)
    assert isinstance(failure, Failure)
    assert failure.reason in (
        "damaged: it says to hold more than its file does",
        "cut short",
        "no message of Outlook in spite of its ending",
        "damaged, or no e-mail in spite of its ending",
    )
