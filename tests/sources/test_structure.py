"""Headings, lists and tables of files, kept beside the text as it is quoted."""

from pathlib import Path

import pytest

from rag.sources.formats.html import parse_html
from rag.sources.formats.html_text import write_html
from rag.types import Article, Failure
from tests.support import documents
from tests.support.reading import read

PROSE = "The crews rowed on the lake for two days. Many people came to watch them from the bridge."


def read_one(path: Path, data: str | bytes) -> Article:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    [article] = read([str(path)])
    assert isinstance(article, Article), article
    return article


def blocks(article: Article) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, article.text[block.start : block.end]) for block in article.structure]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("| Crew | Place |\n|-|-|\n| *Tern* | 2 |\n", [("row", 0, "Crew: Tern; Place: 2")]),
        ("| | |\n|-|-|\n| Tern | 2 |\n", [("row", 0, "Tern | 2")]),
        ("| Crew | Place |\n|-|-|\n", [("row", 0, "Crew | Place")]),
        ("- one\n- two\n  lines\n", [("item", 1, "one"), ("item", 1, "two lines")]),
        ("1. one\n   1. inner\n", [("item", 1, "1. one"), ("item", 2, "1. inner")]),
        ("**The rules of 2024**\n\nText.", [("heading", 6, "The rules of 2024")]),
        ("**The rules are kept.**\n\nText.", []),
        ("**Note** this one\n\nText.", []),
        ("### Deep *heading*\n\nText.", [("heading", 3, "Deep heading")]),
        ("<h3>Deep <i>heading</i></h3>\n<p>Text.</p>", [("heading", 3, "Deep heading")]),
        (
            "<ul><li>one<li><p>two</p><p>more</p><ol><li>in</ol></ul>",
            [("item", 1, "one"), ("item", 1, "two"), ("item", 2, "in")],
        ),
        (
            "<table><caption>Race</caption>\n<tr><th>Crew</th><th>Place</th></tr>\n\n<tr><td>Tern</td><td><b>2</b>",
            [("caption", 0, "Race"), ("row", 0, "Crew: Tern; Place: 2")],
        ),
        ("<table><tr><td>Crew<td>Place<tr><td>Tern<td>2</table>", [("row", 0, "Crew: Tern; Place: 2")]),
        (
            "<table><tr><th rowspan=2>Crew<th colspan=2>Day<tr><th>One<th>Two<tr><td>Tern<td>4<td>5</table>",
            [("row", 0, "Crew: Tern; Day One: 4; Day Two: 5")],
        ),
        ("<table><tr><td>Tern</td></tr></table>", []),
        (
            "<table><tr><td>a<td><table><tr><td>in<td>ner</table><tr><td>b<td>c</table>",
            [("row", 0, "a | in ner"), ("row", 0, "b | c")],
        ),
        ("<table hidden><tr><td>Tern<td>2</table>", []),
    ],
)
def test_markdown(tmp_path: Path, written: str, expected: list[tuple[str, int, str]]) -> None:
    article = read_one(tmp_path / "race.md", f"# Rowing\n\n{PROSE}\n\n{written}\n\n{PROSE}\n")
    assert blocks(article) == expected
    assert article.text.count("Tern") <= 1


def test_a_structure_in_front_matter_is_not_taken(tmp_path: Path) -> None:
    article = read_one(tmp_path / "race.md", f"---\nstructure: {len(PROSE)} h1@0+40\n---\n{PROSE}\n")
    assert article.text == PROSE
    assert article.structure == ()


ROWS = [("row", 0, "Street: Oak Lane; Lamps: 28"), ("row", 0, "Street: Mill Road; Lamps: 63")]
CELLS = [["Street", "Lamps"], ["Oak Lane", "28"], ["Mill Road", "63"]]


