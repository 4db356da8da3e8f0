from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.binance.sandbox_rig import MARKET, Answer, Rig
from unified.account import MarginMode, PositionMode
from unified.instrument import Product

DONE = {"code": 200, "msg": "success"}


@pytest.fixture
def rig() -> Rig:
    return Rig()


def positions(rig: Rig, **params: object) -> list[dict[str, object]]:
    return list(rig.ask("linear", "GET", "/fapi/v3/positionRisk", params).content)


# --- spot


def test_fees_are_told(rig: Rig) -> None:
    spot = rig.ask("spot", "GET", "/api/v3/account/commission", {"symbol": "BTCUSDT"}).content
    assert spot["standardCommission"] == {
        "maker": "0.00100000",
        "taker": "0.00100000",
        "buyer": "0.00000000",
        "seller": "0.00000000",
    }
    linear = rig.ask("linear", "GET", "/fapi/v1/commissionRate", {"symbol": "BTCUSDT"}).content
    assert (linear["makerCommissionRate"], linear["takerCommissionRate"]) == ("0.000200", "0.000500")


@pytest.mark.parametrize(("who", "trades"), [("hmac", True), ("reader", False)])
def test_what_a_key_may_do_is_told(rig: Rig, who: str, trades: bool) -> None:
    told = rig.ask("spot", "GET", "/sapi/v1/account/apiRestrictions", who=who).content
    assert (told["enableReading"], told["enableSpotAndMarginTrading"], told["enableFutures"]) == (True, trades, trades)
    assert not told["enableWithdrawals"]
    assert rig.ask("spot", "GET", "/api/v3/account", who=who).content["canTrade"] is trades
    assert rig.ask("linear", "GET", "/fapi/v1/accountConfig", who=who).content["canTrade"] is trades


def test_the_count_of_orders_is_told(rig: Rig) -> None:
    rig.spot()
    told = rig.ask("spot", "GET", "/api/v3/rateLimit/order").content
    assert [(row["interval"], row["intervalNum"], row["count"]) for row in told] == [("SECOND", 10, 1), ("DAY", 1, 1)]
    told = rig.ask("linear", "GET", "/fapi/v1/rateLimit/order").content
    assert [row["limit"] for row in told] == [1200, 300]


# --- USD-M


def test_margin_is_told_by_balance_and_account(rig: Rig) -> None:
    rig.linear(quantity="1")
    (row,) = rig.ask("linear", "GET", "/fapi/v3/balance").content
    assert (row["asset"], row["balance"]) == ("USDT", "1000000.00000000")
    assert row["availableBalance"] == "994000.00000000"
    told = rig.ask("linear", "GET", "/fapi/v3/account").content
    assert told["availableBalance"] == "994000.00000000"
    assert told["totalOpenOrderInitialMargin"] == "6000.00000000"
    assert told["assets"][0]["walletBalance"] == told["totalWalletBalance"] == "1000000.00000000"


def test_only_what_is_open_has_a_position_row(rig: Rig) -> None:
    assert positions(rig) == []
    rig.linear(symbol="ETHUSDT", quantity="1", price="3000")
    assert [(row["symbol"], row["positionAmt"]) for row in positions(rig)] == [("ETHUSDT", "0.000")]
    rig.linear(**MARKET, side="SELL")
    assert [row["symbol"] for row in positions(rig)] == ["BTCUSDT", "ETHUSDT"]
    (row,) = positions(rig, symbol="BTCUSDT")
    assert (row["positionAmt"], row["positionSide"], row["marginAsset"]) == ("-0.010", "BOTH", "USDT")
    position = rig.account().position(rig.instrument(Product.LINEAR), None)
    assert Decimal(str(row["entryPrice"])) == position.entry_price
    told = rig.ask("linear", "GET", "/fapi/v3/account").content["positions"]
    assert [item["unrealizedProfit"] for item in told] == [item["unRealizedProfit"] for item in positions(rig)]


def test_hedge_mode_has_two_positions(rig: Rig) -> None:
    rig.dialect.engine.set_position_mode(rig.account(), PositionMode.HEDGE)
    rig.linear(**MARKET, positionSide="LONG")
    rig.linear(**MARKET, positionSide="SHORT", side="SELL")
    assert [(row["positionSide"], row["positionAmt"]) for row in positions(rig)] == [
        ("LONG", "0.010"),
        ("SHORT", "-0.010"),
    ]


def set_leverage(rig: Rig, leverage: object, who: str = "hmac") -> Answer:
    return rig.ask("linear", "POST", "/fapi/v1/leverage", {"symbol": "BTCUSDT", "leverage": leverage}, who)


def test_leverage_is_set_and_told(rig: Rig) -> None:
    for _ in range(2):
        assert set_leverage(rig, 21).content == {"symbol": "BTCUSDT", "leverage": 21, "maxNotionalValue": "1000000"}
    (row,) = [row for row in rig.ask("linear", "GET", "/fapi/v1/symbolConfig").content if row["symbol"] == "BTCUSDT"]
    assert (row["leverage"], row["marginType"]) == (21, "CROSSED")
    (row, _) = rig.ask("linear", "GET", "/fapi/v1/leverageBracket").content
    assert row["brackets"][0]["initialLeverage"] == 125


def test_leverage_has_bounds(rig: Rig) -> None:
    assert set_leverage(rig, 126).error == (400, -4028, "Leverage 126 is not valid")
    assert set_leverage(rig, 0).error[1] == -4028
    set_leverage(rig, 100, "poor")
    assert rig.linear("poor", quantity="0.020").status == 200
    assert set_leverage(rig, 1, "poor").error[1] == -2028


def set_margin(rig: Rig, mode: str) -> Answer:
    return rig.ask("linear", "POST", "/fapi/v1/marginType", {"symbol": "BTCUSDT", "marginType": mode})


def test_the_margin_type_changes_only_while_nothing_is_open(rig: Rig) -> None:
    assert set_margin(rig, "CROSSED").error == (400, -4046, "No need to change margin type.")
    assert set_margin(rig, "ISOLATED").content == DONE
    assert MarginMode.ISOLATED in rig.account().margin_modes.values()
    rig.linear()
    assert set_margin(rig, "CROSSED").error[1] == -4047
    rig.ask("linear", "DELETE", "/fapi/v1/allOpenOrders", {"symbol": "BTCUSDT"})
    rig.linear(**MARKET)
    assert set_margin(rig, "CROSSED").error[1] == -4048
    assert set_margin(rig, "BOTH").error[1] == -1130


def set_dual(rig: Rig, dual: str) -> Answer:
    return rig.ask("linear", "POST", "/fapi/v1/positionSide/dual", {"dualSidePosition": dual})


def test_the_position_mode_changes_only_while_nothing_is_open(rig: Rig) -> None:
    path = "/fapi/v1/positionSide/dual"
    assert set_dual(rig, "false").error == (400, -4059, "No need to change position side.")
    rig.linear()
    assert set_dual(rig, "true").error[1] == -4067
    rig.ask("linear", "DELETE", "/fapi/v1/allOpenOrders", {"symbol": "BTCUSDT"})
    rig.linear(**MARKET)
    assert set_dual(rig, "true").error[1] == -4068
    rig.linear(**MARKET, side="SELL")
    assert rig.ask("linear", "GET", path).content == {"dualSidePosition": False}
    assert set_dual(rig, "true").content == DONE
    assert rig.ask("linear", "GET", path).content == {"dualSidePosition": True}
