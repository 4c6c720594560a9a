"""What is attached to an e-mail becomes articles of their own, and costs the message nothing."""

from collections.abc import Iterable
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest

from rag.failures import LeftOut
from rag.index import Index
from rag.settings import Settings
from rag.testing import WordEmbedder
from rag.text.dates import DATE_NOTE
from rag.types import Article, Failure
from tests.support import documents
from tests.support.documents import FIRST, SECOND, THIRD
from tests.support.reading import read

PDF = ("application", "pdf")
WORD = ("application", "vnd.openxmlformats-officedocument.wordprocessingml.document")


def mail(
    text: str, subject: str = "Minutes", sender: str = "Ann Lee <ann@example.org>", day: str = "05"
) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"] = sender, subject
    message["Date"] = f"Fri, {day} Jan 2024 10:00:00 +0100"
    message["Message-ID"] = f"<{subject.lower()}@example.org>"
    message.set_content(text)
    return message


def load(path: Path, data: bytes) -> tuple[dict[str, Article], list[Failure]]:
    path.write_bytes(data)
    found = list(read([str(path)]))
    return {item.id: item for item in found if isinstance(item, Article)}, [
        item for item in found if isinstance(item, Failure)
    ]


def attach(message: EmailMessage, files: Iterable[tuple[str, bytes, tuple[str, str]]]) -> bytes:
    for name, data, (main, sub) in files:
        message.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return message.as_bytes()


def test_files_are_articles_with_the_day_of_their_message(tmp_path: Path) -> None:
    files = [
        ("plan.pdf", documents.pdf([[SECOND]]), PDF),
        ("notes.docx", documents.docx(f"<w:p><w:r><w:t>{THIRD}</w:t></w:r></w:p>"), WORD),
        ("notes.docx", documents.docx(f"<w:p><w:r><w:t>{FIRST}</w:t></w:r></w:p>"), ("application", "octet-stream")),
        ("list.txt", THIRD.encode(), ("text", "plain")),
        ("harbour.png", b"\x89PNG", ("image", "png")),
    ]
    articles, failures = load(tmp_path / "a.eml", attach(mail(FIRST), files))
    assert not failures
    names = ["a.eml", "a.eml/plan.pdf", "a.eml/notes.docx", "a.eml/notes (2).docx", "a.eml/list.txt"]
    assert list(articles) == names
    assert articles["a.eml"].text == FIRST
    plan = articles["a.eml/plan.pdf"]
    assert SECOND in plan.text
    assert (plan.source, plan.metadata["attached to"]) == ("Ann Lee", "Minutes")
    assert plan.date == "2024-01-05"
    assert plan.metadata[DATE_NOTE] == "the day of the e-mail that it is attached to"
    assert {article.origin for article in articles.values()} == {str(tmp_path / "a.eml")}


@pytest.mark.parametrize("kind", ["rfc822", "octet-stream"])
def test_an_attached_message_has_its_own_sender_and_day(kind: str, tmp_path: Path) -> None:
    inner = mail(SECOND, "Tides", "Bo Holm <bo@example.org>", "03")
    message = mail(FIRST)
    if kind == "rfc822":
        message.add_attachment(inner)
    else:
        attach(message, [("Tides.eml", inner.as_bytes(), ("application", kind))])
    articles, failures = load(tmp_path / "a.eml", message.as_bytes())
    assert not failures
    assert articles["a.eml"].text == FIRST
    tides = articles["a.eml/Tides.eml"]
    assert (tides.title, tides.author, tides.date, tides.text) == ("Tides", "Bo Holm", "2024-01-03", SECOND)


def test_a_message_that_only_carries_others_is_no_failure(tmp_path: Path) -> None:
    articles, failures = load(tmp_path / "a.eml", attach(mail(""), [("plan.txt", FIRST.encode(), ("text", "plain"))]))
    assert list(articles) == ["a.eml/plan.txt"]
    assert not failures


def test_what_cannot_be_read_is_named_and_the_message_stays(tmp_path: Path) -> None:
    files = [
        ("plan.pdf", b"%PDF-1.4 and no more", PDF),
        ("all.zip", documents.zipped({"a.txt": FIRST}), ("application", "zip")),
        ("../../etc/meeting.ics", b"BEGIN:VCALENDAR", ("text", "calendar")),
    ]
    articles, failures = load(tmp_path / "a.eml", attach(mail(FIRST), files))
    assert list(articles) == ["a.eml"]
    told = {failure.source.removeprefix(f"{tmp_path / 'a.eml'}/"): failure for failure in failures}
    assert list(told) == ["plan.pdf", "all.zip", "..-..-etc-meeting.ics"]
    assert told["all.zip"].reason == "an archive in an e-mail, which is not opened"
    assert isinstance(told["..-..-etc-meeting.ics"], LeftOut)


def test_messages_within_each_other_end_somewhere(tmp_path: Path) -> None:
    message = mail(FIRST, "Level 0")
    for level in range(1, 9):
        outer = mail(f"{SECOND} {level}", f"Level {level}")
        outer.add_attachment(message)
        message = outer
    articles, failures = load(tmp_path / "a.eml", message.as_bytes())
    assert len(articles) == 6
    assert [failure.reason for failure in failures] == ["more than 5 e-mails within each other; it is not opened"]


def test_a_mailbox_keeps_what_is_attached_with_its_message(tmp_path: Path) -> None:
    first = attach(mail(FIRST), [("plan.txt", SECOND.encode(), ("text", "plain"))])
    second = attach(mail("", "Copy"), [("plan.txt", THIRD.encode(), ("text", "plain"))])
    box = b"".join(b"From ann@example.org Fri Jan  5 10:00:00 2024\n" + one + b"\n\n" for one in (first, second))
    articles, failures = load(tmp_path / "all.mbox", box)
    assert not failures
    own = "all.mbox#minutes@example.org"
    assert {id: article.text for id, article in articles.items()} == {
        own: FIRST,
        f"{own}/plan.txt": SECOND,
        "all.mbox#copy@example.org/plan.txt": THIRD,
    }


def test_what_is_no_longer_attached_is_removed(tmp_path: Path) -> None:
    sources = tmp_path / "mails"
    sources.mkdir()
    path = sources / "a.eml"
    with closing(Index(tmp_path / "index", Settings(), embedder=WordEmbedder())) as index:
        path.write_bytes(attach(mail(FIRST), [("plan.txt", SECOND.encode(), ("text", "plain"))]))
        assert index.sync(sources).added == 2
        path.write_bytes(mail(FIRST).as_bytes())
        assert index.sync(sources).removed == 1
