from __future__ import annotations

import re
from typing import Any

import pytest

from tests.adapters.binance.venue import BINANCE, adapter, response
from unified.adapter import Adapter, AdapterClass, AdapterSettings, Dedup
from unified.errors import ConfigurationError, Kind
from unified.instrument import Product
from unified.operations import FetchKeyPermissions, FetchVenueStatus
from unified.secret import Credentials, Secret
from unified_binance import Binance


def test_it_is_an_adapter() -> None:
    made_by: AdapterClass = Binance
    made: Adapter = made_by(AdapterSettings())
    assert made.venue == "binance"
    assert made.account == ""


def test_an_account_is_told_by_its_fingerprint() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", BINANCE.account)


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


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"environment": "moon"}, id="an environment that does not exist"),
        pytest.param({"hosts": {"inverse": "http://127.0.0.1:1"}}, id="a door that does not exist"),
        pytest.param({"credentials": Credentials(key="", secret=Secret("s"))}, id="a key that is missing"),
        pytest.param({"credentials": Credentials(key="k", secret=Secret("-----BEGIN x"))}, id="a key that is none"),
    ],
)
def test_settings_that_cannot_be_are_refused_when_the_client_is_made(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        Binance(AdapterSettings(**settings))


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


def test_a_code_is_explained_at_the_door_that_is_named() -> None:
    assert BINANCE.fault("-2022", surface="linear").kind is Kind.REDUCE_ONLY_REJECTED
    assert BINANCE.fault("-2022", surface="spot").kind is not Kind.REDUCE_ONLY_REJECTED
    assert BINANCE.fault("-1003", message="IP banned until 1763680123456", http_status=418).kind is Kind.BANNED
    assert BINANCE.fault("-123456").kind is Kind.UNKNOWN


@pytest.mark.parametrize("operation", ["", "place_order", "venue_status"])
def test_the_faults_of_an_answer_are_shown_with_and_without_its_operation(operation: str) -> None:
    (fault,) = BINANCE.faults(response({"code": -1021, "msg": "outside of the recvWindow"}, 400), operation=operation)
    assert fault.kind is Kind.TIMESTAMP_OUT_OF_WINDOW
    assert BINANCE.faults(response({"serverTime": 1}), operation=operation) == ()


def test_a_surface_that_is_named_wins_over_the_operation() -> None:
    answer = response({"code": -2022, "msg": "ReduceOnly Order is rejected."}, 400)
    assert BINANCE.faults(answer, operation="venue_status", surface="linear")[0].kind is Kind.REDUCE_ONLY_REJECTED
