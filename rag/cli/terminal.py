"""Print answers, changes, findings and progress on a terminal."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from rag.errors import RagError
from rag.failures import LeftOut
from rag.prompts import NEAREST_HEADING, NO_LLM
from rag.serialization import TextDeltas, changes_to_json, format_score
from rag.text.dates import DATE_NOTE
from rag.text.printable import printable, printable_json, spell_out
from rag.types import DOUBT, Answer, Article, Changes, Failure, Finding, Progress, Sentence

if TYPE_CHECKING:
    from rag.sources.coverage.measure import Coverage

_MAX_LEFT_OUT_LINES = 20
"""Things of one kind that are named line by line where they are left out."""
_SHOWN_OF_MANY = 3
_SHOWN_OF_REASON = 5
"""Stretches that are shown of what is left out for one reason."""


def echo(text: str = "", *, err: bool = False, nl: bool = True) -> None:
    """Print text that may come from strangers, with terminal escape sequences spelled out."""
    click.echo(printable(text), err=err, nl=nl)


def tell_words_first(progress: Progress) -> None:
    """Print to stderr, when embedding begins, that every article answers by its words already."""
    if progress.stage == "embedding" and not progress.articles:
        what = (
            f"every article answers by its words now; {_count(progress.total or 0, 'article')} left for meaning search"
        )
        echo(what, err=True)


@contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None]]:
    """Yield a callback that shows progress as a bar once a second has passed, and a line when words are done.

    There is no bar unless stderr is a terminal.
    """
    if not sys.stderr.isatty():
        yield tell_words_first
        return
    from tqdm import tqdm

    with tqdm(unit=" articles", delay=1, file=sys.stderr, dynamic_ncols=True) as bar:

        def report(progress: Progress) -> None:
            if bar.desc != progress.stage:
                with bar.external_write_mode(file=sys.stderr):
                    tell_words_first(progress)
                bar.reset(progress.total)
                bar.set_description_str(progress.stage, refresh=False)
            if progress.passages:
                bar.set_postfix_str(f"{progress.passages / max(progress.seconds, 1e-9):.0f} passages/s", refresh=False)
            bar.update(progress.articles - bar.n)

        yield report


@contextmanager
def counter() -> Iterator[Callable[[int], None] | None]:
    """Yield a callback that shows how many questions are done; None unless stderr is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    with tqdm(unit=" questions", delay=1, file=sys.stderr, dynamic_ncols=True) as bar:

        def report(number: int) -> None:
            bar.update(number - bar.n)

        yield report


def show_changes(changes: Changes, *, as_json: bool) -> None:
    """Print what a sync did to stdout, failures and what was left out to stderr; with `as_json`, all to stdout."""
    if as_json:
        return print_json(changes_to_json(changes))
    for line in (*map(_failure_line, changes.failed), *_left_out_lines(changes.left_out), *_column_lines(changes)):
        echo(line, err=True)
    echo(str(changes))


def show_change(change: Changes | RagError, known_failures: Set[str]) -> set[str]:
    """Print what a refresh changed on a line with the time, new failures to stderr; return lines of all failures."""
    now = time.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(change, RagError):
        failures = {f"rag: {change}"}
    else:
        failures = {*map(_failure_line, change.failed), *_left_out_lines(change.left_out), *_column_lines(change)}
        if change.added or change.updated or change.removed:
            echo(f"{now} {change}")
    for line in sorted(failures - known_failures):
        echo(f"{now} {line}", err=True)
    return failures


def _failure_line(failure: Failure) -> str:
    return spell_out(f"failed: {failure.source}: {failure.reason}")


def _column_lines(changes: Changes) -> Iterator[str]:
    """Yield a line for each export whose columns were chosen by what they hold."""
    for taken in changes.columns:
        yield spell_out(f"columns of {taken.source}: {taken.columns}; --map FIELD=COLUMN takes another")


def _left_out_lines(left_out: Sequence[Failure]) -> Iterator[str]:
    """Yield a line for each thing that was left out, or one for all of a kind where they are many."""
    by_reason: dict[str, list[str]] = {}
    for one in left_out:
        by_reason.setdefault(one.reason, []).append(one.source)
    for reason, sources in by_reason.items():
        if len(sources) > _MAX_LEFT_OUT_LINES:
            shown = ", ".join(sources[:_SHOWN_OF_MANY])
            yield spell_out(f"left out: {len(sources):,} files: each {reason}: {shown} and others; --json names all")
        else:
            yield from (spell_out(f"left out: {source}: {reason}") for source in sources)


