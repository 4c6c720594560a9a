"""How fast files of each kind are read, beside an earlier checkout of this project.

    python bench/reading_speed.py EARLIER_CHECKOUT [--pairs P] [--articles N] [--kinds KIND ...]

Makes N articles (24) of made-up news as files of each kind, which both checkouts read by turns, each in a process of
its own that is started once: parsing and annotating, without the sandbox and without an index. After one reading that
is not counted, prints for each kind the milliseconds of CPU a megabyte that each checkout takes, the medians of P pairs
(15), and the median of the ratios of the pairs: over 1 is slower than before.
"""

import argparse
import csv
import io
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from statistics import median

from common import ROOT, environment, table

sys.path.insert(0, str(ROOT))

from tests.support import documents

_READER = """
import json, sys, time
from rag.sources import LOADERS, annotate
from rag.types import Article
for line in sys.stdin:
    started, articles = time.process_time(), 0
    for path in json.loads(line):
        loader = next(loader for loader in LOADERS if loader.accepts(path))
        read = [annotate(item) for item in loader.load(path) if isinstance(item, Article)]
        articles += len(read)
    print(json.dumps([time.process_time() - started, articles]), flush=True)
"""
"""Reads the files it is told, and answers with its CPU seconds and how many articles they held."""
_SENTENCES = (
    "The {thing} of {place} was opened again on Tuesday, and {count} people came before noon.",
    "“Nobody had expected so many of them,” said {person}, who has looked after the {thing} since {year}.",
    "It cost {count} crowns, about a third of what the council of {place} had set aside in March.",
    "In {year} the {thing} burned down; Mr. {person} and forty neighbours built it anew within {count} days.",
    "Whether it stays open all winter will be decided when the council meets in {place} next month.",
    "The old {thing}, which had stood empty for years, is now run by a trust that {person} founded with her sister.",
    "There are plans for a second {thing} near {place}, but no day has been named so far.",
    "According to the report, {count} visitors a day used the {thing} in {year}, twice as many as the year before.",
)
_THINGS = "mill ferry lighthouse bridge market library station harbour school bakery".split()
_PLACES = "Oldhaven Saltern Varn Sandholm Aldwick Ellery Norby Castlemere".split()
_PEOPLE = ("Ann Dray", "Bo Lund", "Ivo Stark", "Ebba Rask", "Mona Feld", "Piet Oder")
_COLUMNS = ("Station", "Opened", "Height", "Keeper", "Visitors")
_SMALL_KINDS = ("CSV", "JSON lines")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("earlier", type=Path, metavar="EARLIER_CHECKOUT")
    parser.add_argument("--pairs", type=int, default=15, metavar="P")
    parser.add_argument("--articles", type=int, default=24, metavar="N")
    parser.add_argument("--kinds", nargs="*", choices=sorted(_KINDS), metavar="KIND", default=list(_KINDS))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-reading-") as name:
        files = {kind: write_news(Path(name), kind, given.articles) for kind in given.kinds}
        readers = (_start(given.earlier), _start(ROOT))
        rows = [_compare(kind, paths, readers, given.pairs) for kind, paths in files.items()]
        for reader in readers:
            reader.communicate()
    table(["", "articles", "MB", "before, ms/MB", "now, ms/MB", "ratio"], rows)


