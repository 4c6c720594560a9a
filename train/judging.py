"""Fits how reader and search are weighed together: `python -m train.judging INDEX QUESTIONS [INDEX QUESTIONS …]`.

Prints the weights for `rag/judging.py`. Every set of questions counts alike, however many it has. Sets should hold
questions that their index cannot answer.
"""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from rag import Assistant, Index, Settings
from rag.evaluation import metrics, read_questions
from rag.evaluation.questions import Question
from rag.judging import logit
from rag.reader import open_reader
from rag.types import Filters, Hit, Reading

Row = tuple[list[float], bool]
"""What is known of a passage, and whether its best span answers."""


def rows(folder: Path, questions: Path) -> list[list[Row]]:
    """For each question, one row a passage that is read."""
    index, reader, found = Index.open(folder), open_reader(), []
    for asked in read_questions(questions):
        hits = index.search(asked.question, index.settings.read_top, Filters(as_of=asked.date))
        readings = reader.read(asked.question, [hit.passage for hit in hits])
        found.append([row(asked, *pair) for pair in zip(hits, readings, strict=True)])
    return [own for own in found if own]


def row(asked: Question, hit: Hit, reading: Reading) -> Row:
    """Right is a span that shares half its words with an accepted answer, or holds one."""
    first = hit.passage.start
    said = [hit.passage.text[span.start - first : span.end - first] for span in reading.spans[:1]]
    right = any(metrics.overlap(one, asked.answers) >= 0.5 or metrics.holds(one, asked.answers) for one in said)
    return [logit(reading.relevance), hit.score, hit.likeness], right and not asked.unanswerable


def fit(features: list[list[float]], labels: list[bool], weights: list[float]) -> LogisticRegression:
    """A logistic regression in which each row counts as much as its weight."""
    return LogisticRegression(C=100).fit(np.array(features), labels, sample_weight=np.array(weights) * len(weights))


def answers(folder: Path, questions: Path, weights: tuple[list[float], float]) -> list[Row]:
    """For each question how surely its best passage answers, favour left out, and whether an accepted answer is quoted.

    `weights` holds the weights of the passages' rows and their bias; how surely is in logits.
    """
    settings = Settings.load(answer_threshold=0)
    assistant, found = Assistant(Index.open(folder, settings)), list[Row]()
    for asked in read_questions(questions):
        answer = assistant.ask(asked.question, filters=Filters(as_of=asked.date))
        known = [
            ([logit(one.reading.relevance), one.score, one.likeness], one.favour) for one in answer.hits if one.reading
        ]
        sure = [(float(np.dot(weights[0], one)) + weights[1], favour) for one, favour in known]
        best, favour = max(sure, default=(-10.0, 0.0))
        best -= weights[0][1] * favour
        quoted = any(metrics.holds(one.quote, asked.answers) for one in answer.citations)
        found.append(([best], quoted and not asked.unanswerable))
    return found


def main(given: list[Path]) -> None:
    """First the passages; then, with their weights, the answers made of them."""
    pairs = list(zip(given[::2], given[1::2], strict=True))
    sets = [rows(*pair) for pair in pairs]
    flat = [(one, 1 / sum(map(len, own))) for own in sets for question in own for one in question]
    passages = fit([one[0] for one, _ in flat], [one[1] for one, _ in flat], [weight for _, weight in flat])
    weights = [*map(float, passages.coef_[0]), float(passages.intercept_[0])]
    said = [(one, 1 / len(own)) for own in (answers(*pair, (weights[:3], weights[3])) for pair in pairs) for one in own]
    fitted = fit([one[0] for one, _ in said], [one[1] for one, _ in said], [weight for _, weight in said])
    values = [*weights, fitted.coef_[0][0], fitted.intercept_[0]]
    names = ("_READ", "_FOUND", "_LIKE", "_BIAS", "_SHARPNESS", "_SHIFT")
    print(json.dumps({name: round(float(value), 3) for name, value in zip(names, values, strict=True)}, indent=2))


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
