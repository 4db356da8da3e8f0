"""Ids of our own never repeat and always fit; a user's own are checked before anything leaves."""

from __future__ import annotations

import re
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unified.adapter import ClientIdRule
from unified.errors import Kind, Outcome, VenueError
from unified.order_ids import RUN_BITS, OrderIds, check

SHORT_TEXT = ClientIdRule(pattern=r"[a-z0-9]{1,18}", max_length=18)
WIDE_TEXT = ClientIdRule(pattern=r"[.A-Z:/a-z0-9_-]{1,36}", max_length=36)
UUIDS = ClientIdRule(pattern=r".+", max_length=36, uuid=True)
RULES = [
    pytest.param(SHORT_TEXT, id="short text"),
    pytest.param(WIDE_TEXT, id="wide text"),
    pytest.param(UUIDS, id="uuid"),
]
runs = st.integers(0, 2**RUN_BITS - 1)


@pytest.mark.parametrize("rule", RULES)
@given(first=runs, second=runs)
def test_no_two_orders_of_any_two_runs_have_one_id(rule: ClientIdRule, first: int, second: int) -> None:
    numbers = {first, second}
    made = [ids.next(rule) for ids in map(OrderIds, numbers) for _ in range(40)]
    assert len(set(made)) == 40 * len(numbers)


def test_the_digits_of_run_and_counter_do_not_run_into_each_other() -> None:
    low, high = OrderIds(1), OrderIds(36)
    assert not {low.next(SHORT_TEXT) for _ in range(2000)} & {high.next(SHORT_TEXT) for _ in range(2000)}


@given(runs)
def test_text_ids_are_short_lower_case_letters_and_digits(run: int) -> None:
    assert re.fullmatch(r"[a-z0-9]{9,18}", OrderIds(run).next(SHORT_TEXT))


@given(runs)
def test_uuid_ids_are_valid_and_hold_run_and_counter(run: int) -> None:
    ids = OrderIds(run)
    ids.next(UUIDS)
    made = UUID(ids.next(UUIDS))
    assert (made.variant, made.version) == (RFC_4122, 4)
    assert (made.int >> 80, made.int & (2**60 - 1)) == (run, 2)


def test_one_counter_serves_all_forms() -> None:
    ids = OrderIds(7)
    assert ids.next(SHORT_TEXT) == "000000071"
    assert ids.next(UUIDS) == "00000000-0007-4000-8000-000000000002"
    assert ids.next(SHORT_TEXT) == "000000073"


@pytest.mark.parametrize("run", [-1, 36**8])
def test_a_run_that_does_not_fit_is_refused(run: int) -> None:
    with pytest.raises(ValueError, match="run"):
        OrderIds(run)


def test_a_rule_without_room_for_our_ids_is_refused_before_anything_leaves() -> None:
    with pytest.raises(VenueError, match="at most 4 characters"):
        OrderIds(7).next(ClientIdRule(pattern=r"\d{1,4}", max_length=4))


@pytest.mark.parametrize(
    ("client_order_id", "rule"),
    [
        pytest.param("my-order_1", WIDE_TEXT, id="text of the venue's alphabet passes"),
        pytest.param("6D1B345E-2821-40e2-ad83-4ecb18a06876", UUIDS, id="a uuid passes in either case"),
    ],
)
def test_an_id_that_the_venue_can_take_passes(client_order_id: str, rule: ClientIdRule) -> None:
    check(client_order_id, rule)


@pytest.mark.parametrize(
    ("client_order_id", "rule", "told"),
    [
        pytest.param("Loud", SHORT_TEXT, r"\[a-z0-9\]\{1,18\}", id="a foreign letter is refused with the alphabet"),
        pytest.param("a" * 37, WIDE_TEXT, "at most 36 characters", id="an id that is too long is told the length"),
        pytest.param(
            "abcdef",
            ClientIdRule(pattern=r"[a-z]+", max_length=5),
            "at most 5 characters",
            id="the length holds where the alphabet does not tell it",
        ),
        pytest.param("abc\n", SHORT_TEXT, "18 characters", id="a line break at the end is not overlooked"),
        pytest.param("", WIDE_TEXT, "36 characters", id="an empty id is no id"),
        pytest.param("my-order", UUIDS, "8-4-4-4-12", id="where UUIDs are wanted their form is told"),
    ],
)
def test_an_id_that_the_venue_cannot_take_never_leaves(client_order_id: str, rule: ClientIdRule, told: str) -> None:
    with pytest.raises(VenueError, match=told) as caught:
        check(client_order_id, rule)
    assert (caught.value.kind, caught.value.outcome) == (Kind.INVALID_REQUEST, Outcome.NOT_SENT)
