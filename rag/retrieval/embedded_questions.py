"""Find the question within a request or a story, “could you tell me how …”, and ask it directly (pure)."""

import re
from dataclasses import dataclass

from rag.retrieval.follow_ups import MAX_TURN_CHARS, classify, complete
from rag.text.english import DETERMINERS, PREPOSITIONS, QUESTION_WORDS, any_of
from rag.text.lexical import find_names
from rag.text.question_clauses import (
    OPENING_VERBS,
    QUESTION_PHRASE_OPENING,
    as_question,
    ask_directly,
    ask_what,
    split_question,
)
from rag.types import Message

MAX_SHORT_WORDS = 20
"""Words of a question that is taken as it is, but for what it is wrapped in; a longer one may be told as a story."""
_SOMEBODY = r"(?:you|anyone|anybody|somebody|someone)"
_FILLERS = r"(?:(?:please|possibly|kindly|perhaps|maybe|also|just|really|happen to|still)\s+)*"
_TELL = (
    r"(?:tell|say|explain|describe|show|inform|remind|clarify|let (?:me|us) know|find out|check|work out"
    r"|help (?:me|us)(?: to)? (?:understand|find out))"
)
_KNOW = r"(?:know|remember|recall|find out|learn|understand|hear|tell|say|ask|be told)"
_ARTICLES = r"(?:(?:the|your|these|any of (?:the|these)|this)\s+)?(?:articles?|texts?|newspapers?|papers?|reports?)"
_GREETINGS = r"(?:(?:please|hi|hello|hey|excuse me|sorry|okay|ok|well)\b[,!.]?\s+)*"
_OBJECT = r"(?:\s+(?:to\s+)?(?:me|us))?(?:\s+(?:please|exactly|again|briefly|about|for sure))*[,:]?\s+"
_REQUEST = (
    rf"(?:(?:can|could|would|will|might)\s+{_SOMEBODY}\s+{_FILLERS}(?:{_TELL}|{_KNOW})"
    rf"|(?:do|does|did)\s+{_SOMEBODY}\s+{_FILLERS}{_KNOW}"
    rf"|(?:do|does)\s+(?:{_ARTICLES}|it|they)\s+{_FILLERS}(?:say|tell|mention|explain|reveal)"
    r"|is\s+it\s+(?:known|clear|said|reported)"
    r"|(?:(?:do|have)\s+you\s+(?:have\s+|got\s+)?)?any\s+idea"
    rf"|(?:i|we)(?:['’]d|\s+would|\s+do)?\s+{_FILLERS}(?:like|love|want|wanted|need|wish)\s+to\s+{_KNOW}"
    rf"|(?:i|we)(?:['’](?:m|re|ve\s+been)|\s+(?:am|are|was|were|have\s+been))?\s+{_FILLERS}"
    r"(?:wonder(?:ing|ed)?|curious|interested|asking(?:\s+myself)?|not\s+sure|trying\s+to\s+(?:find\s+out|understand))"
    rf"|(?:i|we)\s+(?:don['’]t|do\s+not|can['’]t|cannot|didn['’]t)\s+{_KNOW}"
    r"|(?:may|can|could)\s+(?:i|we)\s+ask|(?:my|the)\s+question\s+is|what\s+(?:i|we)(?:['’]d|\s+would)?\s+(?:want|like)\s+to\s+know\s+is"
    r"|(?:just\s+)?(?:wondering|curious)"
    rf"|{_TELL})"
)
_EMBEDDED = rf"(?:{QUESTION_PHRASE_OPENING}|whether\b|if\b)"
_WRAPPER = re.compile(rf"{_GREETINGS}{_REQUEST}{_OBJECT}(?={_EMBEDDED})", re.I)
_INNER_CONDITION = re.compile(rf"(?:whether|if)\s+(?={_SOMEBODY}\s+(?:can|could|would|will|might)\b)", re.I)
_INNER_SUBJECT = re.compile(rf"(?P<subject>{_SOMEBODY})\s+(?P<verb>can|could|would|will|might)\b", re.I)
_WANTED_NOUN = re.compile(
    rf"{_GREETINGS}(?:(?:can|could|would)\s+you\s+{_FILLERS}(?:tell|give)|(?:do|does)\s+{_SOMEBODY}\s+{_FILLERS}know"
    rf"|tell|give){_OBJECT}(?P<noun>the\s+(?!.*\b{any_of(QUESTION_WORDS)}\b).+)",
    re.I,
)
_WANTED_TEXT = re.compile(
    rf"{_GREETINGS}(?:can|could|would)\s+you\s+{_FILLERS}"
    r"(?P<imperative>(?:tell|explain|describe|list|name|summari[sz]e|compare|give|show)\s+.+)",
    re.I,
)
_ASKING = re.compile(
    r"\b(?:know|knew|tell|told|say|explain|wonder(?:ed|ing)?|ask(?:ed|ing)?|curious|find out|understand|remember|sure"
    rf"|idea|namely|question is|learn|hear)(?:\s+(?:you|him|her|them|myself))?{_OBJECT}(?={_EMBEDDED})",
    re.I,
)
_TELLER = re.compile(r"(?:^|(?<!\S)[^A-Z\s]\S*\s|[.,;]\s)I\b(?!\.)|\b(?:[Mm]e|[Mm]y|[Ww]e|us|[Oo]ur)\b")
"""One who tells a story names oneself; “Artemis I” does not."""
_ONESELF = re.compile(rf"{_TELLER.pattern}|\b[Yy]ou\b|\bnamely\b|\bquestion\b")
_NEAR_CHARS = 80
"""Characters before a verb of asking in which the one who asks is named."""
_DIRECT = re.compile(
    rf"[,;:.!–—]\s+(?:(?:so|and|but|now|well|then|okay|ok)\b,?\s+)*(?P<clause>(?:{QUESTION_PHRASE_OPENING}"
    rf"|(?:{any_of(OPENING_VERBS)})\s+(?:the|a|an|any|there|this|that|it|they|he|she|(?-i:[A-Z]\w+))\b).+)",
    re.I,
)
_TO_SOMEBODY = re.compile(rf"{_GREETINGS}(?:can|could|would|will|do|does|did)\s+{_SOMEBODY}\b", re.I)
_END = re.compile(
    r"(?:[,;–—-]\s*|\?\s*|[.!]\s+)(?:(?:so|and|but)\s+)?(?:(?:can|could|would|will|do|does)\s+(?:you|anyone|somebody|"
    r"someone)\b|please\b|thanks?\b|many thanks\b|any (?:idea|help|chance)\b|if (?:you|possible|anyone)\b|help\b|"
    r"(?:because|since|as|for)?\s*(?:(?-i:I)|we|my|our)(?:['’]|\b)).*$",
    re.I,
)
_AND = re.compile(rf",?\s+and\s+(?={_EMBEDDED})", re.I)
_POINTER = re.compile(r"\b(?P<pointer>that|this|those|these|the) (?P<noun>[a-z]+(?: [a-z]+)?)\b")
_NAME = r"[A-Z][\w'’-]*(?: [A-Z][\w'’-]*)*"
_PLACE = rf"(?: (?:in|of|at|on|near|from|about|between) (?:the )?(?:[a-z]+ )?{_NAME})"
_NAMED_THING = re.compile(
    rf"\b(?:{any_of(DETERMINERS)}) (?:[a-z][\w'’-]* ){{0,3}}?[a-z][\w'’-]*{_PLACE}(?: [a-z]{{4,}}s\b)?"
)


