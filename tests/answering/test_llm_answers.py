"""Answers in prose by a real server: the same through every surface, and never worse than without one."""

import json
import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from gradio_client import Client
from openai import APIError, BadRequestError, OpenAI

from rag import Answer, Assistant, Filters, Index, LLMError, Message, Settings
from rag.cli import main
from rag.prompts import NOT_FOUND, UNSUPPORTED
from rag.serialization import to_json
from rag.testing import OverlapReader, ScriptedLLM, WordEmbedder, with_ids
from rag.types import DOUBT
from tests.conftest import ROOT
from tests.support.llm_server import Body, LlmServer, Reply, failing, llm_server, said_in
from tests.support.page import running_page
from tests.support.poisoned_articles import POISONS, Poison

QUESTION = "Why did Iraq call for ending the coalition?"
IRAQ = "Iraq starts the process of ending the U.S.-led coalition"
GOOD = (
    f"Iraq says that the coalition must leave because the justification for its existence has ended {{{IRAQ}}}. "
    f"Its office called this a “firm position” {{{IRAQ}}}."
)


def scripted(reply: str, size: int = 5, **how: object) -> Callable[[Body], Reply]:
    """Says something in which `{A title}` stands for the id of an article's passage."""

    def answer(body: Body) -> Reply:
        text = with_ids(reply, body["messages"][1]["content"])
        return Reply([text[start : start + size] for start in range(0, len(text), size)], **how)  # type: ignore[arg-type]

    return answer


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with llm_server(scripted(GOOD)) as running:
        yield running


def assistant(index: Index, server: LlmServer, **given: object) -> Assistant:
    settings = index.settings.model_copy(update={"llm": f"scripted@{server.url}", **given})
    return Assistant(index, settings=settings)


@pytest.fixture(scope="module")
def quoted(seed_index: Index) -> Answer:
    """What is answered without an LLM."""
    return Assistant(seed_index).ask(QUESTION)


# The same through every surface.


