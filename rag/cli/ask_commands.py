"""The commands search, ask, chat and eval."""

from pathlib import Path

import click

from rag.cli.context import load_settings, make_filters, open_assistant, open_index
from rag.cli.group import main
from rag.cli.options import TEXT, filter_options, index_option, json_option
from rag.cli.terminal import complete_answer, counter, echo, print_json, show, show_scores, show_trace
from rag.errors import QuestionError


@main.command()
@click.argument("query", type=TEXT, metavar="QUERY")
@click.option("-k", default=10, show_default=True, type=click.IntRange(1), help="Most passages.")
@json_option
@filter_options
@index_option
def search(query: str, *, k: int, as_json: bool, **filters: str) -> None:
    """Find the passages that fit a query best."""
    from rag.serialization import hit_to_json

    query = _check_text(query, "query")
    hits = open_index().search(query, k, make_filters(**filters))
    rows = [hit_to_json(rank, hit) for rank, hit in enumerate(hits, 1)]
    if as_json:
        return print_json(rows)
    for row in rows:
        echo(f"{row['rank']}. {row['title']} ({row['source']}, {row['date']})  {row['score']:.3f}\n{row['text']}\n")


@main.command()
@click.argument("question", type=TEXT, metavar="QUESTION")
@click.option(
    "--explain", is_flag=True, help="Print to stderr what was searched and found, and how long each stage took."
)
@json_option
@filter_options
@index_option
def ask(question: str, *, explain: bool, as_json: bool, **filters: str) -> None:
    """Answer a question from the articles, each sentence cited."""
    from rag.serialization import to_json

    question = _check_text(question, "question")
    answers = open_assistant().stream(question, filters=make_filters(**filters))
    answer = complete_answer(answers) if as_json else show(answers)
    if as_json:
        print_json(to_json(answer))
    if explain:
        show_trace(answer)


@main.command()
@filter_options
@index_option
def chat(**options: str) -> None:
    """Ask in a loop, with follow-ups; an empty line or Ctrl-D ends it."""
    from rag.types import Message

    assistant = open_assistant()
    history = list[Message]()
    filters = make_filters(**options)
    while question := _ask_for_question():
        answer = show(assistant.stream(question, history, filters))
        if answer.query != question:
            echo(f"(searched for: {answer.query})", err=True)
        echo()
        history += [Message("user", question), Message("assistant", answer.text)]


@main.command(name="eval")
@click.argument("questions", required=False, type=click.Path(dir_okay=False, path_type=Path), metavar="QUESTIONS")
@click.option(
    "--squad",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Score the reader alone on a SQuAD file.",
)
@click.option(
    "--worst",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    metavar="N",
    help="List so many of the answers that are not right.",
)
@json_option
@index_option
def evaluate(*, questions: Path | None, squad: Path | None, worst: int, as_json: bool) -> None:
    """Score retrieval, answers, citations and abstention on your own questions.

    QUESTIONS is a .jsonl file, one object a line: question, and any of answers, gold_articles, gold_passages,
    unanswerable, date; kind, history (the questions asked before it), must, must_first and must_not (regular
    expressions for the answer) and refuse. With --squad FILE, a SQuAD 1.1 or 2.0 file, only the reader is scored.
    """
    from rag import evaluation

    if (questions is None) == (squad is None):
        raise click.UsageError("name a questions file, or a SQuAD file with --squad")
    with counter() as report:
        if squad is not None:
            from rag.models.reader import open_reader

            settings = load_settings()
            reader = open_reader(settings.reader_model, settings.device)
            scores = evaluation.squad(reader, evaluation.read_squad(squad), report)
        else:
            assert questions is not None
            scores = evaluation.evaluate(
                open_assistant(), evaluation.read_questions(questions), report, most_worst=worst
            )
    print_json(scores) if as_json else show_scores(scores)


def _check_text(text: str, name: str) -> str:
    """Return a query or question; UsageError if it is empty or too long."""
    from rag.retrieval.rewriting import validate_question

    try:
        return validate_question(text, name)
    except QuestionError as error:
        raise click.UsageError(str(error)) from None


def _ask_for_question() -> str:
    """Ask for the next question; return an empty one at the end of input."""
    try:
        text = click.prompt("?", type=TEXT, default="", show_default=False, prompt_suffix=" ", err=True)
    except click.Abort as error:
        if isinstance(error.__context__, KeyboardInterrupt):
            raise
        return ""
    return str(text).strip()
