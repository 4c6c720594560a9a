"""The index inside LlamaIndex's own query engine."""

from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.index import Index
from rag.testing import OverlapReader
from rag.types import Filters
from tests.support.llm_server import Body, Reply, llm_server


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_retriever_feeds_llama_index(index: Index, folder: Path) -> None:
    from llama_index.core.llms import MockLLM
    from llama_index.core.query_engine import RetrieverQueryEngine

    from rag.integrations.llama_index import ArticleRetriever

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
    from rag.integrations.llama_index import ArticleQueryEngine

    index.sync(folder)
    assistant = Assistant(index, OverlapReader())
    response = ArticleQueryEngine(assistant=assistant).query("When did the bridge over the river close?")
    assert str(response) == assistant.ask("When did the bridge over the river close?").text
    assert [node.node.metadata["article_id"] for node in response.source_nodes] == ["bridge.md"]
    assert response.metadata == {"answered": True, "query": "When did the bridge over the river close?"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_both_drop_into_llama_index(index: Index, folder: Path) -> None:
    from llama_index.core.query_engine import RetrieverQueryEngine, RouterQueryEngine
    from llama_index.core.selectors import LLMSingleSelector
    from llama_index.core.tools import QueryEngineTool
    from llama_index.llms.openai_like import OpenAILike

    index.sync(folder)
    ours = Assistant(index, OverlapReader()).as_query_engine()
    with llm_server(_chooses_the_first) as server:
        llm = OpenAILike(model="scripted", api_base=server.url, api_key="none", is_chat_model=True, max_retries=0)
        theirs = RetrieverQueryEngine.from_args(index.as_retriever(2, Filters("harbor")), llm=llm)
        answer = theirs.query("Which bridge closed?")
        assert str(answer) == "An answer."
        assert {node.node.metadata["source"] for node in answer.source_nodes} == {"Harbor Review"}
        assert "old bridge over the river Lune" in str(server.requests[0]["messages"])
        tools = [
            QueryEngineTool.from_defaults(ours, name="articles", description="Answers from articles."),
            QueryEngineTool.from_defaults(theirs, name="other", description="Answers otherwise."),
        ]
        router = RouterQueryEngine(LLMSingleSelector.from_defaults(llm=llm), tools, llm=llm)
        routed = router.query("When did the bridge over the river close?")
        llm._get_client().close()
    assert str(routed) == str(ours.query("When did the bridge over the river close?"))
    assert routed.source_nodes[0].node.metadata["article_id"] == "bridge.md"


def _chooses_the_first(body: Body) -> Reply:
    asked = str(body["messages"])
    return Reply(['[{"choice": 1, "reason": "It has the articles."}]' if "choices" in asked else "An answer."])
