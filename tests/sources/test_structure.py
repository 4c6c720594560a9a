"""Headings, lists and tables of files, kept beside the text as it is quoted."""

from pathlib import Path

import pytest

from rag.sources import read
from rag.types import Article

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
