"""Load a reader from a folder or the hub: an extractive QA model or a cross-encoder."""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rag.errors import ModelError
from rag.models.devices import choose_device
from rag.models.reader.span_reader import Calibration, SpanReader
from rag.models.reader.windows import TokenWindow, WindowScores, pad
from rag.models.tokenizer_errors import tokenizer_errors
from rag.protocols import Reader
from rag.text.sentences import split_sentences
from rag.types import Passage, Reading, Span

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder
    from tokenizers import Tokenizer

_STRIDE = 96
_MAX_TOKENS = 384
_BATCH = 4
"""Windows run at once: more are slower, as they leave the processor's cache."""
_UNFITTED = Calibration(0.0, 0.5, -1.0, 0.0)
"""For a model that nobody has calibrated: the margin over “no answer”, which such models are trained to tell."""


def load_custom_reader(model: str, device: str) -> Reader:
    """Load a reader on a model in a folder or on the hub; ModelError if it is no extractive QA or cross-encoder."""
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(model, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise ModelError(f"{model} is neither a folder nor a model the hub gives: {error}") from error
    kinds = " ".join(config.architectures or ())
    if "QuestionAnswering" in kinds:
        return load_span_reader(model, device)
    if "SequenceClassification" in kinds:
        return CrossEncoderReader(model, device)
    raise ModelError(f"{model} ({kinds or 'no architecture named'}) is neither question answering nor a cross-encoder")


def load_span_reader(model: str, device: str) -> SpanReader:
    """Make a SpanReader on a QA model of transformers, loaded at its first use, whose first token means “no answer”."""
    network = _QuestionAnswering(model, choose_device(device))
    return SpanReader(partial(_tokenizer, model), network, _UNFITTED)


def _tokenizer(model: str) -> "Tokenizer":
    from transformers import AutoTokenizer

    loaded = AutoTokenizer.from_pretrained(model, trust_remote_code=False)
    tokenizer: Tokenizer = loaded.backend_tokenizer
    longest = min(loaded.model_max_length, _MAX_TOKENS)
    tokenizer.enable_truncation(longest, stride=min(_STRIDE, longest // 4), strategy="only_second")
    tokenizer.no_padding()
    return tokenizer


class _QuestionAnswering:
    """A network of transformers, loaded at its first use."""

    def __init__(self, model: str, device: str) -> None:
        self._name = model
        self._device = device

    def __call__(self, windows: Sequence[TokenWindow]) -> list[WindowScores]:
        # Those of like length together, since what is padded takes time too.
        order = sorted(range(len(windows)), key=lambda place: len(windows[place].ids))
        found: dict[int, WindowScores] = {}
        for first in range(0, len(order), _BATCH):
            batch = order[first : first + _BATCH]
            found |= zip(batch, self._score([windows[place] for place in batch]), strict=True)
        return [found[place] for place in range(len(windows))]

    def _score(self, windows: Sequence[TokenWindow]) -> list[WindowScores]:
        import torch

        ids, kinds, mask = pad(windows)
        given = {"input_ids": ids, "attention_mask": mask} | ({"token_type_ids": kinds} if self._takes_kinds else {})
        with torch.inference_mode():
            out = self._model(**{name: torch.from_numpy(value).to(self._device) for name, value in given.items()})
        starts, ends = (part.float().cpu().numpy() for part in (out.start_logits, out.end_logits))
        return [
            WindowScores(start[: len(window.ids)], end[: len(window.ids)], 0.0)
            for window, start, end in zip(windows, starts, ends, strict=True)
        ]

    @cached_property
    def _model(self) -> Any:
        from transformers import AutoModelForQuestionAnswering

        with _loading_errors(self._name):
            loaded = AutoModelForQuestionAnswering.from_pretrained(
                self._name, use_safetensors=True, trust_remote_code=False
            )
        return loaded.to(self._device).eval()

    @cached_property
    def _takes_kinds(self) -> bool:
        return getattr(self._model.config, "type_vocab_size", 0) > 1


class _ScoredSentence(NamedTuple):
    score: float
    start: int
    """Where it begins in its passage."""
    end: int


class CrossEncoderReader:
    """Relevance by a cross-encoder of sentence-transformers; its spans are whole sentences, judged by it too."""

    def __init__(self, model: str, device: str = "auto") -> None:
        """`model` is a folder or hub name; it is loaded at the first question."""
        self._name = model
        self._device = device
        # A fast tokenizer may not be used by two threads at once.
        self._lock = threading.Lock()

    def readable(self, question: str) -> str:
        """Return the beginning of a question that is read: at most half of the tokens that the model takes."""
        with self._lock, tokenizer_errors():
            tokenizer = self._model.tokenizer
            most = min(tokenizer.model_max_length, _MAX_TOKENS) // 2
            encoded = tokenizer(question, add_special_tokens=False, return_offsets_mapping=True)
        places = encoded["offset_mapping"]
        return question if len(places) <= most else question[: places[most - 1][1]]

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """Judge passages: return a reading for each, in the order given, with its five best sentences as spans."""
        places = [split_sentences(passage.text, passage.language) for passage in passages]
        texts = [f"{passage.title}\n{passage.text}" for passage in passages]
        cut = [passage.text[a:b] for passage, own in zip(passages, places, strict=True) for a, b in own]
        scores = iter(self._scores(self.readable(question), [*texts, *cut]))
        relevances = [next(scores) for _ in passages]
        readings = []
        for passage, own, relevance in zip(passages, places, relevances, strict=True):
            judged = [_ScoredSentence(next(scores), a, b) for a, b in own]
            total = sum(sentence.score for sentence in judged) or 1.0
            judged.sort(key=lambda sentence: -sentence.score)
            spans = (
                Span(passage.start + sentence.start, passage.start + sentence.end, relevance * sentence.score / total)
                for sentence in judged[:5]
            )
            readings.append(Reading(relevance, tuple(spans)))
        return readings

    def _scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """Score how well each text fits the question, between 0 and 1."""
        import torch

        pairs = [(question, text) for text in texts]
        with self._lock, tokenizer_errors():
            fits = self._model.predict(pairs, activation_fn=torch.nn.Sigmoid(), show_progress_bar=False)
        return [float(one) for one in np.asarray(fits).reshape(len(texts), -1)[:, -1]]

    @cached_property
    def _model(self) -> "CrossEncoder":
        from sentence_transformers import CrossEncoder

        with _loading_errors(self._name):
            loaded: CrossEncoder = CrossEncoder(
                self._name,
                device=choose_device(self._device),
                model_kwargs={"use_safetensors": True},
                trust_remote_code=False,
            )
        return loaded


@contextmanager
def _loading_errors(model: str) -> Iterator[None]:
    """Translate an OSError or ValueError while a model is loaded into ModelError; pickled weights are not converted."""
    # Otherwise transformers has a stranger's server convert them, and takes what that gives.
    os.environ.setdefault("DISABLE_SAFETENSORS_CONVERSION", "1")
    try:
        yield
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split())[:200]
        raise ModelError(f"{model} does not load; it must hold safetensors weights and need no code: {why}") from error
