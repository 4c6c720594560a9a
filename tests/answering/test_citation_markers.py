"""Citations come out of a streamed text, and nothing that a Markdown client would fetch or follow stays in it."""

import re
import time
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.answering.citation_markers import CitationStream

IDS = ("ab12", "q7xk9", "abcd1234")
LONG = "y" * 400
Read = tuple[str, tuple[tuple[int, str], ...]]


def read(*pieces: str) -> Read:
    markers = CitationStream(IDS)
    before = ""
    for piece in pieces:
        markers.feed(piece)
        assert markers.text.startswith(before)
        before = markers.text
    markers.close()
    assert markers.text.startswith(before)
    return markers.text, markers.marks


def cited(text: str) -> tuple[str, list[str]]:
    """What is shown and cited, alike in one piece and in pieces of one character."""
    shown, marks = read(text)
    assert read(*text) == (shown, marks)
    return shown, [known for _, known in marks]


@pytest.mark.parametrize(
    "marker",
    [
        "[ab12]", "[ ab12 ]", "[AB12]", "[[ab12]]", "[[[ab12]]]", "【ab12】", "［ab12］", "〔ab12〕", "[id: ab12]",
        "[passage ab12]", "[Source: ab12]", "[#ab12]", "[^ab12]", "**[ab12]**", "__[ab12]__", "[**ab12**]", "`[ab12]`",
        "[`ab12`]", "``[ab12]``", "_[ab12]_", "*[ab12]*", "***[ab12]***", "([ab12])", "(`[ab12]`)", "( [ab12] )",
        "[ab\u200b12]", "[a\u00adb12\u2060]", "\\[ab12\\]", "[ab12](https://evil.example/x)", "[ab12, zz99]",
        "[3, ab12]", "[ab12 says so]", "[see ab12 [sic]]", "[ab<b>12]", "[ab12][zz99]", "[[ab12]](http://evil.example)",
    ],
)  # fmt: skip
def test_a_marker_goes_with_its_wrapping_and_its_gap(marker: str) -> None:
    assert cited(f"The ferry left {marker}.") == ("The ferry left.", ["ab12"])
    assert cited(f"The ferry left. {marker} Then rain.") == ("The ferry left. Then rain.", ["ab12"])
    assert cited(f"The ferry left. {marker}") == ("The ferry left.", ["ab12"])


@pytest.mark.parametrize(
    "markers",
    [
        "[ab12, q7xk9]", "[ab12; q7xk9]", "[ab12][q7xk9]", "[ab12 q7xk9]", "[ab12] [q7xk9]", "[ab12], [q7xk9]",
        "([ab12], [q7xk9])", "[[ab12], [q7xk9]]", "**[ab12]** **[q7xk9]**", "[ids: ab12 and q7xk9]", "【ab12】[q7xk9]",
    ],
)  # fmt: skip
def test_several_ids_stay_in_order(markers: str) -> None:
    assert cited(f"It left {markers}.") == ("It left.", ["ab12", "q7xk9"])


@pytest.mark.parametrize(
    "marker",
    ["[1]", "[12]", "[1, 2]", "[^1]", "[zz99]", "[zz99, 7]", "[source 3]", "([1])", "`[zz99]`", "[[1]](http://e.x)"],
)
def test_what_looks_like_a_marker_is_dropped(marker: str) -> None:
    assert cited(f"It left {marker}.") == ("It left.", [])


@pytest.mark.parametrize(
    "text",
    [
        "It was [sic] late", "[the mayor] said", "he said […] and left", "in [2024] it", "flight [MH370] left", "[]",
        "[x] done", "a < b and c <3 d", "2 * 3 * 4", "** x **", "snake__case__x", "`code` and ``more``", "!",
        "What![sic]", "[a\nb]", "[open", "(see it)", "a ] b", "5 > 4", "  spaced  \n\n  out  ", "****",
        "[the mayor]: we left", "**open", "- one\n- two", "~ a `", "[" + "word " * 80 + "]", "❤\ufe0f", "C:\\dir",
        "“Quoted” — and 'so'…",
    ],
)  # fmt: skip
def test_other_text_stays(text: str) -> None:
    shown = text.replace("]: we", "] : we")  # at the start of a line that could define an address
    assert cited(text) == (shown, [])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It left [ab12]then", "It left then"),
        ("It left [ab12] then", "It left then"),
        ("[ab12] It left", "It left"),
        ("One.\n\n[ab12] Two", "One.\n\nTwo"),
        ("One.\n[ab12]\nTwo", "One.\nTwo"),
        ("One. [ab12]\n\nTwo", "One.\n\nTwo"),
        ("*It left [ab12].* Then", "*It left.* Then"),
        ("**It left [ab12].** Then", "It left. Then"),
        ("(It left [ab12]).", "(It left)."),
        ("It left [ab12] (late)", "It left (late)"),
        ("It left [ab12](", "It left"),
        ("Stop![ab12] Go", "Stop! Go"),
        ("[sic][ab12] x", "[sic] x"),
        ("[note [ab12] here]", "[note here]"),
        ("```\n[ab12]\n```\n[ab12] It left", "```\n[ab12]\n```\nIt left"),
    ],
)
def test_gaps(text: str, shown: str) -> None:
    assert cited(text) == (shown, re.findall("ab12", text)[:1])


