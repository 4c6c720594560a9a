"""The evaluation tab and the votes it can score, on a small index and on the seeds."""

import asyncio
import gc
import json
import threading
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from rag import Answer, Assistant, Citation, Index, Passage, Sentence
from rag.errors import SourceError, StoreError
from rag.evaluation import Question, evaluate, read_questions
from rag.testing import OverlapReader
from rag.web.chat.feedback import MAX_REMARK_CHARS, Feedback
from rag.web.evaluation import report
from rag.web.evaluation.run import Case, Scoring
from rag.web.evaluation.tab import FILE, PASTED, VOTES, EvaluationTab
from tests.conftest import SEEDS
from tests.evaluation.test_evaluation import QUESTIONS, questions_file

HOSTILE = "<script>alert(1)</script> [x](javascript:y) \ud800"


@pytest.fixture
def assistant(index: Index, folder: Path) -> Assistant:
    index.sync(folder)
    return Assistant(index, OverlapReader())


@pytest.fixture
def feedback(tmp_path: Path) -> Feedback:
    return Feedback(tmp_path / "index")


@pytest.fixture
def tab(assistant: Assistant, feedback: Feedback) -> EvaluationTab:
    return laid_out(assistant, feedback)[0]


def laid_out(assistant: Assistant, feedback: Feedback | None = None) -> tuple[EvaluationTab, gr.Blocks]:
    made = EvaluationTab(assistant, feedback)
    # Gradio makes event loops only to drop them; they are collected here, where their warnings are expected.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        with gr.Blocks(analytics_enabled=False) as blocks:
            with gr.Tabs(), gr.Tab("Evaluation"):
                made.lay_out()
            made.wire(blocks)
        asyncio.get_event_loop_policy().get_event_loop().close()
        asyncio.set_event_loop(None)
        gc.collect()
    return made, blocks


def shown(tab: EvaluationTab, updates: Iterator[dict[Any, Any]]) -> dict[str, Any]:
    """What the tab shows in the end, by the names of its parts."""
    parts = {id(part): name for name, part in vars(tab).items() if isinstance(part, gr.blocks.Block)}
    parts |= {id(part): f"bar {number}" for number, part in enumerate(tab.bars)}
    return {parts[id(part)]: value for update in updates for part, value in update.items()}


def picked(row: list[str]) -> gr.SelectData:
    return gr.SelectData(None, {"index": [0, 1], "value": row[1], "row_value": row})


# The tab.


def test_a_file_is_scored_and_shown(tab: EvaluationTab, tmp_path: Path) -> None:
    seen = shown(tab, tab.run(FILE, str(questions_file(tmp_path, QUESTIONS)), ""))
    assert "The right article comes first for 100 &#37; of the questions" in seen["_headlines"].replace("\xa0", " ")
    assert [row[:2] for row in seen["_found"]["data"]][:2] == [["article", "words"], ["article", "vectors"]]
    assert ["abstention", "refused", "1.000"] in seen["_figures"]["data"]
    assert "total" in [row[0] for row in seen["_seconds"]["data"]]
    assert list(seen["bar 0"].value["data"][0]) == ["words", 1.0]
    assert seen["_line"].value["columns"] == ["coverage", "threshold", "risk"]
    assert seen["_results"].visible
    assert (seen["_start"].interactive, seen["_stop"].interactive) == (True, False)


def test_pasted_lines_and_votes_are_scored(tab: EvaluationTab, assistant: Assistant, feedback: Feedback) -> None:
    pasted = "\n".join(map(json.dumps, QUESTIONS))
    assert "4 questions" in shown(tab, tab.run(PASTED, None, pasted))["_headlines"]
    assert "no answer has been voted on yet" in shown(tab, tab.run(VOTES, None, ""))["_progress"]
    question = str(QUESTIONS[0]["question"])
    feedback.add(question, assistant.ask(question), good=True, remark="", day="2024-03-02")
    assert "1 question" in shown(tab, tab.run(VOTES, None, ""))["_headlines"]
    assert "1 answer has been voted on" in shown(tab, iter([tab.offer(VOTES)]))["_progress"]


