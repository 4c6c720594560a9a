"""The commands that change or inspect an index: sync, add, sources, watch, remove, rollback, check and list."""

from collections.abc import Iterator
from threading import Event
from typing import TYPE_CHECKING

import click

from rag.cli.context import load_settings, open_engine, open_index
from rag.cli.group import main
from rag.cli.options import TEXT, all_text_option, index_option, json_option, list_options, map_option
from rag.cli.terminal import (
    echo,
    print_json,
    progress_bar,
    show_change,
    show_changes,
    show_coverage,
    show_edited,
    show_findings,
    show_pairs,
)
from rag.serialization import source_to_json

if TYPE_CHECKING:
    from rag.index import Index
    from rag.storage.catalogue import ListedArticle

_PAGE_SIZE = 5000
_MARKS = ("is_unsure", "is_edited")


@main.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Rebuild the index beside the live one, then swap; needed after a change of model.",
)
@click.option(
    "--ray",
    is_flag=False,
    flag_value="local",
    metavar="[ADDRESS]",
    help="Read and embed on a Ray cluster: auto, host:port or ray://host:port; on this machine if none is named.",
)
@click.option("--forget", is_flag=True, help="Also remove the articles of a source that has lost most of them.")
@map_option
@all_text_option
@list_options
@json_option
@index_option
def sync(
    sources: tuple[str, ...],
    *,
    everything: bool,
    ray: str | None,
    forget: bool,
    columns: tuple[str, ...],
    all_text: bool,
    since: str,
    limit: int,
    as_json: bool,
) -> None:
    """Bring the index up to date with the sources: add, update and remove articles.

    Without a SOURCE, refresh those that the index remembers; with --all and no SOURCE, rebuild from the texts it keeps.
    What a feed no longer lists stays, and so does a page that can no longer be read. A source or folder that has lost
    more than half of its articles, as when a disk is not mounted, is named and keeps them until --forget. What is no
    article, such as a script or a log, is left out and named.
    """
    _map_columns(sources, columns)
    with progress_bar() as report, open_engine(ray) as engine:
        index = open_index(checked=not everything, engine=engine, all_text=all_text)
        act = index.rebuild if everything else index.sync
        changes = act(sources, report, since=since, limit=limit, forget=forget)
    show_changes(changes, as_json=as_json)


@main.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option(
    "--explain",
    "explains",
    is_flag=True,
    help="Add nothing: print how many of the words of each source are read, and what is left out, by reason.",
)
@map_option
@all_text_option
@list_options
@json_option
@index_option
def add(
    sources: tuple[str, ...],
    *,
    explains: bool,
    columns: tuple[str, ...],
    all_text: bool,
    since: str,
    limit: int,
    as_json: bool,
) -> None:
    """Add sources to the index, and remove nothing.

    With --explain nothing is written: each source is read twice, as it is when it is added and once more on its own,
    and the visible words of the second reading are looked for in the articles of the first.
    """
    if explains and columns:
        raise click.UsageError("--explain writes nothing; give --map without it")
    _map_columns(sources, columns)
    if explains:
        from rag.ingestion.explain import explain

        settings = load_settings(**({"all_text": True} if all_text else {}))
        return show_coverage(explain(sources, settings, since, limit=limit), as_json=as_json)
    index = open_index(all_text=all_text)
    with progress_bar() as report:
        changes = index.add(sources, report, since=since, limit=limit)
    show_changes(changes, as_json=as_json)


def _map_columns(sources: tuple[str, ...], columns: tuple[str, ...]) -> None:
    """Write beside each export which of its columns are which fields; wrong usage for a source that is none."""
    if not columns:
        return
    from rag.errors import SourceError
    from rag.sources.formats.fields_file import parse_mapping, write_fields_file
    from rag.sources.registry import is_export

    for source in sources:
        if not is_export(source):
            raise click.UsageError(f"--map is for a table or an export, each named as a SOURCE; {source} is none")
    if not sources:
        raise click.UsageError("--map needs the export whose columns it names, as a SOURCE")
    try:
        mapping = parse_mapping(columns)
    except SourceError as error:
        raise click.UsageError(f"--map: {error}") from error
    for source in sources:
        echo(f"written: {write_fields_file(source, mapping)}", err=True)


