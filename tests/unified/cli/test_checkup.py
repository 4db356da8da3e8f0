"""The doctor's checks, one by one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.toy import Toy, Wire, refusal, toy_client, toy_with, virtual
from unified.account import KeyPermissions
from unified.adapter import Environment
from unified.cli.checkup import CHECKS, SLOW, Finding, Level, read_key
from unified.client import Client
from unified.config import ClientConfig
from unified.errors import Kind, VenueError

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def levels(**rights: Any) -> dict[Level, str]:
    return {finding.level: finding.text for finding in read_key(KeyPermissions(**rights), NOW)}


@pytest.mark.parametrize(
    ("rights", "level", "said"),
    [
        pytest.param({"read": True, "trade": True}, Level.OK, "read, trade", id="what it may do"),
        pytest.param({"withdraw": True}, Level.WARNING, "may withdraw", id="a key that may withdraw"),
        pytest.param({"read": False}, Level.WRONG, "may not read", id="a key that may not read"),
        pytest.param({"trade": False}, Level.NOTE, "may not trade", id="a key that may not trade"),
        pytest.param({"addresses": ()}, Level.WARNING, "any address", id="a key without an address list"),
        pytest.param({"expires_at": NOW + timedelta(days=3)}, Level.WARNING, "ends on 2026-11-24", id="a key's end"),
        pytest.param({"expires_at": NOW}, Level.WRONG, "ends on", id="a key that is over"),
        pytest.param({"notes": ("Spot only.",)}, Level.NOTE, "Spot only.", id="what else the venue says"),
    ],
)
def test_rights_are_read_for_the_owner(rights: dict[str, Any], level: Level, said: str) -> None:
    assert said in levels(**rights)[level]


def test_a_key_that_is_as_it_should_be_has_no_finding_but_that() -> None:
    assert set(levels(read=True, trade=True, withdraw=False, addresses=("192.0.2.1",))) == {Level.OK}


def test_everything_wrong_comes_with_a_remedy() -> None:
    for finding in read_key(KeyPermissions(withdraw=True, read=False, addresses=(), expires_at=NOW), NOW):
        assert finding.remedy or finding.level is Level.OK


def checked(check: str, wire: Wire, adapter: type[Toy] = Toy, **settings: Any) -> list[Finding]:
    async def story() -> list[Finding]:
        async with toy_client(wire, adapter) as client:
            await _warm(client)
            return await CHECKS[check](client, ClientConfig(adapter=adapter, **settings))

    return virtual(story)


async def _warm(client: Client) -> None:
    """Ask the time once, so that clocks are known."""
    await client.server_time()


def _environment(*, real_money: bool) -> Mapping[str, Environment]:
    hosts = {"main": "http://127.0.0.1:1"}
    return {"production": Environment(name="production", hosts=hosts, real_money=real_money)}


@pytest.mark.parametrize(
    ("settings", "real_money", "level", "said"),
    [
        pytest.param({}, True, Level.NOTE, "real money", id="production"),
        pytest.param({}, False, Level.OK, "play money", id="a testnet"),
        pytest.param({"endpoint": "http://127.0.0.1:2"}, True, Level.NOTE, "instead of", id="another address"),
    ],
)
def test_it_is_said_whose_money_it_is(settings: dict[str, Any], real_money: bool, level: Level, said: str) -> None:
    adapter = toy_with(environments=_environment(real_money=real_money))
    (finding,) = checked("money", Wire(), adapter, **settings)
    assert (finding.level, said in finding.text) == (level, True)


@pytest.mark.parametrize(
    ("latency", "level"),
    [pytest.param(0.02, Level.OK, id="a near venue"), pytest.param(SLOW + 0.1, Level.WARNING, id="a far venue")],
)
def test_the_way_to_the_venue_is_measured(latency: float, level: Level) -> None:
    (finding,) = checked("connection", Wire(latency=latency))
    assert finding.level is level
    assert f"answers in {1000 * latency:.0f} ms" in finding.text


@pytest.mark.parametrize(
    ("offset", "level"),
    [pytest.param(0.2, Level.OK, id="clocks that agree"), pytest.param(5.0, Level.WARNING, id="clocks that do not")],
)
def test_clocks_are_compared(offset: float, level: Level) -> None:
    (finding,) = checked("clock", Wire(offset=offset))
    assert finding.level is level
    assert f"{1000 * offset:+.0f}"[:2] in finding.text


def test_limits_are_shown_with_the_fullest() -> None:
    (finding,) = checked("limits", Wire())
    assert finding.level is Level.OK
    assert "calls" in finding.text


def test_what_a_venue_cannot_be_asked_is_a_note() -> None:
    (finding,) = checked("venue", Wire())
    assert finding == Finding(Level.NOTE, "the venue tells no state")


def test_a_refusal_is_left_to_the_doctor() -> None:
    async def story() -> None:
        async with toy_client(Wire().on("server_time", refusal(Kind.MAINTENANCE))) as client:
            with pytest.raises(VenueError):
                await CHECKS["connection"](client, ClientConfig(adapter=Toy))

    virtual(story)
