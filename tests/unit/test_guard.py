"""What the guard lets through, and what it says when it does not."""

from __future__ import annotations

import json

import pytest

from feedhub.errors import FetchError
from feedhub.fetch.guard import Gate, admit, follow, gate, printable, refusal
from feedhub.model import FetchSettings
from shared import shared

PUBLIC = gate(FetchSettings())


def refused(url: str, allowed: Gate = PUBLIC) -> str:
    with pytest.raises(FetchError) as caught:
        admit(url, allowed)
    assert caught.value.code == "refused"
    return str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - an address to refuse, not to bind to
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.255.255.254",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.168.1.1",
        "198.18.0.1",
        "203.0.113.9",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::93.184.216.34",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::7f00:1",
        "100::1",
        "2001::7f00:1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2606:2800:220:1:0:5efe:7f00:1",
        "2606:2800:220:1:200:5efe:c0a8:1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "not an address",
        "",
    ],
)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    assert refusal(address)


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "93.184.216.34",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.255.255",
        "172.32.0.0",
        "223.255.255.255",
        "2606:2800:220:1:248:1893:25c8:1946",
        "2a00:1450:4001:80b::200e",
        "::ffff:93.184.216.34",
        "64:ff9b::5db8:d822",
        "2002:5db8:d822::1",
    ],
)
def test_public_addresses_pass_also_when_wrapped_in_ipv6(address: str) -> None:
    assert not refusal(address)


def test_every_vector_of_the_corpus() -> None:
    vectors = json.loads(shared("hostile/vectors/ssrf_urls.json").read_text())
    for url in vectors["refuse"]:
        refused(url)
    for url in vectors["allow"]:
        admit(url, PUBLIC)


@pytest.mark.parametrize(
    "url",
    [
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://%31%32%37.0.0.1/",
        "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/",
        "http://localhost./",
        "http://a.LOCALHOST/",
        "http:127.0.0.1/",
    ],
)
def test_odd_spellings_of_this_machine_are_seen_through(url: str) -> None:
    assert "loopback" in refused(url) or "this machine" in refused(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1\\@good.example/",
        "http://good.example\\.evil.example/",
        "http://good.example#@evil.example/",
        "http://good.example?@evil.example/",
        "http://evil.example%2f@good.example/",
        "http://good.example/\r\nHost: evil.example",
        "http://good.example/a\tb",
    ],
)
def test_a_url_whose_host_parsers_disagree_on_is_refused(url: str) -> None:
    assert "hide" in refused(url)


@pytest.mark.parametrize("scheme", ["file", "ftp", "gopher", "dict", "javascript", "data", "http+unix", "feed"])
def test_no_other_scheme(scheme: str) -> None:
    refused(f"{scheme}://good.example/x")


def test_a_port_must_be_allowed() -> None:
    assert admit("https://good.example:8443/f", PUBLIC).port == 8443
    assert admit("https://good.example:443/f", PUBLIC).url == "https://good.example/f"
    assert refused("http://good.example:22/") == "good.example: port 22 is not allowed"
    assert admit("http://good.example:22/", gate(FetchSettings(ports=(22,)))).port == 22


def test_a_url_is_normalized() -> None:
    target = admit("HTTP://EXAMPLE.Com.:80/a b/../c?q=é#part", PUBLIC)
    assert target.url == "http://example.com/c?q=%C3%A9"
    assert (target.host, target.port, target.origin) == ("example.com", 80, "http://example.com")
    assert admit("http://bücher.example/", PUBLIC).host == "xn--bcher-kva.example"


def test_credentials_leave_the_url() -> None:
    target = admit("https://user:p%40ss%3aword@good.example/f", PUBLIC)
    assert target.url == "https://good.example/f"
    assert target.authorization == "Basic dXNlcjpwQHNzOndvcmQ="


def test_a_reason_never_quotes_credentials_path_or_query() -> None:
    for url in (
        "http://user:S3cret@10.0.0.1/S3cret?key=S3cret",
        "http://user:S3cret@good.example:99/f?S3cret",
        "http://user:S3cret@good.example:99999/f",
        "S3cret@good.example/f",
    ):
        assert "S3cret" not in refused(url)


@pytest.mark.parametrize("name", ["127.0.0.1", "LocalHost", "::1", "[::1]", "Intranet.Example."])
def test_a_named_host_may_be_private_and_have_any_port(name: str) -> None:
    allowed = gate(FetchSettings(allow_private=(name,)))
    host = f"[{name}]" if ":" in name and "[" not in name else name
    assert admit(f"http://{host}:4711/", allowed).exempt
    assert admit(f"http://{host}:4711/", allowed).port == 4711
    refused("http://127.0.0.2/", allowed)


def test_an_exception_is_for_that_host_alone() -> None:
    allowed = gate(FetchSettings(allow_private=("intranet.example",)))
    refused("http://sub.intranet.example:99/", allowed)
    refused("http://127.0.0.1/", allowed)
    assert not admit("http://good.example/", allowed).exempt


def test_a_stranger_cannot_redirect_to_a_private_host() -> None:
    allowed = gate(FetchSettings(allow_private=("intranet.example", "other.example")))
    stranger = admit("http://good.example/", allowed)
    with pytest.raises(FetchError, match="may only be reached by a URL that names it"):
        follow(stranger, "http://intranet.example/", allowed)
    own = admit("http://intranet.example/", allowed)
    assert follow(own, "http://other.example:99/", allowed).exempt


def test_a_redirect_is_relative_and_carries_credentials_within_its_origin_only() -> None:
    start = admit("https://user:pw@good.example/a/b", PUBLIC)
    near = follow(start, "../c", PUBLIC)
    assert (near.url, near.authorization) == ("https://good.example/c", start.authorization)
    assert follow(start, "//other.example/", PUBLIC).authorization == ""
    assert follow(start, "http://good.example/", PUBLIC).authorization == ""
    assert follow(start, "https://evil:pw@good.example:8443/", PUBLIC).authorization == ""
    away = follow(start, "https://other.example/", PUBLIC)
    assert follow(away, "https://good.example/", PUBLIC).authorization == ""


@pytest.mark.parametrize("location", ["http://[::1", "http://a\x00b/", "file:///etc/passwd", "http://10.0.0.1/", "x:y"])
def test_a_redirect_to_nowhere_is_refused(location: str) -> None:
    with pytest.raises(FetchError, match="redirected") as caught:
        follow(admit("https://good.example/", PUBLIC), location, PUBLIC)
    assert caught.value.code == "refused"


def test_a_stranger_s_text_is_made_fit_for_a_log_line() -> None:
    assert printable("plain – text") == "plain – text"
    assert printable("a\r\nb\x1b[31m\u202ec\x00") == "a\\r\\nb\\x1b[31m\\u202ec\\x00"
    assert len(printable("x" * 10_000)) == 301
