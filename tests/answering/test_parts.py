"""Questions of several parts are answered part by part, the later ones with what the earlier ones gave."""

from dataclasses import replace
from pathlib import Path

import pytest

from rag import Article, Assistant, Index
from rag.retrieval.findings import Findings
from rag.retrieval.query import parse_query
from rag.retrieval.sentence_ranking import ScoredSentence
from rag.settings import Settings
from rag.testing import OverlapReader
from rag.types import Hit

ARTICLES = {
    "fog": "Captain Dov Marek blamed the fog for the crash.",
    "linnet": "The Linnet is 40 metres long. It was built in Orlow.",
    "reply": "Dov Marek is wrong about the fog, said harbour master Ilse Brandt. She contradicted Dov Marek on Friday.",
    "wren": "The Wren is 25 metres long. It was built in Skarn.",
}


@pytest.fixture
def boats(index: Index, tmp_path: Path) -> Index:
    """An index of four articles on boats."""
    folder = tmp_path / "boats"
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / f"{name}.txt").write_text(text)
    index.sync(folder)
    return index


def test_a_part_is_completed_with_the_answer_of_the_one_before(boats: Index) -> None:
    assistant = Assistant(boats, OverlapReader(), Settings(_env_file=None, answer_threshold=0.0))
    first, *_, last = assistant.stream("Which captain blamed the fog, and who contradicted him?")
    assert first.parts == ("Which captain blamed the fog?", "Who contradicted him?")
    assert last.parts == ("Which captain blamed the fog?", "Who contradicted Dov Marek?")
    assert {citation.passage.article_id for citation in last.citations} == {"fog.txt", "reply.txt"}


def test_a_part_is_completed_from_the_question_before_where_that_has_no_answer(boats: Index) -> None:
    assistant = Assistant(boats, OverlapReader(), Settings(_env_file=None, answer_threshold=1.0))
    answer = assistant.ask("Which captain blamed the fog, and who contradicted him?")
    assert answer.parts == ("Which captain blamed the fog?", "Who contradicted him: captain blamed the fog?")
    assert not answer.answered


def test_the_answer_is_that_of_a_sentence_with_the_noun_asked_for() -> None:
    sentences = []
    for text, words in (("Judge Ida Orr spoke.", "Ida Orr"), ("Dov Marek, the captain, blamed the fog.", "Dov Marek")):
        passage = Article("a", "Fog", text).passage(0, len(text))
        span = text.index(words), text.index(words) + len(words)
        sentences.append(ScoredSentence(Hit(passage, 1.0), 0, len(text), span, 0.5))
    found = Findings(parse_query("Which captain blamed the fog?"), sentences=tuple(sentences))
    assert found.answer == "Dov Marek"
    assert replace(found, query=parse_query("Who blamed the fog?")).answer == "Ida Orr"
    assert replace(found, sentences=()).answer == ""


def test_a_comparison_gives_both_values(boats: Index) -> None:
    assistant = Assistant(boats, OverlapReader(), Settings(_env_file=None, answer_threshold=0.0))
    answer = assistant.ask("Which is longer, the Linnet or the Wren?")
    assert answer.parts == ("How long is the Linnet?", "How long is the Wren?")
    assert {citation.passage.article_id for citation in answer.citations} == {"linnet.txt", "wren.txt"}
    assert "differ" not in answer.text


def test_a_comparison_whose_sides_have_no_answer_is_tried_as_asked(boats: Index) -> None:
    assistant = Assistant(boats, OverlapReader(), Settings(_env_file=None, answer_threshold=1.0))
    answer = assistant.ask("Which was built in Skarn earlier, the Linnet or the Wren?")
    assert answer.query == "Which was built in Skarn earlier, the Linnet or the Wren?"
