"""Authenticate users by hashed passwords."""

import hmac
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

import bcrypt

from rag.errors import SettingsError

_HASH = re.compile(r"\$2[aby]\$(0[4-9]|1[0-6])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")
_MAX_PASSWORD_BYTES = 72
"""What bcrypt looks at of a password."""


class Users:
    """The people who may use the page: their names, and the hashes of their passwords."""

    def __init__(self, hashes: Mapping[str, str]) -> None:
        """Take the bcrypt hash of each user by name; `hashes` must not be empty."""
        self._hashes = {name: value.encode() for name, value in hashes.items()}
        self._key = secrets.token_bytes(32)
        self._right: dict[str, bytes] = {}

    def remembers(self, name: str, password: str) -> bool:
        """Return whether this is the password that `check` last found right for the user; fast, unlike `check`."""
        return hmac.compare_digest(self._right.get(name, b""), self._digest(name, password))

    def check(self, name: str, password: str) -> bool:
        """Return whether the password is the user's; slow by design, and as slow for a user who does not exist."""
        # In place of an unknown user one is checked who exists, always the same, as the costs of hashes may differ.
        other = list(self._hashes)[int.from_bytes(self._digest(name, ""), "big") % len(self._hashes)]
        known = name in self._hashes
        right = (
            bcrypt.checkpw(password.encode()[:_MAX_PASSWORD_BYTES], self._hashes[name if known else other]) and known
        )
        self._right |= {name: self._digest(name, password)} if right else {}
        return right

    def _digest(self, name: str, password: str) -> bytes:
        return hmac.digest(self._key, repr((name, password)).encode(), "sha256")


def parse_users(setting: str) -> Users:
    """Parse RAG_AUTH: `name:hash,name:hash`, or a file with one a line; SettingsError numbers a wrong entry."""
    hashes: dict[str, str] = {}
    for number, entry in enumerate(_entries(setting), 1):
        name, _, value = (part.strip() for part in entry.partition(":"))
        if fault := _find_fault(name, value, hashes):
            raise SettingsError(f"RAG_AUTH, entry {number}: {fault}; see docs/settings.md")
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


def _find_fault(name: str, value: str, hashes: Mapping[str, str]) -> str:
    """Return what is wrong with an entry, without showing it; empty where nothing is."""
    if not (name and value):
        return "it is not name:hash"
    if name in hashes:
        return "the name was there before"
    if _HASH.fullmatch(value):
        return ""
    return "the hash is not one of bcrypt" if value[0] in "${" else "the password is plain text, give its bcrypt hash"


def hash_password(password: str) -> str:
    """Hash a password with bcrypt, for RAG_AUTH; SettingsError if it is empty or over bcrypt's 72 bytes."""
    if not 0 < len(password.encode()) <= _MAX_PASSWORD_BYTES:
        raise SettingsError(f"a password has 1 to {_MAX_PASSWORD_BYTES} bytes")
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt()).decode()
