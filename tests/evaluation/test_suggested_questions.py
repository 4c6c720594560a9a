"""Questions made from articles: grammatical, about something, and answered by the article they come from."""

import json
from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.evaluation.suggested_questions import generate_questions, load_or_suggest, suggest
from rag.index import Index
from rag.testing import OverlapReader
from rag.types import Article


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "The old bridge was closed because engineers found cracks.",
            ["Why was the old bridge closed?"],
        ),
        ("It was late. The Lune Bridge was opened in 1931.", ["When was the Lune Bridge opened?"]),
        ("About 40 boats were lost off Lune Head in the storm.", ["How many boats were lost off Lune Head?"]),
        ("At noon Ada Fell, the mayor of the town, spoke.", ["Who is Ada Fell?"]),
        ("It belongs to Bask Quill, a company in the port, he said.", ["What is Bask Quill?"]),
        ("He was late because it rained. They were there. But many are glad because of it.", []),
        ("", []),
    ],
)
def test_questions_are_made_by_rule(text: str, expected: list[str]) -> None:
    assert list(generate_questions(Article("a", "", text))) == expected


def test_suggestions_are_answered_from_their_article(seed_index: Index) -> None:
    assistant = Assistant(seed_index)
    found = suggest(assistant)
    assert found
    assert len(found) <= 4
    for question in found:
        answer = assistant.quote(question)
        assert answer.answered
        assert answer.citations


def test_an_empty_index_suggests_nothing(index: Index) -> None:
    assert suggest(Assistant(index)) == []


def test_they_are_kept_until_the_index_changes(index: Index, folder: Path) -> None:
    assistant, file = Assistant(index, OverlapReader()), index.folder / "suggested.json"
    assert load_or_suggest(assistant, index) == []
    assert not file.exists()
    index.sync(folder)
    load_or_suggest(assistant, index)
    kept = json.loads(file.read_text())
    assert kept["state"] == index.state
    file.write_text(json.dumps({**kept, "questions": ["Kept?"]}))
    assert load_or_suggest(assistant, index) == ["Kept?"]
    index.remove(next(index.articles()).id)
    assert "Kept?" not in load_or_suggest(assistant, index)
    file.write_text("damaged")
    assert "Kept?" not in load_or_suggest(assistant, index)
