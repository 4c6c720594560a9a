"""Parse citation markers out of a streaming LLM answer, and strip whatever a client must not render (pure)."""

import re
import unicodedata
from collections.abc import Callable, Collection

_REACH = 300
"""Characters within which what was opened has to close."""
_END, _MARK = "\0", "\1"  # cleaned text holds no control characters, so these can stand for what is not text

_EMOJI = "\u00a9\u00ae\u203c\u2049\u2100-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_INVISIBLE = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    f"\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e01ef]|(?<![{_EMOJI}])[\ufe00-\ufe0f]"
)
_EMOJI_LIKE = re.compile(f"[{_EMOJI}]")

# Beginnings that may still become something; every beginning of one is one too, so that no chunking tells them apart.
_T = r"[^\]\[【】［］〔〕\n]"
_FLAT = rf"[\[【［〔]{_T}*+[\]】］〕]"
_NESTED = rf"[\[【［〔](?:{_T}|{_FLAT})*+[\]】］〕]"
_BRACKET = rf"[\[【［〔](?:{_T}|{_NESTED})*+[\]】］〕]"
_OPEN = rf"[\[【［〔](?:{_T}|{_NESTED})*+(?:[\[【［〔](?:{_T}|{_FLAT})*+(?:[\[【［〔]{_T}*+)?)?"
_BOLD_OPEN = r"\*(?:\*(?:[^\s*](?:[^*\n]|\*(?!\*))*+)?)?|_(?:_(?:[^\s_](?:[^_\n]|_(?!_))*+)?)?"
_GROWS = re.compile(rf"\]|!?(?:{_OPEN}|{_BRACKET}(?:\[{_T}*+\]?)?)?|{_BOLD_OPEN}")
_LINE_GROWS = re.compile(
    r" {0,3}(?:`{0,2}|~{0,2}|`{3,}[^`\n]*|~{3,}[^\n]*)|[ \t>*+-]*(?:\[[^\[\]\n]*(?:\](?::[^\n]*)?)?)?"
)
# What they become.
_UNIT = re.compile(rf"(!?)({_BRACKET})((?<=\])(?:\(|\[{_T}*+\](?!\()))?")
_BOLD = re.compile(r"\*\*(?=[^\s*])(?:[^*\n]|\*(?!\*))*+(?<!\s)\*\*|(?<!\w)__(?=[^\s_])(?:[^_\n]|_(?!_))*+(?<!\s)__")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_DEFINITION = re.compile(
    r"[ \t>*+-]*\[[^\]]+\]:[ \t]*<?(?:[a-z][a-z0-9+.-]*:\S|[\\/&]|www\.|[\w-]+(?:\.[\w-]+)+/)", re.I
)
_TAG = re.compile(r"<!--.*?-->|<(?!!--)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*+>", re.S)
_ADDRESSED = re.compile(r"<(?:[a-z][a-z0-9+.-]*:|[a-z][\w-]*[\s/]+(?:[^=]*\s)?[\w:-]+\s*=)", re.I)
_THINK = re.compile(r"<(think|thinking|reasoning)(?:\s[^>]*)?>", re.I)
_ADDRESS = re.compile(r"\((?:\s\"[^\"]*\"|\s'[^']*'|\s(?![\"'])|[^()\\\s]|\\.|\((?:[^()\\]|\\.)*+\))*+\)", re.S)
_PLAIN = re.compile(r"[^\s<!\[\]【】［］〔〕*_`~()（）,;:\\]+")

_WORD = re.compile(r"[^\W_]+")
_LEADS = frozenset("id ids passage passages source sources ref refs reference references cite citation and".split())
_FOREIGN = re.compile(r"\d{1,3}|(?=\d*[a-z])(?=[a-z]*\d)[a-z0-9]{4,8}")
_PROSE = re.compile(r"[^\]\[【】［］〔〕\w\s,;:#^*`\"'()|&†\\]|\d:\d")

