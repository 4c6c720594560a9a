"""Translate errors of an LLM server: whether to retry, and one line for a person."""

import json
import threading

import httpx
import openai
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential_jitter
from tenacity.nap import sleep_using_event

from rag.errors import LLMError
from rag.models.llm.providers import ModelName
from rag.models.llm.secrets import redact_secret
from rag.text.printable import printable

_MAX_MESSAGE_CHARS = 160
"""Characters of a server's own words that are passed on."""
_MAX_SEARCHED_CHARS = 20_000
"""Characters of them that are looked through for the key."""
_backoff = wait_exponential_jitter(multiplier=0.3, max=2)


def make_retrying(attempts: int, patience: float, given_up: threading.Event) -> Retrying:
    """Make a policy of at most `attempts` tries, after rate limits and failures of the server, until `given_up` is set.

    Where the server asks to wait longer than `patience` seconds, or a quota is used up, there is no further try.
    """

    def may_pass(error: BaseException) -> bool:
        if given_up.is_set() or (isinstance(error, openai.APIStatusError) and not _requested_wait(error) <= patience):
            return False
        if isinstance(error, openai.RateLimitError):
            return error.code != "insufficient_quota"
        return isinstance(error, openai.APIStatusError) and (
            error.status_code >= 500 or error.status_code in (408, 409)
        )

    return Retrying(
        retry=retry_if_exception(may_pass),
        stop=stop_after_attempt(attempts),
        wait=_pause,
        sleep=sleep_using_event(given_up),
        reraise=True,
    )


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = _requested_wait(error) if isinstance(error, openai.APIStatusError) else 0.0
    return max(asked, _backoff(state))


def _requested_wait(error: openai.APIStatusError) -> float:
    """Return the seconds that the server asks to wait, 0 where it says nothing that can be read."""
    try:
        return float(error.response.headers.get("retry-after", 0))
    except ValueError:
        return 0.0


def explain_error(error: Exception, named: ModelName, key: str) -> LLMError:
    """Translate an error into an LLMError of one line, without the key; an LLMError that caused it is returned."""
    for cause in (error, error.__cause__, error.__context__):
        if isinstance(cause, LLMError):  # a limit that struck below the client's library
            return cause
    return LLMError(_describe(error, named, key))


def _describe(error: Exception, named: ModelName, key: str) -> str:
    match error:
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return f"the server refuses the key; set {named.key or 'its key'}"
        case openai.NotFoundError():
            return f"the server at {named.url} has no model {named.model!r}, or speaks another protocol; change RAG_LLM"
        case openai.RateLimitError():
            return "the server is at its limit; try again later"
        case openai.APITimeoutError() | httpx.TimeoutException():
            return f"no answer in time from {named.url}"
        case openai.APIConnectionError():
            return f"cannot be reached at {named.url}; start it, or change RAG_LLM"
        case openai.APIStatusError():
            return f"the server failed with status {error.status_code}: {_sanitise_server_message(error, key)}"
        case openai.APIError():
            return f"the server broke off: {_sanitise(error.message, key)}"
        case httpx.HTTPError():
            return "the connection broke off"
        case json.JSONDecodeError() | UnicodeDecodeError() | openai.APIResponseValidationError():
            return f"what {named.url} sends is not OpenAI's protocol"
    return f"what it sends cannot be read ({type(error).__name__})"


def _sanitise_server_message(error: openai.APIStatusError, key: str) -> str:
    body = error.body
    return _sanitise(body.get("message") if isinstance(body, dict) else error.message, key)


def _sanitise(message: object, key: str) -> str:
    """Sanitise a server's message for one line on a terminal: redact the key, then cut it to what is shown."""
    text = redact_secret(str(message)[:_MAX_SEARCHED_CHARS], key)
    return printable(" ".join(text.split())[:_MAX_MESSAGE_CHARS], many_lines=False)
