"""What a question wants is read from its question words, in twelve languages, and told from what it does not want."""

import time

import pytest

from rag.retrieval.answer_types import AnswerType, counts_another, has_reason_word, holds, parse_answer_type
from rag.retrieval.query import parse_query

TYPES = {
    "person": [
        "Who runs the mill?",
        "To whom was the barn sold?",
        "Tell me who won the regatta.",
        "When the roof fell in, who was hurt?",
        "Wer leitet die Schule?",
        "Qui dirige l'école ?",
        "¿Quién dirige la escuela?",
        "Chi dirige la scuola?",
        "Quem dirige a escola?",
        "Wie leidt de school?",
        "Кто руководит школой?",
        "Okulu kim yönetiyor?",
        "من يدير المدرسة؟",
        "谁管理这所学校？",
        "学校を運営しているのは誰ですか。",
    ],
    "place": [
        "Where did the barge sink?",
        "In which town is the mill?",
        "Wo steht die Mühle?",
        "Où se trouve le moulin ?",
        "donde esta el molino",
        "Dove si trova il mulino?",
        "Onde fica o moinho?",
        "Waar staat de molen?",
        "Где находится мельница?",
        "Değirmen nerede?",
        "أين تقع الطاحونة؟",
        "磨坊在哪里？",
        "水車小屋はどこにありますか。",
    ],
    "time": [
        "When was the curfew lifted?",
        "And when?",
        "Do you know when the pool opens?",
        "Wann öffnet das Bad?",
        "Quand ouvre la piscine ?",
        "¿Cuándo abre la piscina?",
        "Quando apre la piscina?",
        "Quando é que a piscina abre?",
        "Wanneer opent het zwembad?",
        "Когда открывается бассейн?",
        "Havuz ne zaman açılıyor?",
        "متى يفتح المسبح؟",
        "游泳池什么时候开放？",
        "プールはいつ開きますか。",
    ],
    "time hour": [
        "What time does the pool open?",
        "At what hour did they vote?",
        "Um wie viel Uhr öffnet das Bad?",
        "À quelle heure ouvre la piscine ?",
        "¿A qué hora abre la piscina?",
        "A che ora apre la piscina?",
        "A que horas abre a piscina?",
        "Hoe laat opent het zwembad?",
        "Во сколько открывается бассейн?",
        "Havuz saat kaçta açılıyor?",
        "في أي ساعة يفتح المسبح؟",
        "游泳池几点开放？",
        "プールは何時に開きますか。",
    ],
    "time year": [
        "In which year was the weir built?",
        "In welchem Jahr wurde die Brücke gebaut?",
        "En quelle année le pont a-t-il été construit ?",
        "¿En qué año se construyó el puente?",
        "In che anno fu costruito il ponte?",
        "Em que ano foi construída a ponte?",
        "In welk jaar werd de brug gebouwd?",
        "В каком году построили мост?",
        "Köprü hangi yılda yapıldı?",
        "في أي عام بني الجسر؟",
        "这座桥是哪一年建的？",
        "橋は何年に建てられましたか。",
    ],
    "time day": ["On which day was the vote?"],
    "duration": [
        "How much time was spent on the roof?",
        "How long did the strike last?",
        "How many weeks did the strike last?",
        "Wie lange dauerte der Streik?",
        "Wie viele Stunden dauerte der Streik?",
        "Combien de temps a duré la grève ?",
        "Combien d'heures a duré la grève ?",
        "¿Cuánto tiempo duró la huelga?",
        "Quanto tempo è durato lo sciopero?",
        "Quanto tempo durou a greve?",
        "Hoe lang duurde de staking?",
        "Сколько времени длилась забастовка?",
        "Grev ne kadar sürdü?",
        "كم استغرق الإضراب؟",
        "罢工持续了多久？",
        "ストライキは何日間続きましたか。",
        "裁判は何日続きましたか。",
        "Dava kaç gün sürdü?",
    ],
    "count": [
        "How many passengers can the barge carry?",
        "How many second homes are there?",
        "What is the population of Tarnhead?",
        "tarnhead number of turbines",
        "Wie viele Fahrgäste passen auf das Schiff?",
        "Combien de passagers le bac peut-il transporter ?",
        "cuantos pasajeros lleva la barca",
        "Quanti passeggeri porta il traghetto?",
        "Quantos passageiros leva a balsa?",
        "Hoeveel passagiers kan de boot vervoeren?",
        "Сколько пассажиров вмещает паром?",
        "Tekne kaç yolcu taşıyor?",
        "كم راكبا تحمل العبارة؟",
        "渡轮能载多少乘客？",
        "船には何人乗れますか。",
    ],
    "amount money": [
        "How much did the roof cost?",
        "How much is the fine?",
        "What does a ticket cost?",
        "kiln restoration final cost",
        "barge ticket price?",
        "How many euros were raised?",
        "Was kostet die Karte?",
        "Wie viel hat die Karte gekostet?",
        "Combien coûte le billet ?",
        "¿Cuánto cuesta la entrada?",
        "Quanto costa il biglietto?",
        "Quanto custa o bilhete?",
        "Hoeveel kost een kaartje?",
        "Сколько стоит билет?",
        "Bilet kaç lira?",
        "كم بلغت تكلفة السقف؟",
        "门票多少钱？",
        "切符はいくらですか。",
    ],
    "amount weight": [
        "How much does the bell weigh?",
        "How heavy is the bell?",
        "Wie schwer ist die Glocke?",
        "Combien pèse la cloche ?",
        "¿Cuánto pesa la campana?",
        "钟有多重？",
    ],
    "amount length": [
        "How tall is the mast?",
        "How high is the mast?",
        "How many metres of pipe were laid?",
        "Quelle est la hauteur de la tour ?",
        "¿Cuánto mide la torre?",
        "Quanto è alta la torre?",
        "Qual é a altura da torre?",
        "Hoe hoog is de toren?",
        "Какой высоты башня?",
        "Kule kaç metre?",
        "كم يبلغ ارتفاع البرج؟",
        "塔有多高？",
        "塔の高さはどのくらいですか。",
    ],
    "amount length duration": ["How long is the tunnel?"],
    "amount area": ["How many square kilometres burned?"],
    "amount temperature": ["How hot did it get in the valley?"],
    "amount speed duration": ["How fast was the train?"],
    "amount age": [
        "How old is Ida Orr?",
        "What was the age of the youngest?",
        "Wie alt ist Ida Orr?",
        "Quel âge a Ida Orr ?",
        "cuántos años tiene Ida Orr",
    ],
    "amount frequency": ["How often does the bus run?", "Wie oft fährt der Bus?"],
    "amount percent": ["What percentage voted yes?", "Welcher Anteil stimmte zu?", "¿Qué porcentaje votó a favor?"],
    "amount": ["How much water was lost?", "How high did unemployment rise?"],
    "reason": [
        "Why did the dam fail?",
        "What caused the blaze?",
        "mill closing reason",
        "Warum gab es kein Konzert?",
        "Pourquoi le barrage a-t-il cédé ?",
        "¿Por qué se rompió la presa?",
        "Perché è crollata la diga?",
        "Por que a barragem rompeu?",
        "Waarom brak de dam?",
        "Почему прорвало плотину?",
        "Baraj neden yıkıldı?",
        "لماذا انهار السد؟",
        "大坝为什么决口？",
        "なぜダムは決壊しましたか。",
        "Was war die Ursache des Brandes?",
        "Quelle est la cause de l'incendie ?",
        "Wat was de oorzaak van de brand?",
        "В чём причина пожара?",
        "火灾的原因是什么？",
    ],
    "explanation": [
        "How did the goats escape?",
        "What happened when the mast fell?",
        "Was passierte in Altstadt?",
        "Comment ont-ils fui ?",
        "Как они спаслись?",
        "他们怎么逃走的？",
    ],
    "yes or no": [
        "Is the museum open?",
        "Did the mayor say when the pool opens?",
        "Ist das Museum offen?",
        "Gab es Verletzte?",
        "Le musée est-il ouvert ?",
        "Est-ce que le musée est ouvert ?",
        "¿Está abierto el museo?",
        "È aperto il museo?",
        "O museu está aberto?",
        "Is het museum open?",
        "Открыт ли музей?",
        "Müze açık mı?",
        "هل المتحف مفتوح؟",
        "博物馆开放吗？",
        "博物館は開いていますか。",
    ],
    "list": ["Which farms were flooded?", "What are the names of the bidders?", "Which three farms burned?"],
    "definition": [
        "What is a weir?",
        "What does NIMBY mean?",
        "Was ist ein Wehr?",
        "¿Qué es un dique?",
        "堰とは何ですか。",
    ],
    "comparison": [
        "Which is taller, the mast or the tower?",
        "Compare the two bids.",
        "What is the difference between a weir and a dam?",
    ],
    "other": [
        "Which team won?",
        "the guard when the alarm rang?",
        "Wie heißt der Kapitän?",
        "¿Cómo se llama el capitán?",
        "the price has risen.",
        "harbour dues",
        "thanks",
        "What was stolen from the barn?",
        "",
    ],
}


