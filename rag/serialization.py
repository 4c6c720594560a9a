"""Serialise answers, passages, changes and sources to JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from rag.retrieval.confidence import answer_probability
from rag.source_state import Source, SourceStatus
from rag.types import Answer, Changes, Citation, Hit, Passage, Sentence


class TextDeltas:
    """The deltas of a streamed text: what each new state of it adds to what was shown before."""

    def __init__(self) -> None:
        """Begin with nothing shown."""
        self.shown = ""
        """All that was shown, which cannot be taken back."""
        self._text = ""

    def add(self, text: str) -> str:
        """Return what the text so far adds to the last one; an empty text where it does not continue that."""
        added = text[len(self._text) :] if text.startswith(self._text) else ""
        return self._show(added, self._text + added)

    def finish(self, text: str) -> str:
        """Return what the complete text adds; where it does not continue the last one, all of it after a blank line."""
        continues = text.startswith(self._text)
        return self._show(text[len(self._text) :] if continues else f"\n\n{text}", text)

    def _show(self, added: str, text: str) -> str:
        self.shown += added
        self._text = text
        return added


def to_json(answer: Answer) -> dict[str, object]:
    """Convert an answer to the JSON that the command line and the web page give to programs."""
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
        "sentences": [_sentence_to_json(sentence) for sentence in answer.sentences],
        "citations": [_citation_to_json(citation) for citation in answer.citations],
        "hits": [
            {
                "article_id": hit.passage.article_id,
                "start": hit.passage.start,
                "end": hit.passage.end,
                "score": answer_probability(hit) if hit.reading else hit.score,
            }
            for hit in answer.hits
        ],
        "timings": dict(answer.timings),
    }


def hit_to_json(rank: int, hit: Hit) -> dict[str, object]:
    """Convert a hit to the JSON of `rag search --json`."""
    passage = hit.passage
    span = {"start": passage.start, "end": passage.end, "text": passage.text}
    return {"rank": rank, "score": hit.score, **passage_to_json(passage), **span}


def changes_to_json(changes: Changes) -> dict[str, object]:
    """Convert what a sync did to the JSON of `rag sync --json`."""
    counts = {name: getattr(changes, name) for name in ("added", "updated", "removed", "unchanged")}
    named = {"failed": changes.failed, "left_out": changes.left_out}
    listed: dict[str, object] = {name: [asdict(failure) for failure in failures] for name, failures in named.items()}
    return {**counts, **listed, "columns": [asdict(taken) for taken in changes.columns]}


def source_to_json(source: Source, articles: int, status: SourceStatus) -> dict[str, object]:
    """Convert a remembered source to the JSON of `rag sources --json`, in which `read` is in local time."""
    read = datetime.fromtimestamp(status.at).astimezone().isoformat(timespec="seconds") if status.at else ""
    result = f"{status.read} read, {status.failed} failed" if status.at else ""
    result += f" ({status.reason})" if status.reason else ""
    return {
        "source": source.name,
        "articles": articles,
        "since": source.since,
        "limit": source.limit,
        "read": read,
        "result": result,
    }


def passage_to_json(passage: Passage) -> dict[str, str]:
    """Convert where a passage comes from to JSON."""
    return {
        "article_id": passage.article_id,
        "title": passage.title,
        "source": passage.source,
        "url": passage.url,
        "date": passage.date,
    }


def _sentence_to_json(sentence: Sentence) -> dict[str, object]:
    return {
        "text": sentence.text,
        "citations": list(sentence.citations),
        "support": sentence.support,
        "score": sentence.score,
        "reason": sentence.reason,
        "emphasis": list(sentence.emphasis) if sentence.emphasis else None,
    }


def _citation_to_json(citation: Citation) -> dict[str, object]:
    return {
        "number": citation.number,
        **passage_to_json(citation.passage),
        "url": citation.url,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "page": citation.page or None,
        "second": citation.second,
        "marks": [list(mark) for mark in citation.marks],
    }


def format_score(value: object) -> str:
    """Format a value of a table: a float with three decimal places, None as a dash, others as `format_value` does.

    The two ends of an interval are joined by a word.
    """
    if value is None:
        return "-"
    if isinstance(value, tuple):
        return " to ".join(map(format_score, value))
    return f"{value:.3f}" if isinstance(value, float) else format_value(value)


def format_value(value: object) -> str:
    """Format a value of `rag info` on one line."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {part}" for name, part in value.items())
    return ", ".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)
