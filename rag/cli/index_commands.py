"""The verbs that change or inspect an index: sync, add, sources, watch, remove, rollback, check and list."""

from collections.abc import Iterator
from threading import Event
from typing import TYPE_CHECKING

import click

from rag.cli.context import open_engine, open_index
from rag.cli.group import main
from rag.cli.options import TEXT, index_option, json_option, list_options
from rag.cli.terminal import echo, print_json, progress_bar, show_change, show_changes, show_findings, show_pairs
from rag.serialization import source_to_json

if TYPE_CHECKING:
    from rag.index import Index
    from rag.storage.catalogue import ListedArticle

_LISTED_AT_ONCE = 5000


@main.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option(
    "--all", "everything", is_flag=True, help="Build anew beside the index and swap; needed after a change of model."
)
@click.option(
    "--ray",
    is_flag=False,
    flag_value="local",
    metavar="[ADDRESS]",
    help="Read and embed on a Ray cluster: auto, host:port or ray://host:port; on this machine if none is named.",
)
@click.option("--forget", is_flag=True, help="Take out also what a source has lost that lost most of its articles.")
@list_options
@json_option
@index_option
def sync(
    sources: tuple[str, ...], everything: bool, ray: str | None, forget: bool, since: str, limit: int, as_json: bool
) -> None:
    """Make the index equal to the sources: add, update, forget what is gone.

    Without a SOURCE, refresh those the index remembers; with --all and no SOURCE, build anew from the texts it keeps.
    What a feed no longer names stays, and so does a page that cannot be read any more. A source or folder that has lost
    more than half of its articles, as a disk does that is not mounted, is named and keeps them until --forget.
    """
    with progress_bar() as report, open_engine(ray) as engine:
        index = open_index(not everything, engine)
        act = index.rebuild if everything else index.sync
        changes = act(sources, report, since, limit=limit, forget=forget)
    show_changes(changes, as_json)


@main.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@list_options
@json_option
@index_option
def add(sources: tuple[str, ...], since: str, limit: int, as_json: bool) -> None:
    """Index more, forget nothing."""
    index = open_index()
    with progress_bar() as report:
        changes = index.add(sources, report, since, limit=limit)
    show_changes(changes, as_json)


@main.command()
@json_option
@index_option
def sources(as_json: bool) -> None:
    """List the sources that a sync refreshes, and what came of each."""
    rows = [source_to_json(*row) for row in open_index().sources()]
    if as_json:
        return print_json(rows)
    for row in rows:
        echo("\t".join(str(row[name]) for name in ("source", "articles", "read", "result")))


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
    from rag.cli.watch import watch as watching

    index = open_index()
    if sources:
        show_changes(index.add(sources, None, since, limit=limit), False)
    told: set[str] = set()
    for change in watching(index, 60 * every, Event()):
        told = show_change(change, told)


@main.command()
@click.argument("ids", nargs=-1, type=TEXT, required=True, metavar="ID...")
@json_option
@index_option
def remove(ids: tuple[str, ...], as_json: bool) -> None:
    """Take articles out of the index by their ids."""
    show_changes(open_index().remove(ids), as_json)


@main.command()
@index_option
def rollback() -> None:
    """Go back to the index before the last `rag sync --all`; once more, and that is undone."""
    echo(open_index(checked=False).rollback())


@main.command()
@click.option("--repair", is_flag=True, help="Embed and index again what is wrong, take out what is left over.")
@json_option
@index_option
def check(repair: bool, as_json: bool) -> None:
    """Hold articles, vectors and words against each other; exit status 1 if something is wrong and not mended."""
    with progress_bar() as report:
        findings = open_index(checked=False).check(repair=repair, report=report)
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
        return show_pairs(open_index().flagged_articles(), ("id", "flagged"), as_json)
    if versions:
        return show_pairs(open_index().versions(), ("id", "newer"), as_json)
    rows = (
        {"id": one.id, "title": one.title, "source": one.source, "url": one.url, "date": one.date, "words": one.words}
        for one in _all_listed(open_index())
    )
    if as_json:
        return print_json(list(rows))
    for row in rows:
        echo(f"{row['id']}\t{row['date']}\t{row['source']}\t{row['title']}")


def _all_listed(index: "Index") -> "Iterator[ListedArticle]":
    """Every article, in the order of the ids."""
    start = 0
    while page := index.list_articles(order="id", start=start, most=_LISTED_AT_ONCE).articles:
        yield from page
        start += len(page)
