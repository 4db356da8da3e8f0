from __future__ import annotations

from decimal import Decimal

from tests.adapters.coinbase.sandbox_rig import Rig, limit, market, order
from unified_coinbase.sandbox_rows import account_id, portfolio_id, user_id


def test_a_resting_order() -> None:
    rig = Rig()
    body = order(limit("59000", "0.5", post_only=True))
    number = rig.post("orders", body).content["order_id"]
    rig.settle()
    row = rig.shown(number)
    expected = {
        "product_id": "BTC-USD",
        "order_configuration": body["order_configuration"],
        "side": "BUY",
        "client_order_id": body["client_order_id"],
        "status": "OPEN",
        "time_in_force": "GOOD_UNTIL_CANCELLED",
        "created_time": "2026-11-21T12:00:00.000000Z",
        "completion_percentage": "0",
        "filled_size": "0",
        "average_filled_price": "0",
        "fee": "",
        "number_of_fills": "0",
        "filled_value": "0",
        "pending_cancel": False,
        "size_in_quote": False,
        "total_fees": "0",
        "size_inclusive_of_fees": False,
        "total_value_after_fees": "0",
        "trigger_status": "INVALID_ORDER_TYPE",
        "order_type": "LIMIT",
        "reject_reason": "REJECT_REASON_UNSPECIFIED",
        "reject_message": "",
        "settled": False,
        "product_type": "SPOT",
        "order_placement_source": "RETAIL_ADVANCED",
        "outstanding_hold_amount": "29677",
        "last_fill_time": None,
        "edit_history": [],
    }
    assert {name: row[name] for name in expected} == expected


def test_an_order_that_is_partly_filled() -> None:
    rig = Rig()
    best = rig.sandbox.engine.book(rig.instrument("BTC-USD"), 1).asks[0]
    size = best.quantity * 4
    row = rig.shown(rig.created(configuration=limit(str(best.price), str(size))))
    assert (row["status"], row["filled_size"], row["completion_percentage"]) == ("OPEN", str(best.quantity), "25")
    assert (row["number_of_fills"], Decimal(row["average_filled_price"])) == ("1", best.price)
    fee = Decimal(row["filled_value"]) * Decimal("0.006")
    assert 0 <= Decimal(row["total_fees"]) - fee < Decimal("1e-8")


def test_a_market_buy_by_amount_counts_in_quote_with_its_fee_inside() -> None:
    rig = Rig()
    number = rig.created(configuration=market(quote_size="600"))
    row = rig.shown(number)
    assert (row["status"], row["size_in_quote"], row["size_inclusive_of_fees"]) == ("FILLED", True, True)
    assert (row["completion_percentage"], row["settled"], row["order_type"]) == ("100", True, "MARKET")
    assert Decimal(row["total_value_after_fees"]) == Decimal(row["filled_value"]) + Decimal(row["total_fees"])
    assert Decimal("599.99") < Decimal(row["total_value_after_fees"]) <= 600
    (shown,) = rig.get("orders/historical/fills").content["fills"]
    (fill,) = rig.account.fills
    assert shown["size_in_quote"] is True
    assert Decimal(shown["size"]) / Decimal(shown["price"]) == fill.quantity == Decimal(row["filled_size"])


def test_a_stop_waits_and_triggers() -> None:
    rig = Rig()
    number = rig.created(
        configuration={
            "stop_limit_stop_limit_gtc": {
                "base_size": "0.1",
                "limit_price": "63000",
                "stop_price": "61000",
                "stop_direction": "STOP_DIRECTION_STOP_UP",
            }
        }
    )
    row = rig.shown(number)
    assert (row["status"], row["order_type"], row["trigger_status"]) == ("OPEN", "STOP_LIMIT", "STOP_PENDING")
    rig.sandbox.engine.move_price(rig.instrument("BTC-USD"), Decimal(61_500))
    row = rig.shown(number)
    assert (row["status"], row["trigger_status"]) == ("FILLED", "STOP_TRIGGERED")


def test_a_dated_order_expires() -> None:
    rig = Rig()
    number = rig.created(
        configuration={
            "limit_limit_gtd": {"base_size": "0.1", "limit_price": "50000", "end_time": "2026-11-21T12:00:05Z"}
        }
    )
    rig.wait(6)
    row = rig.shown(number)
    assert (row["status"], row["time_in_force"]) == ("EXPIRED", "GOOD_UNTIL_DATE_TIME")


def test_a_fill() -> None:
    rig = Rig()
    number = rig.created(configuration=market(base_size="0.01"), side="SELL")
    (fill,) = rig.account.fills
    (row,) = rig.get("orders/historical/fills").content["fills"]
    expected = {
        "order_id": number,
        "trade_type": "FILL",
        "size": "0.01",
        "product_id": "BTC-USD",
        "liquidity_indicator": "TAKER",
        "size_in_quote": False,
        "side": "SELL",
    }
    assert {name: row[name] for name in expected} == expected
    assert (Decimal(row["price"]), Decimal(row["commission"])) == (fill.price, fill.fee)
    assert row["commission_detail_total"] == {"total_commission": row["commission"]}
    assert row["entry_id"] != row["trade_id"]


def test_a_maker_is_told_so() -> None:
    rig = Rig()
    rig.created(configuration=limit("59999", "0.001"))
    rig.sandbox.engine.move_price(rig.instrument("BTC-USD"), Decimal(59_000))
    (row,) = rig.get("orders/historical/fills").content["fills"]
    assert (row["liquidity_indicator"], Decimal(row["commission"])) == ("MAKER", Decimal("0.239996"))


def test_ids_stay_the_same_and_differ_between_accounts() -> None:
    engine = Rig().sandbox.engine
    first, second = engine.accounts["first"], engine.accounts["second"]
    made = [
        account_id(first, "BTC"),
        account_id(first, "USD"),
        account_id(second, "BTC"),
        portfolio_id(first),
        portfolio_id(second),
        user_id(first),
        user_id(second),
    ]
    assert len(set(made)) == len(made)
    assert account_id(Rig().account, "BTC") == made[0]
