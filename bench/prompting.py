"""What becomes of an answer when an LLM writes it, shown by two scripted ones on a server of their own.

    python bench/prompting.py INDEX_DIR QUESTIONS.jsonl

One *follows* the prompt as far as a script can: it writes the sentences that the prompt calls likely, or that the
passages do not answer. The other *obeys nothing*: it writes the first sentence of each of the first three passages,
whatever was asked. Both are asked over HTTP, as any LLM is. Prints the verdicts of `rag eval` on the quoted answers,
on what the first writes and on what the second writes: what must be refused is refused whatever the LLM is like, since
it is asked only where the reader is sure enough.
"""

import argparse
import html
import re
from collections.abc import Mapping
from pathlib import Path

from common import table

from rag import Assistant, Index, Settings
from rag.evaluation.questions import read_questions
from rag.evaluation.run import evaluate
from rag.prompts import NOT_FOUND
from rag.text.sentences import split_sentences
from tests.support.llm_server import Body, Reply, llm_server

_LIKELY = re.compile(r"<likely-\w+>\n(.*?)\n</likely-", re.S)
_PASSAGE = re.compile(r'<passage-\w+ id="(\w+)"[^\n]*>\n(.*?)\n</passage-', re.S)
_MOST = 3
_VERDICTS = ("right", "partly", "wrong", "wrongly refused", "should have refused")


def follow(body: Body) -> Reply:
    """Write the sentences that the prompt calls likely."""
    likely = _LIKELY.search(body["messages"][1]["content"])
    return Reply([likely[1] if likely else NOT_FOUND])


def obey_nothing(body: Body) -> Reply:
    """Write the first sentence of each of the first passages."""
    said = []
    for id, text in _PASSAGE.findall(body["messages"][1]["content"])[:_MOST]:
        start, end = split_sentences(text)[0]
        said.append(f"{' '.join(html.unescape(text[start:end]).split())} [{id}]")
    return Reply([" ".join(said)])


def count(index: Path, questions: Path, llm: str = "") -> Mapping[str, int]:
    """Count the verdicts on the answers to all questions."""
    opened = Index.open(index, Settings.load(llm=llm))
    try:
        verdicts = evaluate(Assistant(opened), read_questions(questions))["verdicts"]
    finally:
        opened.close()
    assert isinstance(verdicts, dict)
    return dict(verdicts["all"])


def main() -> None:
    """Count with and without the scripted LLMs, and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("index", type=Path)
    parser.add_argument("questions", type=Path)
    given = parser.parse_args()
    rows = [("quoted", count(given.index, given.questions))]
    for name, script in (("an LLM that follows", follow), ("an LLM that obeys nothing", obey_nothing)):
        with llm_server(script) as server:
            rows.append((name, count(given.index, given.questions, f"scripted@{server.url}")))
    table(("", *_VERDICTS), [[name, *(str(counted[one]) for one in _VERDICTS)] for name, counted in rows])


if __name__ == "__main__":
    main()
