"""Newsletters are their posts, without what their service puts around them; so are pages that were pasted."""

from pathlib import Path

import pytest

from rag.sources.cleaning.pasted_furniture import is_breadcrumb, leads_elsewhere, strip_wiki_marks
from rag.sources.formats.newsletter import split_sender
from rag.types import Article
from tests.support.reading import read

TITLE = "Who mends the nets"
POST = "Only four boats are left in the harbour. In 1978 there were ninety-one of them."
MORE = "Since 2019 the quay has been home to a farm that employs 27 people and two dogs."
PLAIN = "View this post on the web at https://tide.example.org/p/nets?utm_source=mail\n\nOnly four."


def newsletter(body: str, plain: str = PLAIN, sender: str = "Ann Lee from Tide Notes", subject: str = TITLE) -> bytes:
    kinds = (("plain", plain), ("html", body))
    parts = "".join(f'--b\nContent-Type: text/{kind}; charset="utf-8"\n\n{text}\n' for kind, text in kinds)
    return (
        f"From: {sender} <notes@tide.example.org>\nSubject: {subject}\nDate: Tue, 12 Mar 2024 11:30:07 +0000\n"
        "List-Unsubscribe: <https://tide.example.org/u>\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/alternative; boundary="b"\n\n{parts}--b--\n'
    ).encode()


def loaded(path: Path, data: bytes) -> Article:
    path.write_bytes(data)
    [article] = read([str(path)])
    assert isinstance(article, Article), article
    return article


@pytest.mark.parametrize(
    "noise",
    [
        "<p>Forwarded this email? <a href='https://s'>Subscribe here</a> for more</p>",
        "<div><a href='https://a'>READ IN APP</a></div>",
        "<p><a href='https://a'><span>Share</span></a></p>",
        "<p>Tide Notes is a reader-supported publication. Consider becoming a free or paid subscriber.</p>",
        "<div><p>© 2024 Ann Lee<br>548 Harbour Street<br><a href='https://u'>Unsubscribe</a></p></div>",
        "<table><tr><td><p>You are receiving this because you signed up.</p></td></tr></table>",
        "<div><p>Tide Notes, 3 Quay, Oldhaven</p><p><a href='https://u'>Abmelden</a></p></div>",
        "<p><a href='https://w'>Im Browser ansehen</a></p>",
        f"<h1><a href='https://tide.example.org/p/nets'>{TITLE}</a></h1>",
        "<div>Ann Lee<br>Mar 12</div>",
        "<div style='display:none;max-height:0'>And what came after</div>",
        "<style>.x{}</style>",
    ],
)
@pytest.mark.parametrize("place", ["{noise}<p>{POST}</p><p>{MORE}</p>", "<table><tr><td></td><td><table><tr><td>{noise}"
                                   "<p>{POST}</p><p>{MORE}</p></td></tr></table></td></tr></table>"])  # fmt: skip
def test_what_is_around_a_post_goes(tmp_path: Path, noise: str, place: str) -> None:
    body = place.format(noise=noise, POST=POST, MORE=MORE)
    article = loaded(tmp_path / "a.eml", newsletter(f"<html><body>{body}</body></html>"))
    assert article.text == f"{POST}\n\n{MORE}"
    assert (article.title, article.author, article.source) == (TITLE, "Ann Lee", "Tide Notes")
    assert article.url == "https://tide.example.org/p/nets"


def test_the_title_leads_to_the_post(tmp_path: Path) -> None:
    head = f"<h2><a href='https://tide.example.org/p/nets?utm_medium=email'>{TITLE}</a></h2>"
    article = loaded(tmp_path / "a.eml", newsletter(f"{head}<p>{POST}</p><p>{MORE}</p>", plain="Only four."))
    assert article.url == "https://tide.example.org/p/nets"


@pytest.mark.parametrize(
    ("name", "list_name", "author", "publisher"),
    [
        ("Ann Lee from Tide Notes", "", "Ann Lee", "Tide Notes"),
        ("Ann at Tide Notes", "", "Ann", "Tide Notes"),
        ("Ann Lee | Tide Notes", "", "Ann Lee", "Tide Notes"),
        ("Tide Notes", "", "Tide Notes", "Tide Notes"),
        ("Ann Lee", "Tide Notes", "Ann Lee", "Tide Notes"),
        ("Ann Lee", "8f3ab1mc list", "Ann Lee", "Ann Lee"),
        ("Oscar de la Renta", "", "Oscar de la Renta", "Oscar de la Renta"),
    ],
)
def test_senders(name: str, list_name: str, author: str, publisher: str) -> None:
    assert split_sender(name, list_name) == (author, publisher)


@pytest.mark.parametrize(
    ("line", "is_one"),
    [("Home > News > Local", True), ("Start › Sport", True), ("News » Region » Varn", True), ("Home", False),
     ("The price rose from 3 > 4 > 5 crowns", False), ("He left home > nobody knows why.", False),
     ("left / right / centre", False)],
)  # fmt: skip
def test_breadcrumbs(line: str, is_one: bool) -> None:
    assert is_breadcrumb(line) == is_one


@pytest.mark.parametrize(
    ("line", "is_one"),
    [("Read more: Mill burns", True), ("Lesen Sie auch: Mühle brennt", True), ("RELATED: Who mends the nets?", False),
     ("Read more: he said that it had burnt.", False), ("Mill burns: more soon", False)],
)  # fmt: skip
def test_lines_that_lead_elsewhere(line: str, is_one: bool) -> None:
    assert leads_elsewhere(line) == is_one


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Formed in 1420[1] and drained.[2] Again.[1]", "Formed in 1420 and drained. Again."),
        ("History[edit]\nMonks came.[7]", "History\nMonks came."),
        ("Geschichte [Bearbeiten | Quelltext bearbeiten]", "Geschichte"),
        ("Drained.[1] Deep.[2]\n^ Dahl, p. 12", "Drained. Deep."),
        ("The list a[0] and b[3] and c[9].", "The list a[0] and b[3] and c[9]."),
        ("“He [sic] said so.[4]”", "“He [sic] said so.[4]”"),
    ],
)
def test_marks_of_wikis_in_pasted_text(text: str, bare: str) -> None:
    assert strip_wiki_marks(text) == bare


def test_a_pasted_page_is_titled_by_its_headline(tmp_path: Path) -> None:
    text = f"Home > News > Local\n\n{TITLE}\n\nBy Li Wu\n\n{POST}\n\nRead more: Mill burns\n\n{MORE}\n"
    article = loaded(tmp_path / "a.txt", text.encode())
    assert (article.title, article.text) == (TITLE, f"{POST}\n\n{MORE}")