def test_marks_stand_where_the_words_before_them_end() -> None:
    assert read("One [ab12]. Two [q7xk9, ab12] three.") == (
        "One. Two three.",
        ((3, "ab12"), (8, "q7xk9"), (8, "ab12")),
    )


def test_ids_keep_their_case() -> None:
    markers = CitationStream(["Ab12"])
    markers.feed("x [aB12]")
    markers.close()
    assert markers.marks == ((1, "Ab12"),)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("```py\nx [ab12] <b>\n```\ny [zz99]", "```py\nx [ab12] <b>\n```\ny"),
        ("~~~\n![a](u)\n```\n~~~~ \nz ![a](u)", "~~~\n![a](u)\n```\n~~~~ \nz a"),
        ("- x\n  ```\n  [1]\n  ```\nz [1]", "- x\n```\n  [1]\n  ```\nz"),
        ("```\nopen [1]", "```\nopen [1]"),
        ("````\n```\n[1]\n````\n[1] z", "````\n```\n[1]\n````\nz"),
        ("a ``` b [1]", "a ``` b"),
        ("```" + LONG + "\n[1]", "```" + LONG[:297] + "\n" + LONG[297:] + "\n[1]"),
    ],
)
def test_fenced_code_stays(text: str, shown: str) -> None:
    assert cited(text) == (shown, [])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A <think>x [ab12]\n```\n</think> b", "A b"),
        ("<thinking>x</think></thinking>\n\nB", "B"),
        ("<Reasoning>x</reasoning>B", "B"),
        ("A.<think>x [ab12]", "A."),
        ("```\n<think>x\n```\ny", "```\n<think>x\n```\ny"),
        ("x</think>y", "xy"),
    ],
)
def test_thinking_is_dropped(text: str, shown: str) -> None:
    assert cited(text) == (shown, [])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a ![alt](http://evil.example/x.png) b", "a alt b"),
        ("a [text](http://evil.example) b", "a text b"),
        ("[text](http://e.x/a_(b)_c) d", "text d"),
        ('[text](http://e.x "a title :)") d', "text d"),
        ("[text](<http://e.x>) d", "text d"),
        ("![alt](\nhttp://e.x\n) d", "alt d"),
        ("[![alt](http://e.x)](http://e.y) z", "alt z"),
        ("[text][ref] [text][] z", "text text z"),
        ("![alt][ref] z", "alt z"),
        ("q\n[ref]: http://e.x 'title'\n[^1]: www.e.x\nz", "q\nz"),
        ("[ref]: <//e.x>", ""),
        ("a <http://e.x> b <img src=\"a>b\" onerror='x'> <a href=x>c</a> d</b><script>", "a  b  c d"),
        ("a <!-- > <b> --> b", "a  b"),
        ("**bold** and __bold__", "bold and bold"),
        ("***both***", "*both*"),
        ("![alt](http://e.x/" + LONG + " z", "alt z"),
        ("![alt]( http://e.x/" + LONG + " z", "alt z"),
        ("[text](http://e.x/", "text"),
        ("<img src='http://e.x/" + LONG + " z", " z"),
        ("<img src='http://e.x/", ""),
        ('<a href="http://e.x>c</a> d', "c d"),
        ("[ref]: http://e.x/" + LONG + "\nz", "z"),
        ("![open\nalt](http://e.x) z", "![open\nalt] z"),
        ("a](http://e.x) b", "a] b"),
        ("[foo]<b>(http://e.x)", "[foo] (http://e.x)"),
        ("<[i](u)mg src=x>", "< img src=x>"),
        ("[a\nb]:\nhttp://e.x\n\n![a b]", "[a\nb] :\nhttp://e.x\n\n![a b]"),
        ("<b>```\n```\n![x](u)\n```\n![x](u)", "``\n```\n![x](u)\n```\nx"),
        ("<b>~~~~\n![x](u)", "~~\nx"),
        ("[a](\n```\n![x](u)\n```\n![y](u)", "a\nx\n```\n![y](u)"),
        ("a <b and so on", "a < b and so on"),
        ("a <b " + LONG, "a < b " + LONG),
    ],
)
def test_addresses_and_tags_never_show(text: str, shown: str) -> None:
    assert cited(text) == (shown, [])


def test_invisible_characters_are_removed() -> None:
    hidden = "\u200b\u200d\u202e\u2066\u00ad\ufeff\U000e0041\ufe0f\U000e0100\x00\x1b\x85\r"
    assert cited("".join(f"a{one}b" for one in hidden) + "\n\t❤\ufe0f\ufe0f") == (
        "ab" * len(hidden) + "\n\t❤\ufe0f",
        [],
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It left [ab", "It left"),
        ("It left [ab12]", "It left"),
        ("It left ![al", "It left"),
        ("It left ![alt](http", "It left alt"),
        ("It left <img src", "It left"),
        ("It left **bo", "It left"),
        ("It left [sic", "It left"),
        ("It left [text](", "It left text"),
        ("It left.\n```", "It left."),
        ("It left.\n[ref]: ht", "It left."),
        ("It left, so", "It left, so"),
    ],
)
def test_only_the_unsettled_tail_is_held_back(text: str, shown: str) -> None:
    markers = CitationStream(IDS)
    markers.feed(text)
    assert markers.text.strip() == shown


