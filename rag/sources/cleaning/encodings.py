"""Detect the encoding of bytes and decode them."""

import codecs
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from rag.errors import SourceError

_BINARY_STARTS = (b"%PDF-", b"{\\rtf", b"PK\x03\x04", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x7fELF")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE_ENCODINGS = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_CONTROL_CHARACTERS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd]")
_MAX_SAMPLE = 64_000
_BROWSER_ENCODINGS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "tis-620": "cp874",
}
"""Names that senders give to the larger encoding that browsers read under them (the WHATWG Encoding Standard)."""
_WINDOWS_BY_CONTROL = {
    code: bytes((code,)).decode("cp1252") for code in range(0x80, 0xA0) if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
"""The characters of Windows-1252 at the places that Latin-1 gives to controls."""
_HIGH_CONTROL = re.compile("[\x80-\x9f]")
_CONTROL_REFERENCE = re.compile(r"&#(1(?:2[89]|[345]\d)(?!\d)|[xX]0*[89][0-9a-fA-F](?![0-9a-fA-F]));?")


class DecodedText(NamedTuple):
    """A text, and a note on how it was decoded."""

    text: str
    note: str
    """Its encoding where that is a guess or characters had to be replaced, else an empty string."""


class _Guess(NamedTuple):
    """An encoding that fits, and a note where it is a guess."""

    encoding: str
    note: str = ""


def decode(data: bytes, *declared: str) -> DecodedText:
    """Decode bytes to text as browsers do, and note the encoding where it is a guess or characters had to be replaced.

    Raises SourceError for what is no text. `declared` are the names that the sender and the text itself give, the first
    that fits counts; the bytes count for more.
    """
    if data.startswith(_BINARY_STARTS):
        raise SourceError("looks binary, not text")
    certain = _encoding_by_mark(data) or _detect_wide(data)
    encoding, note = _Guess(certain) if certain else _detect_narrow(data, declared)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, errors="replace")
        note = f"{encoding}, with replaced characters"
    if encoding == "iso8859-1":
        text = replace_windows_controls(text)
    if _looks_binary(text):
        raise SourceError("looks binary, not text")
    return DecodedText(text, note)


def _encoding_by_mark(data: bytes) -> str:
    """Return the encoding of a byte order mark; UTF-32 goes first, its mark begins with that of UTF-16."""
    return next((encoding for mark, encoding in _BYTE_ORDER_MARKS if data.startswith(mark)), "")


def _detect_wide(data: bytes) -> str:
    """Detect UTF-16 or UTF-32 without a mark, by where the null bytes of its ASCII characters are."""
    sample = data[:_MAX_SAMPLE]
    nulls = sample.count(0)
    if not nulls or (nulls < len(sample) / 5 and _fits(data, "utf-8")):
        return ""
    scores = {encoding: _ascii_share(sample, encoding) for encoding in _WIDE_ENCODINGS if _fits(data, encoding)}
    best = max(scores, key=lambda encoding: scores[encoding], default="")
    return best if best and scores[best] > 0 else ""


def _ascii_share(sample: bytes, encoding: str) -> float:
    """Return the share of ASCII in a sample decoded so; 0 if over a twentieth is control or unassigned characters."""
    text = sample.decode(encoding, errors="ignore")
    odd = sum(unicodedata.category(character) in ("Cc", "Cn", "Co") for character in text if not character.isspace())
    return 0.0 if odd * 20 > len(text) else sum(character < "\x80" for character in text) / len(text)


def _detect_narrow(data: bytes, declared: Sequence[str]) -> _Guess:
    """Detect the encoding of bytes without a mark, one byte or more a character."""
    if b"\x1b$" in data and _fits(data, "iso2022_jp"):
        return _Guess("iso2022_jp")
    try:
        data.decode("utf-8")
        return _Guess("utf-8")
    except UnicodeDecodeError as error:
        start = error.start
    known = [name for name in map(_codec_name, declared) if name]
    larger = (_BROWSER_ENCODINGS.get(name, name) for name in known)
    # The larger encoding of Latin-1 leaves five bytes free, which a single stray one may use.
    fitting = next((name for name in (*larger, *known) if _fits(data, name)), "")
    if fitting:
        return _Guess(fitting)
    if _is_damaged_utf8(data):
        return _Guess("utf-8")
    encoding = _guess_encoding(data, start)
    return _Guess(encoding, f"{encoding}, guessed")


def _is_damaged_utf8(data: bytes) -> bool:
    """Whether most characters outside ASCII are whole in UTF-8, so that the rest is damage."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    whole = len(text) - broken - sum(byte < 128 for byte in data)
    return whole > 2 * broken


def _guess_encoding(data: bytes, start: int) -> str:
    """Guess the encoding with charset-normalizer, by a sample from the line of the first byte that is no UTF-8.

    `start` is the offset of that byte. Raises SourceError if no encoding fits.
    """
    from charset_normalizer import from_bytes

    line = data.rfind(b"\n", 0, start) + 1
    begin = line if start - line < 2_000 else start
    sample = data[begin : begin + _MAX_SAMPLE]
    if len(data) > begin + _MAX_SAMPLE and b"\n" in sample:
        sample = sample[: sample.rindex(b"\n") + 1]
    matches = from_bytes(sample)
    best = matches.best()
    if best is None:
        raise SourceError("looks binary, not text")
    # Western texts fit the neighbours of cp1252 about as well; of them all it is by far the most used.
    close = [match for match in matches if match.chaos <= best.chaos + 0.05 and match.coherence >= best.coherence - 0.1]
    if any("cp1252" in (match.encoding, *match.could_be_from_charset) for match in close) and _fits(data, "cp1252"):
        return "cp1252"
    return best.encoding


def _fits(data: bytes, encoding: str) -> bool:
    """Whether bytes can be decoded by an encoding."""
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


@lru_cache(maxsize=100)
def _codec_name(name: str) -> str:
    """Return Python's name of an encoding; empty where it has none for text, as for "hex" and "zip"."""
    try:
        known = codecs.lookup(name)
        "".encode(name)
    except (LookupError, ValueError, TypeError):
        return ""
    return known.name


def replace_windows_controls(text: str) -> str:
    """Replace the controls U+0080 to U+009F by the characters that Windows-1252 has there, as browsers do."""
    return text.translate(_WINDOWS_BY_CONTROL) if _has_high_control(text) else text


def replace_control_references(page: str) -> str:
    """Replace references such as `&#146;` by the characters that Windows-1252 has there, as HTML has it."""
    return _CONTROL_REFERENCE.sub(_replace_reference, page)


def _replace_reference(match: re.Match[str]) -> str:
    """Return the character that a numeric reference to a high control stands for; the reference if there is none."""
    written = match[1]
    code = int(written[1:], 16) if written[0] in "xX" else int(written)
    return _WINDOWS_BY_CONTROL.get(code, match[0])


def _has_high_control(text: str) -> bool:
    """Whether a text has characters that are controls in Latin-1 and letters or signs in Windows-1252."""
    return not text.isascii() and _HIGH_CONTROL.search(text) is not None


def _looks_binary(text: str) -> bool:
    """Whether there are null characters in a text, or more than one control character in twenty."""
    sample = text[:_MAX_SAMPLE]
    return "\0" in text or 20 * len(_CONTROL_CHARACTERS.findall(sample)) > len(sample)
