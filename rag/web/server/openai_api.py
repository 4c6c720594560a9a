"""The OpenAI endpoint: `POST /v1/chat/completions` and `GET /v1/models`."""

import json
import threading
import time
import uuid
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from rag.assistant import Assistant
from rag.errors import FilterError, QuestionError, RagError
from rag.serialization import TextDeltas, passage_to_json, to_json
from rag.types import DOUBT, Answer, Citation, Filters, Message, Sentence
from rag.web.escaping import as_rag_error
from rag.web.server.health import Metrics
from rag.web.server.housekeeping import reply_to

MODEL = "ask-the-articles"
_MAX_REQUEST_BYTES = 1_000_000
"""Bytes of a request."""
_POLL_SECONDS = 2.0
"""Seconds of silence after which a client that waits for a stream is sent a comment."""
_CLIENT_CLOSED_REQUEST = 499
"""The status that nginx logs for a client that has left; nobody receives it."""
_END = object()
_ROLES = ("user", "assistant")
_FILTERS = ("publisher", "since", "until", "as_of")

Json = dict[str, object]


class BadRequest(Exception):
    """A request that cannot be answered, and why, in one line."""


@dataclass(frozen=True, slots=True)
class _ChatRequest:
    """What a request asks for, parsed and checked."""

    question: str
    history: tuple[Message, ...]
    filters: Filters
    stream: bool
    reply: str | None = None
    """What a client's own prompt gets; None for a question to the articles."""
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))


class Completions:
    """The endpoint that speaks OpenAI's protocol; a few questions are answered at once, the others wait."""

    def __init__(self, assistant: Assistant, metrics: Metrics, *, slots: int, max_question_chars: int) -> None:
        """Answer with `assistant`, at most `slots` questions at once; `metrics` count the answers."""
        self._assistant = assistant
        self._metrics = metrics
        self._max_question_chars = max_question_chars
        self._slots = threading.BoundedSemaphore(slots)

    @property
    def routes(self) -> list[Route]:
        """The routes of the endpoint."""
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
            chat = _parse_request(await _read_body(request), self._max_question_chars)
        except BadRequest as error:
            return _error_response(400, str(error))
        answers = self._answers(chat)
        try:
            if chat.stream:
                # Taken before the stream begins, so that what cannot be answered gets the status of a plain request.
                first = await run_in_threadpool(next, answers)
                return _EventStream(self._events(chat, first, answers), answers)
            answer = await self._last(answers, request)
            if answer is None:
                return Response(status_code=_CLIENT_CLOSED_REQUEST)
        except Exception as error:
            self._metrics.fail(error)
            kind = 503 if isinstance(error, RagError) else 500
            status = 400 if isinstance(error, FilterError | QuestionError) else kind
            return _error_response(status, str(as_rag_error(error)))
        self._metrics.observe(answer)
        content, annotations = render_answer(answer)
        message = {"role": "assistant", "content": content, "annotations": annotations}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return JSONResponse(_shell(chat, "chat.completion", answer) | {"choices": [choice], "rag": to_json(answer)})

    async def _last(self, answers: Generator[Answer | None, None, None], request: Request) -> Answer | None:
        """Return the complete answer; None where the client leaves, which ends the work."""
        complete = None
        with closing(answers):
            while (answer := await run_in_threadpool(next, answers, _END)) is not _END:
                if await request.is_disconnected():
                    return None
                complete = answer if isinstance(answer, Answer) else complete
        return complete

    def _answers(self, chat: _ChatRequest) -> Generator[Answer | None, None, None]:
        """Yield ever more complete answers, and None now and then while none comes."""
        if chat.reply is not None:
            yield _answer_of(chat.reply)
            return
        self._assistant.index.check_filters(chat.filters)
        with closing(self._assistant.stream(chat.question, chat.history, chat.filters)) as answers:
            yield from self._wait_for_slot()
            try:
                yield from answers.poll_each(_POLL_SECONDS)
            finally:
                self._slots.release()

    def _wait_for_slot(self) -> Iterator[None]:
        """Acquire one of the slots for answering, yielding None now and then; RagError where none is free in time."""
        end = time.monotonic() + self._assistant.settings.answer_seconds
        while not self._slots.acquire(timeout=min(_POLL_SECONDS, max(end - time.monotonic(), 0))):
            if time.monotonic() >= end:
                raise RagError("too many questions are waiting; ask again in a minute")
            yield None

    def _events(self, chat: _ChatRequest, first: Answer | None, answers: Iterator[Answer | None]) -> Iterator[str]:
        """Yield the text of an answer piece by piece as server-sent events, then its annotations, or an error."""
        text = TextDeltas()
        answer = Answer("", "")
        yield _event(_chunk(chat, answer, {"role": "assistant", "content": ""}))
        try:
            for latest in chain([first], answers):
                if latest is None:
                    # A client that has left is noticed when something is sent to it.
                    yield ": waiting\n\n"
                else:
                    answer = latest
                    if not answer.note and (added := text.add(render_answer(answer).text)):
                        yield _event(_chunk(chat, answer, {"content": added}))
            self._metrics.observe(answer)
            content, annotations = render_answer(answer)
            if rest := text.finish(content):
                yield _event(_chunk(chat, answer, {"content": rest}))
            annotations = _shift(annotations, len(text.shown) - len(content))
            yield _event(_chunk(chat, answer, {"annotations": annotations}, reason="stop") | {"rag": to_json(answer)})
        except Exception as error:
            self._metrics.fail(error)
            yield _event({"error": {"message": str(as_rag_error(error)), "type": "server_error", "code": None}})
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


