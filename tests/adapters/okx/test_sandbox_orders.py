from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.okx.sandbox_rig import Reply, Rig, order
from unified.account import PositionMode
from unified_okx.sandbox_orders import band

SWAP = "BTC-USDT-SWAP"


def stop(**changes: Any) -> dict[str, Any]:
    """A stop of a loss, at market; None removes a field."""
    row = {
        "instId": "BTC-USDT",
        "tdMode": "cash",
        "side": "sell",
        "ordType": "conditional",
        "sz": "0.1",
        "slTriggerPx": "59000",
        "slOrdPx": "-1",
        **changes,
    }
    return {name: value for name, value in row.items() if value is not None}


@pytest.mark.parametrize("name", ["instId", "tdMode", "side", "ordType", "sz"])
def test_a_missing_parameter_refuses_the_whole_request(name: str) -> None:
    sent = {key: value for key, value in order().items() if key != name}
    reply = Rig().post("trade/order", sent)
    assert (reply.status, reply.code, reply.data) == (400, "50014", [])
    assert name in reply.content["msg"]


REFUSED = [
    pytest.param("BTC-USDT", {"instId": "X-Y"}, "51001", id="an unknown instrument"),
    pytest.param("BTC-USDT", {"side": "BUY"}, "51000 side", id="a side in capitals"),
    pytest.param("BTC-USDT", {"ordType": "stop"}, "51000 ordType", id="an unknown type"),
    pytest.param("BTC-USDT", {"ordType": "optimal_limit_ioc"}, "51000 ordType", id="a type of swaps"),
    pytest.param("BTC-USDT", {"sz": "x"}, "51000 sz", id="a size that is no number"),
    pytest.param("BTC-USDT", {"sz": "0"}, "51000 sz", id="a size of nothing"),
    pytest.param("BTC-USDT", {"sz": "-1"}, "51000 sz", id="a negative size"),
    pytest.param("BTC-USDT", {"px": None}, "51204", id="a limit order without a price"),
    pytest.param("BTC-USDT", {"px": "0"}, "51000 px", id="a price of nothing"),
    pytest.param("BTC-USDT", {"px": "59000.05"}, "51000 px", id="a price off its tick"),
    pytest.param("BTC-USDT", {"px": "63100"}, "51006", id="a buy above the band"),
    pytest.param("BTC-USDT", {"px": "56900", "side": "sell"}, "51006", id="a sell below the band"),
    pytest.param("BTC-USDT", {"sz": "0.000000001"}, "51020", id="less than the minimum"),
    pytest.param("BTC-USDT", {"sz": "1.000000001"}, "51121", id="a size off its lot"),
    pytest.param(SWAP, {"sz": "0.015"}, "51121", id="contracts off their lot"),
    pytest.param(SWAP, {"sz": "0.005"}, "51020", id="fewer contracts than the minimum"),
    pytest.param(SWAP, {"sz": "100000001"}, "51005", id="more contracts than the maximum"),
    pytest.param(SWAP, {"ordType": "market", "sz": "34001"}, "51202", id="more contracts than a market order may"),
    pytest.param("BTC-USDT", {"sz": "350"}, "51185", id="too large a value"),
    pytest.param("BTC-USDT", {"ordType": "market", "sz": "1000001"}, "51201", id="too large a market order"),
    pytest.param("BTC-USDT", {"ordType": "market", "sz": "0.5"}, "51020", id="less than the minimum by amount"),
    pytest.param("BTC-USDT", {"sz": "60"}, "51008", id="more than the account has"),
    pytest.param("BTC-USDT", {"side": "sell", "px": "61000", "sz": "41"}, "51008", id="more coins than there are"),
    pytest.param(SWAP, {"sz": "3400"}, "51004", id="a larger position than allowed"),
    pytest.param("BTC-USDT", {"clOrdId": "with-dash"}, "51000 clOrdId", id="a client id with a dash"),
    pytest.param("BTC-USDT", {"clOrdId": "a" * 33}, "51000 clOrdId", id="a client id that is too long"),
    pytest.param("BTC-USDT", {"tag": "a_b"}, "51000 tag", id="a tag with an underscore"),
    pytest.param("BTC-USDT", {"tdMode": "cross"}, "51000 tdMode", id="margin trading of spot"),
    pytest.param(SWAP, {"tdMode": "cash"}, "51000 tdMode", id="cash for a swap"),
    pytest.param(SWAP, {"posSide": "long"}, "51000 posSide", id="a side of the position in net mode"),
    pytest.param("BTC-USDT", {"posSide": "long"}, "51000 posSide", id="a side of the position for spot"),
    pytest.param("BTC-USDT", {"reduceOnly": True}, "51139", id="reduce-only for spot"),
    pytest.param(SWAP, {"reduceOnly": "perhaps"}, "51000 reduceOnly", id="a flag that is none"),
    pytest.param(SWAP, {"reduceOnly": True}, "51169", id="reduce-only without a position"),
    pytest.param(SWAP, {"ordType": "market", "tgtCcy": "base_ccy"}, "59110", id="a unit for a swap"),
    pytest.param("BTC-USDT", {"ordType": "market", "tgtCcy": "usd"}, "51000 tgtCcy", id="an unknown unit"),
    pytest.param("BTC-USDT", {"stpMode": "none"}, "51000 stpMode", id="self-trades allowed"),
    pytest.param("BTC-USDT", {"stpMode": "cancel_both", "ordType": "fok"}, "54036", id="cancel both of a fill-or-kill"),
    pytest.param("BTC-USDT", {"attachAlgoOrds": [{}]}, "50046", id="an attached stop"),
]


