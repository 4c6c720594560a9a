"""The fields of an article are found whatever an export, a data set or a note calls them, in the languages of news."""

import csv
import hashlib
import json
from io import StringIO
from pathlib import Path

import pytest

from rag.failures import LeftOut
from rag.sources.formats.address_rows import read_address_rows
from rag.sources.formats.field_names import find_fields, normalise_name, oldest_name
from rag.sources.formats.record_fields import day_text, names_of, paragraphs_of, read_fields
from rag.types import Article, Failure
from tests.support.reading import read

TEXT = "The weir was closed for repairs on Tuesday, and forty boats waited."
FIELDS = ("text", "title", "date", "author", "url", "source")
PAGE = "https://harbor.example/weir"


def as_csv(folder: Path, row: dict[str, str]) -> Path:
    out = StringIO()
    writer = csv.DictWriter(out, row)
    writer.writeheader()
    writer.writerow(row)
    (folder / "a.csv").write_text(out.getvalue(), encoding="utf-8")
    return folder / "a.csv"


def as_json(folder: Path, row: dict[str, str]) -> Path:
    (folder / "a.json").write_text(json.dumps([row]))
    return folder / "a.json"


def as_jsonl(folder: Path, row: dict[str, str]) -> Path:
    (folder / "a.jsonl").write_text(json.dumps(row))
    return folder / "a.jsonl"


FORMS = [as_csv, as_json, as_jsonl]


def only(path: Path) -> Article:
    [item] = read([str(path)])
    assert isinstance(item, Article), item
    return item


NAMES = [
    ("Text", "Titel", "Datum", "Autor", "Link", "Quelle"),
    ("Artikeltext", "Überschrift", "Veröffentlicht am", "Verfasserin", "Adresse", "Herausgeber"),
    ("inhalt", "ueberschrift", "Erscheinungsdatum", "Autoren", "Webadresse", "Zeitung"),
    ("texte", "titre", "date de publication", "auteur", "lien", "éditeur"),
    ("Contenu", "Titre", "Publié le", "Autrice", "Adresse web", "journal"),
    ("contenido", "título", "fecha", "autora", "enlace", "medio"),
    ("Cuerpo", "Titular", "Fecha de publicación", "autor", "dirección", "Periódico"),
    ("testo", "titolo", "data", "autore", "collegamento", "testata"),
    ("conteúdo", "manchete", "data de publicação", "autores", "endereço", "jornal"),
    ("tekst", "kop", "publicatiedatum", "schrijver", "koppeling", "krant"),
    ("treść", "tytuł", "data publikacji", "autor", "odnośnik", "wydawca"),
    ("текст", "заголовок", "дата публикации", "автор", "ссылка", "издание"),
    ("正文", "标题", "发布日期", "作者", "链接", "媒体"),
    ("本文", "見出し", "公開日", "記者", "リンク", "新聞社"),
    ("النص", "العنوان", "تاريخ النشر", "الكاتب", "الرابط", "الناشر"),
    ("body_text", "Headline", "Publish Date", "By", "web-url", "Website"),
    ("news_content", "headline_text", "date_publish", "author_name", "articleUrl", "source_domain"),
    ("Article Text", "article.title", "publishedAt", "byLine", "permalink", "publisher_name"),
    ("fields.bodyText", "webTitle", "webPublicationDate", "fields.byline", "webUrl", "fields.publication"),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("names", NAMES, ids=lambda names: names[1])
def test_fields_are_found_in_every_form(tmp_path: Path, form: "type", names: tuple[str, ...]) -> None:
    values = (TEXT, "Weir closed", "2024-03-05", "Ann Lee", PAGE, "Harbor Review")
    article = only(form(tmp_path, dict(zip(names, values, strict=True))))
    found = (article.text, article.title, article.date, article.author, article.url, article.source)
    assert found == values


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("date_download", set()),
        ("Highlighted at", set()),
        ("Date Added", set()),
        ("title_page", set()),
        ("text_length", set()),
        ("content_type", set()),
        ("author.url", set()),
        ("Publication Year", set()),
        ("publication", {"source"}),
        ("source", {"source", "url"}),
        ("published_by", {"author", "source"}),
        ("Datum", {"date"}),
    ],
)
def test_a_name_stands_for_what_it_says(name: str, fields: set[str]) -> None:
    assert {candidate.field for candidate in find_fields(name)} == fields


