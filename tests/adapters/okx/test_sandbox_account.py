from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.okx.sandbox_rig import Rig, order
from unified.account import PositionMode

SWAP = "BTC-USDT-SWAP"


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_the_configuration_of_an_account(rig: Rig) -> None:
    row = rig.get("account/config").row
    assert (row["acctLv"], row["posMode"], row["perm"]) == ("2", "net_mode", "read_only,trade")
    assert rig.get("account/config", "multi").row["acctLv"] == "3"
    assert row["uid"] != rig.get("account/config", "second").row["uid"]


def test_balances(rig: Rig) -> None:
    rig.placed(sz="1")
    row = rig.get("account/balance").row
    usdt = {item["ccy"]: item for item in row["details"]}["USDT"]
    assert (usdt["cashBal"], usdt["availBal"], usdt["frozenBal"], usdt["ordFrozen"]) == (
        "3000000",
        "2941000",
        "59000",
        "59000",
    )
    assert [item["ccy"] for item in rig.get("account/balance", ccy="ETH,BTC,DOGE").row["details"]] == ["BTC", "ETH"]
    assert rig.get("account/balance", ccy=",".join(["BTC"] * 21)).code == "50025"


def test_what_a_position_binds_is_not_available(rig: Rig) -> None:
    rig.placed(SWAP, ordType="market", sz="10")
    row = rig.get("account/balance", ccy="USDT").row["details"][0]
    assert (row["imr"], row["upl"]) == ("600", "-0.6")
    assert Decimal(row["availBal"]) == Decimal(row["cashBal"]) - Decimal("0.6") - 600
    assert Decimal(row["frozenBal"]) + Decimal(row["availBal"]) == Decimal(row["eq"])


@pytest.mark.parametrize(
    ("query", "groups", "maker", "taker"),
    [
        pytest.param({"instType": "SPOT", "instId": "BTC-USDT"}, ["12"], "-0.0008", "-0.001", id="a spot instrument"),
        pytest.param({"instType": "SPOT"}, ["1", "12"], "-0.0008", "-0.001", id="all of spot"),
        pytest.param({"instType": "SWAP", "instFamily": "BTC-USDT"}, ["4"], "-0.0002", "-0.0005", id="a family"),
    ],
)
def test_fees_are_negative_where_one_pays(
    rig: Rig, query: dict[str, str], groups: list[str], maker: str, taker: str
) -> None:
    row = rig.get("account/trade-fee", None, **query).row
    assert row["feeGroup"] == [{"groupId": group, "maker": maker, "taker": taker} for group in groups]


def test_the_order_limit_of_the_account(rig: Rig) -> None:
    row = rig.get("trade/account-rate-limit").row
    assert (row["accRateLimit"], row["fillRatio"]) == ("1000", "")


# --- positions and settings


def test_a_net_position_has_its_direction_as_sign(rig: Rig) -> None:
    rig.placed(SWAP, side="sell", ordType="market", sz="3")
    rig.placed("ETH-USDT-SWAP", ordType="market", sz="5")
    first, second = rig.get("account/positions").data
    assert (first["instId"], first["pos"], first["posSide"], first["mgnMode"]) == (SWAP, "-3", "net", "cross")
    assert (second["instId"], second["pos"], second["lever"]) == ("ETH-USDT-SWAP", "5", "10")
    assert (first["avgPx"], first["markPx"], first["upl"]) == ("59994", "60000", "-0.18")
    assert rig.get("account/positions", instId=SWAP).data == [first]
    assert rig.get("account/positions", posId=second["posId"]).data == [second]
    assert rig.get("account/positions", instType="SPOT").data == []
    assert rig.get("account/positions", instType="MARGIN").data == []


def test_positions_of_long_short_mode_stand_side_by_side(rig: Rig) -> None:
    assert rig.post("account/set-position-mode", {"posMode": "long_short_mode"}).row == {"posMode": "long_short_mode"}
    rig.placed(SWAP, ordType="market", sz="3", posSide="long", tdMode="isolated")
    rig.placed(SWAP, ordType="market", side="sell", sz="2", posSide="short")
    rows = rig.get("account/positions").data
    assert [(row["posSide"], row["pos"]) for row in rows] == [("long", "3"), ("short", "2")]
    assert len({row["posId"] for row in rows}) == 2
    assert {row["mgnMode"] for row in rows} == {"isolated"}


