"""Run an LLM of transformers in this process, from a folder or the hub."""

import os
import threading
from collections.abc import Generator
from functools import cached_property
from typing import Any

from rag.errors import LLMError
from rag.models.devices import choose_device
from rag.models.llm.providers import ModelName
from rag.models.llm.timeouts import limit_stream
from rag.models.tokenizer_errors import tokenizer_errors
from rag.settings import Settings
from rag.text.printable import printable


class LocalLLM:
    """An LLM of transformers in this process, on the device of the settings; writes one answer at a time, others wait.

    It speaks to transformers itself: LlamaIndex's class for such models hangs when the generation fails, cannot be
    stopped, and ignores how much is to be written.
    """

    def __init__(self, named: ModelName, settings: Settings) -> None:
        """`named` is the folder or hub name of a model, which is loaded at its first use."""
        self._named = named
        self._settings = settings
        self._lock = threading.Lock()
        self.name = str(named)

    @cached_property
    def window(self) -> int:
        """Context window in tokens, prompt and answer together: the setting, at most what the model was made for."""
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
        """Stream an answer of at most `longest` tokens, piece by piece; LLMError says in one line why it fails."""
        try:
            yield from limit_stream(
                lambda: self._generate_pieces(instructions, prompt, longest),
                self._settings.llm_silence_seconds,
                self._settings.llm_seconds,
            )
        except LLMError as error:
            raise LLMError(f"{self.name}: {error}") from None

    def _generate_pieces(self, instructions: str, prompt: str, longest: int) -> Generator[str, None, None]:
        from transformers import TextIteratorStreamer

        with self._lock:
            tokens = self._tokenize_chat(instructions, prompt)
            streamer = TextIteratorStreamer(self._tokenizer, skip_prompt=True, skip_special_tokens=True)
            generation = _Generation(self._model, tokens, longest=longest, streamer=streamer)
            generation.start()
            try:
                yield from streamer
                if generation.error is not None:
                    raise LLMError(f"it failed: {_sanitise(generation.error)}")
            finally:
                generation.reader_left.set()
                generation.join()

    def _tokenize_chat(self, instructions: str, prompt: str) -> Any:
        messages = [{"role": "system", "content": instructions}, {"role": "user", "content": prompt}]
        if not self._tokenizer.chat_template:
            raise LLMError("it has no chat template, so it cannot be told what is asked; choose a chat model")
        with tokenizer_errors(LLMError):
            tokens = self._tokenizer.apply_chat_template(
                messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
            )
        return tokens.to(self._model.device)

    @cached_property
    def _tokenizer(self) -> Any:
        from transformers import AutoTokenizer

        return self._load(AutoTokenizer)

    @cached_property
    def _model(self) -> Any:
        from transformers import AutoModelForCausalLM

        device = choose_device(self._settings.device)
        # Otherwise transformers has a stranger's server convert weights in a pickle, and takes what that gives.
        os.environ.setdefault("DISABLE_SAFETENSORS_CONVERSION", "1")
        return self._load(AutoModelForCausalLM, dtype="auto", use_safetensors=True).to(device).eval()

    def _load(self, kind: Any, **options: object) -> Any:
        try:
            return kind.from_pretrained(self._named.model, trust_remote_code=False, **options)
        except (OSError, ValueError) as error:
            why = _sanitise(error)
            raise LLMError(f"{self.name} is neither a folder nor a model the hub gives: {why}") from None


def _sanitise(error: BaseException) -> str:
    return printable(" ".join(str(error).split())[:160], many_lines=False)


class _Generation(threading.Thread):
    """The generation of one text, which ends when its reader has left."""

    def __init__(self, model: Any, tokens: Any, *, longest: int, streamer: Any) -> None:
        super().__init__(daemon=True)
        self.reader_left = threading.Event()
        self.error: BaseException | None = None
        self._model = model
        self._arguments = {**tokens, "max_new_tokens": longest, "do_sample": False, "streamer": streamer}

    def run(self) -> None:
        """Generate the text; keep an error in `error`, for the thread that reads the text to raise."""
        from transformers import StoppingCriteriaList

        try:
            self._model.generate(**self._arguments, stopping_criteria=StoppingCriteriaList([self._check_reader]))
        except BaseException as error:
            self.error = error
        finally:
            self._arguments["streamer"].end()

    def _check_reader(self, ids: Any, _scores: Any, **_more: object) -> Any:
        import torch

        return torch.full((ids.shape[0],), self.reader_left.is_set(), device=ids.device)
