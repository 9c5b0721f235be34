"""Properties of the guard that no table of examples can cover."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

from hypothesis import given
from hypothesis import strategies as st

from feedhub.errors import FetchError
from feedhub.fetch.guard import Target, admit, gate, printable, refusal
from feedhub.model import FetchSettings

PUBLIC = gate(FetchSettings())
INTERNAL = st.one_of(
    *(
        st.ip_addresses(v=4, network=network)
        for network in ("10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
    )
)
FORMS = (
    "::ffff:0:0",
    "::",
    "64:ff9b::",
    "64:ff9b:1::",
    "::ffff:0:0:0",
    "2606:2800:220:1:0:5efe::",
    "2606:2800:220:1:200:5efe::",
)


@given(INTERNAL, st.sampled_from(FORMS))
def test_no_ipv6_form_hides_an_internal_address(inner: IPv4Address, form: str) -> None:
    assert refusal(str(IPv6Address(int(IPv6Address(form)) | int(inner))))


@given(INTERNAL, st.integers(0, (1 << 80) - 1))
def test_no_6to4_form_hides_an_internal_address(inner: IPv4Address, rest: int) -> None:
    assert refusal(str(IPv6Address(0x2002 << 112 | int(inner) << 80 | rest)))


@given(st.ip_addresses(v=4))
def test_every_address_that_python_calls_private_is_refused(address: IPv4Address) -> None:
    if not address.is_global or address.is_multicast:
        assert refusal(str(address))


def admitted(url: str) -> Target | None:
    """Return what the guard makes of a URL, or None when it refuses it; any other exception is a failure."""
    try:
        return admit(url, PUBLIC)
    except FetchError:
        return None


@given(INTERNAL, st.sampled_from(("{0}", "{0:#x}", "{0:#o}", "[::ffff:{1}]", "user@{1}", "{1}.", "[64:ff9b::{1}]")))
def test_no_spelling_hides_an_internal_address(inner: IPv4Address, spelling: str) -> None:
    host = spelling.format(int(inner), inner).replace("0o", "0")
    assert admitted(f"http://{host}/") is None


@given(st.text(max_size=60).map("http://".__add__) | st.from_regex(r"https?://[!-~]{1,40}", fullmatch=True))
def test_what_is_admitted_is_in_normal_form(url: str) -> None:
    target = admitted(url)
    if target is not None:
        assert target.url.isascii()
        assert "@" not in target.url.partition("//")[2].partition("/")[0]
        assert admit(target.url, PUBLIC).url == target.url


@given(st.text())
def test_a_shown_text_is_one_bounded_printable_line(text: str) -> None:
    assert printable(text).isprintable()
    assert len(printable(text)) <= 301 * 10