def test_docx(tmp_path: Path) -> None:
    def paragraph(text: str, style: str = "") -> str:
        kind = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
        return f"<w:p>{kind}<w:r><w:t>{text}</w:t></w:r></w:p>"

    rows = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in CELLS)
    table = "".join(f"<w:tr>{row}</w:tr>" for row in rows)
    body = f"{paragraph(PROSE)}{paragraph('Lamps', 'Heading2')}<w:tbl>{table}</w:tbl>{paragraph(PROSE)}"
    article = read_one(tmp_path / "a.docx", documents.docx(body, title="Lamps of Varn"))
    assert blocks(article) == [("heading", 2, "Lamps"), *ROWS]


def test_odt(tmp_path: Path) -> None:
    def cells(row: list[str]) -> str:
        return "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row)

    head, *rows = (f"<table:table-row>{cells(row)}</table:table-row>" for row in CELLS)
    body = (
        f"<text:p>{PROSE}</text:p><text:h text:outline-level='2'>Lamps</text:h><text:list><text:list-item><text:p>one"
        "</text:p><text:list><text:list-item><text:p>inner</text:p></text:list-item></text:list></text:list-item>"
        f"</text:list><table:table><table:table-header-rows>{head}</table:table-header-rows>{''.join(rows)}"
        "</table:table><table:table><table:table-row><table:table-cell><text:p>A note.</text:p></table:table-cell>"
        "</table:table-row></table:table>"
    )
    article = read_one(tmp_path / "a.odt", documents.odt(body))
    assert blocks(article) == [("heading", 2, "Lamps"), ("item", 1, "one"), ("item", 2, "inner"), *ROWS]
    assert article.text.endswith("\n\nA note.")


def test_odt_cells_over_rows_and_columns(tmp_path: Path) -> None:
    def cell(text: str, spans: str = "") -> str:
        return f"<table:table-cell {spans}><text:p>{text}</text:p></table:table-cell>"

    covered = "<table:covered-table-cell/>"
    rows = [
        cell("Day") + cell("Tide"),
        cell("Monday", "table:number-rows-spanned='2'") + cell("3.1"),
        covered + cell("3.4"),
        cell("Noted twice", "table:number-columns-spanned='2'") + covered,
    ]
    table = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    article = read_one(tmp_path / "a.odt", documents.odt(f"<text:p>{PROSE}</text:p><table:table>{table}</table:table>"))
    assert blocks(article) == [
        ("row", 0, "Day: Monday; Tide: 3.1"),
        ("row", 0, "Day: Monday; Tide: 3.4"),
        ("caption", 0, "Noted twice"),
    ]


def test_epub_chapters_keep_their_blocks(tmp_path: Path) -> None:
    table = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in CELLS)
    book = documents.epub([PROSE, f"{PROSE}<ul><li>one</li></ul><table>{table}</table>"])
    kept = [block for block in blocks(read_one(tmp_path / "a.epub", book)) if block[0] != "heading"]
    assert kept == [("item", 1, "one"), *ROWS]


@pytest.mark.parametrize("is_ruled", [True, False])
@pytest.mark.parametrize("rows", [CELLS, [*CELLS, ["Fern Street", "41"], ["Elm Row", "7"]]])
def test_pdf(tmp_path: Path, rows: list[list[str]], is_ruled: bool) -> None:
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

    styles = getSampleStyleSheet()
    style = [("GRID", (0, 0), (-1, -1), 0.5, "black")] if is_ruled else []
    parts = [
        Paragraph("Lamps of Varn", styles["Heading1"]),
        Paragraph(PROSE * 3, styles["BodyText"]),
        Table(rows, style=style, hAlign="LEFT"),
        Paragraph(PROSE, styles["BodyText"]),
    ]
    SimpleDocTemplate(str(tmp_path / "a.pdf"), title="Lamps of Varn").build(parts)
    article = read_one(tmp_path / "a.pdf", (tmp_path / "a.pdf").read_bytes())
    written = [f"Street: {street}; Lamps: {lamps}" for street, lamps in rows[1:]]
    assert [text for kind, _, text in blocks(article) if kind == "row"] == written
    assert article.text.count("Oak Lane") == 1


