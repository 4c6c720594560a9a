"""Measures by hand, questions files, and a whole evaluation of a small index."""

import gzip
import json
from pathlib import Path

import pytest

from rag.assistant import Assistant
from rag.errors import SourceError
from rag.evaluation import Question, evaluate, metrics, read_questions, read_squad, squad
from rag.index import Index
from rag.testing import OverlapReader


def test_words_are_compared_as_squad_does() -> None:
    assert metrics.exact_match("The 2,500 troops!", ["2500 troops"]) == 1
    assert metrics.token_f1("2,500 American troops", ["2,500 troops"]) == pytest.approx(0.8)
    assert metrics.token_f1("", ["x"]) == 0
    assert metrics.contains_answer("Some 2,500 troops remain.", ["2,500 troops"])
    assert not metrics.contains_answer("Some 12,500 troops remain.", ["2,500 troops"])
    assert not metrics.contains_answer("anything", ["the"])


def test_rankings_by_hand() -> None:
    relevant = {"a": {"x": 1}, "b": {"y": 1}, "c": {"z": 1}}
    scores = metrics.score_rankings(relevant, {"a": ["x", "q"], "b": ["q", "r", "y"], "c": []})
    assert scores["hit@1"] == pytest.approx(1 / 3)
    assert scores["hit@3"] == pytest.approx(2 / 3)
    assert scores["MRR@10"] == pytest.approx((1 + 1 / 3) / 3)
    assert scores["nDCG@10"] == pytest.approx((1 + 0.5) / 3)
    assert metrics.score_rankings({}, {}) == {}


def test_abstention_by_hand() -> None:
    assert metrics.auroc([0.9, 0.8], [0.1, 0.85]) == 0.75
    assert metrics.auroc([0.9], []) is None
    able, unable = [i / 10 for i in range(1, 11)], [0.05, 0.15, 0.25, 0.95]
    assert metrics.refusal_rate(able, unable) == 0.5
    assert metrics.calibration_error([0.5] * 10, [True] * 5 + [False] * 5, bins=1) == 0
    assert metrics.calibration_error([1.0] * 4, [False] * 4) == 1
    assert metrics.calibration_interval([], []) is None
    assert metrics.calibration_interval([1.0] * 4, [False] * 4) == (1, 1)
    low, high = metrics.calibration_interval([0.5] * 40, [True, False] * 20) or (1.0, 0.0)
    assert 0 < low < high < 0.5
    rows = metrics.risk_coverage([0.9, 0.1], [True, False])
    assert (rows[0]["risk"], rows[-1]["risk"], rows[-1]["threshold"]) == (0, 0.5, 0.1)


QUESTIONS = [
    {"question": "When did the bridge over the river close?", "answers": ["Friday"], "gold_articles": ["bridge.md"]},
    {"question": "What destroyed the apple blossom in the valley?", "answers": ["late frost"],
     "gold_articles": ["orchard.md"], "gold_passages": [{"article_id": "orchard.md", "start": 0, "end": 60}]},
    {"question": "Which composer wrote the opera?", "unanswerable": True},
    {"question": "Why does the library open at night?"},
]  # fmt: skip


def questions_file(folder: Path, lines: list[object]) -> Path:
    path = folder / "questions.jsonl"
    path.write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines))
    return path


def test_an_index_is_scored(index: Index, folder: Path, tmp_path: Path) -> None:
    index.sync(folder)
    counted: list[int] = []
    asked = read_questions(questions_file(tmp_path, QUESTIONS))
    scores = evaluate(Assistant(index, OverlapReader()), asked, counted.append)
    assert counted == [1, 2, 3, 4]
    assert (scores["questions"], scores["unanswerable"]) == (4, 1)
    for level in ("article", "passage", "answer in passage"):
        stages = scores["retrieval"][level]  # type: ignore[index]
        assert list(stages) == ["words", "vectors", "fused", "read"]
        assert stages["words"]["hit@1"] == 1
    assert scores["citations"]["verbatim"] == 1  # type: ignore[index]
    assert scores["citations"]["answer in quotes"] == 1  # type: ignore[index]
    assert scores["abstention"]["refused"] == 1  # type: ignore[index]
    assert {"retrieve", "read", "compose", "total"} <= set(scores["seconds"])  # type: ignore[call-overload]
    json.dumps(scores)


