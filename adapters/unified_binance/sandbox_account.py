"""Balances, fees, positions and settings at both doors of the simulated Binance. Places no orders.

Sources: spot `rest-api.md` (2026-07-21); USD-M pages (2026-05-28).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from unified.account import MarginMode, PositionMode
from unified.instrument import ZERO, Instrument, Product
from unified.order import PositionSide, Side
from unified.sandbox.accounts import key_of
from unified.sandbox.dialect import RequestClass
from unified.sandbox.refusal import EngineRefusal, Reason
from unified.sandbox.wording import at_step, fixed, plain
from unified_binance.sandbox_rows import position_side
from unified_binance_dialect.sandbox_account import order_counts, spot_account
from unified_binance_dialect.sandbox_calls import Call, Endpoint, Refusal, Security
from unified_binance_dialect.sandbox_history import private
from unified_binance_dialect.sandbox_market import chosen, order_rates
from unified_binance_dialect.sandbox_rows import Row, spot8

_USDT = "USDT"
_MAINTENANCE = Decimal("0.004")
_NOTIONAL_CAP = 1_000_000
_MODES = {"ISOLATED": MarginMode.ISOLATED, "CROSSED": MarginMode.CROSS}
_DONE = {"code": 200, "msg": "success"}


# --- spot


def spot_commission(call: Call) -> Row:
    rates = call.engine.fees(call.account, Product.SPOT)
    none = dict.fromkeys(("maker", "taker", "buyer", "seller"), spot8(ZERO))
    return {
        "symbol": call.instrument.symbol,
        "standardCommission": {**none, "maker": spot8(rates.maker), "taker": spot8(rates.taker)},
        "specialCommission": none,
        "taxCommission": none,
        "discount": {
            "enabledForAccount": False,
            "enabledForSymbol": True,
            "discountAsset": "BNB",
            "discount": "0.75000000",
        },
    }


def restrictions(call: Call) -> Row:
    """What the key may do."""
    return {
        "ipRestrict": False,
        "createTime": 1_763_000_000_000,
        "enableReading": True,
        "enableWithdrawals": False,
        "enableInternalTransfer": False,
        "enableMargin": False,
        "enableFutures": call.may_trade,
        "permitsUniversalTransfer": False,
        "enableVanillaOptions": False,
        "enableFixApiTrade": False,
        "enableFixReadOnly": False,
        "enableSpotAndMarginTrading": call.may_trade,
        "enablePortfolioMarginTrading": False,
    }


# --- USD-M: what the account holds


def _money(call: Call) -> dict[str, Decimal]:
    """The account's USDT: wallet, profit and loss of positions, margin of positions and of orders."""
    account, engine = call.account, call.engine
    positions = sum((_initial(call, position.instrument, position.quantity) for position in _open(call)), ZERO)
    used = engine.margin_in_use(account, _USDT)
    return {
        "wallet": account.margin.total.get(_USDT, ZERO),
        "pnl": engine.unrealized(account, _USDT),
        "positions": positions,
        "orders": max(ZERO, used - positions),
        "free": max(ZERO, engine.available(account, Product.LINEAR, _USDT)),
    }


def _open(call: Call) -> Any:
    return call.engine.positions(call.account)


def _initial(call: Call, item: Instrument, quantity: Decimal) -> Decimal:
    return abs(quantity) * call.engine.market(item).mark / call.account.leverage_of(item)


def balance(call: Call) -> list[Row]:
    money = _money(call)
    return [
        {
            "accountAlias": "SgsR",
            "asset": _USDT,
            "balance": spot8(money["wallet"]),
            "crossWalletBalance": spot8(money["wallet"]),
            "crossUnPnl": spot8(money["pnl"]),
            "availableBalance": spot8(money["free"]),
            "maxWithdrawAmount": spot8(money["free"]),
            "marginAvailable": True,
            "updateTime": call.now_us // 1000,
        }
    ]


