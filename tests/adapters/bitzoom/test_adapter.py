from __future__ import annotations

import pytest

from tests.adapters.bitzoom.venue import BTC, VENUE, adapter
from tests.adapters.calls import response
from unified.account import VenueTime
from unified.adapter import Adapter, AdapterClass, AdapterSettings, Dedup, Endpoint
from unified.errors import ConfigurationError, Kind
from unified.instrument import Product
from unified.operations import AmendOrder, FetchServerTime, FetchTicker, PlaceBatch
from unified.registry import adapter_class
from unified.secret import Credentials, Secret
from unified_bitzoom import Bitzoom

LINEAR = Product.LINEAR


def test_it_is_an_adapter_and_found_by_its_name() -> None:
    made_by: AdapterClass = Bitzoom
    made: Adapter = made_by(AdapterSettings())
    assert (made.venue, made.account) == ("bitzoom", "")
    assert adapter_class("bitzoom") is Bitzoom


def test_no_address_is_plain_http() -> None:
    hosts = [host for environment in VENUE.environments.values() for host in environment.hosts.values()]
    assert all(host.startswith("https://") for host in hosts)
    streams = [host.base for environment in VENUE.environments.values() for host in environment.streams.values()]
    assert all(base.startswith("wss://") for base in streams)


def test_a_token_never_reaches_the_host_of_signed_keys() -> None:
    with pytest.raises(ConfigurationError, match="must not see the token"):
        adapter(auth="bearer")
    assert adapter("testnet", auth="bearer").environment.name == "testnet"
    credentials = Credentials(key="k", secret=Secret("a-dummy-token"))
    settings = AdapterSettings(
        credentials=credentials, hosts={"main": "http://127.0.0.1:1"}, options={"auth": "bearer"}
    )
    assert Bitzoom(settings).environment.hosts["main"] == "http://127.0.0.1:1"


def test_a_third_way_in_does_not_exist() -> None:
    with pytest.raises(ConfigurationError, match="hmac, bearer"):
        adapter(auth="cookie")


def test_nothing_is_promised_about_orders_so_nothing_can_be_sent_again() -> None:
    rule = VENUE.placement[LINEAR]
    assert (rule.dedup, rule.expiry, rule.queryable) == (Dedup.NONE, None, True)


def test_what_the_venue_does_not_offer_is_not_in_the_table() -> None:
    operations = {operation for operation, _ in VENUE.endpoints}
    assert not operations & {AmendOrder, PlaceBatch}
    assert {how.door for how in VENUE.endpoints.values() if isinstance(how, Endpoint)} == {"main"}


@pytest.mark.parametrize("data", [1763680000123, {"serverTime": 1763680000123}, {"time": "1763680000123"}])
def test_the_time_is_observed_in_each_form(data: object) -> None:
    seen = VENUE.observe(FetchServerTime(product=LINEAR), response({"code": 0, "data": data}))
    assert seen.time == VenueTime(time_us=1763680000123000, unit_us=1000)


@pytest.mark.parametrize("body", [b"", b"<html>", {"code": 0, "data": None}, {"code": -1000}])
def test_nothing_breaks_the_observer(body: object) -> None:
    assert VENUE.observe(FetchServerTime(product=LINEAR), response(body)).time is None
    assert VENUE.observe(FetchTicker(instrument=BTC), response(body)).usage == ()


def test_codes_mean_what_this_venue_says_and_not_what_binance_does() -> None:
    assert VENUE.fault("-2013").kind is Kind.ORDER_CLOSED
    assert VENUE.fault("-2015", surface="rest").kind is Kind.INVALID_ORDER
    assert VENUE.fault("-1121").kind is Kind.MARKET_CLOSED
    assert VENUE.fault("-99999").kind is Kind.UNKNOWN
