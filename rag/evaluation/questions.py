"""Read questions with known answers, from a questions file or a SQuAD file."""

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from rag.errors import SourceError


class GoldPassage(BaseModel):
    """The part of an article that answers a question."""

    model_config = ConfigDict(frozen=True)

    article_id: str
    start: int
    end: int


class Question(BaseModel):
    """A question with what is known of its answer: one line of a questions file."""

    model_config = ConfigDict(frozen=True)

    question: str = Field(min_length=1)
    answers: tuple[str, ...] = ()
    gold_articles: tuple[str, ...] = ()
    gold_passages: tuple[GoldPassage, ...] = ()
    unanswerable: bool = False
    date: str = ""
    """The day on which it is asked, YYYY-MM-DD or YYYY/MM/DD."""
    history: tuple[str, ...] = ()
    """The questions asked before it in the same conversation, oldest first."""
    kind: str = ""
    """The name under which it is counted beside others of its kind."""
    must: tuple[str, ...] = ()
    """Regular expressions that the text of a right answer matches, each of them, in any case."""
    must_first: tuple[str, ...] = ()
    """Those that its first sentence matches; `must` where there are none."""
    must_not: tuple[str, ...] = ()
    """Regular expressions that a right answer does not match."""
    refuse: bool = False
    """Whether it must be refused; where there is a `must`, an answer that matches it, a denial, is right too."""

    @property
    def must_be_refused(self) -> bool:
        """Whether a right answer says that the articles do not hold it, or denies what it takes for granted."""
        return self.refuse or self.unanswerable

    @property
    def has_answer(self) -> bool:
        """Whether the index answers or denies it."""
        return bool(self.must) or not self.must_be_refused

    @property
    def expected(self) -> tuple[str, ...]:
        """The accepted answers, or else the patterns of a right one; none where nothing is said of it."""
        return self.answers or self.must

    @field_validator("must", "must_first", "must_not")
    @classmethod
    def _compile_patterns(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
        return patterns

    @field_validator("date")
    @classmethod
    def _parse_date(cls, text: str) -> str:
        return date.fromisoformat(text.replace("/", "-")).isoformat() if text else ""


@dataclass(frozen=True, slots=True)
class ReadingExample:
    """A question about one text, with the accepted answers; none if the text does not answer it."""

    question: str
    context: str
    answers: tuple[str, ...]
    title: str = ""
    source: str = ""


def read_questions(path: Path) -> list[Question]:
    """Read the questions of a file of JSON lines; SourceError names the first line that is not a question."""
    questions = []
    for number, line in _numbered_lines(path):
        try:
            questions.append(Question.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise SourceError(f"{path}, line {number}: {where + ': ' if where else ''}{first['msg']}") from None
    if not questions:
        raise SourceError(f'{path} holds no question; a line looks like {{"question": "…", "answers": ["…"]}}')
    return questions


def read_squad(path: Path) -> list[ReadingExample]:
    """Read the questions of a SQuAD 1.1 or 2.0 file, or of a .jsonl with question, context and answers on each line."""
    try:
        examples = list(_parse_lines(path) if ".jsonl" in path.name else _parse_squad(json.loads(_read_text(path))))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(f"{path} is not a SQuAD file: {type(error).__name__} {error}") from None
    if not examples:
        raise SourceError(f"{path} holds no question")
    return examples


def _parse_squad(file: Mapping[str, list[dict[str, list[dict[str, object]]]]]) -> Iterator[ReadingExample]:
    """Yield the examples of a SQuAD file: articles of paragraphs of questions."""
    for article in file["data"]:
        for paragraph in article["paragraphs"]:
            for question in paragraph["qas"]:  # type: ignore[attr-defined]
                yield _parse_example({"title": article.get("title", ""), "context": paragraph["context"]} | question)


def _parse_lines(path: Path) -> Iterator[ReadingExample]:
    return (_parse_example(json.loads(line)) for _, line in _numbered_lines(path))


def _parse_example(line: Mapping[str, object]) -> ReadingExample:
    accepted = () if line.get("is_impossible") else line["answers"]
    answers = tuple(dict.fromkeys(str(answer["text"]) for answer in accepted))  # type: ignore[attr-defined]
    title = str(line.get("title") or "").replace("_", " ")
    return ReadingExample(str(line["question"]), str(line["context"]), answers, title, str(line.get("source", "")))


def _numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank, with their numbers from 1."""
    return ((number, line) for number, line in enumerate(_read_text(path).split("\n"), 1) if line.strip())


def _read_text(path: Path) -> str:
    """Read a UTF-8 file, unpacked if its name ends in .gz."""
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return content.decode("utf-8-sig")
    except (OSError, EOFError, ValueError) as error:
        raise SourceError(f"{path} cannot be read: {error}") from None
