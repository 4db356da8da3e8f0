from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.okx.sandbox_rig import Rig, order
from unified.sandbox.dialect import Incoming
from unified.sandbox.listing import MarketMode

SWAP = "BTC-USDT-SWAP"


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_an_acknowledgement_tells_ids_times_and_nothing_of_the_order(rig: Rig) -> None:
    reply = rig.place(clOrdId="b15", tag="mine")
    number = str(rig.account.orders[0].order_id)
    assert reply.content == {
        "code": "0",
        "msg": "",
        "data": [
            {
                "clOrdId": "b15",
                "ordId": number,
                "tag": "mine",
                "ts": "1795262400000",
                "sCode": "0",
                "sMsg": "",
                "subCode": "",
            }
        ],
        "inTime": "1795262400000000",
        "outTime": "1795262400000000",
    }
    assert int(number) > 2**53


@pytest.mark.parametrize(
    ("changes", "state", "source"),
    [
        pytest.param({}, "live", "", id="a limit order rests"),
        pytest.param({"ordType": "post_only"}, "live", "", id="a post-only order rests"),
        pytest.param({"ordType": "post_only", "px": "60100"}, "canceled", "31", id="a post-only order would take"),
        pytest.param({"ordType": "ioc"}, "canceled", "14", id="an IOC order meets nobody"),
        pytest.param({"ordType": "ioc", "px": "60006", "sz": "30"}, "canceled", "14", id="the rest of an IOC order"),
        pytest.param({"ordType": "fok", "px": "60006", "sz": "30"}, "canceled", "13", id="a FOK order is not filled"),
        pytest.param({"ordType": "fok", "px": "60006", "sz": "0.01"}, "filled", "", id="a FOK order is filled"),
        pytest.param({"ordType": "market", "sz": "100"}, "filled", "", id="a market order"),
        pytest.param({"px": "60006", "sz": "0.01"}, "filled", "", id="a limit order takes"),
    ],
)
def test_what_becomes_of_an_order_is_told_by_queries_only(
    rig: Rig, changes: dict[str, str], state: str, source: str
) -> None:
    reply = rig.place(**changes)
    assert reply.code == "0"
    assert rig.shown(reply.row["ordId"])["state"] == "live"
    rig.settle()
    row = rig.shown(reply.row["ordId"])
    assert (row["state"], row["cancelSource"]) == (state, source)


def test_a_swap_market_order_may_be_immediate_or_cancel(rig: Rig) -> None:
    row = rig.shown(rig.placed(SWAP, ordType="optimal_limit_ioc", px=None, sz="2"), SWAP)
    assert (row["state"], row["ordType"], row["px"]) == ("filled", "optimal_limit_ioc", "")


def test_an_order_meets_another_of_the_same_account(rig: Rig) -> None:
    maker = rig.placed(px="60003", sz="0.1")
    taker = rig.placed(side="sell", px="60003", sz="0.1", ordType="ioc")
    assert rig.shown(maker)["cancelSource"] == "32"
    assert rig.shown(taker)["cancelSource"] == "14"


def test_a_client_id_is_taken_while_its_order_is_pending_and_free_afterwards(rig: Rig) -> None:
    first = rig.placed(clOrdId="a1")
    refused = rig.place(clOrdId="a1")
    assert (refused.row["sCode"], refused.row["sMsg"]) == ("51016", "Client order ID already exists.")
    assert rig.post("trade/order", order(clOrdId="a1"), name="second").code == "0"
    rig.post("trade/cancel-order", {"instId": "BTC-USDT", "clOrdId": "a1"})
    rig.settle()
    second = rig.placed(clOrdId="a1")
    assert second != first
    assert rig.get("trade/order", instId="BTC-USDT", clOrdId="a1").row["ordId"] == second


@pytest.mark.parametrize(
    ("mode", "changes", "code"),
    [
        pytest.param(MarketMode.CLOSED, {}, "51022", id="closed"),
        pytest.param(MarketMode.CANCEL_ONLY, {}, "51022", id="cancels only"),
        pytest.param(MarketMode.POST_ONLY, {}, "54012", id="makers only"),
        pytest.param(MarketMode.POST_ONLY, {"ordType": "post_only"}, "0", id="a maker"),
    ],
)
def test_a_market_that_is_not_open(rig: Rig, mode: MarketMode, changes: dict[str, str], code: str) -> None:
    rig.sandbox.engine.set_mode(rig.instrument("BTC-USDT"), mode)
    assert rig.place(**changes).row["sCode"] == code


