"""Reading-comprehension examples: reading them, cropping them, drawing a mixture of them."""

import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Example:
    """A question, a text and where the text answers it; `start` is -1 where it does not."""

    question: str
    title: str
    context: str
    start: int = -1
    end: int = -1
    source: str = ""

    @property
    def answer(self) -> str:
        """The answer's text, empty where there is none."""
        return self.context[self.start : self.end] if self.start >= 0 else ""


TITLED = ("ss_newwiki", "nq_qed")
"""Sources whose titles are those of articles, as a reader will meet them."""


def read(path: Path) -> list[Example]:
    """Return the examples of a file of SQuAD-like lines: `question`, `context`, `answers`, `title`, `source`."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [_example(json.loads(line)) for line in content.decode().split("\n") if line]


def _example(line: Mapping[str, object]) -> Example:
    source, answers = str(line["source"]), line["answers"]
    title = str(line.get("title") or "").replace("_", " ") if source in TITLED else ""
    plain = Example(str(line["question"]).strip(), title, str(line["context"]), source=source)
    if not answers:
        return plain
    first = answers[0]  # type: ignore[index]
    start = int(first["answer_start"])
    return replace(plain, start=start, end=start + len(first["text"]))


def leave_out(examples: Sequence[Example], measured: Sequence[Example]) -> list[Example]:
    """Return the examples without those whose text a question of `measured` is asked of, however it is translated."""
    asked = {_words(one.question) for one in measured}
    contexts = {one.context for one in examples if _words(one.question) in asked}
    return [one for one in examples if one.context not in contexts]


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def by_title(examples: Sequence[Example]) -> dict[str, list[str]]:
    """Return the contexts of each article that has more than one."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for example in examples:
        if example.title:
            found[example.title][example.context] = None
    return {title: list(contexts) for title, contexts in found.items() if len(contexts) > 1}


def crop(example: Example, most: int, rng: random.Random) -> Example:
    """Cut an example to at most so many characters of context, at spaces, with the answer somewhere inside."""
    length = len(example.context)
    if length <= most:
        return example
    if example.start < 0:
        low, high = 0, length - most
    else:
        low, high = max(0, example.end - most), min(example.start, length - most)
    first = rng.randint(low, max(low, high))
    if first > 0 and (space := example.context.find(" ", first)) >= 0 and (example.start < 0 or space < example.start):
        first = space + 1
    last = min(length, first + most)
    if last < length and (space := example.context.rfind(" ", first, last)) > max(first, example.end):
        last = space
    moved = {} if example.start < 0 else {"start": example.start - first, "end": min(example.end, last) - first}
    return replace(example, context=example.context[first:last], **moved)


def draw(examples: Sequence[Example], shares: Mapping[str, float], rng: random.Random) -> Iterator[Example]:
    """From each source (`squad_a`, or `squad_a-` for its unanswerable ones) the share given, whole rounds first."""
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        groups[example.source + ("" if example.start >= 0 else "-")].append(example)
    for name, share in shares.items():
        group = groups[name]
        for _ in range(int(share)):
            yield from group
        yield from rng.sample(group, round((share % 1) * len(group)))
