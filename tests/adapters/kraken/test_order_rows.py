from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.adapters.kraken.venue import BTC_USD, CLIENT_ID, TXID, fill_row, order_row
from unified.errors import Kind, Outcome, VenueError
from unified.instrument import Product, unlisted
from unified.order import Commission, Fill, Liquidity, Order, OrderStatus, OrderType, Side, TimeInForce
from unified_kraken.order_rows import fill_of, order_of, pair_of


def exact(row: dict[str, object]) -> dict[str, Any]:
    """As the venue's text is read: no number is a float."""
    found: dict[str, Any] = json.loads(json.dumps(row), parse_float=Decimal)
    return found


def order(**changes: object) -> Order:
    return order_of(BTC_USD, TXID, exact(order_row(**changes)))


def fill(**changes: object) -> Fill:
    return fill_of(BTC_USD, "TCCCTY-WJ6EO-4FP4VZ", exact(fill_row(**changes)))


def test_a_resting_order() -> None:
    assert order() == Order(
        instrument=BTC_USD,
        venue_order_id=TXID,
        client_order_id=CLIENT_ID,
        status=OrderStatus.NEW,
        side=Side.BUY,
        order_type=OrderType.LIMIT,
        quantity=Decimal("0.5"),
        price=Decimal(29500),
        created_at=datetime(2023, 7, 5, 19, 4, 0, 864800, tzinfo=UTC),
    )
    assert pair_of(order_row()) == "XBTUSD"


@pytest.mark.parametrize(
    ("status", "executed", "expected"),
    [
        pytest.param("pending", "0", OrderStatus.NEW, id="waiting for the book"),
        pytest.param("open", "0", OrderStatus.NEW, id="open"),
        pytest.param("open", "0.1", OrderStatus.PARTIALLY_FILLED, id="open and partly filled"),
        pytest.param("pending", "0.1", OrderStatus.PARTIALLY_FILLED, id="waiting and partly filled"),
        pytest.param("closed", "0.5", OrderStatus.FILLED, id="closed"),
        pytest.param("canceled", "0", OrderStatus.CANCELED, id="canceled"),
        pytest.param("canceled", "0.1", OrderStatus.CANCELED, id="canceled with fills stays canceled"),
        pytest.param("expired", "0", OrderStatus.EXPIRED, id="expired"),
    ],
)
def test_status(status: str, executed: str, expected: OrderStatus) -> None:
    found = order(status=status, vol_exec=executed, price="29400.5", closetm=1688590000.5432)
    assert (found.status, found.filled_quantity, found.refusal) == (expected, Decimal(executed), None)
    assert found.average_price == (Decimal("29400.5") if executed != "0" else None)
    assert found.updated_at == datetime(2023, 7, 5, 20, 46, 40, 543200, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reason", "executed", "status", "kind"),
    [
        pytest.param("User requested", "0", OrderStatus.CANCELED, None, id="the user's own cancel"),
        pytest.param(None, "0", OrderStatus.CANCELED, None, id="no reason"),
        pytest.param("Post only order", "0", OrderStatus.REJECTED, Kind.WOULD_TAKE, id="post-only would have taken"),
        pytest.param("Post only order", "0.1", OrderStatus.CANCELED, Kind.WOULD_TAKE, id="an amend would have taken"),
        pytest.param(
            "Insufficient funds", "0", OrderStatus.CANCELED, Kind.INSUFFICIENT_FUNDS, id="no funds when it triggered"
        ),
        pytest.param("Something new", "0", OrderStatus.CANCELED, Kind.UNKNOWN, id="a reason that is not known"),
    ],
)
def test_why_the_engine_ended_an_order(
    reason: str | None, executed: str, status: OrderStatus, kind: Kind | None
) -> None:
    found = order(status="canceled", reason=reason, vol_exec=executed)
    assert (found.status, found.refusal and found.refusal.kind) == (status, kind)
    if found.refusal is not None:
        assert (found.refusal.outcome, found.refusal.message) == (Outcome.REJECTED, reason)


