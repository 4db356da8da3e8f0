from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.bybit.sandbox_user import User
from unified.catalogue import Catalogue
from unified.errors import Kind
from unified_bybit import sandbox_account

CATALOGUE = Catalogue(Path(sandbox_account.__file__).with_name("errors.csv"))
LEVERAGE, MODE, POSITIONS = "/v5/position/set-leverage", "/v5/position/switch-mode", "/v5/position/list"
BTC = {"category": "linear", "symbol": "BTCUSDT"}


def wallet(user: User, **more: object) -> Any:
    (told,) = user.listed("/v5/account/wallet-balance", accountType="UNIFIED", **more)
    return told


def coin(user: User, name: str) -> Any:
    return next(row for row in wallet(user)["coin"] if row["coin"] == name)


def kind(told: Any) -> Kind:
    row = CATALOGUE.find(str(told["retCode"]), message=told["retMsg"], http_status=200, surfaces=("rest", "linear"))
    assert row is not None, told
    return row.kind


def test_one_wallet_holds_what_spot_orders_lock_and_contracts_bind() -> None:
    user = User()
    assert (coin(user, "USDT")["walletBalance"], coin(user, "BTC")["walletBalance"]) == ("3000000", "40")
    user.placed("spot", qty="1")
    user.placed("linear", qty="1")
    told = coin(user, "USDT")
    assert (told["locked"], Decimal(told["totalOrderIM"])) == ("59500", Decimal(5950))
    assert told["availableToWithdraw"] == ""
    assert Decimal(wallet(user)["totalAvailableBalance"]) == 3_000_000 - 59_500 - 5_950
    user.placed("spot", side="Sell", qty="2", price="60500")
    assert coin(user, "BTC")["locked"] == "2"


def test_the_wallet_values_everything_in_dollars() -> None:
    told = wallet(User())
    assert Decimal(told["totalEquity"]) == 3_000_000 + 40 * 60_000 + 800 * 3_000
    assert Decimal(told["totalMarginBalance"]) == 3_000_000


def test_the_wallet_shows_the_coins_that_are_asked_for() -> None:
    user = User()
    rows = wallet(user, coin="BTC,DOGE")["coin"]
    assert [(row["coin"], row["walletBalance"]) for row in rows] == [("BTC", "40"), ("DOGE", "0")]
    assert user.get("/v5/account/wallet-balance", accountType="SPOT")["retCode"] == 10001
    assert user.get("/v5/account/wallet-balance")["retCode"] == 10001


def test_fees_by_symbol() -> None:
    user = User()
    (row,) = user.listed("/v5/account/fee-rate", **BTC)
    assert row == {"symbol": "BTCUSDT", "takerFeeRate": "0.00055", "makerFeeRate": "0.0002"}
    assert len(user.listed("/v5/account/fee-rate", category="spot")) == 2


def test_a_key_tells_what_it_may_do() -> None:
    user = User()
    told = user.get("/v5/user/query-api")["result"]
    assert (told["readOnly"], told["permissions"]["Spot"], told["uta"]) == (0, ["SpotTrade"], 1)
    assert (told["secret"], told["apiKey"], told["ips"]) == ("", user.credentials.key, ["*"])
    assert (told["expiredAt"], told["deadlineDay"]) == ("2027-02-18T12:00:00Z", 89)
    user.who = "reader"
    told = user.get("/v5/user/query-api")["result"]
    assert (told["readOnly"], told["permissions"]["ContractTrade"]) == (1, [])
    bound = User(who="elsewhere", peer="203.0.113.7").get("/v5/user/query-api")["result"]
    assert (bound["ips"], "expiredAt" in bound) == (["203.0.113.7"], False)


def test_the_margin_mode_is_one_for_the_account() -> None:
    user = User()
    assert user.get("/v5/account/info")["result"]["marginMode"] == "REGULAR_MARGIN"
    told = user.post("/v5/account/set-margin-mode", setMarginMode="ISOLATED_MARGIN")
    assert (told["retCode"], told["result"]) == (0, {"reasons": []})
    assert user.get("/v5/account/info")["result"]["marginMode"] == "ISOLATED_MARGIN"
    assert user.post("/v5/account/set-margin-mode", setMarginMode="CROSS")["retCode"] == 10001