def test_too_many_or_unknown_instruments(rig: Rig) -> None:
    assert rig.get("account/positions", instId=",".join([SWAP] * 11)).code == "50025"
    assert rig.get("account/positions", instId="X-Y").code == "51001"


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        pytest.param({"lever": "5"}, 200, "0", id="a new leverage"),
        pytest.param({"lever": "10"}, 200, "0", id="the same leverage"),
        pytest.param({"lever": "101"}, 200, "59102", id="too high"),
        pytest.param({"lever": "0"}, 400, "59105", id="none"),
        pytest.param({"lever": "five"}, 400, "51000", id="no number"),
        pytest.param({"lever": ""}, 400, "50014", id="missing"),
        pytest.param({"lever": "5", "mgnMode": "both"}, 400, "51000", id="an unknown margin mode"),
        pytest.param({"lever": "5", "instId": "BTC-USDT"}, 400, "51000", id="of a spot instrument"),
        pytest.param({"lever": "5", "instId": "X-Y"}, 200, "51001", id="of an unknown instrument"),
    ],
)
def test_leverage(rig: Rig, content: dict[str, str], status: int, code: str) -> None:
    reply = rig.post("account/set-leverage", {"instId": SWAP, "mgnMode": "cross", **content})
    assert (reply.status, reply.code) == (status, code)
    if code == "0":
        assert reply.row == {"lever": content["lever"], "mgnMode": "cross", "instId": SWAP, "posSide": ""}
        assert rig.account.leverage_of(rig.instrument(SWAP)) == Decimal(content["lever"])


@pytest.mark.parametrize(("mode", "code"), [("cross", "59107"), ("isolated", "59101")])
def test_leverage_stays_while_orders_are_pending(rig: Rig, mode: str, code: str) -> None:
    rig.placed(SWAP)
    assert rig.post("account/set-leverage", {"instId": SWAP, "mgnMode": mode, "lever": "5"}).code == code


@pytest.mark.parametrize(("mode", "code"), [("cross", "59669"), ("isolated", "59668")])
def test_leverage_stays_while_stops_wait(rig: Rig, mode: str, code: str) -> None:
    stop = {"instId": SWAP, "tdMode": "cross", "side": "sell", "ordType": "trigger", "sz": "1"}
    rig.post("trade/order-algo", {**stop, "triggerPx": "59000", "orderPx": "-1"})
    rig.settle()
    assert rig.post("account/set-leverage", {"instId": SWAP, "mgnMode": mode, "lever": "5"}).code == code


def test_leverage_is_not_lowered_beyond_the_margin() -> None:
    rig = Rig(name="poor")
    rig.placed(SWAP, ordType="market", sz="0.2")
    assert rig.post("account/set-leverage", {"instId": SWAP, "mgnMode": "cross", "lever": "1"}).code == "59103"


def test_isolated_leverage_of_long_short_mode_names_a_side(rig: Rig) -> None:
    rig.sandbox.engine.set_position_mode(rig.account, PositionMode.HEDGE)
    content = {"instId": SWAP, "mgnMode": "isolated", "lever": "5"}
    assert rig.post("account/set-leverage", content).code == "51000"
    assert rig.post("account/set-leverage", {**content, "posSide": "long"}).row["posSide"] == "long"


def test_the_position_mode_changes_only_while_nothing_is_open(rig: Rig) -> None:
    assert rig.post("account/set-position-mode", {"posMode": "net_mode"}).code == "0"
    rig.placed(SWAP)
    refused = rig.post("account/set-position-mode", {"posMode": "long_short_mode"})
    assert (refused.status, refused.code) == (200, "59000")
    assert rig.post("account/set-position-mode", {"posMode": "hedge"}).code == "51000"


# --- orders


