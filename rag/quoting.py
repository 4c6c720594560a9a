"""Article text as an LLM may be given it: without what nobody sees, without markup, without orders to a model (pure).

It cannot know every attack; what gets through still cannot name a passage or end its quotation, and every sentence that
the LLM writes is checked.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from rag.sentences import sentences

LEFT_OUT = "[…]"

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff\ud800-\udfff]"
)
_LOOKALIKE = str.maketrans(
    "аеорсухіјѕԁһոɡαοερνικτАВЕНІЈКМОРСТХΑΒΕΗΙΚΜΝΟΡΤΧ013", "aeopcyxijsdhngaoepvnktABEHIJKMOPCTXABEHIKMNOPTXoie"
)
_IMAGE = re.compile(r"!?\[([^\[\]\n]*)\]\s?(?:\([^()\s]*(?:\([^()]*\)[^()\s]*)*(?:\s[^()\n]*)?\)|\[[^\[\]\n]*\])")
_DEFINITION = re.compile(r"^\s*\[[^\]\n]+\]:\s*\S.*$", re.M)
_MARKUP = re.compile(
    r"<!--.*?(?:-->|$)|<\s*[/!?|\uff5c]?\s*[A-Za-z|\uff5c][^<>\n]*>|<<\s*/?\s*\w+\s*>>|<[^\s<>]*$"
    r"|<[/!?|]?[A-Za-z][^\n<>]*(?=\n|$)|\[/?INST\]|`{3,}|~{3,}",
    re.S | re.I,
)
_RULE = re.compile(r"[-=_*#]{3,}")
_MARKER = re.compile(r"[\[【［〔]\s*\^?((?=[a-z]*\d)[a-z0-9]{1,8}(?:\s*[,;]\s*[a-z0-9]{1,8})*)\s*[\]】］〕]", re.I)
_HEADER = re.compile(r"^(\W*(?:question|answer|rules?|passages?|today))\s*:", re.I | re.M)
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


def quoted(text: str) -> str:
    """The text for a prompt: what gives orders to a model is replaced by a mark, nothing else that is read is lost."""
    kept, last = [], 0
    for start, end in withheld(text):
        kept += [visible(text[last:start]), LEFT_OUT]
        last = end
    return _plain("".join([*kept, visible(text[last:])])).strip()


def withheld(text: str) -> list[tuple[int, int]]:
    """The stretches of a text that read like orders to whatever model reads them."""
    found, after = [], False
    for start, end in _stretches(text):
        stretch = visible(text[start:end])
        if orders(stretch) or (after and _TELLING.search(stretch)):
            found.append((start, end))
        after = bool(_TOKEN.search(stretch))
    return found


def visible(text: str) -> str:
    """The text without characters that no reader sees."""
    return _INVISIBLE.sub("", text.replace("\xa0", " "))


def orders(sentence: str) -> bool:
    """Whether a sentence reads like an order to whatever model reads it."""
    seen = _seen(sentence)
    words = [_unscrambled(word) for word in re.findall(r"[a-z]+", seen.casefold())]
    turns = next((place for place, word in enumerate(words[:5]) if word in _FROM), None)
    return bool(_ORDERS.search(seen)) or (turns is not None and any(word in _WHAT for word in words[turns:]))


def _seen(text: str) -> str:
    """The text as a reader sees it: look-alike letters as those that they look like, spaced letters as words."""
    text = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
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


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """The sentences, cut at line breaks and behind the tokens by which models tell who speaks."""
    for start, end in sentences(text):
        for line in _LINE.finditer(text, start, end):
            cuts = [line.start(), *(token.end() for token in _TOKEN.finditer(text, *line.span())), line.end()]
            yield from ((one, other) for one, other in pairwise(cuts) if one < other)


def _plain(text: str) -> str:
    """The text without markup that a model or a page could take for its own."""
    text = html.unescape(text)
    text = _IMAGE.sub(r"\1", _DEFINITION.sub("", text))
    for _ in range(3):
        text = _MARKUP.sub(" ", text)
    text = _RULE.sub("—", text.replace("<", "‹").replace(">", "›"))
    return _HEADER.sub(r"\1 –", _MARKER.sub(r"(\1)", text))
