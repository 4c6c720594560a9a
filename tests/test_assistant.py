"""Assistant: cited answers, abstention, follow-ups, streaming."""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from rag.answering.citations import Extract, cite, verify
from rag.assistant import Assistant
from rag.index import Index
from rag.prompts import NOT_FOUND, SMALL_TALK
from rag.retrieval.rewriting import complete
from rag.serialization import to_json
from rag.settings import Settings
from rag.testing import OverlapReader, WordEmbedder
from rag.types import Answer, Citation, Filters, Message, Passage, Reading, Sentence, Span


@pytest.fixture
def assistant(index: Index, folder: Path) -> Assistant:
    index.sync(folder)
    return Assistant(index, OverlapReader())


def test_answer_is_verbatim_and_numbered(assistant: Assistant) -> None:
    answer = assistant.ask("When did the bridge over the river close?")
    assert answer.answered
    assert answer.mode == "extractive"
    assert answer.sentences[0].text.startswith("The old bridge over the river Lune closed on Friday")
    assert [citation.number for citation in answer.citations] == [1]
    for citation in answer.citations:
        article = assistant.index.article(citation.passage.article_id)
        assert article is not None
        assert article.text[citation.start : citation.end] == citation.quote
    assert answer.text.endswith("[1]")
    assert str(answer).splitlines()[2] == "[1] Old bridge closes, Harbor Review, 2024-03-01"


def test_no_answer_is_said_and_shows_the_nearest(assistant: Assistant) -> None:
    answer = assistant.ask("Which composer wrote the opera?")
    assert not answer.answered
    assert answer.text == NOT_FOUND
    assert answer.citations == ()
    assert answer.hits


@pytest.mark.parametrize("question", ["", "   ", "?", "\x00", "the of and"])
def test_empty_questions_are_no_answer(assistant: Assistant, question: str) -> None:
    assert not assistant.ask(question).answered


def test_stream_grows_and_ends_as_ask(assistant: Assistant) -> None:
    question = "Why will the town library stay open until midnight?"
    parts = list(assistant.stream(question))
    assert parts[0].hits
    assert parts[0].sentences == ()
    lengths = [len(part.sentences) for part in parts]
    assert lengths == sorted(lengths)
    whole = assistant.ask(question)
    assert replace(parts[-1], timings={}) == replace(whole, timings={})
    assert {"retrieve", "read", "compose", "total"} <= set(whole.timings)


def test_filters_reach_the_search(assistant: Assistant) -> None:
    answer = assistant.ask("What closed on Friday, the bridge?", filters=Filters(publisher="Valley Post"))
    assert {hit.passage.source for hit in answer.hits} == {"Valley Post"}


class CountingReader(OverlapReader):
    def __init__(self, seconds: float = 0.0) -> None:
        self.passages = 0
        self.seconds = seconds

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        self.passages += len(passages)
        time.sleep(self.seconds)
        return super().read(question, passages)


@pytest.fixture
def many(index: Index, tmp_path: Path) -> Index:
    """Twelve articles that share a topic."""
    source = tmp_path / "many"
    source.mkdir()
    for number in range(12):
        (source / f"{number}.md").write_text(f"# Bridge {number}\n\nBridge number {number} over the river was shut.\n")
    index.sync(source)
    return index


def test_reading_stops_when_time_is_up(many: Index) -> None:
    reader = CountingReader(0.2)
    answer = Assistant(many, reader, Settings(_env_file=None, answer_seconds=0.3)).ask(
        "Which river was the bridge over?"
    )
    assert 0 < reader.passages < 12
    assert answer.note.startswith("partial: ")
    assert len(answer.hits) == 12
    assert answer.answered
    assert all("partial" not in sentence.text for sentence in answer.sentences)


