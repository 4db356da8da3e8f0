from __future__ import annotations

import re

import pytest

from tests.adapters.coinbase.venue import (
    COINBASE,
    CREDENTIALS,
    KEY_NAME,
    SEED,
    adapter,
)
from unified.adapter import AdapterSettings, Dedup
from unified.errors import ConfigurationError, VenueError
from unified.instrument import Product
from unified.operations import (
    OPERATIONS,
    FetchBook,
    FetchCandles,
    FetchFundingRate,
    FetchInstruments,
    FetchPositions,
    FetchServerTime,
    FetchTicker,
    FetchTickers,
    FetchTrades,
    FetchVenueStatus,
    PlaceBatch,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
)
from unified.order_ids import OrderIds, check
from unified.secret import Credentials, Secret
from unified_coinbase import Coinbase
from unified_coinbase.candles import FetchWindow
from unified_coinbase.symbols import FetchProducts

# --- what is offered


def test_everything_is_offered_that_the_venue_has_for_spot() -> None:
    offered = {operation for operation, product in COINBASE.endpoints if product is Product.SPOT}
    no_call = {FetchVenueStatus, PlaceBatch}
    for_derivatives = {FetchFundingRate, FetchPositions, SetLeverage, SetMarginMode, SetPositionMode}
    assert set(OPERATIONS) - offered == no_call | for_derivatives


def test_the_sandbox_has_neither_market_data_nor_time_and_checks_no_clock() -> None:
    sandbox = adapter("sandbox")
    missing = {operation for operation, _ in COINBASE.endpoints} - {operation for operation, _ in sandbox.endpoints}
    assert missing == {
        FetchServerTime,
        FetchInstruments,
        FetchTicker,
        FetchTickers,
        FetchBook,
        FetchTrades,
        FetchCandles,
        FetchProducts,
        FetchWindow,
    }
    assert sandbox.clocks["rest"].window_ms is None
    assert not sandbox.environment.real_money
    assert sandbox.environment.hosts == {"rest": "https://api-sandbox.coinbase.com"}


def test_production_is_real_money() -> None:
    assert COINBASE.environment.real_money
    assert COINBASE.environment.hosts == {"rest": "https://api.coinbase.com"}
    assert adapter(host="http://127.0.0.1:1").environment.hosts == {"rest": "http://127.0.0.1:1"}


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(AdapterSettings(environment="testnet"), id="an environment that does not exist"),
        pytest.param(AdapterSettings(hosts={"spot": "http://127.0.0.1"}), id="a door that does not exist"),
        pytest.param(AdapterSettings(options={"site": "mars"}), id="an option that does not exist"),
        pytest.param(
            AdapterSettings(credentials=Credentials(key="k", secret=Secret("no key"))), id="a secret that is no key"
        ),
        pytest.param(AdapterSettings(credentials=Credentials(key="", secret=Secret(SEED))), id="a key without a name"),
    ],
)
def test_wrong_settings_are_named_at_once(settings: AdapterSettings) -> None:
    with pytest.raises(ConfigurationError):
        Coinbase(settings)


def test_an_account_is_told_by_its_fingerprint() -> None:
    assert COINBASE.account == CREDENTIALS.fingerprint
    assert adapter(with_key=False).account == ""
    assert KEY_NAME not in COINBASE.account


# --- promises


def test_an_id_is_never_used_twice_and_the_token_is_the_fence() -> None:
    rule, clock = COINBASE.placement[Product.SPOT], COINBASE.clocks["rest"]
    assert (rule.dedup, rule.visibility, rule.queryable) == (Dedup.EVER, 5.0, True)
    assert rule.expiry is not None
    fence = {rule.expiry.min_ms, rule.expiry.default_ms, rule.expiry.max_ms, clock.window_ms, clock.max_window_ms}
    assert fence == {115_000}


def test_client_ids_are_uuids() -> None:
    made = OrderIds(1).next(COINBASE.client_ids)
    check(made, COINBASE.client_ids)
    assert re.fullmatch(COINBASE.client_ids.pattern, made)
    with pytest.raises(VenueError):
        check("mine-1", COINBASE.client_ids)
