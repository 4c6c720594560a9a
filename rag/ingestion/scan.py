"""Compare what the sources hold with the index: new, changed, unchanged, gone or failed."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

from rag.failures import attempt_article
from rag.ingestion.removals import Known, Removals, decide_removals
from rag.ingestion.spool import Spool
from rag.source_state import SourceStatus, Unchanged
from rag.sources import explain_taken_id, is_address, with_own_id
from rag.storage.boilerplate import BoilerplateCounter
from rag.storage.catalogue import KnownArticle, MovedArticle
from rag.types import Article, Failure

_UNKNOWN = KnownArticle(version="", origin="", root="")


@dataclass
class SourceScan:
    """What the sources hold, compared with what the index holds."""

    known: Known
    adding: bool = field(kw_only=True)
    """Whether what the sources do not hold stays."""
    boilerplate: BoilerplateCounter = field(kw_only=True)
    """What sites repeat, which counts as no part of an article."""
    spool: Spool = field(default_factory=Spool, init=False)
    seen: dict[str, str] = field(default_factory=dict, init=False)
    """Origin of each article that was read, by id."""
    moved: list[MovedArticle] = field(default_factory=list, init=False)
    failed: list[Failure] = field(default_factory=list, init=False)
    statuses: dict[str, SourceStatus] = field(default_factory=dict, init=False)
    """What came of each source, by its root."""
    added: int = field(default=0, init=False)
    updated: int = field(default=0, init=False)
    unchanged: int = field(default=0, init=False)

    def note(self, item: Article | Failure | Unchanged, root: str) -> None:
        """Count what a loader gave of a source: an article, a failure, or that a file or page is unchanged."""
        if isinstance(item, Failure):
            self.failed.append(item)
        elif isinstance(item, Unchanged):
            self._keep(item.place, root)
        elif (failure := attempt_article(item, partial(self.take, item, root))) is not None:
            self.failed.append(failure)

    def take(self, article: Article, root: str) -> None:
        """Count an article, and spool it where it is new or changed; one given twice counts once.

        One whose id belongs to another file gets an id of its own where only the spelling of the names differs; else it
        is a failure where that file gives an article too, or where articles are only added.
        """
        if (before := self.seen.get(article.id)) is not None and _same_article(before, article.origin):
            return
        if (holder := self._holder(article)) and (own := with_own_id(article, holder)) is not None:
            return self.take(own, root)
        if (clash := self._clash(article)) is not None:
            self.failed.append(Failure(article.origin or article.id, clash))
            return
        self.seen[article.id] = article.origin
        known = self.known.get(article.id, _UNKNOWN)
        if known.version == self.boilerplate.count(article).digest:
            self.unchanged += 1
            if (known.origin, known.root) != (article.origin, root):
                self.moved.append(MovedArticle(article.id, article.origin, root))
            return
        if known.version:
            self.updated += 1
        else:
            self.added += 1
        self.spool.append(article, root)

    def removals(self, known: Known, *, only_read: bool, forget: bool) -> Removals:
        """Decide which known articles of an index go, since the sources do not hold them, and which stay even so."""
        places = [failure.source for failure in self.failed]
        return decide_removals(known, self.seen, places, read=self.statuses, only_read=only_read, forget=forget)

    def _keep(self, place: str, root: str) -> None:
        """Count the known articles of an unchanged file, page or list as seen, but for those that were read already.

        One whose id was read from another file is a failure.
        """
        for id in self._known_at.get(place, ()):
            known = self.known[id]
            if (before := self.seen.get(id)) is None:
                self.seen[id] = known.origin
                self.unchanged += 1
                if known.root != root and not is_address(known.origin):
                    self.moved.append(MovedArticle(id, known.origin, root))
            elif not _same_article(before, known.origin):
                self.failed.append(Failure(known.origin, explain_taken_id(id, before)))

    @cached_property
    def _known_at(self) -> Mapping[str, Sequence[str]]:
        """The ids of the known articles by their origin and by their root."""
        ids = defaultdict[str, list[str]](list)
        for id, known in self.known.items():
            for place in {known.origin, known.root}:
                ids[place].append(id)
        return ids

    def _holder(self, article: Article) -> str:
        """Return the origin of the article read with this id, else the other file with it in the index, or empty."""
        if (origin := self.seen.get(article.id)) is not None:
            return origin
        return self._other_file(article)

    def _clash(self, article: Article) -> str | None:
        """Explain why an article may not have its id, since one from another file has it; None where it may."""
        holder = self.seen.get(article.id)
        if holder is None and self.adding:
            holder = self._other_file(article) or None
        if holder is None:
            return None
        return explain_taken_id(article.id, holder)

    def _other_file(self, article: Article) -> str:
        """Return the other file, still there, that the known article of this id came from; empty without one."""
        known = self.known.get(article.id, _UNKNOWN)
        return known.origin if known.origin != article.origin and os.path.isfile(known.origin) else ""


def _same_article(origin: str, other: str) -> bool:
    """Whether two origins of one id count as one article: they are the same, or both are web addresses."""
    return origin == other or (is_address(origin) and is_address(other))
