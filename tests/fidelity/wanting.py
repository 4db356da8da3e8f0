"""Reads an intent as our client does: what operation would be made of it. Sends nothing and knows no venue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from attrs import evolve

from tests.fidelity.intents import Intent
from unified.account import MarginMode, PositionMode
from unified.instrument import Instrument, Instruments
from unified.market_data import Interval
from unified.operations import (
    AmendOrder,
    CancelAll,
    CancelBatch,
    CancelOrder,
    FetchBalances,
    FetchBook,
    FetchCandles,
    FetchClosedOrders,
    FetchFills,
    FetchFundingRate,
    FetchOpenOrders,
    FetchOrder,
    FetchPositions,
    FetchServerTime,
    FetchTicker,
    FetchTickers,
    FetchTrades,
    FetchTradingFees,
    Operation,
    PlaceBatch,
    PlaceOrder,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
    TestOrder,
)
from unified.order import Order, OrderStatus, OrderType, PositionSide, Side, TimeInForce, Trigger

Make = Callable[[Intent, Instrument, Instruments], Operation[Any]]


def operation(intent: Intent, instrument: Instrument, listing: Instruments) -> Operation[Any]:
    """What our client would make of it."""
    return _MAKERS[intent["do"]](intent, instrument, listing)


def _span(intent: Intent) -> dict[str, Any]:
    page = {"limit": intent.get("limit"), "cursor": intent.get("cursor")}
    return {"start": _moment(intent, "start_s"), "end": _moment(intent, "end_s"), **page}


def _within(intent: Intent, item: Instrument, listing: Instruments) -> dict[str, Any]:
    return {"instrument": None if intent.get("of_all") else item, "product": item.product, "listing": listing}


_MAKERS: Mapping[str, Make] = {
    "place": lambda intent, item, _: _placed(intent, item),
    "test": lambda intent, item, _: TestOrder(instrument=item, order=_placed(intent, item)),
    "place_batch": lambda intent, item, _: PlaceBatch(orders=tuple(_placed(one, item) for one in intent["orders"])),
    "amend": lambda intent, item, _: _amended(intent, item),
    "cancel": lambda intent, item, _: CancelOrder(
        instrument=item, is_stop=intent.get("of_stop", False), **_named(intent)
    ),
    "cancel_batch": lambda intent, item, _: CancelBatch(
        cancels=tuple(
            CancelOrder(instrument=item, **_named({**intent, "order_id": order_id, "client_id": client_id}))
            for order_id, client_id in zip(intent["order_ids"], intent["client_ids"], strict=True)
        )
    ),
    "query": lambda intent, item, _: FetchOrder(instrument=item, **_named(intent)),
    "candles": lambda intent, item, _: FetchCandles(
        instrument=item, interval=Interval(intent.get("interval", "1m")), **_span(intent)
    ),
    "closed_orders": lambda intent, item, all_: FetchClosedOrders(**_within(intent, item, all_), **_span(intent)),
    "fills": lambda intent, item, all_: FetchFills(
        venue_order_id=intent["order_id"] if intent.get("of_order") else None,
        **_within(intent, item, all_),
        **_span(intent),
    ),
    "book": lambda intent, item, _: FetchBook(instrument=item, depth=intent["depth"]),
    "trades": lambda intent, item, _: FetchTrades(instrument=item, limit=intent["limit"], cursor=intent.get("cursor")),
    "leverage": lambda intent, item, _: SetLeverage(instrument=item, leverage=Decimal(intent["leverage"])),
    "margin_mode": lambda intent, item, _: SetMarginMode(instrument=item, mode=MarginMode(intent["mode"])),
    "position_mode": lambda intent, item, _: SetPositionMode(product=item.product, mode=PositionMode(intent["mode"])),
    "time": lambda _, item, __: FetchServerTime(product=item.product),
    "ticker": lambda _, item, __: FetchTicker(instrument=item),
    "tickers": lambda _, item, all_: FetchTickers(product=item.product, listing=all_),
    "balances": lambda _, item, __: FetchBalances(product=item.product),
    "fees": lambda _, item, __: FetchTradingFees(instrument=item),
    "open_orders": lambda intent, item, all_: FetchOpenOrders(
        **_within(intent, item, all_), cursor=intent.get("cursor")
    ),
    "cancel_all": lambda intent, item, all_: CancelAll(**_within(intent, item, all_)),
    "positions": lambda intent, item, all_: FetchPositions(**_within(intent, item, all_)),
    "funding": lambda _, item, __: FetchFundingRate(instrument=item),
}


def _placed(intent: Intent, instrument: Instrument) -> PlaceOrder:
    def number(name: str) -> Decimal | None:
        return Decimal(intent[name]) if name in intent else None

    by_quote = number("quote_quantity")
    return PlaceOrder(
        instrument=instrument,
        side=Side(intent["side"]),
        order_type=OrderType(intent["type"]),
        quantity=None if by_quote else _quantity(intent, instrument),
        quote_quantity=by_quote,
        price=number("price"),
        stop_price=number("stop_price"),
        trigger=Trigger(intent["trigger"]) if "trigger" in intent else None,
        time_in_force=TimeInForce(intent["tif"]),
        expires_at=_moment(intent, "expires_s"),
        post_only=intent.get("post_only", False),
        reduce_only=intent.get("reduce_only", False),
        position_side=PositionSide(intent["position_side"]) if "position_side" in intent else None,
        margin_mode=MarginMode(intent["margin_mode"]) if "margin_mode" in intent else None,
        client_order_id=intent["client_id"],
    )


def _quantity(intent: Intent, instrument: Instrument) -> Decimal:
    return Decimal(intent["quantity"]) * instrument.contract_size


def _amended(intent: Intent, instrument: Instrument) -> AmendOrder:
    return AmendOrder(
        instrument=instrument,
        order=_seen(intent, instrument),
        price=Decimal(intent["price"]) if "price" in intent else None,
        quantity=_quantity(intent, instrument) / 2 if intent.get("less") else None,
    )


def _seen(intent: Intent, instrument: Instrument) -> Order:
    """The order that is amended, as last seen."""
    limit = Order(
        instrument=instrument,
        venue_order_id="",
        status=OrderStatus.NEW,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        quantity=_quantity(intent, instrument),
        price=Decimal(50000),
        time_in_force=TimeInForce.GTC,
    )
    stop: dict[str, Any] = {
        "order_type": OrderType.STOP_LIMIT,
        "side": Side.SELL,
        "price": Decimal(54900),
        "stop_price": Decimal(55000),
    }
    more = stop if intent.get("of_stop") else {}
    return evolve(limit, **_named(intent), **more)


def _named(intent: Intent) -> dict[str, Any]:
    if intent.get("by_client_id"):
        return {"client_order_id": intent["client_id"]}
    return {"venue_order_id": intent["order_id"]}


def _moment(intent: Intent, name: str) -> datetime | None:
    return datetime.fromtimestamp(intent[name], UTC) if name in intent else None
