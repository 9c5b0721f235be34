"""What the outside may make feedhub do: which URLs, ports and addresses are allowed. Pure.

A URL is judged before anything is sent (`admit`), and every address is judged again at the moment of connecting to it
(`refusal`), so a name that answers differently the second time gains nothing.

Private addresses are for the operator alone: only a host whose name stands in ``allow_private``, reached from a URL
the operator wrote, may have one. A redirect from anywhere else to such a host is refused, whatever its address.
"""

from __future__ import annotations

import re
from base64 import b64encode
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urljoin

import can_ada
from msgspec import Struct
from msgspec.structs import replace

from feedhub.errors import FetchError

if TYPE_CHECKING:
    from feedhub.model import FetchSettings

__all__ = ["Gate", "Target", "admit", "follow", "gate", "printable", "refusal"]

MAX_URL = 8192
MAX_DETAIL = 300
DEFAULT_PORTS = {"http": 80, "https": 443}

# IANA's special-purpose registries, and one public address that only ever means "the cloud's own servant".
PRIVATE_4 = tuple(
    (IPv4Network(network), what)
    for network, what in (
        ("0.0.0.0/8", "an unspecified"),
        ("10.0.0.0/8", "a private"),
        ("100.64.0.0/10", "a carrier's shared"),
        ("127.0.0.0/8", "a loopback"),
        ("168.63.129.16/32", "a cloud metadata"),
        ("169.254.0.0/16", "a link-local or cloud metadata"),
        ("172.16.0.0/12", "a private"),
        ("192.0.0.0/24", "a protocol-reserved"),
        ("192.0.2.0/24", "a documentation"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "a private"),
        ("198.18.0.0/15", "a benchmarking"),
        ("198.51.100.0/24", "a documentation"),
        ("203.0.113.0/24", "a documentation"),
        ("224.0.0.0/4", "a multicast"),
        ("240.0.0.0/4", "a reserved or broadcast"),
    )
)
# IPv6 is the other way round: only global unicast is allowed, less what is special in it.
GLOBAL_6 = IPv6Network("2000::/3")
PRIVATE_6 = (
    (IPv6Network("2001::/23"), "a protocol-reserved or Teredo"),
    (IPv6Network("2001:db8::/32"), "a documentation"),
    (IPv6Network("3fff::/20"), "a documentation"),
)
# Prefixes that carry an IPv4 address, with the bits below it: that address is the one to judge.
WRAPPERS = (
    (IPv6Network("::ffff:0:0/96"), 0),  # IPv4-mapped
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64 (RFC 6052)
    (IPv6Network("2002::/16"), 80),  # 6to4
)
# The upper half of an ISATAP interface identifier (RFC 5214), as a universal and as a local one.
ISATAP = (0x0000_5EFE, 0x0200_5EFE)

CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
# Where the host ends in these, WHATWG and RFC 3986 parsers disagree: the classic way past a guard.
CONFUSING = re.compile(r"[^/]*\\|[^/]*[?#][^/]*@")
LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


class Gate(Struct, frozen=True, kw_only=True):
    """The operator's choices: allowed ports, and hosts that may be private, as URLs write them in normal form."""

    ports: frozenset[int]
    private: frozenset[str]


class Target(Struct, frozen=True, kw_only=True):
    """A URL that may be asked.

    ``url`` is normalized (WHATWG), without credentials and fragment. ``host`` has no brackets and no trailing dot;
    ``literal`` says that it is an address. ``exempt`` hosts may be private and have any port. ``authorization`` is the
    value of that header for the credentials the URL held, or "".
    """

    url: str
    origin: str
    host: str
    port: int
    literal: bool = False
    exempt: bool = False
    authorization: str = ""


def gate(settings: FetchSettings) -> Gate:
    """Return the gate that the settings describe."""
    return Gate(ports=frozenset(settings.ports), private=frozenset(_host_name(name) for name in settings.allow_private))