@dataclass(frozen=True, slots=True)
class DirectQuestion:
    """A question without what it was wrapped in."""

    text: str
    plain: str = ""
    """The same without what was added from the story before it, where that is not sure; else empty."""


def find_question(text: str) -> DirectQuestion:
    """Find the question within a request or a long story and ask it directly; any other is returned as it is."""
    asked = " ".join(text.split())
    if direct := _unwrap(asked):
        return DirectQuestion(direct)
    if len(asked.split()) <= MAX_SHORT_WORDS:
        return DirectQuestion(text)
    found = _find_clause(asked)
    if found is None or not found[1]:
        return DirectQuestion(text)
    story, clause = found
    first, *others = _ask_each(clause)
    completed = _complete_from_story(first, story[-MAX_TURN_CHARS:])
    return DirectQuestion(_join([completed.plain or completed.text, *others])) if others else completed


def _unwrap(asked: str) -> str:
    """Ask directly what “could you tell me …” stands before; empty for any other question."""
    rest = asked
    while match := _WRAPPER.match(rest):
        rest = rest[match.end() :]
        if condition := _INNER_CONDITION.match(rest):
            rest = _INNER_SUBJECT.sub(r"\g<verb> \g<subject>", rest[condition.end() :], count=1)
    if rest != asked:
        return _join(_ask_each(_cut_end(rest)))
    if (wanted := _WANTED_NOUN.fullmatch(_cut_end(asked))) and re.search(rf" {any_of(PREPOSITIONS)} ", wanted["noun"]):
        return ask_what(wanted["noun"])
    if wanted := _WANTED_TEXT.fullmatch(_cut_end(asked)):
        return f"{wanted['imperative'][:1].upper()}{wanted['imperative'][1:]}."
    return ""


