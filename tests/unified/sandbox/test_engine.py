"""The engine of simulated venues.

Long because the engine is one door, and every rule behind it has its own small story here.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unified.sandbox.rig import BTC, PERP, Rig, ask
from unified.account import MarginMode, PositionMode
from unified.instrument import Product
from unified.order import Liquidity, OrderStatus, OrderType, PositionSide, Side, TimeInForce
from unified.sandbox.listing import ClientIds, EngineRules, FeeCurrency, FeeRates, MarketMode
from unified.sandbox.orders import EndReason
from unified.sandbox.refusal import EngineRefusal, Reason


def reason_of(rig: Rig, **asked: Any) -> Reason:
    with pytest.raises(EngineRefusal) as caught:
        rig.place(**asked)
    return caught.value.reason


def refusal_of(attempt: Callable[[], object]) -> Reason:
    with pytest.raises(EngineRefusal) as caught:
        attempt()
    return caught.value.reason


# --- placing


def test_a_limit_order_below_the_market_rests_and_holds_its_cost() -> None:
    rig = Rig()
    order = rig.place("buy", "1", "50000")
    assert (order.status, order.filled_quantity) == (OrderStatus.NEW, Decimal(0))
    assert rig.client.spot.held["USDT"] == 50_000
    assert rig.engine.available(rig.client, Product.SPOT, "USDT") == 950_000


def test_a_limit_order_through_the_market_fills_at_the_books_prices() -> None:
    rig = Rig()
    best = rig.engine.book(BTC, 1).asks[0]
    order = rig.place("buy", "0.01", "70000")
    assert order.status is OrderStatus.FILLED
    assert order.average_price == best.price
    assert rig.client.spot.held["USDT"] == 0
    assert rig.client.spot.total["USDT"] == 1_000_000 - best.price * Decimal("0.01")
    assert order.fees == {"BTC": Decimal("0.00001")}


def test_a_market_order_by_quote_quantity_spends_no_more_than_that() -> None:
    rig = Rig()
    order = rig.place("buy", None, quote_quantity=Decimal(1000))
    assert order.status is OrderStatus.FILLED
    assert 990 < order.filled_quote <= 1000
    assert order.quantity is None


def test_a_market_sell_by_quote_quantity_receives_no_more_than_that() -> None:
    rig = Rig()
    order = rig.place("sell", None, quote_quantity=Decimal(1000))
    assert order.status is OrderStatus.FILLED
    assert 990 < order.filled_quote <= 1000
    assert rig.client.spot.held["BTC"] == 0


def test_fees_in_quote_come_on_top_of_a_buy() -> None:
    rig = Rig(EngineRules(fee_currency=FeeCurrency.QUOTE))
    resting = rig.place("buy", "1", "50000")
    assert resting.held == Decimal(50_050)
    order = rig.place("buy", "0.01")
    assert order.fees["USDT"] == (order.filled_quote * Decimal("0.001")).quantize(Decimal("1e-8"))


def test_an_account_may_have_rates_of_its_own() -> None:
    rig = Rig()
    rig.client.fees[Product.SPOT] = FeeRates(maker=Decimal("-0.0001"), taker=Decimal(0))
    assert rig.place("sell", "0.01").fees == {"USDT": Decimal(0)}
    assert rig.engine.fees(rig.client, Product.SPOT).maker == Decimal("-0.0001")


def test_ids_grow_and_never_repeat() -> None:
    rig = Rig()
    orders = [rig.place("buy", "0.01") for _ in range(5)]
    assert [order.order_id for order in orders] == list(range(orders[0].order_id, orders[0].order_id + 5))
    trade_ids = [fill.trade_id for fill in rig.engine.fills(rig.client)]
    assert trade_ids == sorted(set(trade_ids))


def test_each_market_may_count_its_own_trades_without_a_gap() -> None:
    rig = Rig(EngineRules(first_trade_id=0, trade_ids_by_market=True))
    rig.wait(60)
    for instrument in (BTC, PERP):
        assert rig.place("buy", "0.01", instrument=instrument).filled_quantity
        trade_ids = [trade.trade_id for trade in rig.engine.trades(instrument, 1000)]
        assert trade_ids == list(range(len(trade_ids)))


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        pytest.param({"price": "50000.001"}, Reason.BAD_TICK, id="a price between ticks"),
        pytest.param({"price": "0.5"}, Reason.PRICE_OUT_OF_RANGE, id="a price below the least"),
        pytest.param({"quantity": "0.00015", "price": "50000"}, Reason.BELOW_MIN_QUANTITY, id="too small"),
        pytest.param({"quantity": "0.00025", "price": "50000"}, Reason.BAD_LOT, id="a quantity between lots"),
        pytest.param({"quantity": "51", "price": "50000"}, Reason.ABOVE_MAX_QUANTITY, id="too large"),
        pytest.param({"quantity": "0.0002", "price": "49000"}, Reason.BELOW_MIN_NOTIONAL, id="worth too little"),
        pytest.param({"quantity": "50", "price": "50000"}, Reason.ABOVE_MAX_NOTIONAL, id="worth too much"),
        pytest.param({"quantity": "30", "price": "50000"}, Reason.INSUFFICIENT_FUNDS, id="more than the account has"),
        pytest.param({"side": "sell", "quantity": "11"}, Reason.INSUFFICIENT_FUNDS, id="more base than there is"),
        pytest.param({"quantity": None, "quote_quantity": Decimal("10.001")}, Reason.BAD_QUOTE_STEP, id="quote step"),
        pytest.param({"price": "70000", "post_only": True}, Reason.WOULD_TAKE, id="post-only through the market"),
        pytest.param(
            {"price": "60100", "quantity": "15", "time_in_force": TimeInForce.FOK},
            Reason.UNFILLABLE_FOK,
            id="fill-or-kill beyond the book",
        ),
        pytest.param(
            {"order_type": OrderType.STOP_MARKET, "stop_price": Decimal(50_000)},
            Reason.WOULD_TRIGGER,
            id="a buy stop below the market",
        ),
        pytest.param({"order_type": OrderType.LIMIT}, Reason.BAD_ORDER, id="a limit order without a price"),
        pytest.param({"quantity": None}, Reason.BAD_ORDER, id="no quantity at all"),
        pytest.param({"reduce_only": True}, Reason.BAD_ORDER, id="reduce-only on spot"),
        pytest.param(
            {"price": "50000", "time_in_force": TimeInForce.GTD, "expires_us": 5}, Reason.EXPIRY_PASSED, id="expired"
        ),
    ],
)
def test_an_order_against_the_rules_is_refused_and_changes_nothing(asked: dict[str, Any], reason: Reason) -> None:
    rig = Rig(EngineRules(client_ids=ClientIds.UNCHECKED))
    before = dict(rig.client.spot.total)
    assert reason_of(rig, **asked) is reason
    assert rig.client.spot.total == before
    assert not any(rig.client.spot.held.values())
    assert not rig.client.orders
    with pytest.raises(EngineRefusal) as caught:
        rig.engine.test(rig.client, ask(**asked))
    assert caught.value.reason is reason


def test_the_cap_on_open_orders_holds() -> None:
    rig = Rig()
    for _ in range(3):
        rig.place("buy", "0.01", "50000")
    assert reason_of(rig, quantity="0.01", price="50000") is Reason.TOO_MANY_OPEN_ORDERS


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        pytest.param(MarketMode.CLOSED, Reason.MARKET_CLOSED, id="closed"),
        pytest.param(MarketMode.CANCEL_ONLY, Reason.CANCEL_ONLY, id="cancel-only"),
        pytest.param(MarketMode.POST_ONLY, Reason.POST_ONLY_MODE, id="post-only"),
    ],
)
def test_a_restricted_market_refuses_orders(mode: MarketMode, reason: Reason) -> None:
    rig = Rig()
    resting = rig.place("buy", "0.01", "50000")
    rig.engine.set_mode(BTC, mode)
    assert reason_of(rig, price="50000") is reason
    if mode is MarketMode.CLOSED:
        with pytest.raises(EngineRefusal):
            rig.engine.cancel(rig.client, resting)
    else:
        assert rig.engine.cancel(rig.client, resting).status is OrderStatus.CANCELED


# --- client ids


@pytest.mark.parametrize(
    ("rule", "while_open", "afterwards"),
    [
        pytest.param(ClientIds.FOR_EVER, "first", "first", id="for ever: the first order comes back"),
        pytest.param(ClientIds.REFUSED_FOR_EVER, "refused", "refused", id="refused for ever"),
        pytest.param(ClientIds.WHILE_OPEN, "refused", "new", id="unique among open orders"),
        pytest.param(ClientIds.UNCHECKED, "new", "new", id="not looked at"),
    ],
)
def test_a_repeated_client_id(rule: ClientIds, while_open: str, afterwards: str) -> None:
    rig = Rig(EngineRules(client_ids=rule))
    first = rig.place("buy", "0.01", "50000", client_order_id="mine")

    def again() -> str:
        try:
            return "first" if rig.place("buy", "0.02", "49000", client_order_id="mine") is first else "new"
        except EngineRefusal as refusal:
            known = (refusal.reason, refusal.order) == (Reason.DUPLICATE_CLIENT_ID, first)
            return "refused" if known else "refused for another reason"

    assert again() == while_open
    rig.engine.cancel_all(rig.client)
    assert again() == afterwards


def test_of_a_reused_id_the_latest_order_is_found() -> None:
    rig = Rig()
    rig.place("buy", "0.01", client_order_id="mine")
    second = rig.place("buy", "0.02", client_order_id="mine")
    assert rig.engine.order(rig.client, client_order_id="mine") is second


# --- canceling


def test_a_canceled_order_gives_its_funds_back() -> None:
    rig = Rig()
    order = rig.engine.cancel(rig.client, rig.place("buy", "1", "50000"))
    assert (order.status, order.end) == (OrderStatus.CANCELED, EndReason.CANCELED)
    assert rig.client.spot.held["USDT"] == 0
    assert not rig.engine.open_orders(rig.client)
    assert rig.engine.orders(rig.client) == (order,)


def test_a_closed_order_cannot_be_canceled_and_its_state_is_told() -> None:
    rig = Rig()
    order = rig.place("buy", "0.01")
    with pytest.raises(EngineRefusal) as caught:
        rig.engine.cancel(rig.client, order)
    assert (caught.value.reason, caught.value.order) == (Reason.ALREADY_CLOSED, order)


def test_cancel_all_takes_the_orders_of_one_instrument_or_product() -> None:
    rig = Rig()
    spot = rig.place("buy", "0.01", "50000")
    perp = rig.place("buy", "0.01", "50000", instrument=PERP)
    assert rig.engine.cancel_all(rig.client, instrument=PERP) == (perp,)
    assert rig.engine.cancel_all(rig.client, Product.SPOT) == (spot,)


def test_orders_of_others_do_not_exist() -> None:
    rig = Rig()
    order = rig.place("buy", "0.01", "50000")
    other = rig.engine.open_account("other")
    attempts: tuple[Callable[[], object], ...] = (
        lambda: rig.engine.cancel(other, order),
        lambda: rig.engine.amend(other, order, price=Decimal(1)),
        lambda: rig.engine.order(other, order_id=order.order_id),
    )
    for attempt in attempts:
        with pytest.raises(EngineRefusal) as caught:
            attempt()
        assert caught.value.reason is Reason.NOT_FOUND


def test_a_cancel_that_takes_time_can_lose_to_a_fill() -> None:
    rig = Rig(EngineRules(cancel_us=(1_000_000, 1_000_000)))
    order = rig.place("buy", "0.01", "50000")
    assert rig.engine.cancel(rig.client, order).status is OrderStatus.PENDING_CANCEL
    with pytest.raises(EngineRefusal) as caught:
        rig.engine.cancel(rig.client, order)
    assert caught.value.reason is Reason.BUSY
    rig.engine.move_price(BTC, Decimal(49_000))
    rig.wait(2)
    assert order.status is OrderStatus.FILLED

    slow = rig.place("buy", "0.01", "40000")
    rig.engine.cancel(rig.client, slow)
    rig.wait(2)
    assert slow.end is EndReason.CANCELED


# --- amending


def test_amending_moves_the_hold_with_the_order() -> None:
    rig = Rig()
    order = rig.place("buy", "1", "50000")
    rig.engine.amend(rig.client, order, price=Decimal(40_000), quantity=Decimal(2), client_order_id="renamed")
    assert (order.price, order.quantity, order.held, order.amendments) == (
        Decimal(40_000),
        Decimal(2),
        Decimal(80_000),
        1,
    )
    assert order.client_order_id == "renamed"


@pytest.mark.parametrize(
    ("changes", "keeps_place"),
    [
        pytest.param({"quantity": Decimal("0.5")}, True, id="less keeps its place"),
        pytest.param({"quantity": Decimal("0.5"), "keeps_priority": False}, False, id="less, on a venue that forgets"),
        pytest.param({"quantity": Decimal(2)}, False, id="more goes to the end"),
    ],
)
def test_an_amended_orders_place_in_the_queue(changes: dict[str, Any], keeps_place: bool) -> None:
    rig = Rig()
    first, second = rig.place("buy", "1", "59995"), rig.place("buy", "1", "59995")
    rig.engine.amend(rig.client, first, **changes)
    taker = rig.engine.open_account("taker", spot={"BTC": Decimal(10)})
    rig.engine.place(taker, ask("sell", "0.4", "59995"))
    assert (first.filled_quantity > 0) is keeps_place
    assert (second.filled_quantity > 0) is not keeps_place


def test_an_amended_price_through_the_market_trades() -> None:
    rig = Rig()
    order = rig.engine.amend(rig.client, rig.place("buy", "0.01", "50000"), price=Decimal(70_000))
    assert order.status is OrderStatus.FILLED


def test_amending_to_what_is_filled_ends_the_order() -> None:
    rig = Rig()
    order = rig.place("buy", "1", "59995")
    taker = rig.engine.open_account("taker", spot={"BTC": Decimal(10)})
    rig.engine.place(taker, ask("sell", "0.4", "59995"))
    rig.engine.amend(rig.client, order, quantity=Decimal("0.4"))
    assert (order.status, order.end, order.filled_quantity) == (
        OrderStatus.CANCELED,
        EndReason.AMENDED_AWAY,
        Decimal("0.4"),
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({}, Reason.NO_CHANGE, id="no difference"),
        pytest.param({"price": Decimal("50000.001")}, Reason.BAD_TICK, id="a bad price"),
        pytest.param({"price": Decimal(70_000)}, Reason.WOULD_TAKE, id="a post-only order that would take"),
        pytest.param({"quantity": Decimal(30)}, Reason.INSUFFICIENT_FUNDS, id="too much"),
    ],
)
def test_a_refused_amendment_changes_nothing(changes: dict[str, Any], reason: Reason) -> None:
    rig = Rig()
    order = rig.place("buy", "1", "50000", post_only=True)
    with pytest.raises(EngineRefusal) as caught:
        rig.engine.amend(rig.client, order, **changes)
    assert caught.value.reason is reason
    assert (order.price, order.quantity, order.held, order.amendments) == (
        Decimal(50_000),
        Decimal(1),
        Decimal(50_000),
        0,
    )
    assert order.is_open


# --- acknowledged first, refused later


def test_a_late_refusal_shows_in_the_orders_state() -> None:
    rig = Rig(EngineRules(late=frozenset({Reason.WOULD_TAKE})))
    order = rig.place("buy", "0.01", "70000", post_only=True)
    assert (order.status, order.end, order.refusal) == (OrderStatus.REJECTED, EndReason.REFUSED, Reason.WOULD_TAKE)
    assert rig.client.spot.held["USDT"] == 0


def test_the_cap_on_open_orders_may_be_found_late() -> None:
    rig = Rig(EngineRules(late=frozenset({Reason.TOO_MANY_OPEN_ORDERS}), acceptance_us=(500_000, 500_000)))
    orders = [rig.place("buy", "0.01", "50000") for _ in range(4)]
    assert {order.status for order in orders} == {OrderStatus.PENDING_NEW}
    rig.wait(1)
    assert [order.refusal for order in orders] == [None, None, None, Reason.TOO_MANY_OPEN_ORDERS]
    assert [order.status.is_open for order in orders] == [True, True, True, False]


def test_an_order_acts_only_when_the_engine_has_taken_it() -> None:
    rig = Rig(EngineRules(acceptance_us=(500_000, 500_000)))
    order = rig.place("buy", "0.01", "70000")
    assert (order.status, order.filled_quantity) == (OrderStatus.PENDING_NEW, Decimal(0))
    with pytest.raises(EngineRefusal) as caught:
        rig.engine.amend(rig.client, order, price=Decimal(50_000))
    assert caught.value.reason is Reason.BUSY
    rig.wait(1)
    assert order.status is OrderStatus.FILLED
    canceled = rig.place("buy", "0.01", "70000")
    rig.engine.cancel(rig.client, canceled)
    rig.wait(1)
    assert (canceled.end, canceled.filled_quantity) == (EndReason.CANCELED, Decimal(0))


def test_a_fresh_order_can_be_missing_from_queries_though_it_lives() -> None:
    rig = Rig()
    rig.engine.visibility_us = lambda _order_id: 1_000_000
    order = rig.place("buy", "0.01", client_order_id="mine")
    assert order.status is OrderStatus.FILLED
    assert not rig.engine.orders(rig.client)
    assert not rig.engine.fills(rig.client)
    with pytest.raises(EngineRefusal):
        rig.engine.query(rig.client, client_order_id="mine")
    rig.wait(1)
    assert rig.engine.query(rig.client, client_order_id="mine") is order
    assert rig.engine.fills(rig.client, order_id=order.order_id)


# --- life in the book


def test_a_good_till_date_order_leaves_at_its_time() -> None:
    rig = Rig()
    order = rig.place("buy", "0.01", "50000", time_in_force=TimeInForce.GTD, expires_us=rig.engine.now_us + 10_000_000)
    rig.wait(9)
    assert order.is_open
    rig.wait(1)
    assert (order.status, order.end) == (OrderStatus.EXPIRED, EndReason.EXPIRED)


def test_an_order_at_the_top_of_the_book_is_filled_by_the_background() -> None:
    rig = Rig()
    order = rig.place("buy", "0.05", "60000")
    rig.wait(600)
    assert order.status is OrderStatus.FILLED
    assert {fill.liquidity for fill in rig.engine.fills(rig.client)} == {Liquidity.MAKER}
    assert {fill.price for fill in rig.engine.fills(rig.client)} == {Decimal(60_000)}


def test_a_stop_waits_for_its_price_and_then_trades() -> None:
    rig = Rig()
    stop = rig.place("sell", "0.01", order_type=OrderType.STOP_MARKET, stop_price=Decimal(58_000))
    rig.wait(1)
    assert stop.is_waiting_stop
    rig.engine.move_price(BTC, Decimal(57_000))
    assert (stop.status, stop.triggered) == (OrderStatus.FILLED, True)


# --- perpetuals


def test_a_perpetual_opens_closes_and_realizes() -> None:
    rig = Rig()
    bought = rig.place("buy", "0.1", instrument=PERP)
    (position,) = rig.engine.positions(rig.client)
    assert (position.quantity, position.entry_price) == (Decimal("0.1"), bought.average_price)
    rig.engine.move_price(PERP, Decimal(61_000))
    assert rig.engine.unrealized(rig.client, "USDT") > 90
    sold = rig.place("sell", "0.1", instrument=PERP, reduce_only=True)
    assert not rig.engine.positions(rig.client)
    earned = sold.filled_quote - bought.filled_quote - bought.fees["USDT"] - sold.fees["USDT"]
    assert rig.client.margin.total["USDT"] == 100_000 + earned


def test_margin_limits_what_can_be_opened() -> None:
    rig = Rig()
    assert rig.engine.available(rig.client, Product.LINEAR, "USDT") == 100_000
    rig.place("buy", "2", "50000", instrument=PERP)
    assert rig.engine.margin_in_use(rig.client, "USDT") == 10_000
    rig.client.margin.total["USDT"] = Decimal(20_000)
    assert reason_of(rig, quantity="3", price="50000", instrument=PERP) is Reason.INSUFFICIENT_FUNDS


@pytest.mark.parametrize(
    ("rules", "asked", "expected"),
    [
        pytest.param({}, {"side": "buy", "quantity": "1"}, Reason.REDUCE_ONLY, id="the same side is refused"),
        pytest.param({}, {"side": "sell", "quantity": "2"}, Reason.REDUCE_ONLY, id="too much is refused"),
        pytest.param({"trims_reduce_only": True}, {"side": "sell", "quantity": "2"}, Decimal(1), id="or trimmed"),
    ],
)
def test_reduce_only(rules: dict[str, Any], asked: dict[str, Any], expected: Reason | Decimal) -> None:
    rig = Rig(EngineRules(**rules))
    rig.place("buy", "1", instrument=PERP)
    if isinstance(expected, Reason):
        assert reason_of(rig, **asked, instrument=PERP, reduce_only=True) is expected
    else:
        assert rig.place(**asked, instrument=PERP, reduce_only=True).filled_quantity == expected
        assert not rig.engine.positions(rig.client)


def test_a_reduce_only_order_ends_when_nothing_is_left_to_reduce() -> None:
    rig = Rig()
    rig.place("buy", "1", instrument=PERP)
    closing = rig.place("sell", "1", "60100", instrument=PERP, reduce_only=True)
    rig.place("sell", "1", instrument=PERP)
    rig.engine.move_price(PERP, Decimal(61_000))
    assert (closing.end, closing.filled_quantity) == (EndReason.REDUCE_ONLY, Decimal(0))


def test_a_position_stays_within_its_limit() -> None:
    rig = Rig()
    assert reason_of(rig, quantity="5.1", instrument=PERP) is Reason.POSITION_LIMIT


def test_hedge_mode_keeps_two_positions() -> None:
    rig = Rig()
    rig.engine.set_position_mode(rig.client, PositionMode.HEDGE)
    rig.place("buy", "0.1", instrument=PERP, position_side=PositionSide.LONG)
    rig.place("sell", "0.2", instrument=PERP, position_side=PositionSide.SHORT)
    assert [position.quantity for position in rig.engine.positions(rig.client)] == [Decimal("0.1"), Decimal("-0.2")]
    refused = {"side": "sell", "quantity": "0.3", "instrument": PERP, "position_side": PositionSide.LONG}
    assert reason_of(rig, **refused) is Reason.REDUCE_ONLY


def test_modes_and_leverage_change_only_when_that_is_possible() -> None:
    rig = Rig()
    engine, client = rig.engine, rig.client
    attempts: tuple[tuple[Callable[[], None], Reason], ...] = (
        (lambda: engine.set_leverage(client, PERP, Decimal(51)), Reason.LEVERAGE),
        (lambda: engine.set_leverage(client, PERP, Decimal(10)), Reason.NO_CHANGE),
        (lambda: engine.set_margin_mode(client, PERP, MarginMode.CROSS), Reason.NO_CHANGE),
        (lambda: engine.set_position_mode(client, PositionMode.ONE_WAY), Reason.NO_CHANGE),
    )
    for attempt, reason in attempts:
        assert refusal_of(attempt) is reason
    engine.set_leverage(client, PERP, Decimal(20))
    engine.set_margin_mode(client, PERP, MarginMode.ISOLATED)
    rig.place("buy", "5", instrument=PERP)
    assert engine.margin_in_use(client, "USDT") == 5 * engine.market(PERP).mark / 20
    attempts = (
        (lambda: engine.set_leverage(client, PERP, Decimal(1)), Reason.INSUFFICIENT_FUNDS),
        (lambda: engine.set_margin_mode(client, PERP, MarginMode.CROSS), Reason.POSITION_OPEN),
        (lambda: engine.set_position_mode(client, PositionMode.HEDGE), Reason.POSITION_OPEN),
    )
    for attempt, reason in attempts:
        assert refusal_of(attempt) is reason


def test_longs_pay_funding_at_the_settlement() -> None:
    rig = Rig()
    rig.place("buy", "1", instrument=PERP)
    before, funding = rig.client.margin.total["USDT"], rig.engine.funding(PERP)
    assert funding.next_us > rig.engine.now_us
    rig.wait((funding.next_us - rig.engine.now_us) / 1e6)
    paid = before - rig.client.margin.total["USDT"]
    assert Decimal(5) < paid < Decimal(7)
    assert rig.engine.funding(PERP).next_us == funding.next_us + funding.interval_s * 1_000_000


# --- the market


def test_the_book_keeps_both_sides_apart_however_the_price_jumps() -> None:
    rig = Rig()
    for price in (10_000, 90_000, 60_000):
        rig.engine.move_price(BTC, Decimal(price))
        book = rig.engine.book(BTC, 20)
        assert book.bids[0].price < price < book.asks[0].price
        assert len(book.bids) == len(book.asks) == 20


def test_the_same_seed_makes_the_same_market_and_another_another() -> None:
    def run(seed: int) -> list[tuple[Decimal, Decimal]]:
        rig = Rig(seed=seed)
        rig.place("buy", "0.3", "60000")
        rig.wait(120)
        return [(trade.price, trade.quantity) for trade in rig.engine.trades(BTC, 100)]

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_many_short_waits_are_one_long_wait() -> None:
    short, long = Rig(), Rig()
    for _ in range(100):
        short.wait(0.7)
    long.wait(70)
    assert [trade.price for trade in short.engine.trades(BTC, 50)] == [
        trade.price for trade in long.engine.trades(BTC, 50)
    ]


# --- invariants


ORDERS = st.tuples(
    st.sampled_from(("buy", "sell")),
    st.integers(1, 40).map(lambda lots: str(Decimal(lots) / 100)),
    st.one_of(st.none(), st.integers(58_000, 62_000).map(str)),
    st.sampled_from(("place", "cancel", "amend", "wait")),
)


@given(st.lists(ORDERS, max_size=25), st.sampled_from(list(FeeCurrency)))
@settings(max_examples=60, deadline=None)
def test_money_is_neither_made_nor_lost(steps: list[tuple[str, str, str | None, str]], fees: FeeCurrency) -> None:
    rig = Rig(EngineRules(fee_currency=fees, history_minutes=1))
    for side, quantity, price, action in steps:
        try:
            _take(rig, side, quantity, price, action)
        except EngineRefusal:
            continue
    wallet, fills = rig.client.spot, rig.client.fills
    signs = {Side.BUY: 1, Side.SELL: -1}
    paid = {
        currency: sum((f.fee for f in fills if f.fee_currency == currency), Decimal(0)) for currency in ("BTC", "USDT")
    }
    assert wallet.total["BTC"] == 10 + sum(signs[fill.side] * fill.quantity for fill in fills) - paid["BTC"]
    assert wallet.total["USDT"] == 1_000_000 - sum(signs[f.side] * f.quote_quantity for f in fills) - paid["USDT"]
    for currency in ("BTC", "USDT"):
        sides = {"BTC": Side.SELL, "USDT": Side.BUY}
        held = sum((order.held for order in rig.client.open.values() if order.side is sides[currency]), Decimal(0))
        assert wallet.held.get(currency, Decimal(0)) == held
        assert wallet.free(currency) >= 0
    for order in rig.client.orders:
        assert order.filled_quantity == sum((f.quantity for f in fills if f.order is order), Decimal(0))
        assert order.is_open is (order.order_id in rig.client.open)


def _take(rig: Rig, side: str, quantity: str, price: str | None, action: str) -> None:
    newest = next(reversed(rig.client.open.values()), None)
    if action == "wait":
        rig.wait(3)
    elif action == "cancel" and newest is not None:
        rig.engine.cancel(rig.client, newest)
    elif action == "amend" and newest is not None:
        rig.engine.amend(
            rig.client, newest, quantity=Decimal(quantity), price=None if price is None else Decimal(price)
        )
    else:
        rig.place(side, quantity, price)
