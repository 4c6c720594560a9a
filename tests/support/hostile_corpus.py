"""Documents made to break their parsers; `build` writes them, and run as a script this reads them and counts.

Hostile servers are in `hostile_servers.py`.

python -m tests.support.hostile_corpus
"""

import io
import json
import random
import re
import resource
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from pathlib import Path

from tests.support import documents
from tests.support.documents import FIRST, SECOND, WHOLE

READ, FAILED, EITHER = "read", "failed", "either"
Made = dict[str, tuple[bytes, str]]
"""The bytes of each file by its name, and what must become of it."""

SECONDS = 20.0
MEMORY_MB = 400.0
_TEXTS = ("mhtml", "eml", "mbox", "csv", "html")
"""Kinds of which a part may be whole by itself."""
_ENTITIES = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><a>&d;</a>'
)
_OUTSIDE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


def build(folder: Path) -> dict[str, str]:
    """Fills a folder and says what must become of each file in it: read, failed, or either of them."""
    made: Made = {}
    for make in (
        _cut,
        _flipped,
        _mislabelled,
        _empty,
        _zips,
        _inside_zips,
        _pdfs,
        _mails,
        _rtfs,
        _tables,
        _jsons,
        _pages,
    ):
        made |= make()
    made |= {f"zz-good.{kind}": (data, READ) for kind, data in WHOLE.items()}
    made |= {"zz-good.md": (f"# Good\n\n{FIRST}".encode(), READ)}
    for name, (data, _) in made.items():
        (folder / name).write_bytes(data)
    return {name: outcome for name, (_, outcome) in made.items()}


def _cut() -> Made:
    """Each kind cut off at four places."""
    return {
        f"cut-{place}.{kind}": (data[: int(len(data) * part) or 1], EITHER if kind in _TEXTS else FAILED)
        for kind, data in WHOLE.items()
        for place, part in enumerate((0.1, 0.5, 0.8, 0.97))
    }


