from __future__ import annotations

from decimal import Decimal

import orjson
import pytest

from tests.adapters.kraken.sandbox_rig import Rig
from unified.sandbox.streams import AccountFeed
from unified_kraken.sandbox_stream_rows import number, opened_row, reports


@pytest.mark.parametrize(
    ("value", "text"), [("45285.2", b"45285.2"), ("0.10000000", b"0.1"), ("740", b"740.0"), ("0", b"0.0")]
)
def test_numbers_are_written_as_kraken_does(value: str, text: bytes) -> None:
    assert orjson.dumps(number(Decimal(value))) == text


def test_an_order_is_told_whole_at_first_and_by_its_changes_then() -> None:
    rig = Rig()
    account = rig.venue.engine.accounts["maker"]
    feed = AccountFeed(account)
    placed = rig.placed(price="50000", cl_ord_id="6d1b345e-2821-40e2-ad83-4ecb18a06876")
    (change,) = feed.new()
    pending, new = reports(change)
    assert pending["cl_ord_id"] == "6d1b345e-2821-40e2-ad83-4ecb18a06876"
    assert (pending["symbol"], pending["side"], pending["order_type"]) == ("BTC/USD", "buy", "limit")
    assert set(new) == {"order_id", "timestamp", "exec_type", "order_status"}
    assert opened_row(change.order)["order_status"] == "new"
    rig.post("CancelOrder", txid=placed)
    (canceled,) = [row for change in feed.new() for row in reports(change)]
    assert (canceled["exec_type"], canceled["reason"]) == ("canceled", "User requested")
