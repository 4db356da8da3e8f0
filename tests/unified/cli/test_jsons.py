"""Values as JSON: exact numbers, whole times, no secret."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest

from tests.toy import BTC
from unified.account import Balance
from unified.cli import jsons
from unified.errors import Kind
from unified.market_data import Book
from unified.secret import Credentials, Secret


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(Decimal("0.10"), "0.10", id="a number keeps its digits"),
        pytest.param(Decimal("1E-8"), "0.00000001", id="a small number has no exponent"),
        pytest.param(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05+00:00", id="a time"),
        pytest.param(timedelta(hours=8), 28800.0, id="a duration in seconds"),
        pytest.param(Kind.BANNED, "banned", id="a word"),
        pytest.param(BTC, "BTC/USDT", id="an instrument by its name"),
        pytest.param(None, None, id="nothing"),
        pytest.param({Kind.BANNED: (1, True)}, {"banned": [1, True]}, id="what is inside"),
        pytest.param(
            Balance(currency="BTC", free=Decimal("1.0"), locked=Decimal(0)),
            {"currency": "BTC", "free": "1.0", "locked": "0"},
            id="a value by its fields",
        ),
    ],
)
def test_a_value_in_json(value: Any, shown: Any) -> None:
    assert jsons.plain(value) == shown


def test_a_book_shows_its_levels() -> None:
    shown = jsons.plain(Book(instrument=BTC, raw_bids=[["1.50", "2"]], raw_asks=[], sequence=7))
    assert shown == {"instrument": "BTC/USDT", "bids": [["1.50", "2"]], "asks": [], "sequence": 7, "time": None}


def test_a_secret_is_not_shown() -> None:
    shown = jsons.plain(Credentials(key="k", secret=Secret("never-to-be-seen")))
    assert "never-to-be-seen" not in str(shown)


def test_a_list_of_instruments_shows_their_rules(capsys: pytest.CaptureFixture[str]) -> None:
    jsons.emit([BTC])
    (shown,) = orjson.loads(capsys.readouterr().out)
    assert (shown["name"], shown["tick_size"]) == ("BTC/USDT", "0.01")


def test_a_line_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    jsons.emit_line({"a": [1, 2]})
    assert capsys.readouterr().out == '{"a":[1,2]}\n'
