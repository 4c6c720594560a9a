"""Reader without training: sentences are scored by their likeness to the question and the words they share with it."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rag import ports
from rag.types import Passage, Reading, Span

_NUMBER_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve dozen dozens hundred hundreds thousand "
    "thousands million billion trillion half twice once both none no first second third"
).split()
_MONTHS = ("jan feb mar apr may june july jun jul aug sep sept oct nov dec").split()
_DAYS = ("monday tuesday wednesday thursday friday saturday sunday today yesterday week month year years ago").split()
_REASON = re.compile(
    r"\b(because|since|after|due to|as a result|in order|so that|reason|justif\w+|aim\w*|response|therefore|caus\w+|"
    r"to (?!the\b|a\b|be\b)\w+|over|amid|saying|citing|prompt\w+|led to|led by)\b",
    re.I,
)
_PLACE = re.compile(
    r"\b(?:in|at|near|from|to|off|outside|inside|around|across|north|south|east|west)\s+(?:the\s+)?[A-Z]"
)
_NAME = re.compile(r"\b[A-Z][\w’'-]+")
_FIGURE = re.compile(r"\d")
_WORD = re.compile(r"[\w’'-]+")

# Fitted by logistic regression: does the sentence hold the answer? See docs/decisions.md.
_WEIGHTS = (2.6, 4.25, 0.37, 0.64, 0.76, 0.32)
_BIAS = -4.2

Place = tuple[int, int]
Stems = frozenset[str]


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the scores need it."""

    text: str
    weights: dict[str, float]
    """What each of its stems counts: 1 for one that stands everywhere, 2 for one that stands nowhere."""
    names: frozenset[str]
    """The stems of its proper names and figures."""

    def covered(self, stems: frozenset[str]) -> float:
        """The share of its words that stand among the stems, by weight."""
        total = sum(self.weights.values())
        return sum(weight for stem, weight in self.weights.items() if stem in stems) / total if total else 0.0

    def named(self, stems: frozenset[str]) -> float:
        """The share of its names and figures that stand among the stems."""
        return len(self.names & stems) / len(self.names) if self.names else 1.0


class SimilarityReader:
    """Scores each sentence of the passages; the relevance of a passage is that of its best sentence."""

    def __init__(
        self,
        embedder: ports.Embedder,
        terms: Callable[[str], list[str]],
        rarity: Callable[[str], float],
        sentences: Callable[[str], list[Place]],
    ) -> None:
        """Takes what gives a text's stems, how rare a stem is (0 to 1), and where a text's sentences stand."""
        self._embedder = embedder
        self._terms = terms
        self._rarity = rarity
        self._sentences = sentences

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """One reading a passage, its spans whole sentences, best first."""
        asked = self._question(question)
        places = [self._sentences(passage.text) for passage in passages]
        texts = dict.fromkeys(
            passage.text[start:end] for passage, own in zip(passages, places, strict=True) for start, end in own
        )
        vectors = self._embedder.embed([question, *texts])
        likeness = dict(zip(texts, vectors[1:] @ vectors[0], strict=True))
        return [self._reading(asked, passage, own, likeness) for passage, own in zip(passages, places, strict=True)]

    def _question(self, text: str) -> Question:
        stems = dict.fromkeys(self._terms(text))
        # The first word is capitalised whatever it is.
        names = [word for word in _WORD.findall(text)[1:] if _NAME.match(word) or _FIGURE.search(word)]
        return Question(text, {stem: 1 + self._rarity(stem) for stem in stems}, frozenset(self._terms(" ".join(names))))

    def _reading(self, asked: Question, passage: Passage, places: list[Place], likeness: dict[str, float]) -> Reading:
        texts = [passage.text[start:end] for start, end in places]
        stems = [frozenset(self._terms(text)) for text in texts]
        whole = frozenset(self._terms(f"{passage.title} {passage.source} {passage.date}")).union(*stems)
        spans = []
        for (start, end), text, own in zip(places, texts, stems, strict=True):
            score = _probability(features(asked, text, own, whole, likeness[text]))
            spans.append(Span(passage.start + start, passage.start + end, score))
        spans.sort(key=lambda span: (-span.score, span.start))
        return Reading(spans[0].score if spans else 0.0, tuple(spans))


def _probability(values: Sequence[float]) -> float:
    return 1 / (1 + math.exp(-_BIAS - sum(weight * value for weight, value in zip(_WEIGHTS, values, strict=True))))


def features(asked: Question, sentence: str, stems: Stems, whole: Stems, likeness: float) -> tuple[float, ...]:
    """What the score is made of, each about 0 to 1; the stems are those of the sentence and of its passage.

    Likeness; the share of the question's words in the sentence; of its names in the sentence, and in the passage; the
    kind of answer; length.
    """
    return (
        likeness,
        asked.covered(stems),
        asked.named(stems),
        asked.named(whole),
        kind(asked.text, sentence),
        min(len(stems), 20) / 20,
    )


def kind(question: str, sentence: str) -> float:
    """Whether a sentence holds the kind of thing the question asks for; half a point where it asks for no kind."""
    checks = list(_checks(question.casefold(), sentence, question))
    return sum(checks) / len(checks) if checks else 0.5


def _checks(asked: str, sentence: str, question: str) -> Iterator[bool]:
    words = {word.casefold().strip("’'") for word in _WORD.findall(sentence)}
    if re.search(
        r"\bhow (many|much|old|long|far|often|big|large|high|tall)\b|\bwhat (percentage|number|share)\b", asked
    ):
        yield bool(_FIGURE.search(sentence) or words & set(_NUMBER_WORDS))
    if re.search(r"\bwhen\b|\b(what|which) (year|day|date|month)\b", asked):
        yield bool(_FIGURE.search(sentence) or words & {*_MONTHS, *_DAYS})
    if re.search(r"\bwho(m|se)?\b", asked):
        new = set(_NAME.findall(sentence[1:])) - set(_NAME.findall(question))
        yield bool(new)
    if re.search(r"\bwhere\b|\b(what|which) (country|city|state|place)\b", asked):
        yield bool(_PLACE.search(sentence))
    if re.search(r"\bwhy\b", asked):
        yield bool(_REASON.search(sentence))
    if re.search(r"\bdescri\w+|\bcall(ed)?\b|\bsa(y|id)\b", asked):
        yield bool(re.search(r"[“\"]", sentence))
