"""Comparisons are taken apart into a question for the value of each thing."""

import pytest

from rag.retrieval.comparisons import ask_for_values
from rag.retrieval.pairs import ask_of_each


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        # Which is …er, the one or the other?
        (
            "Who pays its potters more, Orlow Kilns or Skarn Clay?",
            ("How much does Orlow Kilns pay its potters?", "How much does Skarn Clay pay its potters?"),
        ),
        (
            "Who gives pupils more milk, Orlow or Skarn?",
            ("How much milk does Orlow give pupils?", "How much milk does Skarn give pupils?"),
        ),
        (
            "Which dairy paid farmers less, Orlow or Skarn?",
            ("How much did Orlow pay farmers?", "How much did Skarn pay farmers?"),
        ),
        ("Which is deeper, Lake Ormen or the Tarn?", ("How deep is Lake Ormen?", "How deep is the Tarn?")),
        ("Which barge is older: the Linnet or the Wren?", ("How old is the Linnet?", "How old is the Wren?")),
        ("Who was younger, Ilse Brandt or Dov Marek?", ("How old was Ilse Brandt?", "How old was Dov Marek?")),
        ("Which is the bigger, the mill or the inn?", ("How big is the mill?", "How big is the inn?")),
        (
            "Which is heaviest, the bell, the gong or the drum?",
            ("How heavy is the bell?", "How heavy is the gong?", "How heavy is the drum?"),
        ),
        ("Which is closer to Orlow, Skarn or Pell?", ("How far is Skarn from Orlow?", "How far is Pell from Orlow?")),
        (
            "Which of Brandt's novels is longer, Salt or Ash Wednesday?",
            ("How long is Salt?", "How long is Ash Wednesday?"),
        ),
        (
            "Which is cheaper, a day pass or a bus ticket?",
            ("How much does a day pass cost?", "How much does a bus ticket cost?"),
        ),
        ("Of the Linnet and the Wren, which is slower?", ("How fast is the Linnet?", "How fast is the Wren?")),
        ("Which of the mill and the inn is older?", ("How old is the mill?", "How old is the inn?")),
        ("Which is quicker, the lift or bus 9?", ("How long does the lift take?", "How long does bus 9 take?")),
        # Other verbs.
        (
            "Which barge carries more gravel, the Linnet or the Wren?",
            ("How much gravel does the Linnet carry?", "How much gravel does the Wren carry?"),
        ),
        (
            "Which inn had fewer beds, the Swan or the Crown?",
            ("How many beds did the Swan have?", "How many beds did the Crown have?"),
        ),
        (
            "Who won more seats, the Greens or Labour?",
            ("How many seats did the Greens win?", "How many seats did Labour win?"),
        ),
        (
            "Who laid off more cooks, Orlow or Skarn?",
            ("How many cooks did Orlow lay off?", "How many cooks did Skarn lay off?"),
        ),
        (
            "Which weighs more, the bell or the gong?",
            ("How much does the bell weigh?", "How much does the gong weigh?"),
        ),
        (
            "Which lasts longer, the play or the opera?",
            ("How long does the play last?", "How long does the opera last?"),
        ),
        ("Which opened first, the lock or the canal?", ("When did the lock open?", "When did the canal open?")),
        ("Which mine was explored earlier, Pell or Skarn?", ("When was Pell explored?", "When was Skarn explored?")),
        ("Which team explored Pell earlier, Orlow or Skarn?", ()),
        (
            "Which has the larger port, Orlow or Skarn?",
            ("How large is the port of Orlow?", "How large is the port of Skarn?"),
        ),
        (
            "Who got the higher fine, Brandt or Marek?",
            ("How high a fine did Brandt get?", "How high a fine did Marek get?"),
        ),
        (
            "Which band was formed first The Gulls or Wet Paint?",
            ("When were The Gulls formed?", "When was Wet Paint formed?"),
        ),
        # Yes or no.
        ("Is the new lift faster than bus 9?", ("How fast is the new lift?", "How fast is bus 9?")),
        ("Is the Linnet longer or shorter than the Wren?", ("How long is the Linnet?", "How long is the Wren?")),
        ("Was Gale Ida or Gale Otto the stronger one?", ("How strong was Gale Ida?", "How strong was Gale Otto?")),
        (
            "Is the new hall more expensive than the old one?",
            ("How much does the new hall cost?", "How much does the old hall cost?"),
        ),
        ("Is Orlow's budget bigger than Skarn's?", ("How big is Orlow's budget?", "How big is Skarn's budget?")),
        (
            "Is the harbour of Orlow bigger than that of Skarn?",
            ("How big is the harbour of Orlow?", "How big is the harbour of Skarn?"),
        ),
        (
            "Does the Linnet carry more cars than the Wren?",
            ("How many cars does the Linnet carry?", "How many cars does the Wren carry?"),
        ),
        ("Did the lock or the canal open earlier?", ("When did the lock open?", "When did the canal open?")),
        ("Was it the Linnet or the Wren that sank first?", ("When did the Linnet sink?", "When did the Wren sink?")),
        (
            "Are there more beds in the Swan than in the Crown?",
            ("How many beds are there in the Swan?", "How many beds are there in the Crown?"),
        ),
        ("Were there more goats or sheep at the fair?", ()),
        (
            "Were there more goats or cows at the fair?",
            ("How many goats were there at the fair?", "How many cows were there at the fair?"),
        ),
        # One thing at two times or places.
        (
            "Did Orlow sell more eels in May than in June?",
            ("How many eels did Orlow sell in May?", "How many eels did Orlow sell in June?"),
        ),
        (
            "Was the turnout higher in Orlow or in Skarn?",
            ("How high was the turnout in Orlow?", "How high was the turnout in Skarn?"),
        ),
    ],
)
def test_a_comparison_asks_for_the_value_of_each(question: str, parts: tuple[str, ...]) -> None:
    assert ask_for_values(question) == parts


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "Did both the Orlow Mail and Skarn Radio report the leak?",
            ("Did the Orlow Mail report the leak?", "Did Skarn Radio report the leak?"),
        ),
        (
            "Are Ilse Brandt and Dov Marek both German pilots?",
            ("Is Ilse Brandt a German pilot?", "Is Dov Marek a German pilot?"),
        ),
        (
            "Which school did both Ilse Brandt and Dov Marek attend?",
            ("Which school did Ilse Brandt attend?", "Which school did Dov Marek attend?"),
        ),
        ("How much did Orlow and Skarn each pay?", ("How much did Orlow pay?", "How much did Skarn pay?")),
        ("How old are Ilse Brandt and Dov Marek?", ("How old is Ilse Brandt?", "How old is Dov Marek?")),
        (
            "Were Ilse Brandt and Dov Marek born in the same town?",
            ("In what town was Ilse Brandt born?", "In what town was Dov Marek born?"),
        ),
        (
            "Do the mill and the inn have the same owner?",
            ("What is the owner of the mill?", "What is the owner of the inn?"),
        ),
        (
            "Are Brandt and Marek members of the same choir?",
            ("What choir is Brandt a member of?", "What choir is Marek a member of?"),
        ),
        (
            "Do the Orlow Mail and the Skarn Echo agree on how many people came?",
            (
                "According to the Orlow Mail, how many people came?",
                "According to the Skarn Echo, how many people came?",
            ),
        ),
        (
            "What is the difference in length between the Linnet and the Wren?",
            ("What is the length of the Linnet?", "What is the length of the Wren?"),
        ),
        (
            "Compare what Brandt said about the leak in March and in July 2023.",
            ("What did Brandt say about the leak in March 2023?", "What did Brandt say about the leak in July 2023?"),
        ),
        (
            "Compare the fares of the Linnet and the Wren.",
            ("What are the fares of the Linnet?", "What are the fares of the Wren?"),
        ),
        ("Compare the size of Orlow with that of Skarn.", ("What is the size of Orlow?", "What is the size of Skarn?")),
        ("Compare Orlow's budget with Skarn's.", ("What is Orlow's budget?", "What is Skarn's budget?")),
    ],
)
def test_what_is_asked_of_both_is_asked_of_each(question: str, parts: tuple[str, ...]) -> None:
    assert ask_of_each(question) == parts


@pytest.mark.parametrize(
    "question",
    [
        "Which of the two barges is longer?",
        "Which is the winner, Orlow or Skarn?",
        "Is the weir higher than 40 metres?",
        "Was the lift cheaper than planned?",
        "Was the harvest bigger than last year?",
        "Is it older than a century?",
        "Is the mayor younger than she looks?",
        "Is it better to go by boat or by bus?",
        "More than how many people live in Orlow or Skarn?",
        "Which two barges carry more than 200 cars or lorries?",
        "Who founded the first theatre in Bosnia and Herzegovina?",
        "When did Orlow and Skarn sign the treaty?",
        "What do the poets Brandt and Marek have in common?",
        "Where were Ilse and Dov coming from?",
        "Where are eels and herrings sold at the same time?",
        "How old are the two defendants in the eel trial?",
        "What did Orlow and Skarn promise each other?",
        "Compare the Linnet and the Wren.",
        "Was the mill or the inn a better place for the fair?",
        "Where are the Lune and Orm Bridges?",
        "Is the river higher?",
        "",
        "or",
        "than",
    ],
)
def test_what_compares_no_two_things_is_left_as_it_is(question: str) -> None:
    assert ask_of_each(question) == ()
    assert ask_for_values(question) == ()
