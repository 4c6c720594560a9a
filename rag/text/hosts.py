"""Parse hosts and IP addresses, and tell which are this machine (pure)."""

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine: a loopback address or the name localhost, but no other name."""
    bare = host.strip().removeprefix("[").removesuffix("]").lower()
    return bare == "localhost" or ((address := parse_address(bare)) is not None and address.is_loopback)


def is_loopback_url(url: str) -> bool:
    """Return whether the host of a URL is this machine."""
    return is_loopback(urlsplit(url).hostname or "")


def parse_address(host: str, *, unmap: bool = True) -> Address | None:
    """Parse an IP address, None where it is none; an IPv4 address mapped into IPv6 is taken out unless not `unmap`."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address if unmap else address
