"""Serialise answers, passages, changes and sources to JSON."""

from collections.abc import Sequence
from datetime import datetime

from rag.retrieval.confidence import answer_probability
from rag.source_state import Source, SourceStatus
from rag.types import Answer, Changes, Citation, Hit, Passage, Sentence


class Growing:
    """A text that grows where it is shown piece by piece, and may go another way at its end."""

    def __init__(self) -> None:
        """Nothing is shown yet."""
        self.shown = ""
        """All that was shown, which cannot be taken back."""
        self._text = ""

    def more(self, text: str) -> str:
        """What the text adds to what is shown; nothing where it goes another way, which waits for its end."""
        added = text[len(self._text) :] if text.startswith(self._text) else ""
        return self._show(added, self._text + added)

    def rest(self, text: str) -> str:
        """What is missing of the whole text; all of it, after a blank line, where it goes another way."""
        goes_on = text.startswith(self._text)
        return self._show(text[len(self._text) :] if goes_on else f"\n\n{text}", text)

    def _show(self, added: str, text: str) -> str:
        self.shown, self._text = self.shown + added, text
        return added


def to_json(answer: Answer) -> dict[str, object]:
    """The answer as the command line and the web page give it to programs."""
    return {
        "question": answer.question,
        "query": answer.query,
        "parts": list(answer.parts),
        "period": answer.period,
        "mode": answer.mode,
        "model": answer.model,
        "note": answer.note,
        "answered": answer.answered,
        "answer": answer.text,
        "confidence": answer.confidence,
        "sentences": [_sentence(one) for one in answer.sentences],
        "citations": [_citation(one) for one in answer.citations],
        "hits": [
            {
                "article_id": one.passage.article_id,
                "start": one.passage.start,
                "end": one.passage.end,
                "score": answer_probability(one) if one.reading else one.score,
            }
            for one in answer.hits
        ],
        "timings": dict(answer.timings),
    }


def hit_to_json(rank: int, hit: Hit) -> dict[str, object]:
    """A hit as `rag search --json` lists it."""
    passage = hit.passage
    place = {"start": passage.start, "end": passage.end, "text": passage.text}
    return {"rank": rank, "score": hit.score, **passage_to_json(passage), **place}


def changes_to_json(changes: Changes) -> dict[str, object]:
    """What a sync did, as `rag sync --json` prints it."""
    counts = {name: getattr(changes, name) for name in ("added", "updated", "removed", "unchanged")}
    return {**counts, "failed": [{"source": one.source, "reason": one.reason} for one in changes.failed]}


def source_to_json(source: Source, articles: int, outcome: SourceStatus) -> dict[str, object]:
    """A remembered source as `rag sources --json` lists it; `read` is when it was read last, in local time."""
    read = datetime.fromtimestamp(outcome.at).astimezone().isoformat(timespec="seconds") if outcome.at else ""
    result = f"{outcome.read} read, {outcome.failed} failed" if outcome.at else ""
    result += f" ({outcome.reason})" if outcome.reason else ""
    return {"source": source.name, "articles": articles, "since": source.since, "limit": source.limit, "read": read,
            "result": result}  # fmt: skip


def passage_to_json(passage: Passage) -> dict[str, str]:
    """Where a passage comes from, as the JSON shapes name it."""
    return {
        "article_id": passage.article_id,
        "title": passage.title,
        "source": passage.source,
        "url": passage.url,
        "date": passage.date,
    }


def _sentence(one: Sentence) -> dict[str, object]:
    return {
        "text": one.text,
        "citations": list(one.citations),
        "support": one.support,
        "score": one.score,
        "reason": one.reason,
        "emphasis": list(one.emphasis) if one.emphasis else None,
    }


def _citation(one: Citation) -> dict[str, object]:
    place = {"start": one.start, "end": one.end, "quote": one.quote, "page": one.page or None}
    return {"number": one.number, **passage_to_json(one.passage), **place, "marks": [list(mark) for mark in one.marks]}


def figure(value: object) -> str:
    """A number of a table with three places, what is missing as a dash."""
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else plain(value)


def plain(value: object) -> str:
    """A value of `rag info` on one line."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {part}" for name, part in value.items())
    return ", ".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)
