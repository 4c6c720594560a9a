"""Whether an index is sound: the live one as it stands, or a new one before it goes live."""

from rag.auditing import LOST, Audit
from rag.errors import IndexLocked, IndexMismatch, IndexMissing, StoreError
from rag.generation import Generation
from rag.ports import Embedder
from rag.ranking import find
from rag.settings import Settings
from rag.shelf import Shelf
from rag.splitting import Splitter
from rag.surveying import Report
from rag.types import Filters, Finding, Passage

_ASKED, _BEGINNING = 8, 200
"""Passages that a new index is asked for, and how many of their first characters the question has."""


def examine(
    shelf: Shelf, splitter: Splitter, embedder: Embedder, report: Report | None
) -> tuple[list[Finding], Audit | None]:
    """The findings with the audit that made them; none was made where opening the vectors ends a process."""
    _ = shelf.empty  # a damaged CURRENT is told of with what to do
    try:
        with shelf.still() as generation:
            stale = shelf.folder.stale()
            found = [Finding("folder", f"{path.name} is left of a rebuild that died") for path in stale]
            if generation.kills():
                said = "the graph is so damaged that it ends whatever program opens it"
                return [*found, Finding("vectors", said)], None
            audit = Audit(generation, splitter, embedder)
            return [*found, *audit.run(report)], audit
    except (IndexLocked, IndexMismatch, IndexMissing):
        raise
    except StoreError as error:
        raise StoreError(f"{error}; {LOST}") from error


def prove(fresh: Generation, splitter: Splitter, embedder: Embedder, settings: Settings, report: Report | None) -> None:
    """StoreError unless a new generation is sound and finds what it is asked for."""
    audit = Audit(fresh, splitter, embedder)
    found = audit.run(report)
    asked = audit.sample[:_ASKED]
    if not found and asked and not any(_answers(fresh, passage, embedder, settings) for passage in asked):
        found = [Finding("index", f"a search for “{asked[0].title}” does not find it", asked[0].article_id)]
    if found:
        more = f" (and {len(found) - 1} more)" if found[1:] else ""
        raise StoreError(f"the index as built anew is not sound, so the old one stays: {found[0]}{more}; try again")


def _answers(generation: Generation, passage: Passage, embedder: Embedder, settings: Settings) -> bool:
    """Whether a search for the title, or for how a passage begins, finds its article or another of its words."""
    for query in (passage.title, passage.text[:_BEGINNING]):
        hits = find(generation, query, embedder.embed([query])[0], 10, Filters(), settings) if query else []
        found = [one for hit in hits for one in (hit.passage, *hit.copies)]
        if any(one.article_id == passage.article_id or one.text == passage.text for one in found):
            return True
    return False