_JOINED = re.compile(rf"{_MARK}[ \t]*[,;]?[ \t]*(?={_MARK})")
_WRAPPED = re.compile(rf"([*_`]{{1,3}})[ \t]*({_MARK}+)[ \t]*\1|[(（][ \t]*({_MARK}+)[ \t]*[)）]|\\({_MARK}+)")
_MARKED = re.compile(rf"(\s*)({_MARK}+)([ \t]*)")
_BEFORE, _AFTER = frozenset("(（*_`\\"), frozenset(")）,;")
_FENCE_LIKE = re.compile(r"^( {0,3}(?:``(?=`)|~~(?=~)))(?:`+|~+)", re.M)


class CitationStream:
    """Takes the citations out of an LLM's text as it comes."""

    def __init__(self, ids: Collection[str]) -> None:
        """Knows the passages by their ids, whatever their case."""
        self._ids = {known.lower(): known for known in ids}
        self._shown = _Shown()
        self._raw = ""
        self._at = self._base = 0  # where in `_raw`, and where that begins in the text
        self._before = "x"
        self._gone: dict[int, int] = {}  # where how much vanishes: what closes something already decided
        self._ended = self._starts = False
        self._closer = self._closer_grows = re.compile("")
        self._step = self._after = self._line

    def feed(self, piece: str) -> None:
        """Takes the next piece of the text, of any length."""
        cut, visible = max(0, self._at - 1), _INVISIBLE.sub("", self._before + piece)[1:]
        self._before = ("☺" if _EMOJI_LIKE.match(piece[-1]) else "x") if piece else self._before
        self._raw, self._at, self._base = self._raw[cut:] + visible, self._at - cut, self._base + cut
        while self._at < len(self._raw) and self._step():
            pass

    def close(self) -> None:
        """Settles what was held back: the text has ended."""
        self._ended = True
        self.feed("")
        self._shown.settle()

    @property
    def text(self) -> str:
        """The text so far without its markers; it only ever grows."""
        self._shown.pieces = ["".join(self._shown.pieces)]
        return self._shown.pieces[0]

    @property
    def marks(self) -> tuple[tuple[int, str], ...]:
        """Where in `text` which id is cited, in the order written."""
        return tuple(self._shown.marks)

    def _go(self, end: int, step: Callable[[], bool]) -> bool:
        self._at, self._step = end, step
        return True

    def _ahead(self, stop: str = "\n") -> tuple[str, bool]:
        """What comes as far as it matters, and whether more of it may come."""
        end = self._raw.find(stop, self._at, self._at + _REACH)
        ahead = self._raw[self._at : end if end >= 0 else self._at + _REACH]
        return ahead, end < 0 and len(ahead) < _REACH and not self._ended

    def _line(self) -> bool:
        head, grows = self._ahead()
        if not _LINE_GROWS.fullmatch(head):
            return self._go(self._at, self._prose)
        if grows:
            return False
        if fence := _FENCE.fullmatch(head):
            return self._fence(fence[1][:30], fence[2], len(head))
        if _DEFINITION.match(head):
            return self._drop(self._at + len(head), "\n", self._line)
        return self._go(self._at, self._prose)

    def _fence(self, mark: str, label: str, length: int) -> bool:
        closer = rf" {{0,3}}{mark[0]}{{{len(mark)},}}[ \t]*"
        self._closer, self._closer_grows = re.compile(closer), re.compile(rf" {{0,3}}{mark[0]}*|{closer}")
        self._starts = True
        self._shown.settle()
        return self._fenced(mark + label, length, self._code)

    def _fenced(self, line: str, length: int, step: Callable[[], bool]) -> bool:
        """Shows a fence; too long a line is cut, for a client has to take it for a fence too."""
        cut, end = length == _REACH, self._at + length
        self._shown.verbatim(line + ("\n" if cut or end < len(self._raw) else ""))
        return self._go(end if cut else end + 1, step)

    def _code(self) -> bool:
        head, grows = self._ahead()
        if self._starts and self._closer_grows.fullmatch(head):
            if grows:
                return False
            if self._closer.fullmatch(head):
                return self._fenced(head, len(head), self._line)
        end = self._raw.find("\n", self._at) + 1
        self._starts = end > 0
        self._shown.verbatim(self._raw[self._at : end or len(self._raw)])
        return self._go(end or len(self._raw), self._code)

    def _prose(self) -> bool:
        if plain := _PLAIN.match(self._raw, self._at):
            self._shown.add(plain[0])
            return self._go(plain.end(), self._prose)
        char = self._raw[self._at]
        if char == "<":
            return self._tag()
        if gone := self._gone.pop(self._base + self._at, 0):
            return self._go(self._at + gone, self._address if char == "]" and gone == 1 else self._prose)
        ahead, grows = self._ahead()
        if grows and ahead and _GROWS.fullmatch(ahead):
            return False
        if unit := _UNIT.match(ahead):
            return self._bracket(*unit.groups(""))
        if bold := _BOLD.match(self._raw, self._at, self._at + len(ahead)):
            self._gone[self._base + bold.end() - 2] = 2
            return self._go(self._at + 2, self._prose)
        self._shown.add(char)
        step = self._line if char == "\n" else self._address if ahead[:2] == "](" else self._prose
        return self._go(self._at + 1, step)

    def _bracket(self, bang: str, bracket: str, after: str) -> bool:
        ids, end = self._cited(bracket[1:-1]), self._at + len(bang + bracket)
        if ids is not None:
            if bang and after != "(":
                self._shown.add(bang)
            self._shown.mark(ids)
            return self._go(end, self._address if after == "(" else self._prose)
        if after == "(" or (after and not self._cited(after[1:-1])):
            self._gone[self._base + end - 1] = 1 if after == "(" else 1 + len(after)
        else:
            self._shown.add(bang + bracket[0])
        return self._go(self._at + len(bang) + 1, self._prose)

    def _cited(self, text: str) -> tuple[str, ...] | None:
        """The ids that a marker of this text cites, if it is one: none where it knows none of them."""
        text = _TAG.sub("", text).replace("**", "")
        words = [word for word in _WORD.findall(text) if word.lower() not in _LEADS]
        known = tuple(self._ids[word.lower()] for word in words if word.lower() in self._ids)
        others = [word for word in words if word.lower() not in self._ids]
        if words and not _PROSE.search(text) and all(map(_FOREIGN.fullmatch, others)):
            return known
        own = _WORD.findall(re.sub(_NESTED, "", text).lower())  # brackets inside have their turn, or go with these
        return known if any(word in self._ids for word in own) else None

    def _address(self) -> bool:
        ahead, grows = self._ahead("\n\n")
        if address := _ADDRESS.match(ahead):
            return self._go(self._at + address.end(), self._prose)
        start = self._raw.find(ahead[1:].lstrip(), self._at + 1)
        return False if grows else self._drop(start, r"(?=\s)", self._prose)

    def _tag(self) -> bool:
        ahead, grows = self._ahead("\n\n")
        comment, inner = ahead.startswith("<!--"), ahead.find("<", 1)
        held = ahead[:inner] if inner > 0 and not comment else ahead
        waits = grows and held == ahead
        if waits and len(held) == 1:
            return False
        if re.match("<[a-z/!?]", held, re.I):
            if not (tag := _TAG.match(held)) and waits:
                return False
            if tag or (">" in held and not comment):
                return self._tagged(tag[0] if tag else held[: held.index(">") + 1])
            if _ADDRESSED.match(held):
                return self._drop(self._at + len(held), ">|(?=[\\s<])", self._prose)
        self._shown.add("<")
        return self._go(self._at + 1, self._prose)

    def _tagged(self, tag: str) -> bool:
        if think := _THINK.fullmatch(tag):
            self._shown.mark(())
            return self._drop(self._at + len(tag), rf"(?i:</{think[1]}\s{{0,8}}>)", self._prose)
        return self._go(self._at + len(tag), self._prose)

    def _drop(self, start: int, until: str, step: Callable[[], bool]) -> bool:
        self._closer, self._after = re.compile(until), step
        return self._go(start, self._dropping)

    def _dropping(self) -> bool:
        if found := self._closer.search(self._raw, self._at):
            return self._go(found.end(), self._after)
        held = 0 if self._ended else 24  # in which the longest end fits
        self._at = max(self._at, len(self._raw) - held)
        return False


