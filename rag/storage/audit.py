"""Audit a generation: hold catalogue, vectors and BM25 against each other, and repair them."""

import hashlib
import random
import time
from array import array
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from rag.errors import StoreError
from rag.protocols import Embedder, Report
from rag.storage.catalogue import CatalogueRow
from rag.storage.generation import ChunkedArticle, Generation, Vectors, arithmetics_of
from rag.storage.records import ArticleVersion
from rag.text.chunking import Chunker, embedded_texts
from rag.types import Finding, Passage, Progress

_GROUP_PASSAGES = 256
"""Passages looked up together."""
SAMPLE_PASSAGES = 64
"""Passages whose vectors are made again."""
_MIN_LIKENESS = 0.999
"""The least cosine of a vector with the one that the model makes now."""
_MIN_LIKENESS_OF_OTHERS = 0.9
"""The same where the two may have been computed in other numbers."""
_NEIGHBOURS = 50
"""Neighbours of a sampled passage among which its own vector must be, and none without a place should be."""
_MAX_LOST_SHARE = 0.125
"""Share of the sample that a graph, which finds nearly but not quite all, may miss."""
_SEED = 0

_BATCH_ARTICLES = 64
"""Articles written together."""

LOST = "go back with: rag rollback, or build it anew with: rag sync --all SOURCE"
"""What to do where the catalogue cannot be trusted, which all else is made from."""