def test_five_hundred_orders_may_be_pending_in_an_instrument(rig: Rig) -> None:
    for _ in range(25):
        rig.wait(0.2)
        assert rig.post("trade/batch-orders", [order(sz="0.0001")] * 20).code == "0"
    assert rig.place(sz="0.0001").row["sCode"] == "51102"
    assert rig.place("ETH-USDT", sz="0.001").row["sCode"] == "0"


# --- the deadline of a request


def with_deadline(rig: Rig, deadline_ms: object, **more: Any) -> str:
    body = '{"instId":"BTC-USDT","tdMode":"cash","side":"buy","ordType":"limit","px":"59000","sz":"1"}'
    headers = rig.signed_headers("POST", "/api/v5/trade/order", body)
    headers |= {"content-type": "application/json", "exptime": str(deadline_ms)}
    incoming = Incoming(
        door="rest", method="POST", path="/api/v5/trade/order", headers=headers, body=body.encode(), **more
    )
    return rig.deliver(incoming).told


def test_a_request_is_not_carried_out_after_its_deadline(rig: Rig) -> None:
    now = rig.sandbox.now_ms
    assert with_deadline(rig, now - 1) == "50036"
    assert with_deadline(rig, "soon") == "51000"
    assert rig.account.orders == []
    assert with_deadline(rig, now) == "0"
    assert with_deadline(rig, now + 5000) == "0"


def test_a_deadline_that_passed_on_the_way_is_told_apart(rig: Rig) -> None:
    arrived = rig.sandbox.clock.true_us()
    rig.wait(3)
    assert with_deadline(rig, arrived // 1000 + 2000, arrived_us=arrived, delayed=True) == "50037"
    assert rig.account.orders == []
    assert rig.sandbox.take_clock_refusals() == ()


def test_a_deadline_holds_for_amendments_and_batches_and_not_for_cancels(rig: Rig) -> None:
    number = rig.placed()
    past = {"exptime": "1"}
    amended = {"instId": "BTC-USDT", "ordId": number, "newSz": "2"}
    assert rig.post("trade/amend-order", amended, headers=past).code == "50036"
    assert rig.post("trade/amend-batch-orders", [amended], headers=past).code == "50036"
    assert rig.post("trade/batch-orders", [order()], headers=past).code == "50036"
    assert rig.post("trade/cancel-order", {"instId": "BTC-USDT", "ordId": number}, headers=past).code == "0"


# --- cancels


def cancel(rig: Rig, **ids: str) -> dict[str, Any]:
    return rig.post("trade/cancel-order", {"instId": "BTC-USDT", **ids}).row


def test_a_cancel_is_accepted_first_and_done_later(rig: Rig) -> None:
    number = rig.placed(clOrdId="c1")
    assert cancel(rig, ordId=number) == {
        "clOrdId": "c1",
        "ordId": number,
        "ts": str(rig.sandbox.now_ms),
        "sCode": "0",
        "sMsg": "",
    }
    assert rig.shown(number)["state"] == "live"
    assert cancel(rig, clOrdId="c1")["sCode"] == "51410"
    rig.settle()
    row = rig.shown(number)
    assert (row["state"], row["cancelSource"]) == ("canceled", "1")
    assert cancel(rig, ordId=number)["sCode"] == "51400"


def test_the_id_of_the_venue_wins(rig: Rig) -> None:
    first, second = rig.placed(clOrdId="c1"), rig.placed(clOrdId="c2")
    assert cancel(rig, ordId=first, clOrdId="c2")["ordId"] == first
    rig.settle()
    assert rig.shown(second)["state"] == "live"


@pytest.mark.parametrize(
    "ids",
    [
        pytest.param({"ordId": "17"}, id="an id of nobody"),
        pytest.param({"clOrdId": "nobody"}, id="a client id of nobody"),
    ],
)
def test_an_order_that_is_not_there_cannot_be_canceled(rig: Rig, ids: dict[str, str]) -> None:
    row = cancel(rig, **ids)
    assert (row["sCode"], row["ordId"]) == ("51400", ids.get("ordId", ""))


def test_an_order_of_another_instrument_or_account_is_not_there(rig: Rig) -> None:
    number = rig.placed()
    assert rig.post("trade/cancel-order", {"instId": "ETH-USDT", "ordId": number}).row["sCode"] == "51400"
    other = rig.post("trade/cancel-order", {"instId": "BTC-USDT", "ordId": number}, name="second")
    assert other.row["sCode"] == "51400"


@pytest.mark.parametrize("path", ["trade/cancel-order", "trade/amend-order"])
@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param({"ordId": "1", "newSz": "1"}, "50014", id="no instrument"),
        pytest.param({"instId": "BTC-USDT", "newSz": "1"}, "50015", id="no id"),
    ],
)
def test_a_write_names_its_order(rig: Rig, path: str, content: dict[str, str], code: str) -> None:
    reply = rig.post(path, content)
    assert (reply.status, reply.code, reply.data) == (400, code, [])


