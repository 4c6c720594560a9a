"""One function for each reader of hostile input: it takes any bytes and raises where a promise is broken."""

import json
import os
import random
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt

from rag.answering.citation_markers import CitationStream
from rag.answering.prompt_text import sanitize
from rag.errors import SourceError
from rag.evaluation.suggested_questions import parse_suggestions
from rag.sources import LOADERS, Sandbox
from rag.sources.cleaning.pasted_page import clean_page
from rag.sources.cleaning.publication_date import parse_day
from rag.sources.cleaning.unicode import normalise, one_line
from rag.sources.files import FileLoader
from rag.sources.formats.docx import Docx
from rag.sources.formats.epub import Epub
from rag.sources.formats.front_matter import split_front_matter
from rag.sources.formats.odt import Odt
from rag.sources.formats.records import build_article
from rag.sources.sandbox_worker import answer
from rag.storage.atomic_files import parse_live_file
from rag.storage.index_folder import Manifest
from rag.storage.layout import parse_pointer
from rag.text.chunking import Chunker
from rag.text.sentences import find_headings, split_sentences
from rag.types import Article, Failure
from tests.fuzz import samples
from tests.fuzz.online import ONLINE
from tests.support import documents

IDS = ("ab12", "q7xk9")
_LIVE = {"image", "link_open", "html_inline", "html_block"}
_LIMIT_MB = 1.0