def admit(url: str, allowed: Gate) -> Target:
    """Return what a URL written by the operator points at.

    Raises FetchError ``refused`` with the reason when it must not be asked; the reason quotes no more of the URL than
    scheme, host and port.
    """
    if len(url) > MAX_URL:
        raise FetchError("refused", f"the URL is longer than {MAX_URL} characters")
    if CONTROLS.search(url) or CONFUSING.match(url.partition("//")[2]):
        raise FetchError("refused", "the URL holds characters that hide which host it means")
    try:
        parsed = can_ada.parse(url)
    except ValueError:
        raise FetchError("refused", "not a valid URL") from None
    scheme = parsed.protocol[:-1]
    if scheme not in DEFAULT_PORTS:
        raise FetchError("refused", f"{printable(scheme)}: is not fetched over the network")
    authorization = _authorization(parsed.username, parsed.password)
    host = parsed.hostname.strip("[]").rstrip(".")
    exempt = host in allowed.private
    literal = _judge_host(host, exempt=exempt)
    port = int(parsed.port or DEFAULT_PORTS[scheme])
    if not port or (port not in allowed.ports and not exempt):
        raise FetchError("refused", f"{host}: port {port} is not allowed")
    if parsed.hostname.endswith("."):
        parsed.hostname = host
    if authorization:
        parsed.username = parsed.password = ""
    if parsed.hash:
        parsed.hash = ""
    return Target(
        url=parsed.href,
        origin=parsed.origin,
        host=host,
        port=port,
        literal=literal,
        exempt=exempt,
        authorization=authorization,
    )


def follow(source: Target, location: str, allowed: Gate) -> Target:
    """Return where a redirect from ``source`` leads; raises FetchError ``refused`` as `admit` does.

    The operator's credentials go along within their origin only, and those in the location count for nothing.
    """
    if CONTROLS.search(location):
        raise FetchError("refused", "redirected to a URL with control characters")
    try:
        target = admit(urljoin(source.url, location), allowed)
    except ValueError:
        raise FetchError("refused", "redirected to something that is not a URL") from None
    except FetchError as error:
        raise FetchError(error.code, f"redirected: {error}") from None
    if target.exempt and not source.exempt:
        raise FetchError("refused", f"redirected: {target.host} may only be reached by a URL that names it")
    return replace(target, authorization=source.authorization if target.origin == source.origin else "")


def refusal(address: str) -> str:
    """Return why an IP address must not be connected to, or "" when it is a public one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return "not an IP address"
    what = _what(parsed)
    return f"{parsed} is {what} address" if what else ""


def printable(text: str) -> str:
    """Return text of a stranger fit for a log line: bounded, control and other invisible characters escaped."""
    shown = text if len(text) <= MAX_DETAIL else text[:MAX_DETAIL] + "…"
    if shown.isprintable():
        return shown
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in shown)


def _what(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return next((what for network, what in PRIVATE_4 if address in network), "")
    for network, shift in WRAPPERS:
        if address in network:
            return _what(IPv4Address(int(address) >> shift & 0xFFFF_FFFF))
    if address not in GLOBAL_6:
        return "not a public"
    for network, what in PRIVATE_6:
        if address in network:
            return what
    if int(address) >> 32 & 0xFFFF_FFFF in ISATAP:
        return _what(IPv4Address(int(address) & 0xFFFF_FFFF))
    return ""


def _judge_host(host: str, *, exempt: bool) -> bool:
    """Tell whether a host is an IP address; raise FetchError when it is none that may be asked."""
    if ":" in host or host.rpartition(".")[2].isdecimal():
        if not exempt and (reason := refusal(host)):
            raise FetchError("refused", reason)
        return True
    if not exempt and (host == "localhost" or host.endswith(".localhost")):
        raise FetchError("refused", f"{host} is this machine")
    if len(host) > 253 or not all(LABEL.fullmatch(label) for label in host.split(".")):  # noqa: PLR2004 - RFC 1035
        raise FetchError("refused", "not a host name")
    return False


def _host_name(name: str) -> str:
    """Return a configured host as a parsed URL would have it; what is no host matches none."""
    try:
        parsed = can_ada.parse(f"http://[{name}]/" if ":" in name and name[0] != "[" else f"http://{name}/")
    except ValueError:
        return name
    return str(parsed.hostname).strip("[]").rstrip(".")


def _authorization(username: str, password: str) -> str:
    """Return the Basic credentials (RFC 7617) of a URL's user information, or ""."""
    if not username and not password:
        return ""
    name, secret = unquote_to_bytes(username), unquote_to_bytes(password)
    if re.search(rb"[/\\?#]", name):
        raise FetchError("refused", "the URL holds characters that hide which host it means")
    return "Basic " + b64encode(name + b":" + secret).decode()
