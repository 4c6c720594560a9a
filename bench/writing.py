"""What our code adds around an LLM: the delay of its first words, and the time of an answer that is not waiting for it.

    python bench/writing.py ARTICLES.jsonl.gz QUESTIONS.jsonl [--articles N] [--questions N] [--pace S] [--index DIR]

Indexes a sample of N articles (400), among them the gold ones of N questions (40), or takes the index in DIR, and asks
each question of an assistant whose LLM is a scripted server on this machine: it answers with three sentences of the
passages it was given, each with the id of its passage, in pieces of five characters. At a pace of 0 seconds between
pieces nothing of our work is hidden behind the waiting, at S (0.02) it is as with a model that writes fifty pieces a
second.

Prints the milliseconds from handing the first piece to the socket until it has arrived, through Python and through
`POST /v1/chat/completions` with OpenAI's client; those from the question until the server is asked, and from its last
piece until the answer is whole and checked, and both together, which is what our code adds; each as median and 95th
percentile, and their ratio to the limits of 50 and 300 ms.
"""

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles

from common import ROOT, Record, records, sample, table, write
from openai import OpenAI

from rag import Assistant, Index, Settings
from rag.evaluation.questions import Question, read_questions
from rag.text.sentences import split_sentences

sys.path.insert(0, str(ROOT))
from tests.support.llm_server import Body, LlmServer, Reply, llm_server
from tests.support.page import running_page

FIRST, ADDED = 0.050, 0.300
"""The limits, in seconds."""
_PASSAGE = re.compile(r"<passage-\w+ id=\"(\w+)\"[^>]*>\n(.*?)\n</passage", re.S)
_SAID = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path, metavar="ARTICLES.jsonl.gz")
    parser.add_argument("questions", type=Path, metavar="QUESTIONS.jsonl")
    parser.add_argument("--articles", type=int, default=400, metavar="N", dest="count")
    parser.add_argument("--questions", type=int, default=40, metavar="N", dest="asked")
    parser.add_argument("--pace", type=float, default=0.02, metavar="S")
    parser.add_argument("--index", type=Path, metavar="DIR")
    given = parser.parse_args()
    asked = [one for one in read_questions(given.questions) if one.gold_articles][: given.asked]
    with tempfile.TemporaryDirectory() as folder, llm_server(lambda body: Reply()) as server:
        settings = Settings(_env_file=None, llm=f"scripted@{server.url}")
        index = Index.open(given.index or Path(folder) / "index", settings)
        if given.index is None:
            index.sync(write(Path(folder) / "articles.jsonl", choose_articles(given.articles, asked, given.count)))
        print(f"{index.counts()[0]} articles, {index.counts()[1]} passages, {len(asked)} questions\n")
        rows = [row for pace in (0.0, given.pace) for row in measure(index, server, asked, pace)]
        index.close()
    table(("pace", "what", "answers", "p50 ms", "p95 ms", "limit ms", "p50 / limit"), rows)


def choose_articles(path: Path, asked: Sequence[Question], count: int) -> list[Record]:
    """Return the gold articles of the questions, and others drawn at random."""
    gold = {id for one in asked for id in one.gold_articles}
    kept = [one for one in records(path) if one["id"] in gold]
    others = [one for one in sample(path, count, 1) if one["id"] not in gold]
    return kept + others[: max(count - len(kept), 0)]


def measure(index: Index, server: LlmServer, asked: Sequence[Question], pace: float) -> list[list[object]]:
    """A row for each measure, at one pace."""
    server.reply = lambda body: replace(reply(body), pause=pace)
    assistant = Assistant(index)
    assistant.ask(asked[0].question)  # loads everything
    first, before, after = [], [], []
    for one in asked:
        server.sent.clear()
        server.requests.clear()
        started = time.perf_counter()
        arrived, answer = first_words(assistant, one.question)
        ended = time.perf_counter()
        if answer.mode == "llm":
            first.append(arrived - server.sent[0])
            before.append(server.requests[-1]["at"] - started)
            after.append(ended - server.sent[-1])
    with running_page(assistant) as address, OpenAI(base_url=f"{address}v1", api_key="none") as client:
        over_http = [time_first_words(client, server, one.question) for one in asked]
    return [
        row(pace, "first words, Python", first, FIRST),
        row(pace, "first words, HTTP", [seconds for seconds in over_http if seconds], FIRST),
        row(pace, "before it is asked", before, ADDED),
        row(pace, "after its last words", after, ADDED),
        row(pace, "added in all", [one + other for one, other in zip(before, after, strict=True)], ADDED),
    ]


def reply(body: Body) -> Reply:
    """Sentences of the passages in the prompt, one of each, with the ids of the passages."""
    told = []
    for id, text in _PASSAGE.findall(body["messages"][1]["content"])[:_SAID]:
        spans = split_sentences(text)
        start, end = max(spans, key=lambda span: span[1] - span[0])
        told.append(f"{retold(' '.join(text[start:end].split()))} [{id}].")
    text = " ".join(told)
    return Reply([text[start : start + 5] for start in range(0, len(text), 5)])


def retold(sentence: str) -> str:
    """A sentence a little shorter, so that it is not found word for word."""
    words = sentence.rstrip('.!?”"').split()
    return " ".join(words[:-2] if len(words) > 12 else words)


def first_words(assistant: Assistant, question: str):  # type: ignore[no-untyped-def]
    """When the first words of the LLM came, and the whole answer."""
    arrived = 0.0
    for answer in assistant.stream(question):
        if answer.mode == "llm" and answer.sentences and not arrived:
            arrived = time.perf_counter()
    return arrived, answer


def time_first_words(client: OpenAI, server: LlmServer, question: str) -> float:
    """Seconds until the first words came over HTTP; 0 where the LLM was not asked."""
    server.sent.clear()
    arrived = 0.0
    messages = [{"role": "user", "content": question}]
    for chunk in client.chat.completions.create(model="any", messages=messages, stream=True):  # type: ignore[call-overload]
        if chunk.choices[0].delta.content and not arrived:
            arrived = time.perf_counter()
    return arrived - server.sent[0] if server.sent else 0.0


def row(pace: float, what: str, seconds: Sequence[float], limit: float) -> list[object]:
    p95 = quantiles(seconds, n=20, method="inclusive")[-1]
    ms: Callable[[float], float] = lambda one: one * 1000  # noqa: E731
    return [pace, what, len(seconds), ms(median(seconds)), ms(p95), ms(limit), median(seconds) / limit]


if __name__ == "__main__":
    main()
