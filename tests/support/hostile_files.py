"""Files that have broken readers of files before; `build` makes them and says what must become of each."""

import gzip
import json
import os
import random
import socket
from pathlib import Path

READ, FAILED = "read", "failed"

_PARAGRAPH = "The lock gates of the old canal were opened again on Tuesday, and forty boats went through before noon."
_CHINESE = "新的运河闸门于星期二重新开放。\n中午之前有四十艘船通过。\n市长在仪式上发表了讲话。\n"
_JAPANESE = "運河の水門は火曜日に再び開かれた。\n正午までに四十隻の船が通過した。\n市長は式典で挨拶した。\n"
_FRENCH = "L'écluse du vieux canal a été rouverte mardi après une rénovation.\nDéjà quarante bateaux y sont passés.\n"
_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
_NOISE = random.Random(7).randbytes(5_000)


def build(folder: Path) -> dict[str, str]:
    """Fills a folder and says for each file in it, by its path there, whether it must be "read" or has "failed".

    A file of JSON lines is named once for each line that matters, as `name:line`.
    """
    outcomes: dict[str, str] = {}
    for make in (_texts, _encodings, _binaries, _markdown, _html, _json_lines, _gzips, _names, _special):
        outcomes |= make(folder)
    return outcomes


def _texts(folder: Path) -> dict[str, str]:
    many = " ".join(f"Boat number {number} passed the lock." for number in range(10_000))
    made = {
        "empty.txt": ("", FAILED),
        "empty.jsonl": ("", FAILED),
        "blank.txt": (" \n\t\n  \n", FAILED),
        "soft-hyphens.txt": ("\u00ad" * 2_000, FAILED),
        "nulls.txt": (f"{_PARAGRAPH}\0\0{_PARAGRAPH}", FAILED),
        "many-sentences.txt": (many, READ),
        "one-word.txt": ("Lock", READ),
        "arabic.txt": ("افتتحت بوابات القناة القديمة يوم الثلاثاء. مرّت أربعون سفينة قبل الظهر.\n", READ),
        "hebrew.txt": ("שערי התעלה הישנה נפתחו שוב ביום שלישי. ארבעים סירות עברו לפני הצהריים.\n", READ),
        "chinese.txt": (_CHINESE, READ),
        "emoji.txt": ("The crew 👩\u200d✈️ and family 👨\u200d👩\u200d👧 waved 🏳️\u200d🌈 at the lock.\n", READ),
        "accents.txt": ("a" + "\u0301\u0316" * 100_000 + " " + _PARAGRAPH, READ),
        "crlf.txt": (f"Locks\r\n\r\n{_PARAGRAPH}\r\n", READ),
        "cr-only.txt": (f"Locks\r\r{_PARAGRAPH}\r", READ),
        "huge-title.txt": (f"{'lock ' * 10_000}\n\n{_PARAGRAPH}", READ),
        "no-ending": (_PARAGRAPH, READ),
        "notes.log": (_PARAGRAPH, READ),
        ".hidden.txt": (_PARAGRAPH, ""),
    }
    for name, (text, _) in made.items():
        (folder / name).write_bytes(text.encode())
    return {name: outcome for name, (_, outcome) in made.items() if outcome}


def _encodings(folder: Path) -> dict[str, str]:
    made = {
        "utf8-mark.txt": _PARAGRAPH.encode("utf-8-sig"),
        "utf16-mark.txt": _CHINESE.encode("utf-16"),
        "utf16-le.txt": _PARAGRAPH.encode("utf-16-le"),
        "utf16-be.txt": _PARAGRAPH.encode("utf-16-be"),
        "utf16-chinese.txt": _CHINESE.encode("utf-16-le"),
        "utf32.txt": _PARAGRAPH.encode("utf-32"),
        "latin1.txt": _FRENCH.encode("latin-1"),
        "shift-jis.txt": _JAPANESE.encode("shift_jis"),
        "gbk.txt": _CHINESE.encode("gbk"),
        "iso-2022-jp.txt": _JAPANESE.encode("iso2022_jp"),
        "damaged-utf8.txt": _FRENCH.encode() + "Voilà l'été à".encode() + b" Gen\xe8ve \xff.\n",
        "late-latin1.txt": (_PARAGRAPH + "\n").encode() * 2_000 + _FRENCH.encode("latin-1"),
    }
    return _written(folder, made, READ)


