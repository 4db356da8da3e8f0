from __future__ import annotations

import re
from typing import Any

import pytest

from tests.adapters.binance.venue import BINANCE
from tests.adapters.calls import response
from unified.adapter import AdapterSettings
from unified.errors import ConfigurationError, Kind
from unified.secret import Credentials, Secret
from unified_binance import Binance


def test_an_account_is_told_by_its_fingerprint() -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", BINANCE.account)


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