def test_questions_with_nothing_known_are_scored(index: Index, folder: Path) -> None:
    index.sync(folder)
    scores = evaluate(Assistant(index, OverlapReader()), [Question(question="Why the library?")])
    assert scores["retrieval"] == {"article": {}, "passage": {}, "answer in passage": {}}
    assert scores["answers"] == {"exact": None, "f1": None, "contained": None}


def test_confidence_is_not_judged_where_no_answer_is_known(index: Index, folder: Path) -> None:
    index.sync(folder)
    asked = [Question(question="When did the bridge close?", must=("Friday",)), Question(question="Who?", refuse=True)]
    abstention = evaluate(Assistant(index, OverlapReader()), asked)["abstention"]
    assert isinstance(abstention, dict)
    assert (abstention["calibration error"], abstention["risk and coverage"]) == (None, [])


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["{oops\n"], "line 1: Invalid JSON"),
        ([QUESTIONS[0], "\n", {"answers": ["x"]}], "line 3: question: Field required"),
        ([{"question": "x", "answers": "text"}], "line 1: answers"),
        ([{"question": ""}], "line 1: question"),
        (["[1]\n"], "line 1"),
        ([], "holds no question"),
    ],
)
def test_a_bad_questions_file_is_named_by_its_line(tmp_path: Path, lines: list[object], reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        read_questions(questions_file(tmp_path, lines))


def test_a_missing_or_damaged_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        read_questions(tmp_path / "none.jsonl")
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(b"x" * 1000)[:20])
    with pytest.raises(SourceError, match="cannot be read"):
        read_questions(tmp_path / "cut.jsonl.gz")
    (tmp_path / "binary.jsonl").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SourceError, match="cannot be read"):
        read_questions(tmp_path / "binary.jsonl")


NESTED = {
    "version": "2.0",
    "data": [
        {
            "title": "Old_bridge",
            "paragraphs": [
                {
                    "context": "The bridge closed on Friday. The mayor was glad.",
                    "qas": [
                        {"id": "1", "question": "Which bridge closed?", "answers": [
                            {"text": "The bridge closed on Friday", "answer_start": 0}], "is_impossible": False},
                        {"id": "2", "question": "Who wrote operas?", "answers": [], "is_impossible": True,
                         "plausible_answers": [{"text": "The mayor", "answer_start": 29}]},
                    ],
                }
            ],
        }
    ],
}  # fmt: skip


def test_a_squad_file_scores_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "squad.json"
    path.write_text(json.dumps(NESTED))
    readings = read_squad(path)
    assert [(one.title, one.answers) for one in readings] == [
        ("Old bridge", ("The bridge closed on Friday",)),
        ("Old bridge", ()),
    ]
    scores = squad(OverlapReader(), readings)
    assert (scores["exact"], scores["f1"], scores["no-answer auroc"]) == (1, 1, 1)


def test_lines_with_their_source_are_scored_apart(tmp_path: Path) -> None:
    lines = [
        {
            "question": "Which bridge closed?",
            "context": "The bridge closed.",
            "answers": [{"text": "bridge"}],
            "source": s,
        }
        for s in ("one", "two")
    ]
    lines.append({"question": "Who sang?", "context": "The bridge closed.", "answers": [], "source": "made"})
    scores = squad(OverlapReader(), read_squad(questions_file(tmp_path, list(lines))))
    assert scores["by source"]["one"]["exact"] == 0  # type: ignore[index]
    assert scores["by source"]["made"]["no-answer auroc"] == 1  # type: ignore[index]


@pytest.mark.parametrize("content", ["{}", "[]", "{", '{"data": [{"paragraphs": [{"qas": [{}]}]}]}', '{"data": []}'])
def test_what_is_no_squad_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "squad.json"
    path.write_text(content)
    with pytest.raises(SourceError, match=r"squad\.json"):
        read_squad(path)
