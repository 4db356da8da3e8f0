from __future__ import annotations

import re

import pytest

from tests.adapters.calls import response
from tests.adapters.okx.venue import CREDENTIALS, OKX, adapter
from unified.account import MarginMode
from unified.adapter import AdapterSettings, Dedup
from unified.errors import ConfigurationError, Kind
from unified.instrument import Product
from unified.operations import (
    OPERATIONS,
    FetchFundingRate,
    FetchPositions,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
)
from unified.secret import Credentials, Secret
from unified_okx import Okx

LINEAR_ONLY = {FetchFundingRate, FetchPositions, SetLeverage, SetPositionMode}


# --- what is offered


@pytest.mark.parametrize("product", Product)
def test_everything_is_offered_that_the_venue_has(product: Product) -> None:
    offered = {operation for operation, served in OKX.endpoints if served is product}
    missing = {SetMarginMode} | (LINEAR_ONLY if product is Product.SPOT else set())
    assert set(OPERATIONS) - offered == missing


def test_the_venue_has_no_call_that_sets_a_margin_mode() -> None:
    assert MarginMode.ISOLATED.value in next(option for option in Okx.options if option.name == "margin_mode").allowed
    assert (SetMarginMode, Product.LINEAR) not in OKX.endpoints


# --- hosts


@pytest.mark.parametrize(
    ("site", "host"),
    [
        pytest.param("global", "https://openapi.okx.com", id="global"),
        pytest.param("eea", "https://eea.okx.com", id="Europe"),
        pytest.param("us", "https://us.okx.com", id="America"),
    ],
)
@pytest.mark.parametrize("environment", ["production", "demo"])
def test_the_site_decides_the_host(environment: str, site: str, host: str) -> None:
    made = adapter(environment, site=site)
    assert made.environment.hosts == {"rest": host}
    assert made.environment.real_money is (environment == "production")


def test_a_host_of_the_callers_own_wins() -> None:
    made = Okx(AdapterSettings(hosts={"rest": "https://www.okx.com"}, options={"site": "eea"}))
    assert made.environment.hosts == {"rest": "https://www.okx.com"}


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(AdapterSettings(environment="testnet"), id="an environment that does not exist"),
        pytest.param(AdapterSettings(options={"site": "mars"}), id="a site that does not exist"),
        pytest.param(AdapterSettings(options={"account_level": "9"}), id="a level that does not exist"),
        pytest.param(AdapterSettings(credentials=Credentials(key="k", secret=Secret("s"))), id="no passphrase"),
    ],
)
def test_wrong_settings_are_named_at_once(settings: AdapterSettings) -> None:
    with pytest.raises(ConfigurationError):
        Okx(settings)


def test_an_account_is_told_by_its_fingerprint() -> None:
    assert OKX.account == CREDENTIALS.fingerprint
    assert adapter(with_key=False).account == ""


# --- promises


def test_a_plain_order_and_a_stop_have_fences_of_their_own() -> None:
    for product in Product:
        rule = OKX.placement[product]
        assert rule.dedup is Dedup.WHILE_OPEN
        assert rule.expiry is not None
        assert rule.expiry.default_ms == 5000
        stops = rule.stops
        assert stops is not None
        assert stops.expiry is not None
        window_ms = OKX.clocks["rest"].window_ms
        assert stops.expiry.min_ms == stops.expiry.default_ms == stops.expiry.max_ms == window_ms == 30_000


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        pytest.param("aB3" * 10, True, id="letters and digits"),
        pytest.param("a" * 33, False, id="too long"),
        pytest.param("a-b", False, id="a dash"),
        pytest.param("", False, id="empty"),
    ],
)
def test_client_ids(text: str, fits: bool) -> None:
    assert bool(re.fullmatch(OKX.client_ids.pattern, text)) is fits


# --- explaining answers


def test_an_answer_is_explained_with_and_without_its_operation() -> None:
    limited = response({"code": "50011", "msg": "Too many requests", "data": []}, 429)
    assert [fault.kind for fault in OKX.faults(limited)] == [Kind.RATE_LIMITED]
    assert [fault.kind for fault in OKX.faults(limited, operation="place_order")] == [Kind.ORDER_RATE_LIMITED]
    assert [fault.kind for fault in OKX.faults(limited, surface="trade")] == [Kind.ORDER_RATE_LIMITED]
    assert OKX.faults(response({"code": "0", "msg": "", "data": []})) == ()
