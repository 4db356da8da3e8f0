from __future__ import annotations

import re

import pytest

from tests.adapters.bybit.venue import BYBIT, CREDENTIALS, adapter, answer
from tests.adapters.calls import response
from unified.adapter import AdapterSettings, Dedup
from unified.errors import ConfigurationError, Kind
from unified.instrument import Product
from unified.operations import (
    OPERATIONS,
    CancelBatch,
    FetchFundingRate,
    FetchKeyPermissions,
    FetchPositions,
    FetchTradingFees,
    PlaceBatch,
    SetLeverage,
    SetMarginMode,
    SetPositionMode,
    TestOrder,
)
from unified.secret import Credentials, Secret
from unified_bybit import Bybit

LINEAR_ONLY = {FetchFundingRate, FetchPositions, SetLeverage, SetMarginMode, SetPositionMode, TestOrder}


# --- what is offered


@pytest.mark.parametrize("environment", ["production", "testnet"])
@pytest.mark.parametrize("product", Product)
def test_everything_is_offered_that_the_venue_has(environment: str, product: Product) -> None:
    offered = {operation for operation, served in adapter(environment).endpoints if served is product}
    assert set(OPERATIONS) - offered == (LINEAR_ONLY if product is Product.SPOT else set())


def test_demo_lacks_what_its_page_does_not_list() -> None:
    missing = set(BYBIT.endpoints) - set(adapter("demo").endpoints)
    assert missing == {
        *((operation, product) for operation in (FetchTradingFees, FetchKeyPermissions) for product in Product),
        (PlaceBatch, Product.SPOT),
        (CancelBatch, Product.SPOT),
        (TestOrder, Product.LINEAR),
    }


# --- hosts


@pytest.mark.parametrize(
    ("environment", "region", "host"),
    [
        pytest.param("production", "global", "https://api.bybit.com", id="global"),
        pytest.param("production", "nl", "https://api.bybit.nl", id="the Netherlands"),
        pytest.param("production", "ge", "https://api.bybitgeorgia.ge", id="Georgia"),
        pytest.param("production", "eu", "https://api.bybit.eu", id="Europe"),
        pytest.param("production", "jp", "https://api.manepa.jp", id="Japan"),
        pytest.param("testnet", "global", "https://api-testnet.bybit.com", id="the testnet"),
        pytest.param("testnet", "jp", "https://api-testnet.manepa.jp", id="Japan's testnet"),
        pytest.param("demo", "global", "https://api-demo.bybit.com", id="demo"),
    ],
)
def test_environment_and_region_decide_the_host(environment: str, region: str, host: str) -> None:
    made = adapter(environment, region=region)
    assert made.environment.hosts == {"rest": host}
    assert made.environment.real_money is (environment == "production")


def test_a_host_of_the_callers_own_wins() -> None:
    made = Bybit(AdapterSettings(hosts={"rest": "https://api.bytick.com"}, options={"region": "nl"}))
    assert made.environment.hosts == {"rest": "https://api.bytick.com"}


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        pytest.param(AdapterSettings(environment="paper"), "environment", id="an environment that does not exist"),
        pytest.param(AdapterSettings(options={"region": "mars"}), "options.region", id="a region that does not exist"),
        pytest.param(
            AdapterSettings(environment="demo", options={"region": "nl"}), "options.region", id="a region without demo"
        ),
        pytest.param(
            AdapterSettings(credentials=Credentials(key="k", secret=Secret(""))), "credentials.secret", id="no secret"
        ),
    ],
)
def test_wrong_settings_are_named_at_once(settings: AdapterSettings, names: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(names)):
        Bybit(settings)


def test_an_account_is_told_by_its_fingerprint() -> None:
    assert BYBIT.account == CREDENTIALS.fingerprint
    assert adapter(with_key=False).account == ""


# --- promises


@pytest.mark.parametrize("product", Product)
def test_what_is_promised_about_orders(product: Product) -> None:
    rule = BYBIT.placement[product]
    assert (rule.dedup, rule.visibility, rule.queryable, rule.stops) == (Dedup.WHILE_OPEN, 10.0, True, None)
    assert rule.expiry is not None
    assert rule.expiry.default_ms == BYBIT.clocks["rest"].window_ms == 5000


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        pytest.param("0b6c3d9e-6f0e-4f7a-9d1c-1f2e3d4c5b6a", True, id="a UUID"),
        pytest.param("a_B-3", True, id="letters, digits, dash and underscore"),
        pytest.param("a" * 37, False, id="too long"),
        pytest.param("a.b", False, id="a dot"),
        pytest.param("", False, id="empty"),
    ],
)
def test_client_ids(text: str, fits: bool) -> None:
    assert bool(re.fullmatch(BYBIT.client_ids.pattern, text)) is fits


# --- explaining answers


def test_people_can_ask_what_a_code_means() -> None:
    assert BYBIT.fault("170131").kind is Kind.INSUFFICIENT_FUNDS
    assert BYBIT.fault("EC_PostOnlyWillTakeLiquidity").kind is Kind.WOULD_TAKE
    assert BYBIT.fault("10003", surface="ws_trade").kind is Kind.TOO_MANY_STREAMS
    assert BYBIT.fault("10003").kind is Kind.BAD_CREDENTIALS


@pytest.mark.parametrize(
    ("operation", "surface"),
    [
        pytest.param("", "", id="nothing is known"),
        pytest.param("place_order", "", id="an order, of which product is not known"),
        pytest.param("balances", "", id="a question"),
        pytest.param("", "rest", id="the door"),
    ],
)
def test_an_answer_is_explained_with_and_without_its_operation(operation: str, surface: str) -> None:
    limited = answer(code=10006, message="Too many visits")
    assert [fault.kind for fault in BYBIT.faults(limited, operation=operation, surface=surface)] == [Kind.RATE_LIMITED]
    page = response(b"access too frequent", 403)
    assert [fault.kind for fault in BYBIT.faults(page, operation=operation, surface=surface)] == [Kind.BANNED]
    assert BYBIT.faults(answer(), operation=operation, surface=surface) == ()


def test_an_order_call_is_explained_by_the_codes_of_spot_too() -> None:
    assert BYBIT.faults(answer(code=170141), operation="place_order")[0].kind is Kind.DUPLICATE_ORDER
