"""Ask an LLM behind a server that speaks OpenAI's protocol, through LlamaIndex."""

import os
import re
import ssl
from collections.abc import Generator
from contextlib import closing, suppress
from functools import cached_property
from typing import TYPE_CHECKING

from rag.errors import LLMError
from rag.models.llm.providers import ModelName
from rag.models.llm.timeouts import limit_stream
from rag.settings import Settings
from rag.text.hosts import is_loopback_url

if TYPE_CHECKING:
    import httpx
    from llama_index.llms.openai_like import OpenAILike

    from rag.models.llm.connection import Exchange

_ATTEMPTS = 3
_PATIENCE_SECONDS = 5.0
"""Seconds that a server may ask us to wait; for longer the answer does without it."""
_ASK_SECONDS = 3.0
"""Seconds to wait for what a server says of its models."""
_MAX_BYTES = 4_000_000
_MAX_BYTES_PER_TOKEN = 2_000
"""Bytes that an answer or a list of models may have, and so many more for each token that may be written."""
_MAX_WINDOW_TOKENS = 100_000_000
"""Tokens; a server that says more of a window says nothing."""
_PIECE = re.compile(r"\w{1,5}|[^\w\s]|\s{3,}")
"""What a tokenizer that is not known may take for a token; a letter beyond ASCII may be two more."""
_WINDOWS = ("max_model_len", "context_length", "context_window", "max_context_length", "n_ctx")
"""Where servers say how many tokens a model takes."""
_HEADERS = frozenset("host accept accept-encoding connection content-length content-type user-agent".split())
"""Headers that a server is sent beside the key."""


class ServedLLM:
    """An LLM behind a server that speaks OpenAI's protocol; safe to share between threads."""

    def __init__(self, named: ModelName, settings: Settings) -> None:
        """`named` is the model and the address of its server, which is reached when it is first asked."""
        self._named = named
        self._settings = settings
        self.name = str(named)

    @cached_property
    def window(self) -> int:
        """Context window in tokens, prompt and answer: the setting, else what the server says, else what is usual."""
        return self._settings.llm_context_tokens or self._ask_window() or self._named.window

    def prepare(self) -> None:
        """Load LlamaIndex and the client's library."""
        with self._http(self._exchange(_ASK_SECONDS, 0)) as http:
            self._llama(http)

    def count_tokens(self, text: str) -> int:
        """Count tokens by OpenAI's tokenizer for its models; for others estimate them, rather too many than too few."""
        if self._named.provider == "openai":
            from llama_index.core.utils import get_tokenizer

            return len(get_tokenizer()(text))
        return len(_PIECE.findall(text)) + 2 * sum(one > "\x7f" for one in text) + 1

    def stream(self, instructions: str, prompt: str, longest: int) -> Generator[str, None, None]:
        """Stream an answer of at most `longest` tokens, piece by piece; LLMError says in one line why it fails."""
        self._require_key()
        seconds = self._settings.llm_seconds
        exchange = self._exchange(seconds, longest)
        try:
            yield from limit_stream(
                lambda: self._stream_pieces(exchange, instructions, prompt, longest=longest),
                self._settings.llm_silence_seconds,
                seconds,
                leave=exchange.close,
            )
        except LLMError as error:
            raise LLMError(f"{self.name}: {error}") from None

    def _stream_pieces(
        self, exchange: "Exchange", instructions: str, prompt: str, *, longest: int
    ) -> Generator[str, None, None]:
        from llama_index.core.llms import ChatMessage

        from rag.models.llm.errors import explain_error, make_retrying

        messages = [ChatMessage(role="system", content=instructions), ChatMessage(role="user", content=prompt)]
        try:
            # A client of its own, so that leaving the stream hangs up.
            with self._http(exchange) as http:
                llama = self._llama(http)
                for attempt in make_retrying(_ATTEMPTS, _PATIENCE_SECONDS, exchange.closed):
                    with attempt:
                        # The server is only asked when the first piece is.
                        pieces = iter(llama.stream_chat(messages, max_tokens=longest))
                        first = next(pieces, None)
                yield (first and first.delta) or ""
                yield from (piece.delta or "" for piece in pieces)
        except Exception as error:
            raise explain_error(error, self._named, self._key()) from None

    def _ask_window(self) -> int:
        if self._named.needs_key:
            return 0
        seconds = min(_ASK_SECONDS, self._settings.llm_seconds)
        exchange = self._exchange(seconds, 0)
        # A server may say nothing of itself, and answer all the same.
        with (
            suppress(Exception),
            closing(
                limit_stream(lambda: self._read_windows(exchange), seconds, seconds, leave=exchange.close)
            ) as windows,
        ):
            return next((tokens for text in windows if 0 < (tokens := int(text)) <= _MAX_WINDOW_TOKENS), 0)
        return 0

    def _read_windows(self, exchange: "Exchange") -> Generator[str, None, None]:
        """Yield each number of tokens, as text, that the server's list of models states as the window of this model."""
        with self._http(exchange) as http:
            for model in http.get(f"{self._named.url}/models").json()["data"]:
                if model["id"] == self._named.model:
                    yield from (str(int(model[key])) for key in _WINDOWS if model.get(key))

    def _require_key(self) -> None:
        if self._named.needs_key and not self._key():
            raise LLMError(f"{self.name} needs its key in {self._named.key}")

    def _key(self) -> str:
        return os.environ.get(self._named.key, "").strip() if self._named.key else ""

    def _llama(self, http: "httpx.Client") -> "OpenAILike":
        from llama_index.llms.openai_like import OpenAILike

        return OpenAILike(
            model=self._named.model,
            api_base=self._named.url,
            api_key=self._key() or "none",
            is_chat_model=True,
            temperature=0.0,
            max_retries=0,
            timeout=self._settings.llm_silence_seconds,
            http_client=http,
        )

    def _exchange(self, seconds: float, longest: int) -> "Exchange":
        from rag.models.llm.connection import Exchange

        return Exchange(seconds, limit=_MAX_BYTES + _MAX_BYTES_PER_TOKEN * longest)

    def _http(self, exchange: "Exchange") -> "httpx.Client":
        """Make an HTTP client that follows no redirects, and takes no proxy to a server on this machine."""
        trust = not is_loopback_url(self._named.url)
        client: httpx.Client = exchange.client(
            self._settings.llm_silence_seconds, verify=self._certificates, trust_env=trust, ask=self._restrict_headers
        )
        return client

    @cached_property
    def _certificates(self) -> ssl.SSLContext:
        """Certificates to verify servers by, loaded once, as it takes longer than a short answer."""
        import httpx

        return httpx.create_ssl_context()

    def _restrict_headers(self, request: "httpx.Request") -> None:
        """Remove all but a few plain headers from a request, and set Authorization to this model's key, if any."""
        for name in [name for name in request.headers if name.lower() not in _HEADERS]:
            del request.headers[name]
        request.headers.pop("Authorization", None)
        if key := self._key():
            request.headers["Authorization"] = f"Bearer {key}"
