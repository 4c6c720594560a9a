"""Each kind of document becomes an article with the right fields, and what cannot be read says why."""

import gzip
import json
import random
import re
from itertools import pairwise
from pathlib import Path
from textwrap import wrap

import pytest

from rag.assistant import Assistant
from rag.errors import SourceError
from rag.failures import LeftOut
from rag.index import Index
from rag.serialization import to_json
from rag.settings import Settings
from rag.sources import SUFFIXES
from rag.sources.formats.docx import Docx
from rag.sources.formats.xml_safe import parse_xml
from rag.testing import OverlapReader, WordEmbedder
from rag.types import Answer, Article, Citation, Failure, Passage
from rag.web.chat.citation_cards import render_citation
from rag.web.chat.export import answer_as_markdown
from tests.support import documents
from tests.support.documents import FIRST, SECOND, THIRD
from tests.support.reading import read


def items(path: Path, data: bytes) -> list[Article | Failure]:
    path.write_bytes(data)
    found = list(read([str(path)]))
    return [item for item in found if isinstance(item, (Article, Failure))]


def only(path: Path, data: bytes) -> Article:
    [item] = items(path, data)
    assert isinstance(item, Article), item
    return item


def reason(path: Path, data: bytes) -> str:
    [item] = items(path, data)
    assert isinstance(item, Failure), item
    return item.reason


def pages_of(article: Article) -> list[str]:
    starts = [*map(int, article.metadata["pages"].split(",")), len(article.text)]
    return [article.text[start:end].strip() for start, end in pairwise(starts)]


def test_pdf(tmp_path: Path) -> None:
    article = only(tmp_path / "a.pdf", documents.pdf([[FIRST, SECOND], [THIRD]], "Canal open", "Ann Lee"))
    assert (article.title, article.author, article.date) == ("Canal open", "Ann Lee", "")
    assert article.text == f"{FIRST}\n\n{SECOND}\n\n{THIRD}"
    assert pages_of(article) == [f"{FIRST}\n\n{SECOND}", THIRD]


def test_running_heads_and_page_numbers_go_and_what_is_said_once_stays(tmp_path: Path) -> None:
    numbers = ("Once", "Twice", "Thrice", "Again")
    pages = [[f"{number}. {FIRST}", f"{number}, {SECOND}", f"{number}: {THIRD}"] for number in numbers]
    article = only(tmp_path / "a.pdf", documents.pdf(pages, head="Harbor Review, March 2024"))
    assert "Harbor Review" not in article.text
    assert "Page" not in article.text
    assert [page.split(".")[0] for page in pages_of(article)] == ["Once", "Twice", "Thrice", "Again"]


def test_a_form_whose_pages_repeat_keeps_its_lines(tmp_path: Path) -> None:
    assert only(tmp_path / "a.pdf", documents.pdf([[FIRST], [FIRST], [FIRST]])).text.count("forty boats") == 3


@pytest.mark.parametrize("by_rows", [False, True])
def test_columns_are_read_one_after_the_other(tmp_path: Path, by_rows: bool) -> None:
    chance = random.Random(5)
    words = "harbour council bridge ferry repair engineers mayor reported winter tunnel".split()
    left, right = (
        wrap(" ".join(f"{side}{place} " + " ".join(chance.choices(words, k=4)) for place in range(50)), 44)
        for side in "LR"
    )
    article = only(tmp_path / "a.pdf", documents.two_columns(left, right, "Two columns of the river", by_rows))
    assert article.title == "Two columns of the river"
    order = [(side, int(number)) for side, number in re.findall(r"\b([LR])(\d+)\b", article.text)]
    assert order == [(side, number) for side in "LR" for number in range(50)]
    assert "\n\n" not in article.text


def test_words_parted_at_the_end_of_a_line_are_whole_again(tmp_path: Path) -> None:
    lines = (
        "The council of Aldwick decided on Tuesday evening that the ferry would be re-\n"
        "opened in May, and that the well-known landing on the river would be in ser-\n"
        "vice again before the summer; a well-known pilot, Ida Holm, spoke for the well-\n"
        "known company and for the Smith-\n"
        "Jones family."
    )
    text = only(tmp_path / "a.pdf", documents.pdf([[lines]])).text
    assert "would be reopened in May" in text
    assert "in service again" in text
    assert text.count("well-known") == 3
    assert "Smith-Jones family" in text


