"""Spreadsheets give an article a row or a sheet, slides one article; what is hidden is named, nothing is computed."""

from pathlib import Path

import pytest

from rag import explain
from rag.sources.formats.column_guess import COLUMNS_NOTE
from rag.sources.formats.fields_file import write_fields_file
from rag.types import Article, Failure
from tests.support import documents
from tests.support.documents import FIRST, SECOND, THIRD, zipped
from tests.support.office_documents import (
    DAY_STYLE,
    OWN_STYLE,
    SHARE_STYLE,
    TIME_STYLE,
    cell,
    core,
    pptx_parts,
    relations,
    rows,
    shape,
    slide_table,
    xlsx_parts,
)
from tests.support.reading import read


def items(path: Path, data: bytes) -> list[Article | Failure]:
    path.write_bytes(data)
    return [item for item in read([str(path)]) if isinstance(item, Article | Failure)]


def articles(path: Path, data: bytes) -> list[Article]:
    found = items(path, data)
    assert all(isinstance(item, Article) for item in found), found
    return [item for item in found if isinstance(item, Article)]


def reason(path: Path, data: bytes) -> str:
    [item] = items(path, data)
    assert isinstance(item, Failure), item
    return item.reason


def test_rows_of_articles_and_a_sheet_of_data(tmp_path: Path) -> None:
    one, two, data = articles(tmp_path / "a.xlsx", documents.xlsx())
    assert (one.title, one.text, two.title, two.text) == ("Canal open", FIRST, "Ferry", SECOND)
    assert (data.id, data.title) == ("a.xlsx#Data", "A: Data")
    assert data.text == "gate: upper; boats: 40\ngate: lower; boats: 12"


def test_columns_of_any_name_and_days_of_any_form(tmp_path: Path) -> None:
    sheet = (
        '<row r="3"><c r="B3" t="s"><v>0</v></c></row>'
        f'<row r="5">{cell("B5", "kop9")}{cell("C5", "wann")}{cell("D5", "zz")}{cell("F5", "id")}</row>'
        f'<row r="6">{cell("B6", "Canal reopened")}{cell("C6", 45356, OWN_STYLE)}{cell("D6", FIRST)}'
        f"{cell('F6', 7)}</row>"
        f'<row r="7">{cell("B7", "Ferry returns")}{cell("C7", 45357.5, DAY_STYLE)}{cell("D7", THIRD)}'
        f"{cell('F7', 8)}</row>"
    )
    strings = "<si><r><t>Export</t></r><r><t> of May</t></r><rPh><t>SOUND</t></rPh></si>"
    data = zipped(xlsx_parts({"News": sheet}, strings=strings))
    one, two = articles(tmp_path / "a.xlsx", data)
    assert (one.id, one.title, one.date, one.text) == ("a.xlsx#7", "Canal reopened", "2024-03-05", FIRST)
    assert (two.title, two.date) == ("Ferry returns", "2024-03-06")
    assert one.metadata["above the table"] == "Export of May"
    assert one.metadata[COLUMNS_NOTE] == "text = zz, title = kop9, date = wann, id = id"
    write_fields_file(str(tmp_path / "a.xlsx"), {"title": "zz", "text": "kop9"})
    again, _ = articles(tmp_path / "a.xlsx", data)
    assert (again.id, again.text) == ("a.xlsx#7", "Canal reopened")


def test_a_sheet_of_data_as_it_is_shown(tmp_path: Path) -> None:
    sheet = (
        f'<row r="1">{cell("A1", "Boats of 2024")}</row>'
        f'<row r="2">{cell("A2", "gate")}{cell("B2", "share")}{cell("C2", "opens")}{cell("D2", "sum")}</row>'
        f'<row r="3">{cell("A3", "upper")}{cell("B3", 0.125, SHARE_STYLE)}{cell("C3", 0.5, TIME_STYLE)}'
        f"{cell('D3', 0.30000000000000004, 0, 'SUM(X1)')}</row>"
        f'<row r="4"><c r="A4"/><c r="B4" t="b"><v>1</v></c><c r="C4" t="e"><v>#REF!</v></c>'
        f"{cell('D4', '', 0, 'WEBSERVICE(&quot;http://127.0.0.1&quot;)')}</row>"
        f'<row r="9">{cell("A9", "place")}{cell("B9", "year")}</row>'
        f'<row r="10">{cell("A10", "Oak")}{cell("B10", 1902)}</row>'
    )
    [article] = articles(tmp_path / "a.xlsx", zipped(xlsx_parts({"S": sheet}, merged="A3:A4", title="Boats")))
    assert article.title == "Boats"
    assert article.text.split("\n") == [
        *("Boats of 2024", "", "gate: upper; share: 12.5%; opens: 12:00; sum: 0.3", "gate: upper; share: TRUE"),
        *("", "place: Oak; year: 1902"),
    ]
    assert article.metadata["formulas without a result"] == "1"