def test_names_are_the_same_however_they_are_spelled() -> None:
    spelled = ["Article Body", "article_body", "articleBody", "ARTICLE-BODY", " article body: "]
    assert {normalise_name(name) for name in spelled} == {"articlebody"}


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        ({"source": PAGE, "publisher": "The Plain"}, {"url": PAGE, "source": "The Plain"}),
        ({"source": "The Plain", "link": PAGE}, {"url": PAGE, "source": "The Plain"}),
        ({"website": PAGE}, {"url": PAGE}),
        (
            {"domain_name": "plain.example", "published_by": ["Ann Lee"]},
            {"source": "plain.example", "author": "Ann Lee"},
        ),
        ({"author": "Ann Lee", "published_by": "The Plain"}, {"author": "Ann Lee", "source": "The Plain"}),
        ({"Publication Title": "The Plain", "Publisher": "Plain Press"}, {"source": "The Plain"}),
        ({"fecha": "05/03/2024", "autor": 7}, {"date": "05/03/2024"}),
        ({"url": "[Weir](https://harbor.example/weir)", "author": [["Ann Lee"]]}, {"url": PAGE, "author": "Ann Lee"}),
        ({"date": "[[2024-03-05]]", "mainEntityOfPage": PAGE}, {"date": "2024-03-05", "url": PAGE}),
        ({"published": "true", "date": "2024-03-05"}, {"date": "2024-03-05"}),
        ({"created_at": "2024-03-09", "published_at": "2024-03-05"}, {"date": "2024-03-05"}),
        ({"content": "", "summary": TEXT}, {"text": TEXT}),
        ({"content": PAGE, "description": TEXT, "url": PAGE}, {"text": TEXT, "url": PAGE}),
        ({"user": {"name": "Ann Lee", "id": 7}, "full_text": TEXT}, {"author": "Ann Lee", "text": TEXT}),
        ({"tweet": {"full_text": TEXT, "created_at": "2024-03-05"}}, {"text": TEXT, "date": "2024-03-05"}),
        (
            {"issued": {"date-parts": [[2024, 3, 5]]}, "container-title": "Plain"},
            {"date": "2024-03-05", "source": "Plain"},
        ),
    ],
)
def test_what_a_column_holds_decides(row: dict[str, object], fields: dict[str, str]) -> None:
    assert read_fields(row).fields == fields


@pytest.mark.parametrize(
    ("written", "day"),
    [
        (1_709_632_800, "2024-03-05"), ("1709632800", "2024-03-05"), (1_709_632_800_000, "2024-03-05"),
        ("1709632800.5", "2024-03-05"), (1_709_632_800_000_000, "2024-03-05"),
        ({"$date": 1_709_632_800_000}, "2024-03-05"),
        ("20240305101500", "20240305"), ("2024-03-05", "2024-03-05"), (2024, "2024"), ("12345", "12345"), (True, ""),
    ],
)  # fmt: skip
def test_days_in_seconds_and_milliseconds(written: object, day: str) -> None:
    assert day_text(written)[:10] == day


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("By Ann Lee", "Ann Lee"), ("[[Ann Lee]]", "Ann Lee"), (["[[people/ann|Ann Lee]]", "Bo Li"], "Ann Lee, Bo Li"),
        ("['Li Wu', \"Pat O'Brien\"]", "Li Wu, Pat O'Brien"), ('["Li Wu"]', "Li Wu"), ("[]", ""),
        ([{"family": "Lee", "given": "Ann"}, {"name": "Bo"}], "Ann Lee, Bo"),
        ("[Ann Lee](https://a.example)", "Ann Lee"),
    ],
)  # fmt: skip
def test_names_of_authors(written: object, names: str) -> None:
    assert names_of(written) == names


def test_a_list_is_a_paragraph_an_item() -> None:
    assert paragraphs_of(["One.", "", "Two."]) == "One.\n\nTwo."
    runs = [{"text": "One "}, {"text": "bold", "bold": True}]
    blocks = [{"type": "p", "children": runs}, {"type": "p", "text": "Two"}]
    assert paragraphs_of(blocks) == "One bold\n\nTwo"
    assert paragraphs_of([{"heading": "Head", "paragraphs": ["One.", "Two."]}]) == "Head\n\nOne.\n\nTwo."


