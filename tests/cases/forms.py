"""The forms in which people keep articles: one pile of records, written to a folder in each of them."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml


def as_jsonl(folder: Path, records: Sequence[dict[str, Any]]) -> None:
    (folder / "pile.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))


def as_csv(folder: Path, records: Sequence[dict[str, Any]]) -> None:
    fields = list(dict.fromkeys(name for record in records for name in record))
    with (folder / "pile.csv").open("w", newline="", encoding="utf-8", errors="backslashreplace") as file:
        writer = csv.DictWriter(file, fields)
        writer.writeheader()
        writer.writerows(records)


def as_front_matter(folder: Path, records: Sequence[dict[str, Any]]) -> None:
    for number, record in enumerate(records):
        fields = {name: value for name, value in record.items() if name != "text"}
        head = f"---\n{yaml.safe_dump(fields)}---\n" if fields else ""
        text = f"{head}{record.get('text', '')}\n"
        (folder / f"article-{number}.md").write_text(text, encoding="utf-8", errors="backslashreplace")


FORMS: dict[str, Callable[[Path, Sequence[dict[str, Any]]], None]] = {
    "JSON lines": as_jsonl,
    "CSV": as_csv,
    "front matter": as_front_matter,
}
