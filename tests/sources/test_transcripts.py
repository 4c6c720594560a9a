"""Subtitles and transcripts become articles whose sentences are whole and whose citations name their second."""

import json
from html import unescape
from pathlib import Path

import pytest

from rag.index import Index
from rag.serialization import to_json
from rag.settings import Settings
from rag.testing import WordEmbedder
from rag.time_codes import TimeCode, parse_times, second_at, times_within, write_times
from rag.types import Answer, Article, Citation, Failure
from rag.web.chat.citation_cards import render_citation
from tests.support.reading import read

SRT = """1
00:00:01,000 --> 00:00:04,000
The lock keeper has moved

2
00:00:04,100 --> 00:00:07,000
to the <i>old mill</i> by the

3
00:01:07,100 --> 00:01:09,500
canal. She &amp; her dog stayed.
"""
VTT = """WEBVTT - A talk with the keeper
Kind: captions

STYLE
::cue { color: red }

NOTE the first part

opening
00:01.000 --> 00:04.000 align:start position:10%
<v.loud Ida Moor>The gates were<00:00:02.500><c> shut

12
00:04.000 --> 00:06.000
<v Ida Moor>at noon.

NOTE and the second

00:07.000 --> 00:09.000
<v Bo>Why?
<v Ida Moor>Ice.
"""


def only(path: Path, content: str) -> Article:
    path.write_text(content, encoding="utf-8")
    [item] = [item for item in read([str(path)]) if isinstance(item, (Article, Failure))]
    assert isinstance(item, Article), item
    return item


def test_sentences_run_across_the_cues_of_subtitles(tmp_path: Path) -> None:
    article = only(tmp_path / "lock-keeper.srt", SRT)
    assert article.title == "Lock keeper"
    assert article.text == "The lock keeper has moved to the old mill by the canal. She & her dog stayed."
    assert [(article.text[time.start :][:5], time.second) for time in article.times] == [
        ("The l", 1), ("to th", 4), ("canal", 67),
    ]  # fmt: skip


def test_speakers_are_kept_and_notes_left_out(tmp_path: Path) -> None:
    article = only(tmp_path / "talk.vtt", VTT)
    assert article.title == "A talk with the keeper"
    assert article.text == "Ida Moor: The gates were shut at noon.\n\nBo: Why?\n\nIda Moor: Ice."


@pytest.mark.parametrize(
    ("cues", "text"),
    [
        pytest.param(["One two", "two three"], "One two two three", id="words may be said twice"),
        pytest.param(["One two", "One two\nthree", "three\nfour"], "One two three four", id="rolling captions"),
        pytest.param(["IDA MOOR: Shut.", "Now.", "BO: Why?"], "IDA MOOR: Shut. Now.\n\nBO: Why?", id="names"),
        pytest.param(["- Shut?\n- At noon."], "Shut?\n\nAt noon.", id="dashes"),
        pytest.param([">> Shut.", ">> Why?"], "Shut.\n\nWhy?", id="arrows"),
        pytest.param(["水門は", "閉じた。"], "水門は閉じた。", id="no spaces"),
        pytest.param([r"{\an8}Shut.", "", "</i>Now.<font color='red'>"], "Shut. Now.", id="marks"),
        pytest.param(["In 1862", "1863", "and later."], "In 1862 1863 and later.", id="a year alone"),
        pytest.param(["3 < 4 and\n5 > 4"], "3 < 4 and 5 > 4", id="signs"),
    ],
)
def test_what_cues_show_is_joined(cues: list[str], text: str, tmp_path: Path) -> None:
    timings = [f"00:00:{number:02},000 --> 00:00:{number + 1:02},000" for number in range(len(cues))]
    pairs = zip(timings, cues, strict=True)
    blocks = [f"{number}\n{timing}\n{cue}\n" for number, (timing, cue) in enumerate(pairs, 1)]
    assert only(tmp_path / "a.srt", "\n".join(blocks)).text == text
    assert only(tmp_path / "b.srt", "\r\n".join(blocks).replace("\n\r\n", "\r\n\r\n")).text == text