@pytest.mark.parametrize(
    ("native", "changes", "kind", "price", "stop_price"),
    [
        pytest.param("market", {"limit": "0"}, OrderType.MARKET, None, None, id="at market"),
        pytest.param("stop-loss", {}, OrderType.STOP_MARKET, None, "29500", id="a stop at market"),
        pytest.param("take-profit", {}, OrderType.STOP_MARKET, None, "29500", id="a profit at market"),
        pytest.param(
            "stop-loss-limit", {"price2": "29400.0"}, OrderType.STOP_LIMIT, "29400", "29500", id="a stop with a limit"
        ),
        pytest.param(
            "take-profit-limit", {"price2": "0"}, OrderType.STOP_LIMIT, None, "29500", id="a limit that is not told"
        ),
        pytest.param("stop-loss", {"limit": "+5%"}, OrderType.STOP_MARKET, None, None, id="a relative trigger"),
        pytest.param("trailing-stop", {"limit": "+1.0000%"}, None, None, None, id="a type without a word here"),
        pytest.param("iceberg", {}, None, None, None, id="an iceberg"),
    ],
)
def test_types_and_prices(
    native: str, changes: dict[str, object], kind: OrderType | None, price: str | None, stop_price: str | None
) -> None:
    found = order(ordertype=native, **changes)
    assert found.order_type is kind
    assert found.price == (None if price is None else Decimal(price))
    assert found.stop_price == (None if stop_price is None else Decimal(stop_price))


def test_flags_and_times() -> None:
    found = order(oflags="fciq,post", reduce_only=True, expiretm=1795161600, type="sell")
    assert (found.post_only, found.reduce_only, found.time_in_force, found.side) == (
        True,
        True,
        TimeInForce.GTD,
        Side.SELL,
    )
    assert found.expires_at == datetime.fromtimestamp(1795161600, UTC)
    assert order().expires_at is None
    assert order(timeinforce="IOC").time_in_force is TimeInForce.IOC


@pytest.mark.parametrize(
    "executed",
    [pytest.param("0.18181818", id="fills in base units"), pytest.param("5000.00000", id="fills in quote units")],
)
def test_an_order_by_quote_amount_is_filled_in_base_units_however_the_venue_counts(executed: str) -> None:
    found = order(
        ordertype="market",
        limit="0",
        oflags="fciq,viqc",
        vol="5000.00000",
        vol_exec=executed,
        cost="5000.00000",
        price="27500.0",
        status="closed",
    )
    assert (found.quantity, found.quote_quantity) == (None, Decimal(5000))
    assert found.filled_quantity == Decimal("0.18181818")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"status": "asleep"}, id="an unknown status"),
        pytest.param({"type": "hold"}, id="an unknown side"),
        pytest.param({"vol_exec": None}, id="no fills"),
        pytest.param({"limit": "many"}, id="a price that is no number"),
        pytest.param({"descr": "buy"}, id="no terms"),
    ],
)
def test_what_is_no_order_is_malformed(changes: dict[str, object]) -> None:
    with pytest.raises(VenueError) as caught:
        order(**changes)
    assert caught.value.kind is Kind.MALFORMED_RESPONSE


# --- fills


def test_a_fill() -> None:
    assert fill() == Fill(
        instrument=BTC_USD,
        trade_id="TCCCTY-WJ6EO-4FP4VZ",
        venue_order_id=TXID,
        side=Side.BUY,
        price=Decimal("29500.50"),
        quantity=Decimal("0.5"),
        commission=Commission(currency="USD", amount=Decimal("23.60")),
        liquidity=Liquidity.MAKER,
        time=datetime(2023, 7, 5, 19, 37, 20, 892100, tzinfo=UTC),
    )


def test_a_takers_fill_and_one_that_does_not_tell() -> None:
    row = fill_row(maker=False, type="sell")
    assert (fill(maker=False).liquidity, fill(type="sell").side) == (Liquidity.TAKER, Side.SELL)
    del row["maker"]
    assert fill_of(BTC_USD, "T", exact(row)).liquidity is None


def test_of_an_unlisted_pair_the_currency_of_the_fee_is_not_known() -> None:
    assert fill_of(unlisted("SUIUSD", Product.SPOT), "T", exact(fill_row())).commission is None
