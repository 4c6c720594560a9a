"""Correct names and words of a question that are misspelt, to the nearest ones that the articles have."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.models.embedding.vocabulary import is_ordinary_word
from rag.storage.generation import Generation
from rag.storage.records import Scope
from rag.text.edit_distance import edit_distance
from rag.text.english import AUXILIARIES, FUNCTION_WORDS, TITLES
from rag.text.languages import find_language, fold

MIN_LETTERS = 4
"""Letters of the shortest word that is corrected."""
_LONG_WORD = 8
"""Letters from which a word may be two steps away from the one that is meant, not one."""
_PLAIN_WORD = 6
"""Letters of the shortest word that is corrected to one that is no name."""
_MOST_SUSPECTS = 3
"""Words of one question that are looked up; one with more of them is about something else, or in another language."""
_MOST_CANDIDATES = 3
_PASSAGES_LOOKED_AT = 4
_GRAMMAR_WORDS = frozenset(word for word in FUNCTION_WORDS | AUXILIARIES if len(word) >= MIN_LETTERS)
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a question, and how the articles know it."""

    start: int
    end: int
    text: str
    term: str
    """Its stem; empty for a word that says nothing by itself."""
    is_known: bool
    is_name: bool
    """Whether it is capitalised, and not because it opens the question."""
    may_be_name: bool
    """Whether it is capitalised, or in a question without capitals."""

    @property
    def most_steps(self) -> int:
        """How many steps the word that is meant may be away."""
        return 2 if len(self.text) >= _LONG_WORD else 1


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A word that may be meant."""

    text: str
    steps: int
    """How far it is from the word as it is written."""

    @property
    def is_name(self) -> bool:
        """Whether it is capitalised in the articles."""
        return self.text[:1].isupper()

    def is_sure(self, word: _Word) -> bool:
        """Whether it is near enough to be meant without another word that tells: short words are near too many."""
        if self.steps > word.most_steps:
            return False
        if self.is_name:
            return word.may_be_name and len(word.text) >= MIN_LETTERS + (not word.text[0].isupper())
        return len(word.text) >= _PLAIN_WORD or self.text in _GRAMMAR_WORDS


def correct_spelling(question: str, generation: Generation) -> str:
    """Return a question with misspelt words replaced by those of the articles that must be meant.

    A word is misspelt that no article has and that is no ordinary word; it is replaced by one that is one step away, or
    two where it is long. What stands beside a name in the question must stand beside it in an article too: Harow
    Bridge is no Clementine Harrow. Nothing is looked up for a question of known words.
    """
    words = _parse_words(question, generation)
    suspects = [place for place, word in enumerate(words) if _is_suspect(word)]
    is_english = find_language(question) == "en"
    if not suspects or len(suspects) > _MOST_SUSPECTS or not (is_english or question.isascii()):
        return question
    publishers = fold(" ".join(generation.catalogue.publishers()))
    found = {
        place: _find_candidates(words[place], generation)
        for place in suspects
        if fold(words[place].text) not in publishers
    }
    corrected = question
    for place in reversed(found):
        beside = _names_beside(place, words)
        chosen = _choose(place, words, found, generation) if beside else _choose_alone(words[place], found[place])
        if chosen is not None and (is_english or beside):
            is_opening = words[place].text[0].isupper() and not chosen.is_name
            text = chosen.text.capitalize() if is_opening else chosen.text
            corrected = corrected[: words[place].start] + text + corrected[words[place].end :]
    return corrected


def _parse_words(question: str, generation: Generation) -> list[_Word]:
    words = list[_Word]()
    has_capitals = not question[1:].islower()
    for match in _WORD.finditer(question):
        text = match[0]
        terms = generation.words.terms(text)
        term = terms[0] if len(terms) == 1 and text.casefold() not in FUNCTION_WORDS | AUXILIARIES else ""
        is_known = not term or generation.words.knows(term)
        is_capital = text[0].isupper()
        words.append(
            _Word(
                *match.span(),
                text,
                term,
                is_known,
                is_name=bool(words) and is_capital,
                may_be_name=is_capital or not has_capitals,
            )
        )
    return words


def _is_suspect(word: _Word) -> bool:
    is_long = min(len(word.text), len(word.term) + 1) >= MIN_LETTERS and not word.text.isupper()
    return not word.is_known and is_long and not is_ordinary_word(fold(word.text))


def _find_candidates(word: _Word, generation: Generation) -> list[_Candidate]:
    """Find the words that may be meant by one, the nearest first, then the most frequent."""
    if not word.is_name and (meant := _find_grammar_word(fold(word.text))):
        return [_Candidate(meant, 1)]
    term, most = word.term, word.most_steps
    letters = set(term)
    known = [*generation.words.terms_from(term[0]), *generation.words.terms_from(term[1] + term[0])]
    near = [
        (steps, -passages, other)
        for other, passages in known
        # A step changes two letters at most, which dismisses nearly all words at once.
        if len(letters.symmetric_difference(other)) <= 2 * most
        and (steps := edit_distance(term, other, most=most)) <= most
    ]
    written = (_find_surface(other, generation) for _, _, other in sorted(near)[:_MOST_CANDIDATES])
    # A step away in its stem, a word may be further away as it is written.
    found = [_Candidate(text, edit_distance(fold(word.text), fold(text), most=most + 1)) for text in written if text]
    return sorted(found, key=lambda candidate: candidate.steps)


def _find_grammar_word(text: str) -> str:
    """Find the question word or the like that is meant by a word; empty where it is near none."""
    near = (word for word in sorted(_GRAMMAR_WORDS) if word[0] == text[0] and edit_distance(text, word, most=1) == 1)
    return next(near, "")


def _find_surface(term: str, generation: Generation) -> str:
    """Find how the articles write the word of a stem most often; empty where no passage has it any more."""
    forms: dict[str, int] = {}
    for text in _read_passages(term, generation):
        for form in _WORD.findall(text):
            if fold(form)[:2] == term[:2] and generation.words.terms(form) == [term]:
                forms[form] = forms.get(form, 0) + 1
    return max(forms, key=lambda form: forms[form], default="")


def _read_passages(terms: str, generation: Generation) -> list[str]:
    found = generation.matching(terms, _PASSAGES_LOOKED_AT, Scope())
    passages = generation.passages([result.passage for result in found])
    return [f"{passage.title}\n{passage.text}" for passage in passages if passage is not None]


def _choose_alone(word: _Word, candidates: Sequence[_Candidate]) -> _Candidate | None:
    """Choose the nearest candidate; a name where the word may be one."""
    sure = [candidate for candidate in candidates if candidate.is_sure(word)]
    return min(sure, key=lambda one: (one.steps, word.is_name and not one.is_name), default=None)


def _choose(
    place: int, words: Sequence[_Word], found: dict[int, list[_Candidate]], generation: Generation
) -> _Candidate | None:
    """Choose the candidate that stands beside the same words in an article as in the question; None where none does."""
    for candidate in found[place]:
        for other in _names_beside(place, words):
            texts = [one.text for one in found.get(other, [])] or [words[other].text]
            pairs = [(candidate.text, text) if other > place else (text, candidate.text) for text in texts]
            if any(_stand_together(pair, generation) for pair in pairs):
                return candidate
    return None


def _names_beside(place: int, words: Sequence[_Word]) -> list[int]:
    """Return the places of the words right beside a word with which it makes up a name."""
    return [
        other
        for other in (place - 1, place + 1)
        if 0 <= other < len(words)
        and words[other].term
        and (words[other].is_name or not words[other].is_known)
        and words[other].text.casefold() not in TITLES
    ]


def _stand_together(pair: tuple[str, str], generation: Generation) -> bool:
    """Whether two words stand one behind the other in an article."""
    pattern = re.compile(rf"(?<!\w){re.escape(pair[0])}\W{{1,3}}{re.escape(pair[1])}(?!\w)", re.I)
    return any(pattern.search(text) for text in _read_passages(" ".join(pair), generation))
