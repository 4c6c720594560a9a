"""Messages as Outlook saves them, made here: compound files of storages and streams.

https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-cfb
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

Tree = Mapping[str, "bytes | Tree"]

SECTOR, SMALL, CUTOFF = 512, 64, 4096
FREE, END, FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


@dataclass
class Chains:
    """Sectors of one size, and which follows which."""

    size: int
    data: bytearray = field(default_factory=bytearray)
    links: list[int] = field(default_factory=list)

    def add(self, content: bytes) -> int:
        """Add the content of a stream; return its first sector."""
        if not content:
            return END
        first, count = len(self.links), -(-len(content) // self.size)
        self.links += [*range(first + 1, first + count), END]
        self.data += content.ljust(count * self.size, b"\0")
        return first


def compound(tree: Tree) -> bytes:
    """A compound file that holds streams and storages by their names."""
    large, small = Chains(SECTOR), Chains(SMALL)
    entries: list[bytes] = []

    def add(name: str, content: bytes | Tree, kind: int) -> int:
        place = len(entries)
        entries.append(b"")
        if isinstance(content, bytes):
            start = (small if len(content) < CUTOFF else large).add(content)
            entries[place] = entry(name, kind, FREE, start, len(content))
        else:
            children = [add(child, inner, 2 if isinstance(inner, bytes) else 1) for child, inner in content.items()]
            for left, right in pairwise(children):
                entries[left] = entries[left][:72] + struct.pack("<I", right) + entries[left][76:]
            entries[place] = entry(name, kind, children[0] if children else FREE, END, 0)
        return place

    add("Root Entry", tree, 5)
    start = large.add(bytes(small.data))
    entries[0] = entries[0][:116] + struct.pack("<IQ", start, len(small.data))
    table = large.add(struct.pack(f"<{len(small.links)}I", *small.links))
    tables = -(-4 * len(small.links) // SECTOR)
    directory = large.add(b"".join(entries))
    own = 1
    while own * SECTOR // 4 < len(large.links) + own:
        own += 1
    first = len(large.links)
    links = [*large.links, *[FAT_SECTOR] * own]
    links += [FREE] * (own * SECTOR // 4 - len(links))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    head += struct.pack(
        "<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, own, directory, 0, CUTOFF, table, tables, END, 0, first
    )
    head += struct.pack("<108I", *range(first + 1, first + own), *[FREE] * (109 - own))
    return head + bytes(large.data) + struct.pack(f"<{len(links)}I", *links)


def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    """An entry of the directory, without a sibling."""
    wide = name.encode("utf-16-le")
    return struct.pack("<64sHBBIII16sI16sIQ", wide, len(wide) + 2, kind, 1, FREE, FREE, child, b"", 0, b"", start, size)


def properties(header: int, sent: datetime | None = None) -> bytes:
    """The stream of those properties that have a fixed size."""
    ticks = int((sent - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10**7 if sent else 0
    return bytes(header) + (struct.pack("<HHIQ", 0x0040, 0x0039, 6, ticks) if sent else b"")


def message(
    subject: str,
    text: str,
    *,
    page: str = "",
    sender: str = "Ann Lee",
    sent: datetime | None = None,
    attached: Sequence[Tree] = (),
    header: int = 32,
) -> Tree:
    """The storages and streams of a message; `header` is 24 for one that is attached."""
    return {
        "__properties_version1.0": properties(header, sent),
        "__substg1.0_0037001F": subject.encode("utf-16-le"),
        "__substg1.0_0C1A001F": sender.encode("utf-16-le"),
        "__substg1.0_5D01001E": b"ann@example.org",
        "__substg1.0_1000001F": text.encode("utf-16-le"),
        **({"__substg1.0_10130102": page.encode()} if page else {}),
        **{f"__attach_version1.0_#{number:08X}": tree for number, tree in enumerate(attached)},
    }


def attached_file(name: str, data: bytes, kind: str) -> Tree:
    """The storage of a file that is attached."""
    return {
        "__properties_version1.0": properties(8),
        "__substg1.0_3707001F": name.encode("utf-16-le"),
        "__substg1.0_370E001F": kind.encode("utf-16-le"),
        "__substg1.0_37010102": data,
    }


def attached_message(inner: Tree) -> Tree:
    """The storage of a message that is attached."""
    return {"__properties_version1.0": properties(8), "__substg1.0_3701000D": inner}
