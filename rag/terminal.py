"""How answers, changes and progress look on a terminal."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click

from rag.prompts import NEAREST
from rag.types import Answer, Changes, Progress


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None] | None]:
    """A progress bar for anything over a second, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    with tqdm(unit=" articles", delay=1, file=sys.stderr, dynamic_ncols=True) as bar:

        def report(progress: Progress) -> None:
            if bar.desc != progress.stage:
                bar.reset(progress.total)
                bar.set_description_str(progress.stage, refresh=False)
            if progress.passages:
                bar.set_postfix_str(f"{progress.passages / max(progress.seconds, 1e-9):.0f} passages/s", refresh=False)
            bar.update(progress.articles - bar.n)

        yield report


def show_changes(changes: Changes, as_json: bool) -> None:
    """What a sync did on stdout, and each failure with its reason on stderr."""
    for failure in changes.failed if not as_json else ():
        click.echo(f"failed: {failure.source}: {failure.reason}", err=True)
    if not as_json:
        return click.echo(str(changes))
    counts = {name: getattr(changes, name) for name in ("added", "updated", "removed", "unchanged")}
    print_json({**counts, "failed": [{"source": one.source, "reason": one.reason} for one in changes.failed]})


def show_answer(answer: Answer) -> None:
    """The answer with its sources, or the nearest passages where there is none."""
    click.echo(str(answer))
    if answer.answered or not answer.hits:
        return
    click.echo(f"\n{NEAREST}")
    for hit in answer.hits[:3]:
        passage = hit.passage
        click.echo(f"  {passage.title} ({', '.join(part for part in (passage.source, passage.date) if part)})")
        click.echo(f"    {' '.join(passage.text.split())[:240]} …")


def show_trace(answer: Answer) -> None:
    """On stderr: the query, every passage with its ranks and scores, and the seconds of each stage."""
    click.echo(f"\nsearched for: {answer.query}", err=True)
    for place, hit in enumerate(answer.hits, 1):
        relevance = f"{hit.reading.relevance:.3f}" if hit.reading is not None else "-"
        ranks = (
            f"vectors {hit.dense_rank or '-'}, words {hit.word_rank or '-'}, fused {hit.score:.3f}, read {relevance}"
        )
        click.echo(f"{place:2}. {hit.passage.id}  {ranks}", err=True)
        for copy in hit.copies:
            click.echo(f"      also in {copy.article_id}", err=True)
    click.echo("seconds: " + ", ".join(f"{name} {value:.3f}" for name, value in answer.timings.items()), err=True)


def print_json(value: object) -> None:
    """A value as indented JSON."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def plain(value: object) -> str:
    """A value of `rag info` on one line."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {part}" for name, part in value.items())
    return ", ".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)
