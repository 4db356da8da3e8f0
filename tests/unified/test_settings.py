"""Settings refuse what is out of range and say what is allowed, without showing what is secret."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import fields

from unified.errors import ConfigurationError
from unified.retry import RetrySettings
from unified.settings import Deadlines, LimitSettings, OrderSettings, TransportSettings, check_address, described

CLASSES = [TransportSettings, LimitSettings, OrderSettings, Deadlines, RetrySettings]

WRONG: list[Any] = [
    pytest.param(TransportSettings, "connections", 0, "0, allowed is a whole number from 1 to 1000", id="too small"),
    pytest.param(TransportSettings, "connections", 2.0, "2.0", id="a number with a point where a whole one is wanted"),
    pytest.param(TransportSettings, "connections", True, "True", id="true where a number is wanted"),
    pytest.param(TransportSettings, "keepalive", float("nan"), "nan", id="no number at all"),
    pytest.param(TransportSettings, "ca_file", 7, "7, allowed is text", id="a number where text is wanted"),
    pytest.param(LimitSettings, "share", 1.1, "1.1, allowed is a number from 0.01 to 1", id="more than everything"),
    pytest.param(
        OrderSettings, "resend", "no", "'no', allowed is true or false", id="a word where true or false is wanted"
    ),
    pytest.param(
        OrderSettings, "window_ms", 5, "5, allowed is a whole number from 100 to 120000, or unset", id="optional"
    ),
    pytest.param(LimitSettings, "share", "1", "'1'", id="a number in quotes"),
]


@pytest.mark.parametrize(("settings", "name", "value", "said"), WRONG)
def test_a_wrong_value_is_named_with_what_is_allowed(settings: type[Any], name: str, value: object, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings(**{name: value})
    assert str(caught.value).startswith(f"{name}: found {said}")


def test_a_secret_setting_is_not_shown() -> None:
    with pytest.raises(ConfigurationError) as caught:
        TransportSettings(proxy="user:c4n4ry@proxy")
    assert "c4n4ry" not in str(caught.value)
    assert "http://" in str(caught.value)
    assert "c4n4ry" not in repr(TransportSettings(proxy="http://user:c4n4ry@proxy"))


@pytest.mark.parametrize("settings", CLASSES)
def test_every_setting_is_described_and_its_default_is_allowed(settings: type[Any]) -> None:
    rows = list(described(settings))
    assert [row.name for row in rows] == [attribute.name for attribute in fields(settings)]
    assert all(row.about.endswith(".") and row.allowed for row in rows)
    assert settings() == settings(**{row.name: row.default for row in rows})


ADDRESSES = [
    pytest.param("https://api.example.com", "api.example.com", id="https to a name"),
    pytest.param("https://api.example.com:8443/v1", "api.example.com", id="https with port and path"),
    pytest.param("http://127.0.0.1:8080", "127.0.0.1", id="http to loopback"),
    pytest.param("http://127.9.9.9", "127.9.9.9", id="http to any loopback address"),
    pytest.param("http://[::1]:80", "::1", id="http to loopback of version 6"),
    pytest.param("http://localhost", "localhost", id="http to localhost"),
]
REFUSED_ADDRESSES = [
    pytest.param("http://api.example.com", id="http beyond this machine"),
    pytest.param("http://127.0.0.1.example.com", id="a name that looks like loopback"),
    pytest.param("http://localhost.example.com", id="a name that begins with localhost"),
    pytest.param("http://127.0.0.1@example.com", id="loopback as a user name"),
    pytest.param("https://user:pass@example.com", id="a user and a password"),
    pytest.param("https://example.com?x=1", id="a query"),
    pytest.param("https://example.com#x", id="a fragment"),
    pytest.param("https://exa mple.com", id="a space"),
    pytest.param("https://example.com:99999", id="no such port"),
    pytest.param("https://[::1", id="a broken bracket"),
    pytest.param("ftp://example.com", id="another scheme"),
    pytest.param("api.example.com", id="no scheme"),
    pytest.param("", id="nothing"),
]


@pytest.mark.parametrize(("base", "host"), ADDRESSES)
def test_addresses_that_may_be_used(base: str, host: str) -> None:
    assert check_address(base) == host


@pytest.mark.parametrize("base", REFUSED_ADDRESSES)
def test_addresses_that_may_not(base: str) -> None:
    with pytest.raises(ConfigurationError, match="https"):
        check_address(base)
