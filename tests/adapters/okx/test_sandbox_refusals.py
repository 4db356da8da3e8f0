from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.okx.sandbox_rig import Rig
from unified.instrument import Product
from unified.order import OrderType, Side
from unified.sandbox.accounts import VenuePosition
from unified.sandbox.orders import NewOrder
from unified.sandbox.refusal import EngineRefusal, Reason
from unified_okx.sandbox_listings import LISTINGS
from unified_okx.sandbox_refusals import amend_refusal, cancel_refusal, place_refusal

SPOT, SWAP = (
    next(listing.instrument for listing in LISTINGS if listing.instrument.product is product)
    for product in (Product.SPOT, Product.LINEAR)
)
HELD = VenuePosition(instrument=SWAP, side=None, quantity=Decimal(1), cost=Decimal(60_000))
NOT_HERE = {
    Reason.UNKNOWN_INSTRUMENT,
    Reason.BAD_QUOTE_STEP,
    Reason.BELOW_MIN_NOTIONAL,
    Reason.WOULD_TAKE,
    Reason.UNFILLABLE_FOK,
    Reason.NO_LIQUIDITY,
    Reason.NOT_FOUND,
    Reason.ALREADY_CLOSED,
    Reason.BUSY,
    Reason.NO_CHANGE,
    Reason.LEVERAGE,
    Reason.POSITION_OPEN,
    Reason.EXPIRY_PASSED,
}
"""What cannot refuse a placement here: the venue has no such rule, or it is told later, or of other requests."""


def asked(instrument: object = SPOT, side: Side = Side.BUY, order_type: OrderType = OrderType.LIMIT) -> NewOrder:
    found = SWAP if instrument is SWAP else SPOT
    return NewOrder(instrument=found, side=side, order_type=order_type, words={"leg": "sl"})


@pytest.mark.parametrize("reason", sorted(set(Reason) - NOT_HERE))
def test_every_reason_to_refuse_a_placement_has_a_code(reason: Reason) -> None:
    assert place_refusal(EngineRefusal(reason), asked(), HELD).code.startswith("5")


@pytest.mark.parametrize(
    ("reason", "order", "code", "sub"),
    [
        pytest.param(Reason.INSUFFICIENT_FUNDS, asked(), "51008", "1000", id="balance"),
        pytest.param(Reason.INSUFFICIENT_FUNDS, asked(SWAP), "51008", "1001", id="margin"),
        pytest.param(Reason.POSITION_LIMIT, asked(SWAP, Side.SELL), "51004", "1105", id="a short position"),
        pytest.param(Reason.REDUCE_ONLY, asked(SWAP), "51170", "", id="the direction of the position"),
        pytest.param(Reason.REDUCE_ONLY, asked(SWAP, Side.SELL), "51112", "", id="more than the position"),
        pytest.param(
            Reason.ABOVE_MAX_QUANTITY, asked(order_type=OrderType.MARKET), "51202", "", id="a large market order"
        ),
        pytest.param(
            Reason.DUPLICATE_CLIENT_ID, asked(order_type=OrderType.STOP_LIMIT), "51065", "", id="the id of a stop"
        ),
        pytest.param(Reason.BAD_TICK, asked(order_type=OrderType.STOP_LIMIT), "51250", "", id="the price of a stop"),
        pytest.param(
            Reason.WOULD_TRIGGER, asked(order_type=OrderType.STOP_MARKET), "51278", "", id="a stop below the market"
        ),
    ],
)
def test_what_the_code_depends_on(reason: Reason, order: NewOrder, code: str, sub: str) -> None:
    refusal = place_refusal(EngineRefusal(reason), order, HELD)
    assert (refusal.code, refusal.sub) == (code, sub)


def test_the_text_names_the_currency_that_is_short() -> None:
    error = EngineRefusal(Reason.INSUFFICIENT_FUNDS)
    assert "Insufficient USDT balance" in place_refusal(error, asked(), HELD).message
    assert "Insufficient BTC balance" in place_refusal(error, asked(side=Side.SELL), HELD).message
    assert "Insufficient USDT margin" in place_refusal(error, asked(SWAP), HELD).message


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (Reason.NOT_FOUND, "51603"),
        (Reason.ALREADY_CLOSED, "51503"),
        (Reason.BUSY, "51513"),
        (Reason.WOULD_TAKE, "51511"),
        (Reason.INSUFFICIENT_FUNDS, "51502"),
        (Reason.BAD_ORDER, "51506"),
        (Reason.BAD_LOT, "51121"),
        (Reason.MARKET_CLOSED, "51022"),
    ],
)
def test_refusals_of_amendments(reason: Reason, code: str) -> None:
    assert amend_refusal(EngineRefusal(reason)).code == code


@pytest.mark.parametrize(
    ("reason", "code"),
    [(Reason.NOT_FOUND, "51400"), (Reason.ALREADY_CLOSED, "51400"), (Reason.BUSY, "51410")],
)
def test_refusals_of_cancels(reason: Reason, code: str) -> None:
    assert cancel_refusal(EngineRefusal(reason)).code == code


def test_a_market_order_cannot_be_amended() -> None:
    rig = Rig()
    number = rig.place(ordType="market", sz="100").row["ordId"]
    rig.settle()
    assert rig.post("trade/amend-order", {"instId": "BTC-USDT", "ordId": number, "newSz": "1"}).told == "51503"
