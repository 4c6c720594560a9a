"""Compare what the sources hold with the index: new, changed, unchanged, gone or failed."""

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import PurePath

from rag.failures import LeftOut, attempt_article
from rag.ingestion.removals import Known, Removals, decide_removals
from rag.ingestion.spool import Spool
from rag.source_state import SourceStatus, Unchanged
from rag.sources import explain_taken_id, folder_ids, is_address, with_own_id
from rag.sources.formats.column_guess import COLUMNS_NOTE
from rag.storage.boilerplate import BoilerplateCounter
from rag.storage.catalogue import KnownArticle, MovedArticle
from rag.storage.catalogue.edits import Edits, apply_edits, drop_as_read
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
    edits: Mapping[str, Edits] = field(default_factory=dict, kw_only=True)
    """What people have set of articles, by id."""
    roots: frozenset[str] = field(default=frozenset(), init=False)
    """The sources whose articles stay as they hold them; one of another source gives way to one with its id."""
    named: Known = field(init=False)
    """The articles whose ids stay: those of the index, or of the one that a rebuild takes the place of."""
    spool: Spool = field(default_factory=Spool, init=False)
    seen: dict[str, str] = field(default_factory=dict, init=False)
    """Origin of each article that was read, by id."""
    moved: list[MovedArticle] = field(default_factory=list, init=False)
    failed: list[Failure] = field(default_factory=list, init=False)
    left_out: list[Failure] = field(default_factory=list, init=False)
    columns: dict[str, str] = field(default_factory=dict, init=False)
    """Which columns of an export were taken for which fields, by its path, where that was guessed."""
    statuses: dict[str, SourceStatus] = field(default_factory=dict, init=False)
    """What came of each source, by its root."""
    added: int = field(default=0, init=False)
    updated: int = field(default=0, init=False)
    unchanged: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Let the articles of the index keep their ids."""
        self.named = self.known

    def note(self, item: Article | Failure | Unchanged, root: str) -> None:
        """Count what a loader gave of a source: an article, a failure, or that a file or page is unchanged."""
        if isinstance(item, LeftOut):
            self.left_out.append(item)
        elif isinstance(item, Failure):
            self.failed.append(item)
        elif isinstance(item, Unchanged):
            self._keep(item.place, root)
        elif (failure := attempt_article(item, partial(self.take, drop_as_read(item), root))) is not None:
            self.failed.append(failure)

    def take(self, article: Article, root: str) -> None:
        """Count an article, and spool it where it is new or changed; one given twice counts once.

        One that is in the index keeps its id. One whose id belongs to another file gets an id of its own where the id
        was made of the name of its file; else it is a failure where that file gives an article too, or where articles
        are only added.
        """
        if note := article.metadata.get(COLUMNS_NOTE):
            self.columns.setdefault(article.origin, note)
        article = self._with_known_id(article, root)
        if (before := self.seen.get(article.id)) is not None and _same_article(before, article.origin):
            return
        holder = self._holder(article)
        if holder is not None and (own := with_own_id(article, holder)) is not None:
            return self.take(own, root)
        if holder is not None and (article.id in self.seen or self.adding):
            self.failed.append(Failure(article.origin or article.id, explain_taken_id(article.id, holder)))
            return
        self.seen[article.id] = article.origin
        known = self.known.get(article.id, _UNKNOWN)
        if known.version == self.with_edits(self.boilerplate.count(article)).digest:
            self.unchanged += 1
            if (known.origin, known.root) != (article.origin, root):
                self.moved.append(MovedArticle(article.id, article.origin, root))
            return
        if known.version:
            self.updated += 1
        else:
            self.added += 1
        self.spool.append(article, root)

    def with_edits(self, article: Article) -> Article:
        """Return an article as it was read with what people have set of it."""
        return apply_edits(article, self.edits.get(article.id, {}))

    def removals(self, known: Known, *, only_read: bool, forget: bool) -> Removals:
        """Decide which known articles of an index go, since the sources do not hold them, and which stay even so."""
        # What was made of a file before it was left out stays as well, until it is asked to go.
        places = [failure.source for failure in (*self.failed, *(() if forget else self.left_out))]
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

    def _with_known_id(self, article: Article, root: str) -> Article:
        """Give an article the id that the index has for its file in this source, with names of folders in front."""
        if self.named.get(article.id, _UNKNOWN).origin == article.origin:
            return article
        return next((own for own in folder_ids(article) if self._is_known(own, root)), article)

    def _is_known(self, article: Article, root: str) -> bool:
        known = self.named.get(article.id, _UNKNOWN)
        return (known.origin, known.root) == (article.origin, root)

    def _holder(self, article: Article) -> str | None:
        """Return the origin of another article with this id, that was read or is in the index and stays; else None.

        One in the index stays if its file is still there and its source is among those that stay.
        """
        if (origin := self.seen.get(article.id)) is not None:
            return origin
        known = self.named.get(article.id, _UNKNOWN)
        if not known.version or known.origin == article.origin or not _is_file(known.origin):
            return None
        return known.origin if self.adding or known.root in self.roots else None


def _same_article(origin: str, other: str) -> bool:
    """Whether two origins of one id count as one article: they are the same, or both are web addresses."""
    return origin == other or (is_address(origin) and is_address(other))


def _is_file(origin: str) -> bool:
    """Whether the file of an origin is still there, which may be an entry of an archive."""
    return any(map(os.path.isfile, (origin, *map(str, PurePath(origin).parents))))
