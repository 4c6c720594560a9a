"""Make one article of what is said in a recording: sentences run across cues, speakers and times are kept (pure)."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.errors import SourceError
from rag.sources.cleaning.encodings import decode
from rag.sources.cleaning.pasted_page import title_from_name
from rag.sources.cleaning.unicode import normalise, one_line
from rag.sources.formats.records import build_article
from rag.time_codes import TIMES, TimeCode, write_times
from rag.types import Article

_MAX_PARAGRAPH_CHARS = 600
"""Characters of a paragraph from which on it ends with its sentence."""
_MIN_PAUSE_SECONDS = 2.0
"""A silence behind a sentence from which on a new paragraph begins."""
_SENTENCE_END = re.compile(r"[.!?…。！？؟।][\"'”’»)\]]*$")
_UNSPACED_END = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]$")
_UNSPACED_START = re.compile(r"[\u2e80-\u9fff\uff00-\uffef]")
_MAX_SPEAKER_CHARS = 80
_MAX_SECONDS = 10_000_000
_LISTS = ("segments", "transcription", "utterances")
"""Under which transcripts in JSON keep their pieces: Whisper's and those of podcasts, whisper.cpp's, AssemblyAI's."""
_TEXTS = ("text", "body")
_STARTS = ("start", "startTime")
_ENDS = ("end", "endTime")


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that are shown or heard at one time."""

    start: float
    """Seconds since the recording began."""
    end: float
    text: str
    speaker: str = ""
    """Who says it, where that is known."""
    is_turn: bool = False
    """Whether another speaker begins, though it is not said who."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """The text of a recording, and when its parts are said."""

    text: str
    times: tuple[TimeCode, ...]


def build_transcript(cues: Iterable[Cue]) -> Transcript:
    """Join cues to paragraphs, each of one speaker: “Karl: Because the ore ran out.”; raises SourceError without text.

    What a cue repeats of the one before it, as rolling captions do, stands once.
    """
    text = ""
    times: list[TimeCode] = []
    length = 0
    before: Cue | None = None
    for cue in _without_repeats(cues):
        gap = _gap(before, cue, text, length)
        is_paragraph = gap == "\n\n" or before is None
        is_new_speaker = before is None or before.speaker != cue.speaker
        lead = f"{cue.speaker}: " if cue.speaker and is_new_speaker else ""
        length = 0 if is_paragraph else length
        text += gap
        if 0 <= cue.start < _MAX_SECONDS:
            times.append(TimeCode(len(text), int(cue.start)))
        text += lead + cue.text
        length += len(lead) + len(cue.text)
        before = cue
    if not text:
        raise SourceError("no text in it")
    return Transcript(text, tuple(times))


def _gap(before: Cue | None, cue: Cue, text: str, length: int) -> str:
    """Return what stands between the text so far and a cue."""
    if before is None:
        return ""
    if cue.is_turn or cue.speaker != before.speaker:
        return "\n\n"
    has_ended = _SENTENCE_END.search(text[-3:]) is not None
    if has_ended and (length >= _MAX_PARAGRAPH_CHARS or cue.start - before.end >= _MIN_PAUSE_SECONDS):
        return "\n\n"
    return "" if _UNSPACED_END.search(text[-1:]) and _UNSPACED_START.match(cue.text) else " "


def _without_repeats(cues: Iterable[Cue]) -> Iterable[Cue]:
    """Yield cues with their lines joined, without lines that the cue before has just shown, and without empty ones."""
    shown: list[str] = []
    for cue in cues:
        lines = [line for line in map(one_line, normalise(cue.text).split("\n")) if line]
        new = lines[_count_shared(shown, lines) :]
        shown = lines or shown
        if new:
            yield replace(cue, text=_join_lines(new), speaker=one_line(cue.speaker)[:_MAX_SPEAKER_CHARS])


def _count_shared(shown: Sequence[str], lines: Sequence[str]) -> int:
    """Count the lines with which a cue begins and the one before ended."""
    sizes = range(min(len(shown), len(lines)), 0, -1)
    return next((size for size in sizes if list(shown[-size:]) == list(lines[:size])), 0)


def _join_lines(lines: Sequence[str]) -> str:
    text = lines[0]
    for line in lines[1:]:
        text += ("" if _UNSPACED_END.search(text) and _UNSPACED_START.match(line) else " ") + line
    return text


def read_transcript(value: object) -> list[Cue]:
    """Read the cues of a transcript in JSON; empty for any other value.

    Whisper (`segments` of `start`, `end` and `text`), podcasts (`startTime`, `body` and `speaker`), whisper.cpp
    (`transcription` with `offsets` in milliseconds) and AssemblyAI (`utterances`, in milliseconds).
    """
    if not isinstance(value, Mapping):
        return []
    for name in _LISTS:
        pieces = value.get(name)
        if isinstance(pieces, list) and pieces:
            cues = [_read_piece(piece, scale=0.001 if name == "utterances" else 1.0) for piece in pieces]
            if all(cue is not None for cue in cues):
                return [cue for cue in cues if cue is not None]
    return []


def parse_json_transcript(data: bytes, *, origin: str, name: str) -> Article | None:
    """Parse a transcript in JSON into its one article; return None for any other JSON, and for what is none."""
    if not any(f'"{name}"'.encode() in data for name in _LISTS):
        return None
    try:
        value = json.loads(decode(data).text)
    except (ValueError, RecursionError):
        return None
    cues = read_transcript(value)
    if not cues:
        return None
    fields = {name: value[name] for name in ("title", "url", "date", "author", "language") if name in value}
    return make_transcript_article(cues, fields, origin=origin, name=name)


def make_transcript_article(cues: Iterable[Cue], fields: Mapping[str, object], *, origin: str, name: str) -> Article:
    """Make the article of a recording, named after its file where the fields have no title."""
    transcript = build_transcript(cues)
    fields = {**fields, TIMES: write_times(transcript.times)}
    return build_article(fields, transcript.text, origin=origin, name=name, title=title_from_name(name))


def _read_piece(piece: object, *, scale: float) -> Cue | None:
    if not isinstance(piece, Mapping):
        return None
    text = next((piece[key] for key in _TEXTS if isinstance(piece.get(key), str)), None)
    start, end = (_find_number(piece, keys) for keys in (_STARTS, _ENDS))
    offsets = piece.get("offsets")
    if start is None and isinstance(offsets, Mapping):
        start, end, scale = _find_number(offsets, ("from",)), _find_number(offsets, ("to",)), 0.001
    if text is None or start is None:
        return None
    speaker = piece.get("speaker")
    return Cue(
        start * scale, (start if end is None else end) * scale, text, speaker if isinstance(speaker, str) else ""
    )


def _find_number(piece: Mapping[object, object], keys: Iterable[str]) -> float | None:
    for key in keys:
        value = piece.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e12:
            return float(value)
    return None
