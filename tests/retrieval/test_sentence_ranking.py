"""Which sentence of the passages that were read answers."""

from dataclasses import replace

import pytest

from rag.retrieval.query import parse_query
from rag.retrieval.sentence_ranking import (
    ScoredSentence,
    confidence,
    score_sentences,
)
from rag.types import Hit, Passage, Reading, Span

QUERY = parse_query("What of the mill?")
TEXT = "The mill burned down in 1911. It was built anew in brick by 1913. Visitors come on Sundays."


def hit(spans: dict[str, float], text: str = TEXT, article: str = "mill", relevance: float = 0.8) -> Hit:
    passage = Passage(article_id=article, title="The old mill", text=text, start=50, end=50 + len(text))
    places = [
        Span(50 + text.index(words), 50 + text.index(words) + len(words), share * relevance)
        for words, share in spans.items()
    ]
    return Hit(passage, 0.8, likeness=0.6, reading=Reading(relevance, tuple(places)))


def test_all_spans_of_a_sentence_count() -> None:
    ranked = score_sentences(QUERY, [hit({"Visitors": 0.4, "1911": 0.35, "burned down": 0.25})])
    assert [sentence.text for sentence in ranked] == ["The mill burned down in 1911.", "Visitors come on Sundays."]
    assert ranked[0].answer_words == "1911"


def test_a_sentence_of_two_passages_counts_once() -> None:
    ranked = score_sentences(QUERY, [hit({"1911": 0.9}), hit({"1911": 0.9}, relevance=0.4)])
    assert len(ranked) == 1
    assert ranked[0].hit.reading == Reading(0.8, (Span(74, 78, 0.8 * 0.9),))


def test_a_sentence_without_what_is_wanted_falls_behind() -> None:
    hits = [hit({"Visitors": 0.6, "1911": 0.3})]
    first = [score_sentences(parse_query(question), hits)[0] for question in ("Who comes?", "When did it burn?")]
    assert [sentence.answer_words for sentence in first] == ["visitors", "1911"]
    span = score_sentences(parse_query("In which year did it burn?"), [hit({"The mill burned": 0.5, "1911": 0.3})])[0]
    assert span.answer_words == "1911"


def test_a_sentence_in_another_script_falls_behind() -> None:
    hits = [hit({"1911": 0.4}), hit({"磨坊": 0.9}, text="旧磨坊在河边。", article="chinese")]
    assert score_sentences(QUERY, hits)[0].answer_words == "1911"
    assert score_sentences(parse_query("磨坊怎么样？"), hits)[0].answer_words == "磨坊"


def test_what_was_not_read_has_no_sentences() -> None:
    assert score_sentences(QUERY, [replace(hit({"1911": 1.0}), reading=None)]) == []
    assert confidence([]) == 0


def ranked(**changes: float) -> list[ScoredSentence]:
    return score_sentences(QUERY, [replace(hit({"1911": 0.9}), **changes)])


def test_favour_orders_and_makes_no_surer() -> None:
    plain, favoured = ranked(), ranked(score=1.5, favour=0.7)
    assert favoured[0].score > plain[0].score
    assert confidence(favoured) == pytest.approx(confidence(plain), abs=0.05)


def test_old_news_are_less_sure() -> None:
    assert ranked(stale=1.0)[0].score == ranked()[0].score
    assert confidence(ranked(stale=1.0)) < confidence(ranked()) / 2