def test_the_seed_question_is_the_same_everywhere(
    seed_index: Index, server: LlmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = assistant(seed_index, server)
    answer = asked.ask(QUESTION)
    assert (answer.mode, answer.model, answer.answered) == ("llm", f"scripted@{server.url}", True)
    assert [one.support for one in answer.sentences] == ["supported", "supported"]
    assert answer.citations[0].passage.article_id == "coalition-end.md"
    assert "the justification for its existence has ended" in answer.citations[0].quote
    for citation in answer.citations:
        article = seed_index.article(citation.passage.article_id)
        assert article is not None
        assert article.text[citation.start : citation.end] == citation.quote
    told = json.loads(json.dumps(to_json(answer)))
    found = [_by_command(seed_index, server, monkeypatch)]
    with running_page(asked) as address:
        page = Client(address, verbose=False, analytics_enabled=False)
        found.append(page.predict(QUESTION, api_name="/ask"))
        page.close()
        found += _by_http(address)
    for other in found:
        for key in ("question", "query", "mode", "model", "answered", "answer", "sentences", "citations"):
            assert other[key] == told[key], key


def _by_command(index: Index, server: LlmServer, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    monkeypatch.setenv("RAG_LLM", f"scripted@{server.url}")
    folder = str(index.folder)
    done = CliRunner().invoke(main, ["--index", folder, "ask", QUESTION, "--json"])
    assert done.exit_code == 0, done.output
    shown = CliRunner().invoke(main, ["--index", folder, "ask", QUESTION])
    assert f"(written by scripted@{server.url})" in shown.stderr
    monkeypatch.delenv("RAG_LLM")
    return dict(json.loads(done.stdout))


def _by_http(address: str) -> list[dict[str, object]]:
    """The answer as a whole and as a stream, with annotations that name the same places."""
    with OpenAI(base_url=f"{address.rstrip('/')}/v1", api_key="none", max_retries=0) as client:
        assert [model.id for model in client.models.list()] == ["ask-the-articles"]
        messages = [{"role": "system", "content": "Be nice."}, {"role": "user", "content": QUESTION}]
        whole = client.chat.completions.create(model="any", messages=messages)  # type: ignore[arg-type]
        message = whole.choices[0].message
        assert message.content is not None
        _check_annotations(message.content, message.model_dump()["annotations"], whole.model_extra["rag"])  # type: ignore[index]
        text, annotations, last = "", [], None
        stream = client.chat.completions.create(model="any", messages=messages, stream=True)  # type: ignore[arg-type]
        for chunk in stream:
            text += chunk.choices[0].delta.content or ""
            annotations += chunk.choices[0].delta.model_dump().get("annotations") or []
            last = chunk
        assert last is not None
        assert last.model_extra is not None
        assert text == message.content
        assert annotations == message.model_dump()["annotations"]
        return [whole.model_extra["rag"], last.model_extra["rag"]]  # type: ignore[index]


def _check_annotations(text: str, annotations: Sequence[dict[str, object]], answer: dict[str, object]) -> None:
    assert annotations
    citations = {one["number"]: one for one in answer["citations"]}  # type: ignore[attr-defined]
    for annotation in annotations:
        assert annotation["type"] == "url_citation"
        place: dict[str, object] = annotation["url_citation"]  # type: ignore[assignment]
        assert text[place["start_index"] : place["end_index"]] == f"[{place['number']}]"  # type: ignore[misc]
        for key in ("title", "url", "quote", "start", "end", "article_id"):
            assert place[key] == citations[place["number"]][key]


# Streaming.


def test_the_stream_grows_and_comes_at_once(seed_index: Index, server: LlmServer) -> None:
    asked = assistant(seed_index, server)
    asked.ask(QUESTION)
    server.reply = scripted(GOOD, pause=0.02)
    server.sent.clear()
    first, texts = 0.0, list[str]()
    for answer in asked.stream(QUESTION):
        if answer.mode == "llm" and answer.sentences:
            first = first or time.perf_counter()
            texts.append(answer.text)
    assert len(texts) > 10
    assert all(after.startswith(before) for before, after in pairwise(texts))
    assert first < server.sent[4]  # long before the end


def test_timings_tell_waiting_from_work(seed_index: Index, server: LlmServer) -> None:
    server.reply = scripted(GOOD, pause=0.01)
    answer = assistant(seed_index, server).ask(QUESTION)
    assert list(answer.timings) == ["understand", "retrieve", "read", "llm", "check", "total"]
    assert answer.timings["llm"] > 0.2
    assert sum(list(answer.timings.values())[:-1]) == pytest.approx(answer.timings["total"], rel=0.01)


def test_a_terminal_shows_it_as_it_is_written(seed_index: Index, server: LlmServer) -> None:
    server.reply = scripted(GOOD, pause=0.05)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "rag", "--index", str(seed_index.folder), "ask", QUESTION]
    environment = os.environ | {"RAG_LLM": f"scripted@{server.url}", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=theirs, stderr=subprocess.DEVNULL, env=environment) as running:
        os.close(theirs)
        shown = b""
        while b"Iraq says" not in shown:
            shown += os.read(ours, 1000)
        written = len(server.sent)
        with suppress(OSError):  # the other end is closed
            while more := os.read(ours, 1000):
                shown += more
        assert running.wait() == 0
    os.close(ours)
    assert written < len(server.sent)
    first, *rest = shown.decode().splitlines()
    assert first.endswith("“firm position”. [1]")
    assert "[1] Iraq starts the process" in "\n".join(rest)


# No evidence, no call.


def test_without_evidence_the_llm_is_not_asked(seed_index: Index, server: LlmServer) -> None:
    answer = assistant(seed_index, server).ask("What is the capital of Peru?")
    assert (answer.answered, answer.text) == (False, NOT_FOUND)
    assert server.requests == []
    assistant(seed_index, server, llm_without_evidence=True).ask("What is the capital of Peru?")
    assert len(server.requests) == 1


def test_an_llm_that_finds_no_answer_abstains(seed_index: Index, server: LlmServer) -> None:
    server.reply = scripted("The passages do not say why.")
    answer = assistant(seed_index, server).ask(QUESTION)
    assert (answer.mode, answer.answered, answer.text, answer.citations) == ("llm", False, NOT_FOUND, ())
    assert answer.hits


# When it goes wrong.


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (failing(401), "refuses the key"),
        (failing(429, headers={"retry-after": "99"}), "at its limit"),
        (scripted(GOOD, cut_after=12), "broke off"),
        (scripted(GOOD, pause=60), "said nothing for|no answer in time"),
        (said_in(["word "], endless=True, pause=0.005), "took too long"),
        (said_in((), pings=True, pause=0.05), "said nothing for|no answer in time"),
        (said_in(()), "wrote nothing"),
        (said_in((), raw=b"<html>", kind="text/html"), "wrote nothing"),
        (said_in(["Lorem ipsum dolor sit amet."]), "support nothing"),
    ],
)
def test_the_extractive_answer_takes_its_place(
    seed_index: Index, server: LlmServer, quoted: Answer, reply: Callable[[Body], Reply], why: str
) -> None:
    server.reply = reply
    answer = assistant(seed_index, server, llm_silence_seconds=0.5, llm_seconds=1.5).ask(QUESTION)
    assert re.search(why, answer.note)
    assert answer.note.startswith("scripted@")
    assert "\n" not in answer.note
    assert replace(answer, note="", timings={}) == replace(quoted, timings={})