def _binaries(folder: Path) -> dict[str, str]:
    made = {
        "picture.png": _PNG + _NOISE,
        "picture.txt": _PNG + _NOISE,
        "noise.txt": _NOISE,
        "noise.dat": _NOISE.replace(b"\0", b"\1"),
        "paper.pdf": b"%PDF-1.4\n" + _PARAGRAPH.encode(),
        "paper-without-ending": b"%PDF-1.4\n" + _PARAGRAPH.encode(),
    }
    for name in ("one-line-50mb.txt", "film-50mb.mp4", "page-50mb.html", "notes-50mb.md"):
        with open(folder / name, "wb") as file:
            file.truncate(50_000_000)
        made[name] = b""
    return _written(folder, {name: data for name, data in made.items() if data}, FAILED) | dict.fromkeys(made, FAILED)


def _markdown(folder: Path) -> dict[str, str]:
    names = zip("abcdef", "bcdefg", strict=True)
    aliases = "\n".join(f"{name}: &{name} [{', '.join([f'*{below}'] * 9)}]" for below, name in names)
    read = {
        "headings.md": "# Locks\n\n## Gates\n\n### Boats\n",
        "wrong-types.md": f"---\ntitle: [Locks, Gates]\ndate: 5\nauthor: {{a: Ann}}\ntags: [a, b]\n---\n{_PARAGRAPH}",
        "impossible-date.md": f"---\ntitle: No\ndate: 2024-13-45\n---\n{_PARAGRAPH}",
        "huge-title.md": f"# {'lock ' * 10_000}\n\n{_PARAGRAPH}",
        "ruled.md": f"---\n\n{_PARAGRAPH}\n\n---\n\nNote: this: is no front matter.\n",
        "unclosed-front-matter.md": f"---\ntitle: Locks\n\n{_PARAGRAPH}",
        "broken-front-matter.md": f"---\ntitle: [unclosed\ndate: : :\n---\n{_PARAGRAPH}",
        "yaml-bomb.md": f"---\na: &a [x, x]\n{aliases}\n---\n{_PARAGRAPH}",
        "yaml-merge-bomb.md": f"---\na: &a {{x: 1}}\nb: {{<<: [*a, *a]}}\n---\n{_PARAGRAPH}",
        "yaml-deep.md": f"---\na: {'[' * 600}\n---\n{_PARAGRAPH}",
        "open-brackets.md": "[" * 20_000 + _PARAGRAPH,
    }
    failed = {
        "id-list.md": f"---\nid: [1, 2]\n---\n{_PARAGRAPH}",
        "only-front-matter.md": "---\ntitle: Locks\n---\n",
        "only-picture.md": "![lock](lock.png)\n",
    }
    return _written(folder, _encoded(read), READ) | _written(folder, _encoded(failed), FAILED)


def _html(folder: Path) -> dict[str, str]:
    script = "<script>var secret = 'SCRIPT';</script><style>p { color: STYLE }</style>"
    read = {
        "scripts.html": f"<html><head><title>Locks</title>{script}</head><body>{script}<p>{_PARAGRAPH}</p>",
        "unclosed.html": f"<p>{_PARAGRAPH}<b>Bold <i>and <div>more<p>The end of the page",
        "fragment.htm": f"<p>{_PARAGRAPH}</p>",
        "declared.xhtml": f"<?xml version='1.0' encoding='utf-8'?>\n<html><body><p>{_PARAGRAPH}</p></body></html>",
        "not-html.html": _PARAGRAPH,
        "open-tags.html": f"{'<' * 20_000} {_PARAGRAPH}",
    }
    failed = {
        "empty.html": "",
        "only-script.html": f"<html><body>{script}</body></html>",
        "only-comment.html": "<!-- nothing here -->",
        "deep.html": "<div>" * 10_000 + _PARAGRAPH + "</div>" * 10_000,
    }
    latin = f'<html><head><meta charset="iso-8859-1"></head><body><p>{_FRENCH}</p></body></html>'.encode("latin-1")
    made = _written(folder, _encoded(read), READ) | _written(folder, _encoded(failed), FAILED)
    return made | _written(folder, {"latin1.html": latin}, READ)


