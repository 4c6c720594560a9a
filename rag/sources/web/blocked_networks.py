"""Decide which IP addresses may be contacted (SSRF protection): each blocked network with its RFC.

Python's `is_global` knows most networks of the registry that are not public, among them the shared addresses of
providers (RFC 6598), documentation (RFC 5737) and benchmarks (RFC 2544). Here stand those that need a rule of their
own, or that `is_global` of some Python versions lets through.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

_IPAddress = IPv4Address | IPv6Address


def _networks(*networks: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(map(ip_network, networks))


_PRIVATE = _networks(
    "10.0.0.0/8",  # RFC 1918: the network of a home or a company
    "172.16.0.0/12",  # RFC 1918
    "192.168.0.0/16",  # RFC 1918
    "fc00::/7",  # RFC 4193: the same in IPv6 (unique local)
)
"""Networks behind this machine: routers, printers, databases; contacted only where `private` lets them through."""
_NEVER = _networks(
    "169.254.0.0/16",  # RFC 3927: link-local; at 169.254.169.254 clouds hand out the credentials of a machine
    "fe80::/10",  # RFC 4291: link-local
    "fd00:ec2::254/128",  # metadata of Amazon's cloud, within RFC 4193
    "fd20:ce::254/128",  # metadata of Google's cloud, within RFC 4193
    "100.100.100.200/32",  # metadata of Alibaba's cloud, within RFC 6598
    "168.63.129.16/32",  # Azure's host, at a public address
    "192.0.0.0/24",  # RFC 6890: IETF protocols; metadata of Oracle's cloud at 192.0.0.192
)
"""Link-local addresses, and those at which clouds hand out the credentials of a machine: never contacted."""
_NOT_PUBLIC = _networks(
    "0.0.0.0/8",  # RFC 1122: this host on this network; Linux connects 0.0.0.0 to itself
    "192.88.99.0/24",  # RFC 7526: relays of 6to4, deprecated
    "192.31.196.0/24",  # RFC 7535: AS112, which swallows questions about private addresses
    "192.52.193.0/24",  # RFC 7450: multicast tunnels (AMT)
    "192.175.48.0/24",  # RFC 7534: AS112
    "2001::/23",  # RFC 2928: IETF protocols, among them Teredo (RFC 4380), which wraps IPv4
    "2001:db8::/32",  # RFC 3849: documentation
    "2002::/16",  # RFC 3056: 6to4, which wraps IPv4
    "3fff::/20",  # RFC 9637: documentation
    "2620:4f:8000::/48",  # RFC 7534: AS112
)
"""What `is_global` of some Python versions lets through although no page is served there: relays, wrapped IPv4."""
_GLOBAL_UNICAST = ip_network("2000::/3")  # RFC 4291: all public addresses of IPv6
_NAT64 = ip_network("64:ff9b::/96")  # RFC 6052


def is_allowed_ip(ip: str, *, private: bool = False, loopback: bool = False) -> bool:
    """Whether an IP address may be contacted: a public one, or a private or loopback one that is let through.

    Link-local and cloud metadata addresses never are, nor IPv6 addresses that wrap an IPv4 address, but for those of
    NAT64 (RFC 6052) around a public one, by which hosts without IPv6 are reached from networks that have nothing else.
    """
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    if (isinstance(address, IPv6Address) and address.scope_id) or _is_in(address, _NEVER):
        return False
    if address in _NAT64:
        return is_allowed_ip(str(IPv4Address(address.packed[-4:])))
    if address.is_loopback:
        return loopback
    if _is_in(address, _PRIVATE):
        return private
    is_public = address.is_global and not address.is_multicast and not _is_in(address, _NOT_PUBLIC)
    return is_public and (address.version == 4 or address in _GLOBAL_UNICAST)


def _is_in(address: _IPAddress, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return any(address in network for network in networks)