@main.command()
@json_option
@index_option
def sources(*, as_json: bool) -> None:
    """List the sources that a sync refreshes, and the result of each."""
    rows = [source_to_json(*row) for row in open_index().sources()]
    if as_json:
        return print_json(rows)
    for row in rows:
        echo("\t".join(str(row[name]) for name in ("source", "articles", "read", "result")))


@main.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option(
    "--every",
    default=15.0,
    show_default=True,
    type=click.FloatRange(0.01),
    metavar="MINUTES",
    help="Minutes between two reads of all sources.",
)
@all_text_option
@list_options
@index_option
def watch(sources: tuple[str, ...], *, every: float, all_text: bool, since: str, limit: int) -> None:
    """Keep the index up to date until Ctrl-C: read all sources at an interval, and folders when their files change.

    A SOURCE is added first. Each change is a line.
    """
    from rag.cli.watch import watch as watch_sources

    index = open_index(all_text=all_text)
    if sources:
        show_changes(index.add(sources, since=since, limit=limit), as_json=False)
    failures = set[str]()
    for change in watch_sources(index, 60 * every, Event()):
        failures = show_change(change, failures)


@main.command()
@click.argument("ids", nargs=-1, type=TEXT, required=True, metavar="ID...")
@json_option
@index_option
def remove(ids: tuple[str, ...], *, as_json: bool) -> None:
    """Remove articles from the index by their ids."""
    show_changes(open_index().remove(ids), as_json=as_json)


@main.command()
@click.argument("id", type=TEXT, metavar="ID")
@click.option("--title", type=TEXT, help="The title.")
@click.option("--date", type=TEXT, metavar="DAY", help="The day of publication, as YYYY-MM-DD.")
@click.option("--publisher", type=TEXT, help="The publisher.")
@click.option("--author", type=TEXT, help="The author.")
@click.option("--url", type=TEXT, help="The address.")
@click.option("--undo", is_flag=True, help="Take back all that was set before.")
@index_option
def edit(id: str, *, undo: bool, **values: str | None) -> None:
    """Set the title, day, publisher, author or address of an article, whatever its file says; an empty value undoes it.

    What is set is kept when the file changes, and by `rag sync --all`.
    """
    if not undo and all(value is None for value in values.values()):
        raise click.UsageError("name what to set, as in: rag edit ID --date 2024-03-05")
    article = open_index().edit(id, undo=undo, **values)
    show_edited(article)


@main.command()
@index_option
def rollback() -> None:
    """Go back to the index before the last `rag sync --all`; a second rollback undoes the first."""
    echo(open_index(checked=False).rollback())


@main.command()
@click.option("--repair", is_flag=True, help="Embed and index again what is wrong, and remove what is left over.")
@json_option
@index_option
def check(*, repair: bool, as_json: bool) -> None:
    """Check that articles, vectors and BM25 agree; exit status 1 if something is wrong and not repaired."""
    with progress_bar() as report:
        findings = open_index(checked=False).check(repair=repair, report=report)
    show_findings(findings, as_json=as_json)
    if not all(finding.mended for finding in findings):
        click.get_current_context().exit(1)


@main.command("list")
@click.option("--versions", is_flag=True, help="Only articles that a newer version replaces, with its id.")
@click.option("--flagged", is_flag=True, help="Only articles that seem to hold prompt injections, with the reasons.")
@json_option
@index_option
def list_(*, versions: bool, flagged: bool, as_json: bool) -> None:
    """List the articles in the index; a day with a question mark is not certain."""
    if flagged:
        return show_pairs(open_index().flagged_articles(), ("id", "flagged"), as_json=as_json)
    if versions:
        return show_pairs(open_index().versions(), ("id", "newer"), as_json=as_json)
    articles = _list_articles(open_index())
    rows = (
        {name: getattr(article, name) for name in ("id", "title", "source", "url", "date", "words", *_MARKS)}
        for article in articles
    )
    if as_json:
        return print_json(list(rows))
    for article in articles:
        edited = "\tedited" if article.is_edited else ""
        echo(f"{article.id}\t{article.shown_date}\t{article.source}\t{article.title}{edited}")


def _list_articles(index: "Index") -> "Iterator[ListedArticle]":
    """Yield every article, in the order of the ids."""
    start = 0
    while page := index.list_articles(order="id", start=start, most=_PAGE_SIZE).articles:
        yield from page
        start += len(page)
