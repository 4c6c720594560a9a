"""Headings, lists and tables as stretches of a text: how they are written down, and what is made of them."""

from dataclasses import replace

import pytest

from rag.sources.formats.text_builder import TextBuilder, write_row
from rag.structure import STRUCTURE, Block, StructuredText, blocks_within, parse_structure, write_structure
from rag.text.chunking import Chunker
from rag.text.sentences import find_sentence, split_passage
from rag.types import Article

CREWS = ["Crew: Tern; Place: 2; Time: 7:41", "Crew: St. Mary. Crew of 8; Place: 1; Time: 7:29"]


def built() -> StructuredText:
    builder = TextBuilder()
    builder.add_paragraph("The race was held on May 5. It rained.")
    builder.add_heading("Results of the race", 2)
    builder.add_paragraph("Four boats came in")
    builder.add_lines([("caption", "Table 1: Times in minutes"), *(("row", crew) for crew in CREWS)])
    builder.add_item("Bring a coat. It is cold.")
    builder.add_item("and a hat", 2)
    builder.add_paragraph("The course is two miles long.")
    return builder.build()


def article(text: StructuredText) -> Article:
    return Article("race.md", "Rowing", text.text, metadata={STRUCTURE: text.written})


def words(texts):
    return [len(text.split()) for text in texts]


def test_offsets_are_exact_whatever_normalising_does() -> None:
    builder = TextBuilder()
    builder.add_paragraph("Cafe\u0301\u00a0on\u200b the quay\r\n  with a view ")
    builder.add_heading(" Head\u00ading\u00a0 ", 1)
    builder.add_item("a\n\tb\u0301 ")
    text, blocks = builder.build()
    assert text == "Café on the quay\nwith a view\n\nHeading\n\na b\u0301"
    assert [(block.kind, text[block.start : block.end]) for block in blocks] == [
        ("heading", "Heading"),
        ("item", "a b\u0301"),
    ]


def test_rows_and_items_stand_on_lines_and_everything_else_apart() -> None:
    assert built().text == (
        "The race was held on May 5. It rained.\n\nResults of the race\n\nFour boats came in\n\n"
        f"Table 1: Times in minutes\n{CREWS[0]}\n{CREWS[1]}\n\n"
        "Bring a coat. It is cold.\nand a hat\n\nThe course is two miles long."
    )


def test_a_structure_is_read_as_it_was_written() -> None:
    text, blocks = built()
    assert parse_structure(write_structure(blocks, len(text)), len(text)) == blocks
    assert write_structure((), 20) == ""


@pytest.mark.parametrize(
    "written",
    [
        "",
        "9",
        "10 x@0+2",
        "10 h2@4+2 r@3+2",
        "10 r@4+9",
        "11 r@0+4",
        "10 r@0+4;",
        "10  r@0+4",
        "10 h-1@0+2",
        "ten h@0+1",
    ],
)
def test_what_is_no_structure_of_the_text_is_none(written: str) -> None:
    assert parse_structure(written, 10) == ()


def test_a_text_that_was_changed_has_no_structure() -> None:
    whole = article(built())
    assert len(whole.structure) == 6
    assert replace(whole, text=whole.text + "!").structure == ()


def test_a_passage_has_the_blocks_that_reach_into_it() -> None:
    blocks = (Block("heading", 0, 4, 1), Block("row", 5, 15), Block("row", 16, 20))
    assert blocks_within(blocks, 4, 16) == (Block("row", 5, 15),)
    assert blocks_within(blocks, 7, 18) == (Block("row", 7, 15), Block("row", 16, 18))


def test_a_row_and_an_item_are_one_sentence_and_headings_none() -> None:
    whole = article(built())
    passage = whole.passage(0, len(whole.text))
    assert [whole.text[start:end] for start, end in split_passage(passage)] == [
        "The race was held on May 5.", "It rained.", "Four boats came in", *CREWS, "Bring a coat. It is cold.",
        "and a hat", "The course is two miles long.",
    ]  # fmt: skip
    place = whole.text.index("7:29")
    found = find_sentence(passage, place, place + 4)
    assert found is not None
    assert whole.text[slice(*found)] == CREWS[1]


def test_a_long_item_is_split_into_its_sentences() -> None:
    builder = TextBuilder()
    builder.add_item("The lock keeper opens the gate. " * 20)
    whole = article(builder.build())
    assert len(split_passage(whole.passage(0, len(whole.text)))) == 20


def test_without_a_stated_heading_those_that_read_like_one_are_headings() -> None:
    text = f"Results of the race\n\nFour boats came in before it began to rain.\n\n{CREWS[0]}"
    whole = article(StructuredText(text, (Block("row", len(text) - len(CREWS[0]), len(text)),)))
    assert [whole.text[start:end] for start, end in split_passage(whole.passage(0, len(text)))] == [
        "Four boats came in before it began to rain.",
        CREWS[0],
    ]


@pytest.mark.parametrize("window", [22, 40, 90])
def test_no_passage_cuts_a_row_that_fits_and_a_caption_keeps_its_first_row(window: int) -> None:
    builder = TextBuilder()
    rows = [f"Street: Lane No. {number}. West; Lamps: {number}" for number in range(30)]
    builder.add_lines([("caption", "Lamps in the streets"), *(("row", row) for row in rows)])
    whole = article(builder.build())
    passages = Chunker(words, window).split(whole)
    for line in whole.text.split("\n"):
        assert any(line in passage.text.split("\n") for passage in passages)
    for passage in passages:
        assert set(passage.text.split("\n")) <= {*rows, "Lamps in the streets"}
    assert f"Lamps in the streets\n{rows[0]}" in passages[0].text


@pytest.mark.parametrize(
    ("cells", "header", "row"),
    [
        (["Tern", "2", "7:41"], ["Crew", "Place", "Time:"], "Crew: Tern; Place: 2; Time: 7:41"),
        (["Tern", "", "7:41"], ["Crew", "Place", "Time"], "Crew: Tern; Time: 7:41"),
        (["Visitors", "48", "61"], ["", "2022", "2023"], "Visitors; 2022: 48; 2023: 61"),
        (["Tern", "", "7:41"], [], "Tern | 7:41"),
        (["Tern", "2", "more"], ["Crew", "Place"], "Crew: Tern; Place: 2; more"),
        (["", ""], ["Crew", "Place"], ""),
    ],
)
def test_write_row(cells: list[str], header: list[str], row: str) -> None:
    assert write_row(cells, header) == row


def test_a_text_keeps_its_blocks_within_another_and_without_its_start() -> None:
    text = built()
    builder = TextBuilder()
    builder.add_paragraph("First chapter.")
    builder.add_text(text)
    joined = builder.build()
    assert joined.text == f"First chapter.\n\n{text.text}"
    assert joined.cut_start(len("First chapter.\n\n")) == text
