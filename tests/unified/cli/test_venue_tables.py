"""One venue in full: what a trader asks stands in a table, and nothing stands in a table that is empty."""

from __future__ import annotations

from typing import Any

import pytest

from unified import registry
from unified.adapter import Concurrency, DecayingCounter, FixedWindow, LimitRule, RollingWindow, TokenBucket
from unified.cli.choices import venue_class
from unified.cli.tables import Table
from unified.cli.venue_tables import tables_of
from unified.cli.venues import facts


def _tables(venue: str, **changes: Any) -> dict[str, Table]:
    return {table.title: table for table in tables_of(facts(venue_class(venue)) | changes)}


@pytest.mark.parametrize("venue", registry.installed())
def test_no_table_is_empty_and_every_row_fits_its_columns(venue: str) -> None:
    for table in _tables(venue).values():
        assert table.rows
        assert {len(row) for row in table.rows} == {len(table.columns)}


def test_a_venue_that_streams_nothing_has_no_table_of_streams() -> None:
    assert "Streams" in _tables("kraken")
    assert "Streams" not in _tables("kraken", streams={"spot": {}})


def test_what_one_product_lacks_is_a_dash() -> None:
    rows = {row[0]: row[1:] for row in _tables("okx")["Streams"].rows}
    assert rows["watch_positions"][0] == "-"
    assert rows["watch_positions"][1] != "-"


def test_orders_say_what_doubt_is_settled_by() -> None:
    assert [row[:3] for row in _tables("bitzoom")["Orders"].rows] == [("linear", "not promised", "nothing")]
    (kraken,) = _tables("kraken")["Orders"].rows
    assert kraken[2].startswith("deadline, ")
    (american,) = _tables("binanceus")["Orders"].rows
    assert american[2].endswith("and 10 s later")


def test_stops_that_are_promised_something_else_have_a_row() -> None:
    assert "linear, stops" in [row[0] for row in _tables("okx")["Orders"].rows]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (FixedWindow(limit=10, period=60.0), "10 per 60 s of the calendar"),
        (RollingWindow(limit=10, period=0.5), "10 in any 0.5 s"),
        (TokenBucket(rate=2.5, burst=7), "2.5 a second, 7 at once"),
        (DecayingCounter(limit=60.0, decay=1.0), "60, falling by 1 a second"),
        (Concurrency(limit=1), "1 under way"),
    ],
)
def test_every_form_of_a_limit_is_said(rule: LimitRule, words: str) -> None:
    limit = {"bucket": "calls", "scope": "ip", "rule": rule, "about": "All calls."}
    (row,) = next(table for title, table in _tables("paper", limits=[limit]).items() if title.startswith("Limits")).rows
    assert row == ("calls", "ip", words, "All calls.")


def test_streams_have_hosts_too() -> None:
    assert ("production", "private", "wss://ws-auth.kraken.com", "real") in [
        tuple(row[:4]) for row in _tables("kraken")["Environments"].rows
    ]
