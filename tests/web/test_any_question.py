"""No question stops anything: hostile ones in every script, through every door, against one page."""

import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from gradio_client import Client

from rag.assistant import Assistant
from rag.cli import main
from rag.errors import QuestionError
from rag.models.reader import open_reader
from rag.serialization import to_json
from tests.support.page import running_page
from tests.web.server.test_programs import _call, _said

_UNITS = (
    "中",
    "東京の橋はいつ閉まりましたか。",
    "สะพานปิดเมื่อไร",
    "متى أغلق الجسر؟ ",
    "पुल कब बंद हुआ? ",
    "다리가 ",
    "ﷺ",
    "👩\u200d👩\u200d👧",
    "a\u0301\u0302\u0303",
    "\ud800",
    "\x00",
    "\x1b[31m",
    "\u202e",
    "\u200b",
    "[",
    "(",
    "{",
    "<",
    "\\",
    '"',
    "'",
    "?",
    ". ",
    "\n",
    "\t",
    "http://a.b/" + "q%20" * 9,
    "YWJjZGVm",
    "A ",
    "both A and B ",
    "what and who ",
    "Jan 1 ",
    "2020 to ",
    "1,",
    "$1",
    "not ",
    "a" * 60,
)
_RANDOM = random.Random(7)
HOSTILE = [
    *((unit * (1 + 1990 // len(unit)))[:1990] for unit in _UNITS),
    *("".join(_RANDOM.choices("".join(_UNITS), k=length)) for length in (200, 800, 2000)),
    *("Which bridge closed? " + unit * 150 for unit in ("中", "[", "ก", "é")),
    *("中" * length for length in (93, 94, 95, 188, 189, 190, 285, 286)),
    "",
    " ",
    "\x00",
    "中" * 100_000,
    "[" * 100_000,
    " " * 100_000,
]


@pytest.fixture(scope="module")
def reading(library: Assistant) -> Assistant:
    """Three articles under the reader in the box."""
    return Assistant(library.index, open_reader())


@pytest.fixture(scope="module")
def address(reading: Assistant) -> Iterator[str]:
    with running_page(reading) as served:
        yield served


def test_python_answers_or_says_why_not(reading: Assistant) -> None:
    assert len(HOSTILE) >= 50
    for question in HOSTILE:
        if len(question) > 2000:
            with pytest.raises(QuestionError, match=r"^question may have 2,000 characters, this one has [\d,]+$"):
                reading.ask(question)
        else:
            answer = reading.ask(question)
            json.dumps(to_json(answer), ensure_ascii=False).encode()
            assert answer.sentences


def test_a_long_question_is_read_at_its_beginning_and_the_note_says_so(reading: Assistant) -> None:
    asked = "Which bridge over the river closed on Friday?"
    assert "beginning" not in reading.ask(asked).note
    assert "only the beginning of this long question was read" in reading.ask(asked + " 中" * 200).note


def test_the_command_line_answers_or_says_why_not(
    reading: Assistant, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("rag.cli.ask_commands.open_assistant", lambda: reading)
    for question in HOSTILE:
        done = CliRunner().invoke(main, ["ask", "--json", "--", question])
        assert done.exit_code in (0, 2), (question[:20], done.exception)
        assert done.exception is None or isinstance(done.exception, SystemExit)


def test_programs_get_an_answer_or_a_line(address: str) -> None:
    with httpx.Client(timeout=60) as client:
        for question in HOSTILE:
            body = json.dumps({"messages": [{"role": "user", "content": question}]})
            headers = {"content-type": "application/json"}
            sent = client.post(f"{address}v1/chat/completions", content=body, headers=headers)
            assert sent.status_code in (200, 400), (question[:20], sent.text[:200])
            told = sent.json()["choices"][0] if sent.is_success else sent.json()["error"]
            assert told["message"]
        streamed = client.post(f"{address}v1/chat/completions", content=body.replace("{", '{"stream": true, ', 1))
        assert streamed.status_code == 400


def test_models_and_the_page_get_an_answer_or_a_line(address: str) -> None:
    opened = Client(address, verbose=False, analytics_enabled=False)
    for question in HOSTILE[::4]:
        sent = httpx.post(
            f"{address}gradio_api/run/ask",
            timeout=60,
            headers={"content-type": "application/json"},
            content=json.dumps({"data": [question, "", "", ""]}),
        )
        assert sent.is_success or sent.json()["error"].isprintable(), question[:20]
    for question in ("中" * 200, "[" * 200, "👩\u200d👩\u200d👧" * 90):
        assert _said(_call(address, "ask", question=question))
    assert opened.predict("Which bridge closed on Friday?", api_name="/ask")["answered"]
    opened.close()


def test_the_same_question_has_the_same_answer(reading: Assistant) -> None:
    def told(question: str) -> str:
        return json.dumps({**to_json(reading.ask(question)), "timings": None}, sort_keys=True)

    asked = ["Which bridge closed on Friday?", "Why will the library stay open?", "What did the frost destroy?"] * 7
    with ThreadPoolExecutor(8) as busy:
        together = list(busy.map(told, asked))
    assert together == [told(question) for question in asked]
