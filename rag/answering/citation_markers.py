"""Parse citation markers out of a streaming LLM answer, and strip what a client must not render (pure).

The text comes in pieces of any length, is cut nowhere but at its own structure, and what was shown never changes. So a
character is decided only when no continuation could decide otherwise; until then it is held, 300 characters at most.

What is recognised; all else is shown as it stands:

    marker      = ["!"] bracket [ "(" address ")" | "[" label "]" ]    where the bracket cites: a mark, and no text
    link        = ["!"] bracket ( "(" address ")" | "[" label "]" )    where it does not: the bracket's text alone
    bracket     = "[" { text | bracket } "]"                           also 【 】 ［ ］ 〔 〕; three deep, on one line
    cites       = ids, or words that look like ids of others, and labels such as “source”; or ids among other words
    bold        = "**" text "**" | "__" text "__"                      the text alone
    tag         = "<" name … ">" | "<!--" … "-->"                      nothing; of "<think>", nothing to its end tag
    definition  = "[" label "]:" address                               at the start of a line: nothing of that line
    fence       = "```" or "~~~" … to the line that closes it          as it stands

The states, and what leads from one to the next:

    LINE_START ──definition──▶ DROPPING ──end of line──▶ LINE_START
        │ ╰──fence──▶ CODE ──closing line──▶ LINE_START
        ╰──anything else──▶ PROSE ──line feed──▶ LINE_START
                            │ │ ╰──"](" ──▶ LINK_ADDRESS ──")"──▶ PROSE
                            │ │                  ╰──no ")" in reach──▶ DROPPING ──white space──▶ PROSE
                            │ ╰──tag that does not end──▶ DROPPING ──">" or white space──▶ PROSE
                            ╰──"<think>"──▶ DROPPING ──"</think>"──▶ PROSE
"""

import re
from collections.abc import Collection
from enum import Enum, auto

from rag.answering.citation_output import MAX_HELD_CHARS, CitedOutput
from rag.text.characters import ends_in_emoji, strip_invisible_piece
from rag.text.english import CITATION_LABELS

_MAX_CLOSER_CHARS = 24
"""Characters in which the longest end of what is dropped fits."""

# Beginnings that may still become something; every beginning of one is one too, so that no chunking tells them apart.
_TEXT = r"[^\]\[【】［］〔〕\n]"
_BRACKET_1 = rf"[\[【［〔]{_TEXT}*+[\]】］〕]"
_BRACKET_2 = rf"[\[【［〔](?:{_TEXT}|{_BRACKET_1})*+[\]】］〕]"
_BRACKET = rf"[\[【［〔](?:{_TEXT}|{_BRACKET_2})*+[\]】］〕]"
_OPEN_BRACKET = (
    rf"[\[【［〔](?:{_TEXT}|{_BRACKET_2})*+(?:[\[【［〔](?:{_TEXT}|{_BRACKET_1})*+(?:[\[【［〔]{_TEXT}*+)?)?"
)
_OPEN_BOLD = r"\*(?:\*(?:[^\s*](?:[^*\n]|\*(?!\*))*+)?)?|_(?:_(?:[^\s_](?:[^_\n]|_(?!_))*+)?)?"
_MAY_GROW = re.compile(rf"\]|!?(?:{_OPEN_BRACKET}|{_BRACKET}(?:\[{_TEXT}*+\]?)?)?|{_OPEN_BOLD}")
_LINE_MAY_GROW = re.compile(
    r" {0,3}(?:`{0,2}|~{0,2}|`{3,}[^`\n]*|~{3,}[^\n]*)|[ \t>*+-]*(?:\[[^\[\]\n]*(?:\](?::[^\n]*)?)?)?"
)
# What they become.
_MARKER_OR_LINK = re.compile(rf"(!?)({_BRACKET})((?<=\])(?:\(|\[{_TEXT}*+\](?!\()))?")
_BOLD = re.compile(r"\*\*(?=[^\s*])(?:[^*\n]|\*(?!\*))*+(?<!\s)\*\*|(?<!\w)__(?=[^\s_])(?:[^_\n]|_(?!_))*+(?<!\s)__")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_DEFINITION = re.compile(
    r"[ \t>*+-]*\[[^\]]+\]:[ \t]*<?(?:[a-z][a-z0-9+.-]*:\S|[\\/&]|www\.|[\w-]+(?:\.[\w-]+)+/)", re.I
)
_TAG = re.compile(r"<!--.*?-->|<(?!!--)(?:[^<>\"']|\"[^\"]*\"|'[^']*')*+>", re.S)
_TAG_WITH_ADDRESS = re.compile(r"<(?:[a-z][a-z0-9+.-]*:|[a-z][\w-]*[\s/]+(?:[^=]*\s)?[\w:-]+\s*=)", re.I)
_THINKING_TAG = re.compile(r"<(think|thinking|reasoning)(?:\s[^>]*)?>", re.I)
_LINK_ADDRESS = re.compile(r"\((?:\s\"[^\"]*\"|\s'[^']*'|\s(?![\"'])|[^()\\\s]|\\.|\((?:[^()\\]|\\.)*+\))*+\)", re.S)
_PLAIN_TEXT = re.compile(r"[^\s<!\[\]【】［］〔〕*_`~()（）,;:\\]+")

