"""Index and search passages by BM25 in Tantivy."""

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rag.errors import StoreError, cause_of, is_panic
from rag.storage.private_copies import PrivateCopy, has_room, is_writable
from rag.storage.records import ArticleVersion, Scope, ScoredPassage, StoredPassage, to_day_number
from rag.text.sentences import Spans
from rag.types import Passage

if TYPE_CHECKING:
    import tantivy

# Scripts written without spaces are indexed a character at a time, all others a word at a time.
_SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_TOKEN = rf"[{_SPACELESS}]|[\w&&[^{_SPACELESS}]]+"
_HEAP_BYTES = 64_000_000
_PAGE_PASSAGES = 5000
_COPY_ATTEMPTS = 3
_ALL = Scope()
_STOP_WORDS = (
    "a an and are as at be been but by can could did do does for from had has have he her his how i if in into is "
    "it its me my no not of on or our she so such s t than that the their them then there these they this to was "
    "we were what when where which who whom whose why will with would you your"
).split()


class BM25Index:
    """The BM25 index of passages in one Tantivy folder; one process writes, any number read."""

    def __init__(self, folder: Path) -> None:
        """Open the Tantivy index in `folder`, or make it."""
        import tantivy

        self._folder = folder
        self._writer: tantivy.IndexWriter | None = None
        self._copy: PrivateCopy | None = None
        with self._store_errors("opened"):
            folder.mkdir(parents=True, exist_ok=True)
            self._schema = _schema()
            self._index = self._open()

    def _open(self) -> "tantivy.Index":
        """Open the folder, or a private copy where it may not be written: Tantivy makes a lock file to read one."""
        if is_writable(self._folder):
            try:
                return self._open_in(self._folder)
            except ValueError:
                if has_room(self._folder):
                    raise
        for attempt in reversed(range(_COPY_ATTEMPTS)):
            try:
                copy = PrivateCopy([self._folder])
                index = self._open_in(copy.folder / self._folder.name)
                self._discard_copy()
                self._copy = copy
                return index
            except (ValueError, OSError):
                # A writer elsewhere may have taken away what was about to be copied.
                if not attempt:
                    raise
        raise AssertionError

    def _open_in(self, folder: Path) -> "tantivy.Index":
        import tantivy

        index = tantivy.Index(self._schema, path=str(folder))
        index.register_tokenizer("words", self._analyzer)
        return index

    def _discard_copy(self) -> None:
        if self._copy is not None:
            self._copy.remove()
        self._copy = None

    @cached_property
    def _analyzer(self) -> "tantivy.TextAnalyzer":
        from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

        steps = [Filter.remove_long(60), Filter.lowercase(), Filter.ascii_fold(), Filter.custom_stopword(_STOP_WORDS)]
        builder = TextAnalyzerBuilder(Tokenizer.regex(_TOKEN))
        for step in [*steps, Filter.stemmer("english")]:
            builder = builder.filter(step)
        return builder.build()

    def terms(self, text: str) -> list[str]:
        """Split a text into the terms of the index: stems of its words, without stop words."""
        return self._analyzer.analyze(text)

    def knows(self, term: str) -> bool:
        """Whether a passage has a term, one of a version that was replaced counted too."""
        with self._store_errors("searched"):
            return self._index.searcher().doc_freq("body", term) > 0

    def terms_from(self, beginning: str) -> list[tuple[str, int]]:
        """List the terms that begin with some letters, each with the number of passages that have it."""
        with self._store_errors("searched"):
            return self._index.searcher().terms_with_prefix("body", beginning)

    def add(self, passages: Iterable[Passage]) -> None:
        """Add passages, which `commit` makes durable and visible."""
        from tantivy import Document

        for passage in passages:
            document = Document()
            document.add_text("key", _key(passage.article_id, passage.version))
            document.add_text("article", passage.article_id)
            document.add_text("version", passage.version)
            document.add_text("publisher", passage.source)
            document.add_unsigned("day", to_day_number(passage.date))
            document.add_unsigned("start", passage.start)
            document.add_unsigned("end", passage.end)
            document.add_text("body", f"{passage.title}\n{passage.text}")
            with self._store_errors("written"):
                self.open_writer().add_document(document)

    def delete(self, article_id: str, version: str) -> None:
        """Delete the passages of one version of an article, which `commit` makes durable and visible."""
        with self._store_errors("written"):
            self.open_writer().delete_documents_by_term("key", _key(article_id, version))

    def commit(self) -> None:
        """Make what was added and deleted durable, and visible to every reader that refreshes."""
        with self._store_errors("written"):
            self.open_writer().commit()
        self.refresh()

    def search(self, question: str, top: int, scope: Scope = _ALL) -> list[ScoredPassage]:
        """Find the best passages by BM25, best first; none for a question of stop words alone."""
        terms = list(dict.fromkeys(self.terms(question)))
        if not terms:
            return []
        with self._store_errors("searched"):
            searcher = self._index.searcher()
            results = searcher.search(self._query(terms, scope), top, count=False)
            return [
                ScoredPassage(_stored_passage(searcher.doc(address)), float(score)) for score, address in results.hits
            ]

    def _query(self, terms: list[str], scope: Scope) -> "tantivy.Query":
        from tantivy import FieldType, Occur, Query

        wanted = [(Occur.Should, Query.term_query(self._schema, "body", term, "freq")) for term in terms]
        clauses = [(Occur.Must, Query.boolean_query(wanted))]
        filters = [Query.term_set_query(self._schema, "publisher", list(scope.publishers))] if scope.publishers else []
        if scope.since or scope.until:
            # Day 0 is an article without a date, which no range of days holds.
            days = (scope.since or 1, scope.until or 99_999_999)
            filters.append(Query.range_query(self._schema, "day", FieldType.Unsigned, *days))
        clauses += [(Occur.Must, Query.const_score_query(query, 0.0)) for query in filters]
        return Query.boolean_query(clauses)

    def count(self) -> int:
        """Count the passages that are searchable, confirmed by the catalogue or not."""
        return self._index.searcher().num_docs

    def spans(self, versions: Iterable[ArticleVersion]) -> dict[ArticleVersion, Spans]:
        """Look up where the passages of versions of articles start and end, sorted, each as often as it is here."""
        from tantivy import Query

        found: dict[ArticleVersion, Spans] = {version: [] for version in versions}
        query = Query.term_set_query(self._schema, "key", [_key(*version) for version in found])
        for page in self._pages(query) if found else ():
            for passage in page:
                found[passage.article_version].append((passage.start, passage.end))
        return {version: sorted(spans) for version, spans in found.items()}

    # Being checked.

    def article_versions(self) -> Iterator[list[ArticleVersion]]:
        """List the version of the article of every passage that stands here, a page at a time."""
        from tantivy import Query

        for page in self._pages(Query.all_query()):
            yield [passage.article_version for passage in page]

    def finds(self, passage: Passage) -> bool:
        """Whether a search for its publisher, its day and all of its words finds a passage."""
        from tantivy import FieldType, Occur, Query

        day = to_day_number(passage.date)
        wanted = [Query.term_query(self._schema, "key", _key(passage.article_id, passage.version), "basic")]
        wanted += [Query.term_query(self._schema, "publisher", passage.source, "basic")]
        wanted += [Query.range_query(self._schema, "day", FieldType.Unsigned, day, day)]
        for term in set(self.terms(f"{passage.title}\n{passage.text}")):
            wanted.append(Query.term_query(self._schema, "body", term, "freq"))
        pages = self._pages(Query.boolean_query([(Occur.Must, query) for query in wanted]))
        span = (passage.start, passage.end)
        return any((stored.start, stored.end) == span for page in pages for stored in page)

    def _pages(self, query: "tantivy.Query") -> Iterator[list[StoredPassage]]:
        start = 0
        with self._store_errors("read"):
            searcher = self._index.searcher()
        while True:
            with self._store_errors("read"):
                results = searcher.search(query, _PAGE_PASSAGES, count=False, offset=start)
                page = [_stored_passage(searcher.doc(address)) for _, address in results.hits]
            if not page:
                return
            yield page
            start += len(page)

    # Being opened and let go.

    def refresh(self) -> None:
        """See what any process has committed."""
        with self._store_errors("read"):
            if self._copy is not None:
                self._index = self._open()
            else:
                self._index.reload()

    def close_writer(self) -> None:
        """Close the writer, if one was opened, after its merges; reading goes on."""
        if (writer := self._writer) is not None:
            self._writer = None
            with self._store_errors("written"):
                writer.wait_merging_threads()

    def close(self) -> None:
        """Close the writer, and delete the private copy where the index was read in one."""
        self.close_writer()
        self._discard_copy()

    def open_writer(self) -> "tantivy.IndexWriter":
        """Open the writer, or return the one that is open; PermissionError where nothing may be written."""
        if self._copy is not None:
            self._discard_copy()
            self._index = self._open()
            if self._copy is not None:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        if self._writer is None:
            self._writer = self._index.writer(_HEAP_BYTES, 1)
        return self._writer

    @contextmanager
    def _store_errors(self, what: str) -> Iterator[None]:
        """Turn what Tantivy raises into a StoreError; after that its writer is of no use any more."""
        try:
            yield
        except BaseException as error:
            # Over a damaged file Tantivy may panic, which Python does not count among its exceptions.
            if not (isinstance(error, ValueError | OSError) or is_panic(error)):
                raise
            self._writer = None
            raise StoreError(
                f"the word index in {self._folder} cannot be {what}: {cause_of(error)}", store="words"
            ) from error


def _schema() -> "tantivy.Schema":
    from tantivy import SchemaBuilder

    builder = SchemaBuilder()
    builder.add_text_field("key", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("article", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("version", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("publisher", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("day", indexed=True, fast=True)
    builder.add_unsigned_field("start", stored=True)
    builder.add_unsigned_field("end", stored=True)
    builder.add_text_field("body", tokenizer_name="words", index_option="freq")
    return builder.build()


def _key(article_id: str, version: str) -> str:
    return f"{article_id}@{version}"


def _stored_passage(document: "tantivy.Document") -> StoredPassage:
    article, version, start, end = (document.get_all(name)[0] for name in ("article", "version", "start", "end"))
    return StoredPassage(str(article), str(version), int(start), int(end))