def test_a_pause_behind_a_sentence_ends_the_paragraph(tmp_path: Path) -> None:
    srt = "00:00:01,000 --> 00:00:02,000\nShut.\n\n00:00:09,000 --> 00:00:10,000\nLater it opened.\n"
    assert only(tmp_path / "a.srt", srt).text == "Shut.\n\nLater it opened."


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"text": "x", "segments": [{"id": 0, "start": 1.5, "end": 4.0, "text": " The gates were shut"},
                                                {"id": 1, "start": 4.0, "end": 6.0, "text": " at noon."}]},
                     id="whisper"),
        pytest.param({"version": "1.0.0", "segments": [{"startTime": 1.5, "endTime": 4, "body": "The gates were shut"},
                                                       {"startTime": 4, "endTime": 6, "body": "at noon."}]},
                     id="podcast"),
        pytest.param({"transcription": [{"offsets": {"from": 1500, "to": 4000}, "text": " The gates were shut"},
                                        {"offsets": {"from": 4000, "to": 6000}, "text": " at noon."}]},
                     id="whisper.cpp"),
        pytest.param({"utterances": [{"start": 1500, "end": 4000, "text": "The gates were shut"},
                                     {"start": 4000, "end": 6000, "text": "at noon."}]},
                     id="assemblyai"),
    ],
)  # fmt: skip
def test_transcripts_in_json_are_one_article(value: object, tmp_path: Path) -> None:
    article = only(tmp_path / "talk.json", json.dumps(value))
    assert article.text == "The gates were shut at noon."
    assert [time.second for time in article.times] == [1, 4]


def test_speakers_of_a_podcast_are_named_where_they_change(tmp_path: Path) -> None:
    said = [("Ida", "Shut."), ("Ida", "At noon."), ("Bo", "Why?")]
    segments = [
        {"speaker": who, "startTime": second, "endTime": second + 1, "body": text}
        for second, (who, text) in enumerate(said)
    ]
    article = only(tmp_path / "talk.json", json.dumps({"title": "A talk", "segments": segments}))
    assert (article.title, article.text) == ("A talk", "Ida: Shut. At noon.\n\nBo: Why?")


def test_articles_under_the_names_of_transcripts_stay_articles(tmp_path: Path) -> None:
    rows = [{"title": f"Lock {number}", "text": "The gates were shut at noon. " * 3} for number in range(2)]
    (tmp_path / "a.json").write_text(json.dumps({"segments": rows}))
    assert [item.title for item in read([str(tmp_path / "a.json")]) if isinstance(item, Article)] == [
        "Lock 0",
        "Lock 1",
    ]


@pytest.mark.parametrize("content", ["", "WEBVTT\n\nNOTE nothing\n", "Only words.\n"])
def test_subtitles_without_a_time_are_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "a.vtt").write_text(content)
    [item] = [item for item in read([str(tmp_path / "a.vtt")]) if isinstance(item, (Article, Failure))]
    assert isinstance(item, Failure)
    assert "no time in it" in item.reason


def test_a_citation_names_its_second_and_opens_there(tmp_path: Path) -> None:
    talk = {"title": "A talk", "url": "https://example.org/talk.mp4", "segments": [
        {"start": 0, "end": 5, "text": "A late frost destroyed the apple blossom in the valley."},
        {"start": 83, "end": 90, "text": "The gates of the lock were shut on Friday because of thick ice."},
    ]}  # fmt: skip
    (tmp_path / "talk.json").write_text(json.dumps(talk))
    index = Index.open(tmp_path / "index", Settings(_env_file=None), WordEmbedder())
    try:
        index.sync(tmp_path / "talk.json")
        [hit] = index.search("Which gates of the lock were shut on Friday?")
    finally:
        index.close()
    start = hit.passage.text.index("The gates")
    citation = Citation(1, hit.passage, start, hit.passage.end, hit.passage.at(start, hit.passage.end))
    answer = Answer("Why?", "Why?", hits=(hit,), citations=(citation,))
    assert (citation.second, citation.url) == (83, "https://example.org/talk.mp4#t=83")
    assert citation.attribution == ("A talk", "1:23")
    shown = to_json(answer)["citations"]
    assert isinstance(shown, list)
    assert [one["second"] for one in shown] == [83]
    assert "1:23" in render_citation(1, citation, answer)
    assert "talk.mp4#t=83" in unescape(render_citation(1, citation, answer))


def test_times_are_written_and_parsed() -> None:
    times = (TimeCode(0, 1), TimeCode(42, 4), TimeCode(60, 90))
    assert parse_times(write_times(times)) == times
    assert parse_times("42@4 0@1") == parse_times("x") == parse_times("1@") == ()
    assert times_within(times, 50, 60) == (TimeCode(42, 4),)
    assert times_within(times, 42, 61) == times[1:]
    assert [second_at(times, offset) for offset in (0, 41, 42, 99)] == [1, 1, 4, 90]
    assert second_at((), 5) is None


def test_a_name_before_several_cues_is_a_speaker(tmp_path: Path) -> None:
    said = ["Karl: The ore", "ran out. Note: it did.", "Ida Moor: When?", "In spring?", "Karl: No.", "Ida Moor: Ah."]
    cues = (f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{one}\n" for n, one in enumerate(said, 1))
    article = only(tmp_path / "talk.srt", "\n".join(cues))
    assert article.text == (
        "Karl: The ore ran out. Note: it did.\n\nIda Moor: When? In spring?\n\nKarl: No.\n\nIda Moor: Ah."
    )
