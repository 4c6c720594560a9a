"""Questions in languages that the reader was not trained on are answered, or refused, by words."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from rag.retrieval.findings import Findings, PassageReader
from rag.retrieval.foreign_ranking import confidence_by_words, score_by_words
from rag.retrieval.query import parse_query
from rag.settings import Settings
from rag.testing import OverlapReader
from rag.types import Filters, Hit, Passage, Reading

THRESHOLD = Settings().answer_threshold
ARTICLES = {
    "de": (
        "Seilbahn auf den Rabenstein fährt wieder",
        "Die Seilbahn auf den Rabenstein fährt seit dem 3. Juni wieder. Sie stand still, weil ein Blitz den Motor "
        "zerstört hatte. Die Reparatur hat 310.000 Euro gekostet.\n\nDie Kabinen fassen 24 Fahrgäste. Betriebsleiter "
        "Hannes Wolter erwartet einen vollen Sommer.",
    ),
    "fr": (
        "Une fromagerie rouvre à Vaubrun",
        "La fromagerie de Vaubrun a rouvert samedi. Elle emploie neuf ouvriers et produit 600 litres de lait caillé "
        "par jour. La directrice, Mathilde Roux, veut vendre en Belgique.",
    ),
    "es": (
        "El faro de Punta Brava se convierte en hotel",
        "El faro de Punta Brava será un hotel. La torre mide 31 metros y se construyó en 1887. La arquitecta Nuria "
        "Valdés dirige las obras, que terminarán en octubre.",
    ),
    "it": (
        "Chiuso il sentiero delle aquile",
        "Il sentiero delle aquile resta chiuso perché una valanga ha distrutto due ponti. Ogni anno lo percorrono "
        "8.000 escursionisti. La guida Bruno Galli spera nella primavera.",
    ),
    "nl": (
        "Nieuwe pont over de Merel",
        "De nieuwe pont over de Merel heet Adelheid. De overtocht duurt zes minuten en kost 2 euro. Schipper Joke "
        "Terpstra vaart tot middernacht.",
    ),
    "tr": (
        "Derebağ köyünde zeytin hasadı",
        "Derebağ köyünde zeytin hasadı erken başladı, çünkü yaz kurak geçti. Hasada 130 işçi katılıyor. Kooperatif "
        "başkanı Meral Uçar yüksek fiyat bekliyor.",
    ),
    "ru": (
        "В Ясногорье построили каток",
        "В Ясногорье построили новый каток. Площадь катка составляет 1800 квадратных метров. Тренер Олег Марков "
        "набирает детей в секцию.",
    ),
    "ar": (
        "مصنع جديد للزجاج في تل الورد",
        "افتتح مصنع جديد للزجاج في تل الورد يوم السبت. ويعمل في المصنع 85 عاملا. وقال مدير المصنع فادي النجار إن "
        "الإنتاج سيتضاعف.",
    ),
    "zh": (
        "青云山索道停运检修",
        "青云山索道因雷击停运，检修需要十二天。索道全长2300米，建于1998年。负责人周文斌表示，游客可以改乘巴士。",
    ),
    "ja": (
        "松原町の図書館に新しい館長",
        "松原町の図書館は四月に新館へ移った。新館の建設費は6億円だった。館長の中山恵子氏は、夜間の開館を始める。",
    ),
}


def make_hit(language: str) -> Hit:
    title, text = ARTICLES[language]
    passage = Passage(article_id=language, title=title, text=text, start=0, end=len(text))
    return Hit(passage, 0.5, reading=Reading(0.4))


HITS = [make_hit(language) for language in ARTICLES]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Was hat die Reparatur der Seilbahn gekostet?", "310.000"),
        ("Warum stand die Seilbahn am Rabenstein still?", "Blitz"),
        ("Wie viele Fahrgäste fasst eine Kabine?", "24"),
        ("Seit wann fährt die Seilbahn auf den Rabenstein wieder?", "3. Juni"),
        ("Combien d'ouvriers la fromagerie de Vaubrun emploie-t-elle ?", "neuf"),
        ("Qui est la directrice de la fromagerie ?", "Mathilde Roux"),
        ("¿En qué año se construyó el faro?", "1887"),
        ("¿Quién dirige las obras del faro de Punta Brava?", "Valdés"),
        ("Perché il sentiero delle aquile è chiuso?", "valanga"),
        ("Quanti escursionisti percorrono il sentiero?", "8.000"),
        ("Hoe lang duurt de overtocht met de pont?", "zes minuten"),
        ("Zeytin hasadı neden erken başladı?", "kurak"),
        ("Hasada kaç işçi katılıyor?", "130"),
        ("Какова площадь катка в Ясногорье?", "1800"),
        ("كم عاملا يعمل في مصنع الزجاج؟", "85"),
        ("من هو مدير مصنع الزجاج في تل الورد؟", "النجار"),
        ("青云山索道有多长？", "2300"),
        ("青云山索道的负责人是谁？", "周文斌"),
        ("図書館の新館の建設費はいくらですか？", "6億"),
        ("松原町の図書館の館長は誰ですか？", "中山"),
    ],
)
def test_a_question_is_answered_by_words(question: str, said: str) -> None:
    ranked = score_by_words(parse_query(question), HITS)
    assert said in ranked[0].text
    assert confidence_by_words(ranked) >= THRESHOLD


@pytest.mark.parametrize(
    "question",
    [
        "Wer ist der Bürgermeister von Rabenstein?",
        "Wie alt ist der Betriebsleiter der Seilbahn?",
        "Was kostet der Eintritt ins Museum von Rabenstein?",
        "Combien d'habitants compte la ville de Vaubrun ?",
        "Qui a construit l'église de Vaubrun ?",
        "¿Cuánto cuesta una noche en el hotel de Sevilla?",
        "Quanti anni ha Bruno Galli?",
        "Hoeveel auto's rijden er over de brug?",
        "Derebağ köyünün muhtarı kim?",
        "Сколько стоит билет в музей Ясногорья?",
        "كم عدد سكان تل الورد؟",
        "青云山有多少居民？",
        "松原町の人口は何人ですか？",
    ],
)
def test_what_the_articles_do_not_say_is_refused(question: str) -> None:
    assert confidence_by_words(score_by_words(parse_query(question), HITS)) < THRESHOLD


def test_what_was_not_read_has_no_sentences() -> None:
    assert score_by_words(parse_query("Wie lang ist die Seilbahn?"), [replace(make_hit("de"), reading=None)]) == []
    assert confidence_by_words([]) == 0


def test_a_stale_passage_is_less_sure_and_a_favoured_one_goes_first() -> None:
    query = parse_query("Was hat die Reparatur der Seilbahn gekostet?")
    plain, stale = (score_by_words(query, [replace(make_hit("de"), stale=stale)]) for stale in (0.0, 1.0))
    assert confidence_by_words(stale) < confidence_by_words(plain)
    favoured = replace(make_hit("de"), favour=0.3)
    other = replace(make_hit("de"), passage=replace(make_hit("de").passage, article_id="other"))
    ranked = score_by_words(query, [other, favoured])
    assert ranked[0].hit == favoured
    assert confidence_by_words(ranked) == pytest.approx(confidence_by_words(plain), abs=0.01)


class EnglishReader(OverlapReader):
    """Says that it was trained on English."""

    languages = frozenset({"en"})

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        return [Reading(0.0)] * len(passages)


@pytest.mark.parametrize(("question", "is_sure"), [("Was hat die Reparatur gekostet?", True), ("What of it?", False)])
def test_words_count_where_the_reader_does_not_know_the_language(question: str, is_sure: bool) -> None:
    reader = PassageReader(lambda query, k, filters: HITS, EnglishReader(), Settings())
    found = reader.read(Findings(parse_query(question), tuple(HITS)), 1, Filters())
    assert (found.confidence >= THRESHOLD) is is_sure
