from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.kraken.sandbox_rig import Rig, refusal, result
from unified.instrument import Product
from unified_kraken.sandbox_records import VOLUMES
from unified_kraken.sandbox_rows import fill_id

UUID = "6d1b345e-2821-40e2-ad83-4ecb18a06876"


@pytest.fixture
def rig() -> Rig:
    return Rig()


# --- money


def test_balances_are_told_in_the_asset_s_digits_with_what_orders_hold(rig: Rig) -> None:
    rig.placed("starter", volume="1", price="50000")
    rig.placed("starter", type="sell", volume="0.5", price="70000")
    told = result(rig.post("BalanceEx", "starter"))
    assert told["XXBT"] == {"balance": "2.0000000000", "hold_trade": "0.5000000000"}
    assert told["ZUSD"] == {"balance": "100000.0000", "hold_trade": "50200.0000"}
    assert result(rig.post("Balance", "starter"))["ZUSD"] == "100000.0000"
    assert "XXDG" not in told


def test_fees_are_told_in_percent_and_are_those_that_are_charged(rig: Rig) -> None:
    told = result(rig.post("TradeVolume", pair="XBTUSD,ETHUSDT"))
    assert (told["currency"], told["volume"]) == ("ZUSD", "12000.0000")
    assert set(told["fees"]) == set(told["fees_maker"]) == {"XXBTZUSD", "ETHUSDT"}
    engine = rig.venue.engine
    rates = engine.fees(engine.accounts["maker"], Product.SPOT)
    assert Decimal(told["fees"]["XXBTZUSD"]["fee"]) / 100 == rates.taker
    assert Decimal(told["fees_maker"]["XXBTZUSD"]["fee"]) / 100 == rates.maker
    assert told["fees"]["XXBTZUSD"]["next_fee"] is None


def test_fees_without_volume_have_a_next_step(rig: Rig) -> None:
    assert "taker" not in VOLUMES
    told = result(rig.post("TradeVolume", "taker", pair="XBTUSD"))["fees"]["XXBTZUSD"]
    assert told == {
        "fee": "0.4000",
        "min_fee": "0.3500",
        "max_fee": "0.4000",
        "next_fee": "0.3500",
        "tier_volume": "0.0000",
        "next_volume": "10000.0000",
    }


def test_fees_may_be_asked_for_by_a_list_or_for_no_pair(rig: Rig) -> None:
    assert set(result(rig.post_json("TradeVolume", pair=[{"asset": "XBTUSD"}]))["fees"]) == {"XXBTZUSD"}
    assert "fees" not in result(rig.post("TradeVolume"))
    assert refusal(rig.post_json("TradeVolume", pair=[{"aclass": "currency"}])) == "EGeneral:Invalid arguments:pair"


def test_there_are_no_positions(rig: Rig) -> None:
    assert result(rig.post("OpenPositions")) == {}


# --- orders


def test_open_orders_are_all_newest_first_or_those_of_a_name(rig: Rig) -> None:
    ids = []
    for fields in ({}, {"cl_ord_id": UUID}, {"userref": 3}):
        ids.append(rig.placed(**fields))
        rig.seconds += 1
    rig.placed("taker")
    assert list(result(rig.post("OpenOrders"))["open"]) == ids[::-1]
    assert list(result(rig.post("OpenOrders", cl_ord_id=UUID))["open"]) == [ids[1]]
    assert list(result(rig.post("OpenOrders", userref=3))["open"]) == [ids[2]]


def test_orders_that_are_not_there_are_empty_lists_and_no_errors(rig: Rig) -> None:
    assert result(rig.post("OpenOrders", cl_ord_id=UUID)) == {"open": {}}
    assert result(rig.post("ClosedOrders", cl_ord_id=UUID)) == {"closed": {}, "count": 0}