@pytest.mark.parametrize(("wanted", "question"), [(wanted, one) for wanted, asked in TYPES.items() for one in asked])
def test_the_type_of_an_answer(wanted: str, question: str) -> None:
    parsed = parse_answer_type(question)
    assert " ".join([parsed.kind, *parsed.units]) == wanted


@pytest.mark.parametrize(
    ("question", "noun"),
    [
        ("How many passengers can the barge carry?", "passengers"),
        ("How many new flats were built in Tarnhead?", "new flats"),
        ("How many people died?", "people"),
        ("How many members of the choir left?", "members"),
        ("Which team won?", "team"),
        ("And how many in June?", ""),
        ("tarnhead number of turbines", "turbines"),
        ("interest rate central bank", ""),
        ("Combien de moutons sont morts ?", "moutons"),
        ("How long did the strike last?", ""),
    ],
)
def test_what_is_counted(question: str, noun: str) -> None:
    assert parse_answer_type(question).noun == noun


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Was it Orr?", "en"),
        ("Was kostet das?", "de"),
        ("Wie is de burgemeester?", "nl"),
        ("Why does La Nación say that?", "en"),
        ("Сколько стоит билет на Northern Rail?", "ru"),
    ],
)
def test_the_language_of_a_question(question: str, language: str) -> None:
    assert parse_answer_type(question).language == language


