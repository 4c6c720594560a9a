"""Verify an index: the live one on request, a new one before it goes live."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from rag.errors import IndexLocked, IndexMismatch, IndexMissing, IndexReadOnly, PointerError, StoreError
from rag.protocols import Embedder, Report
from rag.retrieval.search import search
from rag.settings import Settings
from rag.storage.audit import LOST, Audit
from rag.storage.generation import Generation
from rag.storage.generations import Generations
from rag.text.chunking import Chunker
from rag.types import Filters, Finding, Passage

_QUERIED_PASSAGES = 8
"""Passages that a new index is searched for."""
_QUERY_CHARS = 200
"""How many of the first characters of a passage a query has."""


class _Examination(NamedTuple):
    """What was found wrong, and the audit that found it; None where opening the vectors would end a process."""

    findings: list[Finding]
    audit: Audit | None


@dataclass(frozen=True, slots=True)
class IndexCheck:
    """The check of an index, and its repair."""

    generations: Generations
    chunker: Chunker
    embedder: Embedder
    report: Report | None = field(default=None, kw_only=True)

    def run(self) -> list[Finding]:
        """Find what is wrong with the index, and change nothing."""
        lost = self._find_lost_pointer()
        return self._examine().findings if lost is None else [lost]

    def repair(self, rebuild: Callable[[], object]) -> list[Finding]:
        """Repair what is wrong with the index, look again, and return what was and what is still wrong.

        What cannot be mended in its place is built again with `rebuild`, from the articles; StoreError where that does
        not help either. Where the catalogue itself is damaged, it is left as it is.
        """
        pointer = [] if self._find_lost_pointer() is None else [self._mend_pointer()]
        found, audit = self._examine()
        if audit is not None and audit.damaged:
            return [*pointer, *found]
        left = found if audit is None or audit.hopeless else self._mend(found, audit)
        if _has_unsound_store(left):
            rebuild()
            left = self._examine().findings
        if _has_unsound_store(left):
            raise StoreError(f"the index was built anew and is still not sound ({left[0]}); {LOST}")
        mended = [replace(finding, mended=True) for finding in found if finding not in left]
        return [*pointer, *mended, *left]

    def _mend(self, found: list[Finding], audit: Audit) -> list[Finding]:
        """Mend an index in its place, and return what is wrong after that."""
        try:
            # Whoever writes clears up first what another writer has left.
            with self.generations.writing():
                if not found:
                    return []
                audit.mend()
        except (IndexLocked, IndexReadOnly):
            raise
        except StoreError as error:
            return [Finding("index", str(error))]
        return self._examine().findings

    def _examine(self) -> _Examination:
        """Audit the live generation while nobody writes."""
        folder = self.generations.folder
        try:
            if self.generations.empty:
                raise IndexMissing(f"there is no index in {folder.root} yet; make one with: rag sync FOLDER")
            with folder.writing():
                try:
                    return self._audit_live()
                except IndexMismatch:
                    raise
                except StoreError as error:
                    raise StoreError(f"{error}; {LOST}") from error
        except IndexReadOnly:
            raise IndexReadOnly(
                f"the index in {folder.root} cannot be checked here, since it may not be written"
            ) from None

    def _audit_live(self) -> _Examination:
        with self.generations.reading() as generation:
            stale = self.generations.folder.stale()
            found = [Finding("folder", f"{path.name} is left of a rebuild that died") for path in stale]
            if generation.kills():
                fault = "the graph is so damaged that it ends whatever program opens it"
                return _Examination([*found, Finding("vectors", fault)], None)
            audit = Audit(generation, self.chunker, self.embedder)
            return _Examination([*found, *audit.run(self.report)], audit)

    def _find_lost_pointer(self) -> Finding | None:
        """Return what is wrong with CURRENT where it leads to no index though finished generations exist, else None.

        PointerError where there are no such generations either.
        """
        try:
            _ = self.generations.empty
        except PointerError as error:
            if not self.generations.folder.finished:
                raise
            return Finding("folder", str(error))
        return None

    def _mend_pointer(self) -> Finding:
        """Point CURRENT at the newest sound generation, or else at the newest whose catalogue is undamaged.

        StoreError where there is neither.
        """
        folder = self.generations.folder
        sound = usable = None
        with self.generations.candidates() as candidates:
            for generation in candidates:
                audit = Audit(generation, self.chunker, self.embedder)
                killed = generation.kills()
                found = [] if killed else audit.run(self.report)
                if not (found or killed):
                    sound = generation.folder
                    break
                if usable is None and not (generation.catalogue.find_damage() if killed else audit.damaged):
                    usable = generation.folder
            chosen = sound or usable
            if chosen is None:
                root = folder.root
                raise StoreError(f"no index in {root} is sound; move {root} away and build anew with: rag sync SOURCE")
            others = [path.name for path in folder.finished if path != chosen]
            folder.write_pointer([chosen.name, *others[:1]])
        which = "the newest sound index" if sound else "the newest index whose articles can be read"
        return Finding("folder", f"CURRENT was lost; it names {chosen.name} again, {which}", mended=True)


def _has_unsound_store(findings: list[Finding]) -> bool:
    """Whether more is wrong than files that are left over in the folder."""
    return any(finding.part != "folder" for finding in findings)


def verify_rebuild(
    fresh: Generation, chunker: Chunker, embedder: Embedder, *, settings: Settings, report: Report | None
) -> None:
    """Raise StoreError unless a new generation is sound and finds at least one of a few passages searched for.

    An index without passages is searched for none.
    """
    audit = Audit(fresh, chunker, embedder)
    found = audit.run(report)
    passages = audit.sample[:_QUERIED_PASSAGES]
    if (
        not found
        and passages
        and not any(_is_found(passage, fresh, embedder, settings=settings) for passage in passages)
    ):
        found = [Finding("index", f"a search for “{passages[0].title}” does not find it", passages[0].article_id)]
    if found:
        more = f" (and {len(found) - 1} more)" if found[1:] else ""
        raise StoreError(f"the index as built anew is not sound, so the old one stays: {found[0]}{more}; try again")


def _is_found(passage: Passage, generation: Generation, embedder: Embedder, *, settings: Settings) -> bool:
    """Whether a search for a passage's title, or for its beginning, finds its article or a passage of the same text."""
    for text in filter(None, (passage.title, passage.text[:_QUERY_CHARS])):
        hits = search(generation, text, embedder.embed([text])[0], k=10, filters=Filters(), settings=settings)
        found = [other for hit in hits for other in (hit.passage, *hit.copies)]
        if any(other.article_id == passage.article_id or other.text == passage.text for other in found):
            return True
    return False
