"""Score a reader alone on questions that each come with their text."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from rag.evaluation import metrics
from rag.evaluation.questions import ReadingExample
from rag.protocols import Reader
from rag.types import Passage


class _ReadExample(NamedTuple):
    """An example with the best span and the relevance that a reader gave it."""

    example: ReadingExample
    answer: str
    relevance: float


def squad(
    reader: Reader, examples: Sequence[ReadingExample], report: Callable[[int], None] | None = None
) -> dict[str, object]:
    """Score a reader on SQuAD: EM and F1 of its best spans, and how well relevance separates unanswerable questions.

    `by source` holds the same for each value of `source`, where the file names more than one; a source that has only
    unanswerable questions is separated from all answerable ones.
    """
    rows = []
    for number, example in enumerate(examples, 1):
        rows.append(_read(reader, example))
        if report:
            report(number)
    groups = defaultdict(list)
    for row in rows:
        groups[row.example.source].append(row)
    answerable = [row for row in rows if row.example.answers]
    by_source = {name: _score(own, answerable) for name, own in sorted(groups.items())} if len(groups) > 1 else {}
    return {**_score(rows, answerable), "by source": by_source}


def _read(reader: Reader, example: ReadingExample) -> _ReadExample:
    passage = Passage(article_id="", title=example.title, text=example.context, start=0, end=len(example.context))
    reading = reader.read(example.question, [passage])[0]
    answer = example.context[reading.spans[0].start : reading.spans[0].end] if reading.spans else ""
    return _ReadExample(example, answer, reading.relevance)


def _score(rows: Sequence[_ReadExample], all_answerable: Sequence[_ReadExample]) -> dict[str, object]:
    """Score some rows; where none of them is answerable, the unanswerable are separated from `all_answerable`."""
    answerable = [row for row in rows if row.example.answers]
    unanswerable = [row.relevance for row in rows if not row.example.answers]
    exact = [metrics.exact_match(row.answer, row.example.answers) for row in answerable]
    f1 = [metrics.token_f1(row.answer, row.example.answers) for row in answerable]
    scores: dict[str, object] = {"questions": len(rows), "unanswerable": len(unanswerable)}
    if answerable:
        scores |= {"exact": sum(exact) / len(answerable), "f1": sum(f1) / len(answerable)}
    auroc = metrics.auroc([row.relevance for row in answerable or all_answerable], unanswerable)
    return scores | {"no-answer auroc": auroc}