def test_an_order_is_found_by_either_id(rig: Rig) -> None:
    number = rig.placed(clOrdId="c1")
    by_number = rig.get("trade/order", instId="BTC-USDT", ordId=number)
    assert by_number.row == rig.get("trade/order", instId="BTC-USDT", clOrdId="c1").row


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        pytest.param({"instId": "BTC-USDT", "ordId": "17"}, 200, "51603", id="an id of nobody"),
        pytest.param({"instId": "BTC-USDT", "clOrdId": "nobody"}, 200, "51603", id="a client id of nobody"),
        pytest.param({"instId": "ETH-USDT", "clOrdId": "c1"}, 200, "51603", id="another instrument"),
        pytest.param({"instId": "BTC-USDT"}, 400, "50015", id="no id"),
        pytest.param({"ordId": "17"}, 400, "50014", id="no instrument"),
        pytest.param({"instId": "BTC-USDT", "ordId": "x"}, 400, "51000", id="an id that is none"),
        pytest.param({"instId": "BTC-USDT", "clOrdId": "a-b"}, 400, "51000", id="a client id with a dash"),
    ],
)
def test_an_order_that_is_not_found(rig: Rig, query: dict[str, str], status: int, code: str) -> None:
    rig.placed(clOrdId="c1")
    reply = rig.get("trade/order", None, **query)
    assert (reply.status, reply.code, reply.data) == (status, code, [])


def test_a_new_order_may_not_be_visible_yet(rig: Rig) -> None:
    rig.sandbox.engine.visibility_us = lambda _number: 500_000
    number = rig.placed(clOrdId="c1")
    assert rig.get("trade/order", instId="BTC-USDT", clOrdId="c1").code == "51603"
    assert rig.get("trade/orders-pending").data == []
    assert rig.place(clOrdId="c1").row["sCode"] == "51016"
    rig.wait(0.5)
    assert rig.shown(number)["state"] == "live"


def test_an_order_that_ended_unfilled_is_forgotten_after_two_hours(rig: Rig) -> None:
    unfilled, filled = rig.placed(ordType="ioc"), rig.placed(ordType="market", sz="100")
    rig.wait(7190)
    assert rig.shown(unfilled)["state"] == "canceled"
    rig.wait(20)
    assert rig.get("trade/order", instId="BTC-USDT", ordId=unfilled).code == "51603"
    assert [row["ordId"] for row in rig.get("trade/orders-history", instType="SPOT").data] == [filled]


def numbers(rig: Rig, path: str, **query: str) -> list[str]:
    return [row["ordId"] for row in rig.get(path, None, **query).data]


def test_pending_orders_are_newest_first_and_paged_by_id(rig: Rig) -> None:
    first, second, third = rig.placed(), rig.placed(SWAP), rig.placed("ETH-USDT", ordType="post_only")
    pending = "trade/orders-pending"
    assert numbers(rig, pending) == [third, second, first]
    assert numbers(rig, pending, limit="2") == [third, second]
    assert numbers(rig, pending, after=second) == [first]
    assert numbers(rig, pending, before=second) == [third]
    assert numbers(rig, pending, instType="SPOT") == [third, first]
    assert numbers(rig, pending, instId=SWAP) == [second]
    assert numbers(rig, pending, ordType="post_only,fok") == [third]
    assert numbers(rig, pending, state="live", instType="SWAP") == [second]
    assert numbers(rig, pending, state="partially_filled") == []
    assert numbers(rig, pending, instType="OPTION") == []


