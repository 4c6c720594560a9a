"""Edit what an index says of one article, and remove articles."""

from collections.abc import Mapping, Sequence

from rag.errors import FilterError, StoreError
from rag.ingestion.build import build
from rag.ingestion.spool import SpooledArticle
from rag.protocols import Embedder
from rag.sources import replace_unstorable
from rag.sources.cleaning.unicode import one_line
from rag.storage.catalogue.edits import apply_edits, find_edits
from rag.storage.generation import Generation
from rag.text.chunking import Chunker
from rag.text.dates import parse_day_number
from rag.types import Article, Changes

_MAX_CHARS = {"title": 300, "source": 300, "author": 1_000, "url": 2_000}


def edit_article(
    generation: Generation,
    id: str,
    values: Mapping[str, str | None],
    *,
    undo: bool,
    chunker: Chunker,
    embedder: Embedder,
) -> Article:
    """Set fields of an article, which is written as one new version; an empty value brings back what was read.

    None leaves a field as it is; with `undo` all earlier edits are taken back first. Only a new title is embedded.
    FilterError for an id that no article has, a day that is none, and a value that is too long.
    """
    article = generation.catalogue.article(id)
    if article is None:
        raise FilterError(_explain_unknown(id))
    edits = {} if undo else find_edits(article)
    for field, value in values.items():
        if value is not None:
            edits[field] = _check_value(field, one_line(value))
    edited = replace_unstorable(apply_edits(article, edits))
    if edited != article:
        spooled = SpooledArticle(edited, generation.catalogue.root_of(id))
        lost = build([spooled], generation, total=1, chunker=chunker, embedder=embedder)
        if lost:
            raise StoreError(f"{id} is as it was: {lost[0].failure.reason}")
    return edited


def remove_articles(generation: Generation, ids: Sequence[str]) -> Changes:
    """Remove articles; FilterError names the first id that no article has, and then none is removed."""
    known = generation.catalogue.look_up_articles()
    for id in ids:
        if id not in known:
            raise FilterError(_explain_unknown(id))
    generation.drop(ids)  # `known` has no more of them then
    return Changes(removed=len(ids), unchanged=len(known))


def _explain_unknown(id: str) -> str:
    return f"no article has the id {id!r}; rag list shows the ids"


def _check_value(field: str, value: str) -> str:
    """Return a value that a field can have; FilterError for any other."""
    if field == "date":
        parse_day_number(value)
    elif len(value) > _MAX_CHARS[field]:
        raise FilterError(f"a {field} has at most {_MAX_CHARS[field]:,} characters, not {len(value):,}")
    return value
