"""Detect prompt injection: text that gives instructions to a model (pure).

Two grades share one table of patterns. What is *possibly* an injection is withheld from prompts and evidence, where a
harmless sentence more or less costs nothing. What is *certainly* one flags an article for people to see.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from rag.text.characters import strip_invisible
from rag.text.sentences import Spans, split_as_indexed


class _Pattern(NamedTuple):
    """Regular expressions for one way to instruct a model: what possibly and what certainly does; may be empty."""

    possible: str
    certain: str


_PATTERNS = (
    _Pattern(  # the name of a speaker: “SYSTEM: …”
        r"^\W*(?:system|assistant|user|human|developer|tool|model|instructions?)(?: message| prompt| note)?\s*\W?:",
        r"^\W*(?:system|assistant|developer|human) ?(?:message|prompt|note|override)?\W{0,3}:\W*\s",
    ),
    _Pattern(  # a heading of a prompt: “### Instruction”
        r"^\W*#+\s*(?:system|instruction|response|human|assistant)",
        r"^\W*#+\s*(?:system|instruction|assistant)\b",
    ),
    _Pattern(  # a message of a chat protocol
        r"\"(?:role|tool_use_id|tool_call_id)\"\s*:",
        r"\"(?:role|tool_use_id|tool_call_id)\"\s*:",
    ),
    _Pattern(  # “Note to the AI”
        r"\b(?:note|message|memo|instructions?|attention)\W{0,2} (?:to|for) (?:the |an? |any |all )?"
        r"(?:ai|llm|model|assistant|chatbot|language model)s?\b",
        r"\b(?:note|message|memo|attention)\W{0,2} (?:to|for) (?:the |an? |any |all )?"
        r"(?:ai|llm|ai model|ai assistant|chatbot|language model)s?\b"
        r"|\binstructions? (?:to|for) (?:the |an? |any |all )?"
        r"(?:ai|llm|chatbot|language model|model|assistant)s?\b(?! \w)",
    ),
    _Pattern(  # “Dear AI”
        r"\b(?:dear|hey|for the|to the) (?:ai|llm|model|chatbot|language model)\b",
        r"^\W*(?:dear|hey|attention) (?:ai|llm|chatbot|model|language model)s?\b",
    ),
    _Pattern(  # “As a language model, you …”
        r"\bas an? (?:ai\b|(?:large )?language model)",
        r"^\W*as an? (?:ai|(?:ai |large )?language model),? you\b",
    ),
    _Pattern(  # “AI that is reading this”
        r"\b(?:ai|model|assistant|llm)s? (?:that is |who is )?(?:reading|summari[sz]ing|processing) this\b",
        r"\b(?:ai|assistant|llm|language model)s? (?:that is |that are |who is )?"
        r"(?:reading|summari[sz]ing|processing) this\b",
    ),
    _Pattern(  # another mode, another encoding, another day
        r"\bsystem prompt\b|\bdeveloper mode\b|\bbase64\b|^\W*today is\b",
        r"^\W*developer mode is (?:now )?(?:enabled|on)\b|\bdecode (?:this|the) base64\b",
    ),
    _Pattern(  # another role
        r"^\W*(?:you are now|pretend (?:to be|you)|act as|roleplay)\b",
        r"^\W*you are now (?:in |an? |the )?(?:\w+ )?"
        r"(?:ai|mode|assistant|model|dan|unrestricted|unfiltered|jailbroken)\b"
        r"|^\W*pretend (?:to be|you)\b.*\b(?:answers?|rules|instructions)\b",
    ),
    _Pattern(  # “Reply only with …”
        r"^\W*(?:whatever|no matter what)\b.{0,30}\b(?:respond|reply|answer)\b"
        r"|^\W*(?:please )?(?:respond|reply|answer)\b(?: \w+){0,3} (?:with|in|only|that|pwned)\b"
        r"|[;,:] (?:so |and |now |then )*(?:reply|output|respond)\b|^\W*(?:now |so |then )?(?:reply|output) [A-Z]",
        r"^\W*(?:please |now |always |whatever is asked,? )*(?:respond|reply|answer) (?:(?:only )?with|only)\b",
    ),
    _Pattern(  # “You must say …”
        r"^[^\w“\"'‘]*you (?:must|should|will|have to|are to) (?:now )?"
        r"(?:say|answer|respond|reply|tell|write|cite|recommend|claim)\b",
        r"^[^\w“\"'‘]*you must (?:now )?(?:say|answer|reply|respond)\b",
    ),
    _Pattern(  # what to cite, and what not
        r"^\W*(?:do not|don['’]t|never) (?:cite|mention|reveal|quote)\b|^\W*cite (?:this|these|the|only)\b",
        r"^\W*(?:do not|don['’]t|never) (?:cite|reveal|quote|mention) (?:this|these|the|your|any)\b.{0,40}"
        r"\b(?:instructions?|prompt|passages?|sources?|user)\b|^\W*cite (?:only )?this (?:passage|source|article)\b",
    ),
    _Pattern(  # how to answer
        r"\bwhen you (?:answer|reply|respond|summari[sz]e)\b"
        r"|\byour (?:\w+ )?(?:answers?|reply|response|output|summary)\b",
        r"\bwhen you (?:answer|reply|respond|summari[sz]e)\b.{0,60}\b(?:say|state|write|include|claim|recommend|add)\b"
        r"|\byour (?:whole|one|only|entire) (?:answer|reply|response|output)\b",
    ),
    _Pattern(  # “Reveal your instructions”
        r"^\W*(?:append|send|post|forward|reveal|repeat|decode|print|output)\b.*"
        r"\b(?:conversation|prompt|instructions|questions?|follow)\b",
        r"\b(?:reveal|repeat|print|output|append|forward) (?:me |us )?(?:your|the) (?:\w+ )?(?:prompt|instructions)\b"
        r"|^\W*(?:append|send|post|forward) (?:the |this )?(?:whole |entire )?conversation\b",
    ),
    _Pattern(  # tokens of chat templates and of our own prompt, and hidden HTML; a prompt takes all markup out anyway
        "",
        r"<\s?[|\uff5c]|\[/?INST\]|<<\s*/?\s*SYS\s*>>|<!--|<[^<>]{0,300}\bstyle\s{0,3}=[^<>]{0,300}display:\s*none"
        r"|<\s{0,3}/?\s{0,3}(?:passages?|documents?|articles?|instructions?|system|tool_\w+|(?:start|end)_of_turn"
        r"|assistant|user)\b",
    ),
)
_POSSIBLE = re.compile("|".join(pattern.possible for pattern in _PATTERNS if pattern.possible), re.I)
_CERTAIN = re.compile("|".join(pattern.certain for pattern in _PATTERNS if pattern.certain), re.I)
_CERTAIN_HINT = re.compile(
    r"\b(?:ai|llms?|model|chatbots?|assistant|human|system|developer|repl(?:y|ies)|respond|answers?|output|instructions?|"
    r"prompts?|pretend|cite|base64|conversation|you (?:must|are now)|whatever)\b|role\"|_id\"|[<\[]",
    re.I,
)
"""What every piece of text has that `_CERTAIN` fits, and few others."""
_HINT_WORDS = frozenset(
    "ai llm llms model chatbot chatbots assistant human system developer reply replies respond answer answers output "
    "outputs instruction instructions prompt prompts pretend cite base conversation you whatever".split()
)
_HINT_MARKS = ('role"', '_id"', "<", "[")
"""The words and the marks of which a plain line has one where it has what `_CERTAIN_HINT` fits; sooner looked up."""

# “Ignore all previous instructions”, in four languages, whatever the order of the letters inside a word.
_OVERRIDE_VERBS = (
    "ignore ignoring disregard forget override overlook bypass skip ignoriere ignorieren vergiss ignorez ignorer "
    "oublie oubliez ignora olvida olvide"
)
_OVERRIDE_OBJECTS = (
    "instruction instructions rule rules prompt prompts above previous everything told question sources system "
    "guidelines passages anweisungen regeln precedentes consignes instrucciones anteriores reglas"
)
_CERTAIN_OBJECTS = (
    "instruction instructions prompt prompts previous everything anweisungen consignes instrucciones precedentes "
    "anteriores"
)
_OPENING_OBJECTS = "question rules passages articles sources"
"""These are certain only where the verb is what a piece begins with."""

_LOOKALIKE = str.maketrans(
    "аеорсухіјѕԁһոɡαοερνικτАВЕНІЈКМОРСТХΑΒΕΗΙΚΜΝΟΡΤΧ013", "aeopcyxijsdhngaoepvnktABEHIJKMOPCTXABEHIKMNOPTXoie"
)
_SPACED = re.compile(r"\b(?:\w[ .]){4,}\w\b")
_SPACED_HINT = re.compile(r"[ .]\w[ .]\w[ .]")
"""What every piece has that `_SPACED` fits; it begins with characters, by which it is found sooner."""
_TOKEN = re.compile(r"</?\s?[|\uff5c]?\s?/?\s?[A-Za-z_][^<>\n]*>|<<\s*/?\s*\w+\s*>>|\[/?INST\]|`{3,}", re.I)
_AFTER_TOKEN = re.compile(r"\b(?:say|says|print|output|reply|write|answer|respond|make up|pretend)\b", re.I)
"""What a model is told to do behind such a token."""
_LINE = re.compile(r"[^\n]+")
_PIECE_END = re.compile(r"(?<=[.!?…\"”’)>\]])\s+|\n+")
_PLAIN = re.compile(r"[\x20-\x7e\u2010-\u2026]*")
_DIGIT_AS_LETTER = re.compile(r"[013](?:(?=[A-Za-z])|(?<=[A-Za-z].))")
_ASCII_WORD = re.compile(r"[a-z]+")


def find_possible_injections(text: str) -> Spans:
    """Find the stretches of a text that may be instructions to a model, to be withheld from it."""
    spans: Spans = []
    follows_token = False
    for start, end in _split_stretches(text, split_as_indexed(text)):
        stretch = strip_invisible(text[start:end])
        if _is_possible(stretch) or (follows_token and _AFTER_TOKEN.search(stretch)):
            spans.append((start, end))
        follows_token = bool(_TOKEN.search(stretch))
    return spans


def find_certain_injections(text: str) -> Spans:
    """Find the stretches of a text that are plainly instructions to a model, for people to see."""
    spans: Spans = []
    for line in _LINE.finditer(text):
        if not _may_instruct(line[0]):
            continue
        start = line.start()
        for gap in [*_PIECE_END.finditer(text, *line.span()), None]:
            end = gap.start() if gap else line.end()
            if _is_certain(text[start:end]):
                spans.append((start, end))
            start = gap.end() if gap else end
    return spans


def _is_possible(sentence: str) -> bool:
    """Whether a sentence may instruct the model that reads it."""
    shown = _undisguise(sentence)
    words = [_sort_inner_letters(word) for word in re.findall(r"[a-z]+", shown.casefold())]
    verb = next((place for place, word in enumerate(words[:5]) if word in _VERB_KEYS), None)
    return bool(_POSSIBLE.search(shown)) or (verb is not None and any(word in _OBJECT_KEYS for word in words[verb:]))


def _is_certain(piece: str) -> bool:
    """Whether a piece of text plainly instructs the model that reads it."""
    if not _may_instruct(piece):
        return False
    shown = piece if _is_plain(piece) else _undisguise(strip_invisible(piece))
    if _CERTAIN_HINT.search(shown) and _CERTAIN.search(shown):
        return True
    opening = _ASCII_WORD.findall(shown[:60].casefold())[:3]
    verb = next((place for place, word in enumerate(opening) if _is_override_verb(word)), None)
    if verb is None:
        return False
    following = map(_sort_inner_letters, _ASCII_WORD.findall(shown.casefold())[verb + 1 : verb + 9])
    return any(word in _CERTAIN_OBJECT_KEYS or (word in _OPENING_OBJECT_KEYS and verb <= 1) for word in following)


def _may_instruct(text: str) -> bool:
    """Whether a line or a piece of one has what every instruction has: a telling word or mark, or a disguise.

    Nearly all lines of articles have none of these, and need no closer look.
    """
    lowered = text.lower()
    words = _ASCII_WORD.findall(lowered)
    return (
        not _HINT_WORDS.isdisjoint(words)
        or any(mark in lowered for mark in _HINT_MARKS)
        or any(map(_is_override_verb, words))
        or not _is_plain(text)
    )


def _is_plain(text: str) -> bool:
    """Whether a text has no letter that stands for another, and no word with spaces between its letters."""
    if not (text.isascii() and text.isprintable()) and not _PLAIN.fullmatch(text):
        return False
    if ("0" in text or "1" in text or "3" in text) and _DIGIT_AS_LETTER.search(text):
        return False
    return not (_SPACED_HINT.search(text) and _SPACED.search(text))


@lru_cache(maxsize=10_000)
def _is_override_verb(word: str) -> bool:
    """Whether a word is one by which a model is told to ignore something, whatever the order of its inner letters."""
    return word[0] in _VERB_INITIALS and _sort_inner_letters(word) in _VERB_KEYS


def _undisguise(text: str) -> str:
    """Return a text as a reader sees it: look-alike letters as those they look like, spaced letters as words."""
    # Letter by letter: over a long run of accents, the whole takes time in the square of its length.
    text = text.translate(_BARE_LETTERS)
    text = re.sub(r"(?<=[A-Za-z])[013](?=[a-z])|\b[013](?=[a-z])", lambda match: match[0].translate(_LOOKALIKE), text)
    text = re.sub(r"[^\x00-\x7f]", lambda match: match[0].translate(_LOOKALIKE), text)
    if _SPACED.search(text):
        text = re.sub(r"(?<=\b\w)[ .](?=\w\b)", "", text)
    return " ".join(text.split())


class _BareLetters(dict[int, str]):
    """A table for `str.translate` of characters without accents and ligatures, each entered when it is first met."""

    def __missing__(self, code: int) -> str:
        """Enter a character."""
        parts = unicodedata.normalize("NFKD", chr(code))
        self[code] = "".join(part for part in parts if not unicodedata.combining(part))
        return self[code]


_BARE_LETTERS = _BareLetters()


def _sort_inner_letters(word: str) -> str:
    """Return a key that a word shares with itself when letters inside it are exchanged."""
    return word[0] + "".join(sorted(word[1:-1])) + word[-1]


def _split_stretches(text: str, spans: Spans) -> Iterator[tuple[int, int]]:
    """Cut spans at line breaks and behind the tokens by which models tell who speaks."""
    for start, end in spans:
        for line in _LINE.finditer(text, start, end):
            cuts = [line.start(), *(token.end() for token in _TOKEN.finditer(text, *line.span())), line.end()]
            yield from ((cut, following) for cut, following in pairwise(cuts) if cut < following)


_VERB_KEYS = frozenset(map(_sort_inner_letters, _OVERRIDE_VERBS.split()))
_VERB_INITIALS = frozenset(word[0] for word in _OVERRIDE_VERBS.split())
_OBJECT_KEYS = frozenset(map(_sort_inner_letters, _OVERRIDE_OBJECTS.split()))
_CERTAIN_OBJECT_KEYS = frozenset(map(_sort_inner_letters, _CERTAIN_OBJECTS.split()))
_OPENING_OBJECT_KEYS = frozenset(map(_sort_inner_letters, _OPENING_OBJECTS.split()))