def test_an_unknown_instrument_of_a_cancel(rig: Rig) -> None:
    assert rig.post("trade/cancel-order", {"instId": "X-Y", "ordId": "1"}).row["sCode"] == "51001"


def test_a_closed_market_cancels_nothing(rig: Rig) -> None:
    number = rig.placed()
    rig.sandbox.engine.set_mode(rig.instrument("BTC-USDT"), MarketMode.CLOSED)
    assert cancel(rig, ordId=number)["sCode"] == "51022"


# --- amendments


def amend(rig: Rig, symbol: str = "BTC-USDT", **values: str) -> dict[str, Any]:
    return rig.post("trade/amend-order", {"instId": symbol, **values}).row


def test_an_amendment_sets_price_and_total(rig: Rig) -> None:
    number = rig.placed(clOrdId="c1")
    row = amend(rig, clOrdId="c1", newPx="58500", newSz="1.5", reqId="r1")
    assert (row["ordId"], row["reqId"], row["sCode"], row["subCode"]) == (number, "r1", "0", "")
    assert "tag" not in row
    shown = rig.shown(number)
    assert (shown["px"], shown["sz"], shown["state"]) == ("58500", "1.5", "live")


def test_an_amendment_of_a_swap_counts_contracts(rig: Rig) -> None:
    number = rig.placed(SWAP, sz="5")
    amend(rig, SWAP, ordId=number, newSz="7")
    assert rig.shown(number, SWAP)["sz"] == "7"
    assert rig.account.orders[0].quantity == Decimal("0.07")


def test_a_total_below_what_is_filled_makes_the_order_filled(rig: Rig) -> None:
    number = rig.placed(px="60006", sz="30")
    filled = rig.shown(number)
    assert filled["state"] == "partially_filled"
    assert amend(rig, ordId=number, newSz="0.0001")["sCode"] == "0"
    assert rig.shown(number)["state"] == "filled"


@pytest.mark.parametrize(
    ("changes", "values", "expected"),
    [
        pytest.param({}, {}, "51500", id="nothing to change"),
        pytest.param({}, {"newPx": "0"}, "51000", id="a price of nothing"),
        pytest.param({}, {"newPx": "59000.05"}, "51000", id="a price off its tick"),
        pytest.param({}, {"newPx": "70000"}, "51006", id="a price outside the band"),
        pytest.param({}, {"newSz": "1.000000001"}, "51121", id="a size off its lot"),
        pytest.param({}, {"newSz": "60"}, "51502", id="more than the account has"),
        pytest.param({"ordType": "post_only"}, {"newPx": "60100"}, "51511", id="a maker that would take"),
        pytest.param({}, {"newPx": "59000", "newSz": "1"}, "0", id="nothing that is new"),
    ],
)
def test_refusals_of_amendments(rig: Rig, changes: dict[str, str], values: dict[str, str], expected: str) -> None:
    number = rig.placed(**changes)
    row = amend(rig, ordId=number, **values)
    assert row["sCode"] == expected
    assert rig.shown(number)["px"] == "59000"
    assert row["subCode"] == ("1030" if expected == "51502" else "")


def test_an_order_that_is_over_or_unknown_or_not_yet_working_is_not_amended(rig: Rig) -> None:
    assert amend(rig, ordId="17", newSz="2")["sCode"] == "51603"
    fresh = rig.place().row["ordId"]
    assert amend(rig, ordId=fresh, newSz="2")["sCode"] == "51513"
    rig.settle()
    cancel(rig, ordId=fresh)
    rig.settle()
    assert amend(rig, ordId=fresh, newSz="2")["sCode"] == "51503"
    market = rig.place(ordType="market", sz="100").row["ordId"]
    assert amend(rig, ordId=market, newSz="200")["sCode"] == "51513"


# --- batches


def test_a_batch_answers_item_by_item_in_its_order(rig: Rig) -> None:
    reply = rig.post("trade/batch-orders", [order(clOrdId="a1"), order(clOrdId="a1"), order("ETH-USDT", sz=None)])
    assert (reply.status, reply.code) == (200, "2")
    assert [row["sCode"] for row in reply.data] == ["0", "51016", "50014"]
    assert [bool(row["ordId"]) for row in reply.data] == [True, False, False]
    assert len(rig.account.orders) == 1


