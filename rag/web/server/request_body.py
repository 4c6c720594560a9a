"""Bound the body of a request, and check an upload as it comes: whole, and with a name for each file."""

import re
from pathlib import PurePath

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.web.server.malformed_requests import refusal


class BodyError(Exception):
    """Why a body is refused, in one line."""

    def __init__(self, line: str, status: int) -> None:
        """Take the reason, as one line, and the HTTP status of the answer."""
        super().__init__(line)
        self.status = status


class BoundedRequest:
    """One request, which is refused where its body becomes too large or turns out to be a broken upload."""

    def __init__(self, headers: Headers, *, max_bytes: int, max_files: int, must_hold_files: bool) -> None:
        """Bound a body to `max_bytes`, and a multipart one to `max_files`.

        `must_hold_files` is for uploads: a multipart body needs at least one file then, and each file a name.
        """
        self._max_bytes = max_bytes
        self._received_bytes = 0
        announced = headers.get("content-length", "")
        self._announced_bytes = int(announced) if re.fullmatch("[0-9]{1,18}", announced) else 0
        boundary = parse_options_header(headers.get("content-type"))[1].get(b"boundary")
        self._form = MultipartForm(boundary, max_files, must_hold_files=must_hold_files) if boundary else None
        self._is_answered = False
        self._is_refused = False

    async def run(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on to `app`; once its body is refused, say why to the client and a disconnect to `app`."""

        async def receive_bounded() -> Message:
            message: Message = {"type": "http.disconnect"} if self._is_refused else await receive()
            if message["type"] != "http.request":
                return message
            try:
                self._check(message.get("body", b""), is_last=not message.get("more_body"))
            except BodyError as error:
                self._is_refused = True
                if not self._is_answered:
                    await refusal(error.status, str(error), {"Connection": "close"})(scope, receive, send)
                return {"type": "http.disconnect"}
            return message

        async def answer(message: Message) -> None:
            if not self._is_refused:
                self._is_answered = True
                await send(message)

        try:
            await app(scope, receive_bounded, answer)
        except Exception:
            if not self._is_refused:
                raise

    def _check(self, chunk: bytes, *, is_last: bool) -> None:
        self._received_bytes += len(chunk)
        if max(self._received_bytes, self._announced_bytes) > self._max_bytes:
            raise BodyError(f"a request may have {self._max_bytes} bytes", 413)
        if self._form is not None:
            self._form.feed(chunk)
            if is_last:
                self._form.finish()


class MultipartForm:
    """The parts of one multipart body as they come, of which nothing is kept."""

    def __init__(self, boundary: bytes, max_files: int, *, must_hold_files: bool) -> None:
        """Parse parts that `boundary` separates; `must_hold_files` asks for at least one file, each with a name."""
        self._max_files = max_files
        self._must_hold_files = must_hold_files
        self._files = 0
        self._is_complete = False
        self._name = bytearray()
        self._disposition = b""
        self._value = bytearray()
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._add_to_name,
                "on_header_value": self._add_to_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._check_part,
                "on_end": self._end,
            },
        )

    def feed(self, chunk: bytes) -> None:
        """Parse a piece of the body; BodyError where it shows that the body must be refused."""
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise BodyError("the form cannot be read: it is no multipart/form-data", 400) from None

    def finish(self) -> None:
        """Check what only the end of the body shows: BodyError where it is cut off, or lacks the file it must hold."""
        if not self._is_complete:
            raise BodyError("the form is cut off: the line that ends it is missing", 400)
        if self._must_hold_files and not self._files:
            raise BodyError("the upload holds no file", 400)

    def _begin_part(self) -> None:
        self._disposition = b""

    def _add_to_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _add_to_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._name.lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def _check_part(self) -> None:
        name = parse_options_header(self._disposition)[1].get(b"filename")
        if name is None:
            return
        self._files += 1
        if self._files > self._max_files:
            raise BodyError(f"a request may have {self._max_files} files", 413)
        if self._must_hold_files and not PurePath(name.decode("utf-8", "replace")).name.strip(" ."):
            raise BodyError("a file of the upload has no name", 400)

    def _end(self) -> None:
        self._is_complete = True
