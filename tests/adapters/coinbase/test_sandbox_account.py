from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.coinbase.sandbox_rig import Rig, limit, market, order
from unified.sandbox.wording import rfc3339

# --- wallets, fees, the key


def test_wallets_tell_what_is_free_and_what_is_held() -> None:
    rig = Rig()
    rig.created(configuration=limit("50000", "2"))
    content = rig.get("accounts").content
    rows = {row["currency"]: row for row in content["accounts"]}
    assert (sorted(rows), content["size"], content["has_next"]) == (["BTC", "ETH", "USD", "USDC"], 4, False)
    assert rows["USD"]["hold"] == {"value": "100600", "currency": "USD"}
    assert rows["USD"]["available_balance"] == {"value": "2899400", "currency": "USD"}
    assert (rows["USD"]["type"], rows["BTC"]["type"]) == ("ACCOUNT_TYPE_FIAT", "ACCOUNT_TYPE_CRYPTO")
    assert rig.get(f"accounts/{rows['USD']['uuid']}").content["account"] == rows["USD"]


def test_wallets_in_pages() -> None:
    rig = Rig()
    first = rig.get("accounts", limit=3).content
    second = rig.get("accounts", limit=3, cursor=first["cursor"]).content
    assert [first["has_next"], second["has_next"], second["cursor"]] == [True, False, ""]
    assert [row["currency"] for row in first["accounts"] + second["accounts"]] == ["BTC", "ETH", "USD", "USDC"]


def test_a_wallet_of_nobody() -> None:
    assert Rig().get("accounts/00000000-0000-4000-8000-000000000000").status == 404


def test_the_summary_has_numbers_for_volumes_and_texts_for_rates() -> None:
    rig = Rig()
    rig.created(configuration=market(base_size="0.05"))
    content = rig.get("transaction_summary").content
    (fill,) = rig.account.fills
    assert content["fee_tier"]["maker_fee_rate"] == "0.004"
    assert content["fee_tier"]["taker_fee_rate"] == "0.006"
    assert (content["total_volume"], content["total_fees"]) == (float(fill.quote_quantity), float(fill.fee))


def test_the_key_tells_what_it_may_do() -> None:
    content = Rig().get("key_permissions").content
    assert (content["can_view"], content["can_trade"], content["can_transfer"]) == (True, True, False)
    assert content["portfolio_uuid"] != Rig(name="second").get("key_permissions").content["portfolio_uuid"]


# --- one order


@pytest.mark.parametrize(
    ("number", "status", "error"),
    [
        pytest.param("12345", 400, "INVALID_ARGUMENT", id="no id at all"),
        pytest.param("00000000-0000-4000-8000-000000000000", 404, "NOT_FOUND", id="an id of nobody"),
    ],
)
def test_orders_that_are_not_there(number: str, status: int, error: str) -> None:
    reply = Rig().get(f"orders/historical/{number}")
    assert (reply.status, reply.content["error"]) == (status, error)


def test_a_fresh_order_may_be_invisible() -> None:
    rig = Rig()
    rig.sandbox.engine.visibility_us = lambda _number: 2_000_000
    number = rig.created()
    missing = rig.get(f"orders/historical/{number}")
    assert (missing.status, missing.content["message"]) == (404, "order with this orderID was not found")
    assert rig.get("orders/historical/batch").content["orders"] == []
    rig.wait(2)
    assert rig.shown(number)["order_id"] == number
    assert len(rig.get("orders/historical/batch").content["orders"]) == 1


# --- lists of orders


def numbers(rig: Rig, **query: Any) -> list[str]:
    return [row["order_id"] for row in rig.get("orders/historical/batch", **query).content["orders"]]


def test_orders_by_what_they_are() -> None:
    rig = Rig()
    resting = rig.created()
    canceled = rig.created()
    rig.cancel(canceled)
    rig.settle()
    filled = rig.created(configuration=market(base_size="0.01"), side="SELL")
    other = rig.created(configuration=limit("2900"), product="ETH-USD")
    fresh = rig.create().content["order_id"]
    assert numbers(rig) == [fresh, other, filled, canceled, resting]
    assert numbers(rig, order_status=["OPEN"]) == [other, resting]
    assert numbers(rig, order_status=["PENDING", "QUEUED", "CANCEL_QUEUED", "EDIT_QUEUED"]) == [fresh]
    assert numbers(rig, order_status=["FILLED", "CANCELLED", "EXPIRED", "FAILED"]) == [filled, canceled]
    assert numbers(rig, product_ids=["ETH-USD"]) == [other]
    assert numbers(rig, order_ids=[resting, filled]) == [filled, resting]
    assert numbers(rig, order_side="SELL") == [filled]
    assert numbers(rig, order_types=["MARKET"]) == [filled]
    assert numbers(rig, time_in_forces=["IMMEDIATE_OR_CANCEL"]) == [filled]
    assert numbers(rig, product_type="SPOT", order_placement_source="RETAIL_ADVANCED", limit=2) == [fresh, other]
    assert numbers(rig, product_type="FUTURE") == []
    assert numbers(rig, order_placement_source="RETAIL_SIMPLE") == []


