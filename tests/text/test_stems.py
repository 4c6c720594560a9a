"""Content words are found by their stems, and matched with others of their root."""

import pytest

from rag.text.sentences import split_passage
from rag.text.stems import find_stems, match_stem
from rag.types import Passage


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("de", "Die Äpfel der Gärtnerin sind reif.", {"apfel", "gartn", "reif"}),
        ("fr", "Les pommes de l'abbaye", {"pomm", "abbay"}),
        ("ru", "яблоки в саду", {"яблок", "сад"}),
        ("tr", "Bursa'nın elmaları", {"bur", "elma"}),
        ("zh", "苹果园的门", {"苹果", "果园", "门"}),
        ("ja", "りんごの果樹園はテルマにある", {"果樹", "樹園", "テルマ"}),
        ("en", "the apples of 1990", {"appl", "1990"}),
    ],
)
def test_stems_of_a_text(language: str, text: str, words: set[str]) -> None:
    assert find_stems(text, language) == words


@pytest.mark.parametrize(
    ("language", "word", "text", "is_found"),
    [
        ("de", "Apfelbäume", "Ein Apfelbaum steht dort.", True),
        ("de", "Kirchturm", "Der Turm wackelt.", True),
        ("nl", "brouwerij", "De bierbrouwerij sluit.", True),
        ("it", "giocato", "i giocatori", True),
        ("ar", "المدير", "مدير المصنع", True),
        ("zh", "建", "去年建成", True),
        ("de", "Kirchturm", "Der Bäcker backt.", False),
        ("fr", "maire", "La mer est calme.", False),
        ("es", "1950", "Fue en 1951.", False),
    ],
)
def test_a_word_is_found_in_other_forms(language: str, word: str, text: str, is_found: bool) -> None:
    stems = find_stems(text, language)
    assert (max(match_stem(stem, stems) for stem in find_stems(word, language)) > 0.5) is is_found


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Der Markt ist am 3. Juni. Er öffnet früh.", ["Der Markt ist am 3. Juni.", "Er öffnet früh."]),
        ("Sie gewann den 2. Preis im 40. Jahr.", ["Sie gewann den 2. Preis im 40. Jahr."]),
        ("Gefeiert wird vom 9. bis 11. Mai.", ["Gefeiert wird vom 9. bis 11. Mai."]),
        ("I am 12. He is older.", ["I am 12.", "He is older."]),
    ],
)
def test_a_german_ordinal_ends_no_sentence(text: str, sentences: list[str]) -> None:
    passage = Passage(article_id="a", text=text, start=0, end=len(text))
    assert [passage.at(*place) for place in split_passage(passage)] == sentences
