"""Decide which articles a sync removes, and which it keeps because their source vanished."""

import os
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from rag.sources import is_address
from rag.storage.catalogue import KnownArticle
from rag.types import Failure

Known = Mapping[str, KnownArticle]
"""What is known of each article that is in the index, by id."""

_ACCIDENTAL_SHARE = 0.5
"""The share of a source's articles beyond which their loss looks like an accident: a disk not mounted, a wrong path."""


@dataclass(slots=True)
class Removals:
    """What a sync removes, and which sources keep articles that they no longer give."""

    ids: list[str] = field(default_factory=list)
    kept: list[Failure] = field(default_factory=list)
    """A source or folder each that gave articles before and does not now, which stay until `forget` is asked for."""


def decide_removals(
    known: Known,
    seen: Mapping[str, str],
    failed: Collection[str],
    *,
    read: Collection[str],
    only_read: bool,
    forget: bool,
) -> Removals:
    """Decide which known articles a sync removes: those that were not read, but for those whose source failed.

    `seen` has the origins of the articles that were read, by id, `failed` the names of the sources, files, folders and
    addresses that could not be read, `read` the roots of the sources that were asked. Articles of other sources go too,
    unless `only_read`. Of a source that lost more than half of its articles, and of a folder that is still there and
    gives none any more, all stay unless `forget`.
    """
    removals = Removals()
    known_in = defaultdict[str, list[str]](list)
    for id, article in known.items():
        known_in[article.root].append(id)
    inhabited = {parent for origin in seen.values() if not is_address(origin) for parent in _parents(origin)}
    for root, ids in known_in.items():
        if root not in read and only_read:
            continue
        lost = [id for id in ids if id not in seen and not _has_failure(root, known[id].origin, failed)]
        if forget or root not in read:
            removals.ids += lost
        elif len(lost) > _ACCIDENTAL_SHARE * len(ids):
            removals.kept.append(Failure(root, _explain_kept(len(lost), len(ids))))
        else:
            scattered = _decide_by_folder(lost, known, root, inhabited=inhabited)
            removals.ids += scattered.ids
            removals.kept += scattered.kept
    return removals


def _decide_by_folder(lost: Collection[str], known: Known, root: str, *, inhabited: Collection[str]) -> Removals:
    """Decide which lost articles of a source go: none below a folder that is there and gives none, as if unmounted.

    `inhabited` are the folders that articles were read from, at any depth.
    """
    removals = Removals()
    emptied = defaultdict[str, int](int)
    for id in lost:
        origin = known[id].origin
        above = (folder for folder in _parents(origin) if folder != root and _is_below(folder, root))
        empty = next((folder for folder in sorted(above) if folder not in inhabited and os.path.isdir(folder)), None)
        if empty is None:
            removals.ids.append(id)
        else:
            emptied[empty] += 1
    removals.kept += [Failure(folder, _explain_kept(count, count)) for folder, count in emptied.items()]
    return removals


def _explain_kept(lost: int, had: int) -> str:
    given = "none of them" if lost == had else f"{had - lost:,} of them"
    return f"gave {had:,} articles and gives {given} now; all are kept. If they are meant to go: rag sync --forget"


def _parents(origin: str) -> Iterator[str]:
    return map(str, PurePath(origin).parents)


def _is_below(path: str, root: str) -> bool:
    return path.startswith(root.rstrip("/") + "/")


def _has_failure(root: str, origin: str, failed: Collection[str]) -> bool:
    """Whether a failure names the source, the origin, a line of it or a folder above it."""
    return any(name == root or covers(name, origin) for name in failed)


def covers(failed: str, origin: str) -> bool:
    """Whether the name of a failure is an origin, a line of that file (`file:12`), or a folder or address above it."""
    path = failed if is_address(failed) else os.path.abspath(failed)
    return path == origin or path.startswith(origin + ":") or origin.startswith(path.rstrip("/") + "/")
