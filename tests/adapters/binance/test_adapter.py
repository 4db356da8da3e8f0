from __future__ import annotations

import re

import pytest

from tests.adapters.binance.venue import BINANCE, adapter
from unified.adapter import Adapter, AdapterClass, AdapterSettings, Dedup
from unified.instrument import Product
from unified.operations import FetchKeyPermissions, FetchVenueStatus
from unified_binance import Binance


def test_it_is_an_adapter() -> None:
    made_by: AdapterClass = Binance
    made: Adapter = made_by(AdapterSettings())
    assert made.venue == "binance"
    assert made.account == ""


@pytest.mark.parametrize(
    ("environment", "spot", "linear", "real"),
    [
        ("production", "https://api.binance.com", "https://fapi.binance.com", True),
        ("testnet", "https://testnet.binance.vision", "https://demo-fapi.binance.com", False),
        ("demo", "https://demo-api.binance.com", "https://demo-fapi.binance.com", False),
    ],
)
def test_each_environment_has_its_hosts(environment: str, spot: str, linear: str, real: bool) -> None:
    made = adapter(environment)
    assert dict(made.environment.hosts) == {"spot": spot, "linear": linear}
    assert made.environment.real_money is real


def test_the_wallets_paths_stand_in_production_alone() -> None:
    wallet = {
        (FetchVenueStatus, Product.SPOT),
        (FetchKeyPermissions, Product.SPOT),
        (FetchKeyPermissions, Product.LINEAR),
    }
    assert wallet <= set(BINANCE.endpoints)
    for environment in ("testnet", "demo"):
        assert set(BINANCE.endpoints) - set(adapter(environment).endpoints) == wallet


def test_an_order_id_is_free_again_once_its_order_is_closed_so_nothing_is_resent_before_the_fence() -> None:
    for rule in BINANCE.placement.values():
        assert rule.dedup is Dedup.WHILE_OPEN
        assert rule.expiry is not None
        assert rule.expiry.min_ms <= rule.expiry.default_ms <= 5000
        assert rule.expiry.max_ms == BINANCE.clocks["spot"].max_window_ms
        assert rule.visibility == 10
        assert re.search(r"20\d\d-\d\d-\d\d", rule.source)


@pytest.mark.parametrize(
    ("id_", "fits"),
    [("a-1_B", True), ("a" * 36, True), ("a" * 37, False), ("a.b", False), ("", False), ("a&b", False)],
)
def test_client_ids_keep_to_what_both_products_take(id_: str, fits: bool) -> None:
    assert bool(re.fullmatch(BINANCE.client_ids.pattern, id_)) is fits
