from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.coinbase.sandbox_rig import Rig, limit, market, order
from unified.sandbox.listing import MarketMode
from unified_coinbase.sandbox_listings import MAX_OPEN_ORDERS

# --- create


def test_a_create_is_acknowledged_and_acts_later() -> None:
    rig = Rig()
    body = order()
    content = rig.post("orders", body).content
    number = content["success_response"]["order_id"]
    assert content == {
        "success": True,
        "failure_reason": "UNKNOWN_FAILURE_REASON",
        "order_id": number,
        "success_response": {
            "order_id": number,
            "product_id": "BTC-USD",
            "side": "BUY",
            "client_order_id": body["client_order_id"],
            "attached_order_id": "",
        },
        "order_configuration": body["order_configuration"],
    }
    assert rig.shown(number)["status"] == "PENDING"
    rig.settle()
    assert rig.shown(number)["status"] == "OPEN"


def test_a_used_client_id_makes_no_order_ever_again() -> None:
    """The answer names the first order and repeats the second request."""
    rig = Rig()
    first = rig.created(client_order_id="same")
    rig.cancel(first)
    rig.settle()
    second = order(limit("58000", "2"), side="SELL", product="ETH-USD", client_order_id="same")
    content = rig.post("orders", second).content
    assert (content["success"], content["success_response"]["order_id"]) == (True, first)
    assert (content["success_response"]["product_id"], content["success_response"]["side"]) == ("ETH-USD", "SELL")
    assert content["order_configuration"] == second["order_configuration"]
    assert len(rig.account.orders) == 1
    assert rig.shown(first)["status"] == "CANCELLED"


def test_even_a_request_that_would_be_refused_finds_the_first() -> None:
    rig = Rig()
    first = rig.created(client_order_id="same")
    assert rig.create(product="XYZ-USD", client_order_id="same").content["order_id"] == first


def test_client_ids_of_others_do_not_matter() -> None:
    rig = Rig()
    first = rig.created(client_order_id="same")
    assert rig.create("second", client_order_id="same").content["order_id"] != first


def test_a_client_id_is_needed() -> None:
    reply = Rig().post("orders", {**order(), "client_order_id": ""})
    assert (reply.status, reply.content["message"]) == (400, "client_order_id is required")


@pytest.mark.parametrize(
    ("changes", "error", "preview"),
    [
        pytest.param(
            {"configuration": limit("59000.001")}, "INVALID_PRICE_PRECISION", "INVALID_PRICE_PRECISION", id="tick"
        ),
        pytest.param(
            {"configuration": limit(size="0.000000001")},
            "UNKNOWN_FAILURE_REASON",
            "INVALID_BASE_SIZE_TOO_SMALL",
            id="less than the least",
        ),
        pytest.param(
            {"configuration": limit(size="1.000000001")}, "INVALID_SIZE_PRECISION", "INVALID_SIZE_PRECISION", id="lot"
        ),
        pytest.param(
            {"configuration": limit(size="4000")}, "UNKNOWN_FAILURE_REASON", "INVALID_BASE_SIZE_TOO_LARGE", id="most"
        ),
        pytest.param(
            {"configuration": limit(size="0.00001")},
            "UNKNOWN_FAILURE_REASON",
            "INVALID_QUOTE_SIZE_TOO_SMALL",
            id="value below the least",
        ),
        pytest.param(
            {"configuration": market(quote_size="10.001")},
            "UNKNOWN_FAILURE_REASON",
            "INVALID_QUOTE_SIZE_PRECISION",
            id="amount with too many decimals",
        ),
        pytest.param({"configuration": limit(size="500")}, "INSUFFICIENT_FUND", "INSUFFICIENT_FUND", id="funds"),
        pytest.param(
            {"configuration": limit("70000", post_only=True)},
            "INVALID_LIMIT_PRICE_POST_ONLY",
            "INVALID_LIMIT_PRICE_POST_ONLY",
            id="post-only through the market",
        ),
        pytest.param(
            {
                "configuration": {
                    "stop_limit_stop_limit_gtc": {
                        "base_size": "1",
                        "limit_price": "62000",
                        "stop_price": "59000",
                        "stop_direction": "STOP_DIRECTION_STOP_UP",
                    }
                }
            },
            "UNKNOWN_FAILURE_REASON",
            "STOP_PRICE_BELOW_LAST_TRADE_PRICE",
            id="a stop that has been reached",
        ),
    ],
)
def test_refusals_inside_success(changes: dict[str, Any], error: str, preview: str) -> None:
    rig = Rig()
    reply = rig.create(**changes)
    failure = reply.failure
    assert (failure["error"], failure["preview_failure_reason"]) == (error, f"PREVIEW_{preview}")
    assert failure.get("new_order_failure_reason", "UNKNOWN_FAILURE_REASON") == error
    assert reply.content["order_configuration"] == changes["configuration"]
    assert not rig.account.orders


