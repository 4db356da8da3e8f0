"""What is said of a spot account's changes, row by row; how they reach a client the venues' sandboxes show."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.adapters.binance.sandbox_rig import Rig
from tests.adapters.binance.test_sandbox_stream_rows import changes_of
from unified.instrument import Product
from unified.sandbox.streams import AccountChange, Happening
from unified_binance_dialect.sandbox_stream_account import funds, happened, report, spot_news


def test_the_end_of_a_filled_order_is_told_by_its_trade() -> None:
    _, feed, order = changes_of(Product.SPOT, "70000")
    changes = feed.new()
    assert [change.what for change in changes][-1] is Happening.ENDED
    rows = [row for change in changes for row in report(change, 5)]
    assert [(row["x"], row["X"]) for row in rows] == [("NEW", "NEW"), ("TRADE", "FILLED")]
    assert rows[-1]["i"] == order.order_id
    assert rows[0]["t"] == -1


@pytest.mark.parametrize(("spot", "word"), [(True, "REPLACED"), (False, "AMENDMENT")])
def test_an_amendment_has_a_word_of_each_product(spot: bool, word: str) -> None:
    _, _, order = changes_of(Product.SPOT, "50000")
    assert happened(AccountChange(what=Happening.AMENDED, order=order), spot=spot) == (word, "NEW")


def test_funds_are_told_free_and_locked() -> None:
    rig, _, _ = changes_of(Product.SPOT, "50000")
    (row,) = funds(rig.account().spot, ["USDT"], 5)["B"]
    assert (row["a"], Decimal(row["l"])) == ("USDT", Decimal(500))


def test_news_are_reports_and_then_funds_and_no_perpetuals() -> None:
    rig = Rig()
    news = spot_news(rig.dialect.engine, rig.account())
    assert news() == []
    rig.linear(newClientOrderId="p-1")
    rig.spot(price="50000", newClientOrderId="a-1")
    assert [(row["e"], row.get("c")) for row in news()] == [
        ("executionReport", "a-1"),
        ("outboundAccountPosition", None),
    ]
    assert news() == []
