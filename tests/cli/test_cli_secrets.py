"""Names, passwords and keys in addresses are for the servers they belong to, and for nobody who reads what is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from program import Program

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import Origin

FEED = b"""<rss version="2.0"><channel><title>A feed</title><link>https://a.example/</link><description>d</description>
<item><guid>1</guid><title>One</title><link>https://a.example/1</link></item></channel></rss>"""
PASSWORD = "hunter2hunter2"  # noqa: S105 - what must be found nowhere


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def with_password(url: str) -> str:
    return url.replace("://", f"://anna:{PASSWORD}@")


def configure(program: Program, url: str, *, extra: str = "") -> None:
    """Write a configuration whose one source has no id."""
    (program.folder / "config.toml").write_text(
        f'[fetch]\nallow_private = ["127.0.0.1"]\n[[source]]\nurl = "{url}"\n{extra}\n'
        '[[edition]]\nslug = "all"\ntitle = "A"\n'
    )


def test_a_password_is_sent_and_never_told(program: Program, origin: Origin) -> None:
    origin.serve("/feed", FEED, etag=False, dated=False)
    configure(program, with_password(origin.url("/feed")))
    told = [program.run("refresh", "--force", *more) for more in ((), ("--json",))]
    assert origin.requests[0].headers["authorization"].startswith("Basic ")
    origin.serve("/feed", b"", status=500)
    told.append(program.run("refresh", "--force", status=1))
    told += [program.run("sources", *more) for more in ((), ("--json",))]
    told += [program.run("explain", "https://a.example/1", *more) for more in ((), ("--json",))]
    told += [program.run("check", status=1), program.run("add", with_password(origin.url("/feed")))]
    for done in told:
        assert PASSWORD not in done.stdout + done.stderr, done.args
    assert not any(PASSWORD.encode() in data for data, _ in program.published().values())


def test_a_mistake_beside_a_password_does_not_tell_it(program: Program) -> None:
    url = with_password("https://a.example/feed")
    configure(program, url, extra=f'tgas = ["x"]\n[[source]]\nurl = "{url}"')
    complaint = program.run("check", status=2).stderr
    assert "source[https://a.example/feed].tgas: is no key here" in complaint
    assert PASSWORD not in complaint


def test_the_address_of_a_webhook_is_not_told_by_its_mistakes(program: Program) -> None:
    configure(
        program, "https://a.example/feed", extra='[[webhook]]\nurl = "https://hooks.example/s3cr3t"\nedition = "x"'
    )
    complaint = program.run("check", status=2).stderr
    assert "webhook[1].secret_env: is missing" in complaint
    assert "s3cr3t" not in complaint


@pytest.mark.parametrize(
    ("url", "source_id"),
    [
        ("https://anna:hunter2@a.example/feed", "a-example-feed"),
        ("https://anna:a@b@a.example/feed?page=2", "a-example-feed-page-2"),
        ("https://a.example/feed?api_key=hunter2", "a-example-feed"),
        ("https://a.example/@anna/feed", "a-example-anna-feed"),
    ],
)
def test_the_id_made_of_an_address_holds_no_secret(program: Program, url: str, source_id: str) -> None:
    configure(program, url)
    assert [row["source"]["id"] for row in program.json("sources")] == [source_id]