def test_a_paragraph_goes_on_over_a_page(tmp_path: Path) -> None:
    words = f"{FIRST} {SECOND} {THIRD}".split()
    article = only(tmp_path / "a.pdf", documents.pdf([[" ".join(words[:30])], [" ".join(words[30:])]], width=60))
    assert article.text == " ".join(words)
    assert [page.split()[0] for page in pages_of(article)] == [words[0], words[30]]


def test_a_pdf_without_a_title_is_named_by_its_largest_line(tmp_path: Path) -> None:
    made = documents.pdf([[FIRST, SECOND]], "Microsoft Word - draft.doc", heading="Boats pass the old canal")
    article = only(tmp_path / "a.pdf", made)
    assert (article.title, article.author) == ("Boats pass the old canal", "")
    assert article.text == f"{FIRST}\n\n{SECOND}"
    assert only(tmp_path / "old-canal.pdf", documents.pdf([[FIRST]])).title == "Old canal"


def test_pages_without_text_are_named(tmp_path: Path) -> None:
    article = only(tmp_path / "a.pdf", documents.pdf([[FIRST, SECOND], [], [THIRD]]))
    assert article.metadata["pages without text"] == "2"
    assert pages_of(article) == [f"{FIRST}\n\n{SECOND}", "", THIRD]


def test_pdfs_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    locked = documents.pdf([[FIRST]], password="secret")
    assert reason(tmp_path / "a.pdf", locked) == "protected by a password; save a copy without one"
    assert "give it a text layer first (OCR)" in reason(tmp_path / "a.pdf", documents.scan())
    assert reason(tmp_path / "a.pdf", documents.pdf([[FIRST]])[:-40]) == "cut short: its end is missing"
    assert reason(tmp_path / "a.pdf", FIRST.encode()) == "no PDF in spite of its ending"


def test_docx(tmp_path: Path) -> None:
    article = only(tmp_path / "a.docx", documents.docx())
    assert (article.title, article.author, article.date) == ("Canal open", "Ann Lee", "")
    assert article.text == f"{FIRST}\n\n{SECOND}\n\ngate: up; boats: 40\n\nAs the paper wrote then."
    assert only(tmp_path / "a.docx", documents.docx(title="The canal")).title == "The canal"


def test_odt(tmp_path: Path) -> None:
    article = only(tmp_path / "a.odt", documents.odt())
    assert (article.title, article.author, article.date) == ("Canal open", "Ann Lee", "")
    assert article.text == f"{FIRST}\n\n{SECOND}\n\none item\n\nup | 40"


def test_epub_is_one_article_with_its_chapters_in_order(tmp_path: Path) -> None:
    article = only(tmp_path / "a.epub", documents.epub())
    assert (article.id, article.title, article.author) == ("a.epub", "The canal", "Ann Lee, Jan Doe")
    assert (article.source, article.date) == ("Canal Press", "2024-01-05")
    assert article.text == f"Chapter 1\n\n{FIRST}\n\nChapter 2\n\n{SECOND}"


def test_an_epub_over_the_limit_is_an_article_a_chapter(tmp_path: Path) -> None:
    (tmp_path / "a.epub").write_bytes(documents.epub([f"{FIRST} " * 60, f"{SECOND} " * 60]))
    found = list(read([str(tmp_path / "a.epub")], limit_mb=0.01))
    assert [(item.id, item.title) for item in found if isinstance(item, Article)] == [
        ("a.epub#1", "The canal: Chapter 1"),
        ("a.epub#2", "The canal: Chapter 2"),
    ]


def test_rtf(tmp_path: Path) -> None:
    article = only(tmp_path / "a.rtf", documents.rtf())
    assert (article.title, article.author, article.date) == ("Canal open", "Ann Lee", "")
    assert article.text == f"{FIRST}\n\n{SECOND} Café € 😀."


def test_the_day_of_a_document_is_printed_in_it_and_never_that_of_its_file(tmp_path: Path) -> None:
    lines = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in ("Canal open", "5 mars 2023", FIRST))
    assert only(tmp_path / "a.docx", documents.docx(lines)).date == "2023-03-05"
    assert only(tmp_path / "b.docx", documents.docx()).date == ""
    prism = b"<prism:publicationDate>2023-03-05</prism:publicationDate>"
    made = documents.pdf([[FIRST, SECOND]], "Canal open")
    assert only(tmp_path / "a.pdf", made.replace(b"%%EOF", b"% " + prism + b"\n%%EOF")).date == "2023-03-05"


