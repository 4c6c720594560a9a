"""Checks on the sample articles and questions shipped in ``seeds/``.

The tests read the files directly, so that they say whether the samples are
sound whatever the state of the code that indexes them.
"""

import datetime
import json
import re
from pathlib import Path

import pytest
import yaml

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
ARTICLES = sorted(SEEDS.glob("*.md"))
FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)


def split_article(path):
    """Return an article's front matter (a dict) and its body."""
    match = FRONT_MATTER.match(path.read_text(encoding="utf-8"))
    assert match, f"{path.name}: no front matter"
    return yaml.safe_load(match.group(1)), match.group(2)


def flatten(text):
    """Lower-case a text and squeeze its white space."""
    return " ".join(text.lower().split())


@pytest.fixture(scope="module")
def bodies():
    """Each article's body, flattened, by article id (its file name)."""
    return {path.name: flatten(split_article(path)[1]) for path in ARTICLES}


@pytest.fixture(scope="module")
def questions():
    """The parsed lines of questions.jsonl."""
    lines = (SEEDS / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def answerable(questions):
    """The questions that the articles answer."""
    found = [q for q in questions if not q.get("unanswerable")]
    assert found, "no answerable question"
    return found


def test_there_are_enough_articles():
    """A handful of articles would leave retrieval nothing to get wrong."""
    assert len(ARTICLES) >= 10


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.name)
def test_article_is_well_formed(path):
    """Four non-empty keys, an ISO date, a slugged URL and 300 words or more."""
    meta, body = split_article(path)
    assert set(meta) == {"title", "source", "url", "date"}
    assert all(str(value).strip() for value in meta.values())
    datetime.date.fromisoformat(str(meta["date"]))
    assert meta["url"] == f"https://example.org/seeds/{path.stem}"
    assert len(body.split()) >= 300


def test_question_lines_are_valid(questions):
    """Each line has a question and either answers with gold articles or neither."""
    for q in questions:
        assert set(q) <= {"question", "answers", "gold_articles", "unanswerable"}, q
        assert isinstance(q["question"], str) and q["question"].endswith("?"), q
        assert isinstance(q.get("unanswerable", False), bool), q
        if q.get("unanswerable"):
            assert not q.get("answers") and not q.get("gold_articles"), q
        else:
            for key in ("answers", "gold_articles"):
                assert isinstance(q[key], list) and q[key], q
                assert all(isinstance(s, str) and s.strip() for s in q[key]), q


def test_no_question_is_asked_twice(questions):
    """A repeated question would count double in a score."""
    texts = [flatten(q["question"]) for q in questions]
    assert len(texts) == len(set(texts))


def test_headline_question_comes_first(questions):
    """The example in the project's documentation is the first question."""
    assert questions[0]["question"] == "Why did Iraq call for ending the coalition?"


def test_question_counts(questions, answerable):
    """At least 40 questions, a quarter unanswerable, five over two articles."""
    assert len(questions) >= 40
    assert (len(questions) - len(answerable)) * 4 >= len(questions)
    assert sum(len(set(q["gold_articles"])) >= 2 for q in answerable) >= 5


def test_gold_articles_exist(answerable):
    """Every gold id names a file in the folder."""
    names = {path.name for path in ARTICLES}
    for q in answerable:
        assert set(q["gold_articles"]) <= names, q


def test_answers_stand_in_gold_articles(answerable, bodies):
    """Each answer is in a gold article, and each gold article holds an answer."""
    for q in answerable:
        golds = [bodies[name] for name in q["gold_articles"]]
        answers = [flatten(answer) for answer in q["answers"]]
        for answer in answers:
            assert any(answer in body for body in golds), (q["question"], answer)
        for name, body in zip(q["gold_articles"], golds, strict=True):
            assert any(answer in body for answer in answers), (q["question"], name)


def test_every_article_is_asked_about(answerable):
    """No article is dead weight."""
    asked = {name for q in answerable for name in q["gold_articles"]}
    assert asked == {path.name for path in ARTICLES}
