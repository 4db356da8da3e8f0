"""A refusal shuts exactly its scope, for as long as the venue says or the fault deserves."""

from __future__ import annotations

import pytest

from tests.limiting import LIMITS, NOW, granted, refused
from unified.adapter import Charge
from unified.errors import Fault, Kind, Scope
from unified.limiter import Limiter
from unified.refusals import BAN_SECONDS


def throttled(kind: Kind, scope: Scope, retry_after: float | None = 7.0) -> Fault:
    return Fault(kind=kind, scope=scope, retry_after=retry_after, message="too fast")


def test_a_ban_of_the_address_stops_every_account_at_once() -> None:
    limiter = Limiter(LIMITS)
    (gate,) = limiter.refused(granted(limiter, Charge("weight")), throttled(Kind.BANNED, Scope.IP), NOW)
    delay = refused(limiter, Charge("weight"), owner="you")
    assert delay.gate is gate
    assert (delay.at, gate.banned) == (NOW + 7, True)
    granted(limiter, Charge("weight"), now=NOW + 7)


def test_a_symbols_refusal_stops_the_keys_of_the_request_only() -> None:
    limiter = Limiter(LIMITS)
    permit = granted(limiter, Charge("weight"), Charge("pair", 1, "XBTUSD"))
    limiter.refused(permit, throttled(Kind.ORDER_RATE_LIMITED, Scope.SYMBOL), NOW)
    refused(limiter, Charge("pair", 1, "XBTUSD"))
    granted(limiter, Charge("pair", 1, "ETHUSD"))


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        pytest.param(throttled(Kind.BANNED, Scope.IP, None), BAN_SECONDS, id="a ban lasts two minutes"),
        pytest.param(throttled(Kind.RATE_LIMITED, Scope.IP, None), 60.0, id="an address waits for a window of it"),
        pytest.param(throttled(Kind.RATE_LIMITED, Scope.ACCOUNT, None), 10.0, id="an account for one of its own"),
    ],
)
def test_where_the_venue_names_no_wait(fault: Fault, wait: float) -> None:
    limiter = Limiter(LIMITS)
    (gate,) = limiter.refused(granted(limiter, Charge("weight"), Charge("orders")), fault, NOW)
    assert gate.until == NOW + wait


def test_a_refusal_of_a_request_without_windows_lasts_a_second() -> None:
    limiter = Limiter(LIMITS)
    (gate,) = limiter.refused(granted(limiter, Charge("slots")), throttled(Kind.RATE_LIMITED, Scope.IP, None), NOW)
    assert gate.until == NOW + 1


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind.family != "throttle"])
def test_faults_that_are_no_throttling_shut_nothing(kind: Kind) -> None:
    limiter = Limiter(LIMITS)
    assert limiter.refused(granted(limiter, Charge("weight")), throttled(kind, Scope.IP), NOW) == ()