def test_mhtml(tmp_path: Path) -> None:
    article = only(tmp_path / "a.mhtml", documents.mhtml())
    assert (article.title, article.author, article.date) == ("Canal open", "Ann Lee", "2024-01-05")
    assert (article.url, article.text) == ("https://example.org/canal", f"{FIRST}\n\n{SECOND}")


def test_a_letter_is_what_its_sender_wrote(tmp_path: Path) -> None:
    written = (
        f"{FIRST}\r\n\r\nOn Thu, 4 Jan 2024 at 10:00, Jan Doe <jan@example.org>\r\nwrote:\r\n> Open?\r\n> > No.\r\n"
        f"{SECOND}\r\n-- \r\nAnn Lee\r\nHarbour office"
    )
    article, left_out = items(tmp_path / "a.eml", documents.eml(written, "<p>HTML</p>", attached="plan.ics"))
    assert isinstance(article, Article)
    assert left_out == LeftOut(f"{tmp_path / 'a.eml'}/plan.ics", "an attachment of no kind that is read")
    assert (article.id, article.title, article.date) == ("a.eml", "Canal öffnet", "2024-01-05")
    assert (article.author, article.source) == ("Ann Lee", "Ann Lee")
    assert article.text == f"{FIRST}\n\n{SECOND}"
    assert article.metadata["attachments"] == "plan.ics"


@pytest.mark.parametrize(
    "quoted",
    [
        "-----Original Message-----\nFrom: Jan\nOLD",
        "From: Jan Doe <jan@example.org>\nSent: Thursday\nOLD",
        "________________________________\nOLD",
        "Am 04.01.2024 um 10:00 schrieb Jan Doe:\n> OLD",
        "Le 4 janvier 2024, Jan Doe a écrit :\n> OLD",
    ],
)
def test_what_was_quoted_goes(tmp_path: Path, quoted: str) -> None:
    assert only(tmp_path / "a.eml", documents.eml(f"{FIRST}\n\n{quoted}")).text == FIRST


def test_a_letter_that_only_quotes_is_kept_whole(tmp_path: Path) -> None:
    assert only(tmp_path / "a.eml", documents.eml(f"> {FIRST}")).text == f"> {FIRST}"


def test_a_newsletter_is_its_page(tmp_path: Path) -> None:
    html = (
        f"<div style='display: none'>PREVIEW</div><table><tr><td><h1>Canal</h1><p>{FIRST}</p></td></tr></table>"
        f"<p>{SECOND}</p><div class='gmail_quote'>QUOTED</div>"
    )
    data = documents.eml("View this in your browser", html, "List-Unsubscribe: <mailto:a@example.org>\r\n")
    text = only(tmp_path / "a.eml", data).text
    assert FIRST in text
    assert SECOND in text
    assert not re.search("PREVIEW|QUOTED|browser", text)


def test_mbox(tmp_path: Path) -> None:
    found = items(tmp_path / "a.mbox", documents.mbox([FIRST, "From the mayor:\n>From here on it is open.", SECOND]))
    assert [item.id if isinstance(item, Article) else item for item in found] == [
        f"a.mbox#{place}@example.org" for place in range(3)
    ]
    assert [item.text for item in found if isinstance(item, Article)] == [
        FIRST, "From the mayor:\nFrom here on it is open.", SECOND,
    ]  # fmt: skip


def test_csv(tmp_path: Path) -> None:
    one, two = items(tmp_path / "a.csv", documents.csv())
    assert isinstance(one, Article)
    assert isinstance(two, Article)
    assert (one.id, one.title, one.date, one.text) == ("a.csv#7", "Canal open", "2024-01-05", FIRST)
    assert one.metadata["Desk"] == "Local"
    assert (two.title, two.text) == ("Ferry", THIRD)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_tables_by_other_separators(tmp_path: Path, delimiter: str) -> None:
    data = f'title{delimiter}text\nA{delimiter}"{FIRST}"\n'.encode("utf-16")
    assert only(tmp_path / "a.csv", data).text == FIRST