def test_reading_stops_when_the_rest_cannot_win(many: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, question = CountingReader(), "Which river was the bridge over?"
    Assistant(many, reader).ask(question)
    assert reader.passages == 12
    monkeypatch.setattr("rag.retrieval.findings.highest_expected", lambda rest: 0.0)
    # With more cores two further passages are read ahead.
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    reader.passages = 0
    Assistant(many, reader).ask(question)
    assert reader.passages == 2


def test_a_list_says_of_how_many_articles_it_is(tmp_path: Path) -> None:
    source = tmp_path / "bridges"
    source.mkdir()
    for name, work in {"Lune": "repainted in blue", "Fell": "closed by a flood", "Orne": "sold to a museum"}.items():
        (source / f"{name}.md").write_text(f"# {name}\n\nOne of the bridges of the valley, {name}, was {work}.\n")
    with closing(Index.open(tmp_path / "index", embedder=WordEmbedder())) as index:
        index.sync(source)
        answer = Assistant(index, OverlapReader(), Settings(_env_file=None, answer_threshold=0.0)).ask(
            "Which bridges of the valley are there?"
        )
    assert len(answer.sentences) > 1
    assert answer.note == "at least these, of 3 articles that were read; there may be more"


HISTORY = [Message("user", "Who asked drivers to use the tunnel?"), Message("assistant", "Mayor Ada Fell. [1]")]


@pytest.mark.parametrize(
    ("question", "query"),
    [
        ("And when was that?", "And when was that: asked drivers to use the tunnel?"),
        ("Why did she?", "Why did Ada Fell: asked drivers to use the tunnel?"),
        ("What about the harvest this year in the whole valley?",) * 2,
        ("Which frost destroyed the apple blossom?", "Which frost destroyed the apple blossom?"),
    ],
)
def test_follow_ups_are_completed(question: str, query: str) -> None:
    expected = (
        query if query != question or "about" not in question else f"{question[:-1]}: asked drivers to use the tunnel?"
    )
    assert complete(question, HISTORY) == expected
    assert complete(question, []) == question


def test_follow_up_of_a_follow_up_keeps_the_topic() -> None:
    history = [*HISTORY, Message("user", "And when was that?"), Message("assistant", "On Friday. [1]")]
    assert "drivers to use the tunnel" in complete("Why?", history)


def test_follow_up_is_answered(assistant: Assistant) -> None:
    history = [Message("user", "Which bridge over the river Lune closed?"), Message("assistant", "The old one. [1]")]
    answer = assistant.ask("And when was that?", history)
    assert answer.query != answer.question
    assert answer.citations[0].passage.article_id == "bridge.md"


def test_a_change_of_topic_is_answered_alone(assistant: Assistant) -> None:
    history = [Message("user", "Which bridge over the river Lune closed?"), Message("assistant", "The old one. [1]")]
    for question in ("What destroyed the apple blossom in the valley?", "frost apple blossom"):
        answer = assistant.ask(question, history)
        assert answer.query == question
        assert answer.citations[0].passage.article_id == "orchard.md"


@pytest.mark.parametrize(
    ("question", "query"),
    [
        # It may leave out the bridge or not: the reading that the articles answer more surely is taken.
        ("How much blossom froze?", "How much blossom froze?"),
        ("Who noticed?", "Who noticed: the bridge over the river Lune close?"),
    ],
)
def test_of_two_readings_of_a_question_the_surer_is_answered(assistant: Assistant, question: str, query: str) -> None:
    history = [Message("user", "When did the bridge over the river Lune close?"), Message("assistant", "Friday. [1]")]
    assert assistant.ask(question, history).query == query


@pytest.mark.parametrize("text", ["thanks", "hello", "lol", "are you a robot?"])
def test_small_talk_gets_a_word_and_no_citation(assistant: Assistant, text: str) -> None:
    for history in ([], HISTORY):
        answer = assistant.ask(text, history)
        assert (answer.answered, answer.text, answer.citations, answer.hits) == (False, SMALL_TALK, (), ())


def test_json_has_the_shape_of_the_contract(assistant: Assistant) -> None:
    told = to_json(assistant.ask("When did the bridge over the river close?"))
    assert set(told) == {
        "question", "query", "parts", "period", "mode", "model", "note", "answered", "answer", "confidence",
        "sentences", "citations", "hits", "timings",
    }  # fmt: skip
    citation = told["citations"][0]  # type: ignore[index]
    assert set(citation) == {
        "number", "article_id", "title", "source", "url", "date", "start", "end", "quote", "page", "second", "marks",
    }  # fmt: skip
    assert set(told["sentences"][0]) == {"text", "citations", "support", "score", "reason", "emphasis"}  # type: ignore[index]
    assert set(told["hits"][0]) == {"article_id", "start", "end", "score"}  # type: ignore[index]


PASSAGE = Passage(article_id="a", title="T", text="One is here. Two is there.", start=100, end=126)


def test_cite_numbers_in_order() -> None:
    sentences, citations = cite(
        [Extract(PASSAGE, 113, 126, Span(113, 116, 0.9)), Extract(PASSAGE, 100, 112, Span(100, 100, 0.5))]
    )
    assert [(one.text, one.citations) for one in sentences] == [("Two is there.", (1,)), ("One is here.", (2,))]
    assert [one.quote for one in citations] == ["Two is there.", "One is here."]
    assert [one.emphasised for one in sentences] == ["Two", ""]
    spaced = Passage(article_id="a", text="It  ran\n to  forty  miles.", start=0, end=26)
    assert cite([Extract(spaced, 0, 26, Span(9, 25, 1.0))])[0][0].emphasised == "to forty miles"


def test_verify_drops_what_is_not_verbatim() -> None:
    good = Citation(1, PASSAGE, 100, 112, "One is here.")
    wrong = Citation(2, PASSAGE, 100, 112, "One was here.")
    outside = Citation(3, PASSAGE, 90, 112, "One is here.")
    said = tuple(Sentence("One is here.", (number,), "supported") for number in (1, 2, 3))
    checked = verify(Answer("q", "q", sentences=said, citations=(good, wrong, outside)))
    assert checked.citations == (good,)
    assert [one.support for one in checked.sentences] == ["supported", "unsupported", "unsupported"]
    assert [one.citations for one in checked.sentences] == [(1,), (), ()]


def test_verify_marks_what_the_quote_does_not_say() -> None:
    citation = Citation(1, PASSAGE, 100, 112, "One is here.")
    checked = verify(Answer("q", "q", sentences=(Sentence("Two is here.", (1,), "supported"),), citations=(citation,)))
    assert checked.sentences[0].support == "weak"
