"""The tables of the reference adapter: complete, consistent, and refusing what it cannot do."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.toy import BTC
from unified.adapter import Adapter, AdapterClass, AdapterSettings, Endpoint, Stamp
from unified.errors import ConfigurationError, Kind, Outcome, VenueError
from unified.http import HttpResponse
from unified.instrument import Instruments
from unified.operations import FetchServerTime, FetchTickers
from unified.secret import Credentials, Secret
from unified_paper import Paper

STAMP = Stamp(time_ms=1_800_000_000_000, window_ms=2000, nonce=1, token="0" * 32)
CREDENTIALS = Credentials(key="paper-dummy-key", secret=Secret("paper-dummy-secret"))
ADAPTER = Paper(AdapterSettings(credentials=CREDENTIALS))


def test_it_is_what_the_contract_asks_for() -> None:
    made: AdapterClass = Paper
    adapter: Adapter = made(AdapterSettings())
    assert (adapter.venue, adapter.account) == ("paper", "")
    assert ADAPTER.account == CREDENTIALS.fingerprint


def test_every_charge_names_a_limit_and_every_door_a_host_and_a_clock() -> None:
    buckets = {limit.bucket for limit in ADAPTER.limits}
    for how in ADAPTER.endpoints.values():
        assert isinstance(how, Endpoint)
        charges = how.charges(FetchServerTime(), 0)
        assert {charge.bucket for charge in charges} <= buckets
        assert how.door in ADAPTER.environment.hosts
        assert how.door in ADAPTER.clocks


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        pytest.param(AdapterSettings(environment="moon"), "environment", id="an environment that there is not"),
        pytest.param(AdapterSettings(hosts={"side": "http://x"}), "door", id="a door that there is not"),
        pytest.param(AdapterSettings(options={"tier": "1"}), "options.tier", id="an option that there is not"),
        pytest.param(
            AdapterSettings(credentials=Credentials(key="k", secret=Secret(""))), "credentials.secret", id="no secret"
        ),
    ],
)
def test_wrong_settings_are_named(settings: AdapterSettings, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Paper(settings)


def test_codes_are_explained_and_unknown_ones_are_honest_about_it() -> None:
    assert ADAPTER.fault("insufficient_funds").kind is Kind.INSUFFICIENT_FUNDS
    unknown = ADAPTER.fault("from_the_future", message="?")
    assert (unknown.kind, unknown.outcome) == (Kind.UNKNOWN, Outcome.UNKNOWN)


@given(st.binary(max_size=300), st.sampled_from([200, 400, 404, 500, 503]))
def test_no_bytes_make_a_reader_raise_anything_but_a_venue_error(body: bytes, status: int) -> None:
    response = HttpResponse(status=status, body=body, headers={"x-paper-clock": "soon", "x-paper-used": "-"})
    listing = Instruments([BTC])
    questions: list[Any] = [FetchServerTime(), FetchTickers(listing=listing)]
    for question in questions:
        how = ADAPTER.endpoints[(type(question), question.product)]
        assert isinstance(how, Endpoint)
        assert ADAPTER.observe(question, response).time is None
        with suppress(VenueError):
            how.parse(question, response)
    for fault in ADAPTER.faults(response):
        assert fault.kind in Kind