def test_switching_it_off_in_the_middle(seed_index: Index) -> None:
    texts, answer = list[str](), Answer("", "")
    with llm_server(scripted(GOOD, pause=0.05)) as server:
        asked = assistant(seed_index, server)
        for answer in asked.stream(QUESTION):
            texts.append(answer.text)
            if answer.mode == "llm" and answer.sentences:
                break
    server_gone = asked.ask(QUESTION)
    assert texts[-1].startswith("Iraq")
    assert server_gone.mode == "extractive"
    assert "cannot be reached" in server_gone.note


def test_switching_it_off_while_it_is_read(seed_index: Index, quoted: Answer) -> None:
    with llm_server(scripted(GOOD, pause=0.05)) as server:
        stream = assistant(seed_index, server).stream(QUESTION)
        for answer in stream:
            if answer.mode == "llm" and answer.sentences:
                break
    *_, answer = stream  # the server has stopped
    assert (answer.mode, answer.answered) == ("extractive", True)
    assert answer.text == quoted.text
    assert answer.note


def test_http_tells_of_the_change_of_course(seed_index: Index, server: LlmServer, quoted: Answer) -> None:
    server.reply = scripted(GOOD, cut_after=25)
    with running_page(assistant(seed_index, server)) as address:
        text, annotations = "", list[dict[str, object]]()
        with OpenAI(base_url=f"{address.rstrip('/')}/v1", api_key="none", max_retries=0) as client:
            messages = [{"role": "user", "content": QUESTION}]
            for chunk in client.chat.completions.create(model="any", messages=messages, stream=True):  # type: ignore[arg-type]
                text += chunk.choices[0].delta.content or ""
                annotations += chunk.choices[0].delta.model_dump().get("annotations") or []
                last = chunk
    assert text.startswith("Iraq says")
    assert "broke off" in text
    assert quoted.text in text
    assert last.model_extra is not None
    _check_annotations(text, annotations, last.model_extra["rag"])


# Sentences that nothing supports.

MIXED = GOOD + f" The coalition has 9,999 soldiers {{{IRAQ}}}."


def test_an_unsupported_sentence_is_marked_everywhere(seed_index: Index, server: LlmServer) -> None:
    server.reply = scripted(MIXED)
    asked = assistant(seed_index, server)
    answer = asked.ask(QUESTION)
    assert [one.support for one in answer.sentences] == ["supported", "supported", "unsupported"]
    assert answer.sentences[2].citations == ()
    assert answer.sentences[2].reason == "the passage does not say 9,999"
    assert answer.text.endswith(f"9,999 soldiers. {DOUBT}")
    assert DOUBT in str(answer)
    assert str(to_json(answer)["answer"]).endswith(DOUBT)
    folder = str(seed_index.folder)
    shown = CliRunner().invoke(main, ["--index", folder, "ask", QUESTION], env={"RAG_LLM": f"scripted@{server.url}"})
    assert "[not supported by the passages: the passage does not say 9,999]" in shown.stdout


