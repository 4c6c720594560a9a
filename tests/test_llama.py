"""The index inside LlamaIndex's own query engine."""

from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.index import Index
from rag.testing import OverlapReader
from rag.types import Filters


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_retriever_feeds_llama_index(index: Index, folder: Path) -> None:
    from llama_index.core.llms import MockLLM
    from llama_index.core.query_engine import RetrieverQueryEngine

    from rag.llama import ArticleRetriever

    index.sync(folder)
    nodes = ArticleRetriever(index, k=2).retrieve("frost in the orchards")
    assert nodes[0].node.metadata["article_id"] == "orchard.md"
    assert len(nodes) == 2
    hit = index.search("frost in the orchards", 1)[0]
    assert (nodes[0].node.node_id, nodes[0].score) == (hit.passage.id, pytest.approx(hit.score))
    engine = RetrieverQueryEngine.from_args(ArticleRetriever(index, 3, Filters("harbor")), llm=MockLLM())
    answer = engine.query("What closed?")
    assert {node.node.metadata["source"] for node in answer.source_nodes} == {"Harbor Review"}
    assert "old bridge" in str(answer)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_query_engine_answers_as_the_assistant(index: Index, folder: Path) -> None:
    from rag.llama import ArticleQueryEngine

    index.sync(folder)
    assistant = Assistant(index, OverlapReader())
    response = ArticleQueryEngine(assistant=assistant).query("When did the bridge over the river close?")
    assert str(response) == assistant.ask("When did the bridge over the river close?").text
    assert [node.node.metadata["article_id"] for node in response.source_nodes] == ["bridge.md"]
    assert response.metadata == {"answered": True, "query": "When did the bridge over the river close?"}
