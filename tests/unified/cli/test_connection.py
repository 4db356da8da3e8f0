"""Which venue a command speaks to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer

from unified.cli.connection import config_of
from unified.config import ClientConfig
from unified.errors import ConfigurationError


def made(**options: Any) -> ClientConfig:
    nothing: dict[str, Any] = {"venue": None, "config": None, "section": None, "endpoint": None}
    return config_of(**(nothing | options))


def test_a_venue_alone_is_public_and_has_no_key() -> None:
    config = made(venue="Paper")
    assert (config.adapter, config.credentials, config.environment) == ("paper", None, "production")


def test_a_file_says_the_rest(served: Path) -> None:
    config = made(config=served, section="binance")
    assert config.adapter == "binance"
    assert config.credentials is not None


def test_options_win_over_the_file(served: Path) -> None:
    config = made(config=served, section="binance", environment="testnet", endpoint=["spot=http://127.0.0.1:1"])
    assert (config.environment, config.endpoint) == ("testnet", {"spot": "http://127.0.0.1:1"})


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="neither a venue nor a file"),
        pytest.param({"venue": "paper", "config": Path("x.toml")}, id="both"),
        pytest.param({"venue": "paper", "section": "main"}, id="a section without a file"),
        pytest.param({"config": Path("no-such-file.toml")}, id="a file that is not there"),
    ],
)
def test_wrong_usage_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(typer.BadParameter):
        made(**options)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        pytest.param({"venue": "atlantis"}, "not installed", id="a venue that there is not"),
        pytest.param({"venue": "paper", "environment": "moon"}, "no 'moon'", id="an environment that it has not"),
        pytest.param({"venue": "paper", "endpoint": ["back=http://127.0.0.1:1"]}, "no door 'back'", id="a wrong door"),
        pytest.param({"venue": "paper", "endpoint": ["http://example.com"]}, "use https", id="an open line"),
    ],
)
def test_wrong_settings_are_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        made(**options)
