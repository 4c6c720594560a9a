"""What the page shows before the first question."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from rag.index import Index
from rag.prompts import NO_LLM
from rag.settings import Settings
from rag.web.escaping import inert_line

_MAX_TITLES = 4
_EXAMPLES = {
    "coalition-end": "Why did Iraq call for ending the coalition?",
    "endurance-wreck": "How deep is the wreck of Shackleton's ship?",
    "coral-bleaching": "Is a coral dead once it has bleached?",
    "attacks-on-us-forces": "In which country did the drone attack on Tower 22 take place?",
}
"""Questions that a sample article answers, by the last part of its url."""


def render_heading(articles: int | None, model: str = "") -> str:
    """Render the name of the page, the size of the index where it is known, and who writes the answers, as HTML."""
    count = "" if articles is None else f"{articles:,} articles. " if articles != 1 else "1 article. "
    promise = "Every sentence of an answer shows the passage it comes from"
    writer = f"written by {inert_line(model)}" if model else NO_LLM
    scheme = '<button type="button" class="scheme" data-scheme="other" aria-label="Light or dark">◐</button>'
    line = f"{'No articles yet. ' if articles == 0 else count}{promise} ({writer})."
    return f"<h1>Ask the Articles</h1><p>{line}</p>{scheme}"


def render_invitation(index: Index, settings: Settings, *, has_suggestions: bool = False) -> str:
    """Render the empty conversation, as Markdown: what can be asked about, or how to fill the index."""
    if index.empty:
        return _steps(settings)
    if has_suggestions or find_examples(index):
        return "**Ask about the articles**"
    titles = [inert_line(article.title) for article in islice(index.articles(), _MAX_TITLES)]
    listed = "\n".join(f"- {title}" for title in titles if title)
    return f"**Ask about the articles**, among them\n\n{listed}" if listed else _steps(settings)


def _steps(settings: Settings) -> str:
    where = "" if settings.index == Path("index") else f" --index {settings.index}"
    return (
        "**There are no articles yet**\n\n"
        "1. Put articles in a folder: text, Markdown, HTML, JSON lines.\n"
        f"2. In a terminal, run <code>{inert_line(f'rag sync FOLDER{where}')}</code>\n"
        "3. Or use the tab “Articles” of this page, which also takes files, addresses and pasted text."
    )


def find_examples(index: Index) -> list[dict[str, str]]:
    """Return questions to click, each only where the sample article that answers it is in the index."""
    return [] if index.empty else [{"text": question} for question in _answerable(index)]


def _answerable(index: Index) -> Iterator[str]:
    for name, question in _EXAMPLES.items():
        article = index.article(f"{name}.md")
        if article is not None and article.url.endswith(f"example.org/seeds/{name}"):
            yield question