def test_an_order_moves_from_the_open_to_the_closed(rig: Rig) -> None:
    txid = rig.placed(cl_ord_id=UUID)
    result(rig.post("CancelOrder", txid=txid))
    assert result(rig.post("OpenOrders"))["open"] == {}
    told = result(rig.post("ClosedOrders", cl_ord_id=UUID))
    assert (list(told["closed"]), told["count"]) == ([txid], 1)


def test_two_finished_orders_may_bear_one_client_id(rig: Rig) -> None:
    for _ in range(2):
        rig.placed(ordertype="market", cl_ord_id=UUID)
    assert result(rig.post("ClosedOrders", cl_ord_id=UUID))["count"] == 2


def test_a_fresh_order_may_be_missing_from_every_list_for_a_while(rig: Rig) -> None:
    rig.venue.engine.visibility_us = lambda _order_id: 2_000_000
    resting, filled = rig.placed(cl_ord_id=UUID), rig.placed(ordertype="market")
    assert result(rig.post("OpenOrders", cl_ord_id=UUID)) == {"open": {}}
    assert result(rig.post("ClosedOrders"))["count"] == 0
    assert result(rig.post("TradesHistory"))["count"] == 0
    assert refusal(rig.post("QueryOrders", txid=resting)) == "EOrder:Invalid order"
    assert refusal(rig.place(cl_ord_id=UUID)) == "EGeneral:Invalid arguments:cl_ord_id not unique"
    rig.seconds += 2
    assert list(result(rig.post("OpenOrders", cl_ord_id=UUID))["open"]) == [resting]
    assert rig.order(filled)["status"] == "closed"


def test_closed_orders_come_fifty_at_a_time_newest_first(rig: Rig) -> None:
    ids = []
    for _ in range(53):
        ids.append(rig.placed(ordertype="market", volume="0.001"))
        rig.seconds += 1
    first, second = (result(rig.post("ClosedOrders", ofs=offset)) for offset in (0, 50))
    assert [*first["closed"], *second["closed"]] == ids[::-1]
    assert (len(first["closed"]), first["count"], second["count"]) == (50, 53, 53)
    assert "count" not in result(rig.post("ClosedOrders", without_count="true"))


@pytest.mark.parametrize(
    ("closetime", "start", "end", "found"),
    [
        pytest.param("both", 0, 100, True, id="all of its life"),
        pytest.param("open", 9, 10, True, id="opened at the end, which belongs to it"),
        pytest.param("open", 10, 15, False, id="opened at the start, which does not"),
        pytest.param("close", 10, 20, True, id="closed within"),
        pytest.param("close", 0, 19, False, id="closed later"),
        pytest.param("both", 15, 30, True, id="either of both"),
        pytest.param("both", 12, 18, False, id="neither of both"),
    ],
)
def test_closed_orders_of_a_stretch_of_time(rig: Rig, closetime: str, start: int, end: int, found: bool) -> None:
    base = rig.venue.clock.base_us // 1_000_000
    rig.seconds = 10
    txid = rig.placed()
    rig.seconds = 20
    result(rig.post("CancelOrder", txid=txid))
    told = result(rig.post("ClosedOrders", closetime=closetime, start=base + start, end=base + end))
    assert (txid in told["closed"]) is found


def test_an_order_s_id_stands_for_its_time(rig: Rig) -> None:
    ids = []
    for _ in range(3):
        ids.append(rig.placed(ordertype="market"))
        rig.seconds += 1
    assert list(result(rig.post("ClosedOrders", start=ids[0], end=ids[1]))["closed"]) == [ids[1]]


def test_orders_by_id_come_all_or_not_at_all(rig: Rig) -> None:
    ids = [rig.placed(), rig.placed(cl_ord_id=UUID)]
    assert list(result(rig.post("QueryOrders", txid=",".join(ids)))) == ids
    assert list(result(rig.post("QueryOrders", txid=",".join(ids), cl_ord_id=UUID))) == [ids[1]]
    assert refusal(rig.post("QueryOrders", txid=f"{ids[0]},OAAAAA-AAAAA-AAAAAA")) == "EOrder:Invalid order"
    assert refusal(rig.post("QueryOrders", "taker", txid=ids[0])) == "EOrder:Invalid order"
    assert refusal(rig.post("QueryOrders")) == "EGeneral:Invalid arguments:txid"
    assert refusal(rig.post("QueryOrders", txid=",".join(ids * 26))) == "EGeneral:Invalid arguments:txid"


