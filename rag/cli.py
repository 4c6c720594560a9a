"""The `rag` command: stdout is the answer, stderr is everything else."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click

from rag.options import Group, filter_options, index_option, json_option, list_options
from rag.prompts import NO_LLM
from rag.shapes import sourced
from rag.terminal import (
    counter,
    last,
    plain,
    print_json,
    progress_bar,
    show,
    show_change,
    show_changes,
    show_findings,
    show_pairs,
    show_scores,
    show_trace,
)

if TYPE_CHECKING:
    from rag.assistant import Assistant
    from rag.catalogue import Listed
    from rag.index import Index
    from rag.settings import Settings
    from rag.types import Filters

_LISTED_AT_ONCE = 5000


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="rag-articles", prog_name="rag")
@index_option
def main() -> None:
    """Ask a pile of articles; every sentence of the answer cites the passage it comes from.

    A SOURCE is a file, a folder, the address of a web page, feed or sitemap, a file that lists addresses, a .jsonl or
    .jsonl.gz of articles (one object a line: id, title, text, source, url, date), or - for standard input.
    """


@main.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option(
    "--all", "everything", is_flag=True, help="Build anew beside the index and swap; needed after a change of model."
)
@list_options
@json_option
@index_option
def sync(sources: tuple[str, ...], everything: bool, since: str, limit: int, as_json: bool) -> None:
    """Make the index equal to the sources: add, update, forget what is gone.

    Without a SOURCE, refresh those the index remembers; with --all and no SOURCE, build anew from the texts it keeps.
    What a feed no longer names stays, and so does a page that cannot be read any more.
    """
    index = _open(checked=not everything)
    with progress_bar() as report:
        act = index.rebuild if everything else index.sync
        changes = act(sources, report, since, limit)
    show_changes(changes, as_json)


@main.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@list_options
@json_option
@index_option
def add(sources: tuple[str, ...], since: str, limit: int, as_json: bool) -> None:
    """Index more, forget nothing."""
    index = _open()
    with progress_bar() as report:
        changes = index.add(sources, report, since, limit)
    show_changes(changes, as_json)


@main.command()
@json_option
@index_option
def sources(as_json: bool) -> None:
    """List the sources that a sync refreshes, and what came of each."""
    rows = [sourced(*row) for row in _open().sources()]
    if as_json:
        return print_json(rows)
    for row in rows:
        click.echo("\t".join(str(row[name]) for name in ("source", "articles", "read", "result")))


@main.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option(
    "--every", default=15.0, show_default=True, type=click.FloatRange(0.01), metavar="MINUTES", help="How often."
)
@list_options
@index_option
def watch(sources: tuple[str, ...], every: float, since: str, limit: int) -> None:
    """Keep the index up to date until Ctrl-C: all sources again and again, folders when something changes there.

    A SOURCE is added first. Each change is a line.
    """
    from rag.watching import watch as watching

    index = _open()
    if sources:
        show_changes(index.add(sources, None, since, limit), False)
    told: set[str] = set()
    with suppress(KeyboardInterrupt):
        for change in watching(index, 60 * every, Event()):
            told = show_change(change, told)


@main.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@json_option
@index_option
def remove(ids: tuple[str, ...], as_json: bool) -> None:
    """Take articles out of the index by their ids."""
    show_changes(_open().remove(ids), as_json)


@main.command()
@index_option
def rollback() -> None:
    """Go back to the index before the last `rag sync --all`; once more, and that is undone."""
    click.echo(_open(checked=False).rollback())


@main.command()
@click.option("--repair", is_flag=True, help="Embed and index again what is wrong, take out what is left over.")
@json_option
@index_option
def check(repair: bool, as_json: bool) -> None:
    """Hold articles, vectors and words against each other; exit status 1 if something is wrong and not mended."""
    with progress_bar() as report:
        findings = _open().check(repair, report)
    show_findings(findings, as_json)
    if not all(one.mended for one in findings):
        click.get_current_context().exit(1)


@main.command("list")
@click.option("--versions", is_flag=True, help="Only articles that a newer version answers for, with its id.")
@click.option("--flagged", is_flag=True, help="Only articles that seem written for a model, with the reasons.")
@json_option
@index_option
def list_(versions: bool, flagged: bool, as_json: bool) -> None:
    """List the articles in the index."""
    if flagged:
        return show_pairs(_open().flagged(), ("id", "flagged"), as_json)
    if versions:
        return show_pairs(_open().versions(), ("id", "newer"), as_json)
    rows = (
        {"id": one.id, "title": one.title, "source": one.source, "url": one.url, "date": one.date, "words": one.words}
        for one in _all_listed(_open())
    )
    if as_json:
        return print_json(list(rows))
    for row in rows:
        click.echo(f"{row['id']}\t{row['date']}\t{row['source']}\t{row['title']}")


@main.command()
@json_option
@index_option
def info(as_json: bool) -> None:
    """Show the index, the models and the settings, and where each setting came from."""
    from rag import __version__
    from rag.llm.naming import whereabouts
    from rag.settings import Settings

    index = _open()
    settings: Settings = index.settings
    origins = settings.origins(os.environ)
    told: dict[str, object] = {"version": __version__}
    told |= {"folder": str(settings.index), "articles": 0, "passages": 0} if index.empty else index.info()
    told["llm"] = f"{whereabouts(settings.llm)} [{origins['llm']}]" if settings.llm else f"none ({NO_LLM})"
    values = {name: {"value": str(getattr(settings, name)), "from": origins[name]} for name in origins}
    if as_json:
        return print_json({**told, "settings": values})
    for name, value in told.items():
        click.echo(f"{name}: {plain(value)}")
    click.echo("settings:")
    for name, setting in values.items():
        click.echo(f"  RAG_{name.upper()} = {setting['value'] or '(empty)'}  [{setting['from']}]")


@main.command()
@json_option
@index_option
def doctor(as_json: bool) -> None:
    """Try the index, the models, the LLM and the disk, and say what to do about what does not work."""
    from rag.doctor import examine

    checks = []
    for check in examine(_settings()):
        checks.append({"name": check.name, "works": check.works, "said": check.said})
        if not as_json:
            click.echo(f"{'ok ' if check.works else 'NO '} {check.name}: {check.said}")
    if as_json:
        print_json(checks)
    if not all(check["works"] for check in checks):
        click.get_current_context().exit(1)


@main.command()
@click.argument("query")
@click.option("-k", default=10, show_default=True, type=click.IntRange(1), help="How many passages.")
@json_option
@filter_options
@index_option
def search(query: str, k: int, as_json: bool, since: str, until: str, as_of: str, publisher: str) -> None:
    """Find the passages that fit a query best."""
    from rag.shapes import found

    hits = _open().search(query, k, _filters(since, until, as_of, publisher))
    rows = [found(rank, hit) for rank, hit in enumerate(hits, 1)]
    if as_json:
        return print_json(rows)
    for row in rows:
        click.echo(
            f"{row['rank']}. {row['title']} ({row['source']}, {row['date']})  {row['score']:.3f}\n{row['text']}\n"
        )


@main.command()
@click.argument("question")
@click.option("--explain", is_flag=True, help="Say on stderr what was searched, found and how long it took.")
@json_option
@filter_options
@index_option
def ask(question: str, explain: bool, as_json: bool, since: str, until: str, as_of: str, publisher: str) -> None:
    """Answer a question with sentences of the articles, each cited."""
    from rag.shapes import to_json

    answers = _assistant().stream(question, filters=_filters(since, until, as_of, publisher))
    answer = last(answers) if as_json else show(answers)
    if as_json:
        print_json(to_json(answer))
    if explain:
        show_trace(answer)


@main.command()
@filter_options
@index_option
def chat(since: str, until: str, as_of: str, publisher: str) -> None:
    """Ask in a loop, with follow-ups; an empty line or Ctrl-D ends it."""
    from rag.types import Message

    assistant, history = _assistant(), list[Message]()
    filters = _filters(since, until, as_of, publisher)
    while question := _prompt():
        answer = show(assistant.stream(question, history, filters))
        if answer.query != question:
            click.echo(f"(searched for: {answer.query})", err=True)
        click.echo()
        history += [Message("user", question), Message("assistant", answer.text)]


@main.command(name="eval")
@click.argument("questions", required=False, type=click.Path(dir_okay=False, path_type=Path), metavar="QUESTIONS")
@click.option(
    "--squad", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Score the reader alone."
)
@json_option
@index_option
def evaluate(questions: Path | None, squad: Path | None, as_json: bool) -> None:
    """Score retrieval, answers, citations and abstention on your own questions.

    QUESTIONS is a .jsonl file, one object a line: question, and any of answers, gold_articles, gold_passages,
    unanswerable. With --squad FILE, a SQuAD 1.1 or 2.0 file, only the reader is scored.
    """
    from rag import evaluation

    if (questions is None) == (squad is None):
        raise click.UsageError("name a questions file, or a SQuAD file with --squad")
    with counter() as report:
        if squad is not None:
            from rag.reader import open_reader

            settings = _settings()
            reader = open_reader(settings.reader_model, settings.device)
            scores = evaluation.squad(reader, evaluation.read_squad(squad), report)
        else:
            assert questions is not None
            scores = evaluation.evaluate(_assistant(), evaluation.read_questions(questions), report)
    print_json(scores) if as_json else show_scores(scores)


@main.command()
@click.option("--host", default=None, help="Address to listen on; RAG_HOST or 127.0.0.1 unless given.")
@click.option("--port", default=None, type=click.IntRange(0, 65535), help="Port; RAG_PORT or 7860 unless given.")
@click.option("--insecure", is_flag=True, default=None, help="Let other machines reach it without signing in.")
@index_option
def serve(host: str | None, port: int | None, insecure: bool | None) -> None:
    """Serve the web page, also to programs: OpenAI's protocol at /v1, Gradio's API, and MCP where it is installed."""
    from rag.web import serve as run

    options = {"host": host, "port": port, "insecure": insecure}
    given = {name: value for name, value in options.items() if value is not None}
    run(_settings(**given))


@main.command()
def password() -> None:
    """Ask for a password and print its hash for RAG_AUTH."""
    from rag.web.signing import hashed

    click.echo(hashed(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)))


def _settings(**given: object) -> "Settings":
    from rag.settings import Settings

    folder = click.get_current_context().find_root().obj
    return Settings.load(**given, **({"index": folder} if folder is not None else {}))


def _open(checked: bool = True) -> "Index":
    from rag.index import Index

    return Index.open(settings=_settings(), checked=checked)


def _all_listed(index: "Index") -> "Iterator[Listed]":
    """Every article, in the order of the ids."""
    start = 0
    while page := index.listed(order="id", start=start, most=_LISTED_AT_ONCE)[0]:
        yield from page
        start += len(page)


def _assistant() -> "Assistant":
    from rag.assistant import Assistant

    return Assistant(_open())


def _filters(since: str, until: str, as_of: str, publisher: str) -> "Filters":
    from rag.types import Filters

    return Filters(publisher, since, until, as_of)


def _prompt() -> str:
    try:
        return str(click.prompt("?", default="", show_default=False, prompt_suffix=" ", err=True)).strip()
    except click.Abort:
        return ""
