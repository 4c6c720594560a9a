"""Find the tables that only lay out a page."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement  # type: ignore[import-untyped, unused-ignore]


def unwrap_layout_tables(tree: "HtmlElement") -> None:
    """Replace tables that only lay out the page by blocks; trafilatura would read them as one long row."""
    for table in [table for table in tree.iter("table") if is_layout_table(table)]:
        rows = [row for row in table.iter("tbody", "tr", "td", "th") if next(row.iterancestors("table")) is table]
        for element in (table, *rows):
            element.tag = "div"


def is_layout_table(table: "HtmlElement") -> bool:
    """Whether a table says so, holds other tables, several paragraphs in a cell, or but one column."""
    if (table.get("role") or "") in ("presentation", "none"):
        return True
    cells = table.iter("td")
    one_column = all(len(row) < 2 for row in table.iter("tr"))
    return (
        one_column
        or table.find(".//table") is not None
        or any(len(cell) > 1 and len(cell.findall("p")) > 1 for cell in cells)
    )
