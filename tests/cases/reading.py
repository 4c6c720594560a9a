"""The probe `read`: what articles files become, what is named instead, and what is answered from them.

A case has

- `files`: files or folders of the case's folder, given at once or, where `together` is false, one by one;
- `articles`: for each article that is expected, by `id` or, where only one is read, by none: texts that it `has` and
  `lacks`, how often a text stands in it (`count`), and `title`, `date`, `author`, `source` or `publisher`,
  `url`, each exact;
- `number`: how many articles are read;
- `lacks`: texts that stand in no article;
- `failures`: for each source that is to be named, a regular expression that fits “name: reason”;
- `ask`: questions with a regular expression that the answer `has`, or with `refuse`.

A folder whose files are served sets `served`; its `files` are then paths on the server.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rag import Article
from rag.sources import read as read_sources
from rag.sources.web import WebLoader
from rag.types import Failure
from tests.support.web_server import Page, web_server

if TYPE_CHECKING:
    from tests.cases.probes import Case, Workbench

_FIELDS = {**{name: name for name in ("title", "date", "author", "source", "url")}, "publisher": "source"}
_KINDS = {".html": "text/html", ".xml": "application/rss+xml"}


def read(case: "Case", bench: "Workbench") -> str:
    """Read files; the first thing that is not as expected, or an empty text."""
    with _sources(case, bench) as sources:
        given = [sources] if case.get("together", True) else [[source] for source in sources]
        with WebLoader(private=True, delay=0) as web:
            items = [item for group in given for item in read_sources(group, web=web)]
        articles = [item for item in items if isinstance(item, Article)]
        failures = [f"{item.source}: {item.reason}" for item in items if isinstance(item, Failure)]
        return next(filter(None, _differences(case, articles, failures)), "") or _answers(case, bench, sources)


def _differences(case: "Case", articles: Sequence[Article], failures: Sequence[str]) -> Iterator[str]:
    known = sorted(article.id for article in articles)
    if "number" in case and len(articles) != case["number"]:
        yield f"{len(articles)} articles: {known}; {failures}"
    for expected in case.get("articles", []):
        found = [article for article in articles if expected.get("id", article.id) == article.id]
        if not found:
            yield f"no article {expected.get('id', '')}: {known}; {failures}"
        for article in found[:1]:
            yield from _wrong_article(expected, article)
    for text in case.get("lacks", []):
        yield from (f"{article.id} has {text!r}" for article in articles if text in article.title + article.text)
    for pattern in case.get("failures", []):
        if not any(re.search(pattern, failure) for failure in failures):
            yield f"no failure fits {pattern!r}: {failures}; read: {known}"


def _wrong_article(expected: dict[str, Any], article: Article) -> Iterator[str]:
    for name, field in _FIELDS.items():
        if name in expected and getattr(article, field) != expected[name]:
            yield f"{article.id}: {name} is {getattr(article, field)!r}"
    yield from (f"{article.id} lacks {text!r}" for text in expected.get("has", []) if text not in article.text)
    yield from (f"{article.id} has {text!r}" for text in expected.get("lacks", []) if text in article.text)
    for text, most in expected.get("count", {}).items():
        if (times := article.text.count(text)) != most:
            yield f"{article.id} has {text!r} {times} times"


def _answers(case: "Case", bench: "Workbench", sources: Sequence[str]) -> str:
    """Add the sources to an index of their own and ask."""
    if not case.get("ask"):
        return ""
    index = bench.fresh() / "index"
    done = bench.run("add", *sources, index=index, RAG_FETCH_PRIVATE="true", RAG_FETCH_DELAY="0")
    if done.returncode not in (0, 1):
        return f"add: exit {done.returncode}: {done.stderr.strip()[-200:]}"
    for asked in case["ask"]:
        done = bench.run("ask", asked["question"], "--json", index=index)
        answer = json.loads(done.stdout)
        said = " ".join(sentence["text"] for sentence in answer["sentences"]) if answer["answered"] else ""
        if asked.get("refuse"):
            if said:
                return f"{asked['question']}: {said[:200]}"
        elif not re.search(asked["has"], said):
            return f"{asked['question']}: {(said or answer.get('note') or 'refused')[:200]}"
    return ""


@contextmanager
def _sources(case: "Case", bench: "Workbench") -> Iterator[list[str]]:
    """Name the sources, those of a case that is served by their addresses."""
    if not case.get("served"):
        yield [str(bench.folder / name) for name in case["files"]]
        return
    folder = bench.folder / case["served"]
    pages = {
        f"/{path.relative_to(folder)}": Page(path.read_bytes(), kind=_KINDS.get(path.suffix, "text/plain"))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    with web_server(dict(pages)) as server:
        yield [server.url(f"/{name}") for name in case["files"]]
