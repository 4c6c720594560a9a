"""A network namespace of its own, in which every look-up and every connection to elsewhere is seen."""

import ctypes
import fcntl
import os
import socket
import struct
import threading
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

_NEW_USER, _NEW_MOUNTS, _NEW_NETWORK = 0x10000000, 0x20000, 0x40000000
_BIND, _RECURSIVE, _PRIVATE = 4096, 16384, 1 << 18
_ADD_ROUTE, _REQUEST, _ACKNOWLEDGE, _CREATE = 24, 1, 4, 0x400
_LOCAL_TABLE, _BOOT, _HOST, _LOCAL, _OUTPUT_DEVICE = 255, 3, 254, 2, 4
_READ_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1
_ALL_PROTOCOLS, _IPV6 = 3, 0x86DD
_TCP, _UDP, _ICMP, _ICMPV6, _SYN, _ACK = 6, 17, 1, 58, 2, 16
# What the kernel itself says by ICMP: "unreachable", and on IPv6 who is there.
_KERNEL = {(_ICMP, 3), (_ICMPV6, 1), *((_ICMPV6, kind) for kind in range(130, 144))}


class NoNamespaceError(Exception):
    """This system gives us no namespace; the text says why."""


def enter(folder: Path) -> None:
    """Moves this process into a network of loopback alone, whose resolver is on 127.0.0.1.

    Every address leads to loopback there, so that whatever is sent to one can be seen on it. The process may have but
    one thread; `folder` takes two small files.
    """
    user, group = os.geteuid(), os.getegid()
    try:
        try:
            _call("unshare", _NEW_NETWORK | _NEW_MOUNTS)
        except OSError:
            _call("unshare", _NEW_USER | _NEW_NETWORK | _NEW_MOUNTS)
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"0 {user} 1")
            Path("/proc/self/gid_map").write_text(f"0 {group} 1")
        _call("mount", b"none", b"/", None, _RECURSIVE | _PRIVATE, None)
        _replace("/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n", folder)
        _replace("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n", folder)
        _raise_loopback()
        _route(socket.AF_INET)
        switch = Path("/proc/sys/net/ipv6/conf/lo/disable_ipv6")
        if switch.exists() and switch.read_text().strip() == "0":
            _route(socket.AF_INET6)
    except OSError as error:
        raise NoNamespaceError(f"no network namespace can be made here: {error}") from error


def _call(name: str, *given: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*given):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _replace(path: str, text: str, folder: Path) -> None:
    """Lays another file over one of the system, for this process and its children."""
    if not (target := Path(path).resolve()).exists():
        return
    (ours := folder / target.name).write_text(text)
    _call("mount", bytes(ours), bytes(target), None, _BIND, None)


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        request = fcntl.ioctl(one, _READ_FLAGS, struct.pack("16sH22x", b"lo", 0))
        (flags,) = struct.unpack_from("H", request, 16)
        fcntl.ioctl(one, _SET_FLAGS, struct.pack("16sH22x", b"lo", flags | _UP))


def _route(family: int) -> None:
    """Has the kernel take every address of a family to be here."""
    route = struct.pack("BBBBBBBBI", family, 0, 0, 0, _LOCAL_TABLE, _BOOT, _HOST, _LOCAL, 0)
    route += struct.pack("HHi", 8, _OUTPUT_DEVICE, socket.if_nametoindex("lo"))
    header = struct.pack("IHHII", 16 + len(route), _ADD_ROUTE, _REQUEST | _ACKNOWLEDGE | _CREATE, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        netlink.send(header + route)
        (error,) = struct.unpack_from("i", netlink.recv(4096), 16)
    if error:
        raise OSError(-error, f"a route to loopback: {os.strerror(-error)}")


@dataclass
class Watch:
    """Sees the names that are looked up and the addresses that are sent to, from when it is made."""

    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Listens in two threads that end with the process."""
        packets = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ALL_PROTOCOLS))
        resolver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        resolver.bind(("127.0.0.1", 53))
        threading.Thread(target=self._read_packets, args=(packets,), daemon=True).start()
        threading.Thread(target=self._resolve, args=(resolver,), daemon=True).start()

    def _read_packets(self, packets: socket.socket) -> None:
        while True:
            packet, (_, protocol, *_) = packets.recvfrom(65536)
            if found := sent_elsewhere(packet, protocol == _IPV6):
                self.seen.add(found)

    def _resolve(self, resolver: socket.socket) -> None:
        while True:
            query, client = resolver.recvfrom(4096)
            self.seen.add(f"looked up {name_in(query)}")
            # There is no such name.
            resolver.sendto(query[:2] + b"\x81\x83" + query[4:6] + bytes(6) + query[12:], client)


def name_in(query: bytes) -> str:
    """The name that a DNS query asks about."""
    labels, at = [], 12
    while at < len(query) and (size := query[at]):
        labels.append(query[at + 1 : at + 1 + size].decode("ascii", "replace"))
        at += 1 + size
    return ".".join(labels)


def sent_elsewhere(packet: bytes, is_ipv6: bool) -> str:
    """What a packet tries to reach that is not loopback, or nothing."""
    if is_ipv6:
        protocol, address, rest = packet[6], ip_address(packet[24:40]), packet[40:]
    else:
        protocol, address, rest = packet[9], ip_address(packet[16:20]), packet[(packet[0] & 15) * 4 :]
    if address.is_loopback or (protocol, rest[0]) in _KERNEL:
        return ""
    if protocol == _TCP and rest[13] & (_SYN | _ACK) != _SYN:  # the answer to one that was seen
        return ""
    name = {_TCP: "TCP", _UDP: "UDP"}.get(protocol, f"protocol {protocol}")
    port = f" port {int.from_bytes(rest[2:4], 'big')}" if protocol in (_TCP, _UDP) else ""
    return f"sent to {address}{port} ({name})"
