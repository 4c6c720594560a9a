"""Find the sentence by which the articles deny what a question takes for granted."""

import re
from collections.abc import Callable, Sequence

from rag.retrieval.query import Query
from rag.retrieval.sentence_ranking import ScoredSentence
from rag.text.english import ABSENT_NOUN, ABSENT_PRONOUN, NEGATION
from rag.text.lexical import content_words
from rag.text.question_clauses import find_predicate
from rag.text.sentences import split_passage
from rag.types import Hit

_DENIAL = re.compile(
    r"\b(?:den(?:y|ies|ied)|reject(?:s|ed)?|refus(?:es|ed)|rul(?:es|ed) out|acquitted|abstain(?:s|ed)"
    r"|false|falsely|untrue)\b",
    re.I,
)
_WITHOUT = re.compile(r"\bwithout\b", re.I)
"""Negates a part of what a sentence says, which it does not deny."""
_MAX_PASSAGES = 4
"""Passages that are searched for a denial, the surest ones."""
_MAX_COMPARED = 3
"""Sentences that are compared with the question, those that share most words with it, titles included."""
_MIN_SIMILARITY = 0.4
"""The cosine similarity to the question that a denial has at least."""
_MAX_DISTANCE = 0.1
"""How much less similar to the question it may be than the best answer."""
_MAX_CONFIDENCE = 0.75
"""An answer that is surer than this denies nothing."""

_MIN_PREDICATE_SIMILARITY = 0.22
"""The similarity to what the question says was done that “nobody …” has at least where that is what is asked for."""
_MIN_SIMILARITY_OF_NOUN = 0.3
"""The one of “no ticket …”, which may speak of something else."""
_MIN_TOPIC_SHARE = 0.5
"""More than this share of the other words of the question stand in what was read of its article."""

Similarities = Callable[[str, Sequence[str]], Sequence[float]]
"""Computes the cosine similarity of a text to each of others."""


def find_denial(
    query: Query, hits: Sequence[Hit], best: ScoredSentence, similarities: Similarities
) -> tuple[ScoredSentence, bool] | None:
    """Find the negative sentence that speaks of what a question takes for granted, and whether it goes before the best.

    None for a question that is negative itself, asks for somebody's word or is not in English, whose negations are not
    known, and where the best sentence is negative, sure or far more similar.
    """
    if query.answer_type.language != "en" or query.speech is not None:
        return None
    if best.score > _MAX_CONFIDENCE or is_negative(query.text):
        return None
    if absence := _find_absence(query, hits, best, similarities):
        return absence, True
    if is_negative(best.text):
        return None
    denials = _find_negative_sentences(query, [hit for hit in hits if hit.reading is not None][:_MAX_PASSAGES])
    if not denials:
        return None
    likeness, *others = similarities(query.text, [best.text, *(denial.text for denial in denials)])
    number = max(range(len(denials)), key=lambda number: others[number])
    if others[number] < max(_MIN_SIMILARITY, likeness - _MAX_DISTANCE):
        return None
    return denials[number], others[number] >= likeness


def _find_absence(
    query: Query, hits: Sequence[Hit], best: ScoredSentence, similarities: Similarities
) -> ScoredSentence | None:
    """Find the sentence that says that nobody did what a question asks who or how many did, “nobody was hurt”.

    None where the best sentence is nearer to that. What was done is compared alone, since such sentences are short and
    leave out of what they speak.
    """
    predicate = find_predicate(query.text) if _asks_which(query) else ""
    absences = _find_absences(query, hits, predicate) if predicate else []
    if not absences:
        return None
    nearness, *others = similarities(predicate, [best.text, *(absence.text for absence in absences)])
    near = [
        (similarity, absence)
        for similarity, absence in zip(others, absences, strict=True)
        if similarity >= max(nearness, _min_similarity(absence.text)) and absence.place != best.place
    ]
    return max(near, key=lambda item: item[0], default=(0.0, None))[1]


def _asks_which(query: Query) -> bool:
    """Whether a question asks who, which or how many, so that “nobody” or “none” answers it; not “in which …”."""
    wanted = query.answer_type
    is_choice = wanted.kind == "other" and query.text.casefold().startswith("which")
    return wanted.kind in ("person", "count") or is_choice


def _min_similarity(text: str) -> float:
    return _MIN_PREDICATE_SIMILARITY if ABSENT_PRONOUN.search(text) else _MIN_SIMILARITY_OF_NOUN


def _find_absences(query: Query, hits: Sequence[Hit], predicate: str) -> list[ScoredSentence]:
    """Find the sentences with “nobody” or “no …” in the passages that were read of articles on a question's topic."""
    asked = content_words(f"{predicate} {query.answer_type.noun}")
    topic = content_words(query.text) - asked or asked
    read = [hit for hit in hits if hit.reading is not None]
    about: dict[str, frozenset[str]] = {}
    for hit in read:
        known = about.get(hit.passage.article_id, frozenset())
        about[hit.passage.article_id] = known | (topic & content_words(f"{hit.passage.title}\n{hit.passage.text}"))
    found: dict[tuple[str, int], ScoredSentence] = {}
    for hit in read:
        if len(about[hit.passage.article_id]) <= _MIN_TOPIC_SHARE * len(topic):
            continue
        for start, end in split_passage(hit.passage):
            sentence = ScoredSentence(hit, start, end, (start, start), 0.0)
            if _is_absence(sentence.text):
                found.setdefault(sentence.place, sentence)
    return list(found.values())[:_MAX_COMPARED]


def _is_absence(text: str) -> bool:
    return is_negative(text) and bool(ABSENT_PRONOUN.search(text) or ABSENT_NOUN.search(text))


def is_negative(text: str) -> bool:
    """Whether a text negates or denies something."""
    return bool(NEGATION.search(_WITHOUT.sub("", text)) or _DENIAL.search(text))


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
