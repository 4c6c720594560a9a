"""Questions are taken apart into those that they put together, each complete by itself."""

import pytest

from rag.retrieval.decomposition import MAX_PARTS, decompose


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "What did the mayor say and how did the growers respond?",
            ("What did the mayor say?", "How did the growers respond?"),
        ),
        ("Is the lock open, and who runs it?", ("Is the lock open?", "Who runs the lock?")),
        # Question words behind a preposition.
        (
            "In which year did the mill open and for how long was it shut?",
            ("In which year did the mill open?", "For how long was the mill shut?"),
        ),
        (
            "At what time did the bank robbers arrive and at what time had they left?",
            ("At what time did the bank robbers arrive?", "At what time had the bank robbers left?"),
        ),
        # A part is completed from the one before it.
        (
            "When did the repair of the Quarry Bridge begin and when did it end?",
            ("When did the repair of the Quarry Bridge begin?", "When did the repair of the Quarry Bridge end?"),
        ),
        (
            "How many boats sank in the autumn gale, and what caused it?",
            ("How many boats sank in the autumn gale?", "What caused the autumn gale?"),
        ),
        (
            "How many cows has the farm at Pell Marsh, and what was the price?",
            ("How many cows has the farm at Pell Marsh?", "What was the price for the farm at Pell Marsh?"),
        ),
        (
            "How many inns does Brandt own and how many new ones does she plan?",
            ("How many inns does Brandt own?", "How many new inns does Brandt plan?"),
        ),
        (
            "How many guests were hurt and how many killed?",
            ("How many guests were hurt?", "How many guests were killed?"),
        ),
        ("Which farms were flooded and which were spared?", ("Which farms were flooded?", "Which farms were spared?")),
        (
            "How long did the old lift need in winter and how long does the new one need?",
            ("How long did the old lift need in winter?", "How long does the new lift need in winter?"),
        ),
        (
            "Which of the two weirs is longer, and by how much do they differ?",
            ("Which of the two weirs is longer?", "By how much do the two weirs differ?"),
        ),
        (
            "Where were the last eel races held and who won?",
            ("Where were the last eel races held?", "Who won: the last eel races?"),
        ),
        ("Where do herons nest and what do they eat?", ("Where do herons nest?", "What do herons eat?")),
        # A question word alone asks about all of the part before it.
        ("When did the lock close, and why?", ("When did the lock close?", "Why did the lock close?")),
        ("Has Ilse Brandt resigned, and if so, when?", ("Has Ilse Brandt resigned?", "When has Ilse Brandt resigned?")),
        ("Who won the regatta and by how much?", ("Who won the regatta?", "By how much did they win the regatta?")),
        ("Which lock was closed and why?", ("Which lock was closed?", "Why was it closed?")),
        ("How many cooks quit and why?", ("How many cooks quit?", "Why did the cooks quit?")),
        # The answer of the part before it may be meant: the part is completed when that is known.
        (
            "Which captain blamed the fog, and who contradicted him?",
            ("Which captain blamed the fog?", "Who contradicted him?"),
        ),
        (
            "Which brewery bought the Swan and how much did it pay?",
            ("Which brewery bought the Swan?", "How much did it pay?"),
        ),
        ("Who leads the choir of Skarn, and how old is she?", ("Who leads the choir of Skarn?", "How old is she?")),
        # One question for each of two phrases.
        ("When and where was Ilse Brandt born?", ("When was Ilse Brandt born?", "Where was Ilse Brandt born?")),
        (
            "At what time and on which day did the gale reach Orlow?",
            ("At what time did the gale reach Orlow?", "On which day did the gale reach Orlow?"),
        ),
        # More than two, and questions one after the other.
        (
            "Who won the cup, how many goals did they score and when was the final?",
            ("Who won the cup?", "How many goals did they score?", "When was the final of the cup?"),
        ),
        ("When was the weir built? And who paid for it?", ("When was the weir built?", "Who paid for the weir?")),
        # In order of time.
        (
            "Was the lock closed before or after the captain resigned?",
            ("When was the lock closed?", "When was it that the captain resigned?"),
        ),
        ("Was the lock closed before or after the gale?", ("When was the lock closed?", "When was the gale?")),
        # A comparison among them.
        (
            "Which is older, the mill or the inn, and who owns the mill?",
            ("How old is the mill?", "How old is the inn?", "Who owns the mill?"),
        ),
        ("Is the lift bigger than its predecessor?", ("How big is the lift?", "How big is the lift's predecessor?")),
    ],
)
def test_a_question_of_several_parts(question: str, parts: tuple[str, ...]) -> None:
    assert decompose(question) == parts


