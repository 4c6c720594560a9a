"""A refusal says how many articles are in other languages than the question."""

from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.index import Index
from rag.retrieval.other_languages import note_other_languages
from rag.testing import OverlapReader

END = " may answer this: the models in use hardly read across languages."


@pytest.mark.parametrize(
    ("question", "counts", "note"),
    [
        ("Who runs the mill?", {"en": 9, "de": 2}, "2 articles in German"),
        ("Who runs the mill?", {"en-GB": 9, "fr": 1}, "1 article in French"),
        (
            "Who runs the mill?",
            {"de": 2, "de-AT": 1, "fr": 1, "es": 1, "nl": 1},
            "3 articles in German, 1 in Spanish, 1 in French, 1 in others",
        ),
        ("Who runs the mill?", {"de": 1, "ar": 1, "en": 9}, "1 article in Arabic, 1 in German"),
        ("Wer leitet die Mühle?", {"en": 1_234, "de": 2}, "1,234 articles in English"),
        ("谁管理磨坊？", {"zh": 3}, ""),
        ("Who runs the mill?", {"en": 9}, ""),
        ("Who runs the mill?", {}, ""),
        # The language is not known.
        ("Kto prowadzi młyn?", {"pl": 9, "en": 2}, ""),
        ("mill Sedge", {"de": 2}, ""),
        ("Who runs the mill?", {"zz": 1}, "1 article in zz"),
    ],
)
def test_the_note(question: str, counts: dict[str, int], note: str) -> None:
    assert note_other_languages(question, counts) == (note and note + END)


def test_only_a_refusal_has_it(index: Index, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "a.md").write_text("---\nlanguage: en\n---\n\nThe kiln of Sedge was restored by Orla Fenn.\n")
    (folder / "b.md").write_text("---\nlanguage: de\n---\n\nDie Mühle von Sedge leitet Karl Weiher.\n")
    index.sync(folder)
    assert index.count_languages() == {"de": 1, "en": 1}
    assistant = Assistant(index, OverlapReader())
    refused = assistant.ask("Who paid for the lamps of the promenade?")
    assert not refused.answered and refused.note == f"1 article in German{END}"
    answered = assistant.ask("Who restored the kiln of Sedge?")
    assert answered.answered and not answered.note
    (folder / "b.md").unlink()
    index.sync(folder)
    assert index.count_languages() == {"en": 1}
