"""Inputs to begin with, each well formed or known to have been trouble."""

import bz2
import gzip
import io
import json
import lzma
import zipfile
from ipaddress import ip_address

from tests.conftest import SEEDS
from tests.support import documents
from tests.support.known_pages import known
from tests.support.non_articles import NO_ARTICLES
from tests.support.poisoned_articles import POISONS

MARKDOWN = [path.read_bytes() for path in sorted(SEEDS.glob("*.md"))[:6]] + [
    b"---\ntitle: [Locks, Gates]\ndate: 5\nauthor: {a: Ann}\nid: 7\n---\nForty boats went through before noon.",
    b"---\n\nThe canal.\n\n---\n\nNote: this: is no front matter.\n",
    b"---\na: &a [x]\nb: *a\n---\n",
    b'+++\ntitle = "Locks"\ndate = 2024-01-05T10:00:00Z\n[params]\nauthor = ["Ann"]\n+++\nForty {{< boats >}} went.',
    b"title:: Locks\ndate:: 5\n\n- See [[a/b#c|d]] %%e%% ==f== ![[g.png]] ^h1\n  id:: 64a\n\n> [!note]- i\n> j[^k]\n\n"
    b"[^k]: l\n",
    b"---\ntitle: a: b\nauthor: @c\n---\nimport D from 'e'\n\n<D f={{g: 1}}/> {/* h */}\n\n"
    b'!!! i "j"\n    k\n:::l\nm\n:::\n',
    b"# Locks\n\n| a | b |\n|---|---|\n| 1 | ~~2~~ |\n\n1. one\n   - two\n\n```\ncode\n```\n> said\n\n![p](u) [l](v)\n",
]
TEXTS = [
    *(document.split(b"---", 2)[2] for document in MARKDOWN[:4]),
    b"Old locks\n\nBy Ann Lee\nUpdated: Jan. 5, 2024 8:00 a.m.\n\nThe gates of the old canal were opened again, said "
    b"Mr. Lee.\n\nShare\n0:00 / 1:20\nThe gates of the old canal were opened again, said Mr. Lee.\n",
    "“It is open,” she said. (No. 5.) «Déjà.» 新的运河闸门重新开放。中午有四十艘船。\u2029👩\u200d✈️ U.S. 1. a".encode(),
]
POISON = [poison.text.encode() for poison in POISONS[:12]]
ANSWERS = [
    b"The bridge closed [ab12]. It reopened [ab12, q7xk9]. **[1]** (see [zz99]) \xe3\x80\x90q7xk9\xe3\x80\x91",
    b"<think>a</think>Yes.\n```py\nx[ab12]\n```\n![a](http://e.x) [b](javascript:c) <img src=x> [d]: e/f\n<!-- g -->",
    b"- [[ab12]] _q7xk9_ \\[ab12] [ab12](u) [ab12][q7xk9] `[ab12]` ~~~\n[ab12]\n~~~ __b_\xe2\x80\x8b[a\xe2\x80\x8bb12]",
]
DAYS = [
    *(b"2024-01-05", b"20240105T101112Z", b"5 January 2024", b"Jan. 5, 2024", b"05/06/2024", b"13.2.2022"),
    *("2024年1月5日", "5 août 2024", "٥ يناير ٢٠٢٤"),
]
DAYS = [day if isinstance(day, bytes) else day.encode() for day in DAYS]
POINTERS = [
    *(b"generation-0002\ngeneration-0001\n", b"generation-0001\n", b"copy-0003 120\n", b". 0\n"),
    *(b"../../etc", b"/etc/passwd", b"generation-0001/../..", b""),
]
_MODEL = {"name": "m", "sha256": "00", "dimension": 4, "window": 64}
_BUILT = {"model": _MODEL, "splitter": "s", "remote": False, "collection": "rag-00", "created": 1.5, "schema": 1}
STATES = [json.dumps(state).encode() for state in (_BUILT, {"state": "1", "questions": ["Why did the lock close?"]})]
ADDRESSES = [
    b"https://user@www.Example.com:443/a/../b?utm_source=x&id=1#top\n//other.example/c",
    b"http://0x7f.1/\nhttp://2130706433/", b"http://[::ffff:127.0.0.1]:8080/\nhttp://[fe80::1%25eth0]/",
    "http://１２７.０.０.１/\nhttps://bücher.example/ü".encode(), b"http://127.0.0.1.:80/\n/up?a=b&fbclid=1",
    b"http://017700000001\nhttp:\\\\10.0.0.1\\", b"http://localhost.\n\thttp://169.254.169.254/latest",
    "http://①②⑦.⓪.⓪.①/\nhttp:///evil.example@10.0.0.1/".encode(),
]  # fmt: skip
_MACHINES = (
    ("93.184.216.34", "10.0.0.1"), ("127.0.0.1",), ("169.254.169.254",), ("100.64.0.1", "8.8.8.8"), ("192.0.0.192",),
    ("::1",), ("fe80::1",), ("::ffff:10.0.0.1", "2606:4700::1111"), ("64:ff9b::a00:1",), ("2002:7f00:1::",),
    ("2001:0:5ef5:79fb::1",), ("fd00:ec2::254",), ("64:ff9b::5db8:d822",),
)  # fmt: skip
MACHINES = [
    (b"\xff" if ":" in hosts[0] else b"\0") + b"".join(ip_address(host).packed for host in hosts) for hosts in _MACHINES
]
PAGES = [markup.encode() for *_, markup in list(known())[::5]] + [case[-1].encode() for case in NO_ARTICLES[::6]]
FEEDS = [
    b"<?xml version='1.0'?><rss version='2.0'><channel><title>Canal</title><item><title>Locks &amp; gates</title>"
    b"<link>/a</link><pubDate>Fri, 05 Jan 2024 10:00:00 GMT</pubDate><description>&lt;p&gt;Forty boats&lt;/p&gt;"
    b"</description><guid isPermaLink='true'>http://e.example/a</guid></item></channel></rss>",
    b"<feed xmlns='http://www.w3.org/2005/Atom'><title>C</title><entry><title type='html'>L</title><link href='/b'/>"
    b"<updated>2024-01-05T10:00:00Z</updated><author><name>Ann</name></author><content type='xhtml'><div>x</div>"
    b"</content></entry></feed>",
    b'{"version": "https://jsonfeed.org/version/1.1", "title": "C", "items": [{"id": "1", "url": "https://e.example/c",'
    b' "content_html": "<p>x</p>", "date_published": "2024-01-05T10:00:00-08:00", "authors": [{"name": "Ann"}]}]}',
    b"<!DOCTYPE rss [<!ENTITY a 'b'>]><rss><channel><item><title>&a;</title><link>/d</link></item></channel></rss>",
]
LISTS = [
    b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>https://e.example/a</loc><lastmod>"
    b"2024-01-05</lastmod></url></urlset>",
    b"<sitemapindex><sitemap><loc>/b.xml</loc></sitemap></sitemapindex>",
    b"<opml version='2.0'><body><outline xmlUrl='https://e.example/f'/></body></opml>",
    b"# mine\nhttps://e.example/a\nhttp://e.example/b\n",
    gzip.compress(b"<urlset><url><loc>https://e.example/z</loc></url></urlset>", mtime=0),
]
_GOOD_LINES = b"\n".join(
    json.dumps(line).encode()
    for line in (
        {
            "id": "a",
            "title": "Locks",
            "text": "Forty boats went through.",
            "date": "2024-01-05",
            "url": "https://e.x/a",
        },
        {"text": "No id.", "author": ["Ann", "Lee"], "more": {"deep": [1, None, 2.5]}},
    )
)
_LINES = [_GOOD_LINES, _GOOD_LINES + b'\n{"id": "b"}\n[]\n{']
_WHOLE = documents.WHOLE
_SRT = (
    b"1\n00:00:01,000 --> 00:00:04,000\nANN LEE: Forty boats\n- went <i>by</i>.\n\n2\n00:00:05,000 --> 00:00:06,000\n\n"
)
_TAR = documents.tarred({"a.txt": documents.FIRST.encode(), "b.md": documents.SECOND.encode(), "c.rtf": _WHOLE["rtf"]})
_RIS = b"TY  - JOUR\nTI  - Locks\nAU  - Lee, Ann\nDA  - 2024/01/05/\nAB  - Forty boats\nwent by.\nER  - \n"
_BIB = b'@article{a, title={L{\\"o}cks}, author = {Lee, Ann and Bo Li}, year=5, abstract = "Forty " # {b}}\n'
_FILES = {
    ".jsonl": _LINES,
    ".jsonl.gz": [gzip.compress(lines, mtime=0) for lines in _LINES],
    ".html": [_WHOLE["html"], *PAGES],
    ".md": MARKDOWN,
    ".txt": [*TEXTS, "L'écluse a été rouverte.".encode("latin-1"), "运河闸门于星期二重新开放。".encode("utf-16")],
    ".pdf": [
        _WHOLE["pdf"],
        documents.pdf([[documents.FIRST]], head="The Post", heading="Canal open"),
        documents.two_columns(["Forty boats", "went by."], ["The ferry", "returns."], "Canal", by_rows=True),
    ],
    ".docx": [_WHOLE["docx"]],
    ".xlsx": [_WHOLE["xlsx"]],
    ".pptx": [_WHOLE["pptx"]],
    ".ris": [_RIS, _RIS * 2],
    ".bib": [_BIB, _BIB + b"@a{b, c="],
    ".odt": [_WHOLE["odt"]],
    ".epub": [_WHOLE["epub"]],
    ".rtf": [_WHOLE["rtf"]],
    ".mhtml": [_WHOLE["mhtml"]],
    ".eml": [
        _WHOLE["eml"],
        documents.eml(
            documents.FIRST + "\n\n> quoted\n-- \nAnn", documents.page(), "List-Id: <a>\r\n", attached="plan.pdf"
        ),
    ],
    ".mbox": [_WHOLE["mbox"]],
    ".msg": [_WHOLE["msg"]],
    ".csv": [_WHOLE["csv"]],
    ".tsv": [f"title\ttext\nCanal\t{documents.FIRST}\n".encode()],
    ".json": [_WHOLE["json"]],
    ".xml": [*FEEDS, *LISTS],
    ".srt": [_SRT],
    ".vtt": [b"WEBVTT - A talk\n\nNOTE no\n\na\n00:01.000 --> 00:04.000 x\n<v Ann>Forty <c>boats\n<v Bo>went</v>.\n"],
    ".tar": [_TAR],
    ".tgz": [gzip.compress(_TAR, mtime=0)],
    ".tbz2": [bz2.compress(_TAR)],
    ".txz": [lzma.compress(_TAR)],
    ".gz": [gzip.compress(documents.FIRST.encode(), mtime=0)],
    ".bz2": [bz2.compress(documents.FIRST.encode())],
    ".xz": [lzma.compress(documents.FIRST.encode())],
    ".zip": [
        _WHOLE["zip"],
        documents.zipped(
            {"a.txt": documents.FIRST, "../b.md": documents.SECOND, "c.rtf": _WHOLE["rtf"]},
            ["a.txt", "../b.md", "c.rtf"],
        ),
        documents.zipped({f"d.{kind}": data for kind, data in _WHOLE.items()}),
    ],
}
_SAME = {
    ".ndjson": ".jsonl", ".ndjson.gz": ".jsonl.gz", ".htm": ".html", ".xhtml": ".html", ".markdown": ".md",
    ".mdown": ".md", ".mkd": ".md", ".mdx": ".md", ".qmd": ".md",
    ".rss": ".xml", ".atom": ".xml", ".rdf": ".xml", ".opml": ".xml", ".webloc": ".xml",
    ".docm": ".docx", ".ott": ".odt", ".mht": ".mhtml", ".mbx": ".mbox", ".tab": ".tsv",
    ".pptm": ".pptx", ".ppsx": ".pptx", ".xlsm": ".xlsx", ".xltx": ".xlsx",
}  # fmt: skip
FOUND = {
    "addresses": [b"\n:a://[", "http://[::f1%]é]/".encode()],
    "feeds": [b"<rss><channel><item><link>/a</link><pubDate></pubDate></item></channel></rss>"],
    "file-JsonLines": [b"", b"\0\n \n"],
    "front-matter": [b"---\ntitle: a\x05\n---\nb"],
    "pages": [b"\0<a href=d><d><a href=0>a s r"],
}
"""What broke a promise once, as small as it can be."""


def of(suffix: str) -> list[bytes]:
    """Files of a kind, the first of them well formed."""
    return _FILES[_SAME.get(suffix, suffix)]


PARTS = [
    (documents.docx, "word/document.xml"),
    (documents.docx, "word/footnotes.xml"),
    (documents.docx, "docProps/core.xml"),
    (documents.docx, "word/styles.xml"),
    (documents.odt, "content.xml"),
    (documents.odt, "meta.xml"),
    (documents.epub, "META-INF/container.xml"),
    (documents.epub, "OPS/book.opf"),
    (documents.epub, "OPS/text/c0.xhtml"),
]
"""What makes a packed document, and the part of it that is fuzzed, since packed bytes are refused by their sum."""
_STYLES = (
    '<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:style w:type="paragraph" '
    'w:styleId="Heading1"><w:name w:val="heading 1"/></w:style></w:styles>'
)


def parts() -> list[bytes]:
    """Each part as it is in a good document, behind its place among them."""
    found = []
    for place, (make, part) in enumerate(PARTS):
        with zipfile.ZipFile(io.BytesIO(make())) as packed:
            whole = packed.read(part) if part in packed.namelist() else _STYLES.encode()
        found.append(bytes([place]) + whole)
    return found
