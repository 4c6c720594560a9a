"""Translate the names that settings had in 0.1, and name those that are no settings."""

import logging
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

PREFIX = "rag_"
"""How environment variables of settings begin, in lower case."""
RENAMED = {
    "parse_seconds": "parser_seconds",
    "parse_mb": "parser_memory_mb",
    "fetch_agent": "fetch_user_agent",
    "dense_top": "candidates",
    "word_top": "candidates",
    "word_weight": "bm25_weight",
    "llm_window": "llm_context_tokens",
    "llm_tokens": "llm_max_tokens",
    "llm_silence": "llm_silence_seconds",
    "unsupported": "unsupported_claims",
    "ask_anyway": "llm_without_evidence",
    "rate": "rate_limit",
}
"""Settings by their names in 0.1, which this release still takes, and the names they have now."""
REMOVED = {
    "fold_likeness": "passages that share 80 % of their wording are shown as one",
    "read_ms": "how much is read depends on RAG_READ_TOP alone",
}
"""Settings that earlier versions had, and what holds instead."""
OTHER_VARIABLES = frozenset({"llm_api_key"})
"""Variables of the program that are no settings, since keys are never stored."""

_SIMILAR = 0.6
"""The least similarity, 0 to 1, of a name that is proposed for an unknown one: `RAG_PROT` is 0.75 like `RAG_PORT`."""
_MAX_SHOWN_CHARS = 60
"""Characters that are shown of a name that is no setting."""
_notices = set[str]()
"""The lines that this process has logged about names of settings."""


class Spelling(NamedTuple):
    """How one source writes the names of settings."""

    prefix: str
    """What stands before each name, in lower case."""
    shown: str
    """The format that shows a name to a person."""

    def show(self, name: str) -> str:
        """Return a setting's name as the source writes it, fit for a terminal."""
        plain = ascii(name[:_MAX_SHOWN_CHARS])[1:-1]
        return self.shown.format(name=plain, NAME=plain.upper())


KEYWORDS = Spelling("", "Settings({name}=…)")
VARIABLES = Spelling(PREFIX, "RAG_{NAME}")
ENV_FILE = Spelling(PREFIX, "RAG_{NAME} in .env")


def with_present_names(values: Mapping[str, Any], spelling: Spelling, settings: Collection[str]) -> dict[str, Any]:
    """Return a copy of the values with old names of settings replaced; log a line for each old or unknown name.

    Of two old names of one setting the first in `RENAMED` holds, however the environment orders them.
    """
    present = dict(values)
    givers = {spelling.prefix + name: name for name in settings}
    order = {spelling.prefix + name: place for place, name in enumerate(RENAMED)}
    for key in sorted(values, key=lambda key: order.get(key, -1)):
        name = key.removeprefix(spelling.prefix)
        if not key.startswith(spelling.prefix) or name in settings or name in OTHER_VARIABLES:
            continue
        new = RENAMED.get(name, "")
        if not new:
            _notify(f"{spelling.show(name)} {_explain_unknown(name, spelling, settings)}")
        elif spelling.prefix + new in present:
            giver = givers[spelling.prefix + new]
            reason = (
                "its new name, has a value already" if giver == new else f"which is {spelling.show(new)} too, holds"
            )
            _notify(f"{spelling.show(name)} is ignored: {spelling.show(giver)}, {reason}")
        else:
            present[spelling.prefix + new] = present.pop(key)
            givers[spelling.prefix + new] = name
            _notify(f"{spelling.show(name)} is now {spelling.show(new)}; the old name works in this release only")
    return present


def _explain_unknown(name: str, spelling: Spelling, settings: Collection[str]) -> str:
    """Say what holds instead of a setting that is gone, or which name is nearest to one that never was."""
    if name in REMOVED:
        return f"is no longer a setting: {REMOVED[name]}"
    near = get_close_matches(name[:_MAX_SHOWN_CHARS], [*settings, *RENAMED], n=1, cutoff=_SIMILAR)
    if not near:
        return "is not a setting and is ignored; docs/settings.md lists them"
    return f"is not a setting and is ignored; did you mean {spelling.show(RENAMED.get(near[0], near[0]))}?"


def _notify(line: str) -> None:
    """Log a line once in this process; unless logging is set up, it goes to standard error."""
    if line not in _notices:
        _notices.add(line)
        logging.getLogger("rag").warning(line)
