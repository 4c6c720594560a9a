"""Score a reader alone on questions that each come with their text."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from rag.evaluation import metrics
from rag.evaluation.questions import ReadingExample
from rag.protocols import Reader
from rag.types import Passage

Row = tuple[ReadingExample, str, float]


def squad(
    reader: Reader, readings: Sequence[ReadingExample], report: Callable[[int], None] | None = None
) -> dict[str, object]:
    """EM and F1 over the answerable questions, each given its best span; how well relevance tells them from the others.

    `by source` holds the same for each value of `source`, where the file names more than one; a source that has only
    unanswerable questions is told from all answerable ones.
    """
    rows = []
    for number, one in enumerate(readings, 1):
        rows.append(_row(reader, one))
        if report:
            report(number)
    groups = defaultdict(list)
    for row in rows:
        groups[row[0].source].append(row)
    able = [row for row in rows if row[0].answers]
    apart = {name: _scores(own, able) for name, own in sorted(groups.items())} if len(groups) > 1 else {}
    return {**_scores(rows, able), "by source": apart}


def _row(reader: Reader, one: ReadingExample) -> Row:
    passage = Passage(article_id="", title=one.title, text=one.context, start=0, end=len(one.context))
    reading = reader.read(one.question, [passage])[0]
    said = one.context[reading.spans[0].start : reading.spans[0].end] if reading.spans else ""
    return one, said, reading.relevance


def _scores(rows: Sequence[Row], otherwise: Sequence[Row]) -> dict[str, object]:
    able = [row for row in rows if row[0].answers]
    unable = [row[2] for row in rows if not row[0].answers]
    exact = [metrics.exact(said, one.answers) for one, said, _ in able]
    f1 = [metrics.overlap(said, one.answers) for one, said, _ in able]
    found: dict[str, object] = {"questions": len(rows), "unanswerable": len(unable)}
    if able:
        found |= {"exact": sum(exact) / len(able), "f1": sum(f1) / len(able)}
    return found | {"no-answer auroc": metrics.separation([row[2] for row in able or otherwise], unable)}