class _Shown:
    """What is shown: no marker leaves a gap, and no link, tag or fence comes about where two pieces meet."""

    def __init__(self) -> None:
        self.marks: list[tuple[int, str]] = []
        self.pieces: list[str] = []
        self._length = 0
        self._last = self._line = ""
        self._label = False  # the last bracket opened a line, so that a colon after it would make a definition
        self._trim = False
        self._zone = ""  # white space and wrapping, held until it is known whether a marker is in it and what follows
        self._ids: list[tuple[str, ...]] = []

    def add(self, text: str) -> None:
        if text.isspace() or text in _BEFORE or (self._ids and text in _AFTER):
            self._hold(text)
        else:
            self.settle(text[0])
            self._show(text)

    def mark(self, ids: tuple[str, ...]) -> None:
        self._ids.append(ids)
        self._hold(_MARK)

    def verbatim(self, text: str) -> None:
        if text:
            self.pieces.append(text)
            self._length += len(text)
            self._last, self._trim = text[-1], False
            self._line = (text.rpartition("\n")[2] if "\n" in text else self._line + text)[:24]

    def settle(self, following: str = _END) -> None:
        zone = _unwrapped(self._zone) if self._ids else self._zone
        ids, self._ids, self._zone, done = iter(self._ids), [], "", 0
        for found in _MARKED.finditer(zone):
            self._show(zone[done : found.start()])
            for _ in found[2]:
                self.marks += [(self._length, known) for known in next(ids)]
                self._trim = self._last in ("", "\n")
            after = zone[found.end() :] + following
            breaks = "\n" in found[1] and found[3] and after[0] not in ("\n", _END)  # the break outlives the space
            done = found.end() if breaks else found.end(2)
            self._show(found[1] if breaks or not _closes((found[3] + after).lstrip("*_`")[:1]) else "")
        self._show(zone[done:])

    def _hold(self, text: str) -> None:
        self._zone += text
        if len(self._zone) >= _REACH:
            self.settle("x")

    def _show(self, text: str) -> None:
        text = text.lstrip(" \t" if self._length else None) if self._trim else text
        if text and self._meets(text[0]):
            text = " " + text
        if "`" in text or "~" in text:  # a fence that only the client saw would turn code and prose around
            text = _FENCE_LIKE.sub(r"\1", self._line + text)[len(self._line) :]
        if text == "[" and self._last != "\\":
            self._label = not self._line.strip(" \t>*+-.)0123456789")
        self.verbatim(text)

    def _meets(self, first: str) -> bool:
        if self._last == "]":
            return first in "([" or (first == ":" and self._label)
        return self._last == "<" and first.isascii() and (first.isalpha() or first in "/!?")


def _unwrapped(zone: str) -> str:
    before = ""
    while zone != before:
        before = zone
        zone = _WRAPPED.sub(lambda found: found[2] or found[3] or found[4], _JOINED.sub(_MARK, zone))
    return zone


def _closes(char: str) -> bool:
    """Whether no space belongs before it."""
    closing = not char or char.isspace() or char in _END + ".,;:!?…'\"、。，；：！？"
    return closing or unicodedata.category(char) in ("Pe", "Pf", "Pd")
