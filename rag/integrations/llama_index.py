"""Offer the index and the assistant as a LlamaIndex retriever and query engine."""

from llama_index.core.base.response.schema import Response
from llama_index.core.callbacks import CallbackManager
from llama_index.core.query_engine import CustomQueryEngine
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from rag.protocols import Asker, Searcher
from rag.types import Filters, Passage


class ArticleRetriever(BaseRetriever):
    """Retrieve passages of an index as LlamaIndex nodes, whose ids are the passages' own."""

    def __init__(self, index: Searcher, k: int = 10, filters: Filters | None = None) -> None:
        """`k` is the most nodes that a query gets; `filters` narrow the articles."""
        super().__init__(callback_manager=CallbackManager())
        self._index = index
        self._k = k
        self._filters = filters

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        hits = self._index.search(query_bundle.query_str, self._k, self._filters)
        return [NodeWithScore(node=to_node(hit.passage), score=hit.score) for hit in hits]


class ArticleQueryEngine(CustomQueryEngine):
    """Answer as the assistant does; the source nodes are the cited passages, in the order of their numbers."""

    assistant: Asker

    def custom_query(self, query_str: str) -> Response:
        """Return the cited answer; `metadata` says whether the articles answer at all."""
        answer = self.assistant.ask(query_str)
        nodes = [NodeWithScore(node=to_node(citation.passage)) for citation in answer.citations]
        return Response(answer.text, source_nodes=nodes, metadata={"answered": answer.answered, "query": answer.query})


def to_node(passage: Passage) -> TextNode:
    """Convert a passage to a LlamaIndex node with the same id, text and offsets."""
    about = {name: getattr(passage, name) for name in ("article_id", "title", "source", "url", "date")}
    return TextNode(
        id_=passage.id,
        text=passage.text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata=about,
        excluded_embed_metadata_keys=list(about),
    )