def test_hidden_sheets_are_named_and_not_read(tmp_path: Path) -> None:
    table = rows([["a", "b"], ["x", 1]])
    [article] = articles(tmp_path / "a.xlsx", zipped(xlsx_parts({"S": table, "Secret": table}, hidden=["Secret"])))
    assert article.metadata["hidden sheets"] == "Secret"
    said = reason(tmp_path / "b.xlsx", zipped(xlsx_parts({"Secret": table}, hidden=["Secret"])))
    assert said == "all its sheets are hidden: Secret"


def test_a_sheet_of_few_cells_far_apart_takes_no_room(tmp_path: Path) -> None:
    sheet = f'<row r="1">{cell("A1", "a")}{cell("XFD1", "b")}</row><row r="1048576">{cell("A1048576", "c")}</row>'
    [article] = articles(tmp_path / "a.xlsx", zipped(xlsx_parts({"S": sheet}, merged="A1:XFC1048575")))
    assert article.text.split() == ["a", "|", "b", "c"] or {"a", "b", "c"} <= set(article.text.split())


@pytest.mark.parametrize("name", ["a.xlsx", "a.pptx"])
def test_encrypted_and_damaged_files_are_named(tmp_path: Path, name: str) -> None:
    suffix = name[1:]
    assert f"save a copy as {suffix} without one" in reason(tmp_path / name, b"\xd0\xcf\x11\xe0" + b"\0" * 600)
    kind = "Excel" if suffix == ".xlsx" else "PowerPoint"
    assert reason(tmp_path / name, b"PK\x03\x04") == f"damaged, or no {kind} file in spite of its ending"
    entity = '<!DOCTYPE a [<!ENTITY a "b">]><a>&a;</a>'
    main = "xl/workbook.xml" if suffix == ".xlsx" else "ppt/presentation.xml"
    parts = xlsx_parts({"S": ""}) if suffix == ".xlsx" else pptx_parts([""])
    assert "document type or entities" in reason(tmp_path / name, zipped({**parts, main: entity}))
    assert reason(tmp_path / name, zipped(parts)) == "no text in it"


def test_what_lies_outside_a_file_is_not_read(tmp_path: Path) -> None:
    parts = xlsx_parts({"S": rows([["a", "b"], ["x", 1]])})
    outside = parts["xl/_rels/workbook.xml.rels"].replace("Target=", "TargetMode='External' Target=")
    assert reason(tmp_path / "a.xlsx", zipped({**parts, "xl/_rels/workbook.xml.rels": outside})) == "no text in it"


def test_slides_in_order_with_titles_points_tables_and_notes(tmp_path: Path) -> None:
    slides = [
        shape([FIRST]) + shape(["Pier plans"], "ctrTitle"),
        shape(["Second"], "title") + shape(["one", "-deeper", "two"]) + shape(["free text"], None),
        slide_table([["gate", "boats"], ["upper", "40"]]),
        shape(["HIDDEN"]),
    ]
    [article] = articles(tmp_path / "deck.pptx", zipped(pptx_parts(slides, notes=SECOND, hidden=[4])))
    assert (article.title, article.author) == ("Pier plans", "Ann Lee")
    assert article.text == "\n\n".join(
        (FIRST, SECOND, "Second", "one\ndeeper\ntwo", "free text", "gate: upper; boats: 40")
    )
    assert article.metadata["hidden slides"] == "4"
    said = reason(tmp_path / "b.pptx", zipped(pptx_parts([shape([FIRST])], hidden=[1])))
    assert said == "all its slides are hidden: 1"


def test_a_stated_title_of_slides_and_their_diagrams(tmp_path: Path) -> None:
    diagram = '<p:graphicFrame><a:graphic><d:relIds xmlns:d="urn:d" r:dm="r1"/></a:graphic></p:graphicFrame>'
    parts = {
        **pptx_parts([diagram], title="Plans"),
        "ppt/slides/_rels/slide1.xml.rels": relations({"../diagrams/data1.xml": "diagramData"}),
        "ppt/diagrams/data1.xml": f'<d xmlns:a="urn:a"><a:p><a:r><a:t>{FIRST}</a:t></a:r></a:p></d>',
    }
    [article] = articles(tmp_path / "a.pptx", zipped({**parts, "docProps/core.xml": core("Plans")}))
    assert (article.title, article.text) == ("Plans", FIRST)


@pytest.mark.parametrize("kind", ["xlsx", "pptx"])
def test_a_second_reading_finds_every_word(tmp_path: Path, kind: str) -> None:
    (tmp_path / f"a.{kind}").write_bytes(documents.WHOLE[kind])
    [coverage] = explain(str(tmp_path / f"a.{kind}"))
    assert not isinstance(coverage, Failure)
    assert (coverage.lost, coverage.words > 40) == (0, True)