_WORD = re.compile(r"[^\W_]+")
_FOREIGN_ID = re.compile(r"\d{1,3}|(?=\d*[a-z])(?=[a-z]*\d)[a-z0-9]{4,8}")
_NOT_IN_MARKER = re.compile(r"[^\]\[【】［］〔〕\w\s,;:#^*`\"'()|&†\\]|\d:\d")


class _State(Enum):
    """Where in the text the parser is; see the head of this module."""

    LINE_START = auto()
    PROSE = auto()
    LINK_ADDRESS = auto()
    CODE = auto()
    DROPPING = auto()


class CitationStream:
    """Takes the citations out of an LLM's text as it comes."""

    def __init__(self, ids: Collection[str]) -> None:
        """Recognise the ids of these passages, in upper or lower case."""
        self._ids = {id.lower(): id for id in ids}
        self._output = CitedOutput()
        self._raw = ""
        self._at = 0  # where in `_raw`
        self._base = 0  # where `_raw` begins in the text
        self._after_emoji = False
        self._closing_lengths: dict[int, int] = {}  # by position: characters that close a link or bold, not shown
        self._ended = False
        self._state = _State.LINE_START
        self._state_after = _State.LINE_START  # what follows what is dropped
        self._closer = re.compile("")  # what ends code or what is dropped
        self._closer_may_grow = self._closer
        self._at_code_line_start = False
        self._steps = {
            _State.LINE_START: self._read_line_start,
            _State.PROSE: self._read_prose,
            _State.LINK_ADDRESS: self._read_link_address,
            _State.CODE: self._read_code,
            _State.DROPPING: self._skip_to_closer,
        }

    def feed(self, piece: str) -> None:
        """Parse the next piece of the text, of any length."""
        done = max(0, self._at - 1)
        visible = strip_invisible_piece(piece, after_emoji=self._after_emoji)
        if piece:
            self._after_emoji = ends_in_emoji(piece)
        self._raw = self._raw[done:] + visible
        self._at -= done
        self._base += done
        while self._at < len(self._raw) and self._steps[self._state]():
            pass

    def close(self) -> None:
        """Decide what was held back: the text has ended."""
        self._ended = True
        self.feed("")
        self._output.settle()

    @property
    def text(self) -> str:
        """The text so far without its markers; it only ever grows."""
        return self._output.text

    @property
    def marks(self) -> tuple[tuple[int, str], ...]:
        """The citations: position in `text` and id, in the order written."""
        return tuple(self._output.marks)

    # Each step reads on from where the parser is, and returns whether it could; False waits for more of the text.

    def _go(self, end: int, state: _State) -> bool:
        """Move to a position and into a state; return True, for the step that moved could read on."""
        self._at = end
        self._state = state
        return True

    def _look_ahead(self, stop: str = "\n") -> tuple[str, bool]:
        """Return the text before `stop`, as much as is held at most, and whether more of it may come."""
        end = self._raw.find(stop, self._at, self._at + MAX_HELD_CHARS)
        ahead = self._raw[self._at : end if end >= 0 else self._at + MAX_HELD_CHARS]
        return ahead, end < 0 and len(ahead) < MAX_HELD_CHARS and not self._ended

    def _read_line_start(self) -> bool:
        """Read a fence or a definition, or go on to prose."""
        head, may_grow = self._look_ahead()
        if not _LINE_MAY_GROW.fullmatch(head):
            return self._go(self._at, _State.PROSE)
        if may_grow:
            return False
        if fence := _FENCE.fullmatch(head):
            return self._open_fence(fence[1][:30], fence[2], len(head))
        if _DEFINITION.match(head):
            return self._drop(self._at + len(head), "\n", _State.LINE_START)
        return self._go(self._at, _State.PROSE)

    def _open_fence(self, fence: str, label: str, length: int) -> bool:
        closer = rf" {{0,3}}{fence[0]}{{{len(fence)},}}[ \t]*"
        self._closer = re.compile(closer)
        self._closer_may_grow = re.compile(rf" {{0,3}}{fence[0]}*|{closer}")
        self._at_code_line_start = True
        self._output.settle()
        return self._show_fence(fence + label, length, _State.CODE)

    def _show_fence(self, line: str, length: int, state: _State) -> bool:
        """Show the line of a fence; too long a line is cut, for a client has to take it for a fence too."""
        is_cut = length == MAX_HELD_CHARS
        end = self._at + length
        self._output.show_verbatim(line + ("\n" if is_cut or end < len(self._raw) else ""))
        return self._go(end if is_cut else end + 1, state)

    def _read_code(self) -> bool:
        """Show a line of code, or the fence that closes it."""
        head, may_grow = self._look_ahead()
        if self._at_code_line_start and self._closer_may_grow.fullmatch(head):
            if may_grow:
                return False
            if self._closer.fullmatch(head):
                return self._show_fence(head, len(head), _State.LINE_START)
        end = self._raw.find("\n", self._at) + 1
        self._at_code_line_start = end > 0
        self._output.show_verbatim(self._raw[self._at : end or len(self._raw)])
        return self._go(end or len(self._raw), _State.CODE)

    def _read_prose(self) -> bool:
        """Show plain text up to what may be a marker, link, tag or bold, and read that."""
        if plain := _PLAIN_TEXT.match(self._raw, self._at):
            self._output.add(plain[0])
            return self._go(plain.end(), _State.PROSE)
        char = self._raw[self._at]
        if char == "<":
            return self._read_tag()
        if closing := self._closing_lengths.pop(self._base + self._at, 0):
            closes_link = char == "]" and closing == 1
            return self._go(self._at + closing, _State.LINK_ADDRESS if closes_link else _State.PROSE)
        ahead, may_grow = self._look_ahead()
        if may_grow and ahead and _MAY_GROW.fullmatch(ahead):
            return False
        if bracket := _MARKER_OR_LINK.match(ahead):
            return self._read_bracket(*bracket.groups(""))
        if bold := _BOLD.match(self._raw, self._at, self._at + len(ahead)):
            self._closing_lengths[self._base + bold.end() - 2] = 2
            return self._go(self._at + 2, _State.PROSE)
        self._output.add(char)
        at_address = _State.LINK_ADDRESS if ahead[:2] == "](" else _State.PROSE
        return self._go(self._at + 1, _State.LINE_START if char == "\n" else at_address)

    def _read_bracket(self, bang: str, bracket: str, after: str) -> bool:
        """Read a bracket as a marker, a link or plain text; `after` is the “(” or “[label]” that follows it."""
        ids = self._parse_ids(bracket[1:-1])
        end = self._at + len(bang + bracket)
        if ids is not None:
            if bang and after != "(":
                self._output.add(bang)
            self._output.mark(ids)
            return self._go(end, _State.LINK_ADDRESS if after == "(" else _State.PROSE)
        if after == "(" or (after and not self._parse_ids(after[1:-1])):
            self._closing_lengths[self._base + end - 1] = 1 if after == "(" else 1 + len(after)
        else:
            self._output.add(bang + bracket[0])
        return self._go(self._at + len(bang) + 1, _State.PROSE)

    def _parse_ids(self, text: str) -> tuple[str, ...] | None:
        """Parse the known ids that a bracket's text cites, empty where all are unknown; None where it is no marker."""
        text = _TAG.sub("", text).replace("**", "")
        words = [word for word in _WORD.findall(text) if word.lower() not in CITATION_LABELS]
        known = tuple(self._ids[word.lower()] for word in words if word.lower() in self._ids)
        others = [word for word in words if word.lower() not in self._ids]
        if words and not _NOT_IN_MARKER.search(text) and all(map(_FOREIGN_ID.fullmatch, others)):
            return known
        # Brackets inside have their turn, or go with these.
        own = _WORD.findall(re.sub(_BRACKET_2, "", text).lower())
        return known if any(word in self._ids for word in own) else None

    def _read_link_address(self) -> bool:
        """Skip the address of a link; one that does not close goes up to the next white space."""
        ahead, may_grow = self._look_ahead("\n\n")
        if address := _LINK_ADDRESS.match(ahead):
            return self._go(self._at + address.end(), _State.PROSE)
        start = self._raw.find(ahead[1:].lstrip(), self._at + 1)
        return False if may_grow else self._drop(start, r"(?=\s)", _State.PROSE)

    def _read_tag(self) -> bool:
        """Skip a tag or comment; a “<” that begins none is shown."""
        ahead, may_grow = self._look_ahead("\n\n")
        is_comment = ahead.startswith("<!--")
        inner = ahead.find("<", 1)
        held = ahead[:inner] if inner > 0 and not is_comment else ahead
        waits = may_grow and held == ahead
        if waits and len(held) == 1:
            return False
        if re.match("<[a-z/!?]", held, re.I):
            if not (tag := _TAG.match(held)) and waits:
                return False
            if tag or (">" in held and not is_comment):
                return self._skip_tag(tag[0] if tag else held[: held.index(">") + 1])
            if _TAG_WITH_ADDRESS.match(held):
                return self._drop(self._at + len(held), ">|(?=[\\s<])", _State.PROSE)
        self._output.add("<")
        return self._go(self._at + 1, _State.PROSE)

    def _skip_tag(self, tag: str) -> bool:
        """Skip a tag; of one that opens a model's thinking, such as <think>, all up to its end tag."""
        if thinking := _THINKING_TAG.fullmatch(tag):
            self._output.mark(())
            return self._drop(self._at + len(tag), rf"(?i:</{thinking[1]}\s{{0,8}}>)", _State.PROSE)
        return self._go(self._at + len(tag), _State.PROSE)

    def _drop(self, start: int, until: str, state: _State) -> bool:
        """Drop what comes up to a pattern, then go on in a state."""
        self._closer = re.compile(until)
        self._state_after = state
        return self._go(start, _State.DROPPING)

    def _skip_to_closer(self) -> bool:
        """Skip the text up to the pattern that ends it; of a text without it, keep the end, where it may begin."""
        if closer := self._closer.search(self._raw, self._at):
            return self._go(closer.end(), self._state_after)
        held = 0 if self._ended else _MAX_CLOSER_CHARS
        self._at = max(self._at, len(self._raw) - held)
        return False