def test_it_can_be_dropped_or_refused(seed_index: Index, server: LlmServer) -> None:
    server.reply = scripted(MIXED)
    dropped = assistant(seed_index, server, unsupported_claims="drop")
    assert all("9,999" not in answer.text for answer in dropped.stream(QUESTION))
    assert len(dropped.ask(QUESTION).sentences) == 2
    refused = assistant(seed_index, server, unsupported_claims="refuse")
    texts = [answer.text for answer in refused.stream(QUESTION)]
    assert set(texts) == {"", UNSUPPORTED}
    assert not refused.ask(QUESTION).answered
    server.reply = scripted(GOOD)
    assert refused.ask(QUESTION).answered


@pytest.mark.parametrize("poison", POISONS, ids=lambda poison: poison.name)
def test_an_llm_that_obeys_a_poison_is_not_believed(index: Index, tmp_path: Path, poison: Poison) -> None:
    (tmp_path / "news.txt").write_text(poison.text, encoding="utf-8")
    index.sync(tmp_path / "news.txt")
    question = f"What about this: {poison.innocent}"
    llm = ScriptedLLM(f"{poison.obeyed} {{1}}", size=3)
    asked = Assistant(index, OverlapReader(), Settings(_env_file=None, answer_threshold=0.0), llm=llm)
    live = bool(re.search(r"[<>!]|://|:", poison.forbidden))
    for answer in asked.stream(question):
        # What a client could fetch or run never shows, not even while it is written.
        assert not (live and answer.mode == "llm" and poison.forbidden in answer.text)
    assert llm.prompts
    believed = [one.text for one in answer.sentences if answer.mode == "llm" and not answer.doubts(one)]
    assert not any(poison.forbidden in text for text in believed)


# What the search and the reader make of a question, told the LLM.


def quote_likely(body: Body) -> Reply:
    """Writes what the prompt calls likely, and that the passages do not answer where it calls nothing so."""
    likely = re.search(r"<likely-\w+>\n(.*?)\n</likely-", body["messages"][1]["content"], re.S)
    return Reply([likely[1] if likely else NOT_FOUND])