def show_findings(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Print what is wrong with an index, one line each, and at the end whether something still is."""
    wrong = sum(not one.mended for one in findings)
    if as_json:
        return print_json({"sound": not wrong, "findings": [asdict(one) for one in findings]})
    for one in findings:
        echo(str(one))
    if not wrong:
        return echo("the index is sound")
    # Where a finding says itself what to do, a repair would not help.
    mendable = not any("rag rollback" in one.said for one in findings if not one.mended)
    echo(f"wrong: {wrong}" + ("; mend it with: rag check --repair" if mendable else ""))


def show(answers: Iterator[Answer]) -> Answer:
    """Print an answer, on a terminal while it is written, elsewhere once it is complete; return the complete one."""
    if sys.stdout.isatty():
        return show_live(answers)
    show_answer(answer := complete_answer(answers))
    return answer


def complete_answer(answers: Iterator[Answer]) -> Answer:
    """Return the last answer of a stream, which is complete."""
    *_, answer = answers
    return answer


def show_answer(answer: Answer) -> None:
    """Print an answer with its sources, the words that answer in bold."""
    click.echo(" ".join(_style(sentence, doubted=answer.doubts(sentence)) for sentence in answer.sentences))
    show_sources(answer)


def show_live(answers: Iterator[Answer]) -> Answer:
    """Print an LLM's answer while it is written, a quoted one when complete, then the sources; return the last."""
    text = TextDeltas()
    answer = Answer("", "")
    for answer in answers:
        if answer.mode == "llm":
            echo(text.add(answer.text), nl=False)
    if not text.shown:
        show_answer(answer)
        return answer
    echo(text.finish(answer.text))
    show_sources(answer)
    return answer


def show_sources(answer: Answer) -> None:
    """Print an answer's note and citations, and the nearest passages if it is none; who wrote it goes to stderr."""
    _, *sources = str(answer).split("\n")
    for line in sources:
        echo(line)
    echo(f"({made_by(answer)})", err=True)
    if answer.answered or not answer.hits:
        return
    echo(f"\n{NEAREST_HEADING}")
    for hit in answer.hits[:3]:
        passage = hit.passage
        echo(f"  {passage.title} ({', '.join(part for part in (passage.source, passage.date) if part)})")
        echo(f"    {' '.join(passage.text.split())[:240]} …")


def made_by(answer: Answer) -> str:
    """Return who wrote an answer, in a few words."""
    return f"written by {answer.model}" if answer.mode == "llm" else NO_LLM


def _style(sentence: Sentence, *, doubted: bool) -> str:
    """Return a sentence for a terminal, with its numbers and a mark if it is doubted."""
    numbers = "".join(f"[{number}]" for number in sentence.citations)
    start, end = sentence.emphasis or (0, 0)
    before, emphasized, after = map(printable, (sentence.text[:start], sentence.text[start:end], sentence.text[end:]))
    bold = click.style(emphasized, bold=True) if sentence.emphasis else ""
    mark = click.style(printable(f"{DOUBT[:-1]}: {sentence.reason}]"), fg="red") if doubted else ""
    return " ".join(filter(None, [f"{before}{bold}{after}".strip(), numbers, mark]))


def show_trace(answer: Answer) -> None:
    """Print to stderr the query, every passage with its ranks and scores, and the seconds of each stage."""
    echo(f"\nsearched for: {answer.query}", err=True)
    for part in answer.parts:
        echo(f"  in parts: {part}", err=True)
    if answer.period:
        echo(f"  limits: {answer.period}", err=True)
    for number, sentence in enumerate(answer.sentences, 1):
        why = f": {sentence.reason}" if sentence.reason else ""
        echo(f"sentence {number}: {sentence.support} {sentence.score:.2f}{why}", err=True)
    for number, hit in enumerate(answer.hits, 1):
        relevance = f"{hit.reading.relevance:.3f}" if hit.reading is not None else "-"
        ranks = (
            f"vectors {hit.dense_rank or '-'}, words {hit.word_rank or '-'}, fused {hit.score:.3f}, read {relevance}"
        )
        echo(f"{number:2}. {hit.passage.id}  {ranks}", err=True)
        for copy in hit.copies:
            echo(f"      also in {copy.article_id}", err=True)
    echo("seconds: " + ", ".join(f"{name} {value:.3f}" for name, value in answer.timings.items()), err=True)


def show_pairs(pairs: Sequence[tuple[str, str]], names: tuple[str, str], *, as_json: bool) -> None:
    """Print pairs in two columns, or as JSON objects with these names."""
    if as_json:
        return print_json([dict(zip(names, pair, strict=True)) for pair in pairs])
    for pair in pairs:
        echo("\t".join(pair))


def show_edited(article: Article) -> None:
    """Print an article after an edit, as a list shows it, and which of its fields are set by hand."""
    from rag.storage.catalogue.edits import find_edits

    fields = ", ".join("publisher" if field == "source" else field for field in find_edits(article))
    day = article.date + "?" * (DATE_NOTE in article.metadata)
    echo(f"{article.id}\t{day}\t{article.source}\t{article.title}")
    echo(f"set by hand: {fields or 'nothing'}")


def show_coverage(found: "Iterable[Coverage | Failure]", *, as_json: bool) -> None:
    """Print for each source how many of its words are read, and what is left out, by reason; at the end for all."""
    if as_json:
        from rag.sources.coverage.measure import coverage_to_json

        return print_json([asdict(one) if isinstance(one, Failure) else coverage_to_json(one) for one in found])
    measured: list[Coverage] = []
    for one in found:
        if isinstance(one, Failure):
            is_left_out = isinstance(one, LeftOut)
            echo(spell_out(f"{'left out' if is_left_out else 'failed'}: {one.source}: {one.reason}"))
            continue
        measured.append(one)
        echo(spell_out(f"{one.source}: {_format_share(one.read, one.words)}, {_count(one.articles, 'article')}"))
        if one.columns:
            echo(spell_out(f"  columns: {one.columns}"))
        for left_out in one.left_out:
            shown = left_out.begins[:_SHOWN_OF_REASON]
            echo(f"  {left_out.words:>7,}  {left_out.reason}")
            for begin in shown:
                echo(f"           {begin}")
            if more := len(left_out.begins) - len(shown):
                echo(f"           and {more:,} more; --json has them")
    if len(measured) > 1:
        read = sum(one.read for one in measured)
        lost = sum(one.lost for one in measured)
        words = sum(one.words for one in measured)
        echo(f"in all: {_format_share(read, words)}; lost without a reason: {lost / max(words, 1):.2%}")


def _format_share(read: int, words: int) -> str:
    return f"{read:,} of {_count(words, 'word')} read ({read / words if words else 1:.1%})"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def show_scores(scores: Mapping[str, object], indent: str = "") -> None:
    """Print scores as a table: a row for each group of figures, lists of findings below their names."""
    single = {name: value for name, value in scores.items() if not isinstance(value, Mapping | list)}
    if single:
        echo(indent + "  ".join(f"{name} {format_score(value)}" for name, value in single.items()))
    for name, value in scores.items():
        if isinstance(value, Mapping) and value and all(isinstance(row, Mapping) for row in value.values()):
            echo(f"\n{indent}{name}")
            if any(isinstance(one, Mapping) for row in value.values() for one in row.values()):
                show_scores(value, indent + "  ")
            else:
                _show_rows(value, indent)
        elif isinstance(value, Mapping) and value:
            echo(f"\n{indent}{name}")
            show_scores(value, indent + "  ")
        elif isinstance(value, list) and value:
            echo(f"\n{indent}{name}")
            for row in value:
                echo(f"{indent}  " + "; ".join(f"{key}: {format_score(one)}" for key, one in row.items()))


def _show_rows(rows: Mapping[str, Mapping[str, object]], indent: str) -> None:
    columns = list(dict.fromkeys(name for row in rows.values() for name in row))
    wide = max(map(len, rows))
    echo(f"{indent}  {'':{wide}}  " + "  ".join(f"{name:>8}" for name in columns))
    for name, row in rows.items():
        cells = (f"{format_score(row.get(column)):>{max(8, len(column))}}" for column in columns)
        echo(f"{indent}  {name:{wide}}  " + "  ".join(cells))


def print_json(value: object) -> None:
    """Print a value as indented JSON."""
    click.echo(printable_json(json.dumps(value, ensure_ascii=False, indent=2)))
