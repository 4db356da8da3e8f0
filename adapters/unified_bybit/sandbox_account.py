"""The account endpoints of the simulated Bybit: wallet, fees, key, positions and their settings.

Fields: Bybit V5 pages of account, position and user (2026-07-24). One wallet; only USDT counts as margin. Positions are
reckoned cross in every margin mode, and the position mode is one for the whole account, where the venue has one for
each coin.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from unified.account import PositionMode
from unified.instrument import ONE, ZERO, Product
from unified.order import PositionSide
from unified.sandbox.dialect import RequestClass
from unified.sandbox.refusal import EngineRefusal, Reason
from unified.sandbox.wording import fixed, plain, rfc3339
from unified_bybit.sandbox_calls import (
    CATEGORIES,
    Answer,
    Call,
    Endpoint,
    Paged,
    Refusal,
    Right,
    Row,
    page,
    wrong,
)
from unified_bybit.sandbox_rows import position_row

_MARGIN_MODES = ("ISOLATED_MARGIN", "REGULAR_MARGIN", "PORTFOLIO_MARGIN")
_CROSS = "REGULAR_MARGIN"
_LEAST_FOR_PORTFOLIO = Decimal(1_000)
_POSITION_MODES = {0: PositionMode.ONE_WAY, 3: PositionMode.HEDGE}
_MARGIN_COIN = "USDT"
_DAY_US = 86_400_000_000
_KEY_DAYS = 90
"""A key that is bound to no address ends after so many days."""

# --- the wallet


def wallet(call: Call) -> Answer:
    if call.fields.text("accountType") != "UNIFIED":
        raise wrong("accountType only support UNIFIED.")
    held = {coin for coin, amount in call.account.spot.total.items() if amount}
    asked = call.fields.get("coin").split(",") if "coin" in call.fields else sorted(held)
    coins = [_coin(call, coin) for coin in asked]
    equity = sum((Decimal(_coin(call, coin)["usdValue"]) for coin in held), ZERO)
    margin = call.engine.margin_in_use(call.account, _MARGIN_COIN)
    profit = call.engine.unrealized(call.account, _MARGIN_COIN)
    collateral = call.account.margin.total.get(_MARGIN_COIN, ZERO) + profit
    told = {
        "accountType": "UNIFIED",
        "totalEquity": fixed(equity, 8),
        "totalWalletBalance": fixed(equity - profit, 8),
        "totalMarginBalance": fixed(collateral, 8),
        "totalAvailableBalance": fixed(call.engine.available(call.account, Product.LINEAR, _MARGIN_COIN), 8),
        "totalPerpUPL": fixed(profit, 8),
        "totalInitialMargin": fixed(margin, 8),
        "totalMaintenanceMargin": fixed(margin / 10, 8),
        "accountIMRate": fixed(margin / collateral if collateral else ZERO, 4),
        "accountMMRate": fixed(margin / 10 / collateral if collateral else ZERO, 4),
        "accountLTV": "0",
    }
    return Answer(result={"list": [{**told, "coin": coins}]})


def _coin(call: Call, coin: str) -> Row:
    account, engine = call.account, call.engine
    total = account.spot.total.get(coin, ZERO)
    is_margin = coin == _MARGIN_COIN
    profit = engine.unrealized(account, coin) if is_margin else ZERO
    equity = total + profit
    return {
        "coin": coin,
        "equity": plain(equity),
        "usdValue": fixed(equity * _usd(call, coin), 8),
        "walletBalance": plain(total),
        "locked": plain(account.spot.held.get(coin, ZERO)),
        "borrowAmount": "0",
        "spotBorrow": "0",
        "accruedInterest": "0",
        "totalOrderIM": fixed(engine.margin_in_use(account, coin) - _position_margin(call), 8) if is_margin else "0",
        "totalPositionIM": fixed(_position_margin(call), 8) if is_margin else "0",
        "totalPositionMM": "0",
        "unrealisedPnl": plain(profit),
        "cumRealisedPnl": "0",
        "bonus": "0",
        "availableToWithdraw": "",
        "availableToBorrow": "",
        "marginCollateral": is_margin,
        "collateralSwitch": is_margin,
    }


def _usd(call: Call, coin: str) -> Decimal:
    if coin == _MARGIN_COIN:
        return ONE
    try:
        return call.engine.market(call.engine.instrument(Product.SPOT, f"{coin}USDT")).mark
    except EngineRefusal:
        return ZERO


def _position_margin(call: Call) -> Decimal:
    return call.account.position_margin(_MARGIN_COIN, lambda item: call.engine.market(item).mark)


# --- the key and the account


def fee_rate(call: Call) -> Answer:
    rates = call.engine.fees(call.account, call.product)
    rows: list[Row] = [
        {"symbol": item.symbol, "takerFeeRate": plain(rates.taker), "makerFeeRate": plain(rates.maker)}
        for item in call.listed()
    ]
    return Answer(result={"list": rows})


def query_key(call: Call) -> Answer:
    key = call.key
    began_us = call.engine.clock.base_us - _DAY_US
    trades = key.may_trade
    told: Row = {
        "id": str(key.uid % 1000),
        "note": "a dummy key",
        "apiKey": key.credentials.key,
        "readOnly": 0 if trades else 1,
        "secret": "",
        "permissions": {
            "ContractTrade": ["Order", "Position"] if trades else [],
            "Spot": ["SpotTrade"] if trades else [],
            "Wallet": [],
            "Options": [],
            "Derivatives": ["DerivativesTrade"] if trades else [],
            "CopyTrading": [],
            "BlockTrade": [],
            "Exchange": [],
            "NFT": [],
        },
        "ips": list(key.addresses),
        "type": 1,
        "createdAt": rfc3339(began_us, digits=0),
        "unified": 0,
        "uta": 1,
        "userID": key.uid,
        "inviterID": 0,
        "vipLevel": "No VIP",
        "mktMakerLevel": "0",
        "affiliateID": 0,
        "isMaster": True,
        "parentUid": "0",
    }
    if key.addresses == ("*",):
        told |= {"deadlineDay": _KEY_DAYS - 1, "expiredAt": rfc3339(began_us + _KEY_DAYS * _DAY_US, digits=0)}
    return Answer(result=told, message="")


def account_info(call: Call) -> Answer:
    return Answer(
        result={
            "marginMode": call.records.margin_modes.get(call.account.name, _CROSS),
            "updatedTime": str(call.engine.clock.base_us // 1000),
            "unifiedMarginStatus": 5,
            "dcpStatus": "OFF",
            "timeWindow": 10,
            "smpGroup": 0,
            "isMasterTrader": False,
            "spotHedgingStatus": "OFF",
        }
    )


def set_margin_mode(call: Call) -> Answer:
    asked, equity = call.fields.text("setMarginMode"), call.account.margin.total.get(_MARGIN_COIN, ZERO)
    if asked not in _MARGIN_MODES:
        raise wrong("setMarginMode invalid")
    if asked == "PORTFOLIO_MARGIN" and equity < _LEAST_FOR_PORTFOLIO:
        text = "Equity needs to be equal to or greater than 1000 USDC"
        reasons = [{"reasonCode": "3400000", "reasonMsg": text}]
        raise Refusal(3400045, "Set margin mode failed", result={"reasons": reasons})
    call.records.margin_modes[call.account.name] = asked
    return Answer(result={"reasons": []}, message="Request accepted")


def set_price_action(call: Call) -> Answer:
    """Whether prices beyond the limit are moved to it (`modifyEnable`) or refused."""
    moves = call.fields.flag("modifyEnable")
    call.records.kept_prices[call.account.name, call.product] = not moves
    return Answer(message="success")


def user_settings(call: Call) -> Answer:
    """The two flags have opposite senses: spot moves, contracts refuse."""
    kept = call.records.kept_prices
    name = call.account.name
    spot, linear = (kept.get((name, CATEGORIES[word]), word == "spot") for word in ("spot", "linear"))
    return Answer(result={"lpaSpot": not spot, "lpaPerp": linear})


# --- positions


def positions(call: Call) -> Answer:
    """With a symbol flat ones too; with a coin only those that are open."""
    fields, account = call.fields, call.account
    if call.product is Product.SPOT:
        raise Refusal(10001, "Illegal category")
    if "symbol" not in fields and "settleCoin" not in fields:
        raise wrong("symbol or settleCoin is required")
    is_hedge = account.position_mode is PositionMode.HEDGE
    sides = (PositionSide.LONG, PositionSide.SHORT) if is_hedge else (None,)
    found = [
        position_row(call.engine, account.name, item, side)
        for item in call.listed()
        for side in sides
        if "symbol" in fields or account.position(item, side).quantity
    ]
    rows = [Paged(len(found) - index, row) for index, row in enumerate(found)]
    shown, further = page(rows, fields, default=20, most=200)
    return Answer(result={"list": shown, "nextPageCursor": further, "category": fields.text("category")})


def set_leverage(call: Call) -> Answer:
    item = call.instrument
    buy, sell = call.fields.number("buyLeverage"), call.fields.number("sellLeverage")
    if item.settle is None or buy is None or sell is None or buy < ONE:
        raise wrong("leverage invalid")
    if buy != sell:
        raise wrong("buyLeverage must equal sellLeverage")
    if call.records.margin_modes.get(call.account.name) == "PORTFOLIO_MARGIN":
        raise Refusal(110038, "Portfolio margin mode is not allowed to change leverage")
    codes = {
        Reason.NO_CHANGE: Refusal(110043, "leverage not modified"),
        Reason.LEVERAGE: Refusal(110013, "cannot set leverage due to risk limit level"),
        Reason.INSUFFICIENT_FUNDS: Refusal(110044, "Insufficient available margin"),
    }
    try:
        call.engine.set_leverage(call.account, item, buy)
    except EngineRefusal as refusal:
        raise codes[refusal.reason] from None
    return Answer()


def switch_mode(call: Call) -> Answer:
    mode = _POSITION_MODES.get(-1 if (said := call.fields.whole("mode")) is None else said)
    if call.product is Product.SPOT or mode is None:
        raise wrong("mode invalid")
    if "symbol" not in call.fields and "coin" not in call.fields:
        raise wrong("symbol or coin is required")
    call.listed()
    try:
        call.engine.set_position_mode(call.account, mode)
    except EngineRefusal as refusal:
        if refusal.reason is Reason.NO_CHANGE:
            raise Refusal(110025, "Position mode is not modified") from None
        if call.engine.positions(call.account):
            raise Refusal(110024, "You have an existing position, so position mode cannot be switched") from None
        raise Refusal(110028, "Open orders exist, so you cannot change position mode") from None
    return Answer()


def _read(path: str, answer: Callable[[Call], Answer], rate: int) -> Endpoint:
    return Endpoint(method="GET", path=path, answer=answer, kind=RequestClass.PRIVATE_READ, right=Right.READ, rate=rate)


def _write(path: str, answer: Callable[[Call], Answer], rate: int) -> Endpoint:
    return Endpoint(method="POST", path=path, answer=answer, kind=RequestClass.WRITE, right=Right.TRADE, rate=rate)


ACCOUNT = (
    _read("/v5/account/wallet-balance", wallet, 50),
    _read("/v5/account/fee-rate", fee_rate, 5),
    _read("/v5/account/info", account_info, 50),
    _read("/v5/account/user-setting-config", user_settings, 50),
    _read("/v5/user/query-api", query_key, 10),
    _read("/v5/position/list", positions, 50),
    _write("/v5/account/set-margin-mode", set_margin_mode, 5),
    _write("/v5/account/set-limit-px-action", set_price_action, 10),
    _write("/v5/position/set-leverage", set_leverage, 10),
    _write("/v5/position/switch-mode", switch_mode, 10),
)
"""Rates: Bybit V5 "Rate Limit Rules" (2026-05-22), default tier."""