@pytest.mark.parametrize(
    ("line", "said"),
    [('{"question": "Why?"}\n{oops', "line 2: Invalid JSON"), ('{"answers": []}', "line 1: question: Field required")],
)
def test_a_bad_file_is_one_line_without_our_own_paths(tab: EvaluationTab, tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(line)
    for source, name in ((FILE, "mine.jsonl"), (PASTED, "the pasted text")):
        seen = shown(tab, tab.run(source, str(path), line))
        assert report.inert_line(f"{name}, {said}") in seen["_progress"]
        assert tmp_path.name not in seen["_progress"]
        assert seen["_start"].interactive
        assert seen["_results"].visible is False


def test_nothing_chosen_and_an_empty_index_are_named(tab: EvaluationTab, index: Index, tmp_path: Path) -> None:
    assert "choose a questions file first" in shown(tab, tab.run(FILE, None, ""))["_progress"]
    empty = laid_out(Assistant(Index.open(tmp_path / "none", index.settings, index.embedder), OverlapReader()))[0]
    seen = shown(empty, empty.run(PASTED, None, '{"question": "Why?"}'))
    assert 'class="trouble"' in seen["_progress"]


def test_a_question_that_went_wrong_is_shown_and_can_be_asked(tab: EvaluationTab) -> None:
    lines = [
        {"question": "When did the bridge over the river close?", "answers": ["Sunday"], "gold_articles": ["bridge.md"]}
    ]
    seen = shown(tab, tab.run(PASTED, None, "\n".join(map(json.dumps, lines))))
    row = seen["_worst"].value["data"][0]
    assert row[:3] == ["1", lines[0]["question"], "Sunday"]
    assert row[5] == "1"
    chosen = shown(tab, iter([tab.choose(seen["_cases"], picked(row))]))
    assert chosen["chosen"] == lines[0]["question"]
    assert chosen["ask"].visible
    for part in ("Expected", "Sunday", "Old bridge closes"):
        assert part in chosen["_case"]
    assert "chosen" not in shown(tab, iter([tab.choose((), picked(row))]))


def test_an_evaluation_stops_after_the_question_under_way(
    tab: EvaluationTab, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, go_on = list[str](), threading.Event()

    def ask(question: str, *_: object) -> Answer:
        asked.append(question)
        go_on.wait(10)
        return Answer(question, question)

    monkeypatch.setattr(assistant, "ask", ask)
    before = set(threading.enumerate())
    running = tab.run(PASTED, None, '{"question": "Why?"}\n' * 50)
    assert shown(tab, iter([next(running)]))["_stop"].interactive
    assert "0 of 50" in shown(tab, iter([next(running)]))["_progress"]
    running.close()
    go_on.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
    assert len(asked) == 1
    assert "Stopped" in shown(tab, iter([tab.stop()]))["_progress"]


def test_what_goes_wrong_in_the_thread_is_raised(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(*_: object) -> Answer:
        raise StoreError("the index is gone")

    monkeypatch.setattr(assistant, "ask", ask)
    with Scoring(assistant, [Question(question="Why?")]) as scoring:
        assert next(scoring.counts()) == 0
        with pytest.raises(StoreError, match="gone"):
            scoring.result()


def test_every_event_is_private(assistant: Assistant) -> None:
    _, blocks = laid_out(assistant)
    assert {fn.api_visibility for fn in blocks.fns.values()} <= {"private"}


def test_the_seeds_are_scored_as_the_command_does(seed_index: Index) -> None:
    made = Assistant(seed_index, OverlapReader())
    tab = laid_out(made)[0]
    lines = (SEEDS / "questions.jsonl").read_text().splitlines()[:6]
    seen = shown(tab, tab.run(PASTED, None, "\n".join(lines)))
    scores = evaluate(made, [Question.model_validate_json(line) for line in lines])
    assert seen["_found"] == report.retrieval_table(scores)
    assert seen["_figures"] == report.figures_table(scores)


# How scores look.


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0, "0 %"), (1.0, "100 %"), (0.93, "93 %"), (0.9999, "over 99 %"), (0.001, "under 1 %"), (0.5, "50 %")],
)
def test_a_share_is_never_rounded_to_all_or_nothing(share: float, said: str) -> None:
    assert report.format_percent(share).replace("\xa0", " ") == said


def test_progress_says_what_is_done_and_left() -> None:
    assert "25 of 100 questions&#44; about 30 s left" in report.render_progress(25, 100, 10)
    assert "about 3 min left" in report.render_progress(10, 100, 20)
    assert "left" not in report.render_progress(0, 100, 3)


def test_hostile_words_of_a_question_are_only_read() -> None:
    row = {"question": HOSTILE, "expected": [HOSTILE], "answer": HOSTILE, "confidence": 0.5, "gold article": None}
    html = report.render_case(Case(row, True, ()))
    assert "<script" not in html
    assert "not found" in html
    json.dumps(report.worst_table([Case(row, False, ())]), ensure_ascii=False).encode()


# Votes.