@dataclass(frozen=True, slots=True)
class Target:
    """What is fuzzed, and inputs to begin with."""

    name: str
    run: Callable[[bytes], None]
    seeds: Sequence[bytes]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def splitter(data: bytes) -> None:
    """Passages and sentences are verbatim, in order, and cover the text."""
    text = _text(data)
    spans = split_sentences(text)
    assert all(start < end and text[start:end] == text[start:end].strip() for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(before[1] < after[0] for before, after in pairwise(find_headings(text)))
    passages = Chunker(_words, 24).split(Article("a", text[:40], text))
    assert all(text[one.start : one.end] == one.text == one.text.strip() != "" for one in passages)
    assert all(one.start < other.start and one.end < other.end for one, other in pairwise(passages))
    for found in (spans, [(one.start, one.end) for one in passages]):
        left = list(text)
        for start, end in found:
            left[start:end] = " " * (end - start)
        assert not "".join(left).strip()


def cleaner(data: bytes) -> None:
    """What is clean is not cleaned any further; a line that holds more than a day stays, so that its day is found."""
    clean = normalise(_text(data))
    assert normalise(clean) == clean
    title, _, _, body = clean_page(_text(data))
    again = clean_page(f"{title}\n\n{body}" if title else body)
    assert (again.title, again.author, again.body) == (title, "", body)


def front_matter(data: bytes) -> None:
    """Fields make an article that can be stored, or there is one line that says why not."""
    try:
        fields, text = split_front_matter(_text(data))
        _storable(build_article(fields, text, origin="origin", name="name"))
    except SourceError as error:
        _one_line(str(error))


def citations(data: bytes) -> None:
    """However the text comes in pieces, the same is shown and cited, and nothing of it is fetched."""
    text, dice = _text(data), random.Random(len(data))
    cuts = sorted(dice.randint(0, len(text)) for _ in range(dice.randint(0, 9)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    whole = _marked([text])
    assert whole == _marked(pieces) == _marked(text)
    shown, marks = whole
    assert {id for _, id in marks} <= set(IDS)
    assert [place for place, _ in marks] == sorted(place for place, _ in marks)
    assert all(0 <= place <= len(shown) for place, _ in marks)
    about: dict[str, object] = {}
    waiting = MarkdownIt("commonmark").parse(shown, about)
    assert not about.get("references")
    while waiting:
        token = waiting.pop()
        assert token.type not in _LIVE
        waiting += token.children or []


def _marked(pieces: Sequence[str]) -> tuple[str, tuple[tuple[int, str], ...]]:
    markers = CitationStream(IDS)
    for piece in pieces:
        markers.feed(piece)
    markers.close()
    return markers.text, markers.marks


def prompts(data: bytes) -> None:
    """What a model is given has no tags and no character that nobody sees."""
    given = sanitize(normalise(_text(data)))
    assert "<" not in given and ">" not in given
    assert not [one for one in given if unicodedata.category(one) == "Cc" and one not in "\n\t"]


def days(data: bytes) -> None:
    """A day of the calendar, or nothing."""
    day = parse_day(_text(data))
    assert not day or date.fromisoformat(day).isoformat() == day == parse_day(day)


def pointers(data: bytes) -> None:
    """Whatever the files say by which an index finds its parts, no name of a part leads out of its folder."""
    with suppress(ValueError):
        names = parse_pointer(data)
        assert names and all(name.removeprefix("generation-").isdigit() for name in names), names
    with suppress(ValueError):
        name, pending = parse_live_file(data)
        assert name == "." or name.removeprefix("copy-").isdigit(), name
        assert pending >= 0


def states(data: bytes) -> None:
    """A manifest, or the questions that are kept, of the types they have; otherwise nothing."""
    assert all(isinstance(question, str) for question in parse_suggestions(data, "1") or ())
    with suppress(ValueError):
        found = Manifest.parse(data)
        assert {type(one) for one in (found.splitter, found.collection, found.model.name, found.model.sha256)} == {str}
        assert {type(one) for one in (found.schema, found.model.dimension, found.model.window)} == {int}
        assert (type(found.remote), type(found.created)) == (bool, float)


class _Near(Sandbox):
    """Asks and answers as with a process of its own, in this process."""

    def exchange(self, request: Mapping[str, object], body: bytes) -> Iterator[Mapping[str, object]]:
        for reply in answer(json.loads(json.dumps(request)), body):
            yield json.loads(json.dumps(reply))
        yield {"done": True, "full": False}


def loads(loader: FileLoader) -> Callable[[bytes], None]:
    """The first byte chooses the ending, the others are the file: articles that can be stored, or one line for each."""
    suffixes = loader.suffixes or (".txt",)
    guarded = _Near().wrap(loader)

    def run(data: bytes) -> None:
        suffix, content = suffixes[(data[:1] or b"\0")[0] % len(suffixes)], data[1:]
        with tempfile.TemporaryDirectory(prefix="rag-fuzz-") as folder:
            path = Path(folder, f"file{suffix}")
            path.write_bytes(content)
            said = 0
            for item in guarded.load_as(str(path), path.name):
                said += 1
                if isinstance(item, Failure):
                    _one_line(item.reason)
                else:
                    _storable(item)
            assert said
            assert os.listdir(folder) == [path.name]
            assert path.read_bytes() == content

    return run


def parts(data: bytes) -> None:
    """The first byte chooses a part of a packed document, the others are that part: the same as for whole files."""
    place = (data[:1] or b"\0")[0] % len(samples.PARTS)
    make, part = samples.PARTS[place]
    _PACKED[make](b"\0" + make(extra={part: data[1:]}))


def _storable(item: Article) -> None:
    told = (item.id, item.title, item.source, item.url, item.date, item.author, *item.metadata)
    assert all(one_line(line) == line for line in told)
    assert not item.date or date.fromisoformat(item.date)
    assert "".join((*told, item.text, *item.metadata.values())).encode("utf-8")
    assert item.digest


def _one_line(said: str) -> None:
    assert said and "\n" not in said and len(said) < 2_000


def _file_targets() -> list[Target]:
    found = []
    for loader in LOADERS:
        if isinstance(loader, FileLoader):
            suffixes = loader.suffixes or (".txt",)
            seeds = [bytes([place]) + one for place, suffix in enumerate(suffixes) for one in samples.of(suffix)]
            found.append(Target(f"file-{type(loader).__name__}", loads(type(loader)(_LIMIT_MB)), seeds))
    return found


_PACKED = {
    documents.docx: loads(Docx(_LIMIT_MB)), documents.odt: loads(Odt(_LIMIT_MB)), documents.epub: loads(Epub(_LIMIT_MB))
}  # fmt: skip
_ALL = [
    Target("splitter", splitter, samples.TEXTS),
    Target("cleaner", cleaner, samples.TEXTS),
    Target("front-matter", front_matter, samples.MARKDOWN),
    Target("citations", citations, samples.ANSWERS),
    Target("prompts", prompts, [*samples.TEXTS, *samples.POISON]),
    Target("days", days, samples.DAYS),
    Target("pointers", pointers, samples.POINTERS),
    Target("states", states, samples.STATES),
    *(Target(name, run, seeds) for name, run, seeds in ONLINE),
    *_file_targets(),
    Target("parts", parts, samples.parts()),
]
TARGETS = [replace(target, seeds=[*target.seeds, *samples.FOUND.get(target.name, ())]) for target in _ALL]
