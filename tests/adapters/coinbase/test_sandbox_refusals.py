from __future__ import annotations

import pytest

from tests.adapters.coinbase.sandbox_rig import Rig
from tests.shared import CHECKOUT
from unified.catalogue import Catalogue
from unified.errors import Kind
from unified.order import OrderType, Side, Trigger
from unified.sandbox.orders import NewOrder
from unified.sandbox.refusal import EngineRefusal, Reason
from unified_coinbase import sandbox_refusals
from unified_coinbase.sandbox_refusals import (
    ALREADY_FILLED,
    NO_EDIT_REASON,
    NO_PREVIEW_REASON,
    NO_REASON,
    NOT_REJECTED,
    Failure,
    cancel_failure,
    edit_failure,
    place_failure,
    reject_reason,
)

CATALOGUE = Catalogue(CHECKOUT / "adapters" / "unified_coinbase" / "errors.csv")
DEFAULTS = (NO_REASON, NO_PREVIEW_REASON, NO_EDIT_REASON, NOT_REJECTED)
ASKED = NewOrder(instrument=Rig().instrument("BTC-USD"), side=Side.BUY)
OF_PLACING = [
    reason
    for reason in Reason
    if reason
    not in (
        # Products of the sandbox have no positions, and these are found later or elsewhere.
        Reason.UNFILLABLE_FOK,
        Reason.TOO_MANY_OPEN_ORDERS,
        Reason.DUPLICATE_CLIENT_ID,
        Reason.NOT_FOUND,
        Reason.ALREADY_CLOSED,
        Reason.BUSY,
        Reason.NO_CHANGE,
        Reason.REDUCE_ONLY,
        Reason.POSITION_LIMIT,
        Reason.LEVERAGE,
        Reason.POSITION_OPEN,
    )
]


def kind_of(name: str) -> Kind | None:
    found = CATALOGUE.find(name, http_status=200, surfaces=("advanced",))
    return None if found is None else found.kind


def is_known(name: str) -> bool:
    return kind_of(name) not in (None, Kind.UNKNOWN)


@pytest.mark.parametrize("reason", OF_PLACING)
def test_every_reason_against_an_order_has_names_of_one_kind(reason: Reason) -> None:
    failure = place_failure(EngineRefusal(reason), ASKED)
    kinds = {kind_of(name) for name in (failure.create, failure.preview_reason) if name not in DEFAULTS}
    assert is_known(failure.preview_reason)
    assert None not in kinds
    if reason is not Reason.CANCEL_ONLY:
        assert len(kinds) == 1, kinds


@pytest.mark.parametrize("name", sorted(vars(sandbox_refusals)))
def test_every_failure_of_its_own_is_in_the_catalogue(name: str) -> None:
    failure = vars(sandbox_refusals)[name]
    if isinstance(failure, Failure):
        assert is_known(failure.preview_reason)
        assert failure.create == NO_REASON or is_known(failure.create)


def test_a_stop_on_the_wrong_side_is_named_by_its_direction() -> None:
    def told(trigger: Trigger) -> str:
        stop = NewOrder(instrument=ASKED.instrument, side=Side.BUY, order_type=OrderType.STOP_LIMIT, trigger=trigger)
        return place_failure(EngineRefusal(Reason.WOULD_TRIGGER), stop).preview

    assert told(Trigger.RISES) == "STOP_PRICE_BELOW_LAST_TRADE_PRICE"
    assert told(Trigger.FALLS) == "STOP_PRICE_ABOVE_LAST_TRADE_PRICE"


@pytest.mark.parametrize("reason", [Reason.NOT_FOUND, Reason.ALREADY_CLOSED, Reason.BUSY, Reason.MARKET_CLOSED])
def test_cancels_that_fail_have_a_name(reason: Reason) -> None:
    assert is_known(cancel_failure(EngineRefusal(reason)))


def test_a_filled_order_has_a_name_of_its_own() -> None:
    assert kind_of(ALREADY_FILLED) is Kind.ORDER_CLOSED


@pytest.mark.parametrize(
    ("reason", "edit", "preview"),
    [
        pytest.param(Reason.NOT_FOUND, "ORDER_NOT_FOUND", NO_PREVIEW_REASON, id="no such order"),
        pytest.param(
            Reason.NO_CHANGE, "EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST", NO_PREVIEW_REASON, id="nothing to change"
        ),
        pytest.param(
            Reason.BAD_TICK, "INVALID_EDITED_PRICE", "PREVIEW_INVALID_PRICE_PRECISION", id="both reasons speak"
        ),
        pytest.param(
            Reason.INSUFFICIENT_FUNDS, NO_EDIT_REASON, "PREVIEW_INSUFFICIENT_FUND", id="the preview speaks alone"
        ),
        pytest.param(
            Reason.BAD_ORDER, "ONLY_LIMIT_ORDER_EDITS_SUPPORTED", NO_PREVIEW_REASON, id="the edit speaks alone"
        ),
    ],
)
def test_edits_that_fail(reason: Reason, edit: str, preview: str) -> None:
    assert edit_failure(EngineRefusal(reason)) == (edit, preview)
    assert any(is_known(name) for name in (edit, preview) if name not in DEFAULTS)


@pytest.mark.parametrize(
    ("reason", "name"),
    [
        pytest.param(None, NOT_REJECTED, id="not refused"),
        pytest.param(Reason.TOO_MANY_OPEN_ORDERS, "TOO_MANY_OPEN_ORDERS", id="too many"),
        pytest.param(Reason.WOULD_TAKE, NOT_REJECTED, id="no name for it"),
    ],
)
def test_late_refusals(reason: Reason | None, name: str) -> None:
    assert reject_reason(reason) == name
