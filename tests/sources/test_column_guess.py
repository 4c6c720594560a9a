"""Exports whose columns have names that tell nothing are read by what the columns hold; people may say otherwise."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner

from rag import Index, Settings
from rag.cli import main
from rag.ingestion.explain import explain
from rag.sources.formats.column_guess import COLUMNS_NOTE, guess_columns, reads_as_prose
from rag.sources.formats.fields_file import FIELDS_FILE_SUFFIX, parse_mapping, read_fields_file, write_fields_file
from rag.sources.formats.json_rows import parse_rows
from rag.testing import WordEmbedder
from rag.types import Article, Failure
from tests.support.reading import read

WEIR = "The weir at Harlow was closed for repairs on Tuesday, and forty boats waited. It opens again in May."
MILL = "The mill in Sedge Lane burned down in the night. Nobody was hurt, the fire brigade said on Wednesday morning."
ROWS = [
    {"nr": "1", "zzkop": "Weir closed for repairs", "wann": "5 March 2024", "wer": "Ann Lee", "bei": "harbor.example",
     "wo": "https://harbor.example/weir", "art": "local", "zzbody": WEIR},
    {"nr": "2", "zzkop": "Mill burns in the night", "wann": "6 March 2024", "wer": "Bo Quist", "bei": "harbor.example",
     "wo": "https://harbor.example/mill", "art": "local", "zzbody": MILL},
]  # fmt: skip
TAKEN = "text = zzbody, title = zzkop, date = wann, author = wer, url = wo, source = bei"


def to_csv(rows: list[dict[str, str]]) -> bytes:
    out = StringIO()
    writer = csv.DictWriter(out, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def to_lines(rows: list[dict[str, str]]) -> bytes:
    return "\n".join(map(json.dumps, rows)).encode()


def nested(rows: list[dict[str, str]]) -> bytes:
    tags = [{"tag": str(number)} for number in range(9)]
    results = [{"fields2": {"deep": row["zzbody"]}, "head2": {"v": row["zzkop"]}, "wann": row["wann"]} for row in rows]
    return json.dumps({"tags": tags, "response": {"total": 2, "results": results}}).encode()


def articles(path: Path, data: bytes) -> list[Article]:
    path.write_bytes(data)
    found = list(read([str(path)]))
    assert all(isinstance(item, Article) for item in found), found
    return [item for item in found if isinstance(item, Article)]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.csv", to_csv(ROWS)),
        ("sep.csv", b"sep=,\r\n" + to_csv(ROWS)),
        ("a.json", json.dumps(ROWS).encode()),
        ("by-key.json", json.dumps({row["nr"]: row for row in ROWS}).encode()),
        (
            "by-column.json",
            json.dumps({column: {row["nr"]: row[column] for row in ROWS} for column in ROWS[0]}).encode(),
        ),
        ("a.jsonl", to_lines(ROWS)),
        ("list.jsonl", json.dumps(ROWS).encode()),
    ],
)
def test_the_longest_prose_is_the_text_and_other_fields_are_found_by_what_they_hold(
    tmp_path: Path, name: str, data: bytes
) -> None:
    one, two = articles(tmp_path / name, data)
    assert (one.text, two.text) == (WEIR, MILL)
    assert (one.title, one.date, one.author) == ("Weir closed for repairs", "2024-03-05", "Ann Lee")
    assert (one.source, one.url) == ("harbor.example", "https://harbor.example/weir")
    assert one.metadata["art"] == "local"
    assert one.metadata[COLUMNS_NOTE] == TAKEN


def test_objects_in_objects_are_looked_into(tmp_path: Path) -> None:
    one, two = articles(tmp_path / "a.json", nested(ROWS))
    assert (one.title, one.text, one.date) == ("Weir closed for repairs", WEIR, "2024-03-05")
    assert two.metadata[COLUMNS_NOTE] == "text = fields2.deep, title = head2.v, date = wann"


def test_known_names_win(tmp_path: Path) -> None:
    rows = [{"headline": "Weir", "content": WEIR, "zzlong": f"{MILL} {MILL}"}]
    [article] = articles(tmp_path / "a.csv", to_csv(rows))
    assert (article.title, article.text) == ("Weir", WEIR)
    assert COLUMNS_NOTE not in article.metadata


def test_a_name_that_holds_no_prose_gives_way_and_so_does_a_short_summary(tmp_path: Path) -> None:
    [article] = articles(tmp_path / "a.csv", to_csv([{"article": "17", "summary": "A weir closed.", "zz": WEIR}]))
    assert article.text == WEIR


@pytest.mark.parametrize(
    ("rows", "field", "column"),
    [
        ([{"zz": WEIR, "made": "7 May 2024", "geburtstag": "1 May 1970"}], "date", "made"),
        ([{"zz": WEIR, "updated_on": "7 May 2024", "pic": "https://a.example/b.jpg"}], "date", ""),
        ([{"zz": WEIR, "pic": "https://a.example/b.jpg"}], "url", ""),
        ([{"zz": WEIR, "kw": "weir, boats, repairs, river", "my_title_x": "Closed"}], "title", "my_title_x"),
        ([{"zz": WEIR, "number": "1709600000"}], "date", ""),
        ([{"zz": WEIR, "teaser2": "A weir was closed and boats wait there.", "zk": "Weir closed"}], "title", "zk"),
        ([{"zz": WEIR, "kop": "Weir Closed Again", "wer": "Ann Lee"}], "author", "wer"),
        ([{"zz": WEIR, "same": f"{MILL} {MILL}"}] * 4 + [{"zz": MILL, "same": f"{MILL} {MILL}"}] * 3, "text", "zz"),
        ([{"zz": WEIR, "text_tokens": ",".join(MILL.split() * 4)}], "text", "zz"),
    ],
)
def test_what_a_column_is_taken_for(rows: list[dict[str, str]], field: str, column: str) -> None:
    distinct = [{**row, "zz": f"{row['zz']} {number}."} for number, row in enumerate(rows)]
    assert guess_columns(distinct).get(field, "") == column


def test_a_table_of_data_stays_one_article(tmp_path: Path) -> None:
    rows = [{"ship": "Tern", "built": "1902", "remark": "Fast."}, {"ship": "Gull", "built": "1911", "remark": "Sank."}]
    [article] = articles(tmp_path / "a.csv", to_csv(rows))
    assert "ship: Tern; built: 1902; remark: Fast." in article.text


def test_an_export_of_addresses_and_texts_is_not_fetched(tmp_path: Path) -> None:
    [article] = articles(tmp_path / "a.csv", to_csv([{"link": "https://harbor.example/weir", "zz": WEIR}]))
    assert article.text == WEIR


@pytest.mark.parametrize("text", ["dam, river, mud, flood, gates, locks, boats, mills, weirs, ponds, fish, eels", "17"])
def test_lists_of_words_are_no_prose(text: str) -> None:
    assert not reads_as_prose(text)


def test_prose_of_scripts_without_spaces() -> None:
    assert reads_as_prose("新的运河闸门于星期二重新开放。中午有四十艘船。")


def test_a_list_of_keywords_is_not_taken_for_that_of_articles() -> None:
    assert [row["wann"] for row in parse_rows(nested(ROWS).decode())] == ["5 March 2024", "6 March 2024"]


def test_a_file_beside_says_otherwise_and_the_rest_is_still_found(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(to_lines(ROWS))
    write_fields_file(str(path), {"title": "art"})
    one, _ = articles(path, path.read_bytes())
    assert (one.title, one.text, one.date) == ("local", WEIR, "2024-03-05")


@pytest.mark.parametrize("rows", [ROWS, [{"kind": "a", "text": f"<p>{WEIR}</p>", "zz": MILL}]])
@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.jsonl"])
def test_articles_keep_their_ids_when_columns_are_named(tmp_path: Path, rows: list[dict[str, str]], name: str) -> None:
    path = tmp_path / name
    data = to_csv(rows) if name == "a.csv" else to_lines(rows) if name == "a.jsonl" else json.dumps(rows).encode()
    before = articles(path, data)
    other = list(rows[0])[1 if rows is ROWS else 2]
    write_fields_file(str(path), {"text": other, "title": next(iter(rows[0]))})
    after = articles(path, data)
    assert [article.id for article in after] == [article.id for article in before]
    assert [article.text for article in after] == [row[other] for row in rows]


def test_fields_are_set_one_by_one_and_taken_back(tmp_path: Path) -> None:
    path = str(tmp_path / "a.csv")
    write_fields_file(path, parse_mapping(["text=Body, long,headline=kop"]))
    write_fields_file(path, parse_mapping(["publisher = src"]))
    assert read_fields_file(path) == {"id": "*", "text": "Body, long", "title": "kop", "source": "src"}
    written = write_fields_file(path, {"text": "", "title": "", "source": ""})
    assert written == path + FIELDS_FILE_SUFFIX
    assert not Path(written).exists()


def open_index(folder: Path) -> Index:
    return Index(folder / "index", Settings(), WordEmbedder())


def test_a_sync_says_which_columns_were_taken_and_a_change_beside_is_read(tmp_path: Path) -> None:
    path = tmp_path / "in" / "a.csv"
    path.parent.mkdir()
    path.write_bytes(to_csv(ROWS))
    index = open_index(tmp_path)
    changes = index.sync([str(path.parent)])
    assert [(taken.source, taken.columns) for taken in changes.columns] == [(str(path), TAKEN)]
    assert index.sync().unchanged == 2
    write_fields_file(str(path), {"title": "nr", "text": "zzkop"})
    assert index.sync().updated == 2
    write_fields_file(str(path), {"text": ""})
    assert index.sync().updated == 2
    [coverage] = explain(str(path), Settings())
    assert not isinstance(coverage, Failure)
    assert coverage.columns == "text = zzbody, title = nr, date = wann, author = wer, url = wo, source = bei"
    assert coverage.lost == 0


def test_columns_are_said_and_set_on_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(to_csv(ROWS))
    shown = CliRunner().invoke(main, ["add", str(path), "--explain"])
    assert f"columns: {TAKEN}" in shown.stdout
    for given in (["--explain", "--map", "title=nr"], ["--map", "colour=nr"]):
        assert CliRunner().invoke(main, ["add", str(path), *given]).exit_code == 2
    assert CliRunner().invoke(main, ["add", str(tmp_path), "--map", "title=nr"]).exit_code == 2
    assert not (tmp_path / f"a.csv{FIELDS_FILE_SUFFIX}").exists()
    added = CliRunner().invoke(main, ["add", str(path), "--map", "title=nr", "--index", str(tmp_path / "index")])
    assert added.exit_code == 0, added.output
    assert "title = nr" in added.stderr
    assert read_fields_file(str(path)) == {"id": "*", "title": "nr"}
