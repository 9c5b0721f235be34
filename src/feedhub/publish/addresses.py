"""Addresses as every format can carry them: absolute http(s) URIs of RFC 3986 in ASCII, without secrets."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from feedhub.normalize.credentials import carries_key

__all__ = ["host", "identifier", "public", "uri"]

_VALID = re.compile(
    r"https?://(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.\-_~%!$&'()*+,;=:@]+)(?::[0-9]*)?"
    r"(?:[/?](?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)?"
    r"(?:#(?:[A-Za-z0-9\-._~:/?@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)?"
)
_CHARACTERS = r"(?:[A-Za-z0-9\-._~:/?#@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+"
# URNs after RFC 8141, tags after RFC 4151 with the lower-case authority it recommends, anything else after RFC 3986.
_IDENTIFIER = re.compile(
    r"urn:uuid:[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    r"|urn:(?!uuid:)[A-Za-z0-9][A-Za-z0-9-]{1,31}:(?:[A-Za-z0-9()+,.:=@;$_!*'-]|%[0-9A-Fa-f]{2})+"
    r"|tag:(?:[a-z0-9._-]+@)?[a-z0-9.-]+,[0-9]{4}(?:-[0-9]{2}){0,2}:(?:[A-Za-z0-9;/?:@&=+$.\-_!~*'()%,]*)"
    r"(?:#[A-Za-z0-9;/?:@&=+$.\-_!~*'()%,]*)?"
    rf"|(?!urn:|tag:|https?:)[a-z][a-z0-9+.-]*:{_CHARACTERS}"
)
_PARTS = re.compile(r"(?i)(https?)://([^/?#\s]+)((?:[/?][^#]*)?)(#.*)?", re.DOTALL)
_INVALID = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~:/?@!$&'()*+,;=%]")


def uri(url: str) -> str:
    """Return ``url`` with everything percent-encoded that RFC 3986 wants so, or "" if it is no absolute http(s) URL."""
    if _VALID.fullmatch(url):
        return url
    parts = _PARTS.fullmatch(url)
    if not parts:
        return ""
    scheme, authority, path, fragment = parts.groups("")
    fixed = f"{scheme.lower()}://{_ascii(authority)}{_encoded(path)}"
    if fragment:
        fixed += "#" + _encoded(fragment[1:])
    return fixed if _VALID.fullmatch(fixed) else ""


def public(url: str) -> str:
    """Return the address of a source as the world may see it.

    A user name and a password are left out; an address that carries a key in its query, or is no http(s) URL, is "".
    """
    address = uri(url)
    if not any(sign in address for sign in "@?#["):
        return address
    parts = urlsplit(address)
    if carries_key(parts.query):
        return ""
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def identifier(text: str) -> str:
    """Return ``text`` where it can identify a feed or an entry (RFC 4287 §4.2.6) with all validators, else ""."""
    return text if _IDENTIFIER.fullmatch(text) or (text and uri(text) == text) else ""


def host(url: str) -> str:
    """Return the host that ``url`` names without a leading ``www.``, or ""."""
    return (urlsplit(uri(url)).hostname or "").removeprefix("www.")


def _ascii(authority: str) -> str:
    if authority.isascii():
        return authority
    try:
        return authority.encode("idna").decode()
    except UnicodeError:
        return ""


def _encoded(text: str) -> str:
    return _INVALID.sub(lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode()), text)