def test_a_pdf_table_over_two_pages_names_its_columns_once(tmp_path: Path) -> None:
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

    rows = [["Street", "Lamps"], *([f"Lane {number}", str(number)] for number in range(100, 160))]
    parts = [Paragraph(PROSE * 3, getSampleStyleSheet()["BodyText"]), Table(rows, repeatRows=1)]
    SimpleDocTemplate(str(tmp_path / "a.pdf"), title="Lamps of Varn").build(parts)
    article = read_one(tmp_path / "a.pdf", (tmp_path / "a.pdf").read_bytes())
    assert [text for _, _, text in blocks(article)] == [f"Street: {lane}; Lamps: {lamps}" for lane, lamps in rows[1:]]
    assert article.text[article.page_starts[1] :].startswith("Street: Lane 1")


@pytest.mark.parametrize(
    "lines",
    [
        ["•        first things first", "•        then the others", "•        and the last ones"],
        ["1.       first things first", "2.       then the others", "3.       and the last ones"],
    ],
)
def test_marks_of_a_pdf_list_are_no_column(tmp_path: Path, lines: list[str]) -> None:
    from reportlab.pdfgen import canvas

    sheet = canvas.Canvas(str(tmp_path / "a.pdf"), invariant=1)
    for number, line in enumerate([PROSE[:70], *lines, PROSE[:70]]):
        mark, _, rest = line.partition("  ")
        sheet.drawString(60, 700 - 14 * number, mark)
        sheet.drawString(110, 700 - 14 * number, rest.strip())
    sheet.save()
    assert blocks(read_one(tmp_path / "a.pdf", (tmp_path / "a.pdf").read_bytes())) == []


def test_the_parts_of_a_paper_stay_apart_and_marks_behind_names_go(tmp_path: Path) -> None:
    from reportlab.pdfgen import canvas

    sheet = canvas.Canvas(str(tmp_path / "a.pdf"), invariant=1)
    placed = [
        (60, 780, 18, "Decay of timber"),
        (60, 750, 10, "Ann Dray"),
        (103, 754, 6, "1"),
        (107, 750, 10, ", Bo Lund"),
        (60, 720, 10, "Abstract - We measured the decay of 64 oak piles over nine years in a salty lake"),
        (60, 706, 10, "near Varn, and found more than 3 of them broken."),
        (60, 620, 10, "1 Piles and their decay"),
        *(
            (60, 600 - 12 * line, 10, "The piles of the pier were set in 1931 and are still sound.")
            for line in range(4)
        ),
    ]
    for across, up, size, text in placed:
        sheet.setFont("Times-Roman", size)
        sheet.drawString(across, up, text)
    sheet.save()
    article = read_one(tmp_path / "a.pdf", (tmp_path / "a.pdf").read_bytes())
    paragraphs = article.text.split("\n\n")
    assert paragraphs[0] == "Ann Dray, Bo Lund"
    assert "1 Piles and their decay" in paragraphs


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_of_data_is_one_article(tmp_path: Path, separator: str) -> None:
    rows = [["Street", "Lamps", "Address"], ["Oak Lane", "28", "Varn"], ["Mill Road", "", "Port  Ellery"]]
    article = read_one(tmp_path / "lamps_2023.csv", "\n".join(separator.join(row) for row in rows))
    assert (article.id, article.title) == ("lamps_2023.csv", "Lamps 2023")
    assert blocks(article) == [
        ("row", 0, "Street: Oak Lane; Lamps: 28; Address: Varn"),
        ("row", 0, "Street: Mill Road; Address: Port Ellery"),
    ]


@pytest.mark.parametrize(
    "written",
    [
        "title,author\nWeir,Ann Dray\nMill,Bo Lund\n",
        "name\nWeir\nMill\n",
    ],
)
def test_a_table_of_articles_without_a_text_is_named(tmp_path: Path, written: str) -> None:
    (tmp_path / "a.csv").write_text(written)
    [failure] = read([str(tmp_path / "a.csv")])
    assert isinstance(failure, Failure)
    assert "no column holds the text" in failure.reason


