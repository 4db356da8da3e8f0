"""The tables "what may follow an error", row by row, and a storm that only a budget ends."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.storm import Storm
from unified.errors import ConfigurationError, Family, Fault, Kind, Outcome
from unified.instrument import Instrument, Instruments, Product
from unified.operations import (
    CancelAll,
    CancelBatch,
    CancelOrder,
    FetchServerTime,
    Operation,
    PlaceBatch,
    PlaceOrder,
    Priority,
    SetLeverage,
    TestOrder,
)
from unified.order import Side
from unified.retry import (
    Decision,
    Effect,
    Facts,
    Relogin,
    Resolve,
    Resync,
    RetryBudget,
    RetryPolicy,
    RetrySettings,
    Stop,
    Wait,
    effect_of,
)

READ, ORDER, CANCEL, WRITE = Effect.READ, Effect.ORDER, Effect.CANCEL, Effect.WRITE
NOT_SENT, REJECTED, UNKNOWN, DONE = Outcome.NOT_SENT, Outcome.REJECTED, Outcome.UNKNOWN, Outcome.DONE


def policy(chance: float = 0.5, settings: RetrySettings | None = None) -> RetryPolicy:
    return RetryPolicy(settings or RetrySettings(), lambda: chance)


def facts(
    kind: Kind,
    effect: Effect,
    outcome: Outcome | None = None,
    *,
    attempt: int = 1,
    remaining: float = 60.0,
    retry_after: float | None = None,
    met: frozenset[Kind] = frozenset(),
) -> Facts:
    fault = Fault(kind=kind, retry_after=retry_after)
    return Facts(
        fault=fault,
        outcome=outcome or fault.outcome,
        attempt=attempt,
        effect=effect,
        remaining=remaining,
        met=met,
    )


def row(given_facts: Facts, expected: type[Decision], sentence: str) -> object:
    return pytest.param(given_facts, expected, id=sentence)


@pytest.mark.parametrize(
    ("given_facts", "expected"),
    [
        # not sent
        row(facts(Kind.CONNECT_FAILED, READ), Wait, "a read that never left goes again"),
        row(facts(Kind.CONNECT_FAILED, ORDER), Wait, "an order that never left goes again under its id"),
        row(facts(Kind.CONNECT_FAILED, WRITE), Wait, "any other write that never left goes again"),
        row(
            facts(Kind.INVALID_REQUEST, ORDER, NOT_SENT), Stop, "what we refused ourselves for good is not tried again"
        ),
        # rejected
        row(facts(Kind.RATE_LIMITED, READ), Wait, "a throttled read waits"),
        row(facts(Kind.ORDER_RATE_LIMITED, ORDER), Wait, "a throttled order waits"),
        row(facts(Kind.OVERLOADED, ORDER), Wait, "an order that an overloaded venue did not take goes again"),
        row(facts(Kind.MAINTENANCE, READ), Wait, "a read during maintenance backs off"),
        row(facts(Kind.ORDER_BUSY, CANCEL), Wait, "a cancel of a busy order goes again shortly"),
        row(facts(Kind.OVERLOADED, WRITE), Wait, "any other write that was refused for load goes again"),
        row(facts(Kind.TIMESTAMP_OUT_OF_WINDOW, ORDER), Resync, "a refused time leads to a resync"),
        row(
            facts(Kind.TIMESTAMP_OUT_OF_WINDOW, READ, NOT_SENT),
            Resync,
            "a clock too vague to sign with leads to a resync too",
        ),
        row(facts(Kind.NONCE_REJECTED, ORDER), Wait, "a refused nonce leads to a fresh one"),
        row(
            facts(Kind.UNAUTHORIZED, READ),
            Resync,
            "a refusal without a reason leads to a clock check and a new signature",
        ),
        row(facts(Kind.SESSION_EXPIRED, READ), Relogin, "an expired session leads to a login"),
        row(facts(Kind.DEADLINE_PASSED, ORDER), Stop, "a request past its own deadline is never sent again"),
        row(facts(Kind.BANNED, READ, retry_after=1.0), Stop, "a ban is never sat out inside a call"),
        row(facts(Kind.BANNED, ORDER, UNKNOWN), Stop, "a banned caller does not even look an order up"),
        row(facts(Kind.INSUFFICIENT_FUNDS, ORDER), Stop, "a refusal for good is raised"),
        row(facts(Kind.BAD_SIGNATURE, READ), Stop, "a wrong signature is not tried again"),
        # unknown
        row(facts(Kind.REQUEST_TIMEOUT, READ), Wait, "a read that timed out goes again"),
        row(
            facts(Kind.REQUEST_TIMEOUT, READ, attempt=2, met=frozenset({Kind.REQUEST_TIMEOUT})),
            Wait,
            "and again if it timed out before",
        ),
        row(facts(Kind.MALFORMED_RESPONSE, READ), Wait, "a read with an unreadable answer goes again"),
        row(facts(Kind.REQUEST_TIMEOUT, ORDER), Resolve, "an order that timed out is looked up"),
        row(facts(Kind.UNKNOWN, ORDER), Resolve, "an order with an answer that nobody knows is looked up"),
        row(
            facts(Kind.OVERLOADED, ORDER, UNKNOWN), Resolve, "a refused second attempt does not settle an unknown first"
        ),
        row(facts(Kind.DEADLINE_PASSED, ORDER, UNKNOWN), Resolve, "nor does one that came too late"),
        row(facts(Kind.VENUE_FAULT, CANCEL), Wait, "a cancel of unknown outcome goes again"),
        row(facts(Kind.REQUEST_TIMEOUT, WRITE), Stop, "any other write of unknown outcome is raised"),
        row(facts(Kind.RATE_LIMITED, WRITE, UNKNOWN), Stop, "and stays unknown when it is throttled later"),
        # a code that no catalogue holds
        row(facts(Kind.UNKNOWN, READ), Wait, "a read with an unknown code goes again once"),
        row(facts(Kind.UNKNOWN, READ, attempt=2, met=frozenset({Kind.UNKNOWN})), Stop, "and only once"),
        row(facts(Kind.UNKNOWN, CANCEL), Stop, "a cancel with an unknown code is raised"),
        row(facts(Kind.UNKNOWN, WRITE, REJECTED), Stop, "any write with an unknown code is raised"),
        # done
        row(facts(Kind.NO_CHANGE, WRITE), Stop, "a state that holds already needs nothing more"),
        row(facts(Kind.REQUEST_TIMEOUT, ORDER, DONE), Stop, "a call that is known to be done needs nothing more"),
    ],
)
def test_what_may_follow_an_error(given_facts: Facts, expected: type[Decision]) -> None:
    assert isinstance(policy().decide(given_facts), expected)


@pytest.mark.parametrize(
    ("kind", "decision"),
    [
        pytest.param(Kind.TIMESTAMP_OUT_OF_WINDOW, Resync(), id="one resync a call"),
        pytest.param(Kind.UNAUTHORIZED, Resync(), id="one fresh signature a call"),
        pytest.param(Kind.NONCE_REJECTED, Wait(0.0), id="one fresh nonce a call"),
        pytest.param(Kind.SESSION_EXPIRED, Relogin(), id="one login a call"),
    ],
)
@pytest.mark.parametrize("effect", Effect)
def test_a_remedy_is_tried_at_once_and_once(kind: Kind, decision: Decision, effect: Effect) -> None:
    first = facts(kind, effect)
    assert policy().decide(first) == decision
    assert policy().decide(evolve(first, attempt=2, met=frozenset({kind}))) == Stop()
    others = frozenset(Kind) - {kind}
    assert policy().decide(evolve(first, attempt=2, met=others)) == decision


@pytest.mark.parametrize(
    ("effect", "waits"),
    [
        pytest.param(READ, 2, id="a read is sent three times at most"),
        pytest.param(CANCEL, 4, id="a cancel is sent five times at most"),
        pytest.param(WRITE, 2, id="any other write is sent three times at most"),
        pytest.param(ORDER, 100, id="an order is bounded by what is known of it, not by a count"),
    ],
)
def test_attempts_are_bounded(effect: Effect, waits: int) -> None:
    tried = facts(Kind.CONNECT_FAILED, effect)
    decisions = [policy().decide(evolve(tried, attempt=number)) for number in range(1, 101)]
    assert sum(isinstance(decision, Wait) for decision in decisions) == waits


@pytest.mark.parametrize(
    ("given_facts", "chance", "seconds"),
    [
        pytest.param(facts(Kind.CONNECT_FAILED, READ), 0.0, 0.0, id="full jitter begins at nothing"),
        pytest.param(facts(Kind.CONNECT_FAILED, READ), 1.0, 0.05, id="the first wait after trouble is 50 ms at most"),
        pytest.param(facts(Kind.ORDER_BUSY, CANCEL, attempt=3), 1.0, 0.2, id="it doubles with each attempt"),
        pytest.param(facts(Kind.RATE_LIMITED, READ), 1.0, 1.0, id="the first wait after a limit is 1 s at most"),
        pytest.param(facts(Kind.RATE_LIMITED, ORDER, attempt=9), 1.0, 5.0, id="an order waits no longer than 5 s"),
        pytest.param(facts(Kind.CONNECT_FAILED, ORDER, attempt=5000), 1.0, 5.0, id="nor after any number of attempts"),
        pytest.param(facts(Kind.RATE_LIMITED, READ, retry_after=0.1), 0.0, 0.1, id="never earlier than the venue says"),
        pytest.param(facts(Kind.RATE_LIMITED, READ, retry_after=0.1), 1.0, 0.15, id="later by 50 ms at most"),
        pytest.param(facts(Kind.MAINTENANCE, READ, retry_after=30.0), 1.0, 33.0, id="or by a tenth of a long wait"),
    ],
)
def test_a_wait_is_as_long_as_it_must_be(given_facts: Facts, chance: float, seconds: float) -> None:
    decision = policy(chance).decide(given_facts)
    assert isinstance(decision, Wait)
    assert decision.seconds == pytest.approx(seconds)


def test_a_code_that_is_throttling_by_its_number_waits_like_throttling() -> None:
    throttled = evolve(facts(Kind.UNKNOWN, READ), fault=Fault(kind=Kind.UNKNOWN, family=Family.THROTTLE))
    assert policy(1.0).decide(throttled) == Wait(1.0)


def test_other_calls_wait_no_longer_than_20_seconds() -> None:
    settings = RetrySettings(attempts=20)
    assert policy(1.0, settings).decide(facts(Kind.RATE_LIMITED, READ, attempt=10)) == Wait(20.0)


@pytest.mark.parametrize(
    ("given_facts", "expected"),
    [
        row(
            facts(Kind.RATE_LIMITED, READ, retry_after=5.0, remaining=5.0),
            Stop,
            "a wait up to the deadline is not begun",
        ),
        row(facts(Kind.RATE_LIMITED, READ, retry_after=5.0, remaining=6.0), Wait, "a wait that leaves time is"),
        row(facts(Kind.TIMESTAMP_OUT_OF_WINDOW, READ, remaining=0.0), Stop, "no resync begins after the deadline"),
        row(facts(Kind.REQUEST_TIMEOUT, ORDER, remaining=-0.1), Stop, "no look-up begins after the deadline"),
        row(facts(Kind.CONNECT_FAILED, ORDER, remaining=math.inf), Wait, "a call without a deadline may wait"),
    ],
)
def test_nothing_outlasts_the_deadline(given_facts: Facts, expected: type[Decision]) -> None:
    assert isinstance(policy(0.5).decide(given_facts), expected)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.BANNED])
def test_retries_that_are_off_leave_only_the_look_up_of_orders(kind: Kind) -> None:
    off = policy(settings=RetrySettings(enabled=False))
    assert off.decide(facts(kind, READ)) == Stop()
    assert off.decide(facts(kind, ORDER, UNKNOWN)) == Resolve()


faults = st.builds(
    Fault,
    kind=st.sampled_from(Kind),
    outcome=st.sampled_from(Outcome),
    retry_after=st.none() | st.floats(0, 100),
)
any_facts = st.builds(
    Facts,
    fault=faults,
    outcome=st.sampled_from(Outcome),
    attempt=st.integers(1, 50),
    effect=st.sampled_from(Effect),
    remaining=st.floats(-1, 100),
    met=st.frozensets(st.sampled_from(Kind)),
)


@given(any_facts, st.floats(0, 1, exclude_max=True))
def test_no_facts_lead_to_a_second_order_or_an_early_or_endless_wait(given_facts: Facts, chance: float) -> None:
    decision = policy(chance).decide(given_facts)
    if given_facts.outcome is UNKNOWN and given_facts.effect in (ORDER, WRITE):
        assert isinstance(decision, Resolve | Stop)
    if isinstance(decision, Resolve):
        assert given_facts.effect is ORDER
    if isinstance(decision, Wait):
        assert 0 <= decision.seconds < given_facts.remaining
        asked = given_facts.fault.retry_after
        if asked is not None and given_facts.fault.kind is not Kind.NONCE_REJECTED:
            assert decision.seconds >= asked


BTC = Instrument(
    symbol="BTCUSDT", product=Product.SPOT, base="BTC", quote="USDT", tick_size=Decimal("0.1"), lot_size=Decimal(1)
)
BUY = PlaceOrder(instrument=BTC, side=Side.BUY, quantity=Decimal(1), price=Decimal(1), client_order_id="a1")


@pytest.mark.parametrize(
    ("operation", "effect"),
    [
        pytest.param(FetchServerTime(), READ, id="asking changes nothing"),
        pytest.param(TestOrder(instrument=BTC, order=BUY), READ, id="a tested order changes nothing"),
        pytest.param(BUY, ORDER, id="an order with an id can be looked up"),
        pytest.param(evolve(BUY, client_order_id=""), WRITE, id="an order without an id is never sent twice"),
        pytest.param(PlaceBatch(orders=(BUY,)), WRITE, id="a batch is not looked up as one order"),
        pytest.param(CancelOrder(instrument=BTC, venue_order_id="7"), CANCEL, id="a cancel names its order"),
        pytest.param(
            CancelBatch(cancels=(CancelOrder(instrument=BTC, venue_order_id="7"),)),
            CANCEL,
            id="so does each of a batch",
        ),
        pytest.param(SetLeverage(instrument=BTC, leverage=Decimal(3)), WRITE, id="a setting is a write"),
    ],
)
def test_what_an_operation_changes(operation: Operation[object], effect: Effect) -> None:
    assert effect_of(operation) is effect


def test_a_cancel_of_everything_is_not_repeated_blindly() -> None:
    assert effect_of(CancelAll(listing=Instruments(()))) is WRITE
    assert policy().decide(facts(Kind.REQUEST_TIMEOUT, WRITE)) == Stop()


@pytest.mark.parametrize(
    ("name", "value"),
    [("enabled", 1), ("attempts", 0), ("cancel_attempts", 2.5), ("trading_cap", -1), ("other_cap", math.nan)],
)
def test_a_wrong_setting_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=name):
        evolve(RetrySettings(), **{name: value})


# --- the budget

TIMEOUT = Fault(kind=Kind.REQUEST_TIMEOUT)
THROTTLED = Fault(kind=Kind.RATE_LIMITED)


def spend_all(budget: RetryBudget, fault: Fault, priority: Priority) -> int:
    return sum(1 for _ in iter(lambda: budget.take(fault, priority), 0))


def test_a_retry_costs_14_and_a_throttled_one_5() -> None:
    budget = RetryBudget()
    assert (budget.take(TIMEOUT, Priority.ORDER), budget.take(THROTTLED, Priority.ORDER)) == (14, 5)
    assert budget.tokens == 500 - 14 - 5


def test_a_code_that_is_throttling_by_its_number_costs_like_throttling() -> None:
    assert RetryBudget().take(Fault(kind=Kind.UNKNOWN, family=Family.THROTTLE), Priority.ORDER) == 5


def test_only_cancels_reach_the_last_hundred() -> None:
    budget = RetryBudget()
    assert spend_all(budget, TIMEOUT, Priority.ORDER) == 400 // 14
    assert budget.tokens >= RetryBudget.RESERVE
    assert spend_all(budget, TIMEOUT, Priority.CANCEL) == 108 // 14
    assert budget.tokens >= 0


def test_success_after_a_retry_gives_back_what_it_took_and_a_first_success_one() -> None:
    budget = RetryBudget()
    spend_all(budget, TIMEOUT, Priority.CANCEL)
    empty = budget.tokens
    budget.succeeded(14)
    budget.succeeded(0)
    assert budget.tokens == empty + 15


def test_the_budget_never_holds_more_than_it_began_with() -> None:
    budget = RetryBudget()
    budget.succeeded(14)
    assert budget.tokens == RetryBudget.SIZE


# --- the storm: a server that stalls for ten seconds at 80 % load


def test_a_stall_is_over_as_soon_with_budgeted_retries_as_with_none() -> None:
    alone = Storm(RetrySettings(enabled=False), None).run()
    budgeted = Storm(RetrySettings(), RetryBudget()).run()
    assert alone.load == 1.0
    assert 1.0 < budgeted.load <= 1.1
    assert budgeted.recovered_after <= 1.2 * alone.recovered_after
    assert budgeted.goodput == pytest.approx(80, abs=1)


def test_retries_without_a_budget_keep_the_storm_alive_after_the_stall() -> None:
    endless = Storm(RetrySettings(), None).run()
    assert endless.load > 2
    assert endless.goodput == 0
