"""Render the scores of an evaluation: in words, tables and plots."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rag.serialization import format_score
from rag.web.chat.citation_cards import render_hit
from rag.web.escaping import inert_line
from rag.web.evaluation.run import Case, Scores

if TYPE_CHECKING:
    import pandas  # type: ignore[import-untyped]

Table = dict[str, list[Any]]

_HEADLINES = {
    ("retrieval", "article", "read", "hit@1"): "The right article comes first for {} of the questions.",
    ("retrieval", "article", "read", "hit@5"): "It is among the first five for {}.",
    ("citations", "answer in quotes"): "The expected answer stands in a cited quotation for {} of the questions.",
    ("abstention", "answered"): "Of the questions that have an answer, {} are answered.",
    ("abstention", "refused"): "Of the questions that have none, {} are refused.",
    ("citations", "verbatim"): "Of the quotations, {} stand in their articles word for word.",
}


def headlines(scores: Scores) -> str:
    """What a person wants to know first, as HTML."""
    asked, none = scores["questions"], scores["unanswerable"]
    lines = [f"{asked:,} questions, {none:,} of them without an answer." if asked != 1 else "1 question."]
    for path, said in _HEADLINES.items():
        value = _at(scores, path)
        if value is not None:
            lines.append(said.format(percent(value)))
    if total := scores["seconds"].get("total"):
        lines.append(
            f"Half of the answers take at most {total['p50']:.2f} s, 95\N{NO-BREAK SPACE}% {total['p95']:.2f} s."
        )
    return f'<ul class="headlines">{"".join(f"<li>{inert_line(line)}</li>" for line in lines)}</ul>'


def percent(share: float) -> str:
    """A share in whole per cent, of which neither all nor nothing is said where it is not so."""
    whole = round(share * 100)
    words = f"{min(max(whole, 1), 99) if 0 < share < 1 else whole}\N{NO-BREAK SPACE}%"
    return f"{'over' if whole == 100 else 'under'} {words}" if 0 < share < 1 and whole in (0, 100) else words


def progress(done: int, total: int, seconds: float) -> str:
    """How far an evaluation is, as HTML."""
    left = f", {_duration(seconds / done * (total - done))} left" if done else ""
    said = f"{done:,} of {total:,} questions{left}" if done < total else "Reckoning the scores…"
    return f'<progress max="{total}" value="{done}" aria-label="Questions done"></progress> {quiet(said)}'


def quiet(message: str) -> str:
    """A remark, as HTML."""
    return f'<p class="quiet" role="status">{inert_line(message)}</p>'


def retrieval(scores: Scores) -> Table:
    """How well each stage finds what is known to be right."""
    rows = [(level, stage, own) for level, stages in scores["retrieval"].items() for stage, own in stages.items()]
    measures = list(dict.fromkeys(name for _, _, own in rows for name in own))
    data = [[level, stage, *(format_score(own.get(name)) for name in measures)] for level, stage, own in rows]
    return {"headers": ["Found", "Stage", *measures], "data": data}


def figures(scores: Scores) -> Table:
    """The single figures of answers, citations and abstention."""
    groups = ("answers", "citations", "abstention")
    found = [(group, name, value) for group in groups for name, value in scores[group].items()]
    data = [[group, name, format_score(value)] for group, name, value in found if not isinstance(value, list)]
    return {"headers": ["Of", "Measure", "Value"], "data": data}


def seconds(scores: Scores) -> Table:
    """How long each stage takes."""
    data = [[stage, format_score(own["p50"]), format_score(own["p95"])] for stage, own in scores["seconds"].items()]
    return {"headers": ["Stage", "Half take at most", "95 % take at most"], "data": data}


def worst(cases: Sequence[Case]) -> Table:
    """The worst questions, numbered."""
    headers = ["#", "Question", "Expected", "Answered", "Confidence", "Right article at"]
    return {"headers": headers, "data": [_row(number, case) for number, case in enumerate(cases, 1)]}


def _row(number: int, case: Case) -> list[str]:
    row = case.row
    cells = (str(number), row["question"], case.expected, row["answer"], format_score(row["confidence"]), case.place)
    return [sendable(cell) for cell in cells]


def told(case: Case) -> str:
    """One of the worst questions with what was expected, said and found, as HTML."""
    row = case.row
    facts = {
        "Expected": case.expected,
        "Answered": row["answer"] or "nothing",
        "Confidence": format_score(row["confidence"]),
        "Right article at": case.place,
    }
    listed = "".join(f"<dt>{name}</dt><dd>{inert_line(said)}</dd>" for name, said in facts.items() if said)
    cards = "".join(map(render_hit, case.hits)) or quiet("Nothing in the articles comes near.")
    return f'<section><h3 dir="auto">{inert_line(row["question"])}</h3><dl>{listed}</dl><h4>Found</h4>{cards}</section>'


def first_known(scores: Scores) -> tuple[str, Scores]:
    """The first kind of thing whose right ones are known, and how well each stage finds them; empty where none is."""
    known = ((level, stages) for level, stages in scores["retrieval"].items() if stages)
    return next(known, ("", {}))


def bars(stages: Scores, measure: str) -> "pandas.DataFrame | None":
    """The rows of a plot of one measure by stage."""
    return frame([{"stage": stage, "share": own[measure]} for stage, own in stages.items()])


def frame(rows: Sequence[Mapping[str, object]]) -> "pandas.DataFrame | None":
    """Rows as Gradio's plots take them; None for none."""
    import pandas

    return pandas.DataFrame(rows) if rows else None


def sendable(text: str) -> str:
    """The text as it can be sent: a lone surrogate cannot, and would end the whole reply."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _at(scores: Scores, path: Sequence[str]) -> float | None:
    found: Any = scores
    for name in path:
        found = found.get(name) if found else None
    return found if isinstance(found, float) else None


def _duration(left: float) -> str:
    return f"about {max(round(left), 1)} s" if left < 90 else f"about {round(left / 60)} min"
