"""Measure how many words of an article are lost where a page of it is read.

Two corpora of pages whose article is known: stories in the markup of ten kinds of sites (tests/support/known_pages.py),
and one Markdown text of which every generator and theme that is installed in a folder of tools makes a page. A row for
each kind of page says how many of the true words the article lacks, and how many it has beyond them; the last columns,
how many visible words the page has by its second reading (`rag add --explain`), and which share of these is left out
without a reason.

python bench/page_loss.py         the stories
python bench/page_loss.py TOOLS   and the generators (TOOLS is the bin folder of an environment with mkdocs,
mkdocs-material, zensical, pelican[markdown], sphinx, myst-parser, furo, sphinx-rtd-theme, sphinx-book-theme,
pydata-sphinx-theme and nbconvert)
"""

import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rag import Article, Coverage, Settings, explain
from rag.sources import read
from tests.support.known_pages import known

TITLE = "The tide mill of Oldhaven"
MARKDOWN = f"""# {TITLE}

The tide mill of Oldhaven stands on the quay of Saltern Street, where a dam of oak and clay was first built in 1311.

> A mill should not stand still, said the last miller, Ebba Rask, when she closed the sluice.

## What the mill grinds

Barley, spelt and rye are ground on three pairs of stones. Each pair has a name of its own:

- Old Ada, cut in 1790 from a single block
- Little Otto, which grinds only spelt
    - its bed stone came from the quarry at Varn
    - its runner stone weighs 640 kilograms
- The Widow, idle since the flood of 1953

Visitors go through the house in this order:

1. Show the ticket at the green door.
2. Climb the ladder to the bin floor.
3. Wait for the bell before touching the brake.

## Opening hours and prices

| Month | Opens | Price |
|-------|-------|-------|
| April | 10:15 | 4 crowns |
| July  | 09:30 | 6 crowns |

See the [timetable of the ferry](https://example.org/ferry) before you come, and [write to us](https://example.org/us).

### Groups

Groups of twelve or more pay half. *Dogs* are **not** allowed, because the `brake rope` frightens them.

```
open sluice
lower stone
```

## How the tide turns the wheel

At high water the sea fills the pond behind the dam. Six hours later the sluice opens, and forty tonnes of water an hour
fall on the paddles.

Short.

Nobody knows who built the wheel.
"""
_WORD = re.compile(r"\w+")
_SYNTAX = re.compile(r"\]\([^)]*\)|^[ \t]*\d+\. |^\|[-|]+$", re.MULTILINE)
_SITE = {"site_name": "Harbour notes", "docs_dir": "docs", "site_dir": "site"}


@dataclass(frozen=True, slots=True)
class Loss:
    """What is lost of one page, or of several."""

    truth: int = 0
    lost: int = 0
    beyond: int = 0
    visible: int = 0
    unexplained: int = 0
    first: str = ""

    def __add__(self, other: "Loss") -> "Loss":
        """Return the loss of both."""
        return Loss(
            self.truth + other.truth,
            self.lost + other.lost,
            self.beyond + other.beyond,
            self.visible + other.visible,
            self.unexplained + other.unexplained,
            self.first or other.first,
        )


def main(tools: Path | None) -> None:
    """Print a table for each corpus."""
    _print_table("stories as", _story_losses())
    if tools is not None:
        print()
        _print_table("generator or theme", _generator_losses(tools))


def _print_table(head: str, losses: Iterator[tuple[str, Loss | str]]) -> None:
    """Print a row for each kind of page, and one for all."""
    print(f"{head:32}{'words':>7}{'lost':>6}{'lost %':>8}{'beyond':>8}{'visible':>9}{'no reason %':>13}  first lost")
    total = Loss()
    for name, loss in losses:
        if isinstance(loss, str):
            print(f"{name:32}not built: {loss}")
            continue
        total += loss
        _print_row(name, loss)
    _print_row("all", total)


def _print_row(name: str, loss: Loss) -> None:
    """Print one row."""
    share = loss.lost / max(loss.truth, 1)
    unexplained = loss.unexplained / max(loss.visible, 1)
    print(
        f"{name:32}{loss.truth:7,}{loss.lost:6}{share:8.2%}{loss.beyond:8}{loss.visible:9,}{unexplained:13.2%}"
        f"  {loss.first}"
    )


def _story_losses() -> Iterator[tuple[str, Loss]]:
    """Yield each kind of site with what is lost of all stories that are known in its markup."""
    losses: dict[str, Loss] = {}
    with tempfile.TemporaryDirectory(prefix="loss-") as folder:
        pages = {
            _put(Path(folder, f"{kind}.html"), markup): f"{story.title}\n{story.body}"
            for kind, story, markup in known()
        }
        for page, loss in _measure(pages):
            site = page.name.partition("-")[0]
            losses[site] = losses.get(site, Loss()) + loss
    yield from losses.items()


def _generator_losses(tools: Path) -> Iterator[tuple[str, Loss | str]]:
    """Yield each generator and theme with what is lost of the Markdown, or why it makes no page."""
    for name, build in _builds(tools):
        with tempfile.TemporaryDirectory(prefix="loss-") as folder:
            try:
                page = build(Path(folder))
            except (subprocess.CalledProcessError, FileNotFoundError) as error:
                yield name, str(error)[:80]
                continue
            for _, loss in _measure({page: _SYNTAX.sub(" ", MARKDOWN)}):
                yield name, loss


