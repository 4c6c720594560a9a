"""Turn a folder of questions whose right answers are told in words into a questions file for `rag eval`.

    python -m tests.cases.town FOLDER > town.jsonl

What a right answer matches stands in town_answers.json, by the id of the question. The chats of the folder become
conversations of which each question is asked after those before it.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

PATTERNS = Path(__file__).with_name("town_answers.json")
CHATS: Mapping[tuple[int, int], Mapping[str, object]] = {
    (0, 1): {"must": ["laying off 180|layoffs take effect"]},
    (0, 2): {"must": ["cigarette"]},
    (0, 3): {"refuse": True},
    (0, 4): {"refuse": True},
    (1, 1): {"must": ["4,2 Millionen"]},
    (1, 2): {"must": ["Ende Oktober"]},
    (1, 3): {"must": [r"18\.000"]},
}
"""What is right in the chats, by the numbers of the chat and of the question in it."""


def convert(folder: Path) -> Iterator[dict[str, object]]:
    """Yield the lines of a questions file, those of conversations last."""
    patterns = json.loads(PATTERNS.read_text(encoding="utf-8"))
    for line in (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        question = json.loads(line)
        if question["id"] in patterns:
            yield {"question": question["question"], "kind": question["kind"], **patterns[question["id"]]}
    chats = json.loads((folder / "chats.json").read_text(encoding="utf-8"))
    for (chat, number), right in CHATS.items():
        yield {"question": chats[chat][number], "kind": "chat", "history": chats[chat][:number], **right}


if __name__ == "__main__":
    for row in convert(Path(sys.argv[1])):
        print(json.dumps(row, ensure_ascii=False))
