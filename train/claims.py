"""Makes claims that a text supports and ones that it does not, by rule, so that shared words alone do not convince."""

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.text.sentences import split_sentences
from train.data import Example
from train.exchanging import CHANGES, Pool, look_of, names
from train.rewording import reword, statement


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence, a text, and whether the text supports the sentence."""

    text: str
    evidence: str
    supported: bool
    kind: str


LONGEST = 650
"""Characters of evidence, so that none is cut off in tokens."""
KINDS = (*CHANGES, "removed", "answer")


def tidy(text: str) -> str:
    """Return the text without the spaces that a tokenizer set round its marks."""
    text = re.sub(r"``\s?|\s?''", '"', text)
    if " , " not in text and " . " not in text:
        return text
    text = re.sub(r" ([,.;:?!%)\]]|'s\b|n't\b|'\B)", r"\1", text.replace(" -- ", "–"))
    return re.sub(r"(?<=\w) - (?=\w)", "-", re.sub(r"([(\[$£€]) ", r"\1", text))


def overlap(claim: str, evidence: str) -> float:
    """Return the share of the claim's longer words, names and numbers that stand in the evidence."""
    words = [one for one in re.findall(r"\w+", claim) if len(one) > 3 or one[0].isdigit() or one[0].isupper()]
    known = set(re.findall(r"\w+", evidence.casefold()))
    return sum(one.casefold() in known for one in words) / max(1, len(words))


def looks(contexts: Iterable[str]) -> Pool:
    """Return the names of all texts by their look, to exchange one for another."""
    found: dict[str, set[str]] = defaultdict(set)
    for context in contexts:
        for name in names(tidy(context)):
            found[look_of(name, tidy(context))].add(name)
    return {look: sorted(group) for look, group in found.items()}


def _make_statements(example: Example, text: str, rng: random.Random, pool: Pool) -> tuple[str, str, str] | None:
    """Return the statements of a question with its answer and with another one, and the text's sentence with that."""
    answer, question, context = (tidy(one).strip(" .\n") for one in (example.answer, example.question, example.context))
    told = statement(question, answer) if answer and text.count(answer) == 1 else None
    for kind in ("date", "figure", "name") if told else ():
        other = CHANGES[kind](answer, context, rng, pool)
        if told and other and other not in text and (changed := statement(question, other)):
            return told, changed, text.replace(answer, other)
    return None


def _usable(text: str) -> bool:
    even = text.count('"') % 2 == 0 and text.count("(") == text.count(")") and text.count("“") == text.count("”")
    return even and 6 <= len(text.split()) <= 45 and bool(re.fullmatch(r"[A-Z\"“\d][^\n]{30,300}[.\"”]", text))


def _window(texts: Sequence[str], place: int, rounds: int, rng: random.Random) -> tuple[int, int]:
    """From which to which sentence the evidence goes."""
    low, high = place, place + 1
    for _ in range(rounds):
        wider = (max(0, low - 1), high) if rng.random() < 0.5 else (low, min(len(texts), high + 1))
        if sum(map(len, texts[wider[0] : wider[1]])) < LONGEST:
            low, high = wider
    return low, high


def _swap_words(texts: Sequence[str], text: str, new: str) -> list[str]:
    """Swap in the neighbours what was put into the sentence for what was taken out, so that no word is lost."""
    old_words, new_words = text.split(), new.split()
    while old_words and new_words and old_words[0] == new_words[0]:
        del old_words[0], new_words[0]
    while old_words and new_words and old_words[-1] == new_words[-1]:
        del old_words[-1], new_words[-1]
    old, put = (" ".join(words).strip(".,;:()") for words in (old_words, new_words))
    return [re.sub(rf"\b{re.escape(put)}\b", lambda _: old, one) if old and put else one for one in texts]


def make_pair(example: Example, kind: str, rng: random.Random, pool: Pool) -> list[Claim]:
    """A supported and an unsupported claim on the example's text, nothing where it does not lend itself to the kind."""
    context = tidy(example.context)
    texts = [context[start:end] for start, end in split_sentences(context, "en")]
    places = [i for i, text in enumerate(texts) if _usable(text)]
    for place in rng.sample(places, len(places)):
        text = texts[place]
        low, high = _window(texts, place, 9 if kind == "answer" else rng.choice((0, 1, 3, 5, 9, 15)), rng)
        before, after = texts[low:place], texts[place + 1 : high]
        if kind == "removed":
            found, own, new = (text, text), " ".join([*before, text, *after]), " ".join(before + after)
            if not new or overlap(text, new) > 0.8:
                continue
        else:
            near = " ".join([*before, text, *after])
            made = (
                _make_statements(example, text, rng, pool) if kind == "answer" else CHANGES[kind](text, near, rng, pool)
            )
            if made is None or (kind == "answer" and overlap(made[0], near) < 0.6):
                continue
            told, other, put = made if isinstance(made, tuple) else (text, made, made)
            if kind in ("figure", "date", "name", "answer"):
                before, after = _swap_words(before, text, put), _swap_words(after, text, put)
            found, own, new = (told, other), near, " ".join([*before, put, *after])
        told, other = reword(*found, rng)
        return _pair_claims(kind, told=told, other=other, own=own, new=new, rng=rng)
    return []


def _pair_claims(kind: str, *, told: str, other: str, own: str, new: str, rng: random.Random) -> list[Claim]:
    """Make two claims, half the time with the changed sentence in the evidence, so that no wording is a clue."""
    if kind == "removed":
        return [Claim(told, own, supported=True, kind=kind), Claim(told, new, supported=False, kind=kind)]
    if rng.random() < 0.5:
        return [Claim(told, own, supported=True, kind=kind), Claim(other, own, supported=False, kind=kind)]
    if kind == "stronger":  # what a stronger sentence says does not make the weaker one wrong
        return [Claim(other, new, supported=True, kind=kind), Claim(other, own, supported=False, kind=kind)]
    return [Claim(other, new, supported=True, kind=kind), Claim(told, new, supported=False, kind=kind)]