@pytest.mark.parametrize(
    "question",
    [
        "How many people live in Bosnia and Herzegovina?",
        "Who wrote Pride and Prejudice?",
        "When did France and Germany sign the treaty?",
        "Who wrote the novel Where the Herons Nest and When the Rain Came?",
        "Why did Iraq call for ending the coalition?",
        "Who runs the firm of Bask and Quill?",
        "Which band announced a new single and will reunite for a tour?",
        "Who founded the choir and was its first conductor?",
        "Who bought the barge and had it painted?",
        "When did the lock close and reopen?",
        "What is the name of the man who led the strike and who later became mayor?",
        "What is the difference between what he said and what he did?",
        "Did Brandt say when she left and why she came?",
        "What made the old man forget his troubles and how tired he was?",
        "The inn was designed by Ilse Brandt and who else?",
        "The canal runs between Orlow and which other town?",
        "More than a million people across Puerto Rico and the Dominican Republic lost power due to which hurricane?",
        "How old are the two defendants in the eel trial?",
        "What do locks and weirs have in common?",
        "What happened while the lock was shut?",
        "Who said that the harvest was good but the prices were low?",
        "Are cats and dogs allowed on the ferry?",
        "lock opening hours and fares",
        "Explain the leak and the repair.",
        "Why?",
        "",
        "and",
        "and who",
    ],
)
def test_a_question_that_is_one(question: str) -> None:
    assert decompose(question) == ()


def test_a_question_of_too_many_parts_stays_one() -> None:
    wanted = ["who paid", "when did Orlow pay", "how did Skarn react", "why did Pell leave", "what did Brandt say"]
    assert len(decompose(" and ".join(wanted[:MAX_PARTS]))) == MAX_PARTS
    assert decompose(" and ".join(wanted)) == ()


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "Wie hoch ist der Turm in Orlow und wann wurde er gebaut?",
            ("Wie hoch ist der Turm in Orlow?", "Wann wurde er gebaut: ist der Turm in Orlow?"),
        ),
        (
            "Combien de temps dure la fête et pourquoi a-t-elle commencé ?",
            ("Combien de temps dure la fête?", "Pourquoi a-t-elle commencé: dure la fête?"),
        ),
        (
            "¿Cuándo abrió el molino y quién lo compró?",
            ("¿Cuándo abrió el molino?", "¿Quién lo compró: abrió el molino?"),
        ),
        (
            "Quanto costa il biglietto per Orlow e dove è nato il sindaco di Skarn?",
            ("Quanto costa il biglietto per Orlow?", "Dove è nato il sindaco di Skarn?"),
        ),
        (
            "Quando abriu a ponte e quanto custa a entrada?",
            ("Quando abriu a ponte?", "Quanto custa a entrada: abriu a ponte?"),
        ),
        (
            "Wanneer werd de sluis gebouwd en wie heeft hem betaald?",
            ("Wanneer werd de sluis gebouwd?", "Wie heeft hem betaald: werd de sluis gebouwd?"),
        ),
        ("Когда построили мост и сколько он стоил?", ("Когда построили мост?", "Сколько он стоил: построили мост?")),
        ("متى افتتح الجسر وكم تكلفة التذكرة؟", ("متى افتتح الجسر?", "كم تكلفة التذكرة: افتتح الجسر?")),
        ("大桥有多长，什么时候开通的？", ("大桥有多长?", "什么时候开通的: 大桥有多长?")),
        ("Wie viele Menschen leben in Bosnien und Herzegowina?", ()),
        ("Wer ist der Mann, der das Schiff kaufte und der es verkaufte?", ()),
        ("Qui est la femme qui a construit la tour et qui l'a vendue ?", ()),
        ("¿Quién escribió Guerra y paz?", ()),
        ("Сколько людей живёт в Боснии и Герцеговине?", ()),
    ],
)
def test_questions_in_other_languages(question: str, parts: tuple[str, ...]) -> None:
    assert decompose(question) == parts