class Audit:
    """The audit of one generation, which nobody may write to meanwhile; memory grows by 8 bytes a passage."""

    def __init__(self, generation: Generation, chunker: Chunker, embedder: Embedder) -> None:
        """Audit `generation`, which `chunker` and `embedder` built; `run` looks, and `mend` repairs what it found."""
        self._generation = generation
        self._chunker = chunker
        self._embedder = embedder
        self._random = random.Random(_SEED)
        self._expected = array("Q")
        self._present = 0
        self._documents = 0
        self.sample: list[Passage] = []
        """Passages drawn at random, the same each time; all of them where there are few."""
        self.findings: list[Finding] = []
        self.incomplete: dict[str, None] = {}
        """Articles whose passages are to be written again."""
        self.changed: list[str] = []
        """Articles whose text is not the one that was indexed."""
        self.unreadable: list[str] = []
        self.strangers: list[str] = []
        """Vectors that belong to no article, by their ids."""
        self.strange_words: dict[ArticleVersion, None] = {}
        """Versions of articles that only the words hold."""
        self.damaged = False
        """Whether the catalogue, which all else is made from, is itself unsound."""
        self.hopeless = False
        """Whether a store cannot be mended in place."""

    @property
    def whole(self) -> bool:
        """Whether the sample holds every passage."""
        return len(self.sample) == len(self._expected)

    def run(self, report: Report | None = None) -> list[Finding]:
        """Look for faults in the stores, and return the findings in the order in which they are found; change nothing.

        It stops early, so that faults may remain unseen, once the catalogue is found damaged, a store cannot be mended
        in place, or a StoreError says that a store cannot be read; the findings say which.
        """
        for part, look in (
            ("catalogue", self._check_catalogue),
            ("catalogue", lambda: self._check_articles(report)),
            ("vectors", self._find_strange_vectors),
            ("words", self._find_strange_documents),
            ("vectors", self._check_sample),
        ):
            try:
                look()
            except StoreError as error:
                self._unusable(part, error)
            if self.damaged or self.hopeless:
                break
        return self.findings

    def mend(self) -> None:
        """Write again what is incomplete and take out what belongs to no article; the caller looks again then."""
        generation = self._generation
        generation.catalogue.rebuild_listing()
        generation.catalogue.forget_fingerprints()
        generation.drop(self.unreadable)
        # A text that is not the one that was indexed becomes a version of its own, which the next sync replaces.
        self._write(self.changed, generation.put)
        # What is taken out first may be a vector of an article, without its fields, which is written again then.
        generation.clear(self.strangers, list(self.strange_words))
        self._write(list(self.incomplete), generation.mend)

    def _write(self, ids: Sequence[str], write: Callable[[list[ChunkedArticle], Vectors], None]) -> None:
        catalogue = self._generation.catalogue
        known = catalogue.known_articles() if ids else {}
        for start in range(0, len(ids), _BATCH_ARTICLES):
            articles = [article for id in ids[start : start + _BATCH_ARTICLES] if (article := catalogue.article(id))]
            batch = [
                ChunkedArticle(article, known[article.id].root, self._chunker.split(article)) for article in articles
            ]
            texts = [
                text
                for chunked in batch
                for text in embedded_texts(chunked.article.title, chunked.passages, self._chunker)
            ]
            if batch:
                passage_ids = [passage.id for chunked in batch for passage in chunked.passages]
                vectors = self._embedder.embed(texts)
                self._generation.note_arithmetics(arithmetics_of(self._embedder))
                write(batch, dict(zip(passage_ids, vectors, strict=True)))

    def _unusable(self, part: str, error: StoreError) -> None:
        """Record that a store cannot be read at all: the one that the error names, or else the one looked at."""
        part = error.store or part
        self.damaged = part == "catalogue"
        self.hopeless = not self.damaged
        self.note(part, f"{error}; {LOST}" if self.damaged else str(error))

    def note(self, part: str, said: str, article: str = "") -> None:
        """Record a finding, about one article where its id is given."""
        self.findings.append(Finding(part, " ".join(said.split()), article))

    def _check_catalogue(self) -> None:
        """Check the file of the catalogue, its listing, and that no writer has left work undone."""
        catalogue = self._generation.catalogue
        for damage in catalogue.find_damage():
            self.damaged = True
            self.note("catalogue", f"its file is damaged: {damage}; {LOST}")
        if self.damaged:
            return
        if count := catalogue.count_unlisted_articles():
            self.note("catalogue", f"{count} articles are listed that are not there, or are there and not listed")
        if unsettled := catalogue.unsettled_versions():
            self.note(
                "catalogue", f"{len(unsettled)} versions of articles wait to be cleaned up after a writer that died"
            )

    def _check_articles(self, report: Report | None) -> None:
        """Check the passages of every article in all stores."""
        total = self._generation.catalogue.counts().articles
        started = time.monotonic()
        done = 0
        for group in self._groups():
            self._check_vectors(group)
            self._check_words(group)
            done += len(group)
            if report is not None:
                report(Progress("checking", done, total, len(self._expected), time.monotonic() - started))

    def _groups(self) -> Iterator[list[ChunkedArticle]]:
        """Chunk the sound articles, some at a time."""
        group: list[ChunkedArticle] = []
        size = 0
        for row in self._generation.catalogue.rows():
            if (chunked := self._chunk(row)) is not None:
                group.append(chunked)
                size += len(chunked.passages)
            if size >= _GROUP_PASSAGES:
                yield group
                group = []
                size = 0
        if group:
            yield group

    def _chunk(self, row: CatalogueRow) -> ChunkedArticle | None:
        """Chunk the article of a row; None where the row cannot be read or its text has changed."""
        id = row.id
        article = row.article
        if article is None:
            self.unreadable.append(id)
            self.note("catalogue", "its row cannot be read, so no question finds it", id)
            return None
        if article.digest != row.version:
            self.changed.append(id)
            self.note("catalogue", "its text is not the one that was indexed, so citations would be shifted", id)
            return None
        passages = self._chunker.split(article)
        if row.passages != len(passages):
            self.incomplete[id] = None
            self.note("catalogue", f"it has {len(passages)} passages, not the {row.passages} that are noted", id)
        for passage in passages:
            self._expected.append(_hash(passage.id))
            self._draw(passage)
        return ChunkedArticle(article, row.root, passages)

    def _draw(self, passage: Passage) -> None:
        """Put a passage into the sample, so that every passage has the same chance to be in it."""
        if len(self.sample) < SAMPLE_PASSAGES:
            self.sample.append(passage)
        elif (place := self._random.randrange(len(self._expected))) < SAMPLE_PASSAGES:
            self.sample[place] = passage

    def _check_vectors(self, group: list[ChunkedArticle]) -> None:
        """Check that every passage of some articles has a vector, with the right fields."""
        missing, wrong = self._generation.vectors.find_mismatches(
            [passage for one in group for passage in one.passages]
        )
        self._present += sum(len(chunked.passages) for chunked in group) - len(missing)
        pending = self._generation.catalogue.pending.among(chunked.article.id for chunked in group if missing)
        missing -= {passage.id for one in group if one.article.id in pending for passage in one.passages}
        for chunked in group if missing or wrong else ():
            self._note_vectors(chunked, missing, "have no vector, so only their words find them")
            self._note_vectors(chunked, wrong, "have a vector with wrong fields")

    def _note_vectors(self, chunked: ChunkedArticle, ids: set[str], fault: str) -> None:
        """Record how many passages of an article are among those with a fault."""
        if count := sum(passage.id in ids for passage in chunked.passages):
            self.incomplete[chunked.article.id] = None
            self.note("vectors", f"{count} of its {len(chunked.passages)} passages {fault}", chunked.article.id)

    def _check_words(self, group: list[ChunkedArticle]) -> None:
        """Check that BM25 has exactly the passages of some articles."""
        found = self._generation.words.spans(chunked.version for chunked in group)
        for chunked in group:
            article, passages = chunked.article, chunked.passages
            spans = found[chunked.version]
            self._documents += len(spans)
            if spans != sorted((passage.start, passage.end) for passage in passages):
                self.incomplete[article.id] = None
                fault = f"{len(spans)} passages stand where its {len(passages)} should, so words miss or double them"
                self.note("words", fault, article.id)

    def _find_strange_vectors(self) -> None:
        """Find vectors that belong to no article; only where the counts differ is every id looked at."""
        vectors = self._generation.vectors
        if vectors.count() == self._present:
            return
        expected = np.sort(np.frombuffer(self._expected, np.uint64)) if self._expected else np.empty(0, np.uint64)
        for page in vectors.iterate_ids():
            hashes = np.array([_hash(id) for id in page], np.uint64)
            known = np.isin(hashes, expected)
            self.strangers += [id for id, here in zip(page, known, strict=True) if not here]
        if self.strangers:
            self.note("vectors", f"{len(self.strangers)} belong to no article; they take space and never show")

    def _find_strange_documents(self) -> None:
        """Find versions of articles that only BM25 holds; look for them only where BM25 has more or fewer passages."""
        words = self._generation.words
        if words.count() == self._documents:
            return
        for page in words.article_versions():
            versions = dict.fromkeys(page)
            current = self._generation.catalogue.filter_current(versions)
            self.strange_words |= {version: None for version in versions if version not in current}
        if self.strange_words:
            said = f"{len(self.strange_words)} versions of articles are not in the catalogue; they never show"
            self.note("words", said)

    def _check_sample(self) -> None:
        """Embed the sample again, and look each passage up by its vector and by its words."""
        vectors = self._generation.vectors
        rows = vectors.read_vectors([passage.id for passage in self.sample])
        pending = self._generation.catalogue.pending.among(passage.article_id for passage in self.sample)
        sample = [
            passage
            for passage in self.sample
            if passage.article_id not in self.incomplete and (passage.id in rows or passage.article_id not in pending)
        ]
        if not sample:
            return
        lost: list[Passage] = []
        nameless: dict[str, None] = {}
        texts = [embedded_texts(passage.title, [passage], self._chunker)[0] for passage in sample]
        embedded = self._embedder.embed(texts)
        same = set(arithmetics_of(self._embedder)) == set(self._generation.arithmetics)
        min_likeness = _MIN_LIKENESS if same else _MIN_LIKENESS_OF_OTHERS
        neighbours_of_each = vectors.find_neighbours(embedded, _NEIGHBOURS)
        for passage, made, neighbours in zip(sample, embedded, neighbours_of_each, strict=True):
            row = rows.get(passage.id)
            likeness = 0.0 if row is None else float(row @ made) / (float(np.linalg.norm(row)) or 1.0)
            if likeness < min_likeness:
                self._wrong("vectors", passage, f"is not what the model makes of it (cosine {likeness:.2f})")
                continue
            nameless |= {id: None for id, neighbour in neighbours.items() if not neighbour.has_fields}
            named = (neighbour.cosine for neighbour in neighbours.values() if neighbour.has_fields)
            if max(named, default=0.0) < min_likeness:
                lost.append(passage)
            if not self._generation.words.finds(passage):
                self._wrong("words", passage, "lacks some of its words")
        self._note_graph(lost, list(nameless), len(sample))

    def _wrong(self, part: str, passage: Passage, said: str) -> None:
        """Record a fault of a sampled passage in a store, and mark its article to be written again.

        Where the sample does not hold every passage, others may be wrong too: the store is noted as beyond mending.
        """
        self.incomplete[passage.article_id] = None
        self.hopeless = self.hopeless or not self.whole
        self.note(part, f"what stands there for {passage.start}-{passage.end} {said}", passage.article_id)

    def _note_graph(self, lost: list[Passage], nameless: list[str], size: int) -> None:
        if len(lost) > max(1, _MAX_LOST_SHARE * size):
            self.hopeless = True
            self.note("vectors", f"the graph does not lead to {len(lost)} of {size} passages, so questions miss them")
        if nameless:
            self.strangers += nameless
            self.note("vectors", f"{len(nameless)} near the sampled ones have no place; they never show")


def _hash(id: str) -> int:
    return int.from_bytes(hashlib.blake2b(id.encode("utf-8", "surrogatepass"), digest_size=8).digest())
