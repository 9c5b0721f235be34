"""What a configuration says of whom to tell of news."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from feedhub import ConfigError, load
from feedhub.model import Webhook

if TYPE_CHECKING:
    from pathlib import Path

    from feedhub.config import Config

EDITIONS = """
[[edition]]
slug = "all"
title = "All"
[[edition]]
slug = "plain"
title = "Plain"
formats = ["rss"]
[[edition]]
slug = "own"
title = "Own"
private = true
token = "0123456789abcdef"
[[edition]]
slug = "tag/{tag}"
title = "{tag}"
each_tag = true
"""
HOOK = '[[webhook]]\nurl = "https://a.example/hook?key=1"\nedition = "all"\nsecret_env = "HOOK_SECRET"\n'


def read(folder: Path, text: str) -> Config:
    path = folder / "config.toml"
    path.write_text(f"{EDITIONS}\n{text}")
    return load(path)


def mistakes(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    return str(caught.value)


def test_webhooks_belong_to_editions(tmp_path: Path) -> None:
    own = HOOK.replace('"all"', '"own"')
    config = read(tmp_path, HOOK + own)
    first, second = config.webhooks
    assert first == Webhook(url="https://a.example/hook?key=1", edition="all", secret_env="HOOK_SECRET")  # noqa: S106 - a name
    assert second.edition == "own-0123456789abcdef"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('"all"', '"none"', "'none' is wrong: the choices are 'all', 'plain', 'own'"),
        ('"all"', '"tag/{tag}"', "the choices are"),
        ('"all"', '"plain"', "must have 'json' among its formats"),
        ('"HOOK_SECRET"', '"a b"', "the name of an environment variable"),
        ("https:", "ftp:", "must be an http or https URL"),
        ("secret_env", "secret", "did you mean 'secret_env'?"),
    ],
)
def test_what_is_wrong_with_a_webhook_is_said(tmp_path: Path, before: str, after: str, message: str) -> None:
    assert message in mistakes(tmp_path, HOOK.replace(before, after))


def test_a_webhook_stands_once_for_an_edition(tmp_path: Path) -> None:
    assert "stands twice for the edition 'all'" in mistakes(tmp_path, HOOK * 2)


def test_hubs_are_the_site_s(tmp_path: Path) -> None:
    config = read(tmp_path, '[websub]\nhubs = ["https://hub.example/", "http://127.0.0.1:81/push?a=b"]\n')
    assert config.site.hubs == ("https://hub.example/", "http://127.0.0.1:81/push?a=b")


@pytest.mark.parametrize(
    "url", ["hub.example", "https://hub.example", "https://hub.example/<a>", 'https://h.example/"']
)
def test_a_hub_is_a_url_that_a_header_can_hold(tmp_path: Path, url: str) -> None:
    assert "an http or https URL in ASCII" in mistakes(tmp_path, f"[websub]\nhubs = ['{url}']\n")