PARTS = [
    "[", "]", "(", ")", "[", "]", "ab12", "AB12", "q7xk9", "zz99", "1", ",", ";", "id: ", "`", "```", "~~~", "*",
    "**", "_", "__", "<", "</", "think>", "<think>", "</think>", ">", "!", "![", "](", "][", "]:", ":", " ", "   ",
    "\n", "\n", "\n\n", "【", "】", "［", "］", "\u200b", "\ufe0f", "🙂", "\\", ".", "http://e.x", "<img src=", "<!--",
    "-->", "=", '"', "'", "- ", "> ", "word", "a", "[ab12]", "![a](u)", "[a]: u/v\n", "y" * 150, "é",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PARTS), max_size=30).map("".join)


@st.composite
def chopped(draw: st.DrawFn) -> tuple[str, list[str]]:
    text = draw(TEXTS)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
    return text, [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


@settings(deadline=None, max_examples=400)
@given(chopped())
def test_chunking_makes_no_difference(case: tuple[str, list[str]]) -> None:
    text, pieces = case
    whole = read(text)
    assert read(*pieces) == whole
    assert read(*text) == whole
    offsets = [offset for offset, _ in whole[1]]
    assert offsets == sorted(offsets)
    assert all(0 <= offset <= len(whole[0]) for offset in offsets)
    assert {known for _, known in whole[1]} <= set(IDS)


def tokens(found: Sequence[Token]) -> Iterator[str]:
    for token in found:
        yield token.type
        yield from tokens(token.children or [])


@settings(deadline=None, max_examples=200)
@given(TEXTS)
def test_markdown_finds_nothing_to_fetch_at_any_time(text: str) -> None:
    markers, markdown = CitationStream(IDS), MarkdownIt("commonmark")
    seen = set()
    for char in text:
        markers.feed(char)
        seen.add(markers.text)
    markers.close()
    for shown in {*seen, markers.text}:
        known: dict[str, object] = {}
        live = {"image", "link_open", "html_inline", "html_block"}
        assert live.isdisjoint(tokens(markdown.parse(shown, known)))
        assert not known.get("references")


SIMPLE = [part for part in PARTS if not set(part) & set("`~<\n(),;_*\\") and part != "y" * 150]


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(SIMPLE), max_size=20).map("".join))
def test_no_known_id_shows_in_brackets_and_no_marker_half(text: str) -> None:
    markers = CitationStream(IDS)
    for char in text[:290]:
        markers.feed(char)
        if text.count("[") + text.count("【") + text.count("［") <= 3:  # deeper brackets are given up at once
            assert not re.search(r"[\[【［][^\]】］]*$", markers.text)
    markers.close()
    assert not re.search(r"[\[【［][^\[\]【】［］]*\b(?:ab12|q7xk9)\b[^\[\]【】［］]*[\]】］]", markers.text, re.I)


@settings(deadline=None, max_examples=200)
@given(st.text(st.characters(categories=["L", "N", "Zs"], include_characters="\n.,;:!?'\"-()“”’–%$"), max_size=400))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    visible = text.translate(dict.fromkeys(map(ord, "\u115f\u1160\u3164\uffa0")))
    assert read(text) == (visible, ())


@pytest.mark.parametrize(
    "unit",
    [
        "[", "[[[[[ab", "<", "`", "![", "<a ", '<a "', "**a", "*", "_", "(", "[ab12]", "[ab12] ", " ", "[a](", "[a][b]",
        "[[a]", "`[ab12]`", "\n", "```\n", "[x]: ", "~", "]", "<think>", "(((((([ab12]", "[ab12]" + "`" * 290,
    ],
)  # fmt: skip
def test_time_grows_with_length_only(unit: str) -> None:
    def seconds(length: int, whole: bool) -> float:
        text = (unit * length)[:length]
        started = time.perf_counter()
        read_quickly([text] if whole else text)
        return time.perf_counter() - started

    for whole in (True, False):
        ratios = (seconds(40_000, whole) / max(seconds(10_000, whole), 1e-3) for _ in range(5))
        assert any(ratio < 10 for ratio in ratios)  # four times the text; a square would take sixteen times


def read_quickly(pieces: Sequence[str]) -> None:
    markers = CitationStream(IDS)
    for piece in pieces:
        markers.feed(piece)
    markers.close()


def test_long_hostile_texts_are_read() -> None:
    for unit in ("[", "[[[[[ab", "<", "`", "!["):
        text = (unit * 200_000)[:200_000]
        read_quickly([text])
        read_quickly(text)