def test_an_unknown_choice_of_time_is_refused(rig: Rig) -> None:
    assert refusal(rig.post("ClosedOrders", closetime="never")) == "EGeneral:Invalid arguments:closetime"


# --- fills


def test_fills_are_those_that_the_engine_holds(rig: Rig) -> None:
    txid = rig.placed(ordertype="market", volume="2")
    fills = rig.venue.engine.accounts["maker"].fills
    told = result(rig.post("TradesHistory"))
    assert (told["count"], set(told["trades"])) == (len(fills), {fill_id(fill) for fill in fills})
    assert {row["ordertxid"] for row in told["trades"].values()} == {txid}
    assert sum(Decimal(row["vol"]) for row in told["trades"].values()) == 2
    assert {row["maker"] for row in told["trades"].values()} == {False}


def test_a_resting_order_s_fills_are_a_maker_s(rig: Rig) -> None:
    rig.placed(price="59990", volume="0.5")
    rig.venue.engine.move_price(rig.venue.engine.instruments[0], Decimal(59_000))
    assert {row["maker"] for row in result(rig.post("TradesHistory"))["trades"].values()} == {True}


def test_fills_of_an_order_are_found_by_its_trades(rig: Rig) -> None:
    txid = rig.placed(ordertype="market", volume="2")
    trades = result(rig.post("QueryOrders", txid=txid, trades="true"))[txid]["trades"]
    rows = result(rig.post("QueryTrades", txid=",".join(trades[:20])))
    assert {row["ordertxid"] for row in rows.values()} == {txid}
    assert refusal(rig.post("QueryTrades", txid="TAAAAA-AAAAA-AAAAAA")) == "EGeneral:Invalid arguments:txid"


def test_fills_come_fifty_at_a_time_newest_first(rig: Rig) -> None:
    for _ in range(53):
        rig.placed(ordertype="market", volume="0.001")
        rig.seconds += 1
    first, second = (result(rig.post("TradesHistory", ofs=offset)) for offset in (0, 50))
    assert len(first["trades"]) == 50
    times = [row["time"] for row in (*first["trades"].values(), *second["trades"].values())]
    assert times == sorted(times, reverse=True)
    assert len(times) == first["count"] == len(rig.venue.engine.accounts["maker"].fills)
    newest = next(iter(first["trades"]))
    assert result(rig.post("TradesHistory", start=newest))["trades"] == {}


def test_fills_of_positions_are_none(rig: Rig) -> None:
    rig.placed(ordertype="market")
    assert result(rig.post("TradesHistory", type="closing position")) == {"trades": {}, "count": 0}
    assert refusal(rig.post("TradesHistory", type="some")) == "EGeneral:Invalid arguments:type"


# --- the key


def test_a_token_for_streams_is_another_each_time(rig: Rig) -> None:
    first, second = result(rig.post("GetWebSocketsToken")), result(rig.post("GetWebSocketsToken"))
    assert (first["expires"], len(first["token"])) == (900, 43)
    assert first["token"] != second["token"]
    assert result(Rig().post("GetWebSocketsToken"))["token"] == first["token"]


def test_a_key_tells_what_it_may_do_and_its_nonce(rig: Rig) -> None:
    told = result(rig.post("GetApiKeyInfo", "reader"))
    assert told["permissions"] == ["query-closed-trades", "query-funds", "query-open-trades"]
    assert (told["nonce"], told["nonceWindow"], told["ipAllowlist"]) == (str(rig.nonce), 0, [])
    assert told["apiKey"] == rig.credentials["reader"].key
    assert told["lastUsed"] == str(rig.venue.now_us // 1_000_000)
