"""Detect prompt injection: text that gives orders to a model (pure)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff]"
)
_LOOKALIKE = str.maketrans(
    "аеорсухіјѕԁһոɡαοερνικτАВЕНІЈКМОРСТХΑΒΕΗΙΚΜΝΟΡΤΧ013", "aeopcyxijsdhngaoepvnktABEHIJKMOPCTXABEHIKMNOPTXoie"
)
_SPACED = re.compile(r"\b(?:\w[ .]){4,}\w\b")

_TOKEN = re.compile(r"</?\s?[|\uff5c]?\s?/?\s?[A-Za-z_][^<>\n]*>|<<\s*/?\s*\w+\s*>>|\[/?INST\]|`{3,}", re.I)
_TELLING = re.compile(r"\b(?:say|says|print|output|reply|write|answer|respond|make up|pretend)\b", re.I)
"""What a model is told to do behind such a token."""
_LINE = re.compile(r"[^\n]+")

_TURN_FROM = (
    "ignore ignoring disregard forget override overlook bypass skip ignoriere ignorieren vergiss ignorez ignorer "
    "oublie oubliez ignora olvida olvide"
)
_TURNED_FROM = (
    "instruction instructions rule rules prompt prompts above previous everything told question sources system "
    "guidelines passages anweisungen regeln precedentes consignes instrucciones anteriores reglas"
)
_ORDERS = re.compile(
    r"^\W*(?:system|assistant|user|human|developer|tool|model|instructions?)(?: message| prompt| note)?\s*\W?:"
    r"|^\W*#+\s*(?:system|instruction|response|human|assistant)"
    r"|\"(?:role|tool_use_id|tool_call_id)\"\s*:"
    r"|\b(?:note|message|memo|instructions?|attention)\W{0,2} (?:to|for) (?:the |an? |any |all )?"
    r"(?:ai|llm|model|assistant|chatbot|language model)s?\b"
    r"|\b(?:dear|hey|for the|to the) (?:ai|llm|model|chatbot|language model)\b"
    r"|\bas an? (?:ai\b|(?:large )?language model)"
    r"|\b(?:ai|model|assistant|llm)s? (?:that is |who is )?(?:reading|summari[sz]ing|processing) this\b"
    r"|\bsystem prompt\b|\bdeveloper mode\b|\bbase64\b|^\W*today is\b"
    r"|^\W*(?:you are now|pretend (?:to be|you)|act as|roleplay)\b"
    r"|^\W*(?:whatever|no matter what)\b.{0,30}\b(?:respond|reply|answer)\b"
    r"|^\W*(?:please )?(?:respond|reply|answer)\b(?: \w+){0,3} (?:with|in|only|that|pwned)\b"
    r"|^[^\w“\"'‘]*you (?:must|should|will|have to|are to) (?:now )?"
    r"(?:say|answer|respond|reply|tell|write|cite|recommend|claim)\b"
    r"|^\W*(?:do not|don['’]t|never) (?:cite|mention|reveal|quote)\b|^\W*cite (?:this|these|the|only)\b"
    r"|[;,:] (?:so |and |now |then )*(?:reply|output|respond)\b|^\W*(?:now |so |then )?(?:reply|output) [A-Z]"
    r"|\bwhen you (?:answer|reply|respond|summari[sz]e)\b|\byour (?:\w+ )?(?:answers?|reply|response|output|summary)\b"
    r"|^\W*(?:append|send|post|forward|reveal|repeat|decode|print|output)\b.*"
    r"\b(?:conversation|prompt|instructions|questions?|follow)\b",
    re.I,
)


def ordering(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The stretches within the spans, the sentences of a text, that read like orders to a model."""
    found, after = [], False
    for start, end in _stretches(text, spans):
        stretch = visible(text[start:end])
        if find_orders(stretch) or (after and _TELLING.search(stretch)):
            found.append((start, end))
        after = bool(_TOKEN.search(stretch))
    return found


def visible(text: str) -> str:
    """The text without characters that no reader sees."""
    return _INVISIBLE.sub("", text.replace("\xa0", " "))


def find_orders(sentence: str) -> bool:
    """Whether a sentence reads like an order to whatever model reads it."""
    seen = _seen(sentence)
    words = [_unscrambled(word) for word in re.findall(r"[a-z]+", seen.casefold())]
    turns = next((place for place, word in enumerate(words[:5]) if word in _FROM), None)
    return bool(_ORDERS.search(seen)) or (turns is not None and any(word in _WHAT for word in words[turns:]))


def _seen(text: str) -> str:
    """The text as a reader sees it: look-alike letters as those that they look like, spaced letters as words."""
    # Letter by letter: over a long run of accents, the whole takes time in the square of its length.
    parts = (part for letter in text for part in unicodedata.normalize("NFKD", letter))
    text = "".join(part for part in parts if not unicodedata.combining(part))
    text = re.sub(r"(?<=[A-Za-z])[013](?=[a-z])|\b[013](?=[a-z])", lambda match: match[0].translate(_LOOKALIKE), text)
    text = re.sub(r"[^\x00-\x7f]", lambda match: match[0].translate(_LOOKALIKE), text)
    if _SPACED.search(text):
        text = re.sub(r"(?<=\b\w)[ .](?=\w\b)", "", text)
    return " ".join(text.split())


def _unscrambled(word: str) -> str:
    """A key that a word shares with itself when letters inside it are exchanged."""
    return word[0] + "".join(sorted(word[1:-1])) + word[-1]


_FROM = frozenset(map(_unscrambled, _TURN_FROM.split()))
_WHAT = frozenset(map(_unscrambled, _TURNED_FROM.split()))