@pytest.mark.parametrize(
    ("mode", "error", "preview"),
    [
        pytest.param(MarketMode.CLOSED, "TRADING_DISABLED", "TRADING_DISABLED", id="closed"),
        pytest.param(MarketMode.CANCEL_ONLY, "ORDER_ENTRY_DISABLED", "NOT_ALLOWED_BY_MARKET_STATE", id="cancels only"),
        pytest.param(
            MarketMode.POST_ONLY, "UNKNOWN_FAILURE_REASON", "NOT_ALLOWED_BY_MARKET_STATE", id="post-only orders only"
        ),
    ],
)
def test_restricted_products(mode: MarketMode, error: str, preview: str) -> None:
    rig = Rig()
    rig.sandbox.engine.set_mode(rig.instrument("BTC-USD"), mode)
    failure = rig.create().failure
    assert (failure["error"], failure["preview_failure_reason"]) == (error, f"PREVIEW_{preview}")


# --- what is found out later


def test_a_fill_or_kill_order_that_finds_too_little_is_canceled() -> None:
    rig = Rig()
    row = rig.shown(rig.created(configuration={"limit_limit_fok": {"base_size": "30", "limit_price": "60100"}}))
    assert (row["status"], row["filled_size"], row["reject_reason"]) == ("CANCELLED", "0", "REJECT_REASON_UNSPECIFIED")


def test_the_order_beyond_the_cap_fails() -> None:
    rig = Rig()
    for _ in range(MAX_OPEN_ORDERS):
        rig.wait(0.04)
        assert rig.create(configuration=limit("50000", "0.0001")).content["success"]
    rig.settle()
    row = rig.shown(rig.created(configuration=limit("50000", "0.0001")))
    assert (row["status"], row["reject_reason"]) == ("FAILED", "TOO_MANY_OPEN_ORDERS")


def test_a_post_only_order_that_the_market_overtakes_fails() -> None:
    rig = Rig()
    number = rig.create(configuration=limit("59000", post_only=True)).content["order_id"]
    rig.sandbox.engine.move_price(rig.instrument("BTC-USD"), Decimal(58_000))
    rig.settle()
    row = rig.shown(number)
    assert (row["status"], row["reject_reason"], row["reject_message"]) == (
        "FAILED",
        "REJECT_REASON_UNSPECIFIED",
        "would take",
    )


# --- preview


def test_a_preview_reckons_and_places_nothing() -> None:
    rig = Rig()
    body = {name: value for name, value in order(limit("59000", "2")).items() if name != "client_order_id"}
    content = rig.post("orders/preview", body).content
    assert (content["errs"], content["order_total"], content["commission_total"]) == ([], "118708", "708")
    assert content["preview_id"]
    assert not rig.account.orders


def test_a_preview_names_what_is_wrong() -> None:
    rig = Rig()
    content = rig.post("orders/preview", order(limit(size="500"))).content
    assert (content["errs"], content["preview_id"]) == (["PREVIEW_INSUFFICIENT_FUND"], "")
    assert rig.post("orders/preview", order(product="XYZ-USD")).content["errs"] == ["PREVIEW_INVALID_PRODUCT_ID"]


# --- cancel


def test_a_cancel_is_accepted_and_happens_later() -> None:
    rig = Rig()
    number = rig.created()
    assert rig.cancel(number) == [
        {"success": True, "failure_reason": "UNKNOWN_CANCEL_FAILURE_REASON", "order_id": number}
    ]
    row = rig.shown(number)
    assert (row["status"], row["pending_cancel"]) == ("CANCEL_QUEUED", True)
    rig.settle()
    row = rig.shown(number)
    assert (row["status"], row["pending_cancel"], row["outstanding_hold_amount"]) == ("CANCELLED", False, "0")


def test_each_of_a_batch_succeeds_or_fails_by_itself() -> None:
    rig = Rig()
    open_, filled, canceled = rig.created(), rig.created(configuration=market(base_size="0.01")), rig.created()
    rig.cancel(canceled)
    rig.settle()
    told = rig.cancel(open_, filled, canceled, "nobody's", open_)
    assert [row["failure_reason"] for row in told] == [
        "UNKNOWN_CANCEL_FAILURE_REASON",
        "ORDER_IS_FULLY_FILLED",
        "INVALID_CANCEL_REQUEST",
        "UNKNOWN_CANCEL_ORDER",
        "DUPLICATE_CANCEL_REQUEST",
    ]
    assert [row["success"] for row in told] == [True, False, False, False, False]


def test_orders_of_others_cannot_be_canceled() -> None:
    rig = Rig()
    (told,) = rig.post("orders/batch_cancel", {"order_ids": [rig.created()]}, "second").content["results"]
    assert told["failure_reason"] == "UNKNOWN_CANCEL_ORDER"


