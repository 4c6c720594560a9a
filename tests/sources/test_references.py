"""Bibliographies give an article for each entry with an abstract.

The tags are those of RIS as Zotero's translator writes them
(https://github.com/zotero/translators/blob/master/RIS.js), the fields those of its BibTeX translator
(https://github.com/zotero/translators/blob/master/BibTeX.js).
"""

from pathlib import Path

import pytest

from rag import explain
from rag.failures import LeftOut
from rag.types import Article, Failure
from tests.support.reading import read

RIS = """\ufeffTY  - NEWS
TI  - Weir closed for repairs
AU  - Lee, Ann
AU  - Quist, Bo
T2  - Harbor Review
DA  - 2024/03/05/
UR  - https://harbor.example/weir
AB  - The weir at Harlow was closed on Tuesday.
Forty boats waited.
KW  - weirs
KW  - boats
ER  - \r

TY  - JOUR
TI  - No abstract
ER  -
"""
BIB = r"""@string{hr = {Harbor Review}}
@comment{not, an = {entry}}
@article{lee2024,
  title = {The {Weir} at H{\"a}rlow---closed \& drained},
  author = {Lee, Ann and Fran\c{c}ois N\'{e}el},
  journaltitle = "Harbor " # {Review},
  date = {2024-03-05}, year = 2024,
  url = {https://harbor.example/weir},
  abstract = {It was closed, said "the mayor", on 5~March. It costs 100\,\% more.}
}
@book(none, title = "No abstract")
"""


def items(path: Path, text: str) -> list[Article | Failure]:
    path.write_text(text, encoding="utf-8")
    return [item for item in read([str(path)]) if isinstance(item, Article | Failure)]


def test_ris(tmp_path: Path) -> None:
    article, missing = items(tmp_path / "a.ris", RIS)
    assert isinstance(article, Article)
    assert (article.id, article.title) == ("harbor.example/weir", "Weir closed for repairs")
    assert (article.author, article.source, article.date) == ("Ann Lee, Bo Quist", "Harbor Review", "2024-03-05")
    assert article.text == "The weir at Harlow was closed on Tuesday.\nForty boats waited."
    assert article.metadata["keywords"] == "weirs, boats"
    assert missing == LeftOut(str(tmp_path / "a.ris"), "1 of its 2 references, which have no abstract")


def test_bibtex(tmp_path: Path) -> None:
    article, missing = items(tmp_path / "a.bib", BIB)
    assert isinstance(article, Article)
    assert (article.id, article.title) == ("a.bib#lee2024", "The Weir at Härlow—closed & drained")
    assert (article.author, article.source, article.date) == ("Ann Lee, François Néel", "Harbor Review", "2024-03-05")
    assert article.text == 'It was closed, said "the mayor", on 5 March. It costs 100% more.'
    assert isinstance(missing, LeftOut)


@pytest.mark.parametrize(("name", "text"), [("a.ris", "TY  - NEWS\nTI  - A\nER  -\n"), ("a.bib", "@a{b, title={C}}")])
def test_references_without_abstracts_are_left_out(tmp_path: Path, name: str, text: str) -> None:
    assert items(tmp_path / name, text) == [LeftOut(str(tmp_path / name), "references without abstracts")]


@pytest.mark.parametrize("text", ["@a{b, abstract = {never closed", '@a{b, abstract = "x', "@a{b, c ="])
def test_cut_entries_end_with_the_file(tmp_path: Path, text: str) -> None:
    assert len(items(tmp_path / "a.bib", text)) == 1


@pytest.mark.parametrize(("name", "text"), [("a.ris", RIS), ("a.bib", BIB)])
def test_a_second_reading_finds_the_abstracts(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    coverage, _ = explain(str(tmp_path / name))
    assert not isinstance(coverage, Failure)
    assert coverage.read >= 13
