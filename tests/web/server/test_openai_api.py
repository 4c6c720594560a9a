"""The OpenAI endpoint over real HTTP: what is refused before a stream begins, and who frees a slot by leaving."""

import json
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
from openai import OpenAI

from rag import Assistant
from rag.web.page import AT_ONCE
from rag.web.server.middleware import build_middleware
from rag.web.server.openai_api import MODEL
from tests.support.held_reader import HeldReader
from tests.support.page import Served, serving

QUESTION = "Which bridge over the river closed on Friday?"
MESSAGES = [{"role": "user", "content": QUESTION}]
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def page(library: Assistant) -> Iterator[Served]:
    with serving(library, build_middleware("", "", max_bytes=1_000_000, max_files=5)) as served:
        yield served


def post(page: Served, body: object, kind: str = "application/json") -> httpx.Response:
    content = json.dumps(body).encode()
    return httpx.post(f"{page.address}v1/chat/completions", content=content, headers={"content-type": kind}, timeout=30)


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"since": "yesterday"}, "'yesterday' is not a day"),
        ({"until": "2024-13-01"}, "'2024-13-01' is not a day"),
        ({"as_of": "x"}, "'x' is not a day"),
        ({"publisher": "Nobody"}, "no article is from 'Nobody'"),
    ],
    ids=str,
)
def test_a_stream_is_refused_as_a_plain_request_is(page: Served, filters: dict[str, str], said: str) -> None:
    plain, streamed = (post(page, {"messages": MESSAGES, "filters": filters, "stream": on}) for on in (False, True))
    assert (plain.status_code, streamed.status_code) == (400, 400)
    assert plain.json() == streamed.json()
    assert plain.json()["error"]["message"].startswith(said)


def test_a_bad_filter_is_refused_while_all_slots_are_taken(library: Assistant) -> None:
    reader = HeldReader()
    with serving(Assistant(library.index, reader), build_middleware("", "", max_bytes=1_000_000, max_files=5)) as page:
        others = [threading.Thread(target=post, args=(page, {"messages": MESSAGES})) for _ in range(AT_ONCE)]
        for other in others:
            other.start()
        try:
            assert all(reader.held.acquire(timeout=20) for _ in others)
            refused = post(page, {"messages": MESSAGES, "filters": {"since": "x"}, "stream": True})
        finally:
            reader.go.set()
        for other in others:
            other.join()
    assert refused.status_code == 400


@pytest.mark.parametrize(
    "kind", ["Application/JSON", "application/json; charset=utf-8", "APPLICATION/JSON ; Charset=UTF-8"]
)
def test_a_media_type_is_known_in_any_case(page: Served, kind: str) -> None:
    answer = post(page, {"messages": MESSAGES}, kind)
    assert (answer.status_code, answer.json()["object"]) == (200, "chat.completion")


@pytest.mark.parametrize("kind", ["text/plain", "application/jsonx", "application/json+x", "x; application/json", ""])
def test_another_media_type_is_refused(page: Served, kind: str) -> None:
    assert post(page, {"messages": MESSAGES}, kind).json()["error"]["message"] == "send application/json"


@pytest.mark.parametrize("stream", [False, True])
def test_an_error_repeats_little_of_a_long_input(page: Served, stream: bool) -> None:
    answer = post(page, {"messages": MESSAGES, "filters": {"publisher": "x" * 90_000}, "stream": stream})
    message = answer.json()["error"]["message"]
    assert answer.status_code == 400
    assert message.startswith("no article is from 'xxx") and message.endswith("publishers: Harbor Review, Valley Post")
    assert len(message) <= 1000


@pytest.mark.parametrize("stream", [True, False])
def test_clients_that_leave_free_their_slots(library: Assistant, stream: bool) -> None:
    reader = HeldReader()
    with (
        serving(Assistant(library.index, reader), build_middleware("", "", max_bytes=1_000_000, max_files=5)) as page,
        httpx.Client() as client,
    ):
        request = {"messages": MESSAGES, "stream": stream}
        for _ in range(AT_ONCE + 1):
            if stream:
                with client.stream("POST", f"{page.address}v1/chat/completions", json=request, timeout=30) as answer:
                    assert next(answer.iter_lines()).startswith("data: ")
            else:
                sent = threading.Thread(target=give_up, args=(f"{page.address}v1/chat/completions", request, reader))
                sent.start()
                sent.join()
        reader.go.set()
        started = time.monotonic()
        assert post(page, {"messages": MESSAGES}).json()["rag"]["answered"]
        assert time.monotonic() - started < 20


def give_up(url: str, request: object, reader: HeldReader) -> None:
    """Send a request, and hang up without waiting for its answer."""
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(url, json=request, timeout=httpx.Timeout(30, read=0.5))


TITLE = f"""### Task:
Generate a concise, 3-5 word title with an emoji summarizing the chat history.
### Output:
JSON format: {{ "title": "your concise title here" }}
### Chat History:
<chat_history>
USER: {QUESTION}
ASSISTANT: The old bridge closed. [1]
</chat_history>"""
FOLLOW_UPS = TITLE.replace(
    "Generate a concise, 3-5 word title with an emoji summarizing", "Suggest 3-5 relevant follow-up questions from"
).replace('"title": "your concise title here"', '"follow_ups": ["Question 1?"]')


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("prompt", "reply"),
    [
        (TITLE, {"title": QUESTION}),
        (FOLLOW_UPS, {"follow_ups": []}),
        (TITLE.replace("</chat_history>", "USER: And why? " * 500 + "</chat_history>"), {"title": QUESTION}),
    ],
    ids=["title", "follow-ups", "longer than a question"],
)
def test_the_housekeeping_of_a_chat_client_asks_the_articles_nothing(
    page: Served, prompt: str, reply: object, stream: bool
) -> None:
    with OpenAI(base_url=f"{page.address}v1", api_key="none", max_retries=0) as client:
        messages = [{"role": "user", "content": prompt}]
        if stream:
            chunks = list(client.chat.completions.create(model=MODEL, messages=messages, stream=True))  # type: ignore[call-overload]
            text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
            assert chunks[-1].rag["hits"] == []
        else:
            answer = client.chat.completions.create(model=MODEL, messages=messages)  # type: ignore[arg-type]
            text = answer.choices[0].message.content or ""
            assert answer.rag["hits"] == []  # type: ignore[attr-defined]
    assert json.loads(text) == reply


def test_a_question_about_a_title_is_still_asked(page: Served) -> None:
    answer = post(page, {"messages": [{"role": "user", "content": "What is the title of the article on the bridge?"}]})
    assert answer.json()["rag"]["hits"]
