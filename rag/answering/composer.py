"""Compose extractive answers with the models that compare sentences."""

from collections.abc import Sequence

from rag.answering.citations import Extract
from rag.answering.denials import find_denial
from rag.answering.extractive import compose, to_extract
from rag.models.hardware import map_on_cores
from rag.protocols import Checker, Embedder
from rag.retrieval.query import Query
from rag.retrieval.sentence_ranking import ScoredSentence
from rag.types import Hit

_MAX_NEW_SUPPORT = 0.9
"""A sentence supported this surely by one that is said already says nothing new."""

_MAX_SURVEYED = 8
"""Articles of which a sentence is given where it is asked which there are."""


class Composer:
    """Composes answers of the articles' sentences: what answers, what it adds, and what denies the question."""

    def __init__(self, checker: Checker, embedder: Embedder) -> None:
        """`checker` tells whether a sentence adds to another, `embedder` how near a denial is to the question."""
        self._checker = checker
        self._embedder = embedder

    def compose(
        self, query: Query, hits: Sequence[Hit], ranked: Sequence[ScoredSentence], *, most: int
    ) -> list[Extract]:
        """Compose the extracts that answer a query, at most `most`; none where no sentence was ranked.

        A sentence that denies what the question takes for granted goes first where it is nearer to the question than
        the best sentence is, else last. Of a survey one sentence of each article is given, more than otherwise.
        """
        if query.survey is not None:
            return [to_extract(sentence) for sentence in ranked[:_MAX_SURVEYED]]
        composed = compose(query, ranked, most=most, adds=self._adds)
        found = find_denial(query, hits, ranked[0], self._compute_similarities) if composed else None
        if found is None:
            return composed
        denial, is_first = found
        others = [extract for extract in composed if (extract.passage.article_id, extract.start) != denial.place]
        if is_first:
            return [to_extract(denial), *others][:most]
        return [*others[: max(most - 1, 1)], to_extract(denial)][:most]

    def _adds(self, said: str, more: str) -> bool:
        """Whether a sentence, `more`, says anything that another does not."""
        return self._checker.support([(more, said)])[0] < _MAX_NEW_SUPPORT

    def _compute_similarities(self, text: str, others: Sequence[str]) -> Sequence[float]:
        """Compute the cosine similarity of a text to each of others, embedded one by one, since they are few."""
        own, *vectors = map_on_cores(lambda one: self._embedder.embed([one])[0], [text, *others])
        return [float(vector @ own) for vector in vectors]