def _find_clause(asked: str) -> tuple[str, str] | None:
    """Find the story and the clause that asks something, behind a verb of asking or by itself; None where none does."""
    question = split_question(asked)
    if question is not None and question.is_direct and not _TO_SOMEBODY.match(asked):
        return ("", _cut_end(asked)) if _END.search(asked.rstrip(" ?!.")) else None
    found = [
        match
        for match in _ASKING.finditer(asked)
        if _ONESELF.search(asked[max(match.start() - _NEAR_CHARS, 0) : match.end()])
        and not _INNER_CONDITION.match(asked[match.end() :])
    ]
    if found:
        return asked[: found[-1].start()], _cut_end(asked[found[-1].end() :])
    for match in _DIRECT.finditer(asked):
        clause = split_question(match["clause"])
        is_sentence = asked[match.start()] in ".!"
        # “In May, who won?” and “The weir broke. Who mended it?” need all they say, unlike what one tells of oneself.
        if clause is None or not _TELLER.search(asked[: match.start()]):
            continue
        if clause.is_direct and (clause.is_inverted or is_sentence):
            return asked[: match.start()], _cut_end(match["clause"])
    return None


def _cut_end(clause: str) -> str:
    """Cut what follows a question: thanks, “can you help?”, why one asks."""
    return _END.sub("", clause).strip(" .,;?!")


def _ask_each(clause: str) -> list[str]:
    """Ask an embedded clause directly; several that “and” joins, each."""
    pieces = _AND.split(clause)
    if not all((question := split_question(piece)) and question.rest for piece in pieces):
        pieces = [clause]
    return [ask_directly(piece) for piece in pieces]


def _join(questions: list[str]) -> str:
    first, *others = (question.rstrip("?") for question in questions)
    return as_question(" and ".join([first, *(f"{other[:1].lower()}{other[1:]}" for other in others)]))


def _complete_from_story(question: str, story: str) -> DirectQuestion:
    """Complete a question from the story before it: what “that pier” means, or else what the story names last."""
    for pointer in _POINTER.finditer(question):
        for noun in (pointer["noun"], pointer["noun"].split()[0]):
            if thing := _find_thing(noun, story):
                end = pointer.start("noun") + len(noun)
                return DirectQuestion(f"{question[: pointer.start()]}{thing}{question[end:]}")
    if classify(question) == "leans":
        return DirectQuestion(complete(question, [Message("user", story)]))
    if find_names(f"a {question}"):
        return DirectQuestion(question)
    things = _NAMED_THING.findall(story) or find_names(f"a {story}")
    return DirectQuestion(f"{question.rstrip('?')}: {things[-1]}?", question) if things else DirectQuestion(question)


def _find_thing(noun: str, story: str) -> str:
    """Find how a story names in full what a question calls “that …”; empty where it does not say more."""
    pattern = rf"\b(?:{any_of(DETERMINERS)}) (?P<inner>(?:[\w'’-]+ ){{0,3}}?{re.escape(noun)}\b{_PLACE}?)"
    named = [match["inner"] for match in re.finditer(pattern, story) if match["inner"] != noun]
    return f"the {max(named, key=len)}" if named else ""
