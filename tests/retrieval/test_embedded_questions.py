"""A question within a request or a story is found and asked directly."""

import pytest

from rag.retrieval.embedded_questions import find_question


@pytest.mark.parametrize(
    ("text", "direct"),
    [
        ("Can you tell me when the lock opened?", "When did the lock open?"),
        ("Could you please tell me whether the lock is open at night?", "Is the lock open at night?"),
        ("Do you know who runs the choir?", "Who runs the choir?"),
        ("I'd like to know why Ilse Brandt resigned.", "Why did Ilse Brandt resign?"),
        ("Please explain why the weir broke.", "Why did the weir break?"),
        ("I was wondering if you could tell me how old the bell is", "How old is the bell?"),
        ("Any idea how the leak began?", "How did the leak begin?"),
        ("Does anyone know if the inn has reopened?", "Has the inn reopened?"),
        ("Can you tell me the price of a cabin?", "What is the price of a cabin?"),
        ("Could you list all fares?", "List all fares."),
        (
            "Hi, could you tell me how many cooks quit and who replaced them? Thanks!",
            "How many cooks quit and who replaced them?",
        ),
    ],
)
def test_a_request_is_taken_off(text: str, direct: str) -> None:
    assert find_question(text).text == direct


@pytest.mark.parametrize(
    "text",
    [
        "Can you swim in the lake?",
        "Do you know the Linnet?",
        "Did Ilse Brandt say why she resigned?",
        "Will the mayor tell the council when the lock opens?",
        "Who knows how to repair the bell?",
        "Tell me about the choir",
        "What do you know about the weir?",
        "hello",
        "",
        "In which of the four years that the council of Orlow spent on the repair of the old weir did the costs rise "
        "above the three million that had been planned?",
        "Which of the singers who joined the choir of Skarn last autumn said at the fair that she would know how "
        "to tame the two geese of the mayor?",
    ],
)
def test_a_question_that_is_wrapped_in_nothing(text: str) -> None:
    assert find_question(text).text == text


@pytest.mark.parametrize(
    ("text", "direct", "plain"),
    [
        # What the question points at is named as the story names it.
        (
            "My sister spent every summer by the water and told us of the storms and of the stone pier in Port Ormen, "
            "which our father had helped to mend, and now that we are going I was wondering whether you could tell "
            "me how long that pier is today?",
            "How long is the stone pier in Port Ormen today?",
            "",
        ),
        # What names nothing may be about what the story names last, or not.
        (
            "My neighbour has read everything on that lawsuit about the stolen Brandt letters, even the parts nobody "
            "else could bear, and as we cannot agree I would like to know how many witnesses were heard, can you help?",
            "How many witnesses were heard: that lawsuit about the stolen Brandt letters?",
            "How many witnesses were heard?",
        ),
        # Two questions, and what follows them is dropped.
        (
            "We talked about boats all evening and my aunt, who never liked the new ones, asked me something, namely "
            "how long the old barge, the Linnet, took to Skarn and how long the new one takes, so could you tell me?",
            "How long did the old barge, the Linnet, take to Skarn and how long does the new one take?",
            "",
        ),
        # No verb of asking, but the question itself comes last, or first.
        (
            "My cousin is coming to see us in Orlow next weekend with her three children, and they all love old mills, "
            "so how high is the Pell Mill and is it open on Sundays?",
            "How high is the Pell Mill and is it open on Sundays?",
            "",
        ),
        (
            "How high is the stone pier in Port Ormen, because my father helped to mend it and we are planning a visit "
            "there in the spring?",
            "How high is the stone pier in Port Ormen?",
            "",
        ),
    ],
)
def test_a_question_within_a_story(text: str, direct: str, plain: str) -> None:
    found = find_question(text)
    assert (found.text, found.plain) == (direct, plain)


@pytest.mark.parametrize(
    "text",
    [
        "In the spring of 1987, when the council of Orlow had sold the old weir to the brewery of Skarn, who was the "
        "mayor of the town?",
        "The singer Ilse Brandt announced this week that she would leave the choir of Skarn after twenty long years "
        "on the stage. When did she join it?",
        "The launch of the rocket Hermes I had to be put off again on Monday because of a leak in one of its four "
        "tanks. Where will it land?",
        "If the council of Orlow had not sold the weir to the brewery of Skarn in the spring, how much would repairs "
        "have cost it?",
    ],
)
def test_what_is_told_of_nobody_here_is_part_of_the_question(text: str) -> None:
    assert find_question(text).text == text


def test_a_long_story_that_asks_nothing_is_left_as_it_is() -> None:
    story = (
        "The pier was mended by my father and the storm took it again in the same winter, which nobody had thought. "
        * 3
    )
    assert find_question(story).text == story
