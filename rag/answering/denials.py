"""Find the sentence by which the articles deny what a question takes for granted."""

import re
from collections.abc import Callable, Sequence

from rag.retrieval.query import Query
from rag.retrieval.sentence_ranking import ScoredSentence
from rag.text.english import NEGATION
from rag.text.lexical import content_words
from rag.text.sentences import split_passage
from rag.types import Hit

_DENIAL = re.compile(
    r"\b(?:den(?:y|ies|ied)|reject(?:s|ed)?|refus(?:es|ed)|rul(?:es|ed) out|acquitted|abstain(?:s|ed)"
    r"|false|falsely|untrue)\b",
    re.I,
)
_MAX_PASSAGES = 4
"""Passages that are searched for a denial, the surest ones."""
_MAX_COMPARED = 6
"""Sentences that are compared with the question, those that share most words with it, titles included."""
_MIN_SIMILARITY = 0.4
"""The cosine similarity to the question that a denial has at least."""
_MAX_DISTANCE = 0.1
"""How much less similar to the question it may be than the best answer."""
_MAX_CONFIDENCE = 0.75
"""An answer that is surer than this denies nothing."""

Similarities = Callable[[str, Sequence[str]], Sequence[float]]
"""Computes the cosine similarity of a text to each of others."""


def find_denial(
    query: Query, hits: Sequence[Hit], best: ScoredSentence, similarities: Similarities
) -> tuple[ScoredSentence, bool] | None:
    """Find the negative sentence that speaks of what a question takes for granted, and whether it goes before the best.

    None for a question that is negative itself or asks for somebody's word, and where the best sentence is negative,
    sure or far more similar.
    """
    if query.speech is not None or best.score > _MAX_CONFIDENCE or is_negative(query.text) or is_negative(best.text):
        return None
    denials = _find_negative_sentences(query, [hit for hit in hits if hit.reading is not None][:_MAX_PASSAGES])
    if not denials:
        return None
    likeness, *others = similarities(query.text, [best.text, *(denial.text for denial in denials)])
    number = max(range(len(denials)), key=lambda number: others[number])
    if others[number] < max(_MIN_SIMILARITY, likeness - _MAX_DISTANCE):
        return None
    return denials[number], others[number] >= likeness


def is_negative(text: str) -> bool:
    """Whether a text negates or denies something."""
    return bool(NEGATION.search(text) or _DENIAL.search(text))


def _find_negative_sentences(query: Query, hits: Sequence[Hit]) -> list[ScoredSentence]:
    """Find the negative sentences that share words with a question, or whose article's title does."""
    words = content_words(query.text)
    found: dict[tuple[str, int], tuple[int, ScoredSentence]] = {}
    for hit in hits:
        about = content_words(hit.passage.title)
        for start, end in split_passage(hit.passage):
            sentence = ScoredSentence(hit, start, end, (start, start), 0.0)
            if not is_negative(sentence.text) or sentence.text.rstrip("”\"'").endswith("?"):
                continue
            shared = len(words & (about | content_words(sentence.text)))
            if shared and sentence.place not in found:
                found[sentence.place] = shared, sentence
    ranked = sorted(found.values(), key=lambda item: (-item[0], item[1].place))
    return [sentence for _, sentence in ranked[:_MAX_COMPARED]]