def _start(checkout: Path) -> "subprocess.Popen[str]":
    """Start the process that reads with a checkout."""
    return subprocess.Popen(
        [sys.executable, "-c", _READER],
        cwd=checkout,
        env=environment() | {"PYTHONPATH": str(checkout.absolute())},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _compare(kind: str, paths: Sequence[str], readers: Sequence["subprocess.Popen[str]"], pairs: int) -> list[object]:
    """Return the row of a kind."""
    counts = [_read(reader, paths)[1] for reader in readers]
    spent: list[list[float]] = [[], []]
    for pair in range(pairs):
        for side in (0, 1) if pair % 2 else (1, 0):
            spent[side].append(_read(readers[side], paths)[0])
    megabytes = sum(map(os.path.getsize, paths)) / 1e6
    before, now = (1000 * median(some) / megabytes for some in spent)
    ratio = median(new / old for old, new in zip(*spent, strict=True))
    return [kind, " → ".join(map(str, dict.fromkeys(map(int, counts)))), megabytes, before, now, f"{ratio:.2f}"]


def _read(reader: "subprocess.Popen[str]", paths: Sequence[str]) -> list[float]:
    """Have a process read files; its CPU seconds and how many articles it read."""
    assert reader.stdin is not None
    assert reader.stdout is not None
    print(json.dumps(list(paths)), file=reader.stdin, flush=True)
    answer: list[float] = json.loads(reader.stdout.readline())
    return answer


class News:
    """Makes articles and tables of made-up news, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def sentence(self) -> str:
        """Make one sentence."""
        chance = self._chance
        return chance.choice(_SENTENCES).format(
            thing=chance.choice(_THINGS),
            place=chance.choice(_PLACES),
            person=chance.choice(_PEOPLE),
            count=f"{chance.randrange(40, 9000):,}",
            year=chance.randrange(1890, 2024),
        )

    def title(self) -> str:
        """Make a title."""
        return f"The {self._chance.choice(_THINGS)} of {self._chance.choice(_PLACES)} opens again"

    def paragraphs(self, count: int = 20) -> list[str]:
        """Make paragraphs of two to five sentences."""
        return [" ".join(self.sentence() for _ in range(self._chance.randrange(2, 6))) for _ in range(count)]

    def rows(self, count: int = 12) -> list[list[str]]:
        """Make the rows of a table, the first with the names of its columns."""
        chance = self._chance
        cells = [
            [
                f"{chance.choice(_PLACES)} {number}",
                str(chance.randrange(1890, 2024)),
                f"{chance.randrange(4, 60)} m",
                chance.choice(_PEOPLE),
                f"{chance.randrange(40, 9000):,}",
            ]
            for number in range(count)
        ]
        return [list(_COLUMNS), *cells]


def write_news(folder: Path, kind: str, articles: int) -> list[str]:
    """Write the files of a kind; those that hold many articles or rows are a few."""
    suffix, make = _KINDS[kind]
    paths = []
    for number in range(3 if kind in _SMALL_KINDS else articles):
        path = folder / f"{kind.replace(' ', '-')}-{number}{suffix}"
        path.write_bytes(make(News(number)))
        paths.append(str(path))
    return paths


def _text(news: News) -> bytes:
    return "\n\n".join([news.title(), *news.paragraphs()]).encode()


def _markdown(news: News) -> bytes:
    return _to_markdown(news, with_tables=False)


def _markdown_tables(news: News) -> bytes:
    return _to_markdown(news, with_tables=True)


def _to_markdown(news: News, *, with_tables: bool) -> bytes:
    """Make Markdown with headings, lists, links and emphasis."""
    pieces = [f"---\ntitle: {news.title()}\ndate: 2024-03-05\nauthor: Ann Dray\n---\n\n# {news.title()}"]
    for number, paragraph in enumerate(news.paragraphs()):
        pieces.append(paragraph.replace("council", "*council*").replace("report", "[report](https://example.org/r)"))
        if number % 5 == 4:
            pieces.append(f"## {news.title()}")
            pieces.append("\n".join(f"- {news.sentence()}" for _ in range(4)))
            if with_tables:
                head, *rows = [f"| {' | '.join(row)} |" for row in news.rows()]
                pieces.append("\n".join([head, "|" + " --- |" * len(_COLUMNS), *rows]))
    return "\n\n".join(pieces).encode()


def _html(news: News) -> bytes:
    return _to_html(news, with_tables=False)


def _html_tables(news: News) -> bytes:
    return _to_html(news, with_tables=True)


def _to_html(news: News, *, with_tables: bool) -> bytes:
    """Make a page with a menu, a side bar and a foot around its article."""
    links = "".join(f'<li><a href="/{number}">{news.title()}</a></li>' for number in range(15))
    title = news.title()
    body = []
    for number, paragraph in enumerate(news.paragraphs()):
        body.append(f"<p>{escape(paragraph).replace('council', '<em>council</em>')}</p>")
        if number % 5 == 4:
            body.append(f"<h2>{news.title()}</h2><ul>{''.join(f'<li>{news.sentence()}</li>' for _ in range(4))}</ul>")
            body.append(_html_table(news) if with_tables else "")
    return (
        f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>{title} | The Crier</title>"
        '<meta property="article:published_time" content="2024-03-05T08:00:00Z"><meta name="author" content="Ann Dray">'
        f"<style>p {{ margin: 1em }}</style></head><body><header><nav><ul>{links}</ul></nav></header><main><article>"
        f"<h1>{title}</h1>{''.join(body)}</article><aside><ul>{links}</ul></aside></main>"
        f"<footer><p>© The Crier</p><script>var a = 1;</script></footer></body></html>"
    ).encode()


def _html_table(news: News) -> str:
    head, *rows = news.rows()
    names = "".join(f"<th>{name}</th>" for name in head)
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><caption>{news.title()}</caption><tr>{names}</tr>{cells}</table>"


def _docx(news: News) -> bytes:
    def paragraph(text: str, style: str = "") -> str:
        given = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
        half = len(text) // 2
        runs = "".join(f"<w:r><w:t xml:space='preserve'>{part}</w:t></w:r>" for part in (text[:half], text[half:]))
        return f"<w:p>{given}{runs}</w:p>"

    body = [paragraph(news.title(), "Heading1")]
    for number, text in enumerate(news.paragraphs()):
        body.append(paragraph(text))
        if number % 10 == 4:
            body.append(paragraph(news.title(), "Heading2"))
            rows = ["".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in news.rows()]
            body.append(f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>")
    return documents.docx("".join(body), "The mill")


def _odt(news: News) -> bytes:
    body = [f'<text:h text:outline-level="1">{news.title()}</text:h>']
    for number, text in enumerate(news.paragraphs()):
        body.append(f"<text:p>{text[:40]}<text:span>{text[40:]}</text:span></text:p>")
        if number % 10 == 4:
            body.append(f'<text:h text:outline-level="2">{news.title()}</text:h>')
            cells = [
                "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row)
                for row in news.rows()
            ]
            rows = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)
            body.append(f"<table:table>{rows}</table:table>")
    return documents.odt("".join(body))


def _epub(news: News) -> bytes:
    return documents.epub(["</p><p>".join(news.paragraphs(7)) for _ in range(3)])


def _pdf(news: News) -> bytes:
    paragraphs = news.paragraphs()
    pages = [paragraphs[start : start + 7] for start in range(0, len(paragraphs), 7)]
    return documents.pdf(pages, news.title(), "Ann Dray", head="The Crier", heading=news.title())


def _pdf_tables(news: News) -> bytes:
    """Make a PDF with ruled tables between its paragraphs."""
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

    styles = getSampleStyleSheet()
    parts = [Paragraph(news.title(), styles["Title"])]
    for number, text in enumerate(news.paragraphs()):
        parts += [Paragraph(text, styles["BodyText"]), Spacer(1, 8)]
        if number % 10 == 4:
            parts.append(Table(news.rows(), style=[("GRID", (0, 0), (-1, -1), 0.5, "black")]))
    out = io.BytesIO()
    SimpleDocTemplate(out, title=news.title(), author="Ann Dray", invariant=1).build(parts)
    return out.getvalue()


def _csv(news: News) -> bytes:
    """Make a table of 150 articles."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["id", "title", "text", "date", "url", "section"])
    for number in range(150):
        text = "\n".join(news.paragraphs(4))
        rows.writerow([number, news.title(), text, "2024-03-05", f"https://example.org/{number}", "Local"])
    return out.getvalue().encode()


def _jsonl(news: News) -> bytes:
    """Make 1,000 short articles."""
    rows = [
        {"id": str(number), "title": news.title(), "text": news.sentence(), "date": "2024-03-05", "source": "The Crier"}
        for number in range(1000)
    ]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _long_jsonl(news: News) -> bytes:
    """Make ten articles as they are printed."""
    rows = [
        {"id": str(number), "title": news.title(), "text": "\n\n".join(news.paragraphs()), "date": "2024-03-05"}
        for number in range(10)
    ]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _json(news: News) -> bytes:
    """Make an export of ten posts."""
    posts = [
        {
            "id": number,
            "date": "2024-03-05T08:00:00",
            "link": f"https://example.org/{number}",
            "title": {"rendered": news.title()},
            "content": {"rendered": "".join(f"<p>{text}</p>" for text in news.paragraphs())},
        }
        for number in range(10)
    ]
    return json.dumps({"found": 10, "posts": posts}).encode()


def _mail(news: News) -> bytes:
    return documents.eml("\r\n\r\n".join(news.paragraphs()))


def _html_mail(news: News) -> bytes:
    return documents.eml(html=_html(news).decode())


_KINDS: dict[str, tuple[str, Callable[[News], bytes]]] = {
    "text": (".txt", _text),
    "Markdown": (".md", _markdown),
    "Markdown with tables": (".md", _markdown_tables),
    "HTML": (".html", _html),
    "HTML with tables": (".html", _html_tables),
    "DOCX": (".docx", _docx),
    "ODT": (".odt", _odt),
    "EPUB": (".epub", _epub),
    "PDF": (".pdf", _pdf),
    "PDF with tables": (".pdf", _pdf_tables),
    "CSV": (".csv", _csv),
    "JSON lines": (".jsonl", _jsonl),
    "JSON lines, long articles": (".jsonl", _long_jsonl),
    "JSON": (".json", _json),
    "mail": (".eml", _mail),
    "mail in HTML": (".eml", _html_mail),
}
"""The kinds of files, each with its suffix and what makes one."""

if __name__ == "__main__":
    main()