HELD = {
    "How many people came?": [
        "212 people",
        "two dozen",
        "Nobody was hurt.",
        "hundreds",
        "1,987",
        "The hall was full: 300 came in March 2024.",
    ],
    "Who won the race?": ["Ida Orr", "a jogger", "the mayor"],
    "Where is the mill?": ["in Altstadt", "near the weir"],
    "When was the curfew lifted?": ["Friday", "after the tests", "12 March", "in 2019", "two weeks ago", "last summer"],
    "By what margin was it voted down?": ["seven votes to two", "by 26 votes", "9–4", "with 52 percent"],
    "What time does it open?": ["at 9 a.m.", "at noon", "half past nine", "at 9.40", "from 9.40 on Mondays"],
    "What year was it built?": ["1890", "in the 1890s", "two years ago"],
    "How many minutes did it last?": ["90", "ninety", "90 minutes"],
    "How long did it last?": ["three weeks", "until Friday", "since 1990"],
    "How much did it cost?": [
        "It cost 40 thousand crowns to restore.",
        "A ticket for a foot passenger is 7.40 skillings.",
        "It costs 9.40 crowns.",
        "$2.3 million",
        "nothing",
        "free of charge",
        "2.3 million",
        "about 40",
    ],
    "How tall is it?": ["82 metres", "82", "six storeys", "8 ft"],
    "How much does it weigh?": ["4 tonnes", "40 kg"],
    "What share voted yes?": ["42%", "half", "two in five"],
    "How old is Ida Orr?": [
        "52",
        "52 years",
        "Ida Orr, 52, of Altstadt",
        "He is fifty-two and retired.",
        "in her nineties",
    ],
    "How often does it run?": ["every Monday", "twice", "daily"],
    "Why did it fail?": ["Rust had eaten the bolts."],
    "Wie viele Menschen kamen?": ["212 Menschen", "zweihundert", "niemand"],
    "Wann öffnet das Bad?": ["am Freitag", "nach dem Umbau", "um 9 Uhr"],
    "Combien coûte le billet ?": ["40 euros", "gratuit"],
    "Quand ouvre la piscine ?": ["le 12 mars", "demain"],
    "¿Cuántos vinieron?": ["212", "nadie", "doscientas personas"],
    "Сколько человек пришло?": ["212 человек", "двести", "никто"],
    "Когда открылся бассейн?": ["в мае", "12 марта", "в пятницу"],
    "Kaç kişi geldi?": ["212 kişi", "iki yüz"],
    "متى افتتح المسبح؟": ["في مارس", "يوم الجمعة"],
    "来了多少人？": ["212人", "两百人"],
    "塔有多高？": ["82米"],
    "いつ開きましたか。": ["3月", "金曜日"],
}
NOT_HELD = {
    "By what margin was it voted down?": ["It has 312 seats, down from 540 in 2010."],
    "What percentage of the mills closed?": ["It had 40 mills in 1950, nine in 1990."],
    "How many people came?": [
        "She ran it for twelve years.",
        "in March 2024",
        "12 March",
        "$212",
        "at 9:30",
        "in 1987",
        "80 metres",
        "Ida Orr",
    ],
    "Who won the race?": ["Friday", "12 March", "$2.3 million", "80 metres", "in the morning"],
    "Where is the mill?": ["on Friday", "212"],
    "When was the curfew lifted?": ["Ida Orr", "212 passengers", "the council"],
    "What time does it open?": ["Friday", "in Altstadt"],
    "What year was it built?": ["Friday", "12 March"],
    "How long did it last?": ["Friday", "212 people", "$3 million"],
    "How much did it cost?": ["212 people", "in 1987", "40 metres"],
    "How tall is it?": ["gusts of 80 kilometres an hour", "$5 million", "in 1987", "212 people"],
    "How much does it weigh?": ["$4", "40 people"],
    "What share voted yes?": ["Ida Orr", "in May"],
    "How old is Ida Orr?": ["in May", "the mayor", "Ida Orr had 8,212.", "She lost five games and 300 points."],
    "Wie viele Menschen kamen?": ["am 12. März 2024", "im Mai", "80 Meter"],
    "Wann öffnet das Bad?": ["Ida Orr"],
    "Wer leitet die Schule?": ["am Freitag", "80 Meter"],
    "Combien coûte le billet ?": ["en mai"],
    "¿Cuántos vinieron?": ["en mayo", "el 12 de marzo de 2024"],
    "Сколько человек пришло?": ["12 марта 2024 года", "в мае"],
    "كم شخصا حضر؟": ["في مارس"],
    "来了多少人？": ["2024年3月12日", "三月"],
    "誰が勝ちましたか。": ["金曜日", "3月12日"],
}


