"""Normalise web addresses, and decide which hosts may be asked."""

import re
import unicodedata
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from rag.errors import SourceError

_LONGEST = 2_000
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://(?:www\.)?")
_WEB = re.compile(r"https?:", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
"""A host that ends in a number, which resolvers take for an IPv4 address in one of its odd spellings."""
_PORTS = {"http": 80, "https": 443}

# Only names that nothing but tracking uses: `ref`, `source`, `cid` and `session` name the page itself on some sites.
_TRACKING = re.compile(
    r"(?:utm_\w+|mtm_\w+|pk_(?:campaign|kwd|source|medium)|at_(?:medium|campaign)|fbclid|gclid|gclsrc|dclid|gbraid"
    r"|wbraid|msclkid|yclid|ysclid|twclid|ttclid|igshid|igsh|li_fat_id|epik|srsltid|mc_[ce]id|mkt_tok|_hsenc|_hsmi"
    r"|__hs\w+|hsctatracking|vero_(?:id|conv)|oly_(?:anon|enc)_id|_ga|_gl|wt_mc|wickedid|rb_clickid)(?:=|$)",
    re.IGNORECASE,
)

_HOME = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
_METADATA = tuple(map(ip_network, (
    "169.254.0.0/16", "fe80::/10", "fd00:ec2::254/128", "fd20:ce::254/128", "100.100.100.200/32", "168.63.129.16/32",
    "192.0.0.0/24",
)))  # fmt: skip
"""Link-local addresses, and those at which clouds hand out the credentials of a machine."""
_NOT_PUBLIC = tuple(map(ip_network, (
    "0.0.0.0/8", "192.88.99.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24",
    "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48",
)))  # fmt: skip
"""What `is_global` of some Python versions lets through although no page is served there: relays, wrapped IPv4."""
_UNICAST = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")


def normalised(url: str) -> str:
    """The address as it is fetched and remembered: as `fetchable` gives it, without tracking parameters."""
    head, mark, query = fetchable(url).partition("?")
    kept = "&".join(part for part in query.split("&") if not _TRACKING.match(part))
    return f"{head}{mark}{kept}" if kept else head


def fetchable(url: str) -> str:
    """The address with host and scheme in lower case, in ASCII, without default port and fragment.

    Path and query keep their spelling and order. Raises SourceError for anything but an http or https address of a
    host, for credentials in it, white space, control characters, a port that is none and over 2,000 characters.
    """
    from httpx import URL, InvalidURL

    _check_characters(url)
    try:
        parsed = URL(url)
        host = _host(parsed.raw_host.decode())
    except UnicodeError as error:
        raise SourceError("not a web address: its host is not a name") from error
    except (InvalidURL, ValueError) as error:
        raise SourceError(f"not a web address: {' '.join(str(error).split()).lower()[:100]}") from error
    if parsed.userinfo:
        raise SourceError("an address with a name or password in it is not read")
    port = parsed.port
    if port is not None and not 0 < port < 65536:
        raise SourceError(f"not a web address: there is no port {port}")
    scheme = parsed.scheme.lower()
    netloc = host + (f":{port}" if port not in (None, _PORTS[scheme]) else "")
    found = f"{scheme}://{netloc}{parsed.raw_path.decode() or '/'}"
    if len(found) > _LONGEST:
        raise SourceError(f"an address over {_LONGEST:,} characters is not read")
    return found


def redirected(base: str, location: str) -> str:
    """The address that a redirect at `base` leads to; raises SourceError where it is none that may be fetched."""
    from httpx import URL, InvalidURL

    location = location.strip().replace(" ", "%20")
    if not location:
        raise SourceError("redirects to nowhere")
    if len(location) > _LONGEST:
        raise SourceError(f"an address over {_LONGEST:,} characters is not read")
    try:
        return fetchable(str(URL(base).join(location)))
    except (InvalidURL, ValueError) as error:
        raise SourceError("redirects to something that is no web address") from error


def same_article(url: str) -> str:
    """The id of the article at an address: the address without scheme, `www.` and trailing slash."""
    return name_of(normalised(url))


def name_of(url: str) -> str:
    """The id of an article by its address as someone wrote it down, without a look at whether it is a good one."""
    return _SCHEME.sub("", url).partition("#")[0].rstrip("/")


def reachable(ip: str, private: bool = False, loopback: bool = False) -> bool:
    """Whether an IP address may be contacted: a public one, or one of the ranges that are let through.

    Link-local and cloud metadata addresses never are, nor IPv6 addresses that wrap an IPv4 address, but for those of
    NAT64 (RFC 6052) around a public one, by which hosts without IPv6 are reached from networks that have nothing else.
    """
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    if (isinstance(address, IPv6Address) and address.scope_id) or _among(address, _METADATA):
        return False
    if address in _NAT64:
        return reachable(str(IPv4Address(address.packed[-4:])))
    if address.is_loopback:
        return loopback
    if _among(address, _HOME):
        return private
    public = address.is_global and not address.is_multicast and not _among(address, _NOT_PUBLIC)
    return public and (address.version == 4 or address in _UNICAST)


def _among(address: IPv4Address | IPv6Address, networks: tuple[object, ...]) -> bool:
    return any(address in network for network in networks)  # type: ignore[operator]


def _check_characters(url: str) -> None:
    """Raises SourceError for what httpx would repair or stumble over."""
    if len(url) > _LONGEST:
        raise SourceError(f"an address over {_LONGEST:,} characters is not read")
    if any(char.isspace() or unicodedata.category(char) in ("Cc", "Cs") for char in url):
        raise SourceError("not a web address: there is white space or a control character in it")
    if not _WEB.match(url):
        raise SourceError("not a web address: it does not begin with http:// or https://")


def _host(host: str) -> str:
    """The host as it stands in an address; raises SourceError for a number in disguise and for what is no name."""
    if not host:
        raise SourceError("not a web address: there is no host in it")
    if ":" in host:
        if "%" in host:
            raise SourceError("an address with a network interface in it is not read")
        return f"[{IPv6Address(host).compressed}]"
    host = host.removesuffix(".").lower()
    if len(host) > 253 or not _NAME.fullmatch(host):
        raise SourceError("not a web address: its host is not a name")
    if _NUMBER.fullmatch(host):
        try:
            return str(IPv4Address(host))
        except ValueError:
            raise SourceError("not a web address: its host is a number, not a name") from None
    return host
