"""Run an LLM of transformers in this process, from a folder or the hub."""

import os
import threading
from collections.abc import Generator
from functools import cached_property
from typing import Any

from rag.errors import LLMError
from rag.models.devices import require_device
from rag.models.llm.providers import ModelName
from rag.models.llm.timeouts import timely
from rag.models.tokenizer_errors import tokenizer_errors
from rag.settings import Settings
from rag.text.printable import printable


class LocalLLM:
    """Writes on the processor, or on a GPU where there is one; one question at a time, the others wait.

    It speaks to transformers itself: LlamaIndex's class for such models hangs when the generation fails, cannot be
    stopped, and ignores how much is to be written.
    """

    def __init__(self, named: ModelName, settings: Settings) -> None:
        """`named` is the folder or hub name of a model, which is loaded when it is first asked."""
        self._named = named
        self._settings = settings
        self._lock = threading.Lock()
        self.name = str(named)

    @cached_property
    def window(self) -> int:
        """Tokens of a prompt and its answer: the setting, at most what the model was made for."""
        made_for = int(getattr(self._model.config, "max_position_embeddings", 0) or self._named.window)
        return min(self._settings.llm_context_tokens or made_for, made_for)

    def prepare(self) -> None:
        """Load the weights."""
        _ = self._model

    def count_tokens(self, text: str) -> int:
        """Count tokens by the model's own tokenizer."""
        with tokenizer_errors(LLMError):
            return len(self._tokenizer.encode(text, add_special_tokens=False))

    def stream(self, instructions: str, prompt: str, longest: int) -> Generator[str, None, None]:
        """Stream an answer piece by piece; LLMError says in one line why it does not answer."""
        try:
            yield from timely(
                lambda: self._pieces(instructions, prompt, longest),
                self._settings.llm_silence_seconds,
                self._settings.llm_seconds,
            )
        except LLMError as error:
            raise LLMError(f"{self.name}: {error}") from None

    def _pieces(self, instructions: str, prompt: str, longest: int) -> Generator[str, None, None]:
        from transformers import TextIteratorStreamer

        with self._lock:
            given = self._given(instructions, prompt)
            streamer = TextIteratorStreamer(self._tokenizer, skip_prompt=True, skip_special_tokens=True)
            writing = _Writing(self._model, given, longest, streamer)
            writing.start()
            try:
                yield from streamer
                if writing.error is not None:
                    raise LLMError(f"it failed: {_passed_on(writing.error)}")
            finally:
                writing.left.set()
                writing.join()

    def _given(self, instructions: str, prompt: str) -> Any:
        messages = [{"role": "system", "content": instructions}, {"role": "user", "content": prompt}]
        if not self._tokenizer.chat_template:
            raise LLMError("it has no chat template, so it cannot be told what is asked; choose a chat model")
        with tokenizer_errors(LLMError):
            given = self._tokenizer.apply_chat_template(
                messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
            )
        return given.to(self._model.device)

    @cached_property
    def _tokenizer(self) -> Any:
        from transformers import AutoTokenizer

        return self._loaded(AutoTokenizer)

    @cached_property
    def _model(self) -> Any:
        import torch
        from transformers import AutoModelForCausalLM

        wanted = self._settings.device
        device = ("cuda" if torch.cuda.is_available() else "cpu") if wanted == "auto" else require_device(wanted)
        # Otherwise transformers has a stranger's server convert weights in a pickle, and takes what that gives.
        os.environ.setdefault("DISABLE_SAFETENSORS_CONVERSION", "1")
        return self._loaded(AutoModelForCausalLM, dtype="auto", use_safetensors=True).to(device).eval()

    def _loaded(self, kind: Any, **how: object) -> Any:
        try:
            return kind.from_pretrained(self._named.model, trust_remote_code=False, **how)
        except (OSError, ValueError) as error:
            why = _passed_on(error)
            raise LLMError(f"{self.name} is neither a folder nor a model the hub gives: {why}") from None


def _passed_on(error: BaseException) -> str:
    return printable(" ".join(str(error).split())[:160], many_lines=False)


class _Writing(threading.Thread):
    """One generation, which ends when whoever reads it has left."""

    def __init__(self, model: Any, given: Any, longest: int, streamer: Any) -> None:
        super().__init__(daemon=True)
        self.left = threading.Event()
        self.error: BaseException | None = None
        self._model = model
        self._how = {**given, "max_new_tokens": longest, "do_sample": False, "streamer": streamer}

    def run(self) -> None:
        """Generates, and keeps what goes wrong for the reader."""
        from transformers import StoppingCriteriaList

        try:
            self._model.generate(**self._how, stopping_criteria=StoppingCriteriaList([self._has_left]))
        except BaseException as error:
            self.error = error
        finally:
            self._how["streamer"].end()

    def _has_left(self, ids: Any, _scores: Any, **_more: object) -> Any:
        import torch

        return torch.full((ids.shape[0],), self.left.is_set(), device=ids.device)