@pytest.mark.parametrize(("symbol", "changes", "expected"), REFUSED)
def test_what_is_wrong_with_an_order_is_told_in_its_row(symbol: str, changes: dict[str, Any], expected: str) -> None:
    code, _, parameter = expected.partition(" ")
    rig = Rig()
    reply = rig.place(symbol, **changes)
    assert (reply.status, reply.code, reply.content["msg"]) == (200, "1", "All operations failed")
    assert (reply.row["sCode"], reply.row["ordId"]) == (code, "")
    assert not parameter or reply.row["sMsg"] == f"Parameter {parameter} error"
    assert rig.account.orders == []


@pytest.mark.parametrize(
    ("symbol", "changes", "sub"),
    [
        pytest.param("BTC-USDT", {"sz": "60"}, "1000", id="balance"),
        pytest.param("BTC-USDT-SWAP", {"sz": "3", "px": "59000"}, "1001", id="margin"),
    ],
)
def test_short_of_funds_has_a_sub_code(symbol: str, changes: dict[str, str], sub: str) -> None:
    row = Rig(name="poor").place(symbol, **changes).row
    assert (row["sCode"], row["subCode"]) == ("51008", sub)
    assert row["sMsg"].startswith("Order failed. Insufficient USDT ")


def test_too_large_a_position_tells_the_direction_in_its_sub_code() -> None:
    rig = Rig()
    assert rig.place(SWAP, sz="3400", px="60500").row["subCode"] == "1104"
    assert rig.place(SWAP, side="sell", sz="3400", px="59000").row["subCode"] == "1105"


def test_a_price_outside_the_band_may_be_clamped() -> None:
    rig = Rig()
    highest, lowest = band(rig.sandbox.engine, rig.instrument("BTC-USDT"))
    assert (highest, lowest) == (Decimal(63_000), Decimal(57_000))
    for side, price, told in (("buy", "70000", "63000"), ("sell", "100", "57000")):
        reply = rig.place(side=side, px=price, sz="0.001", pxAmendType="1")
        assert rig.shown(reply.row["ordId"])["px"] == told


@pytest.mark.parametrize(
    ("changes", "unit", "filled"),
    [
        pytest.param({"side": "buy", "sz": "600"}, "quote_ccy", "0.009999", id="a buy counts quote"),
        pytest.param({"side": "sell", "sz": "0.01"}, "base_ccy", "0.01", id="a sell counts base"),
        pytest.param({"side": "buy", "sz": "0.01", "tgtCcy": "base_ccy"}, "base_ccy", "0.01", id="a buy by base"),
        pytest.param(
            {"side": "sell", "sz": "600", "tgtCcy": "quote_ccy"}, "quote_ccy", "0.010001", id="a sell by quote"
        ),
    ],
)
def test_the_unit_of_a_market_order(changes: dict[str, str], unit: str, filled: str) -> None:
    rig = Rig()
    row = rig.shown(rig.placed(ordType="market", **changes))
    assert (row["tgtCcy"], row["sz"], row["state"]) == (unit, changes["sz"], "filled")
    assert row["accFillSz"].startswith(filled)


def test_the_unit_of_a_limit_order_is_always_base() -> None:
    rig = Rig()
    row = rig.shown(rig.placed(tgtCcy="quote_ccy", sz="0.5"))
    assert (row["tgtCcy"], rig.account.orders[0].quantity) == ("", Decimal("0.5"))


def test_multi_currency_accounts_trade_spot_as_cross() -> None:
    rig = Rig(name="multi")
    assert rig.place().row["sCode"] == "51000"
    assert rig.place(tdMode="cross").code == "0"


def test_numbers_may_be_json_numbers() -> None:
    rig = Rig()
    assert rig.place(px=59000, sz=0.5).code == "0"
    assert rig.account.orders[0].quantity == Decimal("0.5")


# --- the sides of positions


@pytest.fixture
def hedged() -> Rig:
    rig = Rig()
    rig.sandbox.engine.set_position_mode(rig.account, PositionMode.HEDGE)
    return rig


def test_long_short_mode_needs_the_side_of_the_position(hedged: Rig) -> None:
    for side in (None, "net", "both"):
        row = hedged.place(SWAP, posSide=side).row
        assert (row["sCode"], row["sMsg"]) == ("51000", "Parameter posSide error")
    assert hedged.shown(hedged.placed(SWAP, posSide="long"), SWAP)["posSide"] == "long"
    assert hedged.shown(hedged.placed())["posSide"] == "net"


