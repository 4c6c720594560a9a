"""Prompts that chat clients send for themselves."""

import json
import time

import pytest

from rag.types import Message
from rag.web.server.housekeeping import reply_to

QUESTION = "Who won the marathon?"
HISTORY = (Message("user", QUESTION), Message("assistant", "Ada Pike won it. [1]"))
CHAT = f"<chat_history>\nUSER: {QUESTION}\nASSISTANT: Ada Pike won it. [1]\n</chat_history>"
TASK = "### Task:\n{task}\n### Guidelines:\n- Be concise.\n### Output:\n{form}\n### Chat History:\n" + CHAT


@pytest.mark.parametrize(
    ("task", "form", "reply"),
    [
        (
            "Generate a concise, 3-5 word title with an emoji summarizing the chat history.",
            'JSON format: { "title": "your concise title here" }',
            {"title": QUESTION},
        ),
        (
            "Generate 1-3 broad tags categorizing the main themes of the chat history.",
            'JSON format: { "tags": ["tag1", "tag2"] }',
            {"tags": []},
        ),
        (
            "Suggest 3-5 relevant follow-up questions that the user might naturally ask next.",
            'JSON format: { "follow_ups": ["Question 1?"] }',
            {"follow_ups": []},
        ),
        (
            "Analyze the chat history to determine the necessity of generating search queries.",
            'Return: { "queries": ["query1", "query2"] }',
            {"queries": [QUESTION]},
        ),
        (
            "You are an autocompletion system. Continue the text.",
            'JSON format: { "text": "<completion>" }',
            {"text": ""},
        ),
    ],
)
def test_a_task_gets_the_form_that_it_asks_for(task: str, form: str, reply: object) -> None:
    assert json.loads(reply_to(TASK.format(task=task, form=form), ()) or "") == reply


@pytest.mark.parametrize(
    "prompt",
    [
        f"Provide a concise, 5-word-or-less title for the conversation. Only return the title itself.\n\n"
        f"Conversation:\nUser: {QUESTION}\nAI: Ada Pike won it.",
        f"Create a short heading for this exchange.\n\nHuman: {QUESTION}\nAssistant: Ada Pike.",
        f"{CHAT}\n\nSummarize the above in a title of at most 6 words.",
    ],
)
def test_a_transcript_gets_its_first_question(prompt: str) -> None:
    assert reply_to(prompt, ()) == QUESTION


def test_an_order_about_the_conversation_before_it() -> None:
    prompt = "Please generate a four to five word title summarizing our conversation without any lead-in."
    assert reply_to(prompt, HISTORY) == QUESTION
    long = (Message("user", "word " * 100),)
    assert len(reply_to(prompt, long) or "") <= 60


@pytest.mark.parametrize(
    "question",
    [
        QUESTION,
        "What is the title of the chat show that won?",
        "Which title did the conversation with Ada Pike have?",
        "Generate a title for the article on the marathon.",
        "Summarize what the articles say about the marathon.",
        "Who wrote the task: find a title, or was it Bob?",
        "Create a list of names of the winners.",
        "Did the user: Ada, or the assistant: Bob, win the title?",
    ],
)
def test_a_question_about_titles_stays_a_question(question: str) -> None:
    assert reply_to(question, ()) is None
    if "conversation" not in question:
        assert reply_to(question, HISTORY) is None


@pytest.mark.parametrize(
    "unit", ["user:", "<chat>", "user:\n", "### ", '{ "a": ', "\n", " ", "generate title ", "> *_-"]
)
def test_hostile_prompts_take_no_time(unit: str) -> None:
    started = time.perf_counter()
    reply_to(unit * (100_000 // len(unit)), HISTORY)
    assert time.perf_counter() - started < 3
