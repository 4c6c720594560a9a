"""Text that is declared as Latin-1 and is Windows-1252 keeps its quotation marks, dashes and signs everywhere."""

from pathlib import Path

import pytest

from rag.sources.cleaning.encodings import decode, replace_control_references
from rag.types import Article
from tests.support.reading import read

TEXT = "“Ce n’est pas fini – on verra l’été prochain”, dit le maire… 40 € l’entrée, pas plus."


def loaded(path: Path, data: bytes) -> Article:
    path.write_bytes(data)
    [article] = read([str(path)])
    assert isinstance(article, Article), article
    return article


def page(charset: str) -> str:
    head = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}"><title>Fête</title>'
    return f"<html><head>{head}</head><body><h1>Fête</h1><p>{TEXT}</p></body></html>"


def mail(charset: str, kind: str = "plain", subject: str = "Fete", body: str = TEXT) -> str:
    head = f"From: A <a@x.example>\nSubject: {subject}\nDate: Fri, 2 Feb 2024 14:00:00 +0000\nMIME-Version: 1.0\n"
    return f"{head}Content-Type: text/{kind}; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n{body}\n"


@pytest.mark.parametrize("charset", ["iso-8859-1", "ISO8859-1", "latin1", "us-ascii", "windows-1252"])
def test_declared_latin_is_windows(tmp_path: Path, charset: str) -> None:
    assert TEXT in loaded(tmp_path / "a.html", page(charset).encode("cp1252")).text
    assert TEXT in loaded(tmp_path / "b.eml", mail(charset).encode("cp1252")).text
    assert TEXT in loaded(tmp_path / "c.eml", mail(charset, "html", body=page(charset)).encode("cp1252")).text


def test_a_declaration_that_does_not_fit_is_none(tmp_path: Path) -> None:
    assert TEXT in loaded(tmp_path / "a.html", page("iso-8859-1").encode()).text
    assert decode(TEXT.encode("cp1252"), "utf-8", "latin-1").text == TEXT


def test_a_byte_that_windows_leaves_free_costs_only_itself() -> None:
    assert decode(TEXT.encode("cp1252") + b" \x9d", "iso-8859-1").text.rstrip(" \x9d") == TEXT


def test_a_subject_in_latin(tmp_path: Path) -> None:
    article = loaded(tmp_path / "a.eml", mail("utf-8", subject="=?iso-8859-1?Q?L=92=E9t=E9_=96_fin?=").encode())
    assert article.title == "L’été – fin"


@pytest.mark.parametrize(
    ("written", "meant"),
    [("l&#146;a", "l’a"), ("&#x93;a&#X0094;", "“a”"), ("&#150 b", "– b"), ("&#233;&#1460;&#81;", "&#233;&#1460;&#81;"),
     ("&#129;", "&#129;"), ("&#x930;", "&#x930;")],
)  # fmt: skip
def test_references_to_windows_places(written: str, meant: str) -> None:
    assert replace_control_references(written) == meant
