"""Load subtitles and captions (.srt, .vtt)."""

import html
import re
from collections.abc import Iterator

from rag.errors import SourceError
from rag.sources.cleaning.encodings import decode
from rag.sources.files import FileLoader
from rag.sources.formats.transcript import Cue, make_transcript_article
from rag.types import Article, Failure

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"^[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}(?:[ \t][^\n]*)?$", re.MULTILINE)
_VOICE = re.compile(r"<v(?:\.[\w.-]*)?[ \t]+([^<>\n]{1,200})>")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>|<\d[\d:.]{3,20}>|\{\\[^{}\n]{1,100}\}")
_COUNTER = re.compile(r"\n[ \t]*\d{1,9}[ \t]*$")
_NAME_LINE = re.compile(r"^(?P<name>[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ .'’-]{1,40}):[ \t]+(?=\S)")
"""A speaker as captions name one, in capitals: “KARL BERG: …”."""
_TURN = re.compile(r"^[ \t]*(?:>{1,3}|[-–—](?=[ \t]*\S))[ \t]*")
"""What opens the words of another speaker, whom it does not name."""
_HEADER = re.compile(r"WEBVTT(?:[ \t]+(?:-[ \t]*)?([^\n]*))?(?:\n|$)")


class Subtitles(FileLoader):
    """Loads .srt and .vtt files: one article, its sentences joined, with the times at which they are said."""

    suffixes = (".srt", ".vtt")

    def parse_bytes(self, data: bytes, origin: str, name: str) -> Iterator[Article | Failure]:
        """Parse the file into its one article; raises SourceError for one without a time."""
        text, note = decode(data)
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        header = _HEADER.match(text)
        fields = {"title": header[1] if header else "", "encoding": note}
        yield make_transcript_article(parse_cues(text), fields, origin=origin, name=name)


def parse_cues(text: str) -> Iterator[Cue]:
    """Parse the cues of subtitles, in order; raises SourceError where there is none."""
    timings = list(_TIMING.finditer(text))
    if not timings:
        raise SourceError("no subtitles in spite of its ending: there is no time in it")
    ends = [timing.start() for timing in timings[1:]] + [len(text)]
    is_numbered = _COUNTER.search("\n" + text[: timings[0].start()].rstrip()) is not None
    is_webvtt = _HEADER.match(text) is not None
    speaker = ""
    for timing, end in zip(timings, ends, strict=True):
        start, stop = _seconds(timing.groups()[:4]), _seconds(timing.groups()[4:])
        # In WebVTT notes and names of cues stand between them, behind a blank line; elsewhere a cue may hold one.
        shown = _cut_payload(text[timing.end() : end], ends_at_blank_line=is_webvtt, is_numbered=is_numbered)
        for cue in _split_turns(start, stop, shown):
            speaker = cue.speaker or ("" if cue.is_turn else speaker)
            yield Cue(cue.start, cue.end, cue.text, speaker, is_turn=cue.is_turn)


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return 3600 * int(hours) + 60 * int(minutes) + int(seconds) + int(fraction.ljust(3, "0")) / 1000


def _cut_payload(between: str, *, ends_at_blank_line: bool, is_numbered: bool) -> str:
    """Cut what a cue shows out of what stands between its times and the next, without the name or number of that."""
    if ends_at_blank_line:
        return re.split(r"\n[ \t]*\n", between, maxsplit=1)[0]
    return _COUNTER.sub("", between.rstrip()) if is_numbered else between


def _split_turns(start: float, end: float, payload: str) -> Iterator[Cue]:
    """Split what a cue shows into what each speaker says."""
    speaker = ""
    for number, part in enumerate(_VOICE.split(payload)):
        if number % 2:
            speaker = html.unescape(part).strip()
            continue
        lines: list[str] = []
        is_turn = False
        for line in html.unescape(_TAG.sub("", part)).split("\n"):
            turn = _TURN.match(line)
            named = _NAME_LINE.match(line[turn.end() :] if turn else line)
            if (turn or named) and lines:
                yield Cue(start, end, "\n".join(lines), speaker, is_turn=is_turn)
                lines = []
            if turn or named:
                is_turn = True
                speaker = named["name"].strip() if named else ""
                line = line[turn.end() :] if turn else line
                line = line[named.end() :] if named else line
            if line.strip():
                lines.append(line)
        if lines:
            yield Cue(start, end, "\n".join(lines), speaker, is_turn=is_turn)