@pytest.mark.parametrize(
    ("ids", "error"),
    [
        pytest.param(["x"] * 101, "InvalidArgument", id="more than a hundred"),
        pytest.param([], "INVALID_ARGUMENT", id="none"),
        pytest.param("x", "INVALID_ARGUMENT", id="no list"),
    ],
)
def test_batches_that_are_none(ids: object, error: str) -> None:
    reply = Rig().post("orders/batch_cancel", {"order_ids": ids})
    assert (reply.status, reply.content["error"]) == (400, error)


# --- edit


def edited(rig: Rig, number: str, path: str = "orders/edit", **values: str) -> dict[str, Any]:
    content = rig.post(path, {"order_id": number, **values}).content
    assert isinstance(content, dict)
    return content


def test_an_edit_changes_price_and_size_and_is_remembered() -> None:
    rig = Rig()
    number = rig.created()
    assert edited(rig, number, price="58000", size="2") == {"success": True, "errors": []}
    row = rig.shown(number)
    assert row["order_configuration"]["limit_limit_gtc"] == {"base_size": "2", "limit_price": "58000"}
    (kept,) = row["edit_history"]
    assert (kept["price"], kept["size"], row["order_id"]) == ("58000", "2", number)
    assert Decimal(row["outstanding_hold_amount"]) == Decimal(116_000) * Decimal("1.006")


NO_PREVIEW = "UNKNOWN_PREVIEW_FAILURE_REASON"


@pytest.mark.parametrize(
    ("values", "reason", "preview"),
    [
        pytest.param({"price": "58000"}, "CANNOT_EDIT_TO_BELOW_FILLED_SIZE", NO_PREVIEW, id="no size counts as zero"),
        pytest.param({"size": "2"}, "INVALID_EDITED_PRICE", NO_PREVIEW, id="no price"),
        pytest.param(
            {"price": "59000", "size": "1"},
            "EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST",
            NO_PREVIEW,
            id="nothing changes",
        ),
        pytest.param(
            {"price": "58000.001", "size": "1"},
            "INVALID_EDITED_PRICE",
            "PREVIEW_INVALID_PRICE_PRECISION",
            id="off the tick",
        ),
        pytest.param(
            {"price": "58000", "size": "1.000000001"},
            "INVALID_EDITED_SIZE",
            "PREVIEW_INVALID_SIZE_PRECISION",
            id="off the lot",
        ),
        pytest.param(
            {"price": "58000", "size": "900"},
            "UNKNOWN_EDIT_ORDER_FAILURE_REASON",
            "PREVIEW_INSUFFICIENT_FUND",
            id="beyond the funds",
        ),
        pytest.param(
            {"price": "58000", "size": "1", "stop_price": "57000"},
            "FIELD_STOPPRICE_NOT_SUPPORTED",
            NO_PREVIEW,
            id="a stop price of an order that has none",
        ),
    ],
)
def test_edits_that_are_refused_change_nothing(values: dict[str, str], reason: str, preview: str) -> None:
    rig = Rig()
    number = rig.created()
    content = edited(rig, number, **values)
    assert content == {
        "success": False,
        "errors": [{"edit_failure_reason": reason, "preview_failure_reason": preview}],
    }
    assert rig.shown(number)["edit_history"] == []


def reasons(content: dict[str, Any]) -> list[str]:
    return [row["edit_failure_reason"] for row in content["errors"]]


@pytest.mark.parametrize("path", ["orders/edit", "orders/edit_preview"])
def test_orders_that_cannot_be_edited(path: str) -> None:
    rig = Rig()
    values = {"price": "58000", "size": "2"}
    assert reasons(edited(rig, "nobody's", path, **values)) == ["ORDER_NOT_FOUND"]
    filled = rig.created(configuration=market(base_size="0.01"))
    assert reasons(edited(rig, filled, path, **values)) == ["ONLY_OPEN_ORDERS_CAN_BE_EDITED"]
    fresh = rig.create().content["order_id"]
    assert reasons(edited(rig, fresh, path, **values)) == ["ONLY_OPEN_ORDERS_CAN_BE_EDITED"]
    rig.settle()
    rig.cancel(fresh)
    assert reasons(edited(rig, fresh, path, **values)) == ["CANNOT_EDIT_ORDER_PENDING_CANCEL"]
    dated = {"limit_limit_gtd": {"base_size": "1", "limit_price": "59000", "end_time": "2026-11-22T00:00:00Z"}}
    assert reasons(edited(rig, rig.created(configuration=dated), path, **values)) == [
        "ONLY_LIMIT_ORDER_EDITS_SUPPORTED"
    ]


def test_a_preview_of_an_edit_changes_nothing() -> None:
    rig = Rig()
    number = rig.created()
    content = edited(rig, number, "orders/edit_preview", price="58000", size="2")
    assert (content["errors"], content["order_total"]) == ([], "116000")
    assert rig.shown(number)["order_configuration"]["limit_limit_gtc"]["limit_price"] == "59000"


def test_an_edit_names_its_order() -> None:
    assert Rig().post("orders/edit", {"price": "1", "size": "1"}).content["message"] == "order_id is required"