def _answer_of(text: str) -> Answer:
    """Wrap the reply to a client's housekeeping prompt as an answer."""
    return Answer("", "", sentences=(Sentence(text),))


class RenderedAnswer(NamedTuple):
    """The text of an answer with its citation numbers and its note, and an annotation for each number."""

    text: str
    annotations: list[Json]


def render_answer(answer: Answer) -> RenderedAnswer:
    """Render an answer as text, with annotations that say where each number stands and what it cites."""
    cited = {citation.number: citation for citation in answer.citations}
    text = ""
    annotations: list[Json] = []
    for sentence in answer.sentences:
        text += " " * bool(text) + sentence.text + " " * bool(sentence.citations)
        for number in sentence.citations:
            if number in cited:
                annotations.append(_annotation(cited[number], len(text), len(text) + len(f"[{number}]")))
            text += f"[{number}]"
        text += f" {DOUBT}" if answer.doubts(sentence) else ""
    return RenderedAnswer(text + (f"\n\n({answer.note})" if answer.note else ""), annotations)


def _annotation(citation: Citation, start: int, end: int) -> Json:
    passage = citation.passage
    span = {"start": citation.start, "end": citation.end, "quote": citation.quote}
    known = {"start_index": start, "end_index": end, "number": citation.number} | passage_to_json(passage) | span
    return {"type": "url_citation", "url_citation": known}


def _shift(annotations: list[Json], by: int) -> list[Json]:
    """Shift the positions of annotations by a number of characters, in place, and return them."""
    for annotation in annotations:
        cited = annotation["url_citation"]
        assert isinstance(cited, dict)
        cited["start_index"] += by
        cited["end_index"] += by
    return annotations


def _shell(chat: _ChatRequest, kind: str, answer: Answer) -> Json:
    model = f"{MODEL}/{answer.model or 'extractive'}"
    return {"id": chat.id, "object": kind, "created": chat.created, "model": model}


def _chunk(chat: _ChatRequest, answer: Answer, delta: Json, *, reason: str | None = None) -> Json:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    return _shell(chat, "chat.completion.chunk", answer) | {"choices": [choice]}


def _event(value: Json) -> str:
    return f"data: {json.dumps(value, ensure_ascii=True)}\n\n"


async def _read_body(request: Request) -> Mapping[str, object]:
    # Only JSON, which a page from elsewhere cannot send without asking first.
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise BadRequest("send application/json")
    raw = await request.body()
    if len(raw) > _MAX_REQUEST_BYTES:
        raise BadRequest(f"a request may have {_MAX_REQUEST_BYTES} bytes")
    try:
        body = json.loads(raw)
    except ValueError:
        raise BadRequest("the request is not JSON") from None
    except RecursionError:
        raise BadRequest("the request is nested too deeply") from None
    if not isinstance(body, dict):
        raise BadRequest("the request is not an object")
    return body


def _parse_request(body: Mapping[str, object], max_question_chars: int) -> _ChatRequest:
    messages = body.get("messages")
    if not isinstance(messages, list) or not all(isinstance(item, dict) for item in messages):
        raise BadRequest("messages is not a list of objects with role and content")
    history = [Message(item["role"], _text(item.get("content"))) for item in messages if item.get("role") in _ROLES]
    if not history or history[-1].role != "user" or not history[-1].text.strip():
        raise BadRequest("the last message is not a question of the user")
    reply = reply_to(history[-1].text, history[:-1])
    if reply is None and len(history[-1].text) > max_question_chars:
        raise BadRequest(f"question may have {max_question_chars:,} characters, this one has {len(history[-1].text):,}")
    filters = _parse_filters(body.get("filters"))
    return _ChatRequest(
        history[-1].text.strip(), tuple(history[:-1]), filters, _parse_stream(body.get("stream")), reply
    )


def _parse_filters(filters: object) -> Filters:
    fields = {} if filters is None else filters
    if not isinstance(fields, dict):
        raise BadRequest("filters is not an object")
    values = {name: "" if fields.get(name) is None else fields[name] for name in _FILTERS}
    for name, value in values.items():
        if not isinstance(value, str):
            raise BadRequest(f"filters.{name} is not a text")
    return Filters(**{name: _unicode(value) for name, value in values.items()})


def _parse_stream(stream: object) -> bool:
    if stream is not None and not isinstance(stream, bool):
        raise BadRequest("stream is not true or false")
    return bool(stream)


def _text(content: object) -> str:
    """Return the text of a message, which may come in parts."""
    if content is None or isinstance(content, str):
        return _unicode(content or "")
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        raise BadRequest("the content of a message is neither a text nor a list of parts")
    texts = [part.get("text") for part in content if part.get("type") == "text"]
    if not all(isinstance(text, str) for text in texts):
        raise BadRequest("a part of a message is said to be text and has none")
    return _unicode(" ".join(map(str, texts)))


def _unicode(text: str) -> str:
    """Return a text as it is; BadRequest where it holds a lone surrogate, which cannot be encoded."""
    try:
        text.encode()
    except UnicodeError:
        raise BadRequest("a text holds half a character (a lone surrogate)") from None
    return text


def _error_response(status: int, message: str) -> Response:
    kind = "invalid_request_error" if status < 500 else "server_error"
    return JSONResponse({"error": {"message": message, "type": kind, "code": None}}, status)
