"""Which addresses outside may be asked on somebody's behalf: public ones only. Pure.

Apps' makers and users name addresses that our servers then call. None of them may lead into our own network: not by
a name, not by an unusual spelling of an address (`2130706433`, `0x7f.1`), not by an IPv6 address that carries an IPv4
one.
What a name resolves to is judged when it is connected to (common/apps/fetch.py), never before.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from common.core.errors import InvalidInputError

LONGEST_URL = 2048
_PORTS = {"http": 80, "https": 443}
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
_OURS = ("localhost", "local", "localdomain", "internal", "intranet", "home.arpa")
"""Names, and ends of names, that never lead outside."""
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_PROTOCOLS = ipaddress.IPv4Network("192.0.0.0/24")
"""Networks' own (RFC 6890); some clouds keep metadata there, and older releases of Python call most of it global."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Outside:
    """An address that may be asked for; `url` is how it is written when it is."""

    url: str
    host: str
    port: int


def check_url(text: str, *, loopback: bool = False, encrypted: bool = False) -> Outside:
    """Judge an address as it is written.

    Args:
        text: the URL.
        loopback: whether this machine itself is allowed, for development.
        encrypted: whether it must be https on a usual port, which in development it need not.

    Raises:
        InvalidInputError: it is none, or must not be asked.
    """
    if len(text) > LONGEST_URL or not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise InvalidInputError("An address is plain ASCII, without spaces, and has 2048 characters at most")
    try:
        parts = urlsplit(text)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise InvalidInputError("This is no address") from error
    if parts.scheme not in _PORTS:
        raise InvalidInputError("An address begins with https:// or http://")
    if encrypted and not loopback and (parts.scheme != "https" or port not in _PORTS.values()):
        raise InvalidInputError("An address that is told something begins with https:// and names no unusual port")
    if "@" in parts.netloc:
        raise InvalidInputError("An address must not contain a user name")
    host = _checked_host(parts, loopback=loopback)
    return Outside(url=parts._replace(fragment="").geturl(), host=host, port=port)


def place_of(url: str) -> str:
    """Which server an address is at, however it is written: host and port; of what is no address, all of it."""
    try:
        outside = check_url(url, loopback=True)
    except InvalidInputError:
        return url
    return f"{outside.host}:{outside.port}"


def is_allowed(address: str, *, loopback: bool = False) -> bool:
    """Whether an IP address, as a resolver gives it, may be connected to."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return (loopback and parsed.is_loopback) or is_public(parsed)


def is_public(address: Address) -> bool:
    """Whether it is outside: unicast, global, and not an IPv6 address around an IPv4 one that is not."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _inner(address)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address in _PROTOCOLS)


def _inner(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one leads to."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64 or address in _COMPATIBLE:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


def _checked_host(parts: SplitResult, *, loopback: bool) -> str:
    host = (parts.hostname or "").removesuffix(".")
    if parts.netloc.startswith("["):
        if not is_allowed(host, loopback=loopback):
            raise _refused()
        return host
    labels = host.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise InvalidInputError("This is no address")
    if _NUMERIC.fullmatch(labels[-1]):
        # Whatever ends in a number is an IPv4 address to a resolver, however it is spelled.
        if not is_allowed(host, loopback=loopback):
            raise _refused()
        return host
    inside = any(host == name or host.endswith(f".{name}") for name in _OURS) or len(labels) == 1
    if inside and not (loopback and labels[-1] == "localhost"):
        raise _refused()
    return host


def _refused() -> InvalidInputError:
    return InvalidInputError("The address does not lead to a public host")