def _flipped() -> Made:
    """Each kind with bits flipped, few and many."""
    made: Made = {}
    for kind, data in WHOLE.items():
        for seed in range(5):
            chance, damaged = random.Random(f"{kind}{seed}"), bytearray(data)
            for _ in range(1 + seed * len(data) // 400):
                damaged[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            made[f"flipped-{seed}.{kind}"] = bytes(damaged), EITHER
    return made


def _mislabelled() -> Made:
    """Each kind under the ending of another one."""
    kinds = list(WHOLE)
    made: Made = {}
    for kind, other in zip(kinds, kinds[1:] + kinds[:1], strict=True):
        made[f"in-truth-{kind}.{other}"] = WHOLE[kind], EITHER if other in ("html", "zip", "eml") else FAILED
    return made


def _empty() -> Made:
    noise = random.Random(7).randbytes(20_000)
    made: Made = {f"empty.{kind}": (b"", FAILED) for kind in WHOLE}
    return made | {f"noise.{kind}": (noise, FAILED) for kind in WHOLE}


def _zips() -> Made:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = 0o120777 << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    good = WHOLE["zip"]
    return {
        "bomb.zip": (documents.zipped({"bomb.txt": b"0" * 90_000_000}), FAILED),
        "many-bombs.zip": (documents.zipped({f"{place}.txt": b"lock " * 2_000_000 for place in range(4)}), EITHER),
        "crowd.zip": (documents.zipped({f"{place}.txt": b"" for place in range(10_001)}), FAILED),
        "nested.zip": (documents.zipped({"inner.zip": good}), FAILED),
        "climbing.zip": (
            documents.zipped({"../../evil.txt": FIRST, "/etc/evil.txt": FIRST, "C:\\evil": FIRST}),
            FAILED,
        ),
        "link.zip": (out.getvalue(), FAILED),
        "locked.zip": (_locked(documents.zipped({"secret.txt": FIRST})), FAILED),
        "folders.zip": (documents.zipped({"a/": "", "b/": ""}), FAILED),
        "odd-names.zip": (documents.zipped({"a\nb\x01.txt": FIRST, "caf\u00e9 \u202e.txt": SECOND}), READ),
        "twins.zip": (documents.zipped({"a.txt": FIRST, "./a.txt": SECOND}), EITHER),
        "lying.zip": (good.replace(struct.pack("<I", len(FIRST)), struct.pack("<I", 2_000_000_000)), EITHER),
        "wrong-sum.zip": (good.replace(struct.pack("<I", zlib.crc32(FIRST.encode())), b"\1\2\3\4"), EITHER),
        "odd-method.zip": (good.replace(b"PK\1\2\x14\x03\x14\0\0\0\x08\0", b"PK\1\2\x14\x03\x14\0\0\0\x63\0"), EITHER),
        "prefix.zip": (b"MZ" * 500 + good, READ),
        "hostile-inside.zip": (
            documents.zipped({"a.pdf": b"%PDF-1.7 %%EOF", "b.html": "<p>" * 999, "c.txt": FIRST}),
            READ,
        ),
    }


def _locked(data: bytes) -> bytes:
    """A zip file whose entries say that they are encrypted."""
    changed = bytearray(data)
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        start = data.find(mark)
        while start >= 0:
            changed[start + place] |= 1
            start = data.find(mark, start + 4)
    return bytes(changed)


def _inside_zips() -> Made:
    """Word, OpenDocument and EPUB files with bombs, entities and missing parts."""
    bomb = b"<a>" + b" " * 90_000_000 + b"</a>"
    makes = {
        "docx": (documents.docx, "word/document.xml"),
        "odt": (documents.odt, "content.xml"),
        "epub": (documents.epub, "OPS/book.opf"),
    }
    made: Made = {}
    for kind, (make, part) in makes.items():
        made[f"bomb.{kind}"] = make(extra={part: bomb}), FAILED
        made[f"entities.{kind}"] = make(extra={part: _ENTITIES}), FAILED
        made[f"outside.{kind}"] = make(extra={part: _OUTSIDE}), FAILED
        made[f"outside-wide.{kind}"] = (
            make(extra={part: _OUTSIDE.replace("?><", ' encoding="utf-16"?><').encode("utf-16")}),
            FAILED,
        )
        made[f"broken-xml.{kind}"] = make(extra={part: "<a><b></a>"}), FAILED
        made[f"no-xml.{kind}"] = make(extra={part: random.Random(3).randbytes(900)}), FAILED
        made[f"hollow.{kind}"] = documents.zipped({"a.txt": FIRST}), FAILED
        made[f"locked.{kind}"] = _locked(make()), FAILED
    deep = "<w:tbl><w:tr><w:tc>" * 300 + "<w:p><w:r><w:t>x</w:t></w:r></w:p>" + "</w:tc></w:tr></w:tbl>" * 300
    return made | {
        "deep-xml.docx": (documents.docx(body=deep), EITHER),
        "very-deep-xml.odt": (documents.odt(body="<text:section>" * 5_000 + "</text:section>" * 5_000), FAILED),
        "long.docx": (
            documents.docx(body="<w:p><w:r><w:t>Boat after boat went by. </w:t></w:r></w:p>" * 20_000),
            EITHER,
        ),
        "old-word.docx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5_000), FAILED),
        "climbing.epub": (documents.epub(extra={"OPS/book.opf": _package("../../../../etc/passwd")}), FAILED),
        "missing-chapter.epub": (documents.epub(extra={"OPS/book.opf": _package("none.xhtml")}), FAILED),
        "drm.epub": (
            documents.epub(extra={"META-INF/encryption.xml": '<e><EncryptionMethod Algorithm=""/></e>'}),
            FAILED,
        ),
        "deep-chapter.epub": (documents.epub(["<div>" * 5_000]), FAILED),
        "no-chapter.epub": (documents.epub([]), FAILED),
        "locked-by-manifest.odt": (documents.odt(extra={"META-INF/manifest.xml": "<m><encryption-data/></m>"}), FAILED),
    }


def _package(place: str) -> str:
    return (
        f'<package><manifest><item id="a" href="{place}" media-type="text/html"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )


def _pdfs() -> Made:
    whole, root = WHOLE["pdf"], "<</Type/Catalog/Pages 2 0 R>>"
    stream = zlib.compress(b"BT (x) Tj ET " * 40_000_000, 9)
    return {
        "locked.pdf": (documents.pdf([[FIRST]], password="secret"), FAILED),
        "scan.pdf": (documents.scan(), FAILED),
        "blank.pdf": (documents.pdf([[], []]), FAILED),
        "bomb.pdf": (_drawn(stream, "/Filter /FlateDecode"), FAILED),
        "circle.pdf": (_objects("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 1>>"), FAILED),
        "no-pages.pdf": (_objects("<</Type/Catalog>>"), FAILED),
        "many-pages.pdf": (
            _objects(root, "<</Type/Pages/Kids[3 0 R]/Count 900000000>>", "<</Type/Page/Parent 2 0 R>>"),
            FAILED,
        ),
        "deep-arrays.pdf": (_objects("<</Type/Catalog/Pages 2 0 R>>", "[" * 100_000), FAILED),
        "deep-form.pdf": (_drawn(b"q " * 200_000 + b"BT /F1 9 Tf (x) Tj ET"), FAILED),
        "head-only.pdf": (b"%PDF-1.7\n%%EOF\n", FAILED),
        "no-end.pdf": (whole.replace(b"%%EOF", b""), FAILED),
        "no-table.pdf": (whole[: whole.rindex(b"xref\n", 0, whole.rindex(b"startxref"))] + b"\n%%EOF", EITHER),
        "far-table.pdf": (whole[: whole.rindex(b"startxref")] + b"startxref\n999999999\n%%EOF", EITHER),
        "garbage-first.pdf": (b"\0" * 500 + whole, READ),
        "long.pdf": (documents.pdf([[f"{number}. {FIRST}", SECOND] for number in range(150)]), READ),
    }


def _drawn(stream: bytes, about: str = "") -> bytes:
    return _objects(
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>",
        f"<</Length {len(stream)} {about}>>stream\n".encode() + stream + b"\nendstream",
    )


def _objects(*objects: str | bytes) -> bytes:
    """A PDF of these objects, without a table of their places."""
    pieces = [b"%PDF-1.7\n"]
    for number, one in enumerate(objects, 1):
        pieces.append(f"{number} 0 obj\n".encode() + (one.encode() if isinstance(one, str) else one) + b"\nendobj\n")
    return b"".join(pieces) + b"trailer<</Root 1 0 R/Size 9>>\nstartxref\n0\n%%EOF\n"


def _mails() -> Made:
    nested = "".join(
        f'Content-Type: multipart/mixed; boundary="{place}"\r\n\r\n--{place}\r\n' for place in range(2_000)
    )
    wide = "".join(f"--b\r\nContent-Type: text/plain\r\n\r\n{place}\r\n" for place in range(2_000))
    return {
        "nested.eml": (f"From: a@b.c\r\n{nested}".encode(), FAILED),
        "wide.eml": (f'From: a@b.c\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n{wide}--b--'.encode(), FAILED),
        "encrypted.eml": (b"From: a@b.c\nContent-Type: multipart/encrypted; boundary=b\n\n--b\n\nx\n--b--", FAILED),
        "no-head.eml": (FIRST.encode(), FAILED),
        "only-head.eml": (b"From: a@b.c\nSubject: Nothing\n\n", FAILED),
        "only-attachment.eml": (documents.eml(attached="plan.pdf"), FAILED),
        "bad-base64.eml": (b"From: a@b.c\nContent-Transfer-Encoding: base64\n\n!!!" + FIRST.encode(), EITHER),
        "bad-charset.eml": (b"From: a@b.c\nContent-Type: text/plain; charset=klingon\n\n" + FIRST.encode(), READ),
        "zip-charset.eml": (b"From: a@b.c\nContent-Type: text/plain; charset=zip\n\n" + FIRST.encode(), READ),
        "bad-subject.eml": (b"From: a@b.c\nSubject: =?utf-8?q?=ff=fe?= =?x?y?z?= \xff\n\n" + FIRST.encode(), READ),
        "bad-sender.eml": (b"From: \xff\xfe <<<@,;:\nSubject: Odd\n\n" + FIRST.encode(), READ),
        "bad-day.eml": (b"From: a@b.c\nDate: 99 Foo 99999 99:99:99\n\n" + FIRST.encode(), READ),
        "long-head.eml": (b"From: a@b.c\nSubject: " + b"lock " * 200_000 + b"\n\n" + FIRST.encode(), READ),
        "many-heads.eml": (b"From: a@b.c\n" + b"X-A: b\n" * 100_000 + b"\n" + FIRST.encode(), READ),
        "deep-page.eml": (documents.eml(html="<div>" * 10_000), FAILED),
        "all-quoted.eml": (documents.eml("> " + FIRST), READ),
        "no-message.mbox": (FIRST.encode(), FAILED),
        "hollow.mbox": (b"From a@b.c Fri\n\n\nFrom a@b.c Fri\n\n", FAILED),
        "same-ids.mbox": (documents.mbox([FIRST]) * 3, READ),
        "no-page.mhtml": (b"From: a@b.c\nContent-Type: text/plain\n\n" + FIRST.encode(), FAILED),
    }


def _rtfs() -> Made:
    return {
        "deep.rtf": (b"{\\rtf1 " + b"{" * 200_000 + FIRST.encode() + b"}" * 200_001, EITHER),
        "unclosed.rtf": (b"{\\rtf1 " + FIRST.encode(), FAILED),
        "pictures.rtf": (b"{\\rtf1 " + b"{\\pict " * 20_000 + b"}", EITHER),
        "hex.rtf": (b"{\\rtf1\\ansicpg99999 " + b"\\'ff" * 100_000 + b"}", EITHER),
        "bad-hex.rtf": (b"{\\rtf1 \\'zz\\u99999999? " + FIRST.encode() + b"}", EITHER),
        "only-head.rtf": (b"{\\rtf1}", FAILED),
    }


def _tables() -> Made:
    return {
        "no-text.csv": (b"name,price\nlock,5\n", FAILED),
        "only-head.csv": (b"title,text\n", FAILED),
        "unclosed.csv": (f'title,text\nA,"{FIRST}\nB,{SECOND}\n'.encode(), FAILED),
        "too-many-cells.csv": (f"title,text\nA,{FIRST}\n".encode(), FAILED),
        "large-cell.csv": (b"title,text\nA," + b"lock " * 2_200_000 + b"\n", FAILED),
        "nulls.csv": (b"title,text\nA,lo\0ck\n", FAILED),
        "wide.csv": (b",".join(b"c%d" % place for place in range(200_000)) + b"\n", FAILED),
        "utf16.csv": ("title\ttext\nCafé\tOne boat passed the lock.\n".encode("utf-16"), READ),
        "latin.csv": ("title;text\nCafé;Déjà quarante bateaux ont passé l'écluse.\n".encode("latin-1"), READ),
    }


def _jsons() -> Made:
    many = json.dumps([{"text": "One boat passed the lock."}] * 3)
    return {
        "deep.json": (b"[" * 200_000, FAILED),
        "deep-whole.json": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, FAILED),
        "scalar.json": (b"17", FAILED),
        "numbers.json": (b"[1, 2, 3]", FAILED),
        "long-number.json": (b'[{"text": ' + b"9" * 10_000 + b"}]", FAILED),
        "no-text.json": (b'[{"a": 1}]', FAILED),
        "empty-list.json": (b"[]", FAILED),
        "wrong-type.json": (b'[{"text": {"a": [1]}}]', FAILED),
        "mixed.json": (f'[{{"text": "{FIRST}"}}, 17]'.encode(), READ),
        "same.json": (many.encode(), READ),
        "half-pair.json": (b'[{"text": "Half a pair \\ud800 stands here, and the lock is open."}]', READ),
    }


def _pages() -> Made:
    return {
        "attributes.html": (b"<p " + b'a="b" ' * 1_000_000 + b">" + FIRST.encode(), EITHER),
        "one-tag.html": (b"<" * 1_000_000, EITHER),
        "open.html": (b"<b><i>" * 150 + FIRST.encode(), EITHER),
        "tables.html": (b"<table><tr><td>" * 200 + FIRST.encode(), EITHER),
        "links.html": (b"<a href='x'>lock</a> " * 10_000, EITHER),
        "entity.html": (b"<p>&#99999999999; &lt;" + FIRST.encode() + b"</p>", READ),
    }


def told(folder: Path) -> dict[str, object]:
    """What comes of the files of a folder, and the most memory this process and its parsers take."""
    from rag.sources import Sandbox, read
    from rag.types import Article

    started = time.monotonic()
    with Sandbox(seconds=SECONDS, memory_mb=MEMORY_MB) as sandbox:
        items = list(read([str(folder)], sandbox=sandbox))
    reasons = Counter(item.reason for item in items if not isinstance(item, Article))
    return {
        "articles": sum(isinstance(item, Article) for item in items),
        "failures": sum(reasons.values()),
        "peak_mb": _peak_mb(),
        "parsers_peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        "seconds": round(time.monotonic() - started, 1),
        "reasons": reasons.most_common(),
        "items": [
            [item.origin, item.id, ""] if isinstance(item, Article) else [item.source, "", item.reason]
            for item in items
        ],
    }


def _peak_mb() -> int:
    """The most memory this process has held; 0 where the system does not say."""
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+)", status.read_text()) if status.exists() else None
    return int(found[1]) // 1024 if found else 0


def file_of(folder: Path, place: str) -> str:
    """The file in the corpus that an article or failure names, be it by an entry or a line of it."""
    return place.removeprefix(f"{folder}/").split("/")[0].split(":")[0].split("#")[0]


def main() -> None:
    """Builds the corpus and counts what comes of it and of hostile servers; with a folder, reads that as JSON."""
    if len(sys.argv) > 1:
        sys.stdout.write(json.dumps(told(Path(sys.argv[1]))))
        return
    from tests.support import hostile_servers

    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as index:
        outcomes = build(Path(home))
        # In a process of its own, since what was built here would count as memory of the reading.
        done = subprocess.run(
            [sys.executable, "-m", "tests.support.hostile_corpus", home], capture_output=True, check=True
        )
        found, web = json.loads(done.stdout), hostile_servers.told(Path(index))
    named = {file_of(Path(home), place) for place, *_ in found.pop("items")}
    counts = {
        "files": len(outcomes),
        "servers": web["servers"],
        "articles": found["articles"] + web["articles"],
        "failures": found["failures"] + web["failures"],
        "silent": len(set(outcomes) - named) + len(web["silent"]),
    }
    sys.stdout.write(json.dumps({**counts, "of files": found, "of servers": web}, indent=1) + "\n")


if __name__ == "__main__":
    main()
