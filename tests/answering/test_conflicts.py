"""Where cited articles give different figures or days for the same thing, the answer says so."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rag.answering.citations import Ledger
from rag.answering.conflicts import find_conflict
from rag.assistant import Assistant
from rag.index import Index
from rag.retrieval.query import parse_query
from rag.settings import Settings
from rag.testing import ScriptedLLM
from rag.types import Citation, Hit, Passage, Reading, Span

TEXTS = {
    "harbor": "The storm sank a ferry off Lune Head. Rescuers said 12 people drowned.",
    "valley": "A ferry went down in the storm off Lune Head. At least 15 people drowned, the coast guard said.",
    "post": "Twelve people drowned when the ferry sank off Lune Head in the storm.",
    "march": "The ferry sank off Lune Head on March 3, 2024.",
    "april": "The ferry sank off Lune Head on April 3, 2024.",
    "rough": "About 12 people drowned off Lune Head.",
    "crowd": "About 4,000 people stood on the pier at Lune Head.",
    "boats": "The ferry carried 15 boats when it sank.",
}


def hit(name: str, said: str, relevance: float = 0.9) -> Hit:
    text = TEXTS[name]
    start = text.index(said)
    passage = Passage(
        article_id=name, title=f"The {name}", source=name.title(), date="2024-03-04", text=text, start=0, end=len(text)
    )
    span = Span(start, start + len(said), relevance)
    return Hit(passage, 1.0, likeness=0.9, reading=Reading(relevance, (span,)))


def cited(hits: Sequence[Hit]) -> tuple[Citation, ...]:
    ledger = Ledger()
    for one in hits:
        ledger.cite(one.passage, 0, one.passage.text.index(".") + 1)
    return ledger.citations


def test_it_says_so_and_cites_both() -> None:
    hits = [hit("harbor", "12 people"), hit("valley", "15 people")]
    found = find_conflict(parse_query("How many people drowned?"), hits, cited(hits))
    assert found is not None
    sentence, citations = found
    assert (
        sentence.text == "The articles differ: “12 people” (Harbor, 2024-03-04) and “15 people” (Valley, 2024-03-04)."
    )
    assert (sentence.citations, sentence.support) == ((1, 2), "supported")
    for citation in citations:
        assert citation.quote == citation.passage.at(citation.start, citation.end)
    assert "12 people drowned" in citations[0].quote


@pytest.mark.parametrize(
    ("question", "hits"),
    [
        ("How many people drowned?", [hit("harbor", "12 people"), hit("post", "Twelve people")]),
        ("How many people drowned?", [hit("harbor", "12 people"), hit("rough", "About 12 people")]),
        ("How many people drowned?", [hit("harbor", "12 people"), hit("boats", "15 boats")]),
        ("How many people drowned?", [hit("harbor", "12 people"), hit("crowd", "4,000 people")]),
        ("How many people drowned?", [hit("harbor", "12 people"), hit("valley", "15 people", 0.01)]),
        ("How many people drowned?", [hit("harbor", "12 people")]),
        ("Who drowned?", [hit("harbor", "12 people"), hit("valley", "15 people")]),
        ("When did it sink?", [hit("march", "March 3"), hit("march", "March 3, 2024")]),
        ("When did it sink?", [hit("march", "March 3, 2024"), hit("harbor", "12 people")]),
    ],
)
def test_it_does_not_where_they_agree_or_speak_of_other_things(question: str, hits: list[Hit]) -> None:
    assert find_conflict(parse_query(question), hits, cited(hits)) is None


def test_days_differ_too() -> None:
    hits = [hit("march", "March 3, 2024"), hit("april", "April 3, 2024")]
    found = find_conflict(parse_query("When did the ferry sink?"), hits, cited(hits))
    assert found is not None
    assert "“March 3, 2024” (March, 2024-03-04)" in found[0].text


def test_a_later_figure_is_news() -> None:
    old, new = hit("harbor", "12 people"), hit("valley", "15 people")
    new = replace(new, passage=replace(new.passage, date="2024-03-09"))
    found = find_conflict(parse_query("How many people drowned?"), [new, old], cited([new, old]))
    assert found is not None
    assert found[0].text == (
        "The later article says “15 people” (Valley, 2024-03-09), the earlier one “12 people” (Harbor, 2024-03-04)."
    )


def test_only_cited_passages_have_a_say() -> None:
    hits = [hit("harbor", "12 people"), hit("valley", "15 people")]
    assert find_conflict(parse_query("How many people drowned?"), hits, cited(hits[:1])) is None


def asked(index: Index, folder: Path, llm: ScriptedLLM | None) -> list[str]:
    """The sentences of an answer over both articles on the ferry and others on the weather."""
    for name in ("harbor", "valley"):
        (folder / f"{name}.md").write_text(f"# {name.title()}\n\n{TEXTS[name]}\n")
    for number in range(12):
        (folder / f"{number}.md").write_text(f"# Weather {number}\n\nA storm kept ferry number {number} in the port.\n")
    index.sync([folder / "harbor.md", folder / "valley.md", *(folder / f"{number}.md" for number in range(12))])
    assistant = Assistant(index, settings=Settings(_env_file=None, answer_threshold=0.0), llm=llm)
    answer = assistant.ask("How many people drowned when the ferry sank off Lune Head?")
    assert all(citation.quote == citation.passage.at(citation.start, citation.end) for citation in answer.citations)
    return [one.cited_text for one in answer.sentences]


def test_an_answer_of_the_articles_sentences_says_so(index: Index, tmp_path: Path) -> None:
    *told, last = asked(index, tmp_path, None)
    assert "12 people" in told[0]
    assert last.startswith("The articles differ: “12”")
    assert "“15”" in last
    assert last.endswith("[1][2]")


def test_an_answer_in_prose_says_so(index: Index, tmp_path: Path) -> None:
    llm = ScriptedLLM("12 people drowned, rescuers said {Harbor}. At least 15 drowned {Valley}.")
    assert asked(index, tmp_path, llm)[-1] == "The articles differ: “12” (Harbor) and “15” (Valley). [1][2]"
