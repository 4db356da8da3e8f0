"""What every adapter does alike: environments, options and credentials are checked and named when they are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unified.adapter import (
    Adapter,
    AdapterClass,
    AdapterSettings,
    Charge,
    ClientIdRule,
    ClockRule,
    Dedup,
    Endpoints,
    Environment,
    Limit,
    Observation,
    Option,
    PlacementRule,
    Stamp,
    costs,
    credentials_of,
    environment_of,
    options_of,
    refuse_if,
    unsupported,
)
from unified.catalogue import Misreading
from unified.errors import ConfigurationError, Fault, Kind, Outcome, RequestError
from unified.http import HttpResponse
from unified.instrument import Product, unlisted
from unified.operations import FetchTicker, Operation, PlaceOrder
from unified.order import OrderType, Side
from unified.secret import Credentials, Secret


class Toy:
    """The least that is an adapter: it offers nothing."""

    venue = "toy"
    title = "Toy"
    environments: ClassVar[Mapping[str, Environment]] = {
        "production": Environment(
            name="production", hosts={"spot": "https://spot.toy", "linear": "https://linear.toy"}, real_money=True
        )
    }
    options: ClassVar[tuple[Option, ...]] = (
        Option(name="account", default="main", allowed=("main", "sub")),
        Option(name="label", default=""),
    )
    credential_fields: ClassVar[tuple[str, ...]] = ("key", "secret", "passphrase")
    products: ClassVar[tuple[Product, ...]] = (Product.SPOT,)
    misreadings: ClassVar[tuple[Misreading, ...]] = ()

    endpoints: ClassVar[Endpoints] = {}
    limits: ClassVar[tuple[Limit, ...]] = ()
    clocks: ClassVar[Mapping[str, ClockRule]] = {}
    placement: ClassVar[Mapping[Product, PlacementRule]] = {}
    client_ids = ClientIdRule(pattern=r"[a-z0-9]+", max_length=32)
    account = ""

    def __init__(self, settings: AdapterSettings) -> None:
        self.environment = environment_of(Toy, settings)

    def observe(self, operation: Operation[Any], response: HttpResponse) -> Observation:
        return Observation()

    def fault(self, code: str, *, message: str = "", http_status: int | None = None, surface: str = "") -> Fault:
        return Fault(kind=Kind.UNKNOWN, code=code, message=message, http_status=http_status)

    def faults(self, response: HttpResponse, *, operation: str = "", surface: str = "") -> tuple[Fault, ...]:
        return ()


TOY: AdapterClass = Toy


def test_a_class_with_these_parts_is_an_adapter() -> None:
    adapter: Adapter = TOY(AdapterSettings())
    assert adapter.environment.hosts["spot"] == "https://spot.toy"
    assert adapter.fault("7").kind is Kind.UNKNOWN


class TestEnvironment:
    def test_one_door_can_be_led_elsewhere(self) -> None:
        found = environment_of(TOY, AdapterSettings(hosts={"spot": "http://127.0.0.1:9"}))
        assert found.hosts == {"spot": "http://127.0.0.1:9", "linear": "https://linear.toy"}
        assert TOY.environments["production"].hosts["spot"] == "https://spot.toy"

    @pytest.mark.parametrize(
        ("settings", "problem"),
        [
            pytest.param(
                AdapterSettings(environment="testnet"),
                "environment: toy has no 'testnet'; allowed: production",
                id="an environment that the venue does not have",
            ),
            pytest.param(
                AdapterSettings(hosts={"swap": "http://127.0.0.1:9"}),
                "endpoint: toy has no door 'swap'; its doors are: spot, linear",
                id="a door that the venue does not have",
            ),
        ],
    )
    def test_what_the_venue_does_not_have_is_named_with_what_it_has(
        self, settings: AdapterSettings, problem: str
    ) -> None:
        with pytest.raises(ConfigurationError) as info:
            environment_of(TOY, settings)
        assert str(info.value) == problem


class TestOptions:
    def test_what_is_not_said_has_its_default(self) -> None:
        assert options_of(TOY, AdapterSettings(options={"account": "sub"})) == {"account": "sub", "label": ""}

    def test_an_option_without_a_list_takes_any_text(self) -> None:
        assert options_of(TOY, AdapterSettings(options={"label": "x y"}))["label"] == "x y"

    @pytest.mark.parametrize(
        ("options", "problem"),
        [
            pytest.param(
                {"acount": "sub"}, "options.acount: toy has no such option; allowed: account, label", id="a slip"
            ),
            pytest.param(
                {"account": "own"}, "options.account: 'own' is not one of main, sub", id="a value not allowed"
            ),
        ],
    )
    def test_what_is_wrong_is_named_with_what_is_right(self, options: dict[str, str], problem: str) -> None:
        with pytest.raises(ConfigurationError) as info:
            options_of(TOY, AdapterSettings(options=options))
        assert str(info.value) == problem


class TestCredentials:
    def test_public_data_needs_none(self) -> None:
        assert credentials_of(TOY, AdapterSettings()) is None

    def test_complete_ones_are_given_back(self) -> None:
        whole = Credentials(key="dummy", secret=Secret("dummy"), passphrase=Secret("dummy"))
        assert credentials_of(TOY, AdapterSettings(credentials=whole)) is whole

    @pytest.mark.parametrize(
        ("credentials", "missing"),
        [
            pytest.param(Credentials(key="", secret=Secret("dummy")), "credentials.key", id="an empty key"),
            pytest.param(Credentials(key="dummy", secret=Secret("")), "credentials.secret", id="an empty secret"),
            pytest.param(Credentials(key="dummy", secret=Secret("d")), "credentials.passphrase", id="no passphrase"),
        ],
    )
    def test_what_is_missing_is_named(self, credentials: Credentials, missing: str) -> None:
        with pytest.raises(ConfigurationError) as info:
            credentials_of(TOY, AdapterSettings(credentials=credentials))
        assert str(info.value) == f"{missing}: Toy keys need key, secret, passphrase"


@given(st.integers(0, 2**45), st.integers(0, 60_000))
def test_a_stamp_ends_when_its_window_does(time_ms: int, window_ms: int) -> None:
    assert Stamp(time_ms=time_ms, window_ms=window_ms, nonce=1, token="0" * 32).expires_ms - time_ms == window_ms


def test_a_fixed_price_is_the_same_at_any_time() -> None:
    price = costs(Charge("ip", 5), Charge("orders"))
    wish = FetchTicker(instrument=unlisted("BTCUSDT", Product.SPOT))
    assert price(wish, 0) == price(wish, 10**12) == (Charge("ip", 5), Charge("orders", 1))


def test_what_a_venue_cannot_do_was_not_sent() -> None:
    error = unsupported("toy", FetchTicker(instrument=unlisted("BTCUSDT", Product.SPOT)), "it has no tickers")
    assert isinstance(error, RequestError)
    assert (error.kind, error.outcome, error.venue) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT, "toy")
    assert "it has no tickers" in str(error)


def test_the_first_of_several_reasons_is_told() -> None:
    wish = FetchTicker(instrument=unlisted("BTCUSDT", Product.SPOT))
    refuse_if("toy", wish, (False, "no tickers"), (False, "no spot"))
    with pytest.raises(RequestError, match="no spot") as raised:
        refuse_if("toy", wish, (False, "no tickers"), (True, "no spot"), (True, "nothing at all"))
    assert raised.value.kind is Kind.NOT_SUPPORTED


# --- placement rules


def an_order(order_type: OrderType) -> PlaceOrder:
    return PlaceOrder(instrument=unlisted("BTC-USDT", Product.SPOT), side=Side.BUY, order_type=order_type)


_STOPS = PlacementRule(dedup=Dedup.NONE, expiry=None, visibility=9.0, source="a door for stops")
_BOTH = PlacementRule(dedup=Dedup.EVER, expiry=None, visibility=1.0, source="a door for orders", stops=_STOPS)


@pytest.mark.parametrize("order_type", OrderType)
def test_stops_follow_their_own_rule_where_the_venue_has_one(order_type: OrderType) -> None:
    assert _BOTH.of(an_order(order_type)) is (_STOPS if order_type.is_stop else _BOTH)


@pytest.mark.parametrize("order_type", OrderType)
def test_one_rule_is_for_every_order_where_the_venue_has_no_other(order_type: OrderType) -> None:
    assert _STOPS.of(an_order(order_type)) is _STOPS
