"""A failure as it is read: what happened, whether it took effect, what to do."""

from __future__ import annotations

from io import StringIO

import pytest

from unified.cli.complaints import TOLD, complain, document
from unified.errors import Attempt, ConfigurationError, Fault, Kind, Outcome, VenueError

FAULT = Fault(kind=Kind.RATE_LIMITED, code="-1003", message="Too many requests.", retry_after=2.5, hint="Slow down.")
ATTEMPT = Attempt(number=1, operation="ticker", started_at=0.0, elapsed=0.1, outcome=Outcome.REJECTED)
ERROR = VenueError.of(FAULT, venue="binance", operation="ticker", attempts=(ATTEMPT, ATTEMPT))


def block(error: VenueError | ConfigurationError) -> str:
    stream = StringIO()
    complain(error, stream)
    return stream.getvalue()


def test_a_refusal_is_one_block() -> None:
    assert block(ERROR).splitlines() == [
        "error: binance ticker: rate_limited",
        f"  outcome   rejected: {TOLD[Outcome.REJECTED]}",
        "  said      -1003 Too many requests.",
        "  again in  2.5 s",
        "  attempts  2",
        "  hint      Slow down.",
    ]


def test_what_is_not_known_is_left_out() -> None:
    assert block(VenueError.of(Fault(kind=Kind.UNKNOWN))).splitlines()[1:] == [
        f"  outcome  unknown: {TOLD[Outcome.UNKNOWN]}"
    ]


def test_wrong_settings_are_one_line() -> None:
    assert block(ConfigurationError("orders.window_ms: found 0")) == "error: orders.window_ms: found 0\n"


def test_a_program_gets_the_same_facts() -> None:
    said = document(ERROR)
    assert (said["kind"], said["outcome"], said["retry_after"]) == ("rate_limited", "rejected", 2.5)
    assert (said["code"], said["hint"], said["venue"]) == ("-1003", "Slow down.", "binance")
    assert document(ConfigurationError("no"))["message"] == "no"


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_is_explained(outcome: Outcome) -> None:
    assert TOLD[outcome]