@pytest.mark.parametrize(
    "question",
    [
        "How many people were hurt when the roof of the swimming hall fell in?",
        "Who pays for the repair and when does the hall open again?",
        "What does a season ticket for the hall cost now?",
    ],
)
def test_an_llm_gets_what_the_reader_would_quote(index: Index, tmp_path: Path, question: str) -> None:
    texts = {
        "roof.txt": "Swimming hall\n\nThe roof of the swimming hall in Elmsby fell in on Sunday. Nobody was hurt. "
        "The county pays for the repair. The hall opens again on 4 May.",
        "ticket.txt": "Tickets\n\nA season ticket for the swimming hall in Elmsby costs 90 euros now.",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    index.sync(tmp_path)
    quoted = Assistant(index).ask(question)
    with llm_server(quote_likely) as server:
        written = assistant(index, server).ask(question)
    assert quoted.answered
    assert written.mode == "llm"
    assert [one.text for one in written.sentences] == [one.text for one in quoted.sentences]
    assert written.parts == quoted.parts


# Follow-ups and questions of several parts.


def test_a_follow_up_is_rewritten_and_shown(seed_index: Index, server: LlmServer) -> None:
    def reply(body: Body) -> Reply:
        if body["messages"][0]["content"].startswith("You make the last question"):
            return Reply(["When was Harakat al-Nujaba founded?"])
        return Reply([with_ids("It was founded in 2013 {1}.", body["messages"][1]["content"])])

    server.reply = reply
    history = [Message("user", "Who founded Harakat al-Nujaba?"), Message("assistant", "Akram al-Kaabi. [1]")]
    answer = assistant(seed_index, server).ask("And when was that?", history)
    assert answer.query == "When was Harakat al-Nujaba founded?"
    assert any("2013" in citation.quote for citation in answer.citations)


def test_parts_are_searched_each_and_shown(index: Index, folder: Path) -> None:
    index.sync(folder)
    llm = ScriptedLLM("1. What did the mayor say about the repair?\n2. What do growers expect of the harvest?", "{1}")
    question = "What did Mayor Fell say and how did the growers respond?"
    answer = Assistant(index, OverlapReader(), llm=llm).ask(question)
    assert answer.parts == ("What did the mayor say about the repair?", "What do growers expect of the harvest?")
    without = Assistant(index, OverlapReader(), Settings(_env_file=None, answer_threshold=0.0)).ask(question)
    assert without.parts == ("What did Mayor Fell say?", "How did the growers respond?")
    assert {hit.passage.article_id for hit in without.hits[:2]} == {"bridge.md", "orchard.md"}
    assert {citation.passage.article_id for citation in without.citations} == {"bridge.md", "orchard.md"}
    assert to_json(without)["parts"] == list(without.parts)


def test_a_part_without_an_answer_is_named(seed_index: Index) -> None:
    answer = Assistant(seed_index).ask("Who founded Harakat al-Nujaba and who wrote the opera Aida?")
    assert answer.answered
    assert answer.note == "Not in these articles: Who wrote the opera Aida?"


# Bad requests over HTTP.


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenAI]:
    home = tmp_path_factory.mktemp("http")
    (home / "bridge.md").write_text("# Bridge\n\nThe old bridge over the river closed on Friday.\n")
    index = Index.open(home / "index", Settings(_env_file=None), WordEmbedder())
    index.sync(home / "bridge.md")
    with (
        running_page(Assistant(index, OverlapReader())) as address,
        OpenAI(base_url=f"{address.rstrip('/')}/v1", api_key="none", max_retries=0) as opened,
    ):
        yield opened
    index.close()


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([], "not a question"),
        ("hello", "not a list"),
        (["hello"], "not a list"),
        ([{"role": "user", "content": "  "}], "not a question"),
        ([{"role": "assistant", "content": "hello"}], "not a question"),
        ([{"role": "user", "content": "x" * 2001}], "may have 2,000 characters, this one has 2,001"),
    ],
)
def test_a_bad_request_is_one_line(client: OpenAI, messages: object, said: str) -> None:
    with pytest.raises(BadRequestError, match=said):
        client.chat.completions.create(model="any", messages=messages)  # type: ignore[call-overload]


def test_without_an_llm_http_answers_too(client: OpenAI) -> None:
    parts = [{"type": "text", "text": "Which old bridge over the river closed?"}]
    answer = client.chat.completions.create(model="any", messages=[{"role": "user", "content": parts}])  # type: ignore[list-item,misc]
    assert answer.model == "ask-the-articles/extractive"
    assert answer.choices[0].message.content == "The old bridge over the river closed on Friday. [1]"


def test_filters_and_their_faults_reach_http(client: OpenAI) -> None:
    ask = {"model": "any", "messages": [{"role": "user", "content": "Which bridge?"}]}
    with pytest.raises(BadRequestError, match="not a day"):
        client.chat.completions.create(**ask, extra_body={"filters": {"since": "soon"}})  # type: ignore[call-overload]
    with pytest.raises(APIError, match="not a day"):
        list(client.chat.completions.create(**ask, stream=True, extra_body={"filters": {"since": "soon"}}))  # type: ignore[call-overload]


def test_a_page_from_elsewhere_cannot_ask(client: OpenAI) -> None:
    import httpx

    sent = httpx.post(f"{client.base_url}chat/completions", content=b"{}", headers={"content-type": "text/plain"})
    assert sent.status_code == 400
    for body in (b"{", b"[]", b"null"):
        sent = httpx.post(
            f"{client.base_url}chat/completions", content=body, headers={"content-type": "application/json"}
        )
        assert sent.status_code == 400
        assert sent.json()["error"]["type"] == "invalid_request_error"


def test_filters_reach_the_llm(seed_index: Index, server: LlmServer) -> None:
    assistant(seed_index, server).ask(QUESTION, filters=Filters(as_of="2024-01-09"))
    assert "Today is 2024-01-09." in server.requests[0]["messages"][1]["content"]


def test_an_error_of_the_llm_is_a_rag_error() -> None:
    from rag.errors import RagError

    assert issubclass(LLMError, RagError)