def linear_account(call: Call) -> Row:
    money = _money(call)
    initial = spot8(money["positions"] + money["orders"])
    shared = {
        "unrealizedProfit": spot8(money["pnl"]),
        "marginBalance": spot8(money["wallet"] + money["pnl"]),
        "maintMargin": spot8(money["positions"] * _MAINTENANCE),
        "initialMargin": initial,
        "positionInitialMargin": spot8(money["positions"]),
        "openOrderInitialMargin": spot8(money["orders"]),
        "crossWalletBalance": spot8(money["wallet"]),
        "crossUnPnl": spot8(money["pnl"]),
        "availableBalance": spot8(money["free"]),
        "maxWithdrawAmount": spot8(money["free"]),
    }
    totals = {f"total{name[0].upper()}{name[1:]}": value for name, value in shared.items() if not _is_bare(name)}
    bare = {name: value for name, value in shared.items() if _is_bare(name)}
    return {
        "totalWalletBalance": spot8(money["wallet"]),
        **totals,
        **bare,
        "assets": [
            {"asset": _USDT, "walletBalance": spot8(money["wallet"]), **shared, "updateTime": call.now_us // 1000}
        ],
        "positions": [_account_position(row) for row in position_risk(call)],
    }


def _is_bare(name: str) -> bool:
    return name in ("availableBalance", "maxWithdrawAmount")


def _account_position(row: Row) -> Row:
    kept = (
        "symbol",
        "positionSide",
        "positionAmt",
        "isolatedMargin",
        "notional",
        "isolatedWallet",
        "initialMargin",
        "maintMargin",
        "updateTime",
    )
    return {**{name: row[name] for name in kept}, "unrealizedProfit": row["unRealizedProfit"]}


def position_risk(call: Call) -> list[Row]:
    """Only where a position or an order is open."""
    rows = []
    for item in [call.instrument] if "symbol" in call.fields else call.instruments:
        orders = [order for order in call.account.open.values() if order.instrument is item]
        hedged = call.account.position_mode is PositionMode.HEDGE
        rows += [
            _position(call, item, side)
            for side in ((PositionSide.LONG, PositionSide.SHORT) if hedged else (None,))
            if orders or call.account.position(item, side).quantity
        ]
    return rows


def _position(call: Call, item: Instrument, side: PositionSide | None) -> Row:
    position, mark = call.account.position(item, side), call.engine.market(item).mark
    orders = [order for order in call.account.open.values() if order.instrument is item and not order.is_waiting_stop]
    initial, notional = _initial(call, item, position.quantity), position.quantity * mark
    waiting = sum((call.account.margin_for(order, order.remaining, order.price or mark) for order in orders), ZERO)
    asked = {
        way: sum((order.remaining * (order.price or mark) for order in orders if order.side is way), ZERO)
        for way in Side
    }
    return {
        "symbol": item.symbol,
        "positionSide": position_side(side),
        "positionAmt": at_step(position.quantity, item.lot_size),
        "entryPrice": plain(position.entry_price.quantize(Decimal("1e-8"))),
        "breakEvenPrice": plain(position.entry_price.quantize(Decimal("1e-8"))),
        "markPrice": fixed(mark, 8),
        "unRealizedProfit": spot8(position.unrealized(mark)),
        "liquidationPrice": "0",
        "isolatedMargin": "0",
        "notional": plain(notional),
        "marginAsset": item.settle,
        "isolatedWallet": "0",
        "initialMargin": plain(initial),
        "maintMargin": plain(abs(notional) * _MAINTENANCE),
        "positionInitialMargin": plain(initial),
        "openOrderInitialMargin": plain(waiting),
        "adl": 2 if position.quantity else 0,
        "bidNotional": plain(asked[Side.BUY]),
        "askNotional": plain(asked[Side.SELL]),
        "updateTime": call.time(position.updated_us) if position.updated_us else 0,
    }


# --- USD-M: fees and settings


def commission_rate(call: Call) -> Row:
    rates = call.engine.fees(call.account, Product.LINEAR)
    return {
        "symbol": call.instrument.symbol,
        "makerCommissionRate": fixed(rates.maker, 6),
        "takerCommissionRate": fixed(rates.taker, 6),
        "rpiCommissionRate": "0.000050",
    }


def account_config(call: Call) -> Row:
    return {
        "feeTier": 0,
        "canTrade": call.may_trade,
        "canDeposit": True,
        "canWithdraw": False,
        "dualSidePosition": call.account.position_mode is PositionMode.HEDGE,
        "updateTime": 0,
        "multiAssetsMargin": False,
        "tradeGroupId": -1,
    }


def symbol_config(call: Call) -> list[Row]:
    told = chosen(call, _symbol_config)
    return told if isinstance(told, list) else [told]


def _symbol_config(call: Call, item: Instrument) -> Row:
    mode = call.account.margin_modes.get(key_of(item), MarginMode.CROSS)
    return {
        "symbol": item.symbol,
        "marginType": "ISOLATED" if mode is MarginMode.ISOLATED else "CROSSED",
        "isAutoAddMargin": False,
        "leverage": int(call.account.leverage_of(item)),
        "maxNotionalValue": str(_NOTIONAL_CAP),
    }


def leverage_bracket(call: Call) -> list[Row]:
    told = chosen(call, _bracket)
    return told if isinstance(told, list) else [told]


def _bracket(call: Call, item: Instrument) -> Row:
    return {
        "symbol": item.symbol,
        "notionalCoef": 1,
        "brackets": [
            {
                "bracket": 1,
                "initialLeverage": int(call.engine.market(item).listing.max_leverage),
                "notionalCap": _NOTIONAL_CAP,
                "notionalFloor": 0,
                "maintMarginRatio": 0.004,
                "cum": 0,
            }
        ],
    }


def set_leverage(call: Call) -> Row:
    item, wanted = call.instrument, call.fields.whole("leverage")
    try:
        call.engine.set_leverage(call.account, item, Decimal(wanted or 0))
    except EngineRefusal as refusal:
        if refusal.reason is Reason.LEVERAGE:
            raise Refusal(-4028, f"Leverage {wanted} is not valid") from refusal
        if refusal.reason is Reason.INSUFFICIENT_FUNDS:
            raise Refusal(-2028, "Leverage is smaller than permitted: insufficient margin balance.") from refusal
        if refusal.reason is not Reason.NO_CHANGE:
            raise
    return {"symbol": item.symbol, "leverage": wanted, "maxNotionalValue": str(_NOTIONAL_CAP)}


def set_margin_type(call: Call) -> Row:
    item = call.instrument
    mode = call.fields.word("marginType", _MODES)
    if call.account.margin_modes.get(key_of(item), MarginMode.CROSS) is mode:
        raise Refusal(-4046, "No need to change margin type.")
    if any(order.instrument is item for order in call.account.open.values()):
        raise Refusal(-4047, "Margin type cannot be changed if there exists open orders.")
    try:
        call.engine.set_margin_mode(call.account, item, mode)
    except EngineRefusal as refusal:
        raise Refusal(-4048, "Margin type cannot be changed if there exists position.") from refusal
    return _DONE


def position_mode(call: Call) -> Row:
    return {"dualSidePosition": call.account.position_mode is PositionMode.HEDGE}


def set_position_mode(call: Call) -> Row:
    mode = PositionMode.HEDGE if call.fields.flag("dualSidePosition") else PositionMode.ONE_WAY
    if call.account.position_mode is mode:
        raise Refusal(-4059, "No need to change position side.")
    if any(order.instrument.product is Product.LINEAR for order in call.account.open.values()):
        raise Refusal(-4067, "Position side cannot be changed if there exists open orders.")
    try:
        call.engine.set_position_mode(call.account, mode)
    except EngineRefusal as refusal:
        raise Refusal(-4068, "Position side cannot be changed if there exists position.") from refusal
    return _DONE


# --- the tables


def _get(path: str, answer: Callable[[Call], Any], takes: str = "", weight: int = 5) -> Endpoint:
    return private(path, answer, takes, weight=weight)


def _post(path: str, answer: Callable[[Call], Any], takes: str) -> Endpoint:
    return Endpoint(
        method="POST", path=path, answer=answer, kind=RequestClass.WRITE, security=Security.TRADE, takes=takes
    )


SPOT = (
    _get("/api/v3/account", spot_account, "omitZeroBalances", 20),
    _get("/api/v3/account/commission", spot_commission, "symbol!", 20),
    _get("/api/v3/rateLimit/order", order_counts, weight=40),
    _get("/sapi/v1/account/apiRestrictions", restrictions, weight=1),
)

LINEAR = (
    _get("/fapi/v2/balance", balance),
    _get("/fapi/v3/balance", balance),
    _get("/fapi/v2/account", linear_account),
    _get("/fapi/v3/account", linear_account),
    _get("/fapi/v2/positionRisk", position_risk, "symbol"),
    _get("/fapi/v3/positionRisk", position_risk, "symbol"),
    _get("/fapi/v1/commissionRate", commission_rate, "symbol!", 20),
    _get("/fapi/v1/accountConfig", account_config),
    _get("/fapi/v1/symbolConfig", symbol_config, "symbol"),
    _get("/fapi/v1/leverageBracket", leverage_bracket, "symbol", 1),
    _get("/fapi/v1/positionSide/dual", position_mode, weight=30),
    _get("/fapi/v1/rateLimit/order", order_rates, weight=1),
    _post("/fapi/v1/leverage", set_leverage, "symbol! leverage!"),
    _post("/fapi/v1/marginType", set_margin_type, "symbol! marginType!"),
    _post("/fapi/v1/positionSide/dual", set_position_mode, "dualSidePosition!"),
)