def test_a_batch_that_succeeds_or_fails_as_a_whole(rig: Rig) -> None:
    assert rig.post("trade/batch-orders", [order(), order(SWAP)]).code == "0"
    failed = rig.post("trade/batch-orders", [order(px="0"), order(sz="0")])
    assert (failed.code, failed.content["msg"]) == ("1", "All operations failed")


def test_orders_are_canceled_and_amended_in_batches(rig: Rig) -> None:
    first, second = rig.placed(), rig.placed(SWAP)
    amended = rig.post(
        "trade/amend-batch-orders",
        [{"instId": "BTC-USDT", "ordId": first, "newSz": "2"}, {"instId": SWAP, "ordId": second, "newPx": "58000"}],
    )
    assert amended.code == "0"
    canceled = rig.post(
        "trade/cancel-batch-orders", [{"instId": "BTC-USDT", "ordId": first}, {"instId": SWAP, "ordId": "17"}]
    )
    assert (canceled.code, [row["sCode"] for row in canceled.data]) == ("2", ["0", "51400"])
    assert "subCode" not in canceled.data[0]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        pytest.param("trade/batch-orders", 200, "51111", id="place"),
        pytest.param("trade/cancel-batch-orders", 400, "51406", id="cancel"),
        pytest.param("trade/amend-batch-orders", 400, "51501", id="amend"),
    ],
)
def test_a_batch_has_at_most_twenty_items(rig: Rig, path: str, status: int, code: str) -> None:
    reply = rig.post(path, [{"instId": "BTC-USDT", "ordId": str(number)} for number in range(1, 22)])
    assert (reply.status, reply.code) == (status, code)


def test_a_batch_is_a_list_of_objects(rig: Rig) -> None:
    assert rig.post("trade/batch-orders", []).code == "50000"
    assert rig.post("trade/batch-orders", order()).code == "50000"
    assert rig.post("trade/batch-orders", ["x"]).code == "50002"


def test_a_batch_amends_no_order_twice(rig: Rig) -> None:
    item = {"instId": "BTC-USDT", "ordId": rig.placed(), "newSz": "2"}
    assert rig.post("trade/amend-batch-orders", [item, item]).code == "51512"


# --- orders that are only tried


def test_only_multi_currency_accounts_may_try_an_order() -> None:
    refused = Rig().post("trade/order-precheck", order())
    assert (refused.status, refused.code, refused.data) == (200, "51010", [])
    rig = Rig(name="multi")
    tried = rig.post("trade/order-precheck", order(SWAP))
    assert (tried.code, tried.row["imr"], tried.row["liqPx"]) == ("0", "0", "")
    assert rig.post("trade/order-precheck", order(SWAP, sz="0")).code == "51000"
    assert rig.post("trade/order-precheck", order(tdMode="cross", sz="70")).code == "51008"
    assert rig.account.orders == []


# --- algo orders


def stop(**changes: Any) -> dict[str, Any]:
    row = {
        "instId": "BTC-USDT",
        "tdMode": "cash",
        "side": "sell",
        "ordType": "conditional",
        "sz": "0.1",
        "slTriggerPx": "59000",
        "slOrdPx": "-1",
    }
    return {**row, **changes}


def test_a_stop_waits_and_then_becomes_an_order(rig: Rig) -> None:
    ack = rig.post("trade/order-algo", stop(algoClOrdId="s1", tag="t"))
    assert ack.row == {
        "algoId": ack.row["algoId"],
        "algoClOrdId": "s1",
        "clOrdId": "",
        "tag": "t",
        "sCode": "0",
        "sMsg": "",
    }
    rig.settle()
    algo = rig.get("trade/order-algo", algoClOrdId="s1").row
    assert (algo["state"], algo["ordId"], algo["slTriggerPx"]) == ("live", "", "59000")
    assert rig.get("trade/order", instId="BTC-USDT", ordId=ack.row["algoId"]).code == "51603"
    rig.sandbox.engine.move_price(rig.instrument("BTC-USDT"), Decimal(58_000))
    algo = rig.get("trade/order-algo", algoId=ack.row["algoId"]).row
    assert (algo["state"], algo["actualSide"], algo["actualSz"]) == ("effective", "sl", "0.1")
    row = rig.shown(algo["ordId"])
    assert (row["state"], row["ordType"], row["algoClOrdId"], row["clOrdId"]) == ("filled", "market", "s1", "")


