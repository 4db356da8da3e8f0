from __future__ import annotations

import re

import pytest

from tests.adapters.binanceus.venue import VENUE
from unified.adapter import Adapter, AdapterClass, AdapterSettings, Dedup, Stamp
from unified.errors import ConfigurationError, Kind
from unified.instrument import Product
from unified.operations import AmendOrder
from unified.registry import adapter_class
from unified.secret import Credentials, Secret
from unified_binanceus import BinanceUs


def test_it_is_an_adapter_and_found_by_its_name() -> None:
    made_by: AdapterClass = BinanceUs
    made: Adapter = made_by(AdapterSettings())
    assert (made.venue, made.account) == ("binanceus", "")
    assert adapter_class("binanceus") is BinanceUs


def test_there_is_one_environment_with_one_host() -> None:
    assert dict(VENUE.environment.hosts) == {"spot": "https://api.binance.us"}
    assert [environment.real_money for environment in VENUE.environments.values()] == [True]


def test_keys_are_shared_secrets_only() -> None:
    key = Secret("-----BEGIN " + "PRIVATE KEY-----")
    with pytest.raises(ConfigurationError, match="shared secrets only"):
        BinanceUs(AdapterSettings(credentials=Credentials(key="k", secret=key)))


def test_the_fence_stands_later_than_the_window_because_the_window_is_checked_on_arrival_only() -> None:
    rule = VENUE.placement[Product.SPOT]
    assert (rule.dedup, rule.queryable, rule.visibility) == (Dedup.WHILE_OPEN, True, 10)
    assert rule.expiry is not None
    stamp = Stamp(time_ms=1000, window_ms=3000, nonce=1, token="")
    assert rule.expiry.fence_ms(stamp) == stamp.expires_ms + 10_000
    assert re.search(r"20\d\d-\d\d-\d\d", rule.source)


def test_there_is_nothing_to_amend_with_and_no_perpetual() -> None:
    assert not any(operation is AmendOrder for operation, _ in VENUE.endpoints)
    assert {product for _, product in VENUE.endpoints} == {Product.SPOT}


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("-1013", "Filter failure: MIN_NOTIONAL", Kind.INVALID_NOTIONAL),
        ("-2010", "Duplicate order sent.", Kind.DUPLICATE_ORDER),
        ("-1125", "", Kind.SESSION_EXPIRED),
        ("-29999", "", Kind.UNKNOWN),
    ],
)
def test_codes_are_read_by_its_own_catalogue(code: str, message: str, kind: Kind) -> None:
    assert VENUE.fault(code, message=message, surface="spot").kind is kind
