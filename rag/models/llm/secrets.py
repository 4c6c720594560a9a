"""Redact a key from text that somebody else wrote (pure)."""

import base64
import re
from urllib.parse import quote

_PART = 5
"""Letters and digits of a key in a row that are too many to show."""
_HIDDEN = "…"
_SIGNIFICANT = re.compile(r"[A-Za-z0-9]")


def redact_secret(text: str, secret: str) -> str:
    """Redact a secret in a text: whole or in part, broken up by other characters, or encoded."""
    places = [found.start() for found in _SIGNIFICANT.finditer(text)]
    bare = "".join(text[place] for place in places).casefold()
    shown = list(text.replace(secret, _HIDDEN * len(secret)) if secret else text)
    for form in _forms(secret):
        parts = {form[start : start + _PART] for start in range(max(1, len(form) - _PART + 1))}
        for at in range(len(bare)):
            part = bare[at : at + _PART] if len(form) >= _PART else bare[at : at + len(form)]
            if part in parts:
                first = places[at]
                last = places[at + len(part) - 1]
                shown[first : last + 1] = _HIDDEN * (last + 1 - first)
    return re.sub(f"{_HIDDEN}+", _HIDDEN, "".join(shown))


def _forms(secret: str) -> set[str]:
    """List the forms of a secret to look for: its letters and digits, as it is and as programs encode it."""
    data = secret.encode("utf-8", "replace")
    encoded = [
        secret,
        quote(secret, safe=""),
        "".join(f"%{byte:02x}" for byte in data),
        "".join(f"u{byte:04x}" for byte in data),
    ]
    for shift in range(3):  # what stands before decides how the secret falls into groups of three bytes
        encoded.append(base64.b64encode(b"\0" * shift + data).decode()[4 * (shift > 0) : -4])
    bare = {"".join(_SIGNIFICANT.findall(form)).casefold() for form in encoded}
    return {form for form in bare if form and (form in _bare(secret) or len(form) >= _PART)}


def _bare(secret: str) -> str:
    return "".join(_SIGNIFICANT.findall(secret)).casefold()