@pytest.mark.parametrize("form", [as_json, as_jsonl])
def test_lines_are_read_as_exports_are(tmp_path: Path, form: "type") -> None:
    row = {
        "headline": "Ann&#8217;s <em>weir</em>",
        "content": f"<p>{TEXT}</p><p>It rains.</p>",
        "created_utc": 1709632800,
    }
    article = only(form(tmp_path, row))
    assert (article.title, article.text, article.date) == ("Ann’s weir", f"{TEXT}\n\nIt rains.", "2024-03-05")
    assert only(form(tmp_path, {"text": [TEXT, "It rains."]})).text == f"{TEXT}\n\nIt rains."


def test_a_list_in_a_file_of_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        json.dumps([{"id": "a", "text": TEXT}, {"text": ""}, {"id": "b", "content": "It rains."}], indent=1)
    )
    items = list(read([str(path)]))
    assert [item.id for item in items if isinstance(item, Article)] == ["a", "b"]
    assert [item.source for item in items if isinstance(item, Failure)] == [f"{path}:2"]


def test_the_list_that_holds_texts_is_read(tmp_path: Path) -> None:
    tags = [{"name": str(number)} for number in range(5)]
    export = {"db": [{"meta": {"version": 5}, "data": {"posts": [{"title": "Weir", "html": TEXT}], "tags": tags}}]}
    (tmp_path / "a.json").write_text(json.dumps(export))
    assert only(tmp_path / "a.json").text == TEXT


@pytest.mark.parametrize("form", FORMS)
def test_named_characters_are_resolved_and_ids_stay(tmp_path: Path, form: "type") -> None:
    article = only(form(tmp_path, {"text": "Lee &amp; Horn&#8217;s weir.", "title": "Weir"}))
    assert article.text == "Lee & Horn’s weir."
    assert article.id.endswith("#" + hashlib.sha256(b"WeirLee &amp; Horn&#8217;s weir.").hexdigest()[:12])


def test_lines_in_a_json_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("\n".join(json.dumps({"id": number, "text": f"{number} {TEXT}"}) for number in range(3)))
    assert [item.id for item in read([str(path)]) if isinstance(item, Article)] == ["a.json#0", "a.json#1", "a.json#2"]


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_what_excel_is_told_of_the_separator_is_no_header(tmp_path: Path, first: str) -> None:
    (tmp_path / "a.csv").write_text(f"{first}\r\nTitel;Text\r\nWehr, alt;{TEXT}\r\n")
    assert (only(tmp_path / "a.csv").title, only(tmp_path / "a.csv").text) == ("Wehr, alt", TEXT)


SAVED = [
    ("a.csv", f"title,url,time_added,tags,status\nWeir,{PAGE},1707210000,,unread\nMill,{PAGE}/2,1707210001,,archive\n"),
    ("a.csv", f"URL,Title,Selection,Folder,Timestamp\n{PAGE},Weir,{TEXT.replace(',', ';')},Unread,1707210000\n"),
    ("a.json", json.dumps([{"title": "Weir", "url": PAGE, "description": "Short.", "savedAt": "2024-03-02"}])),
    ("a.jsonl", json.dumps({"title": "Weir", "link": PAGE})),
]


@pytest.mark.parametrize(("name", "content"), SAVED)
def test_rows_of_addresses_are_a_list_of_them(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    [failure] = read([str(tmp_path)])
    assert isinstance(failure, LeftOut)
    assert failure.source == str(tmp_path / name)
    assert "a list of" in failure.reason and "give it alone" in failure.reason
    assert read_address_rows(content.encode(), name)[0] == PAGE
    assert read_address_rows(f'[{{"text": "{TEXT}", "url": "{PAGE}"}}]'.encode(), "b.json") == []


def test_ids_are_made_of_the_oldest_names_alone(tmp_path: Path) -> None:
    assert oldest_name("url", ["source_url", "Link"]) == "Link"
    assert oldest_name("id", ["key", "doc_id"]) == ""
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": TEXT, "link": PAGE, "Titel": "Weir"}))
    made = only(tmp_path / "a.jsonl")
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": TEXT}))
    assert made.id == only(tmp_path / "a.jsonl").id
    assert (made.url, made.title) == (PAGE, "Weir")