def _measure(pages: Mapping[Path, str]) -> Iterator[tuple[Path, Loss]]:
    """Read pages, each of which has the article that is its value, and yield what is lost of each."""
    coverage = {one.source: one for one in explain(list(pages), Settings()) if isinstance(one, Coverage)}
    for article in read(list(map(str, pages))):
        assert isinstance(article, Article), article
        found = coverage[article.origin]
        wanted = _words(pages[Path(article.origin)])
        read_words = _words(f"{article.title}\n{article.text}")
        lost = wanted - read_words
        beyond = (read_words - wanted).total()
        first = " ".join(sorted(lost)[:6])
        yield Path(article.origin), Loss(wanted.total(), lost.total(), beyond, found.words, found.lost, first)


def _words(text: str) -> Counter[str]:
    """Count the words of a text."""
    return Counter(_WORD.findall(text.casefold()))


def _builds(tools: Path) -> Iterator[tuple[str, Callable[[Path], Path]]]:
    """Yield the generators and themes, each with what makes a page in a folder and returns its path."""
    for theme in ("mkdocs", "readthedocs", "material"):
        yield f"mkdocs {theme}", lambda folder, theme=theme: _mkdocs(tools / "mkdocs", folder, theme)
    yield "zensical", lambda folder: _mkdocs(tools / "zensical", folder, "")
    for theme in ("alabaster", "classic", "furo", "sphinx_rtd_theme", "sphinx_book_theme", "pydata_sphinx_theme"):
        yield f"sphinx {theme}", lambda folder, theme=theme: _sphinx(tools, folder, theme)
    for theme in ("notmyidea", "simple"):
        yield f"pelican {theme}", lambda folder, theme=theme: _pelican(tools, folder, theme)
    for template in ("lab", "classic", "basic"):
        yield f"nbconvert {template}", lambda folder, template=template: _notebook(tools, folder, template)
    yield "python-markdown", lambda folder: _markdown(tools, folder)


def _run(folder: Path, *command: object) -> None:
    """Run a command in a folder; raises CalledProcessError where it fails."""
    subprocess.run(list(map(str, command)), cwd=folder, check=True, capture_output=True, timeout=300)


def _put(path: Path, text: str) -> Path:
    """Write a file, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def _mkdocs(tool: Path, folder: Path, theme: str) -> Path:
    """Build with MkDocs, or with Zensical where there is no theme."""
    for name in ("index", "second", "third"):
        _put(folder / "docs" / f"{name}.md", MARKDOWN if name == "index" else f"# The {name} page\n\nAbout it.\n")
    _put(folder / "mkdocs.yml", json.dumps({**_SITE, **({"theme": {"name": theme}} if theme else {})}))
    _run(folder, tool, "build")
    return folder / "site" / "index.html"


def _sphinx(tools: Path, folder: Path, theme: str) -> Path:
    """Build with Sphinx and MyST."""
    _put(folder / "conf.py", f"project = 'Harbour notes'\nextensions = ['myst_parser']\nhtml_theme = '{theme}'\n")
    _put(folder / "index.md", "# Harbour notes\n\n```{toctree}\nmill\nsecond\n```\n")
    _put(folder / "second.md", "# The second page\n\nAbout it.\n")
    _put(folder / "mill.md", MARKDOWN)
    _run(folder, tools / "sphinx-build", "-q", ".", "site")
    return folder / "site" / "mill.html"


def _pelican(tools: Path, folder: Path, theme: str) -> Path:
    """Build with Pelican."""
    body = MARKDOWN.split("\n", 2)[2]
    head = f"Title: {TITLE}\nDate: 2024-03-05\nCategory: Mills\nTags: tide, mill\nAuthor: Ann Lee\nSlug: mill\n\n"
    _put(folder / "content" / "mill.md", head + body)
    _put(folder / "content" / "second.md", "Title: The second page\nDate: 2024-03-04\n\nAbout it.\n")
    _put(folder / "settings.py", "SITENAME = 'Harbour notes'\nPATH = 'content'\nTIMEZONE = 'UTC'\n")
    _run(folder, tools / "pelican", "-q", "-s", "settings.py", "-o", "site", "-t", theme)
    return folder / "site" / "mill.html"


def _notebook(tools: Path, folder: Path, template: str) -> Path:
    """Convert a notebook of one cell."""
    cell = {"cell_type": "markdown", "metadata": {}, "source": MARKDOWN, "id": "a"}
    _put(folder / "mill.ipynb", json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}))
    _run(folder, tools / "jupyter-nbconvert", "--to", "html", "--template", template, "mill.ipynb")
    return folder / "mill.html"


def _markdown(tools: Path, folder: Path) -> Path:
    """Convert with Python-Markdown, into no template."""
    _put(folder / "mill.md", MARKDOWN)
    _run(folder, tools / "markdown_py", "-x", "tables", "-x", "fenced_code", "-f", "mill.html", "mill.md")
    return folder / "mill.html"


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute() if len(sys.argv) > 1 else None)
