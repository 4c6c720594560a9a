"""Verify an index: the live one on request, a new one before it goes live."""

from collections.abc import Callable
from dataclasses import replace

from rag.errors import IndexLocked, IndexMismatch, IndexMissing, IndexReadOnly, PointerError, StoreError
from rag.ingestion.scan import Report
from rag.protocols import Embedder
from rag.retrieval.search import search
from rag.settings import Settings
from rag.storage.audit import LOST, Audit
from rag.storage.generation import Generation
from rag.storage.generations import Generations
from rag.text.chunking import Chunker
from rag.types import Filters, Finding, Passage

_ASKED, _BEGINNING = 8, 200
"""Passages that a new index is asked for, and how many of their first characters the question has."""


def check(
    shelf: Generations,
    splitter: Chunker,
    embedder: Embedder,
    rebuild: Callable[[], object] | None,
    report: Report | None,
) -> list[Finding]:
    """Look for what is wrong with an index; where `rebuild` is given it is mended, and looked at again.

    What cannot be mended in its place is built anew from the articles; StoreError where that does not help either.
    """
    first = []
    if (lost := _lost_pointer(shelf)) is not None:
        if rebuild is None:
            return [lost]
        first = [_mend_pointer(shelf, splitter, embedder, report)]
    found, audit = _examine(shelf, splitter, embedder, report)
    if rebuild is None or (audit is not None and audit.damaged):
        return [*first, *found]
    left = found if audit is None or audit.hopeless else _mend(shelf, found, audit, report)
    if any(one.part != "folder" for one in left):
        rebuild()
        left = _examine(shelf, splitter, embedder, report)[0]
    if any(one.part != "folder" for one in left):
        raise StoreError(f"the index was built anew and is still not sound ({left[0]}); {LOST}")
    return [*first, *(replace(one, mended=True) for one in found if one not in left), *left]


def _mend(shelf: Generations, found: list[Finding], audit: Audit, report: Report | None) -> list[Finding]:
    """Mend an index in its place; what is wrong after that."""
    try:
        # Whoever writes clears up first what another writer has left.
        with shelf.writing():
            if not found:
                return []
            audit.mend()
    except (IndexLocked, IndexReadOnly):
        raise
    except StoreError as error:
        return [Finding("index", str(error))]
    return _examine(shelf, audit.splitter, audit.embedder, report)[0]


def _examine(
    shelf: Generations, splitter: Chunker, embedder: Embedder, report: Report | None
) -> tuple[list[Finding], Audit | None]:
    """The findings with the audit that made them; none was made where opening the vectors ends a process."""
    try:
        if shelf.empty:
            raise IndexMissing(f"there is no index in {shelf.folder.root} yet; make one with: rag sync FOLDER")
        with shelf.folder.writing():
            try:
                return _examined(shelf, splitter, embedder, report)
            except IndexMismatch:
                raise
            except StoreError as error:
                raise StoreError(f"{error}; {LOST}") from error
    except IndexReadOnly:
        root = shelf.folder.root
        raise IndexReadOnly(f"the index in {root} cannot be checked here, since it may not be written") from None


def _examined(
    shelf: Generations, splitter: Chunker, embedder: Embedder, report: Report | None
) -> tuple[list[Finding], Audit | None]:
    with shelf.reading() as generation:
        found = [Finding("folder", f"{path.name} is left of a rebuild that died") for path in shelf.folder.stale()]
        if generation.kills():
            said = "the graph is so damaged that it ends whatever program opens it"
            return [*found, Finding("vectors", said)], None
        audit = Audit(generation, splitter, embedder)
        return [*found, *audit.run(report)], audit


def _lost_pointer(shelf: Generations) -> Finding | None:
    """What is wrong with CURRENT where it does not lead to an index though one may be there."""
    try:
        _ = shelf.empty
    except PointerError as error:
        if not shelf.folder.finished:
            raise
        return Finding("folder", str(error))
    return None


def _mend_pointer(shelf: Generations, splitter: Chunker, embedder: Embedder, report: Report | None) -> Finding:
    """Point CURRENT at the newest sound generation, or else at the newest whose articles are; StoreError without."""
    sound = usable = None
    with shelf.candidates() as candidates:
        for generation in candidates:
            audit = Audit(generation, splitter, embedder)
            killed = generation.kills()
            found = [] if killed else audit.run(report)
            if not (found or killed):
                sound = generation.folder
                break
            if usable is None and not (generation.catalogue.damage() if killed else audit.damaged):
                usable = generation.folder
        chosen, root = sound or usable, shelf.folder.root
        if chosen is None:
            raise StoreError(f"no index in {root} is sound; move {root} away and build anew with: rag sync SOURCE")
        others = [path.name for path in shelf.folder.finished if path != chosen]
        shelf.folder.point([chosen.name, *others[:1]])
    which = "the newest sound index" if sound else "the newest index whose articles can be read"
    return Finding("folder", f"CURRENT was lost; it names {chosen.name} again, {which}", mended=True)


def verify_rebuild(
    fresh: Generation, splitter: Chunker, embedder: Embedder, settings: Settings, report: Report | None
) -> None:
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
        hits = search(generation, query, embedder.embed([query])[0], 10, Filters(), settings) if query else []
        found = [one for hit in hits for one in (hit.passage, *hit.copies)]
        if any(one.article_id == passage.article_id or one.text == passage.text for one in found):
            return True
    return False
