"""Give articles of distinct files distinct ids, where the names of the files are one or only read the same."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace

from rag.sources.cleaning.unicode import one_line
from rag.sources.web import is_address
from rag.types import Article


def with_own_id(article: Article, holder: str) -> Article | None:
    """Give an article an id that tells its file from another one with the same id; None where its file gave it none.

    `holder` is the origin of the article that has the id. Names read the same that differ in Unicode form or white
    space; such a file gets a digest of its spelling into its id, any other the name of one more folder above it.
    """
    return _with_spelling(article, holder) or next(folder_ids(article), None)


def folder_ids(article: Article) -> Iterator[Article]:
    """Yield an article under its id with ever more names of the folders above its file in front.

    None where the id is not made of the name of a file, or the file is on the web.
    """
    name = _file_part(article)
    above = article.origin.split("/")[: -1 - name.count("/")] if name else []
    id = article.id
    for folder in map(one_line, reversed(above)):
        if not folder:
            return
        id = f"{folder}/{id}"
        yield replace(article, id=id)


def explain_taken_id(id: str, holder: str) -> str:
    """Return why an article may not have its id: another one has it."""
    return f"{holder} has the id “{id}” already; give one of them an `id` of its own, or sync a common parent folder"


def _with_spelling(article: Article, holder: str) -> Article | None:
    """Put a digest of the spelling of its file's name into an id; None unless the name only reads like the other."""
    mine = _tail(article.origin, article.id)
    other = _tail(holder, article.id)
    if mine == other or not one_line(mine) == one_line(other) == article.id:
        return None
    stem, suffix = os.path.splitext(article.id)
    spelling = hashlib.sha256(mine.encode("utf-8", "replace")).hexdigest()[:6]
    return replace(article, id=f"{stem}~{spelling}{suffix}")


def _file_part(article: Article) -> str:
    """Return the part of an id that names the file, up to a `#` where one article of several is named behind it."""
    if is_address(article.origin):
        return ""
    parts = (article.id, article.id.partition("#")[0])
    return next((part for part in parts if part and one_line(_tail(article.origin, part)) == part), "")


def _tail(origin: str, name: str) -> str:
    """Return as many of the last parts of a path as the name has."""
    return "/".join(origin.split("/")[-1 - name.count("/") :])
