"""Read questions with known answers, from a questions file or a SQuAD file."""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from rag.errors import SourceError


class Place(BaseModel):
    """A stretch of an article that answers."""

    model_config = ConfigDict(frozen=True)

    article_id: str
    start: int
    end: int


class Question(BaseModel):
    """One line of a questions file; everything but the question may be missing."""

    model_config = ConfigDict(frozen=True)

    question: str = Field(min_length=1)
    answers: tuple[str, ...] = ()
    gold_articles: tuple[str, ...] = ()
    gold_passages: tuple[Place, ...] = ()
    unanswerable: bool = False
    date: str = ""
    """The day on which it is asked, YYYY-MM-DD or YYYY/MM/DD."""

    @field_validator("date")
    @classmethod
    def _day(cls, text: str) -> str:
        return date.fromisoformat(text.replace("/", "-")).isoformat() if text else ""


@dataclass(frozen=True, slots=True)
class ReadingExample:
    """A question put to one text: the accepted answers, none where the text does not answer."""

    question: str
    context: str
    answers: tuple[str, ...]
    title: str = ""
    source: str = ""


def read_questions(path: Path) -> list[Question]:
    """The questions of a file of JSON lines; SourceError names the first line that is none."""
    found = []
    for number, line in _lines(path):
        try:
            found.append(Question.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise SourceError(f"{path}, line {number}: {where + ': ' if where else ''}{first['msg']}") from None
    if not found:
        raise SourceError(f'{path} holds no question; a line looks like {{"question": "…", "answers": ["…"]}}')
    return found


def read_squad(path: Path) -> list[ReadingExample]:
    """The questions of a SQuAD 1.1 or 2.0 file, or of one with a question, context and answers on each line."""
    try:
        found = list(_flat(path) if ".jsonl" in path.name else _nested(json.loads(_text(path))))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(f"{path} is not a SQuAD file: {type(error).__name__} {error}") from None
    if not found:
        raise SourceError(f"{path} holds no question")
    return found


def _nested(file: Mapping[str, list[dict[str, list[dict[str, object]]]]]) -> Iterator[ReadingExample]:
    for article in file["data"]:
        for paragraph in article["paragraphs"]:
            for asked in paragraph["qas"]:  # type: ignore[attr-defined]
                yield _reading({"title": article.get("title", ""), "context": paragraph["context"]} | asked)


def _flat(path: Path) -> Iterator[ReadingExample]:
    return (_reading(json.loads(line)) for _, line in _lines(path))


def _reading(line: Mapping[str, object]) -> ReadingExample:
    given = () if line.get("is_impossible") else line["answers"]
    answers = tuple(dict.fromkeys(str(one["text"]) for one in given))  # type: ignore[attr-defined]
    title = str(line.get("title") or "").replace("_", " ")
    return ReadingExample(str(line["question"]), str(line["context"]), answers, title, str(line.get("source", "")))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that hold something, with their numbers from 1."""
    return ((number, line) for number, line in enumerate(_text(path).split("\n"), 1) if line.strip())


def _text(path: Path) -> str:
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return content.decode("utf-8-sig")
    except (OSError, EOFError, ValueError) as error:
        raise SourceError(f"{path} cannot be read: {error}") from None
