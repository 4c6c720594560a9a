"""Lay out and wire the Evaluation tab."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.errors import RagError, SourceError
from rag.evaluation import Question, read_questions
from rag.web.chat.feedback import Feedback
from rag.web.components import PRIVATE, html_area
from rag.web.escaping import error_html, make_encodable
from rag.web.evaluation import report
from rag.web.evaluation.run import Case, Scores, Scoring

FILE = "a file"
VOTES = "votes on this page"
PASTED = "pasted lines"
_SOURCES = (FILE, VOTES, PASTED)
_PLOTTED = ("hit@1", "hit@5", "MRR@10", "nDCG@10")
_STAGES = ["words", "vectors", "fused", "read"]
_WIDTHS: list[str | int] = ["5%", "28%", "16%", "27%", "12%", "12%"]
"""Of the table of the worst questions."""
_MAX_PASTE_CHARS = 500_000
_EXAMPLE = (
    '{"question": "Why …?", "answers": ["because …"], "gold_articles": ["id.md"]}\n'
    '{"question": "Who …?", "unanswerable": true}'
)
Update = dict[Any, object]


class EvaluationTab:
    """The components of the tab, and what they do; `chosen` holds the question that was picked, to be asked."""

    def __init__(self, assistant: Assistant, feedback: Feedback | None = None) -> None:
        """Score `assistant`; without `feedback`, votes are those in the folder that the settings of its index name."""
        self._assistant = assistant
        self._feedback = feedback or Feedback(assistant.index.settings.index)

    def lay_out(self) -> None:
        """Lay out the components, inside the tab."""
        self.chosen = gr.State("")
        self._cases = gr.State(())
        self._source = gr.Radio([*_SOURCES], value=FILE, label="Questions from", elem_id="scoring-source")
        self._file = gr.File(label="Questions, a JSON object a line", file_types=[".jsonl"], height=120)
        self._pasted = gr.Textbox(
            label="Questions, a JSON object a line",
            placeholder=_EXAMPLE,
            lines=6,
            max_lines=12,
            visible=False,
            max_length=_MAX_PASTE_CHARS,
            elem_id="scoring-lines",
        )
        with gr.Row():
            self._start = gr.Button("Run", variant="primary", elem_id="scoring-run")
            self._stop = gr.Button("Stop", interactive=False, elem_id="scoring-stop")
        self._progress = html_area("scoring-progress")
        with gr.Column(visible=False, elem_id="scoring-results") as self._results:
            self._lay_out_results()

    def _lay_out_results(self) -> None:
        self._headlines = html_area("scoring-headlines")
        with gr.Row():
            self.bars = [
                gr.BarPlot(
                    x="stage",
                    y="share",
                    sort=_STAGES,
                    y_lim=[0, 1],
                    y_axis_format=".0%",
                    x_title=" ",
                    y_title=" ",
                    height=200,
                    min_width=360,
                )
                for _ in _PLOTTED
            ]
        self._line = gr.LinePlot(
            x="coverage",
            y="risk",
            title="Wrong among the surest answers",
            x_title="questions answered",
            y_title="wrong",
            x_lim=[0, 1],
            y_lim=[0, 1],
            x_axis_format=".0%",
            y_axis_format=".0%",
            tooltip="all",
            height=260,
        )
        self._worst = _table("Worst questions: choose one", wrap=True, max_chars=200, column_widths=_WIDTHS)
        self._case = html_area("scoring-case")
        self.ask = gr.Button("Ask it", visible=False, elem_id="scoring-ask")
        self._found = _table("What is found, by stage")
        self._verdicts = _table("Right, partly, wrong or refused, by kind")
        self._figures = _table("Answers, citations, abstention")
        self._seconds = _table("Seconds")

    def wire(self, blocks: gr.Blocks) -> None:
        """Wire the events of the tab, inside the blocks."""
        self._source.change(self.offer, self._source, [self._file, self._pasted, self._progress], **PRIVATE)
        shown = [
            self._progress,
            self._results,
            self._start,
            self._stop,
            self._headlines,
            self._found,
            self._verdicts,
            self._figures,
            self._seconds,
            *self.bars,
            self._line,
            self._worst,
            self._cases,
            self._case,
            self.chosen,
            self.ask,
        ]
        given = [self._source, self._file, self._pasted]
        running = self._start.click(
            self.run, given, shown, trigger_mode="once", concurrency_id="scoring", concurrency_limit=1, **PRIVATE
        )
        self._stop.click(self.stop, None, shown, queue=False, cancels=[running], **PRIVATE)
        picked = [self._case, self.chosen, self.ask]
        self._worst.select(self.choose, self._cases, picked, **PRIVATE)

    def run(self, source: str, file: str | None, pasted: str) -> Iterator[Update]:
        """Yield what changes while the questions are scored: the progress, then the report or the error."""
        yield self._clear()
        started = time.monotonic()
        try:
            questions = self._questions(source, file, pasted)
            with Scoring(self._assistant, questions) as scoring:
                for done in scoring.counts():
                    yield {self._progress: report.render_progress(done, len(questions), time.monotonic() - started)}
                scores, cases = scoring.result()
        except RagError as error:
            yield {self._progress: error_html(error), **self._idle()}
            return
        yield self._show_report(scores, cases)

    def stop(self) -> Update:
        """Show the tab as it is after an evaluation was stopped."""
        return {self._progress: report.render_note("Stopped."), **self._idle()}

    def choose(self, cases: Sequence[Case], event: gr.SelectData) -> Update:
        """Show the case of the row that was picked, and offer to ask its question."""
        # The row's own number, since the browser may have sorted the table.
        number = int(event.row_value[0] if event.row_value else event.index[0] + 1)
        if not 1 <= number <= len(cases):
            return {self._case: gr.skip()}
        case = cases[number - 1]
        return {
            self._case: report.render_case(case),
            self.chosen: make_encodable(case.row["question"]),
            self.ask: gr.Button(visible=True),
        }

    def offer(self, source: str) -> Update:
        """Show the one input for where the questions come from."""
        return {
            self._file: gr.File(visible=source == FILE),
            self._pasted: gr.Textbox(visible=source == PASTED),
            self._progress: self._count_votes() if source == VOTES else "",
        }

    def _count_votes(self) -> str:
        try:
            count = len(self._feedback.questions())
        except RagError as error:
            return error_html(error)
        return report.render_note(
            f"{count:,} answers have been voted on." if count != 1 else "1 answer has been voted on."
        )

    def _questions(self, source: str, file: str | None, pasted: str) -> list[Question]:
        if source == VOTES:
            votes = self._feedback.questions()
            if not votes:
                raise SourceError("no answer has been voted on yet")
            return votes
        if source == PASTED:
            return _read_pasted(pasted)
        if not file:
            raise SourceError("choose a questions file first")
        return _read(Path(file), Path(file).name)

    def _clear(self) -> Update:
        return {
            self._progress: "",
            self._results: gr.Column(visible=False),
            self._case: "",
            self.chosen: "",
            self.ask: gr.Button(visible=False),
            self._start: gr.Button(interactive=False),
            self._stop: gr.Button(interactive=True),
        }

    def _idle(self) -> Update:
        return {self._start: gr.Button(interactive=True), self._stop: gr.Button(interactive=False)}

    def _show_report(self, scores: Scores, cases: Sequence[Case]) -> Update:
        level, stages = report.first_scored_level(scores)
        bars = [
            gr.BarPlot(report.bar_rows(stages, measure), visible=bool(stages), title=f"{measure}, {level}")
            for measure in _PLOTTED
        ]
        risk = scores["abstention"]["risk and coverage"]
        return {
            self._progress: "",
            self._results: gr.Column(visible=True),
            self._headlines: report.render_headlines(scores),
            self._found: report.retrieval_table(scores),
            self._verdicts: gr.Dataframe(report.verdicts_table(scores), visible=bool(scores["verdicts"])),
            self._figures: report.figures_table(scores),
            self._seconds: report.seconds_table(scores),
            **dict(zip(self.bars, bars, strict=True)),
            self._line: gr.LinePlot(report.to_frame(risk), visible=bool(risk)),
            self._worst: gr.Dataframe(report.worst_table(cases), visible=bool(cases)),
            self._cases: tuple(cases),
            **self._idle(),
        }


def _read(path: Path, name: str) -> list[Question]:
    """Read the questions of a file; an error names it as the person knows it, by `name`."""
    try:
        return read_questions(path)
    except SourceError as error:
        raise SourceError(str(error).replace(str(path), name)) from None


def _read_pasted(text: str) -> list[Question]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines.jsonl"
        path.write_bytes(text.encode("utf-8", "replace"))
        return _read(path, "the pasted text")


def _table(label: str, **more: Any) -> gr.Dataframe:
    return gr.Dataframe(label=label, datatype="str", type="array", interactive=False, **more)
