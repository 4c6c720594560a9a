"""Text is made uniform and pages are cleaned, and no word is lost on the way."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.sources.cleaning.pasted_page import clean_page, has_same_words, title_from_name
from rag.sources.cleaning.publication_date import parse_day
from rag.sources.cleaning.unicode import normalise, one_line

PAGE = """Share
Old canal opens again: what to know

A first look at the locks, two hundred years after they were dug.
Old canal opens again: what to know
The keeper turns the wheel of the upper lock on Friday. (Ann Lee/Canal Press)
The keeper turns the wheel of the upper lock on Friday. Ann Lee/Canal Press
Jane van Doe
Updated: Jan. 5, 2024 10:30 a.m. ET | Published: Jan. 4, 2024
0:00

The gates were opened on Tuesday, and forty
boats went through before noon.

Background

Canal Press contributed to this report.
"""

WRAPPED = """The gates of the old canal were opened again on Tuesday, and forty
boats went through before noon. The mayor said that nobody had expected so
many of them, and that the harbour would stay open to the end of the month.
    Nobody was hurt when a barge touched the wall of the upper lock, but it
had to be towed away.

Short lines
stay as they are
"""


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("e\u0301", "é"),
        ("e\u200b\u0301", "é"),
        ("a\r\nb\rc\u2028d\u0085e\x0cf", "a\nb\nc\nd\ne\nf"),
        ("a\u00a0b\u3000c\u2009d\te", "a b c d\te"),
        ("can\u00adal\ufeff \u200bgate\u2060s\x00\x1b", "canal gates"),
        ("a\u200db", "ab"),
        ("👨\u200d👩\u200d👧 ❤\ufe0f\u200d🔥", "👨\u200d👩\u200d👧 ❤\ufe0f\u200d🔥"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("half \ud800 a pair", "half \ufffd a pair"),
        ("\u202eturned\u202c", "turned"),
    ],
)
def test_normalise(raw: str, clean: str) -> None:
    assert normalise(raw) == clean


@given(st.text())
def test_normalise_is_idempotent_and_storable(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    once.encode()


def test_normalise_keeps_what_it_has_no_quarrel_with() -> None:
    text = "“Déjà” – 東京, שלום, 50 % of it…\n\n\tindented  twice "
    assert normalise(text) == text


@pytest.mark.timeout(30)
def test_normalise_is_fast_on_hostile_accents_and_on_much_text() -> None:
    accents = "a" + "\u0301\u0316" * 200_000
    assert normalise(accents) == accents  # a run that long stays as it is
    normalise("“The gates were opened,”\u00a0she said. Cafe\u0301.\n" * 100_000)


def test_a_page_is_taken_apart() -> None:
    title, author, day, body = clean_page(PAGE)
    assert title == "Old canal opens again: what to know"
    assert author == "Jane van Doe"
    assert parse_day(day) == "2024-01-04"
    assert body.split("\n\n") == [
        "A first look at the locks, two hundred years after they were dug.",
        "The keeper turns the wheel of the upper lock on Friday. (Ann Lee/Canal Press)",
        "The gates were opened on Tuesday, and forty",
        "boats went through before noon.",
        "Background",
        "Canal Press contributed to this report.",
    ]


def test_hard_wrapped_lines_become_paragraphs() -> None:
    paragraphs = clean_page(WRAPPED)[3].split("\n\n")
    assert [paragraph.split()[0] for paragraph in paragraphs] == ["The", "Nobody", "Short", "stay"]
    assert paragraphs[0].endswith("the end of the month.")


def test_a_list_of_long_lines_is_not_a_paragraph() -> None:
    lines = [f"- the gate of the {place} lock was opened again on a Tuesday" for place in ("upper", "lower", "outer")]
    assert clean_page("The canal\n\n" + "\n".join(lines))[3].split("\n\n") == lines


def test_wrapped_lines_of_chinese_are_joined_without_a_space() -> None:
    line = "新的运河闸门于星期二重新开放" * 4
    assert clean_page(f"{line}\n{line}后来\n")[3] == line + line + "后来"


@pytest.mark.parametrize("line", ["By Jane Doe", "BY JANE DOE", "By: Jane Doe"])
def test_a_byline_is_the_author(line: str) -> None:
    title, author, _, body = clean_page(f"The canal\n{line}\n\nThe gates were opened.")
    assert (title, author.lower(), body) == ("The canal", "jane doe", "The gates were opened.")


@pytest.mark.parametrize(
    "line",
    [
        "By Monday the gates were closed.",
        "By the numbers",
        "Updated figures show that forty boats went through.",
        "Published 4321 98 76",
        "Share of boats under sail",
        "New York",
        "12:30 the last boat",
    ],
)
def test_lines_that_only_look_like_furniture_stay(line: str) -> None:
    assert line in clean_page(f"The canal\n\nForty boats went through.\n{line}\nThe end came.")[3].split("\n\n")


@pytest.mark.parametrize("line", ["Share", "PRINT", "Updated:", "Last updated 5 May 2024", "0:00 / 3:45", "4 min read"])
def test_furniture_goes(line: str) -> None:
    assert clean_page(f"The canal\n\n{line}\n\nForty boats went through.")[3] == "Forty boats went through."


def test_a_line_that_begins_a_longer_one_goes_and_the_longer_one_stays() -> None:
    longer = "The keeper turns the wheel of the lock, as he did in the spring."
    for lines in ([longer[:38], longer], [longer, longer[:38]]):
        assert clean_page("\n\n".join(["The canal", *lines]))[3] == longer


def test_short_lines_may_repeat_and_a_single_line_is_the_body() -> None:
    assert clean_page("The canal\n\nYes, he said.\n\nYes, he said.")[3] == "Yes, he said.\n\nYes, he said."
    assert clean_page("The canal") == ("", "", "", "The canal")
    assert clean_page("") == ("", "", "", "")


@pytest.mark.parametrize(
    ("first", "is_title"),
    [
        ("The canal is open", True),
        ("Is the canal open?", True),
        ("A canal in the U.S.", True),
        ("The canal was opened.", False),
        ("Dear reader,", False),
        ("—", False),
        ("canal " * 40, False),
    ],
)
def test_what_a_title_looks_like(first: str, is_title: bool) -> None:
    title, _, _, body = clean_page(f"{first}\n\nForty boats went through.")
    assert bool(title) == is_title
    assert is_title or body.startswith(first.strip())


WORDS = st.sampled_from(
    ["the", "gate", "Boats", "12", "lock", "Ann", "by", "updated", "0:00", "share", "Lee", "2024", "—", "Jan."]
)
LINES = st.one_of(
    st.lists(WORDS, max_size=16).map(" ".join),
    st.lists(WORDS, min_size=8, max_size=16).map(lambda words: " ".join(words) + "."),
    st.text(max_size=30),
    st.sampled_from(["", "", "Share", "Updated:", "0:00", "By Ann Lee", "Ann Lee", "   "]),
)


@settings(deadline=None)  # the names of months are loaded by the first call that meets one
@given(st.lists(LINES, max_size=25).map("\n".join))
def test_cleaning_is_stable(page: str) -> None:
    title, _, _, body = clean_page(page)
    assert clean_page(f"{title}\n\n{body}" if title else body) == (title, "", "", body)
    assert "\n\n\n" not in body
    assert all(line == line.strip() for line in body.split("\n"))


@given(st.lists(LINES, max_size=25))
def test_cleaning_loses_no_sentence(lines: list[str]) -> None:
    title, _, _, body = clean_page("\n".join(lines))
    kept = one_line(f"{title} {body}")
    said = "".join(character for character in kept.casefold() if character.isalnum())
    for line in lines:
        sentence = one_line(line)
        if sentence.endswith(".") and sentence.count(" ") >= 7:
            words = "".join(character for character in sentence.casefold() if character.isalnum())
            assert sentence in kept or words in said, sentence


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2022/06/12", "2022-06-12"),
        ("2024-1-5", "2024-01-05"),
        ("2024-01-05T23:30:00-08:00", "2024-01-05"),
        ("20240105", "2024-01-05"),
        ("Jan. 5, 2024", "2024-01-05"),
        ("Fri, 05 Jan 2024 10:00:00 GMT", "2024-01-05"),
        ("5 janvier 2024", "2024-01-05"),
        ("13/02/2022", "2022-02-13"),
        ("02/13/2022", "2022-02-13"),
        ("5.6.2024", "2024-06-05"),
        (date(2024, 1, 5), "2024-01-05"),
        (datetime(2024, 1, 5, 23, tzinfo=UTC), "2024-01-05"),
        (20240105, "2024-01-05"),
        ("05/06/2024", ""),
        ("2024-13-45", ""),
        ("June 31, 2022", ""),
        ("5", ""),
        ("May", ""),
        ("March 2024", ""),
        ("yesterday", ""),
        ("1704449000", ""),
        ("", ""),
        (None, ""),
        (5, ""),
    ],
)
def test_days(written: object, day: str) -> None:
    assert parse_day(written) == day


@given(st.text(alphabet="0123456789/.-: JanMay,年月日", max_size=24))
def test_days_are_days_or_nothing(written: str) -> None:
    day = parse_day(written)
    assert day == "" or date.fromisoformat(day).isoformat() == day


def test_names_are_made_readable() -> None:
    assert title_from_name("old-canal_opens.txt") == "Old canal opens"
    assert title_from_name("letters/1802/first.letter.md") == "First.letter"
    assert title_from_name("README") == "README"
    assert title_from_name("---") == "---"


def test_same_words() -> None:
    assert has_same_words("“The Canal” (again)", "the canal again")
    assert not has_same_words("The canal", "The canals")
    assert not has_same_words("—", "…")
