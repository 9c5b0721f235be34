"""What counts as one server: registrable domains, addresses, and what the operator splits off."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files

import pytest

from feedhub.fetch.keys import FLAT, Keys, registrable
from feedhub.model import FetchSettings

KEYS = Keys(FetchSettings(allow_private=("intranet", "10.0.0.1")))


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://example.com/feed", "example.com"),
        ("http://www.example.com:8080/feed", "example.com"),
        ("https://a.b.example.com/", "example.com"),
        ("https://news.example.co.uk/", "example.co.uk"),
        ("https://example.co.uk/", "example.co.uk"),
        ("https://co.uk/", "co.uk"),
        ("https://www.gov.uk/", "www.gov.uk"),
        ("https://anna.blogspot.com/", "blogspot.com"),
        ("https://a.b.c.kawasaki.jp/", "b.c.kawasaki.jp"),
        ("https://a.city.kawasaki.jp/", "city.kawasaki.jp"),
        ("https://a.b.unknown-tld/", "b.unknown-tld"),
        ("https://www.bücher.example/", "xn--bcher-kva.example"),
        ("http://93.184.216.34/", "93.184.216.34"),
        ("http://[2606:4700::1]/", "2606:4700::1"),
        ("http://intranet:9000/", "intranet:9000"),
        ("http://10.0.0.1/", "10.0.0.1:80"),
        ("http://10.0.0.2/", ""),
        ("ftp://example.com/", ""),
    ],
)
def test_the_key_of_a_url(url: str, key: str) -> None:
    assert KEYS.of_url(url) == key
    assert KEYS.of_url(url) == key


def test_the_longest_prefix_that_is_split_off_is_a_key_of_its_own() -> None:
    split = ("https://Example.com/~anna/", "https://example.com/~anna/b", "http://10.0.0.1/x/", "https://[")
    keys = Keys(FetchSettings(allow_private=("10.0.0.1",), split=split))
    assert keys.of_url("https://example.com/~anna/feed") == "example.com/~anna/"
    assert keys.of_url("https://example.com/~anna/blog") == "example.com/~anna/b"
    assert keys.of_url("https://example.com/~bob/") == "example.com"
    assert keys.of_url("http://10.0.0.1/x/y") == "10.0.0.1/x/"


def test_the_shortcut_agrees_with_the_public_suffix_list() -> None:
    lines = (files("tldextract") / ".tld_set_snapshot").read_text().partition("===BEGIN PRIVATE DOMAINS===")[0]
    suffixes = [line for line in lines.splitlines() if line and not line.startswith("//")]
    assert len(suffixes) > 5000
    assert set(suffixes) >= FLAT
    assert not {suffix for suffix in suffixes if "." in suffix and suffix.rpartition(".")[2] in FLAT}


def test_the_list_is_loaded_only_where_it_decides() -> None:
    script = (
        "import sys; from feedhub.fetch.keys import registrable;"
        "registrable('a.b.example.com'); registrable('example.uk'); print('tldextract' in sys.modules);"
        "registrable('a.example.co.uk'); print('tldextract' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "True"]


def test_a_host_without_a_registrable_domain_stands_for_itself() -> None:
    assert registrable("localhost") == "localhost"
    assert registrable("a.b.ck") == "a.b.ck"
    assert registrable("x.a.b.ck") == "a.b.ck"
