"""Render why an answer was given: what was searched, found and read, and how long it took."""

from rag.types import Answer, Hit
from rag.web.escaping import inert_line

_MAX_ROWS = 12


def render_trace(answer: Answer) -> str:
    """Render a folded table of what was searched and read; empty before anything was found."""
    if not answer.hits:
        return ""
    rows = "".join(_row(rank, hit, answer) for rank, hit in enumerate(answer.hits[:_MAX_ROWS], 1))
    head = "".join(f'<th scope="col">{name}</th>' for name in ("", "Passage", "Vectors", "Words", "Found", "Read", ""))
    return (
        f'<details class="trace"><summary>Why this answer</summary>{_query(answer)}{_sentences(answer)}'
        f'<div class="scroll" tabindex="0" role="region" aria-label="Passages that were found"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{_times(answer)}</details>"
    )


def _query(answer: Answer) -> str:
    parts = "".join(f"<li>{inert_line(part)}</li>" for part in answer.parts)
    listed = f"<ul>{parts}</ul>" if parts else ""
    sure = f"{answer.confidence:.0%}"
    limits = f" Limits: {inert_line(answer.period)}." if answer.period else ""
    return (
        f"<p>Searched for “{inert_line(answer.query)}”; sure to {sure} that the best passage "
        f"answers.{limits}</p>{listed}"
    )


def _sentences(answer: Answer) -> str:
    doubted = [sentence for sentence in answer.sentences if sentence.reason]
    rows = "".join(
        f"<li>“{inert_line(sentence.text)}”: {sentence.support}, {inert_line(sentence.reason)}</li>"
        for sentence in doubted
    )
    return f"<ul>{rows}</ul>" if rows else ""


def _row(rank: int, hit: Hit, answer: Answer) -> str:
    cited = any(citation.passage.id == hit.passage.id for citation in answer.citations)
    read = f"{hit.reading.relevance:.2f}" if hit.reading is not None else "–"
    became = "cited" if cited else "read, not needed" if hit.reading is not None else "not read"
    cells = (
        inert_line(f"{hit.passage.title}, from character {hit.passage.start:,}"),
        hit.dense_rank or "–",
        hit.word_rank or "–",
        f"{hit.score:.2f}",
        read,
        became,
    )
    return f'<tr><th scope="row">{rank}</th>' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _times(answer: Answer) -> str:
    times = ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in answer.timings.items())
    return f"<p>{inert_line(times)}</p>" if times else ""