def test_a_table_without_a_text_says_how_to_name_it_and_is_read_when_it_is_named(tmp_path: Path) -> None:
    data = b"name,wording,day\nCanal,no prose,5 January 2024\n"
    said = reason(tmp_path / "a.csv", data)
    assert "no column holds the text (name, wording, day)" in said
    assert 'a.csv.fields.json beside it: {"text": "COLUMN"}' in said
    (tmp_path / "a.csv.fields.json").write_text('{"text": "wording"}')
    article = only(tmp_path / "a.csv", data)
    assert (article.title, article.date, article.text) == ("Canal", "2024-01-05", "no prose")
    [again] = read([str(tmp_path)])
    assert isinstance(again, Article)
    assert again.text == article.text


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ("{", "a.csv.fields.json is not JSON"),
        (
            '{"body": "a"}',
            "a.csv.fields.json must give text, title, date, author, url, source, id the names of columns",
        ),
        ('{"text": "none"}', "there is no column 'none', which a.csv.fields.json names"),
    ],
)
def test_a_wrong_naming_of_fields_is_told(tmp_path: Path, told: str, says: str) -> None:
    (tmp_path / "a.csv.fields.json").write_text(told)
    assert reason(tmp_path / "a.csv", documents.csv()) == says


def test_json_exports(tmp_path: Path) -> None:
    found = items(tmp_path / "a.json", documents.export())
    assert [(item.id, item.title, item.text) for item in found if isinstance(item, Article)] == [
        ("a.json#0", "Canal 0", f"{FIRST}\n\n{SECOND}"),
        ("a.json#1", "Canal 1", f"{THIRD}\n\n{SECOND}"),
    ]
    (tmp_path / "b.json.fields.json").write_text('{"text": "fields.bodyPlain", "title": "fields.head"}')
    deep = {"response": {"results": [{"fields": {"bodyPlain": FIRST, "head": "Canal"}}, 17]}}
    article, failure = items(tmp_path / "b.json", json.dumps(deep).encode())
    assert isinstance(article, Article)
    assert (article.title, article.text) == ("Canal", FIRST)
    assert isinstance(failure, Failure)
    assert failure.reason == "not an object"


def test_archives(tmp_path: Path) -> None:
    lines = gzip.compress(json.dumps({"id": "lock", "text": THIRD}).encode())
    entries = {
        "b/one.txt": FIRST, "a.pdf": documents.pdf([[SECOND]]), "more.jsonl.gz": lines, ".hidden.txt": "No.",
        "__MACOSX/b/._one.txt": "No.", "inner.zip": documents.WHOLE["zip"], "../up.txt": "No.", "film.mp4": b"\0\0",
    }  # fmt: skip
    found = items(tmp_path / "a.zip", documents.zipped(entries))
    articles = {item.id: item for item in found if isinstance(item, Article)}
    assert {name: article.text for name, article in articles.items()} == {
        "a.zip/a.pdf": SECOND, "a.zip/b/one.txt": FIRST, "lock": THIRD,
    }  # fmt: skip
    assert articles["a.zip/b/one.txt"].origin == str(tmp_path / "a.zip/b/one.txt")
    failed = {
        item.source.removeprefix(f"{tmp_path}/a.zip/"): item.reason for item in found if isinstance(item, Failure)
    }
    assert failed == {
        "../up.txt": "its path leads out of the archive",
        "film.mp4": "not a kind of file that can be read: .mp4",
        "inner.zip": "an archive within an archive, which is not opened",
    }


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("a.doc", ".doc files cannot be read: open it and save a copy as .docx or PDF"),
        ("a.ods", ".ods files cannot be read: open it and save a copy as CSV"),
        ("a.mobi", ".mobi files cannot be read: open it and save a copy as EPUB"),
    ],
)
def test_what_cannot_be_read_says_what_can(tmp_path: Path, name: str, says: str) -> None:
    assert reason(tmp_path / name, b"\xd0\xcf\x11\xe0") == says


def test_files_over_the_limit_are_refused(tmp_path: Path) -> None:
    with open(tmp_path / "large.pdf", "wb") as file:
        file.truncate(101_000_000)
    [failure] = read([str(tmp_path)])
    assert isinstance(failure, Failure)
    assert failure.reason == "101 MB is over the limit of 100 MB for one file (RAG_MAX_FILE_MB)"


def test_an_article_over_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(documents.docx())
    [failure] = read([str(tmp_path)], limit_mb=0.0001)
    assert isinstance(failure, Failure)
    assert "for one article (RAG_MAX_ARTICLE_MB)" in failure.reason


