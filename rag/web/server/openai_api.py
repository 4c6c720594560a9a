"""The OpenAI endpoint: `POST /v1/chat/completions` and `GET /v1/models`."""

import json
import threading
import time
import uuid
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from rag.assistant import Assistant
from rag.errors import FilterError, QuestionError, RagError
from rag.serialization import TextDeltas, passage_to_json, to_json
from rag.types import DOUBT, Answer, Citation, Filters, Message, Sentence
from rag.web.escaping import foreseen
from rag.web.server.health import Metrics
from rag.web.server.housekeeping import reply_to

MODEL = "ask-the-articles"
_LARGEST = 1_000_000
"""Bytes of a request."""
_PATIENCE = 2.0
"""Seconds of silence after which a client that waits for a stream is sent a comment."""
_CLIENT_CLOSED_REQUEST = 499
"""The status that nginx logs for a client that has left; nobody receives it."""
_END = object()
_ROLES = ("user", "assistant")
_FILTERS = ("publisher", "since", "until", "as_of")

Json = dict[str, object]


class BadRequest(Exception):
    """What is wrong with a request, in one line."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a request asks for."""

    question: str
    history: tuple[Message, ...]
    filters: Filters
    stream: bool
    reply: str | None = None
    """What a client's own prompt gets; None for a question to the articles."""
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))


class Completions:
    """Answers requests of OpenAI's protocol, so many at once; the others wait."""

    def __init__(self, assistant: Assistant, at_once: int, longest: int, metrics: Metrics) -> None:
        """`longest` is how many characters a question may have."""
        self._assistant = assistant
        self._metrics = metrics
        self._longest = longest
        self._free = threading.BoundedSemaphore(at_once)

    @property
    def routes(self) -> list[Route]:
        """What a server must route here."""
        return [
            Route("/v1/chat/completions", self._complete, methods=["POST"]),
            Route("/v1/models", self._models, methods=["GET"]),
        ]

    async def _models(self, _request: Request) -> Response:
        return JSONResponse(
            {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 0, "owned_by": "rag"}]}
        )

    async def _complete(self, request: Request) -> Response:
        try:
            wanted = _wanted(await _body(request), self._longest)
        except BadRequest as error:
            return _failed(400, str(error))
        answers = self._answers(wanted)
        try:
            if wanted.stream:
                # Taken before the stream begins, so that what cannot be answered gets the status of a plain request.
                first = await run_in_threadpool(next, answers)
                return _EventStream(self._events(wanted, first, answers), answers)
            answer = await self._last(answers, request)
            if answer is None:
                return Response(status_code=_CLIENT_CLOSED_REQUEST)
        except Exception as error:
            self._metrics.fail(error)
            kind = 503 if isinstance(error, RagError) else 500
            status = 400 if isinstance(error, FilterError | QuestionError) else kind
            return _failed(status, str(foreseen(error)))
        self._metrics.observe(answer)
        content, annotations = told(answer)
        message = {"role": "assistant", "content": content, "annotations": annotations}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return JSONResponse(_shell(wanted, "chat.completion", answer) | {"choices": [choice], "rag": to_json(answer)})

    async def _last(self, answers: Generator[Answer | None, None, None], request: Request) -> Answer | None:
        """Return the complete answer; None where the client leaves, which ends the work."""
        complete = None
        with closing(answers):
            while (answer := await run_in_threadpool(next, answers, _END)) is not _END:
                if await request.is_disconnected():
                    return None
                complete = answer if isinstance(answer, Answer) else complete
        return complete

    def _answers(self, wanted: _Wanted) -> Generator[Answer | None, None, None]:
        """Yield ever more complete answers, and None now and then while none comes."""
        if wanted.reply is not None:
            yield _replied(wanted.reply)
            return
        self._assistant.index.check_filters(wanted.filters)
        with closing(self._assistant.stream(wanted.question, wanted.history, wanted.filters)) as answers:
            yield from self._wait_for_slot()
            try:
                yield from answers.poll_each(_PATIENCE)
            finally:
                self._free.release()

    def _wait_for_slot(self) -> Iterator[None]:
        """Acquire one of the slots in which questions are answered, yielding None now and then until one is free."""
        end = time.monotonic() + self._assistant.settings.answer_seconds
        while not self._free.acquire(timeout=min(_PATIENCE, max(end - time.monotonic(), 0))):
            if time.monotonic() >= end:
                raise RagError("too many questions are waiting; ask again in a minute")
            yield None

    def _events(self, wanted: _Wanted, first: Answer | None, answers: Iterator[Answer | None]) -> Iterator[str]:
        """The answer as it grows, as server-sent events."""
        text, answer = TextDeltas(), Answer("", "")
        yield _event(_chunk(wanted, answer, {"role": "assistant", "content": ""}))
        try:
            for now in chain([first], answers):
                if now is None:
                    # A client that has left is noticed when something is sent to it.
                    yield ": waiting\n\n"
                else:
                    answer = now
                    if not answer.note and (added := text.add(told(answer)[0])):
                        yield _event(_chunk(wanted, answer, {"content": added}))
            self._metrics.observe(answer)
            content, annotations = told(answer)
            if rest := text.finish(content):
                yield _event(_chunk(wanted, answer, {"content": rest}))
            annotations = _moved(annotations, len(text.shown) - len(content))
            yield _event(_chunk(wanted, answer, {"annotations": annotations}, "stop") | {"rag": to_json(answer)})
        except Exception as error:
            self._metrics.fail(error)
            yield _event({"error": {"message": str(foreseen(error)), "type": "server_error", "code": None}})
        yield "data: [DONE]\n\n"


