"""Fits what tells small talk from questions: `python -m train.small_talk READER.jsonl.gz FOLLOW_UPS.jsonl.gz`.

A logistic regression on the vectors of the packaged embedding model, written into the package. Small talk is
`small_talk.txt`; questions are short ones of the reader's data, the same as keywords, and short follow-ups.
"""

import argparse
import gzip
import json
import random
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from rag.models.embedding import open_embedder
from rag.models.small_talk import MAX_WORDS, WEIGHTS
from rag.text.english import FUNCTION_WORDS, QUESTION_VERBS
from train.data import read

SEED = 5
EACH = 1500
"""Questions of each kind."""
LINES = Path(__file__).with_suffix(".txt")


def small_talk() -> list[str]:
    """Return the lines of the file, as they stand and as they are also typed."""
    lines = LINES.read_text(encoding="utf-8").split("\n")
    return [typed for line in filter(None, lines) for typed in _type_otherwise(line)]


def _type_otherwise(line: str) -> tuple[str, ...]:
    return line, f"{line[0].upper()}{line[1:]}!", line.rstrip("?!.") or line


def keywords(question: str) -> str:
    """Return a question as some type it: its content words alone."""
    words = [word.strip("?.,!'\"") for word in question.split()]
    return " ".join(word for word in words if word and word.lower() not in {*FUNCTION_WORDS, *QUESTION_VERBS})


def questions(reader: Path, follow_ups: Path) -> list[str]:
    """Return short questions that stand alone, keywords, and short follow-ups."""
    rng = random.Random(SEED)
    asked = [one.question for one in read(reader)]
    rng.shuffle(asked)
    short = [one for one in asked if len(one.split()) <= MAX_WORDS]
    typed = [one for one in map(keywords, asked) if 1 <= len(one.split()) <= 4]
    lines = gzip.decompress(follow_ups.read_bytes()).decode().split("\n")
    later = [str(json.loads(line)["question"]) for line in lines if line]
    later = [one for one in later if len(one.split()) <= MAX_WORDS]
    rng.shuffle(later)
    return [*short[:EACH], *(one.lower() for one in short[EACH : 2 * EACH]), *typed[:EACH], *later[:EACH]]


def main(reader: Path, follow_ups: Path) -> None:
    """Fit on everything, print how good it is in cross-validation, and write the weights."""
    talk, asked = small_talk(), questions(reader, follow_ups)
    vectors = open_embedder("", "cpu").embed([*talk, *asked])
    labels = np.array([1] * len(talk) + [0] * len(asked))
    model = LogisticRegression(C=10, max_iter=1000)
    chances = cross_val_predict(model, vectors, labels, cv=5, method="predict_proba")[:, 1]
    print(f"{len(talk)} of small talk, {len(asked)} questions")
    print(f"recall {(chances[labels == 1] > 0.5).mean():.3f}, false alarms {(chances[labels == 0] > 0.5).mean():.4f}")
    fitted = model.fit(vectors, labels)
    weights = [round(float(value), 4) for value in fitted.coef_[0]]
    WEIGHTS.write_text(json.dumps({"bias": round(float(fitted.intercept_[0]), 4), "weights": weights}) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reader", type=Path)
    parser.add_argument("follow_ups", type=Path)
    given = parser.parse_args()
    main(given.reader, given.follow_ups)
