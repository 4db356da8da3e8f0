from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.okx.sandbox_rig import Rig
from unified.account import PositionMode
from unified_okx.sandbox_rows import STOP_OFFSET

SWAP = "ETH-USDT-SWAP"


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_a_resting_order_has_no_averages_and_no_trade(rig: Rig) -> None:
    row = rig.shown(rig.placed(clOrdId="c1", tag="t1"))
    assert (row["avgPx"], row["fillPx"], row["fillSz"], row["tradeId"], row["fillTime"]) == ("", "", "0", "", "")
    assert (row["accFillSz"], row["fee"], row["feeCcy"]) == ("0", "0", "BTC")
    assert (row["px"], row["sz"], row["clOrdId"], row["tag"]) == ("59000", "1", "c1", "t1")
    assert (row["instType"], row["tdMode"], row["posSide"], row["lever"]) == ("SPOT", "cash", "net", "")
    assert (row["reduceOnly"], row["stpMode"], row["cancelSource"]) == ("false", "cancel_maker", "")
    assert int(row["cTime"]) <= int(row["uTime"])


def test_everything_but_lists_is_text(rig: Rig) -> None:
    row = rig.shown(rig.placed(ordType="market", sz="100"))
    lists = {name for name, value in row.items() if not isinstance(value, str)}
    assert lists == {"attachAlgoOrds", "linkedAlgoOrd"}


def test_a_bought_coin_pays_its_fee_in_itself(rig: Rig) -> None:
    row = rig.shown(rig.placed(ordType="market", sz="1000"))
    assert (row["state"], row["tgtCcy"], row["sz"]) == ("filled", "quote_ccy", "1000")
    assert (row["feeCcy"], row["rebateCcy"], row["fee"]) == ("BTC", "USDT", "-0.00001667")
    assert row["avgPx"] == row["fillPx"] == "60006"
    fill = rig.get("trade/fills", ordId=row["ordId"]).row
    assert (fill["fillPx"], fill["fillSz"], fill["execType"]) == ("60006", row["accFillSz"], "T")
    assert (fill["fee"], fill["feeCcy"], fill["feeRate"]) == (row["fee"], "BTC", "-0.001")
    assert (fill["tradeId"], fill["subType"]) == (row["tradeId"], "1")


def test_a_sold_coin_pays_in_quote(rig: Rig) -> None:
    row = rig.shown(rig.placed(side="sell", ordType="market", sz="0.01"))
    assert (row["feeCcy"], row["fee"]) == ("USDT", "-0.59994")
    assert rig.get("trade/fills", ordId=row["ordId"]).row["feeRate"] == "-0.001"


def test_a_maker_is_told_apart(rig: Rig) -> None:
    number = rig.placed(px="59990", sz="0.001")
    rig.sandbox.engine.move_price(rig.instrument("BTC-USDT"), Decimal(59_900))
    fill = rig.get("trade/fills", ordId=number).row
    assert (fill["execType"], fill["feeRate"], fill["fillPx"]) == ("M", "-0.0008", "59990")


def test_a_part_is_partially_filled_and_its_average_is_exact(rig: Rig) -> None:
    row = rig.shown(rig.placed(px="60012", sz="30"))
    assert row["state"] == "partially_filled"
    order = rig.account.orders[0]
    assert Decimal(row["accFillSz"]) == order.filled_quantity
    assert order.average_price is not None
    assert abs(Decimal(row["avgPx"]) - order.average_price) < Decimal("1e-11")


def test_swaps_tell_contracts_and_what_they_realized(rig: Rig) -> None:
    rig.placed(SWAP, ordType="market", sz="4")
    row = rig.shown(rig.placed(SWAP, side="sell", ordType="market", sz="4"), SWAP)
    assert (row["sz"], row["accFillSz"], row["lever"], row["feeCcy"]) == ("4", "4", "10", "USDT")
    assert (row["pnl"], row["tgtCcy"], row["tradeQuoteCcy"]) == ("-0.24", "", "")
    fill = rig.get("trade/fills", ordId=row["ordId"]).row
    assert (fill["fillSz"], fill["fillPnl"], fill["feeRate"]) == ("4", "-0.24", "")
    assert rig.account.fills[-1].quantity == Decimal("0.4")
    assert rig.get("account/positions").data == []


def test_a_position_in_contracts(rig: Rig) -> None:
    rig.sandbox.engine.set_position_mode(rig.account, PositionMode.HEDGE)
    rig.placed(SWAP, side="sell", ordType="market", sz="4", posSide="short")
    row = rig.get("account/positions").row
    assert (row["pos"], row["availPos"], row["posSide"], row["ccy"]) == ("4", "4", "short", "USDT")
    assert (row["avgPx"], row["markPx"], row["upl"]) == ("2999.7", "3000", "-0.12")
    assert (row["notionalUsd"], row["imr"], row["uplRatio"]) == ("1200", "120", "-0.001")


@pytest.mark.parametrize(
    ("changes", "filled"),
    [
        pytest.param(
            {"slTriggerPx": "59000", "slOrdPx": "-1", "ordType": "conditional"},
            {"slTriggerPx": "59000", "slOrdPx": "-1", "slTriggerPxType": "last"},
            id="a stop of a loss",
        ),
        pytest.param(
            {"tpTriggerPx": "61000", "tpOrdPx": "60900", "ordType": "conditional", "tpTriggerPxType": "mark"},
            {"tpTriggerPx": "61000", "tpOrdPx": "60900", "tpTriggerPxType": "mark"},
            id="a profit",
        ),
        pytest.param(
            {"triggerPx": "61000", "orderPx": "60900", "ordType": "trigger"},
            {"triggerPx": "61000", "ordPx": "60900", "triggerPxType": "last"},
            id="a trigger order",
        ),
    ],
)
def test_the_prices_of_a_stop_stand_under_the_names_of_its_leg(
    rig: Rig, changes: dict[str, str], filled: dict[str, str]
) -> None:
    content = {"instId": "BTC-USDT", "tdMode": "cash", "side": "sell", "sz": "0.1", **changes}
    number = rig.post("trade/order-algo", content).row["algoId"]
    row = rig.get("trade/order-algo", algoId=number).row
    prices = {name: row[name] for name in row if name.endswith(("Px", "PxType")) and row[name]}
    assert {name: prices[name] for name in filled} == filled
    assert set(prices) == set(filled)
    assert (row["state"], row["sz"], row["ordIdList"], row["actualSz"]) == ("live", "0.1", [], "0")


def test_a_triggered_stop_names_its_order(rig: Rig) -> None:
    content = {"instId": "BTC-USDT", "tdMode": "cash", "side": "sell", "ordType": "conditional", "sz": "0.1"}
    number = rig.post("trade/order-algo", {**content, "slTriggerPx": "59000", "slOrdPx": "58900"}).row["algoId"]
    rig.settle()
    rig.sandbox.engine.move_price(rig.instrument("BTC-USDT"), Decimal(58_000))
    algo = rig.get("trade/order-algo", algoId=number).row
    assert algo["ordIdList"] == [algo["ordId"]] == [str(int(number) + STOP_OFFSET)]
    assert algo["triggerTime"]
    row = rig.shown(algo["ordId"])
    assert (row["algoId"], row["ordType"], row["px"], row["state"]) == (number, "limit", "58900", "live")
    assert [item["ordId"] for item in rig.get("trade/orders-pending", ordType="limit").data] == [algo["ordId"]]
