"""Load subtitles and captions (.srt, .vtt)."""

import html
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

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
_NAME_LINE = re.compile(r"^(?P<name>[^\W\d_][^\W\d_ .'’-]*(?:[ .'’-]+[^\W\d_]+\.?){0,4}):[ \t]+(?=\S)")
"""What may be a speaker: “Karl Berg: …”."""
_MIN_CUES_OF_SPEAKER = 2
"""Cues that a name opens which is not in capitals, as captions write names."""
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
    # In WebVTT notes and names of cues stand between them, behind a blank line; elsewhere a cue may hold one.
    shown = [
        _cut_payload(text[timing.end() : end], ends_at_blank_line=is_webvtt, is_numbered=is_numbered)
        for timing, end in zip(timings, ends, strict=True)
    ]
    names = _find_names(shown)
    speaker = ""
    for timing, payload in zip(timings, shown, strict=True):
        start, stop = _seconds(timing.groups()[:4]), _seconds(timing.groups()[4:])
        for cue in _split_turns(start, stop, payload, names):
            speaker = cue.speaker or ("" if cue.is_turn else speaker)
            yield Cue(cue.start, cue.end, cue.text, speaker, is_turn=cue.is_turn)


def _find_names(payloads: Iterable[str]) -> frozenset[str]:
    """Find the names that stand before the words of several cues."""
    opened = Counter(named["name"] for shown in payloads if (named := _NAME_LINE.match(shown.lstrip())))
    return frozenset(name for name, cues in opened.items() if cues >= _MIN_CUES_OF_SPEAKER)


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return 3600 * int(hours) + 60 * int(minutes) + int(seconds) + int(fraction.ljust(3, "0")) / 1000


def _cut_payload(between: str, *, ends_at_blank_line: bool, is_numbered: bool) -> str:
    """Cut what a cue shows out of what stands between its times and the next, without the name or number of that."""
    if ends_at_blank_line:
        return re.split(r"\n[ \t]*\n", between, maxsplit=1)[0]
    return _COUNTER.sub("", between.rstrip()) if is_numbered else between


def _split_turns(start: float, end: float, payload: str, names: Collection[str]) -> Iterator[Cue]:
    """Split what a cue shows into what each speaker says; `names` are those that are not in capitals."""
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
            named = named if named and (named["name"].isupper() or named["name"] in names) else None
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