def test_portfolio_margin_is_not_for_the_poor_and_fixes_the_leverage() -> None:
    user = User(who="poor")
    told = user.post("/v5/account/set-margin-mode", setMarginMode="PORTFOLIO_MARGIN")
    assert (told["retCode"], kind(told)) == (3400045, Kind.MARGIN_REJECTED)
    assert told["result"]["reasons"][0]["reasonCode"] == "3400000"
    rich = User()
    assert rich.post("/v5/account/set-margin-mode", setMarginMode="PORTFOLIO_MARGIN")["retCode"] == 0
    assert rich.post(LEVERAGE, buyLeverage="5", sellLeverage="5", **BTC)["retCode"] == 110038


def test_prices_beyond_the_limit_have_two_flags_of_opposite_sense() -> None:
    user = User()
    assert user.get("/v5/account/user-setting-config")["result"] == {"lpaSpot": False, "lpaPerp": False}
    user.post("/v5/account/set-limit-px-action", category="spot", modifyEnable=True)
    user.post("/v5/account/set-limit-px-action", category="linear", modifyEnable=False)
    assert user.get("/v5/account/user-setting-config")["result"] == {"lpaSpot": True, "lpaPerp": True}
    user.post("/v5/account/set-limit-px-action", category="linear", modifyEnable=True)
    assert user.get("/v5/account/user-setting-config")["result"] == {"lpaSpot": True, "lpaPerp": False}


# --- positions


def test_positions_with_a_symbol_show_flat_ones_and_with_a_coin_only_open_ones() -> None:
    user = User()
    (flat,) = user.listed(POSITIONS, **BTC)
    assert (flat["side"], flat["size"], flat["leverage"], flat["liqPrice"]) == ("", "0", "10", "")
    assert user.listed(POSITIONS, category="linear", settleCoin="USDT") == []
    user.placed("linear", orderType="Market", price=None, side="Sell")
    (held,) = user.listed(POSITIONS, category="linear", settleCoin="USDT")
    assert (held["side"], held["size"], held["positionIdx"]) == ("Sell", "0.010", 0)
    assert Decimal(held["positionIM"]) == Decimal(held["positionValue"]) / 10
    entry, mark = Decimal(held["avgPrice"]), Decimal(held["markPrice"])
    assert Decimal(held["unrealisedPnl"]) == (entry - mark) * Decimal("0.01")


@pytest.mark.parametrize(
    "query",
    [
        pytest.param({"category": "spot", "symbol": "BTCUSDT"}, id="spot has none"),
        pytest.param({"category": "linear"}, id="neither symbol nor coin"),
        pytest.param({"category": "linear", "symbol": "NOPE"}, id="an unknown symbol"),
        pytest.param({"category": "linear", "settleCoin": "USDT", "limit": 201}, id="a page that is too large"),
    ],
)
def test_positions_that_cannot_be_asked_for(query: dict[str, object]) -> None:
    assert User().get(POSITIONS, **query)["retCode"] == 10001


def test_a_position_is_closed_whole_with_a_quantity_of_zero() -> None:
    user = User()
    user.placed("linear", orderType="Market", price=None, qty="0.5")
    close = {"side": "Sell", "qty": "0", "reduceOnly": True, "closeOnTrigger": True}
    row = user.order(user.placed("linear", orderType="Market", price=None, **close))
    assert (row["qty"], row["orderStatus"], row["reduceOnly"], row["closeOnTrigger"]) == ("0.500", "Filled", True, True)
    assert user.listed(POSITIONS, category="linear", settleCoin="USDT") == []


def test_a_reduce_only_order_is_cut_to_the_position() -> None:
    user = User()
    user.placed("linear", orderType="Market", price=None, qty="0.5")
    order_id = user.placed("linear", side="Sell", qty="0.8", price="60500", reduceOnly=True)
    assert user.order(order_id)["qty"] == "0.500"