def test_closed_orders_need_a_type_of_instrument(rig: Rig) -> None:
    filled, canceled = rig.placed(ordType="market", sz="100"), rig.placed(ordType="ioc")
    rig.placed()
    history = "trade/orders-history"
    assert rig.get(history).code == "50014"
    assert numbers(rig, history, instType="SPOT") == [canceled, filled]
    assert numbers(rig, "trade/orders-history-archive", instType="SPOT") == [canceled, filled]
    assert numbers(rig, history, instType="SPOT", state="filled") == [filled]
    assert numbers(rig, history, instType="SWAP") == []
    assert numbers(rig, history, instType="SPOT", instId="ETH-USDT") == []
    created = rig.shown(canceled)["cTime"]
    assert numbers(rig, history, instType="SPOT", begin=created) == [canceled]
    assert numbers(rig, history, instType="SPOT", end=str(int(created) - 1)) == [filled]


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        pytest.param("trade/orders-pending", {"state": "filled"}, "51600", id="a state that is not pending"),
        pytest.param("trade/orders-history", {"instType": "SPOT", "state": "live"}, "51600", id="a state not closed"),
        pytest.param("trade/orders-pending", {"limit": "101"}, "51000", id="too long a page"),
        pytest.param("trade/orders-pending", {"after": "x"}, "51000", id="a cursor that is none"),
        pytest.param("trade/orders-pending", {"instType": "COIN"}, "51000", id="an unknown type"),
        pytest.param("trade/orders-pending", {"instId": "X-Y"}, "51001", id="an unknown instrument"),
        pytest.param("trade/fills-history", {}, "50014", id="old fills without a type"),
        pytest.param("trade/order-algo", {}, "50015", id="a stop without an id"),
        pytest.param("trade/order-algo", {"algoId": "17"}, "51603", id="a stop of nobody"),
        pytest.param("trade/orders-algo-pending", {}, "50014", id="stops without a type"),
        pytest.param("trade/orders-algo-pending", {"ordType": "stop"}, "51000", id="stops of an unknown type"),
        pytest.param("trade/orders-algo-history", {"ordType": "trigger"}, "51602", id="neither state nor id"),
        pytest.param(
            "trade/orders-algo-history",
            {"ordType": "trigger", "state": "canceled", "algoId": "1"},
            "51601",
            id="both state and id",
        ),
        pytest.param(
            "trade/orders-algo-history", {"ordType": "trigger", "state": "live"}, "51600", id="not a former one"
        ),
    ],
)
def test_refusals_of_lists(rig: Rig, path: str, query: dict[str, str], code: str) -> None:
    assert rig.get(path, None, **query).code == code


def test_fills_are_newest_first_and_paged_by_their_bills(rig: Rig) -> None:
    orders = [rig.placed(ordType="market", sz="100") for _ in range(2)] + [rig.placed(SWAP, ordType="market", sz="1")]
    fills = rig.get("trade/fills").data
    assert [row["ordId"] for row in fills] == orders[::-1]
    middle = fills[1]
    assert rig.get("trade/fills", after=middle["billId"]).data == [fills[2]]
    assert rig.get("trade/fills", before=middle["billId"]).data == [fills[0]]
    assert rig.get("trade/fills", ordId=orders[1]).data == [middle]
    assert rig.get("trade/fills", instId=SWAP).data == [fills[0]]
    assert rig.get("trade/fills-history", instType="SPOT").data == fills[1:]
    assert rig.get("trade/fills", begin=middle["ts"], instType="SPOT").data == [middle]
    assert rig.get("trade/fills", end=fills[2]["ts"]).data == [fills[2]]
    assert rig.get("trade/fills", instType="FUTURES").data == []


def stop(**changes: Any) -> dict[str, Any]:
    row = {"instId": "BTC-USDT", "tdMode": "cash", "side": "sell", "ordType": "conditional", "sz": "0.1"}
    return {**row, "slTriggerPx": "59000", "slOrdPx": "-1", **changes}


def test_lists_of_stops(rig: Rig) -> None:
    loss = rig.post("trade/order-algo", stop(algoClOrdId="s1")).row["algoId"]
    trigger = rig.post("trade/order-algo", stop(ordType="trigger", triggerPx="61000", orderPx="61000")).row["algoId"]
    rig.settle()
    waiting = rig.get("trade/orders-algo-pending", ordType="conditional,trigger").data
    assert [row["algoId"] for row in waiting] == [trigger, loss]
    assert rig.get("trade/orders-algo-pending", ordType="trigger").row["ordPx"] == "61000"
    assert rig.get("trade/orders-algo-pending", ordType="conditional,oco", algoClOrdId="s1").row["algoId"] == loss
    rig.post("trade/cancel-algos", [{"instId": "BTC-USDT", "algoId": loss}])
    rig.settle()
    assert rig.get("trade/orders-algo-pending", ordType="conditional").data == []
    former = rig.get("trade/orders-algo-history", ordType="conditional", state="canceled")
    assert (former.row["algoId"], former.row["state"]) == (loss, "canceled")
    assert rig.get("trade/orders-algo-history", ordType="conditional", algoId=loss).row == former.row


def test_accounts_see_only_their_own(rig: Rig) -> None:
    number = rig.placed()
    rig.post("trade/order", order(clOrdId="x1"), name="second")
    assert rig.get("trade/order", "second", instId="BTC-USDT", ordId=number).code == "51603"
    assert [row["clOrdId"] for row in rig.get("trade/orders-pending", "second").data] == ["x1"]
