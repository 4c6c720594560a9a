"""Writes hard unanswerable questions made by rule: `python -m train.hard DEV.jsonl.gz OUT.jsonl`."""

import argparse
import json
from pathlib import Path

from train.data import Example, read
from train.export import made_hard


def write(examples: list[Example], out: Path) -> None:
    """Write the answerable examples and the unanswerable ones made of them, as lines that `rag eval --squad` reads."""
    lines = []
    for one in [*(one for one in examples if one.start >= 0), *made_hard(examples)]:
        answers = [{"text": one.answer, "answer_start": one.start}] if one.start >= 0 else []
        lines.append({"question": one.question, "title": one.title, "context": one.context, "source": one.source})
        lines[-1] |= {"answers": answers, "is_impossible": not answers}
    out.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    write(read(given.data), given.out)