def test_a_document_is_read_the_same_every_time(tmp_path: Path) -> None:
    for kind, data in documents.WHOLE.items():
        (tmp_path / f"good.{kind}").write_bytes(data)
    first, second = (list(read([str(tmp_path)])) for _ in range(2))
    assert first == second
    assert all(isinstance(item, Article) for item in first)


def test_every_kind_is_among_the_endings() -> None:
    assert {f".{kind}" for kind in documents.WHOLE} <= set(SUFFIXES)
    assert {".md", ".txt", ".jsonl", ".jsonl.gz"} <= set(SUFFIXES)


def test_a_citation_of_a_pdf_names_its_page(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    other = "A late frost destroyed a third of the apple blossom in the valley, growers said on Saturday."
    made = documents.pdf([[FIRST, SECOND], [], [other, THIRD]], "Canal open")
    (tmp_path / "articles" / "a.pdf").write_bytes(made)
    index = Index.open(tmp_path / "index", Settings(_env_file=None, passage_tokens=40), WordEmbedder())
    try:
        index.sync(tmp_path / "articles")
        answer = Assistant(index, OverlapReader()).ask("What did a late frost destroy in the valley?")
        [citation] = [one for one in answer.citations if "frost" in one.quote]
        assert citation.page == 3
        assert f"[{citation.number}] Canal open, p. 3" in str(answer)
        shown = to_json(answer)["citations"]
        assert isinstance(shown, list)
        assert [one["page"] for one in shown if "frost" in one["quote"]] == [3]
        assert "p. 3" in render_citation(1, citation, answer)
        assert "p. 3" in answer_as_markdown(answer)
    finally:
        index.close()


def test_pages_are_counted_from_one_and_only_where_there_are_any() -> None:
    paged = Passage(article_id="a", text="x" * 50, start=0, end=50, page_starts=(0, 20, 20, 40))
    assert [paged.page_at(offset) for offset in (0, 19, 20, 39, 40, 49)] == [1, 1, 3, 3, 4, 4]
    assert Passage(article_id="a", text="x", start=0, end=1).page_at(0) == 0
    unpaged = Answer("q", "q", citations=(Citation(1, Passage(article_id="a", text="x", start=0, end=1), 0, 1, "x"),))
    assert to_json(unpaged)["citations"][0]["page"] is None  # type: ignore[index]


DECLARED = '<?xml version="1.0"{}?><!DOCTYPE a [<!ENTITY x "aaaa">]><a>&x;</a>'
WIDE = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]


@pytest.mark.parametrize("encoding", [*WIDE, "cp500", "utf-7"])
def test_xml_with_a_document_type_is_refused_in_any_encoding(encoding: str) -> None:
    data = DECLARED.format(f' encoding="{encoding.removesuffix("-sig")}"').encode(encoding)
    with pytest.raises(SourceError, match=r"its XML (declares a document type or entities|is damaged)"):
        parse_xml(data)


@pytest.mark.parametrize("encoding", [*WIDE[:5], "utf-16-be with a mark"])
@pytest.mark.parametrize("part", ["word/document.xml", "word/_rels/document.xml.rels", "word/elsewhere.dat"])
def test_a_word_document_with_a_document_type_is_refused_in_any_encoding(
    tmp_path: Path, encoding: str, part: str
) -> None:
    mark, named = (b"\xfe\xff", "utf-16-be") if "mark" in encoding else (b"", encoding)
    data = mark + DECLARED.format(' encoding="utf-16"' if "16" in named else "").encode(named)
    (tmp_path / "a.docx").write_bytes(documents.docx(extra={part: data}))
    assert list(Docx().load(str(tmp_path / "a.docx"))) == [
        Failure(str(tmp_path / "a.docx"), "its XML declares a document type or entities, which are not read")
    ]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (r"{\rtf1\ansi One{\footnote A {\i note} \} here.} two.\par Three.}", "One two.\n\nThree.\n\nA note } here."),
        (r"{\rtf1\ansi One{\footnote First.} two{\footnote\ftnalt Last.}.\par}", "One two.\n\nFirst.\n\nLast."),
        (r"{\rtf1\ansi One{\footnote never closed}", "One\n\nnever closed"),
    ],
)
def test_notes_of_rich_text_stand_at_its_end(tmp_path: Path, written: str, expected: str) -> None:
    (tmp_path / "a.rtf").write_text(written)
    [article] = read([str(tmp_path)])
    assert isinstance(article, Article), article
    assert article.text == expected