class _EventStream(StreamingResponse):
    """Server-sent events made of the answers of a generator, which is closed when the client leaves."""

    def __init__(self, events: Iterator[str], answers: Generator[Answer | None, None, None]) -> None:
        super().__init__(events, media_type="text/event-stream")
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The traceback of the cancellation keeps the generators from being dropped, and with them the slot.
        with closing(self._answers):
            await super().__call__(scope, receive, send)


def _replied(text: str) -> Answer:
    return Answer("", "", sentences=(Sentence(text),))


def told(answer: Answer) -> tuple[str, list[Json]]:
    """The text of an answer with its numbers and its note, and where each number stands and what it cites."""
    cited = {citation.number: citation for citation in answer.citations}
    text, annotations = "", list[Json]()
    for sentence in answer.sentences:
        text += " " * bool(text) + sentence.text + " " * bool(sentence.citations)
        for number in sentence.citations:
            if number in cited:
                annotations.append(_annotation(cited[number], len(text), len(text) + len(f"[{number}]")))
            text += f"[{number}]"
        text += f" {DOUBT}" if answer.doubts(sentence) else ""
    return text + (f"\n\n({answer.note})" if answer.note else ""), annotations


def _annotation(citation: Citation, start: int, end: int) -> Json:
    passage = citation.passage
    place = {"start": citation.start, "end": citation.end, "quote": citation.quote}
    known = {"start_index": start, "end_index": end, "number": citation.number} | passage_to_json(passage) | place
    return {"type": "url_citation", "url_citation": known}


def _moved(annotations: list[Json], by: int) -> list[Json]:
    """The annotations of a text before which so many other characters were sent."""
    for annotation in annotations:
        place = annotation["url_citation"]
        assert isinstance(place, dict)
        place["start_index"] += by
        place["end_index"] += by
    return annotations


def _shell(wanted: _Wanted, kind: str, answer: Answer) -> Json:
    model = f"{MODEL}/{answer.model or 'extractive'}"
    return {"id": wanted.id, "object": kind, "created": wanted.created, "model": model}


def _chunk(wanted: _Wanted, answer: Answer, delta: Json, reason: str | None = None) -> Json:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    return _shell(wanted, "chat.completion.chunk", answer) | {"choices": [choice]}


def _event(value: Json) -> str:
    return f"data: {json.dumps(value, ensure_ascii=True)}\n\n"


async def _body(request: Request) -> Mapping[str, object]:
    # Only JSON, which a page from elsewhere cannot send without asking first.
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise BadRequest("send application/json")
    raw = await request.body()
    if len(raw) > _LARGEST:
        raise BadRequest(f"a request may have {_LARGEST} bytes")
    try:
        body = json.loads(raw)
    except ValueError:
        raise BadRequest("the request is not JSON") from None
    except RecursionError:
        raise BadRequest("the request is nested too deeply") from None
    if not isinstance(body, dict):
        raise BadRequest("the request is not an object")
    return body


def _wanted(body: Mapping[str, object], longest: int) -> _Wanted:
    messages = body.get("messages")
    if not isinstance(messages, list) or not all(isinstance(one, dict) for one in messages):
        raise BadRequest("messages is not a list of objects with role and content")
    said = [Message(one["role"], _text(one.get("content"))) for one in messages if one.get("role") in _ROLES]
    if not said or said[-1].role != "user" or not said[-1].text.strip():
        raise BadRequest("the last message is not a question of the user")
    reply = reply_to(said[-1].text, said[:-1])
    if reply is None and len(said[-1].text) > longest:
        raise BadRequest(f"question may have {longest:,} characters, this one has {len(said[-1].text):,}")
    chosen = _chosen(body.get("filters"))
    return _Wanted(said[-1].text.strip(), tuple(said[:-1]), chosen, _streams(body.get("stream")), reply)


def _chosen(filters: object) -> Filters:
    given = {} if filters is None else filters
    if not isinstance(given, dict):
        raise BadRequest("filters is not an object")
    values = {name: "" if given.get(name) is None else given[name] for name in _FILTERS}
    for name, value in values.items():
        if not isinstance(value, str):
            raise BadRequest(f"filters.{name} is not a text")
    return Filters(**{name: _unicode(value) for name, value in values.items()})


def _streams(stream: object) -> bool:
    if stream is not None and not isinstance(stream, bool):
        raise BadRequest("stream is not true or false")
    return bool(stream)


def _text(content: object) -> str:
    """The text of a message, which may come in parts."""
    if content is None or isinstance(content, str):
        return _unicode(content or "")
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        raise BadRequest("the content of a message is neither a text nor a list of parts")
    texts = [part.get("text") for part in content if part.get("type") == "text"]
    if not all(isinstance(text, str) for text in texts):
        raise BadRequest("a part of a message is said to be text and has none")
    return _unicode(" ".join(map(str, texts)))


def _unicode(text: str) -> str:
    """Check that a text has no half of a character, which nothing could write down."""
    try:
        text.encode()
    except UnicodeError:
        raise BadRequest("a text holds half a character (a lone surrogate)") from None
    return text


def _failed(status: int, message: str) -> Response:
    kind = "invalid_request_error" if status < 500 else "server_error"
    return JSONResponse({"error": {"message": message, "type": kind, "code": None}}, status)