def test_orders_by_when_they_were_created() -> None:
    """From the beginning on, and before the end."""
    rig = Rig()
    first = rig.created()
    rig.wait(10)
    second = rig.created()
    created = rfc3339(rig.last_order().created_us)
    assert numbers(rig, start_date=created) == [second]
    assert numbers(rig, end_date=created) == [first]


def test_orders_in_pages() -> None:
    rig = Rig()
    made = [rig.created() for _ in range(5)]
    found: list[str] = []
    cursor, pages = "", 0
    while pages == 0 or cursor:
        content = rig.get("orders/historical/batch", limit=2, cursor=cursor).content
        found += [row["order_id"] for row in content["orders"]]
        assert content["has_next"] is bool(content["cursor"])
        cursor, pages = content["cursor"], pages + 1
    assert (found, pages) == (made[::-1], 3)


def test_lists_name_no_proof_token() -> None:
    content = Rig().get("orders/historical/batch").content
    assert content == {"orders": [], "sequence": "0", "has_next": False, "cursor": "", "proof_token_required": False}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        pytest.param("orders/historical/batch", {"order_status": ["DONE"]}, id="an unknown status"),
        pytest.param("orders/historical/batch", {"start_date": "yesterday"}, id="no time"),
        pytest.param("orders/historical/batch", {"limit": "many"}, id="no number"),
        pytest.param("orders/historical/fills", {"start_sequence_timestamp": "1"}, id="no time of fills"),
    ],
)
def test_filters_that_are_none(path: str, query: dict[str, Any]) -> None:
    reply = Rig().get(path, **query)
    assert (reply.status, reply.content["error"]) == (400, "unknown")
    assert "parsing field" in reply.content["message"]


# --- fills


def filled(rig: Rig) -> tuple[str, str]:
    first = rig.created(configuration=market(base_size="0.01"))
    second = rig.created(configuration=market(quote_size="300"), product="ETH-USD")
    return first, second


def test_fills_by_filter() -> None:
    rig = Rig()
    first, second = filled(rig)

    def orders(**query: Any) -> list[str]:
        return [row["order_id"] for row in rig.get("orders/historical/fills", **query).content["fills"]]

    assert orders() == [second, first]
    assert orders(order_ids=[first]) == [first]
    assert orders(product_ids=["ETH-USD"]) == [second]
    rows = rig.get("orders/historical/fills").content["fills"]
    assert orders(trade_ids=[rows[1]["trade_id"]]) == [first]
    assert orders(start_sequence_timestamp=rows[1]["trade_time"]) == [second]
    assert orders(end_sequence_timestamp=rows[0]["trade_time"]) == [first]


def test_fills_in_pages() -> None:
    rig = Rig()
    first, second = filled(rig)
    page = rig.get("orders/historical/fills", limit=1).content
    rest = rig.get("orders/historical/fills", limit=1, cursor=page["cursor"]).content
    assert [page["fills"][0]["order_id"], rest["fills"][0]["order_id"]] == [second, first]
    assert (page["proof_token_required"], rest["cursor"]) == (False, "")


def test_others_see_nothing() -> None:
    rig = Rig()
    filled(rig)
    assert rig.get("orders/historical/fills", "second").content["fills"] == []
    assert rig.get("orders/historical/batch", "second").content["orders"] == []
    assert rig.get(f"orders/historical/{rig.created()}", "second").status == 404


def test_money_moves_as_the_engine_says() -> None:
    rig = Rig()
    rig.post("orders", order(market(base_size="0.5"), side="SELL"))
    rig.settle()
    (fill,) = rig.account.fills
    rows = {row["currency"]: row["available_balance"]["value"] for row in rig.get("accounts").content["accounts"]}
    assert Decimal(rows["BTC"]) == Decimal("39.5")
    assert Decimal(rows["USD"]) == Decimal(3_000_000) + fill.quote_quantity - fill.fee
