"""Authenticate users by hashed passwords."""

import hmac
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

import bcrypt

from rag.errors import SettingsError

_HASH = re.compile(r"\$2[aby]\$(0[4-9]|1[0-6])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")
_LONGEST = 72
"""Bytes of a password that bcrypt looks at."""


class Users:
    """The people who may use the page, by name; of a password only the hash is known, and a key to know it again."""

    def __init__(self, hashes: Mapping[str, str]) -> None:
        """At least one user."""
        self._hashes = {name: value.encode() for name, value in hashes.items()}
        self._key = secrets.token_bytes(32)
        self._right: dict[str, bytes] = {}

    def remembers(self, name: str, password: str) -> bool:
        """Whether the password was found to be the user's before, in this process."""
        return hmac.compare_digest(self._right.get(name, b""), self._digest(name, password))

    def check(self, name: str, password: str) -> bool:
        """Whether the password is the user's; slow by design, and as slow for a user who does not exist."""
        # In place of an unknown user one is checked who exists, always the same, as the costs of hashes may differ.
        other = list(self._hashes)[int.from_bytes(self._digest(name, ""), "big") % len(self._hashes)]
        known = name in self._hashes
        right = bcrypt.checkpw(password.encode()[:_LONGEST], self._hashes[name if known else other]) and known
        self._right |= {name: self._digest(name, password)} if right else {}
        return right

    def _digest(self, name: str, password: str) -> bytes:
        return hmac.digest(self._key, repr((name, password)).encode(), "sha256")


def users(setting: str) -> Users:
    """The users of `name:hash,name:hash` or of a file with one a line; SettingsError says which entry is no good."""
    hashes: dict[str, str] = {}
    for number, entry in enumerate(_entries(setting), 1):
        name, _, value = (part.strip() for part in entry.partition(":"))
        if trouble := _trouble(name, value, hashes):
            raise SettingsError(f"RAG_AUTH, entry {number}: {trouble}; see docs/settings.md")
        hashes[name] = value
    if not hashes:
        raise SettingsError("RAG_AUTH names nobody; write name:hash, as htpasswd -nB NAME prints it")
    return Users(hashes)


def _entries(setting: str) -> list[str]:
    try:
        lines = Path(setting).read_text("utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        if ":" in setting:
            return setting.split(",")
        reason = getattr(error, "strerror", None) or "it is not text"
        raise SettingsError(f"RAG_AUTH is not name:hash, and as a file it cannot be read ({reason})") from None
    return [line for line in lines if line.strip() and not line.startswith("#")]


def _trouble(name: str, value: str, hashes: Mapping[str, str]) -> str:
    """What is wrong with an entry, without showing it."""
    if not (name and value):
        return "it is not name:hash"
    if name in hashes:
        return "the name was there before"
    if _HASH.fullmatch(value):
        return ""
    return "the hash is not one of bcrypt" if value[0] in "${" else "the password is plain text, give its bcrypt hash"


def hashed(password: str) -> str:
    """The bcrypt hash of a password, for RAG_AUTH; SettingsError where bcrypt would not look at all of it."""
    if not 0 < len(password.encode()) <= _LONGEST:
        raise SettingsError(f"a password has 1 to {_LONGEST} bytes")
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt()).decode()