RACE = f"""<html><head><title>Rowing on the lake</title></head><body><article>
<h1>Rowing on the lake</h1><p>{PROSE}</p><p>{PROSE.replace("crews", "boats")}</p><h2>Results</h2>
<table><caption>Rowing race of 2024</caption><tr><th>Crew<th>Place<th>Time</tr><tr><td>Tern<td><td>7:41</tr>
<tr><td>Gull<td>2<td>7:52</tr></table><ul><li>A warm coat<ul><li>of wool</li></ul></li></ul>
<p>The next race will be held in May, when the ice is gone and the boats are painted.</p></article></body></html>"""


def test_html(tmp_path: Path) -> None:
    assert blocks(read_one(tmp_path / "a.html", RACE)) == [
        ("heading", 2, "Results"),
        ("caption", 0, "Rowing race of 2024"),
        ("row", 0, "Crew: Tern; Time: 7:41"),
        ("row", 0, "Crew: Gull; Place: 2; Time: 7:52"),
        ("item", 1, "A warm coat"),
        ("item", 2, "of wool"),
    ]


_SPANNED = (
    "<table><tr><th rowspan=2>Crew<th colspan=2>Heat</tr><tr><th>one<th>two</tr><tr><td>Tern<td>1<td>3</tr></table>"
)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        (
            "<dl><dt>Open:</dt><dd>9 to 5</dd><dt>Fee</dt><dd>4 euros</dd></dl>",
            ["row Open: 9 to 5", "row Fee: 4 euros"],
        ),
        ("<dl><dt>Who rows?</dt><dd><p>Ann.</p><p>Bo.</p></dd></dl>", ["heading Who rows?"]),
        ("<p><b>The rules of 2024</b></p><p>Row.</p>", ["heading The rules of 2024"]),
        ("<p><b>Row</b> and rest</p>", []),
        ("<table><tr><th>Area<td>48 km</tr><tr><th>Depth<td>9 m</tr></table>", ["row Area: 48 km", "row Depth: 9 m"]),
        ("<table><tr><td>One column.</tr></table>", []),
        (_SPANNED, ["row Crew: Tern; Heat one: 1; Heat two: 3"]),
        ("<ol><li><p>First.</p><p>More.</p></li></ol>", ["item First."]),
    ],
)
def test_markup(markup: str, expected: list[str]) -> None:
    tree = parse_html(f"<body>{markup}</body>")
    assert tree is not None
    text, found = write_html(tree)
    assert [f"{block.kind} {text[block.start : block.end]}" for block in found] == expected


MAIL = f"""<h2>The race</h2><p>{PROSE}</p><ul><li>one</li><li>two</li></ul>
<table><tr><th>Crew</th><th>Place</th></tr><tr><td>Tern</td><td>2</td></tr></table>
<table role=presentation><tr><td><p>The next race is in May.</p></td></tr></table>"""
IN_MAIL = [("heading", 2, "The race"), ("item", 1, "one"), ("item", 1, "two"), ("row", 0, "Crew: Tern; Place: 2")]


@pytest.mark.parametrize(
    ("headers", "before"),
    [
        pytest.param("", "", id="mail"),
        pytest.param("List-Id: <notes.example>\r\n", "<p>Canal öffnet</p><p>Ann Lee</p>", id="newsletter"),
    ],
)
def test_mail(tmp_path: Path, headers: str, before: str) -> None:
    article = read_one(tmp_path / "a.eml", documents.eml(html=before + MAIL, headers=headers))
    assert blocks(article) == IN_MAIL
    assert article.text.startswith("The race\n\nThe crews rowed")
    assert article.text.endswith("The next race is in May.")


def test_ids_of_mails_stay_whatever_their_text_becomes(tmp_path: Path) -> None:
    message = b"From ann@example.org Fri Jan  5 10:00:00 2024\r\nSubject: Race\r\nContent-Type: text/html\r\n\r\n"
    article = read_one(tmp_path / "a.mbox", message + b"<p>One\nline.</p><ul><li>a<li>b</ul>\r\n")
    assert (article.id, article.text) == ("a.mbox#71a17d30649f", "One line.\n\na\nb")
