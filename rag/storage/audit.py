"""Audit a generation: hold catalogue, vectors and BM25 against each other, and repair them."""

import hashlib
import random
import time
from array import array
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from rag.errors import StoreError
from rag.protocols import Embedder, Matrix
from rag.storage.generation import Generation
from rag.text.chunking import Chunker, embedded_texts
from rag.types import Article, Finding, Passage, Progress

_GROUP = 256
"""Passages looked up together."""
_SAMPLE = 64
"""Passages whose vectors are made again."""
_LIKENESS = 0.999
_NEAR = 50
"""Neighbours of a sampled passage among which its own vector must be, and none without a place should be."""
_LOST_SHARE = 0.125
"""Share of the sample that a graph, which finds nearly but not quite all, may miss."""
_SEED = 0

_TOGETHER = 64
"""Articles written together."""

LOST = "go back with: rag rollback, or build it anew with: rag sync --all SOURCE"
"""What to do where the catalogue cannot be trusted, which all else is made from."""

Row = tuple[Article, list[Passage]]
Batch = tuple[Article, str, list[Passage]]


class Audit:
    """One look at a whole generation, which nobody may write to meanwhile; memory grows by 8 bytes a passage."""

    def __init__(self, generation: Generation, splitter: Chunker, embedder: Embedder) -> None:
        """Looks at nothing yet; `run` does."""
        self._generation = generation
        self.splitter = splitter
        self.embedder = embedder
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
        self.strange_words: dict[tuple[str, str], None] = {}
        """Versions of articles that only the words hold."""
        self.damaged = False
        """Whether the catalogue, which all else is made from, is itself unsound."""
        self.hopeless = False
        """Whether a store cannot be mended in place."""

    @property
    def whole(self) -> bool:
        """Whether the sample holds every passage."""
        return len(self.sample) == len(self._expected)

    def run(self, report: Callable[[Progress], None] | None = None) -> list[Finding]:
        """Everything that is wrong, in the order it was found; none of it is changed."""
        for part, look in (
            ("catalogue", self._catalogue),
            ("catalogue", lambda: self._articles(report)),
            ("vectors", self._strange_vectors),
            ("words", self._strange_documents),
            ("vectors", self._sampled),
        ):
            try:
                look()
            except StoreError as error:
                self._unusable(part, error)
            if self.damaged or self.hopeless:
                break
        return self.findings

    def mend(self) -> None:
        """Writes again what is incomplete and takes out what belongs to no article; the caller looks again then."""
        generation = self._generation
        generation.catalogue.relist()
        generation.catalogue.unmark()
        generation.drop(self.unreadable)
        # A text that is not the one that was indexed becomes a version of its own, which the next sync replaces.
        self._write(self.changed, generation.put)
        # What is taken out first may be a vector of an article, without its fields, which is written again then.
        generation.clear(self.strangers, list(self.strange_words))
        self._write(list(self.incomplete), generation.mend)

    def _write(self, ids: Sequence[str], write: Callable[[list[Batch], Matrix], None]) -> None:
        catalogue = self._generation.catalogue
        roots = {id: root for id, (_, _, root) in catalogue.known().items()} if ids else {}
        for start in range(0, len(ids), _TOGETHER):
            articles = [article for id in ids[start : start + _TOGETHER] if (article := catalogue.article(id))]
            batch = [(article, roots[article.id], self.splitter.split(article)) for article in articles]
            texts = [text for one, _, own in batch for text in embedded_texts(one.title, own, self.splitter)]
            if batch:
                write(batch, self.embedder.embed(texts))

    def _unusable(self, part: str, error: StoreError) -> None:
        """Notes that a store cannot be read at all; which one, its own words say."""
        inner = str(error)
        part = next((name for name in ("vectors", "word index") if inner.startswith(f"the {name}")), part)
        self.damaged, self.hopeless = part == "catalogue", part != "catalogue"
        self.note("words" if part == "word index" else part, f"{inner}; {LOST}" if self.damaged else inner)

    def note(self, part: str, said: str, article: str = "") -> None:
        """Puts a finding down."""
        self.findings.append(Finding(part, " ".join(said.split()), article))

    def _catalogue(self) -> None:
        catalogue = self._generation.catalogue
        for said in catalogue.damage():
            self.damaged = True
            self.note("catalogue", f"its file is damaged: {said}; {LOST}")
        if self.damaged:
            return
        if count := catalogue.unlisted():
            self.note("catalogue", f"{count} articles are listed that are not there, or are there and not listed")
        if keys := catalogue.unsettled():
            self.note("catalogue", f"{len(keys)} versions of articles wait to be cleaned up after a writer that died")

    def _articles(self, report: Callable[[Progress], None] | None) -> None:
        total, started, done = self._generation.catalogue.counts()[0], time.monotonic(), 0
        for group in self._groups():
            self._vectors_of(group)
            self._words_of(group)
            done += len(group)
            if report is not None:
                report(Progress("checking", done, total, len(self._expected), time.monotonic() - started))

    def _groups(self) -> Iterator[list[Row]]:
        """The sound articles with their passages, some at a time."""
        group: list[Row] = []
        size = 0
        for id, version, _, count, article in self._generation.catalogue.stored():
            if (row := self._row(id, version, count, article)) is not None:
                group.append(row)
                size += len(row[1])
            if size >= _GROUP:
                yield group
                group, size = [], 0
        if group:
            yield group

    def _row(self, id: str, version: str, count: int, article: Article | None) -> Row | None:
        if article is None:
            self.unreadable.append(id)
            self.note("catalogue", "its row cannot be read, so no question finds it", id)
            return None
        if article.digest != version:
            self.changed.append(id)
            self.note("catalogue", "its text is not the one that was indexed, so citations would be shifted", id)
            return None
        passages = self.splitter.split(article)
        if count != len(passages):
            self.incomplete[id] = None
            self.note("catalogue", f"it has {len(passages)} passages, not the {count} that are noted", id)
        for passage in passages:
            self._expected.append(_hashed(passage.id))
            self._draw(passage)
        return article, passages

    def _draw(self, passage: Passage) -> None:
        """Gives every passage the same chance to be in the sample."""
        if len(self.sample) < _SAMPLE:
            self.sample.append(passage)
        elif (place := self._random.randrange(len(self._expected))) < _SAMPLE:
            self.sample[place] = passage

    def _vectors_of(self, group: list[Row]) -> None:
        missing, wrong = self._generation.vectors.unlike([passage for _, own in group for passage in own])
        self._present += sum(len(own) for _, own in group) - len(missing)
        for article, passages in group if missing or wrong else ():
            self._note_passages("vectors", article, passages, missing, "have no vector, so only their words find them")
            self._note_passages("vectors", article, passages, wrong, "have a vector with wrong fields")

    def _note_passages(
        self, part: str, article: Article, passages: Sequence[Passage], which: set[str], said: str
    ) -> None:
        if count := sum(passage.id in which for passage in passages):
            self.incomplete[article.id] = None
            self.note(part, f"{count} of its {len(passages)} passages {said}", article.id)

    def _words_of(self, group: list[Row]) -> None:
        for article, passages in group:
            version = passages[0].version if passages else article.digest
            places = self._generation.words.places(article.id, version)
            self._documents += len(places)
            if places != sorted((passage.start, passage.end) for passage in passages):
                self.incomplete[article.id] = None
                said = f"{len(places)} passages stand where its {len(passages)} should, so words miss or double them"
                self.note("words", said, article.id)

    def _strange_vectors(self) -> None:
        """Only where the counts differ is every id looked at."""
        vectors = self._generation.vectors
        if vectors.count() == self._present:
            return
        expected = np.sort(np.frombuffer(self._expected, np.uint64)) if self._expected else np.empty(0, np.uint64)
        for page in vectors.ids():
            hashes = np.array([_hashed(id) for id in page], np.uint64)
            known = np.isin(hashes, expected)
            self.strangers += [id for id, here in zip(page, known, strict=True) if not here]
        if self.strangers:
            self.note("vectors", f"{len(self.strangers)} belong to no article; they take space and never show")

    def _strange_documents(self) -> None:
        words = self._generation.words
        if words.count() == self._documents:
            return
        for page in words.keys():  # noqa: SIM118
            keys = dict.fromkeys(page)
            current = self._generation.catalogue.current(keys)
            self.strange_words |= {key: None for key in keys if key not in current}
        if self.strange_words:
            said = f"{len(self.strange_words)} versions of articles are not in the catalogue; they never show"
            self.note("words", said)

    def _sampled(self) -> None:
        """Makes the vectors of the sample again, and looks each up by its vector and by its words."""
        sample = [one for one in self.sample if one.article_id not in self.incomplete]
        if not sample:
            return
        vectors, lost, nameless = self._generation.vectors, list[Passage](), dict[str, None]()
        rows = vectors.rows([passage.id for passage in sample])
        texts = [embedded_texts(passage.title, [passage], self.splitter)[0] for passage in sample]
        for passage, made in zip(sample, self.embedder.embed(texts), strict=True):
            row = rows.get(passage.id)
            likeness = 0.0 if row is None else float(row @ made) / (float(np.linalg.norm(row)) or 1.0)
            if likeness < _LIKENESS:
                self._wrong("vectors", passage, f"is not what the model makes of it (cosine {likeness:.2f})")
                continue
            beside = vectors.beside(made, _NEAR)
            nameless |= {id: None for id, (_, named) in beside.items() if not named}
            if max((cosine for cosine, named in beside.values() if named), default=0.0) < _LIKENESS:
                lost.append(passage)
            if not self._generation.words.finds(passage):
                self._wrong("words", passage, "lacks some of its words")
        self._note_graph(lost, list(nameless), len(sample))

    def _wrong(self, part: str, passage: Passage, said: str) -> None:
        """Where one of a sample is wrong, so may be others that are not in it."""
        self.incomplete[passage.article_id] = None
        self.hopeless = self.hopeless or not self.whole
        self.note(part, f"what stands there for {passage.start}-{passage.end} {said}", passage.article_id)

    def _note_graph(self, lost: list[Passage], nameless: list[str], size: int) -> None:
        if len(lost) > max(1, _LOST_SHARE * size):
            self.hopeless = True
            self.note("vectors", f"the graph does not lead to {len(lost)} of {size} passages, so questions miss them")
        if nameless:
            self.strangers += nameless
            self.note("vectors", f"{len(nameless)} near the sampled ones have no place; they never show")


def _hashed(id: str) -> int:
    return int.from_bytes(hashlib.blake2b(id.encode("utf-8", "surrogatepass"), digest_size=8).digest())
