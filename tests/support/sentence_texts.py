"""Texts of fifteen languages whose sentences are known, with abbreviations, ordinals and quotations in them."""

import re
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "text" / "sentences"
LANGUAGES = sorted(file.stem for file in FOLDER.glob("*.txt"))
_BORDER = re.compile(r"( ?)\| ?")


def read_sentences(language: str) -> list[tuple[str, list[str]]]:
    """Read the texts of a language, each with its sentences; a line is a text, and “|” stands between its sentences."""
    lines = (FOLDER / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    return [(_BORDER.sub(r"\1", line), [part.strip() for part in line.split("|")]) for line in lines]
