"""Render a conversation as chat messages, in Markdown."""

from rag.prompts import NO_LLM, NOT_FOUND
from rag.types import Answer, Sentence
from rag.web.chat.citation_cards import card_id
from rag.web.chat.turns import Turn, Turns
from rag.web.escaping import inert, inert_line

_DOUBTS = {"weak": "weakly supported", "unsupported": "not supported by the passages"}
"""What a reader must know about a sentence that its citations do not hold up."""


def chat_messages(turns: Turns) -> list[dict[str, str]]:
    """Render every question and its answer so far, as Gradio's chat takes them."""
    shown = []
    for number, turn in enumerate(turns, 1):
        shown.append({"role": "user", "content": inert_line(turn.answer.question)})
        shown.append({"role": "assistant", "content": _reply(number, turn)})
    return shown


def _reply(turn_number: int, turn: Turn) -> str:
    text = " ".join(
        _sentence(turn_number, sentence, is_checked=_is_checked(turn, sentence)) for sentence in turn.answer.sentences
    )
    if turn.done:
        if turn.stopped:
            return "\n\n".join(filter(None, [text, "<small>Stopped.</small>"]))
        note = f"<small>{inert_line(turn.answer.note)}</small>" if turn.answer.note else ""
        return "\n\n".join(filter(None, [text or NOT_FOUND, note, f"<small>{describe_answer(turn)}</small>"]))
    return text or f"<small>{_waiting(turn.answer)}</small>"


def _is_checked(turn: Turn, sentence: Sentence) -> bool:
    """Whether it is known how well a sentence is supported; a refusal needs no support."""
    return turn.answer.answered and ((turn.done and not turn.stopped) or bool(sentence.reason))


def _waiting(answer: Answer) -> str:
    return "Reading what was found…" if answer.hits else "Searching the articles…"


def _sentence(turn_number: int, sentence: Sentence, *, is_checked: bool) -> str:
    links = "".join(f"[&#91;{number}&#93;](#{card_id(turn_number, number)})" for number in sentence.citations)
    return " ".join(part for part in (_words(sentence), links, _doubt(sentence) if is_checked else "") if part)


def _doubt(sentence: Sentence) -> str:
    """Render the doubt about a sentence, and why; empty where it is supported."""
    doubt = _DOUBTS.get(sentence.support, "")
    why = f": {inert_line(sentence.reason)}" if sentence.reason else ""
    return f'<small class="doubt">({doubt}{why})</small>' if doubt else ""


def _words(sentence: Sentence) -> str:
    """Render a sentence, the words that answer in bold."""
    if sentence.emphasis is None:
        return inert_line(sentence.text)
    start, end = sentence.emphasis
    before, emphasised, after = (
        inert(part) for part in (sentence.text[:start], sentence.emphasised, sentence.text[end:])
    )
    return " ".join(f"{before}<strong>{emphasised}</strong>{after}".split())


def describe_answer(turn: Turn) -> str:
    """Describe how the answer came about, on one line: who wrote it, how long it took, what was read."""
    answer = turn.answer
    read = sum(hit.reading is not None for hit in answer.hits)
    parts = [
        f"written by {inert_line(answer.model)}" if answer.mode == "llm" else NO_LLM,
        f"{_seconds(answer):.2f} s",
        f"{read} passages read" if read != 1 else "1 passage read",
        f"{turn.articles:,} articles" if turn.articles != 1 else "1 article",
    ]
    if answer.query != answer.question:
        parts.append(f"searched for “{inert_line(answer.query)}”")
    if answer.parts:
        parts.append("in parts: " + " ".join(f"“{inert_line(part)}”" for part in answer.parts))
    return " · ".join(parts)


def _seconds(answer: Answer) -> float:
    return answer.timings.get("total", sum(answer.timings.values()))