@pytest.mark.parametrize(("question", "text"), [(asked, text) for asked, texts in HELD.items() for text in texts])
def test_a_text_that_may_hold_the_answer(question: str, text: str) -> None:
    assert holds(parse_answer_type(question), text)


@pytest.mark.parametrize(("question", "text"), [(asked, text) for asked, texts in NOT_HELD.items() for text in texts])
def test_a_text_of_another_type(question: str, text: str) -> None:
    assert not holds(parse_answer_type(question), text)


@pytest.mark.parametrize("text", ["which, " * 285, "1" * 2000, "1." * 1000, "how much " * 220, "多少价格" * 500])
def test_a_long_text_takes_no_time(text: str) -> None:
    started = time.perf_counter()
    parse_answer_type(text)
    for question in ("How many people came?", "Who won?", "How tall is it?"):
        holds(parse_answer_type(question), text)
    assert time.perf_counter() - started < 2


def test_any_text_may_hold_what_has_no_form() -> None:
    assert holds(AnswerType(), "212")


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who runs the mill?", "fact"),
        ("How tall is the mast?", "fact"),
        ("Do you know when the pool opens?", "fact"),
        ("What happened at the mill?", "open"),
        ("Who resigned and why?", "open"),
        ("Is the museum open?", "yes or no"),
        ("Warum gab es kein Konzert?", "open"),
        ("Was kostet die Karte?", "fact"),
        ("Ist das Museum offen?", "yes or no"),
        ("¿Por qué cerró el museo?", "open"),
        ("博物馆开放吗？", "yes or no"),
    ],
)
def test_the_kind_of_a_query(question: str, kind: str) -> None:
    assert parse_query(question).kind == kind


@pytest.mark.parametrize(
    "question", ["¿Cuántos vinieron?", "Wann öffnet das Bad?", "塔有多高？", "How tall is the mast?"]
)
def test_a_query_that_wants_a_quantity(question: str) -> None:
    assert parse_query(question).wants_quantity
    assert not parse_query(question).wants_reason


@pytest.mark.parametrize(
    "question", ["Who resigned and why?", "Warum fiel das Konzert aus?", "なぜダムは決壊しましたか。"]
)
def test_a_query_that_wants_a_reason(question: str) -> None:
    assert has_reason_word(question)
    assert parse_query(question).wants_reason


@pytest.mark.parametrize(
    ("question", "text", "is_another"),
    [
        ("How many pots does a kiln hold?", "Twelve kilns were built.", True),
        ("How many pots does a kiln hold?", "Twelve kilns were built and 40 pots broken.", False),
        ("How many pots does a kiln hold?", "It holds about 900.", False),
        ("How many people work at the kilns?", "Forty potters work there.", False),
        ("How many of the jobs for potters are free?", "Nine of the 22 posts for potters are free.", False),
        ("How long does a kiln last?", "Twelve kilns were built.", False),
        ("How many are there?", "Twelve kilns were built.", False),
    ],
)
def test_a_number_of_other_things_that_are_named(question: str, text: str, is_another: bool) -> None:
    assert counts_another(question, parse_answer_type(question), text) is is_another


@pytest.mark.parametrize(
    ("text", "may_be"),
    [("He was mate for nineteen years.", False), ("He is 61 years old.", True), ("The mate, 61, sailed.", True)],
)
def test_how_long_something_went_on_is_no_age(text: str, may_be: bool) -> None:
    assert holds(parse_answer_type("How old is the mate?"), text) is may_be
