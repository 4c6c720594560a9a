"""Fits how reader and search are weighed together: `python -m train.judging INDEX QUESTIONS [INDEX QUESTIONS …]`.

Prints the weights for `rag/retrieval/confidence.py`. Every set of questions counts alike, however many it has. Sets
should hold questions that their index cannot answer (`bench/withholding.py`). The last three are fitted to
answers made with the weights in use, so it is run again once the others are replaced.
"""

import argparse
import json
import random
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from rag import Answer, Assistant, Index, Settings
from rag.evaluation import metrics, read_questions
from rag.evaluation.questions import Question
from rag.retrieval.confidence import log_odds, logit
from rag.types import Filters, Hit

SEED = 60

Row = tuple[list[float], bool]
"""What is known of a passage, or how surely its question is answered, and whether that is right."""


def asked_of(folder: Path, questions: Path, most: int) -> list[tuple[Question, Answer]]:
    """Return at most so many of the questions, drawn by chance, each with an answer however unsure it is."""
    assistant, found = Assistant(Index.open(folder, Settings.load(answer_threshold=0))), read_questions(questions)
    drawn = random.Random(SEED).sample(found, min(most, len(found)))
    return [(one, assistant.ask(one.question, filters=Filters(as_of=one.date))) for one in drawn]


def features_of(hit: Hit) -> list[float]:
    """Return what makes a passage sure: the reader's word, the search's, the vectors', and that of other articles."""
    assert hit.reading is not None
    return [logit(hit.reading.relevance), hit.score, hit.likeness, hit.agreement]


def passages(asked: Question, answer: Answer) -> list[Row]:
    """Return a row for each passage read; a span is right if it holds an accepted answer or shares half its words."""
    return [(features_of(hit), _right(asked, hit)) for hit in answer.hits if hit.reading is not None]


def _right(asked: Question, hit: Hit) -> bool:
    return metrics.token_f1(hit.span_text, asked.answers) >= 0.5 or metrics.contains_answer(
        hit.span_text, asked.answers
    )


def answer_row(asked: Question, answer: Answer) -> Row:
    """Return how surely its best passage answers and how old that is, and whether a right answer is quoted."""
    best = answer.hits[0]
    return [log_odds(best), best.stale], any(
        metrics.contains_answer(one.quote, asked.answers) for one in answer.citations
    )


def fit(sets: list[list[Row]]) -> list[float]:
    """Return the weights of a logistic regression, then its bias; every set counts alike, however many rows it has."""
    rows = [(*row, 1 / len(own)) for own in sets for row in own]
    features, labels, weights = map(list, zip(*rows, strict=True))
    fitted = LogisticRegression(C=100).fit(np.array(features), labels, sample_weight=np.array(weights) * len(rows))
    return [*map(float, fitted.coef_[0]), float(fitted.intercept_[0])]


def main(given: list[Path], most: int) -> None:
    """First the weights of what is known of a passage, then those of the answers made with the weights in use."""
    sets = [asked_of(folder, questions, most) for folder, questions in zip(given[::2], given[1::2], strict=True)]
    told = fit([[row for pair in own for row in passages(*pair)] for own in sets])
    said = fit([[answer_row(*pair) for pair in own if pair[1].hits] for own in sets])
    weights = ("_READER_WEIGHT", "_SEARCH_WEIGHT", "_COSINE_WEIGHT", "_AGREEMENT_WEIGHT", "_BIAS")
    names = (*weights, "_SHARPNESS", "_STALE", "_SHIFT")
    print(json.dumps({name: round(value, 3) for name, value in zip(names, told + said, strict=True)}, indent=2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("given", type=Path, nargs="+", metavar="INDEX QUESTIONS")
    parser.add_argument("--most", type=int, default=400, help="questions of each set")
    asked = parser.parse_args()
    main(asked.given, asked.most)
