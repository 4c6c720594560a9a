"""Sentences of fifteen languages, told by the language of their article or by the text alone."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.text.chunking import Chunker
from rag.text.sentences import split_as_indexed, split_passage, split_sentences
from rag.types import Article, Passage
from tests.support.sentence_texts import LANGUAGES, read_sentences

MIN_SHARE = 0.9
MIN_SHARE_UNTOLD = 0.85


def cut(text: str, language: str = "") -> list[str]:
    return [text[start:end] for start, end in split_sentences(text, language)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_split_into_their_sentences(language: str) -> None:
    texts = read_sentences(language)
    wrong = [cut(text, language) for text, sentences in texts if cut(text, language) != sentences]
    assert len(wrong) <= (1 - MIN_SHARE) * len(texts), wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_is_found_where_it_is_not_stated(language: str) -> None:
    texts = read_sentences(language)
    wrong = [cut(text) for text, sentences in texts if cut(text) != sentences]
    assert len(wrong) <= (1 - MIN_SHARE_UNTOLD) * len(texts), wrong


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("sv", ["Kl. 8 kom dr. Berg, d.v.s. läkaren.", "Sedan gick han."]),
        ("cs", ["Např. pan J. Novák, tzv. otec, přišel 3. května.", "Pak odešel."]),
        ("uk", ["Він мешкає на вул. Лесі, буд. 5.", "Там тихо."]),
        ("da", ["Den 3. Maj kom ca. 30 gæster.", "De gik igen."]),
        ("ko", ["그는 왔다.", "그리고 갔다."]),
        ("fi", ["Esim. tri Virtanen tuli klo 8.", "Sitten hän lähti."]),
        ("nb", ["Han bor i Oslo, dvs. i Norge.", "Der er det kaldt."]),
        ("ro", ["Dl. Popa stă pe str. Florilor nr. 5.", "Are o casă."]),
        ("de-AT", ["Am 3. Mai kam Dr. Wolf.", "Er blieb."]),
        ("German", ["Die Sitzung am 3. Mai war kurz.", "Danach gingen alle."]),
        ("xx", ["Habla la Sra. López.", "No calla."]),
    ],
)
def test_other_languages_and_codes(language: str, sentences: list[str]) -> None:
    assert cut(" ".join(sentences), language) == sentences


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Besuche www.Beispiel.de/Neu.Html heute.", "de"),
        ("Der Preis stieg von 3,5 auf 14,8 Mio. €.", "de"),
        ("Die 2. Bundesliga startet am 5. August.", "de"),
        ("Ludwig XIV. und Friedrich II. trafen sich nie.", "de"),
        ("El presidente de EE. UU. viajó con el Sr. De la Torre.", "es"),
        ("Le rapport (cf. p. 12 !) de J. Le Goff est long.", "fr"),
        ("Встреча прошла на ул. Мира, д. 5, в 10 ч. утра.", "ru"),
        ("Die Straße (sie ist neu!) Neubachs ist gesperrt.", "de"),
    ],
)
def test_what_is_one_sentence_is_not_split(text: str, language: str) -> None:
    assert cut(text, language) == [text]


def test_a_block_in_another_script_is_split_by_its_own_rules() -> None:
    text = "Dr. Lee met the mayor.\n\nΟ κ. Δήμου μένει στην οδ. Ερμού. Είναι γιατρός;\n\nThe U.S. Army left."
    assert cut(text, "en") == [
        "Dr. Lee met the mayor.",
        "Ο κ. Δήμου μένει στην οδ. Ερμού.",
        "Είναι γιατρός;",
        "The U.S. Army left.",
    ]


def test_a_long_quotation_is_split_inside() -> None:
    inner = ["„Wir bleiben."] + ["Kein Schiff verlässt heute den Hafen, und niemand weiß, wie lange das dauert."] * 6
    text = f"{' '.join(inner)} Das ist alles“, sagte sie. Es regnete."
    assert cut(text, "de") == [*inner, "Das ist alles“, sagte sie.", "Es regnete."]


GERMAN = "Der Umbau kostet 14,8 Mio. Euro. Er beginnt am 3. Mai."


def test_a_passage_is_split_by_the_language_of_its_article() -> None:
    article = Article("a", "Umbau", GERMAN, metadata={"language": "de"})
    passage = article.passage(0, len(GERMAN))
    assert passage.language == "de"
    assert [passage.at(*place) for place in split_passage(passage)] == [
        "Der Umbau kostet 14,8 Mio. Euro.",
        "Er beginnt am 3. Mai.",
    ]


def test_passages_of_an_index_are_cut_as_ever() -> None:
    """An index that was made before stays valid: its passages depend on no language."""
    told, untold = (
        Chunker(lambda texts: [len(text.split()) for text in texts], 16).split(
            Article("a", "Umbau", GERMAN * 3, metadata=metadata)
        )
        for metadata in ({"language": "de"}, {})
    )
    assert [(one.start, one.end) for one in told] == [(one.start, one.end) for one in untold]
    assert [GERMAN[a:b] for a, b in split_as_indexed(GERMAN)][:2] == ["Der Umbau kostet 14,8 Mio.", "Euro."]


WORDS = st.sampled_from(
    ["Wort", "Die", "z.", "B.", "3.", "Mai", "„", "“", "»", "«", "Sra.", "EE.", "UU.", "«", "»", " ?", "?!", "…", "...",
     "(", ")", "г.", "Она", "κ.", "Δ", ";", "你好", "。", "「", "」", "है", "।", "نعم", "؟", "'t", "\n\n", "\ud800"]
)  # fmt: skip
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from([" ", " ", "", "\u202f", "\n"])), max_size=80).map(
    lambda parts: "".join(word + space for word, space in parts)
)


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(TEXTS | st.text(max_size=200), st.sampled_from([*LANGUAGES, "", "xx"]))
def test_sentences_of_any_text_are_ordered_trimmed_and_cover(text: str, language: str) -> None:
    spans = split_sentences(text, language)
    seen = bytearray(len(text))
    for start, end in spans:
        assert start < end
        assert text[start:end] == text[start:end].strip()
        seen[start:end] = b"\1" * (end - start)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(seen[place] or character.isspace() for place, character in enumerate(text))


@pytest.mark.parametrize("unit", ["„", "«", "(", "». ", "“A. ", "... ", "г. ", "z. B. ", "3. ", "!", "。", "; ", ".A"])
@pytest.mark.parametrize("language", ["de", "ru", "el", "zh", "xx"])
@pytest.mark.timeout(30)
def test_hostile_text_takes_time_in_proportion(unit: str, language: str) -> None:
    text = unit * (100_000 // len(unit))
    passage = Passage(article_id="a", text=text, start=0, end=len(text), language=language)
    assert split_passage(passage)
