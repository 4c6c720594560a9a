"""Keep votes on answers as questions that `rag eval` can score."""

import io
import json
import os
import re
import threading
from pathlib import Path

from rag.errors import StoreError
from rag.evaluation import Question, read_questions
from rag.storage.layout import FEEDBACK
from rag.storage.plain_files import open_regular, read_regular
from rag.types import Answer
from rag.web.escaping import make_encodable

MAX_REMARK_CHARS = 1000
_MAX_DAY_CHARS = 32
_BLANK = re.compile(r"[\t-\r\x1c-\x1f\x85\u2028\u2029]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_WRITING = threading.Lock()
"""One for all, since the page and its tabs may each hold the same file."""

_VoteRecord = dict[str, object]


class Feedback:
    """The votes on answers in the folder of an index; safe between threads."""

    def __init__(self, folder: Path) -> None:
        """Keep votes in `folder`, in a file that the first vote makes."""
        self.path = folder / FEEDBACK

    def add(self, question: str, answer: Answer, *, good: bool, remark: str, day: str) -> None:
        """Append a vote of that day; StoreError where it cannot be written, ValueError without a question."""
        vote = _vote(question, answer, good=good, remark=remark, day=day)
        if not vote["question"]:
            raise ValueError("a vote needs the question")
        line = json.dumps(vote, ensure_ascii=False).encode() + b"\n"
        try:
            with _WRITING:
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _append(self.path, line)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written: {error.strerror or error}") from None

    def questions(self) -> list[Question]:
        """Read the votes as questions, the last of each question and answer; SourceError names a bad line."""
        with _WRITING:
            try:
                if not (data := read_regular(self.path)):
                    return []
            except FileNotFoundError:
                return []
            except OSError as error:
                raise StoreError(f"{self.path} cannot be read: {error.strerror or error}") from None
            questions = read_questions(self.path)
            lines = data.decode("utf-8-sig").split("\n")
        answers = [json.loads(line).get("said") for line in lines if line.strip()]
        votes = zip(questions, answers, strict=True)
        return list({(question.question, str(answer)): question for question, answer in votes}.values())


def _vote(question: str, answer: Answer, *, good: bool, remark: str, day: str) -> _VoteRecord:
    vote: _VoteRecord = {"question": _clean(question)}
    if good:
        vote |= _expect(answer)
    about = {
        "remark": _clean(remark)[:MAX_REMARK_CHARS],
        "said": _clean(answer.text),
        "at": _clean(day)[:_MAX_DAY_CHARS],
    }
    return vote | {"good": good} | about


def _expect(answer: Answer) -> _VoteRecord:
    """Return what a later answer must hold to be as good as this one."""
    if not answer.answered:
        return {"unanswerable": True}
    short = _clean(answer.short)
    spans = [
        {"article_id": make_encodable(citation.passage.article_id), "start": citation.start, "end": citation.end}
        for citation in answer.citations
    ]
    known: _VoteRecord = {"answers": [short]} if short else {}
    return known | {"gold_articles": list({span["article_id"]: 1 for span in spans}), "gold_passages": spans}


def _clean(text: str) -> str:
    # One lone surrogate would make the whole file unreadable.
    return _CONTROL.sub("", _BLANK.sub(" ", make_encodable(text))).strip()


def _append(path: Path, line: bytes) -> None:
    with open(open_regular(path, os.O_RDWR | os.O_APPEND | os.O_CREAT), "a+b", buffering=0) as stream:
        end = stream.seek(0, os.SEEK_END)
        # A crash may have left half a line, which must not swallow this one.
        line = line if _ends_a_line(stream, end) else b"\n" + line
        if stream.write(line) != len(line):
            stream.truncate(end)
            raise OSError("the disk is full")


def _ends_a_line(stream: io.FileIO, end: int) -> bool:
    if not end:
        return True
    stream.seek(end - 1)
    return stream.read(1) == b"\n"
