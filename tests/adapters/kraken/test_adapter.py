from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from tests.adapters.kraken.venue import (
    BTC_USD,
    CLIENT_ID,
    CREDENTIALS,
    KRAKEN,
    STAMP,
    adapter,
)
from unified.adapter import AdapterSettings, Dedup, Endpoint
from unified.errors import ConfigurationError
from unified.instrument import Product
from unified.operations import (
    FetchServerTime,
    PlaceOrder,
)
from unified.order import Side
from unified_kraken import Kraken

ORDER = PlaceOrder(instrument=BTC_USD, side=Side.BUY, quantity=Decimal(1), price=Decimal(2), client_order_id=CLIENT_ID)

# --- what it says of itself


def test_orders_are_placed_under_a_fence_because_ids_come_free_again() -> None:
    rule = KRAKEN.placement[Product.SPOT].of(ORDER)
    assert (rule.dedup, rule.queryable, rule.visibility) == (Dedup.WHILE_OPEN, True, 5.0)
    assert rule.expiry is not None
    assert (rule.expiry.parameter, rule.expiry.min_ms, rule.expiry.max_ms) == ("deadline", 3500, 60_000)
    assert rule.expiry.min_ms <= rule.expiry.default_ms <= rule.expiry.max_ms


def test_client_order_ids_are_uuids() -> None:
    assert KRAKEN.client_ids.uuid
    assert str(UUID(CLIENT_ID)) == CLIENT_ID
    assert len(CLIENT_ID) == KRAKEN.client_ids.max_length


def test_no_request_is_refused_for_its_time() -> None:
    assert all(rule.window_ms is None for rule in KRAKEN.clocks.values())
    assert set(KRAKEN.clocks) == set(KRAKEN.environment.hosts)


def test_settings_that_do_not_exist_are_named() -> None:
    with pytest.raises(ConfigurationError, match="tier"):
        adapter(tier="gold")
    with pytest.raises(ConfigurationError, match="production"):
        Kraken(AdapterSettings(environment="testnet"))


def test_an_endpoint_may_stand_in_for_the_venues() -> None:
    own = Kraken(AdapterSettings(credentials=CREDENTIALS, hosts={"rest": "http://127.0.0.1:9"}))
    how = own.endpoints[FetchServerTime, Product.SPOT]
    assert isinstance(how, Endpoint)
    assert how.build(FetchServerTime(), STAMP).url == "http://127.0.0.1:9/0/public/Time"
    assert own.account == CREDENTIALS.fingerprint
    assert adapter(with_key=False).account == ""
