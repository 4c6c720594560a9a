"""Normalise web addresses, and make ids of articles out of them."""

import re
import unicodedata
from ipaddress import IPv4Address, IPv6Address

from rag.errors import SourceError

_MAX_URL_CHARS = 2_000
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://(?:www\.)?")
_HTTP_SCHEME = re.compile(r"https?:", re.IGNORECASE)
_HOST_NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMERIC_HOST = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
"""A host that ends in a number, which resolvers take for an IPv4 address in one of its odd spellings."""
_DEFAULT_PORTS = {"http": 80, "https": 443}

# Only names that nothing but tracking uses: `ref`, `source`, `cid` and `session` name the page itself on some sites.
_TRACKING_PARAMETER = re.compile(
    r"(?:utm_\w+|mtm_\w+|pk_(?:campaign|kwd|source|medium)|at_(?:medium|campaign)|fbclid|gclid|gclsrc|dclid|gbraid"
    r"|wbraid|msclkid|yclid|ysclid|twclid|ttclid|igshid|igsh|li_fat_id|epik|srsltid|mc_[ce]id|mkt_tok|_hsenc|_hsmi"
    r"|__hs\w+|hsctatracking|vero_(?:id|conv)|oly_(?:anon|enc)_id|_ga|_gl|wt_mc|wickedid|rb_clickid)(?:=|$)",
    re.IGNORECASE,
)


def normalise_url(url: str) -> str:
    """Normalise an address as it is fetched and remembered: canonical, and without tracking parameters."""
    head, mark, query = canonicalise_url(url).partition("?")
    kept = "&".join(part for part in query.split("&") if not _TRACKING_PARAMETER.match(part))
    return f"{head}{mark}{kept}" if kept else head


def canonicalise_url(url: str) -> str:
    """Canonicalise an address: host and scheme in lower case, in ASCII, no default port, no fragment.

    Path and query keep their spelling and order. Raises SourceError for anything but an http or https address with
    a host, and for one with credentials, white space, control characters, an invalid port or over 2,000 characters.
    """
    from httpx import URL, InvalidURL

    _check_characters(url)
    try:
        parsed = URL(url)
        host = _canonicalise_host(parsed.raw_host.decode())
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
    netloc = host + (f":{port}" if port not in (None, _DEFAULT_PORTS[scheme]) else "")
    canonical = f"{scheme}://{netloc}{parsed.raw_path.decode() or '/'}"
    if len(canonical) > _MAX_URL_CHARS:
        raise SourceError(f"an address over {_MAX_URL_CHARS:,} characters is not read")
    return canonical


def resolve_redirect(base: str, location: str) -> str:
    """Resolve the target of a redirect at `base`; raises SourceError where it is empty or no valid web address."""
    from httpx import URL, InvalidURL

    location = location.strip().replace(" ", "%20")
    if not location:
        raise SourceError("redirects to nowhere")
    if len(location) > _MAX_URL_CHARS:
        raise SourceError(f"an address over {_MAX_URL_CHARS:,} characters is not read")
    try:
        return canonicalise_url(str(URL(base).join(location)))
    except (InvalidURL, ValueError) as error:
        raise SourceError("redirects to something that is no web address") from error


def article_id(url: str) -> str:
    """Return the id of the article at an address: the address without scheme, `www.` and trailing slash."""
    return article_id_as_written(normalise_url(url))


def article_id_as_written(url: str) -> str:
    """Return the id of an article by its address as it is written, without validating the address."""
    return _SCHEME.sub("", url).partition("#")[0].rstrip("/")


def _check_characters(url: str) -> None:
    """Raise SourceError for an address that is too long, not http(s), or has white space or control characters."""
    if len(url) > _MAX_URL_CHARS:
        raise SourceError(f"an address over {_MAX_URL_CHARS:,} characters is not read")
    if any(char.isspace() or unicodedata.category(char) in ("Cc", "Cs") for char in url):
        raise SourceError("not a web address: there is white space or a control character in it")
    if not _HTTP_SCHEME.match(url):
        raise SourceError("not a web address: it does not begin with http:// or https://")


def _canonicalise_host(host: str) -> str:
    """Canonicalise a host; raises SourceError if it is neither a name nor an IP address in its usual spelling."""
    if not host:
        raise SourceError("not a web address: there is no host in it")
    if ":" in host:
        if "%" in host:
            raise SourceError("an address with a network interface in it is not read")
        return f"[{IPv6Address(host).compressed}]"
    host = host.removesuffix(".").lower()
    if len(host) > 253 or not _HOST_NAME.fullmatch(host):
        raise SourceError("not a web address: its host is not a name")
    if _NUMERIC_HOST.fullmatch(host):
        try:
            return str(IPv4Address(host))
        except ValueError:
            raise SourceError("not a web address: its host is a number, not a name") from None
    return host