@pytest.mark.parametrize(
    ("changes", "price"),
    [
        pytest.param({}, 58_000, id="a stop of a loss falls"),
        pytest.param({"side": "buy", "sz": "600", "slTriggerPx": "61000"}, 62_000, id="that of a short rises"),
        pytest.param(
            {"slTriggerPx": "", "slOrdPx": "", "tpTriggerPx": "61000", "tpOrdPx": "-1"}, 62_000, id="a profit rises"
        ),
        pytest.param({"ordType": "trigger", "triggerPx": "61000", "orderPx": "-1"}, 62_000, id="a trigger above"),
        pytest.param({"ordType": "trigger", "triggerPx": "59000", "orderPx": "-1"}, 58_000, id="a trigger below"),
    ],
)
def test_on_which_side_a_stop_waits(rig: Rig, changes: dict[str, str], price: int) -> None:
    number = rig.post("trade/order-algo", stop(**changes)).row["algoId"]
    rig.settle()
    rig.sandbox.engine.move_price(rig.instrument("BTC-USDT"), Decimal(120_000 - price))
    assert rig.get("trade/order-algo", algoId=number).row["state"] == "live"
    rig.sandbox.engine.move_price(rig.instrument("BTC-USDT"), Decimal(price))
    assert rig.get("trade/order-algo", algoId=number).row["state"] == "effective"


def test_a_stop_that_cannot_be_afforded_fails_when_it_triggers() -> None:
    rig = Rig(name="poor")
    number = rig.post("trade/order-algo", stop()).row["algoId"]
    rig.settle()
    rig.sandbox.engine.move_price(rig.instrument("BTC-USDT"), Decimal(58_000))
    algo = rig.get("trade/order-algo", algoId=number).row
    assert (algo["state"], algo["failCode"], algo["ordId"]) == ("order_failed", "51008", "")
    assert rig.get("trade/orders-history", instType="SPOT").data == []


def test_stops_have_ids_of_their_own(rig: Rig) -> None:
    rig.post("trade/order-algo", stop(algoClOrdId="s1"))
    again = rig.post("trade/order-algo", stop(algoClOrdId="s1"))
    assert (again.code, again.row["sCode"]) == ("1", "51065")


def cancel_algo(rig: Rig, **ids: str) -> str:
    return str(rig.post("trade/cancel-algos", [{"instId": "BTC-USDT", **ids}]).row["sCode"])


def test_stops_are_canceled_by_either_id(rig: Rig) -> None:
    first = rig.post("trade/order-algo", stop()).row["algoId"]
    rig.post("trade/order-algo", stop(algoClOrdId="s2"))
    rig.settle()
    assert cancel_algo(rig, algoId=first) == "0"
    assert cancel_algo(rig, algoId=first) == "51410"
    assert cancel_algo(rig, algoClOrdId="s2") == "0"
    rig.settle()
    assert rig.get("trade/order-algo", algoId=first).row["state"] == "canceled"
    assert cancel_algo(rig, algoId=first) == "51400"


def test_what_is_no_waiting_stop_is_not_canceled_as_one(rig: Rig) -> None:
    assert cancel_algo(rig, algoId="17") == "51400"
    assert cancel_algo(rig, algoId=rig.placed()) == "51400"
    assert cancel_algo(rig) == "50015"
    number = rig.post("trade/order-algo", stop(slOrdPx="58500")).row["algoId"]
    rig.settle()
    rig.sandbox.engine.move_price(rig.instrument("BTC-USDT"), Decimal(58_000))
    assert cancel_algo(rig, algoId=number) == "51416"
    resting = rig.get("trade/order-algo", algoId=number).row["ordId"]
    assert rig.shown(resting)["state"] == "live"
    assert cancel(rig, ordId=resting)["sCode"] == "0"


def test_ten_stops_are_canceled_at_once(rig: Rig) -> None:
    items = [{"instId": "BTC-USDT", "algoId": str(number)} for number in range(1, 12)]
    assert rig.post("trade/cancel-algos", items).code == "51406"
    assert rig.post("trade/cancel-algos", items[:10]).code == "1"


def test_a_waiting_stop_holds_no_funds_and_is_no_order(rig: Rig) -> None:
    rig.post("trade/order-algo", stop(sz="40"))
    rig.settle()
    assert rig.get("account/balance", ccy="BTC").row["details"][0]["frozenBal"] == "0"
    assert rig.get("trade/orders-pending").data == []
    assert rig.place(side="sell", px="61000", sz="40").code == "0"