def _json_lines(folder: Path) -> dict[str, str]:
    lines: list[tuple[bytes, str]] = [
        (_line(id="lock-1", text=_PARAGRAPH), READ),
        (b"{not json", FAILED),
        (b'["a", "list"]', FAILED),
        (b"17", FAILED),
        (_line(id="lock-2"), FAILED),
        (_line(id="lock-3", text=17), FAILED),
        (_line(id="lock-1", text="The same id again."), FAILED),
        (b'{"id": "lock-4", "title": "Half \\ud800 pair", "text": "Half a pair \\udc00 stands here."}', READ),
        (b'{"id": "lock-5", "text": "not UTF-8: \xff\xfe"}', FAILED),
        (b'{"id": "lock-6", "text": ' + b"[" * 100_000, FAILED),
        (b'{"id": ' + b"9" * 10_000 + b', "text": "A long number."}', FAILED),
        (_line(id={"a": 1}, text=_PARAGRAPH), FAILED),
        (_line(id="x" * 2_000, text=_PARAGRAPH), FAILED),
        (_line(id="lock-7", text=" \n "), FAILED),
        (b'{"text": "' + b"long " * 3_000_000 + b'"}', FAILED),
        (_line(url="https://www.example.org/locks/8/#top", title=["a"], text=_PARAGRAPH, size=float("nan")), READ),
        (_line(title="No id", text=_PARAGRAPH), READ),
    ]
    (folder / "lines.jsonl").write_bytes(b"\n".join(line for line, _ in lines))
    (folder / "questions.jsonl").write_bytes(_line(question="When were the gates opened?", answers=["Tuesday"]))
    return {f"lines.jsonl:{number}": outcome for number, (_, outcome) in enumerate(lines, 1)}


def _gzips(folder: Path) -> dict[str, str]:
    good = b"\n".join(_line(id=f"packed-{number}", text=f"{_PARAGRAPH} {number}") for number in range(3_000))
    whole = gzip.compress(good)
    (folder / "truncated.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    (folder / "not-gzip.jsonl.gz").write_bytes(good[:500])
    with gzip.open(folder / "bomb.jsonl.gz", "wb", compresslevel=1) as file:
        for _ in range(200):
            file.write(bytes(1_000_000))
        file.write(b"\n" + _line(id="after-the-bomb", text=_PARAGRAPH))
    return {
        "truncated.jsonl.gz:1": READ,
        "truncated.jsonl.gz": FAILED,
        "not-gzip.jsonl.gz": FAILED,
        "bomb.jsonl.gz:1": FAILED,
        "bomb.jsonl.gz:2": READ,
    }


def _names(folder: Path) -> dict[str, str]:
    names = ["a name with spaces.txt", "größe-東京-🚤.txt", "cafe\u0301.txt", "new\nline.txt", f"{'n' * 246}.txt"]
    return _written(folder, {name: f"{_PARAGRAPH} {name}".encode() for name in names}, READ)


def _special(folder: Path) -> dict[str, str]:
    below = folder / "chapters.md"
    below.mkdir()
    (below / "one.txt").write_text(_PARAGRAPH)
    (below / "up").symlink_to(folder, target_is_directory=True)
    outside = folder.parent / f"{folder.name}-outside.txt"
    outside.write_text(_PARAGRAPH)
    (folder / "outside.txt").symlink_to(outside)
    (folder / "dangling.txt").symlink_to(folder / "nowhere.txt")
    (folder / "loop-a.txt").symlink_to("loop-b.txt")
    (folder / "loop-b.txt").symlink_to("loop-a.txt")
    os.mkfifo(folder / "pipe.txt")
    _bind(folder, "socket.txt")
    made = {"chapters.md/one.txt": READ, "outside.txt": READ}
    made |= dict.fromkeys(["dangling.txt", "loop-a.txt", "loop-b.txt", "pipe.txt", "socket.txt"], FAILED)
    if os.geteuid():  # root may read anything, so nothing is unreadable for it
        made |= _written(folder, {"unreadable.txt": _PARAGRAPH.encode()}, FAILED)
        (folder / "unreadable.txt").chmod(0)
    return made


def _bind(folder: Path, name: str) -> None:
    """Leaves a socket behind; its path may be too long for one, so it is named from inside the folder."""
    here = os.getcwd()
    os.chdir(folder)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(name)
    finally:
        os.chdir(here)


def _line(**fields: object) -> bytes:
    return json.dumps(fields).encode()


def _encoded(made: dict[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in made.items()}


def _written(folder: Path, made: dict[str, bytes], outcome: str) -> dict[str, str]:
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return dict.fromkeys(made, outcome)