def test_long_short_mode_closes_by_the_side_and_ignores_reduce_only(hedged: Rig) -> None:
    assert hedged.place(SWAP, posSide="short").row["sCode"] == "51169"
    hedged.placed(SWAP, posSide="long", ordType="market", sz="3")
    number = hedged.placed(SWAP, side="sell", posSide="long", px="61000", sz="3", reduceOnly=True)
    assert hedged.shown(number, SWAP)["reduceOnly"] == "false"
    assert hedged.place(SWAP, side="sell", posSide="long", px="61000", sz="4").row["sCode"] == "51112"


def test_reduce_only_in_net_mode() -> None:
    rig = Rig()
    rig.placed(SWAP, ordType="market", sz="3")
    assert rig.place(SWAP, reduceOnly=True).row["sCode"] == "51170"
    assert rig.place(SWAP, side="sell", px="61000", sz="4", reduceOnly="true").row["sCode"] == "51112"
    number = rig.placed(SWAP, side="sell", px="61000", sz="3", reduceOnly=True)
    assert rig.shown(number, SWAP)["reduceOnly"] == "true"


# --- stops


def placed(rig: Rig, **changes: Any) -> Reply:
    return rig.post("trade/order-algo", stop(**changes))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"ordType": "oco", "tpTriggerPx": "61000", "tpOrdPx": "-1"}, "50046", id="a type not simulated"),
        pytest.param({"ordType": "stop"}, "51000", id="an unknown type"),
        pytest.param({"tpTriggerPx": "61000", "tpOrdPx": "-1"}, "50024", id="two legs"),
        pytest.param({"slTriggerPx": "0"}, "51000", id="a trigger at nothing"),
        pytest.param({"slTriggerPx": "61000"}, "51280", id="a sell stop above the market"),
        pytest.param({"slTriggerPx": "59000", "side": "buy", "sz": "100"}, "51278", id="a buy stop below the market"),
        pytest.param(
            {"slTriggerPx": None, "slOrdPx": None, "tpTriggerPx": "59000", "tpOrdPx": "-1"},
            "51279",
            id="a sell that takes profit below the market",
        ),
        pytest.param(
            {"slTriggerPx": None, "slOrdPx": None, "tpTriggerPx": "61000", "tpOrdPx": "-1", "side": "buy", "sz": "100"},
            "51277",
            id="a buy that takes profit above the market",
        ),
        pytest.param({"slTriggerPx": "59000.05"}, "51250", id="a trigger off its tick"),
        pytest.param({"slOrdPx": "58000.05"}, "51250", id="a price off its tick"),
        pytest.param(
            {"ordType": "trigger", "triggerPx": "60000", "orderPx": "-1"}, "51250", id="a trigger at the market"
        ),
        pytest.param(
            {"ordType": "trigger", "triggerPx": "59000", "orderPx": "-1", "tgtCcy": "base_ccy"},
            "51281",
            id="a unit for a trigger order",
        ),
        pytest.param({"algoClOrdId": "a-b"}, "51000", id="a bad client id"),
        pytest.param({"slTriggerPxType": "mid"}, "51000", id="an unknown price to watch"),
        pytest.param({"sz": "0.000001"}, "51020", id="less than the minimum"),
    ],
)
def test_what_is_wrong_with_a_stop(changes: dict[str, Any], code: str) -> None:
    rig = Rig()
    reply = placed(rig, **changes)
    assert (reply.status, reply.code, reply.row["sCode"], reply.row["algoId"]) == (200, "1", code, "")
    assert rig.account.orders == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"slTriggerPx": None}, "50015", id="neither leg"),
        pytest.param({"slOrdPx": None}, "50014", id="a leg without an order price"),
        pytest.param({"ordType": "trigger"}, "50014", id="a trigger order without a trigger"),
        pytest.param({"sz": None}, "50014", id="no size"),
    ],
)
def test_what_is_missing_of_a_stop_refuses_the_request(changes: dict[str, Any], code: str) -> None:
    reply = placed(Rig(), **changes)
    assert (reply.status, reply.code, reply.data) == (400, code, [])


def test_a_stop_by_amount_becomes_base_units_at_its_trigger() -> None:
    rig = Rig()
    reply = placed(rig, side="buy", sz="610", slTriggerPx="61000", algoClOrdId="s1")
    assert (reply.code, reply.row["algoClOrdId"]) == ("0", "s1")
    assert rig.account.orders[0].quantity == Decimal("0.01")


def test_an_order_is_read_as_it_was_meant() -> None:
    rig = Rig()
    rig.post("trade/order", order(SWAP, ordType="post_only", px="59000", sz="2.5", stpMode="cancel_taker"))
    asked = rig.account.orders[0].asked
    assert (asked.quantity, asked.post_only, asked.self_trade) == (Decimal("0.025"), True, "cancel_taker")
