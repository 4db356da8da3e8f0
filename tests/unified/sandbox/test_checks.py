from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unified.sandbox.rig import BTC, LISTINGS, PERP, Rig, ask
from unified.instrument import Product
from unified.order import OrderType, TimeInForce
from unified.sandbox import checks
from unified.sandbox.listing import EngineRules, MarketMode
from unified.sandbox.market import Market
from unified.sandbox.orders import NewOrder
from unified.sandbox.refusal import EngineRefusal, Reason


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(ask("buy", "1", "50000"), id="a limit order"),
        pytest.param(ask("buy", "1"), id="a market order"),
        pytest.param(ask("buy", None, quote_quantity=Decimal(100)), id="a market order by quote quantity"),
        pytest.param(
            ask("buy", "1", "50000", order_type=OrderType.STOP_LIMIT, stop_price=Decimal(1)), id="a stop-limit"
        ),
        pytest.param(ask("buy", "1", "5", time_in_force=TimeInForce.GTD, expires_us=9), id="a good-till-date order"),
        pytest.param(ask("buy", "1", "50000", instrument=PERP, reduce_only=True), id="reduce-only on a perpetual"),
    ],
)
def test_orders_of_a_sound_shape_pass(asked: NewOrder) -> None:
    checks.check_shape(asked, now_us=5)


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(ask("buy", "1", "5", order_type=OrderType.MARKET), id="a market order with a price"),
        pytest.param(ask("buy", "1", quote_quantity=Decimal(1)), id="both quantities"),
        pytest.param(ask("buy", None, "5", quote_quantity=Decimal(1)), id="a limit order by quote quantity"),
        pytest.param(ask("buy", None, quote_quantity=Decimal(1), instrument=PERP), id="a perpetual by quote quantity"),
        pytest.param(ask("buy", "1", "5", stop_price=Decimal(1)), id="a stop price without a stop"),
        pytest.param(ask("buy", "1", order_type=OrderType.STOP_MARKET), id="a stop without its price"),
        pytest.param(ask("buy", "1", "5", post_only=True, time_in_force=TimeInForce.IOC), id="post-only at once"),
        pytest.param(ask("buy", "1", "5", time_in_force=TimeInForce.GTD), id="till a date that is missing"),
        pytest.param(ask("buy", "1", "5", expires_us=9), id="a date without its time in force"),
    ],
)
def test_orders_of_an_unsound_shape_are_refused(asked: NewOrder) -> None:
    with pytest.raises(EngineRefusal) as caught:
        checks.check_shape(asked, now_us=5)
    assert caught.value.reason is Reason.BAD_ORDER


def test_a_post_only_market_takes_post_only_orders() -> None:
    market = Market(LISTINGS[Product.SPOT])
    market.mode = MarketMode.POST_ONLY
    checks.check_mode(market, ask("buy", "1", "5", post_only=True))
    with pytest.raises(EngineRefusal):
        checks.check_mode(market, ask("buy", "1", "5"))


def test_a_market_order_needs_somebody_to_trade_with() -> None:
    with pytest.raises(EngineRefusal) as caught:
        checks.check_immediate(Market(LISTINGS[Product.SPOT]), ask("buy", "1"), Decimal(1))
    assert caught.value.reason is Reason.NO_LIQUIDITY


def test_orders_that_do_not_reduce_keep_their_quantity() -> None:
    rig = Rig()
    market = rig.engine.market(BTC)
    assert checks.reducible(market, rig.client, ask("buy", "3"), EngineRules()) == 3


def test_a_position_beyond_its_limit_may_still_shrink() -> None:
    rig = Rig()
    rig.place("buy", "5", instrument=PERP)
    market = rig.engine.market(PERP)
    checks.check_position(market, rig.client, ask("sell", "6", instrument=PERP), Decimal(6))
    with pytest.raises(EngineRefusal):
        checks.check_position(market, rig.client, ask("sell", "11", instrument=PERP), Decimal(11))
