"""The account endpoints of the simulated OKX: balances, fees, modes, positions, and what became of orders.

Lists are newest first and paged by id: `after` asks for older rows, `before` for newer ones. An order that ended
without any fill is forgotten two hours later (OKX docs, "Get order details", 2026-07-08).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import TypeVar

from unified.account import MarginMode, PositionMode
from unified.instrument import Instrument, Product
from unified.sandbox.accounts import Account
from unified.sandbox.dialect import Outgoing
from unified.sandbox.engine import Engine
from unified.sandbox.orders import VenueOrder
from unified.sandbox.refusal import EngineRefusal, Reason
from unified.sandbox.wording import plain
from unified_okx.sandbox_calls import TYPE_OF, Call, Row, ms, rows
from unified_okx.sandbox_listings import FACTS
from unified_okx.sandbox_orders import client_id
from unified_okx.sandbox_rows import (
    algo_row,
    algo_state,
    balance_row,
    bill_id,
    fill_row,
    is_order,
    order_id,
    order_row,
    order_type,
    position_id,
    position_row,
    state,
)
from unified_okx.sandbox_sayings import Refusal
from unified_okx.sandbox_trade import find, find_algo

T = TypeVar("T")

_MODES = {"net_mode": PositionMode.ONE_WAY, "long_short_mode": PositionMode.HEDGE}
_MARGIN_MODES = {mode.value: mode for mode in MarginMode}
_PENDING_STATES = ("live", "partially_filled")
_CLOSED_STATES = ("filled", "canceled", "mmp_canceled")
_ALGO_STATES = ("effective", "canceled", "order_failed")
_ALGO_TYPES = ("conditional", "oco", "trigger", "move_order_stop", "chase", "iceberg", "twap", "smart_iceberg")
_FORGOTTEN_US = 2 * 3_600_000_000
_MOST_ROWS = 100
_MOST_CURRENCIES = 20
_MOST_INSTRUMENTS = 10
_LEAST_LEVER = Decimal("0.01")


# --- what the account has and may do


def config(call: Call) -> Outgoing:
    mode = next(word for word, mode in _MODES.items() if mode is call.account.position_mode)
    return rows(
        [
            {
                **_CONFIG,
                "uid": call.holder.uid,
                "mainUid": call.holder.uid,
                "acctLv": call.holder.level,
                "posMode": mode,
                "perm": call.holder.permissions,
                "ip": ",".join(call.holder.addresses),
            }
        ]
    )


_CONFIG: Row = {
    "acctStpMode": "cancel_maker",
    "autoLoan": False,
    "ctIsoMode": "automatic",
    "enableSpotBorrow": False,
    "feeType": "0",
    "greeksType": "PA",
    "kycLv": "2",
    "label": "dummy",
    "level": "Lv1",
    "levelTmp": "",
    "liquidationGear": "-1",
    "mgnIsoMode": "automatic",
    "opAuth": "0",
    "roleType": "0",
    "settleCcy": "USDT",
    "spotOffsetType": "",
    "spotRoleType": "0",
    "spotTraderInsts": [],
    "traderInsts": [],
    "type": "0",
}


def balance(call: Call) -> Outgoing:
    wanted = [name for name in call.fields.text("ccy").split(",") if name]
    if len(wanted) > _MOST_CURRENCIES:
        raise Refusal("50025", "ccy", _MOST_CURRENCIES)
    held = [name for name, total in call.account.margin.total.items() if total and (not wanted or name in wanted)]
    return rows([account_row(call.engine, call.account, held)])


def account_row(engine: Engine, account: Account, currencies: Iterable[str]) -> Row:
    """The account with some of its currencies."""
    details = [balance_row(engine, account, name, engine.now_us) for name in currencies]
    total = sum((Decimal(row["eqUsd"]) for row in details), Decimal(0))
    head = dict.fromkeys(("adjEq", "borrowFroz", "imr", "mmr", "mgnRatio", "notionalUsd", "ordFroz", "upl"), "")
    return {**head, "isoEq": "0", "totalEq": plain(total), "uTime": ms(engine.now_us), "details": details}


def trade_fee(call: Call) -> Outgoing:
    product = call.fields.product(required=True) or Product.SPOT
    item = _fee_instrument(call, product)
    rates = call.engine.fees(call.account, product)
    maker, taker = plain(-rates.maker), plain(-rates.taker)
    groups = [FACTS[item.symbol].group] if item is not None else sorted(_groups(call, product))
    row = {
        "instType": TYPE_OF[product],
        "level": "Lv1",
        "feeGroup": [{"groupId": group, "maker": maker, "taker": taker} for group in groups],
        "maker": maker if product is Product.SPOT else "",
        "taker": taker if product is Product.SPOT else "",
        "makerU": maker if product is Product.LINEAR else "",
        "takerU": taker if product is Product.LINEAR else "",
        "makerUSDC": "",
        "takerUSDC": "",
        "delivery": "",
        "exercise": "",
        "category": "1",
        "fiat": [],
        "ruleType": "normal",
        "ts": ms(call.now_us),
    }
    return rows([row])


def _fee_instrument(call: Call, product: Product) -> Instrument | None:
    symbol, family = call.fields.text("instId"), call.fields.text("instFamily")
    if symbol:
        return call.instrument(symbol)
    if family and product is Product.LINEAR:
        return call.instrument(f"{family}-SWAP")
    return None


def _groups(call: Call, product: Product) -> set[str]:
    return {FACTS[item.symbol].group for item in call.engine.instruments if item.product is product}


def positions(call: Call) -> Outgoing:
    product = call.fields.product(required=False)
    symbols = [name for name in call.fields.text("instId").split(",") if name]
    numbers = [number for number in call.fields.text("posId").split(",") if number]
    if len(symbols) > _MOST_INSTRUMENTS:
        raise Refusal("50025", "instId", _MOST_INSTRUMENTS)
    for symbol in symbols:
        call.instrument(symbol)
    return rows(
        position_row(call.engine, call.account, position)
        for position in call.engine.positions(call.account)
        if product in (None, position.instrument.product)
        and (not symbols or position.instrument.symbol in symbols)
        and (not numbers or str(position_id(position)) in numbers)
    )


def rate_limit(call: Call) -> Outgoing:
    return rows(
        [{"accRateLimit": "1000", "nextAccRateLimit": "", "fillRatio": "", "mainFillRatio": "", "ts": ms(call.now_us)}]
    )


# --- settings


def set_leverage(call: Call) -> Outgoing:
    text, mode = call.fields.need("lever"), call.fields.word("mgnMode", _MARGIN_MODES)
    item = call.instrument(call.fields.need("instId"))
    leverage = call.fields.number("lever")
    if item.product is not Product.LINEAR:
        raise Refusal("51000", "instId")
    hedged = call.account.position_mode is PositionMode.HEDGE
    if mode is MarginMode.ISOLATED and hedged and call.fields.text("posSide") not in ("long", "short"):
        raise Refusal("51000", "posSide")
    if leverage is None or leverage < _LEAST_LEVER:
        raise Refusal("59105", _LEAST_LEVER)
    _change_leverage(call, item, leverage, mode)
    row = {"lever": text, "mgnMode": mode.value, "instId": item.symbol, "posSide": call.fields.text("posSide")}
    return rows([row])


def _change_leverage(call: Call, item: Instrument, leverage: Decimal, mode: MarginMode) -> None:
    """Setting the same value is a plain success; a change needs an instrument without pending orders."""
    if leverage == call.account.leverage_of(item):
        return
    pending = [order for order in call.account.open.values() if order.instrument is item]
    if pending:
        plain_orders = any(not order.is_waiting_stop for order in pending)
        cross, isolated = ("59107", "59101") if plain_orders else ("59669", "59668")
        raise Refusal(cross if mode is MarginMode.CROSS else isolated)
    try:
        call.engine.set_leverage(call.account, item, leverage)
    except EngineRefusal as error:
        raise Refusal("59103" if error.reason is Reason.INSUFFICIENT_FUNDS else "59102") from None


def set_position_mode(call: Call) -> Outgoing:
    mode = call.fields.word("posMode", _MODES)
    try:
        call.engine.set_position_mode(call.account, mode)
    except EngineRefusal as error:
        if error.reason is not Reason.NO_CHANGE:
            raise Refusal("59000") from None
    return rows([{"posMode": call.fields.text("posMode")}])


# --- orders


def get_order(call: Call) -> Outgoing:
    item = call.instrument(call.fields.need("instId"))
    number, name = call.fields.whole("ordId"), client_id(call.fields, "clOrdId")
    if number is None and name is None:
        raise Refusal("50015", "ordId", "clOrdId")
    order = find(call, number, name)
    if order is None or order.instrument is not item or not _is_remembered(call, order):
        raise Refusal("51603")
    return rows([order_row(call.engine, call.account, order)])


def _is_remembered(call: Call, order: VenueOrder) -> bool:
    if not call.engine.visible(order):
        return False
    unfilled = order.end is not None and not order.filled_quantity
    return not unfilled or call.now_us - order.updated_us < _FORGOTTEN_US


def pending_orders(call: Call) -> Outgoing:
    wanted = _state_filter(call, _PENDING_STATES)
    product, item = call.chosen()
    found = [order for order in call.engine.open_orders(call.account, product, item) if _fits(call, order, wanted)]
    return _order_page(call, found)


def closed_orders(call: Call) -> Outgoing:
    wanted = _state_filter(call, _CLOSED_STATES)
    product = call.fields.product(required=True)
    item = call.chosen()[1]
    begin, end = call.fields.whole("begin"), call.fields.whole("end")
    found = [
        order
        for order in call.engine.orders(call.account, product, item)
        if order.end is not None
        and _is_remembered(call, order)
        and _fits(call, order, wanted)
        and _between(order.created_us, begin, end)
    ]
    return _order_page(call, found)


def _state_filter(call: Call, states: Sequence[str]) -> str:
    wanted = call.fields.text("state")
    if wanted and wanted not in states:
        raise Refusal("51600")
    return wanted


def _fits(call: Call, order: VenueOrder, wanted: str) -> bool:
    types = [name for name in call.fields.text("ordType").split(",") if name]
    return is_order(order) and wanted in ("", state(order)) and (not types or order_type(order) in types)


def _between(time_us: int, begin_ms: int | None, end_ms: int | None) -> bool:
    time_ms = time_us // 1000
    return (begin_ms is None or time_ms >= begin_ms) and (end_ms is None or time_ms <= end_ms)


def _order_page(call: Call, found: Iterable[VenueOrder]) -> Outgoing:
    newest = sorted(found, key=order_id, reverse=True)
    return rows(order_row(call.engine, call.account, order) for order in _page(call, newest, order_id))


def _page(call: Call, newest_first: Sequence[T], id_of: Callable[[T], int]) -> Sequence[T]:
    older_than, newer_than = call.fields.whole("after"), call.fields.whole("before")
    limit = call.fields.limit(_MOST_ROWS, _MOST_ROWS)
    return [
        row
        for row in newest_first
        if (older_than is None or id_of(row) < older_than) and (newer_than is None or id_of(row) > newer_than)
    ][:limit]


def fills(call: Call) -> Outgoing:
    return _fills(call, required=False)


def old_fills(call: Call) -> Outgoing:
    return _fills(call, required=True)


def _fills(call: Call, *, required: bool) -> Outgoing:
    product = call.fields.product(required=required)
    item, number = call.chosen()[1], call.fields.whole("ordId")
    begin, end = call.fields.whole("begin"), call.fields.whole("end")
    found = [
        fill
        for fill in call.engine.fills(call.account, product, item)
        if number in (None, order_id(fill.order)) and _between(fill.time_us, begin, end)
    ]
    newest = sorted(found, key=bill_id, reverse=True)
    return rows(fill_row(fill) for fill in _page(call, newest, bill_id))


# --- algo orders


def get_algo(call: Call) -> Outgoing:
    order = find_algo(call, call.fields)
    if order is None or not call.engine.visible(order):
        raise Refusal("51603")
    return rows([_algo(call, order)])


def _algo(call: Call, order: VenueOrder) -> Row:
    return algo_row(order, call.engine.market(order.instrument).last)


def pending_algos(call: Call) -> Outgoing:
    return _algo_page(call, ("live",))


def closed_algos(call: Call) -> Outgoing:
    """Asks for a state or an id, and not for both."""
    wanted = _state_filter(call, _ALGO_STATES)
    if bool(wanted) is bool(call.fields.text("algoId")):
        raise Refusal("51601" if wanted else "51602")
    return _algo_page(call, (wanted,) if wanted else _ALGO_STATES)


def _algo_page(call: Call, states: Sequence[str]) -> Outgoing:
    types = call.fields.need("ordType").split(",")
    if not set(types) <= set(_ALGO_TYPES):
        raise Refusal("51000", "ordType")
    product, item = call.chosen()
    number, name = call.fields.whole("algoId"), call.fields.text("algoClOrdId")
    found = [
        order
        for order in call.engine.orders(call.account, product, item)
        if order.order_type.is_stop
        and algo_state(order) in states
        and order.words["ordType"] in types
        and number in (None, order.order_id)
        and name in ("", order.client_order_id or "")
    ]
    newest = sorted(found, key=_algo_id, reverse=True)
    return rows(_algo(call, order) for order in _page(call, newest, _algo_id))


def _algo_id(order: VenueOrder) -> int:
    return order.order_id
