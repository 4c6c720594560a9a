"""Rows of tables are looked up in other languages too, by a cell and by the name of a column."""

from collections.abc import Sequence

import pytest

from tests.retrieval.test_row_ranking import rank_sentences

TABLES = {
    "de": (
        "Rennen auf der Varn",
        (
            "Boot: Tern; Platz: 2; Zeit: 7:52; Steuerfrau: Ann Dray",
            "Boot: Alte Liebe; Platz: 1; Zeit: 7:41; Steuerfrau: Ute Lund",
        ),
    ),
    "fr": (
        "Classement de la coupe",
        ("Équipe: Lyon; Points: 41; Entraîneur: Marc Oudin", "Équipe: Nîmes; Points: 38; Entraîneur: Paul Rey"),
    ),
    "es": (
        "Visitantes de los museos",
        ("Museo: Casa Brava; Visitantes: 12.400; Ciudad: León", "Museo: Torre Alta; Visitantes: 9.100; Ciudad: Jaén"),
    ),
    "it": (
        "Ponti della valle",
        ("Ponte: Ponte Vecchio; Lunghezza: 95 m; Anno: 1345", "Ponte: Ponte Nuovo; Lunghezza: 120 m; Anno: 1902"),
    ),
    "pt": (
        "População das aldeias",
        ("Aldeia: Monsul; Habitantes: 812; Presidente: Rui Paz", "Aldeia: Vilar; Habitantes: 340; Presidente: Ana Sá"),
    ),
    "nl": (
        "Kapotte lampen",
        ("Straat: Eikenlaan; Lampen: 28; Kapot: 11", "Straat: Molenweg; Lampen: 63; Kapot: 0"),
    ),
}


def answer(question: str, language: str) -> tuple[str, str]:
    title, rows = TABLES[language]
    ranked = rank_sentences(question, rows, title, "Es regnete.", "Es regnete", "…")
    return (ranked[0].text, ranked[0].passage.at(*ranked[0].span)) if ranked else ("", "")


@pytest.mark.parametrize(
    ("language", "question", "row", "span"),
    [
        ("de", "Welche Zeit hatte die Tern?", 0, "7:52"),
        ("de", "Welche Zeit fuhr die Alte Liebe?", 1, "7:41"),
        ("de", "Was war die Zeit der Alten Liebe?", 1, "7:41"),
        ("de", "Wer war die Steuerfrau der Tern?", 0, "Ann Dray"),
        ("de", "Welchen Platz belegte die Tern auf der Varn?", 0, "2"),
        ("fr", "Combien de points a Lyon ?", 0, "41"),
        ("fr", "Combien de points l'équipe de Nîmes a-t-elle ?", 1, "38"),
        ("fr", "Qui est l’entraîneur de Nimes ?", 1, "Paul Rey"),
        ("es", "¿Cuántos visitantes tuvo la Torre Alta?", 1, "9.100"),
        ("es", "¿En qué ciudad está el museo Casa Brava?", 0, "León"),
        ("it", "Qual è la lunghezza del Ponte Nuovo?", 1, "120 m"),
        ("it", "Di che anno è il Ponte Vecchio?", 0, "1345"),
        ("pt", "Quantos habitantes tem Vilar?", 1, "340"),
        ("pt", "Quem é o presidente de Monsul?", 0, "Rui Paz"),
        ("nl", "Hoeveel lampen zijn er in de Molenweg?", 1, "63"),
        ("nl", "Hoeveel lampen in de Eikenlaan zijn kapot?", 0, ""),
    ],
)
def test_rows_that_are_named(language: str, question: str, row: int, span: str) -> None:
    expected: Sequence[str] = TABLES[language][1]
    assert answer(question, language) == (expected[row], span or expected[row])


@pytest.mark.parametrize(
    ("language", "question"),
    [
        ("de", "Welche Zeit hatte die Möwe?"),
        ("de", "Welche Zeit hatte die Tern in Bremen?"),
        ("de", "Welche Zeit hatte die Tern 1987?"),
        ("de", "Welche Zeit hatten die Boote?"),
        ("de", "Warum hatte die Tern keine gute Zeit?"),
        ("de", "Welche Zeit hatte die Bremer Tern?"),
        ("de", "Welche Zeit hatte die Bremen-Tern?"),
        ("fr", "Combien de points a Paris ?"),
        ("fr", "Combien de points a marqués Lyon contre Lille ?"),
        ("es", "¿Cuántos visitantes tuvo la Torre Baja?"),
        ("it", "Qual è la lunghezza del Ponte di Arno?"),
        ("pt", "Quantos habitantes tem a vila de Ourém?"),
        ("nl", "Hoeveel lampen zijn er in de Dorpsstraat?"),
    ],
)
def test_no_row_is_taken_where_none_is_surely_meant(language: str, question: str) -> None:
    assert answer(question, language)[0] not in TABLES[language][1]
