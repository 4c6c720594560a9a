"""Render why an answer was given: what was searched, found and read, and how long it took."""

from rag.types import Answer, Hit
from rag.web.escaping import inert_line

_SHOWN = 12


def trace(answer: Answer) -> str:
    """A folded table below the sources; nothing before anything was found."""
    if not answer.hits:
        return ""
    rows = "".join(_row(place, hit, answer) for place, hit in enumerate(answer.hits[:_SHOWN], 1))
    head = "".join(f'<th scope="col">{name}</th>' for name in ("", "Passage", "Vectors", "Words", "Found", "Read", ""))
    return (
        f'<details class="trace"><summary>Why this answer</summary>{_asked(answer)}{_sentences(answer)}'
        f'<div class="scroll" tabindex="0" role="region" aria-label="Passages that were found"><table>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{_times(answer)}</details>"
    )


def _asked(answer: Answer) -> str:
    parts = "".join(f"<li>{inert_line(part)}</li>" for part in answer.parts)
    listed = f"<ul>{parts}</ul>" if parts else ""
    sure = f"{answer.confidence:.0%}"
    time = f" Time: {inert_line(answer.period)}." if answer.period else ""
    return (
        f"<p>Searched for “{inert_line(answer.query)}”; sure to {sure} that the best passage answers.{time}</p>{listed}"
    )


def _sentences(answer: Answer) -> str:
    doubted = [one for one in answer.sentences if one.reason]
    rows = "".join(f"<li>“{inert_line(one.text)}”: {one.support}, {inert_line(one.reason)}</li>" for one in doubted)
    return f"<ul>{rows}</ul>" if rows else ""


def _row(place: int, hit: Hit, answer: Answer) -> str:
    cited = any(citation.passage.id == hit.passage.id for citation in answer.citations)
    read = f"{hit.reading.relevance:.2f}" if hit.reading is not None else "–"
    became = "cited" if cited else "read, not needed" if hit.reading is not None else "not read"
    cells = (
        inert_line(f"{hit.passage.title}, from character {hit.passage.start:,}"), hit.dense_rank or "–",
        hit.word_rank or "–", f"{hit.score:.2f}", read, became,
    )  # fmt: skip
    return f'<tr><th scope="row">{place}</th>' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _times(answer: Answer) -> str:
    told = ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in answer.timings.items())
    return f"<p>{inert_line(told)}</p>" if told else ""
