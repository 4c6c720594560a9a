"""The parts of small Excel and PowerPoint files, by their names in the zip file."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SLIDES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    f'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" xmlns:r="{_RELATIONS}"'
)
DAY_STYLE, SHARE_STYLE, OWN_STYLE, TIME_STYLE = 1, 2, 3, 4
"""The styles of a number that is shown as a day, a share, a day in a form of its own, and a time."""
_SHARED = {"styles.xml": "styles", "sharedStrings.xml": "sharedStrings"}
_HIDDEN = ' state="hidden"'
_STYLES = (
    f'<styleSheet xmlns="{_SHEETS}"><numFmts><numFmt numFmtId="164" formatCode="[$-407]d/\\ mmm\\ yyyy;@"/></numFmts>'
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="10"/><xf numFmtId="164"/><xf numFmtId="20"/></cellXfs>'
    "</styleSheet>"
)


def relations(kinds: Mapping[str, str]) -> str:
    """What a part relates to: kinds by the names of the other parts, whose ids are r1, r2 and so on."""
    return (
        "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>{}</Relationships>".format(
            "".join(
                f"<Relationship Id='r{number}' Type='{_RELATIONS}/{kind}' Target='{part}'/>"
                for number, (part, kind) in enumerate(kinds.items(), 1)
            )
        )
    )


def core(title: str) -> str:
    """The properties of a file."""
    return (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title><dc:creator>Ann Lee</dc:creator>'
        "</cp:coreProperties>"
    )


def cell(place: str, value: str | float, style: int = 0, formula: str = "") -> str:
    """A cell of a sheet; a text is kept in it, as programs write it that are not Excel."""
    solved = f"<f>{formula}</f>" if formula else ""
    if isinstance(value, str):
        return (
            f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
            if value
            else f'<c r="{place}">{solved}</c>'
        )
    return f'<c r="{place}" s="{style}">{solved}<v>{value}</v></c>'


def rows(table: Sequence[Sequence[str | float]]) -> str:
    """The rows of a sheet from the first on."""
    lines = (
        f'<row r="{number}">' + "".join(cell(f"{chr(65 + at)}{number}", one) for at, one in enumerate(line)) + "</row>"
        for number, line in enumerate(table, 1)
    )
    return "".join(lines)


def xlsx_parts(
    sheets: Mapping[str, str], *, hidden: Sequence[str] = (), merged: str = "", strings: str = "", title: str = ""
) -> dict[str, str]:
    """A spreadsheet of sheets by name, each the XML of its rows; cells of all are `merged` alike."""
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="r{number}"{_HIDDEN * (name in hidden)}/>'
        for number, name in enumerate(sheets, 1)
    )
    kinds = {f"worksheets/sheet{number}.xml": "worksheet" for number in range(1, len(sheets) + 1)}
    areas = f'<mergeCells><mergeCell ref="{merged}"/></mergeCells>' if merged else ""
    parts = {
        "_rels/.rels": relations({"xl/workbook.xml": "officeDocument"}),
        "docProps/core.xml": core(title),
        "xl/workbook.xml": f'<workbook xmlns="{_SHEETS}" xmlns:r="{_RELATIONS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(
            {**kinds, "styles.xml": "styles", "sharedStrings.xml": "sharedStrings"}
        ),
        "xl/styles.xml": _STYLES,
        "xl/sharedStrings.xml": f'<sst xmlns="{_SHEETS}">{strings}</sst>',
    }
    for (part, _), written in zip(kinds.items(), sheets.values(), strict=True):
        parts[f"xl/{part}"] = f'<worksheet xmlns="{_SHEETS}"><sheetData>{written}</sheetData>{areas}</worksheet>'
    return parts


def shape(paragraphs: Sequence[str], placeholder: str | None = "body") -> str:
    """A shape of a slide; None for a text box, which fills no placeholder."""
    filled = "" if placeholder is None else f'<p:ph type="{placeholder}"/>'
    texts = "".join(
        f'<a:p><a:pPr lvl="{len(text) - len(text.lstrip("-"))}"/><a:r><a:t>{escape(text.lstrip("-"))}</a:t></a:r></a:p>'
        for text in paragraphs
    )
    return f"<p:sp><p:nvSpPr><p:nvPr>{filled}</p:nvPr></p:nvSpPr><p:txBody>{texts}</p:txBody></p:sp>"


def slide_table(table: Sequence[Sequence[str]]) -> str:
    """A table on a slide."""
    lines = "".join(
        "<a:tr>"
        + "".join(f"<a:tc><a:txBody><a:p><a:r><a:t>{one}</a:t></a:r></a:p></a:txBody></a:tc>" for one in line)
        + "</a:tr>"
        for line in table
    )
    return (
        f"<p:graphicFrame><a:graphic><a:graphicData><a:tbl>{lines}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
    )


def pptx_parts(
    slides: Sequence[str], *, notes: str = "", hidden: Sequence[int] = (), title: str = "PowerPoint Presentation"
) -> dict[str, str]:
    """Slides, each the XML of its shapes, in an order that is not that of their files; the first has the notes."""
    numbers = range(len(slides), 0, -1)
    listed = "".join(f'<p:sldId id="{255 + number}" r:id="r{number}"/>' for number in numbers)
    parts = {
        "_rels/.rels": relations({"ppt/presentation.xml": "officeDocument"}),
        "docProps/core.xml": core(title),
        "ppt/presentation.xml": f"<p:presentation {_SLIDES}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relations(
            {f"slides/slide{number}.xml": "slide" for number in reversed(numbers)}
        ),
    }
    for place, (number, shapes) in enumerate(zip(numbers, slides, strict=True), 1):
        shown = ' show="0"' * (place in hidden)
        tree = f"<p:cSld><p:spTree>{shapes}{shape(['7'], 'sldNum')}</p:spTree></p:cSld>"
        parts[f"ppt/slides/slide{number}.xml"] = f"<p:sld {_SLIDES}{shown}>{tree}</p:sld>"
        if notes and place == 1:
            parts[f"ppt/slides/_rels/slide{number}.xml.rels"] = relations(
                {"../notesSlides/notesSlide1.xml": "notesSlide"}
            )
            written = f"<p:cSld><p:spTree>{shape([notes])}{shape(['3'], 'sldNum')}</p:spTree></p:cSld>"
            parts["ppt/notesSlides/notesSlide1.xml"] = f"<p:notes {_SLIDES}>{written}</p:notes>"
    return parts