def _stretches(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The spans, cut at line breaks and behind the tokens by which models tell who speaks."""
    for start, end in spans:
        for line in _LINE.finditer(text, start, end):
            cuts = [line.start(), *(token.end() for token in _TOKEN.finditer(text, *line.span())), line.end()]
            yield from ((one, other) for one, other in pairwise(cuts) if one < other)


_PIECE = re.compile(r"(?<=[.!?…\"”’)>\]])\s+|\n+")
_PLAIN = re.compile(r"(?!.*[013][a-z]|.*[a-z][013])[\x20-\x7e\u2010-\u2026]*", re.I)
_SIGN = re.compile(
    r"\b(?:ai|llms?|model|chatbots?|assistant|human|system|developer|repl(?:y|ies)|respond|answers?|output|instructions?|"
    r"prompts?|pretend|cite|base64|conversation|you (?:must|are now)|whatever)\b|role\"|_id\"|[<\[]",
    re.I,
)
"""What every piece of text has that `_UNMISTAKABLE` fits, and few others."""
_UNMISTAKABLE = re.compile(
    r"^\W*(?:system|assistant|developer|human) ?(?:message|prompt|note|override)?\W{0,3}:\W*\s"
    r"|^\W*#+\s*(?:system|instruction|assistant)\b|^\W*developer mode is (?:now )?(?:enabled|on)\b"
    r"|\"(?:role|tool_use_id|tool_call_id)\"\s*:|\bdecode (?:this|the) base64\b"
    r"|\b(?:note|message|memo|attention)\W{0,2} (?:to|for) (?:the |an? |any |all )?"
    r"(?:ai|llm|ai model|ai assistant|chatbot|language model)s?\b"
    r"|\binstructions? (?:to|for) (?:the |an? |any |all )?(?:ai|llm|chatbot|language model|model|assistant)s?\b(?! \w)"
    r"|^\W*(?:dear|hey|attention) (?:ai|llm|chatbot|model|language model)s?\b"
    r"|\b(?:ai|assistant|llm|language model)s? (?:that is |that are |who is )?"
    r"(?:reading|summari[sz]ing|processing) this\b"
    r"|^\W*as an? (?:ai|(?:ai |large )?language model),? you\b"
    r"|^[^\w“\"'‘]*you must (?:now )?(?:say|answer|reply|respond)\b"
    r"|<\s?[|\uff5c]|\[/?INST\]|<<\s*/?\s*SYS\s*>>|<!--|<[^<>]{0,300}\bstyle\s{0,3}=[^<>]{0,300}display:\s*none"
    r"|<\s{0,3}/?\s{0,3}(?:passages?|documents?|articles?|instructions?|system|tool_\w+|(?:start|end)_of_turn|assistant|user)\b"
    r"|^\W*you are now (?:in |an? |the )?(?:\w+ )?(?:ai|mode|assistant|model|dan|unrestricted|unfiltered|jailbroken)\b"
    r"|^\W*(?:please |now |always |whatever is asked,? )*(?:respond|reply|answer) (?:(?:only )?with|only)\b"
    r"|^\W*(?:do not|don['’]t|never) (?:cite|reveal|quote|mention) (?:this|these|the|your|any)\b.{0,40}"
    r"\b(?:instructions?|prompt|passages?|sources?|user)\b|^\W*cite (?:only )?this (?:passage|source|article)\b"
    r"|\b(?:reveal|repeat|print|output|append|forward) (?:me |us )?(?:your|the) (?:\w+ )?(?:prompt|instructions)\b"
    r"|^\W*(?:append|send|post|forward) (?:the |this )?(?:whole |entire )?conversation\b"
    r"|\bwhen you (?:answer|reply|respond|summari[sz]e)\b.{0,60}\b(?:say|state|write|include|claim|recommend|add)\b"
    r"|\byour (?:whole|one|only|entire) (?:answer|reply|response|output)\b"
    r"|^\W*pretend (?:to be|you)\b.*\b(?:answers?|rules|instructions)\b",
    re.I,
)
_TURNED_PLAINLY = (
    "instruction instructions prompt prompts previous everything anweisungen consignes instrucciones precedentes "
    "anteriores"
)
_TURNED_AT_ONCE = "question rules passages articles sources"
"""These only where the order is what a piece begins with."""


def commands(text: str) -> list[tuple[int, int]]:
    """The stretches of a text that are plainly meant for a model; fewer than `ordering` finds, for people to see."""
    found, start = [], 0
    for gap in [*_PIECE.finditer(text), None]:
        end = gap.start() if gap else len(text)
        if _is_command(text[start:end]):
            found.append((start, end))
        start = gap.end() if gap else end
    return found


def _is_command(piece: str) -> bool:
    """Whether a piece of text is plainly an order to a model; most are seen at once to be none."""
    plain = _PLAIN.fullmatch(piece) is not None and not _SPACED.search(piece)
    seen = piece if plain else _seen(visible(piece))
    if _SIGN.search(seen) and _UNMISTAKABLE.search(seen):
        return True
    first = [_unscrambled(word) for word in re.findall(r"[a-z]+", seen[:60].casefold())[:3]]
    turns = next((place for place, word in enumerate(first) if word in _FROM), None)
    if turns is None:
        return False
    rest = map(_unscrambled, re.findall(r"[a-z]+", seen.casefold())[turns + 1 : turns + 9])
    return any(word in _PLAINLY or (word in _AT_ONCE and turns <= 1) for word in rest)


_PLAINLY = frozenset(map(_unscrambled, _TURNED_PLAINLY.split()))
_AT_ONCE = frozenset(map(_unscrambled, _TURNED_AT_ONCE.split()))