def _answer(**given: Any) -> Answer:
    passage = Passage(article_id="bridge.md", title="Old bridge", text="It closed on Friday.", start=10, end=30)
    sentences = (Sentence("It closed on Friday.", (1,), "supported", 0.9, (13, 19)),)
    cited = (Citation(1, passage, 10, 30, passage.text),)
    return replace(Answer("When?", "When?", sentences, (), cited, True), **given)


def lines_of(feedback: Feedback) -> list[dict[str, Any]]:
    return [json.loads(line) for line in feedback.path.read_text().splitlines()]


def test_a_good_answer_is_what_a_later_one_must_be_like(feedback: Feedback) -> None:
    feedback.add("When did it close?", _answer(), good=True, remark="right\x00 and\nshort", day="2024-03-02")
    assert lines_of(feedback) == [
        {
            "question": "When did it close?",
            "answers": ["Friday"],
            "gold_articles": ["bridge.md"],
            "gold_passages": [{"article_id": "bridge.md", "start": 10, "end": 30}],
            "good": True,
            "remark": "right and short",
            "said": "It closed on Friday. [1]",
            "at": "2024-03-02",
        }
    ]
    (asked,) = read_questions(feedback.path)
    assert asked.gold_passages[0].end == 30


def test_refusals_prose_and_bad_answers_expect_no_more_than_is_known(feedback: Feedback) -> None:
    feedback.add("Who?", _answer(answered=False, citations=()), good=True, remark="", day="")
    feedback.add("How?", _answer(sentences=(Sentence("So.", (1,)),)), good=True, remark="", day="")
    feedback.add("Where?", _answer(), good=False, remark="wrong", day="")
    refused, prose, bad = feedback.questions()
    assert (refused.unanswerable, refused.answers, refused.gold_articles) == (True, (), ())
    assert (prose.answers, prose.gold_articles) == ((), ("bridge.md",))
    assert bad == Question(question="Where?")


def test_a_later_vote_on_the_same_answer_replaces_the_earlier(feedback: Feedback) -> None:
    feedback.add("When?", _answer(), good=True, remark="", day="")
    feedback.add("When?", _answer(answered=False, sentences=()), good=False, remark="", day="")
    feedback.add("When?", _answer(), good=False, remark="no", day="")
    assert len(lines_of(feedback)) == 3
    assert feedback.questions() == [Question(question="When?")] * 2


def test_hostile_votes_leave_the_file_readable(feedback: Feedback) -> None:
    feedback.add(f"{HOSTILE}\n\u202e{{", _answer(), good=True, remark="x\r\n" * 5000, day="9" * 900)
    (line,) = lines_of(feedback)
    assert len(line["remark"]) <= MAX_REMARK_CHARS
    assert line["question"].endswith("? {")
    assert len(feedback.questions()) == 1
    with pytest.raises(ValueError, match="needs the question"):
        feedback.add(" \x00 ", _answer(), good=True, remark="", day="")


def test_half_a_line_is_named_and_swallows_nothing(feedback: Feedback) -> None:
    assert feedback.questions() == []
    feedback.add("When?", _answer(), good=True, remark="", day="")
    with feedback.path.open("a") as stream:
        stream.write('{"question": "cut')
    feedback.add("Who?", _answer(), good=True, remark="", day="")
    with pytest.raises(SourceError, match="line 2: Invalid JSON"):
        feedback.questions()
    assert json.loads(feedback.path.read_text().splitlines()[2])["question"] == "Who?"


def test_threads_lose_no_vote(feedback: Feedback) -> None:
    def vote(who: int) -> None:
        for number in range(20):
            Feedback(feedback.path.parent).add(f"Question {who}.{number}?", _answer(), good=True, remark="", day="")

    threads = [threading.Thread(target=vote, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        feedback.questions()
    assert len({one.question for one in feedback.questions()}) == 80


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        Feedback(tmp_path / "taken").add("When?", _answer(), good=True, remark="", day="")


def test_votes_are_scored_against_the_articles(assistant: Assistant, feedback: Feedback) -> None:
    for asked, good in ((QUESTIONS[0], True), (QUESTIONS[2], True), (QUESTIONS[1], False)):
        question = str(asked["question"])
        feedback.add(question, assistant.ask(question), good=good, remark="", day="2024-06-01")
    scores: Any = evaluate(assistant, feedback.questions())
    assert (scores["questions"], scores["unanswerable"]) == (3, 1)
    assert scores["abstention"]["refused"] == 1
    assert scores["retrieval"]["article"]["read"]["hit@1"] == 1
    assert scores["retrieval"]["passage"]["read"]["hit@1"] == 1