def test_leverage() -> None:
    user = User()
    assert user.post(LEVERAGE, buyLeverage="20", sellLeverage="20", **BTC) | {"time": 0} == {
        "retCode": 0,
        "retMsg": "OK",
        "result": {},
        "retExtInfo": {},
        "time": 0,
    }
    assert user.listed(POSITIONS, **BTC)[0]["leverage"] == "20"
    same = user.post(LEVERAGE, buyLeverage="20", sellLeverage="20", **BTC)
    assert (same["retCode"], kind(same)) == (110043, Kind.NO_CHANGE)
    much = user.post(LEVERAGE, buyLeverage="101", sellLeverage="101", **BTC)
    assert (much["retCode"], kind(much)) == (110013, Kind.MARGIN_REJECTED)
    user.placed("linear", qty="900", price="59500")
    less = user.post(LEVERAGE, buyLeverage="10", sellLeverage="10", **BTC)
    assert (less["retCode"], kind(less)) == (110044, Kind.INSUFFICIENT_FUNDS)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"buyLeverage": "5", "sellLeverage": "6"}, id="two different ones"),
        pytest.param({"buyLeverage": "0.5", "sellLeverage": "0.5"}, id="below one"),
        pytest.param({"buyLeverage": 5, "sellLeverage": 5}, id="numbers that are no texts"),
        pytest.param({"buyLeverage": "5"}, id="one is missing"),
        pytest.param({"buyLeverage": "5", "sellLeverage": "5", "category": "spot"}, id="spot"),
    ],
)
def test_leverage_that_is_malformed(change: dict[str, object]) -> None:
    assert User().post(LEVERAGE, **{**BTC, **change})["retCode"] == 10001


def test_hedge_mode_keeps_two_positions() -> None:
    user = User()
    assert user.post(MODE, mode=3, **BTC)["retCode"] == 0
    same = user.post(MODE, mode=3, **BTC)
    assert (same["retCode"], kind(same)) == (110025, Kind.NO_CHANGE)
    market = {"orderType": "Market", "price": None}
    wrong = user.place("linear", **market)
    assert (wrong["retCode"], wrong["retMsg"]) == (10001, "position idx not match position mode")
    user.placed("linear", positionIdx=1, **market)
    user.placed("linear", positionIdx=2, side="Sell", qty="0.02", **market)
    rows = user.listed(POSITIONS, **BTC)
    assert [(row["positionIdx"], row["side"], row["size"]) for row in rows] == [
        (1, "Buy", "0.010"),
        (2, "Sell", "0.020"),
    ]
    back = user.post(MODE, mode=0, category="linear", coin="USDT")
    assert (back["retCode"], kind(back)) == (110024, Kind.MARGIN_REJECTED)
    user.placed("linear", positionIdx=2, side="Buy", qty="0.02", **market)
    (left,) = user.listed(POSITIONS, category="linear", settleCoin="USDT")
    assert left["positionIdx"] == 1


def test_the_position_mode_does_not_change_while_orders_are_open() -> None:
    user = User()
    user.placed("linear")
    told = user.post(MODE, mode=3, **BTC)
    assert (told["retCode"], kind(told)) == (110028, Kind.MARGIN_REJECTED)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({**BTC, "mode": 1}, id="an unknown mode"),
        pytest.param(BTC, id="no mode"),
        pytest.param({**BTC, "mode": "3"}, id="a mode that is a text"),
        pytest.param({"category": "linear", "mode": 3}, id="neither symbol nor coin"),
        pytest.param({**BTC, "category": "spot", "mode": 3}, id="spot"),
        pytest.param({**BTC, "symbol": "NOPE", "mode": 3}, id="an unknown symbol"),
    ],
)
def test_position_modes_that_are_malformed(body: dict[str, object]) -> None:
    assert User().post(MODE, **body)["retCode"] == 10001
