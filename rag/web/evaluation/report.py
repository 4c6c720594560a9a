"""Render the scores of an evaluation: in words, tables and plots."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from rag.serialization import format_score
from rag.web.chat.citation_cards import render_hit
from rag.web.escaping import inert_line, make_encodable
from rag.web.evaluation.run import Case, Scores

if TYPE_CHECKING:
    import pandas  # type: ignore[import-untyped]

Table = dict[str, list[Any]]


class LevelScores(NamedTuple):
    """How well each stage finds articles, or passages."""

    level: str
    stages: Scores


_HEADLINES = {
    ("retrieval", "article", "read", "hit@1"): "The right article comes first for {} of the questions.",
    ("retrieval", "article", "read", "hit@5"): "It is among the first five for {}.",
    ("citations", "answer in quotes"): "The expected answer stands in a cited quotation for {} of the questions.",
    ("abstention", "answered"): "Of the questions that have an answer, {} are answered.",
    ("abstention", "refused"): "Of the questions that have none, {} are refused.",
    ("citations", "verbatim"): "Of the quotations, {} stand in their articles word for word.",
}


def render_headlines(scores: Scores) -> str:
    """Render the main scores of an evaluation as a list of sentences, in HTML."""
    questions = scores["questions"]
    unanswerable = scores["unanswerable"]
    count = f"{questions:,} questions, {unanswerable:,} of them without an answer."
    lines = [count if questions != 1 else "1 question."]
    for path, sentence in _HEADLINES.items():
        value = _at(scores, path)
        if value is not None:
            lines.append(sentence.format(format_percent(value)))
    if total := scores["seconds"].get("total"):
        lines.append(
            f"Half of the answers take at most {total['p50']:.2f} s, 95\N{NO-BREAK SPACE}% {total['p95']:.2f} s."
        )
    return f'<ul class="headlines">{"".join(f"<li>{inert_line(line)}</li>" for line in lines)}</ul>'


def format_percent(share: float) -> str:
    """Format a share in whole per cent, never as 0 % or 100 % where it is not exactly that."""
    whole = round(share * 100)
    words = f"{min(max(whole, 1), 99) if 0 < share < 1 else whole}\N{NO-BREAK SPACE}%"
    return f"{'over' if whole == 100 else 'under'} {words}" if 0 < share < 1 and whole in (0, 100) else words


def render_progress(done: int, total: int, seconds: float) -> str:
    """Render how far an evaluation is, as HTML."""
    left = f", {_duration(seconds / done * (total - done))} left" if done else ""
    line = f"{done:,} of {total:,} questions{left}" if done < total else "Computing the scores…"
    return f'<progress max="{total}" value="{done}" aria-label="Questions done"></progress> {render_note(line)}'


def render_note(message: str) -> str:
    """Render a note, as HTML."""
    return f'<p class="quiet" role="status">{inert_line(message)}</p>'


def verdicts_table(scores: Scores) -> Table:
    """Tabulate how many answers are right, partly right and so on, for each kind of question."""
    kinds = scores["verdicts"]
    columns = list(dict.fromkeys(name for counts in kinds.values() for name in counts))
    data = [[make_encodable(kind), *map(str, counts.values())] for kind, counts in kinds.items()]
    return {"headers": ["Kind", *columns], "data": data}


def retrieval_table(scores: Scores) -> Table:
    """Tabulate the retrieval scores of each stage, for articles and for passages."""
    rows = [(level, stage, own) for level, stages in scores["retrieval"].items() for stage, own in stages.items()]
    measures = list(dict.fromkeys(name for _, _, own in rows for name in own))
    data = [[level, stage, *(format_score(own.get(name)) for name in measures)] for level, stage, own in rows]
    return {"headers": ["Found", "Stage", *measures], "data": data}


def figures_table(scores: Scores) -> Table:
    """Tabulate the single figures of answers, citations and abstention."""
    groups = ("answers", "citations", "abstention")
    figures = [(group, name, value) for group in groups for name, value in scores[group].items()]
    data = [[group, name, format_score(value)] for group, name, value in figures if not isinstance(value, list)]
    return {"headers": ["Of", "Measure", "Value"], "data": data}


def seconds_table(scores: Scores) -> Table:
    """Tabulate how long each stage takes."""
    data = [[stage, format_score(own["p50"]), format_score(own["p95"])] for stage, own in scores["seconds"].items()]
    return {"headers": ["Stage", "Half take at most", "95 % take at most"], "data": data}


def worst_table(cases: Sequence[Case]) -> Table:
    """Tabulate the worst questions, numbered."""
    headers = ["#", "Question", "Expected", "Answered", "Confidence", "Right article at"]
    return {"headers": headers, "data": [_row(number, case) for number, case in enumerate(cases, 1)]}


def _row(number: int, case: Case) -> list[str]:
    row = case.row
    cells = (
        str(number),
        row["question"],
        case.expected,
        row["answer"],
        format_score(row["confidence"]),
        case.gold_rank,
    )
    return [make_encodable(cell) for cell in cells]


def render_case(case: Case) -> str:
    """Render one of the worst questions with the expected answer, the given one and the hits, as HTML."""
    row = case.row
    facts = {
        "Expected": case.expected,
        "Answered": row["answer"] or "nothing",
        "Confidence": format_score(row["confidence"]),
        "Right article at": case.gold_rank,
    }
    listed = "".join(f"<dt>{name}</dt><dd>{inert_line(value)}</dd>" for name, value in facts.items() if value)
    cards = "".join(map(render_hit, case.hits)) or render_note("Nothing in the articles comes near.")
    return f'<section><h3 dir="auto">{inert_line(row["question"])}</h3><dl>{listed}</dl><h4>Found</h4>{cards}</section>'


def first_scored_level(scores: Scores) -> LevelScores:
    """Return the first level (article or passage) that has retrieval scores; an empty one where none has."""
    scored = (LevelScores(level, stages) for level, stages in scores["retrieval"].items() if stages)
    return next(scored, LevelScores("", {}))


def bar_rows(stages: Scores, measure: str) -> "pandas.DataFrame | None":
    """Return the rows of a plot of one measure by stage; None for no stages."""
    return to_frame([{"stage": stage, "share": own[measure]} for stage, own in stages.items()])


def to_frame(rows: Sequence[Mapping[str, object]]) -> "pandas.DataFrame | None":
    """Convert rows to what Gradio's plots take; None for no rows."""
    import pandas

    return pandas.DataFrame(rows) if rows else None


def _at(scores: Scores, path: Sequence[str]) -> float | None:
    value: Any = scores
    for name in path:
        value = value.get(name) if value else None
    return value if isinstance(value, float) else None


def _duration(left: float) -> str:
    return f"about {max(round(left), 1)} s" if left < 90 else f"about {round(left / 60)} min"
