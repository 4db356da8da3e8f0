"""Which requests a shut gate keeps out, and for how long."""

from __future__ import annotations

import pytest

from unified.errors import Scope
from unified.gates import Gates


@pytest.mark.parametrize(
    ("scope", "mine", "other_symbol", "other_account"),
    [
        pytest.param(Scope.IP, True, True, True, id="a ban of the address shuts everything"),
        pytest.param(Scope.VENUE, True, True, True, id="so does a fault of the venue"),
        pytest.param(Scope.ACCOUNT, True, True, False, id="an account's wait shuts that account"),
        pytest.param(Scope.KEY, True, True, False, id="so does a key's"),
        pytest.param(Scope.SYMBOL, True, False, False, id="an instrument's wait shuts that instrument of the account"),
        pytest.param(Scope.REQUEST, False, False, False, id="what concerns one request shuts nothing"),
    ],
)
def test_a_gate_reaches_exactly_its_scope(scope: Scope, mine: bool, other_symbol: bool, other_account: bool) -> None:
    gates = Gates()
    gates.close(scope, owner="mine", key="XBTUSD", until=20.0, reason="slow down")
    assert (gates.shut("mine", ["XBTUSD"], 10.0) is not None) is mine
    assert (gates.shut("mine", ["ETHUSD"], 10.0) is not None) is other_symbol
    assert (gates.shut("other", ["XBTUSD"], 10.0) is not None) is other_account


def test_a_gate_opens_when_its_time_has_come() -> None:
    gates = Gates()
    gates.close(Scope.IP, until=20.0, reason="slow down")
    assert gates.shut("", [], 19.9) is not None
    assert gates.shut("", [], 20.0) is None


def test_a_shorter_wait_does_not_open_a_ban() -> None:
    gates = Gates()
    ban = gates.close(Scope.IP, until=200.0, reason="banned", banned=True)
    assert gates.close(Scope.IP, until=20.0, reason="slow down") is ban
    assert gates.shut("", [], 10.0) is ban


def test_the_gate_that_stays_shut_longest_is_named() -> None:
    gates = Gates()
    gates.close(Scope.IP, until=20.0, reason="slow down")
    longest = gates.close(Scope.ACCOUNT, owner="mine", until=30.0, reason="locked out", banned=True)
    assert gates.shut("mine", [], 10.0) is longest


def test_an_instrument_that_is_not_named_shuts_nothing() -> None:
    gates = Gates()
    assert gates.close(Scope.SYMBOL, owner="mine", until=20.0, reason="slow down") is None
    assert not gates.any


def test_gates_that_are_open_again_are_forgotten() -> None:
    gates = Gates()
    gates.close(Scope.IP, until=20.0, reason="slow down")
    gates.open_past(19.0)
    assert gates.any
    gates.open_past(20.0)
    assert not gates.any
