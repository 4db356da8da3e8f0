"""`unified fetch`, from simulated venues."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.unified.cli.typed import Shell
from unified.cli.fetch import ANSWERERS

OF_ONE = {"ticker", "book", "trades", "candles", "fees", "closed_orders", "fills"}
"""What Binance tells of one instrument only."""


@pytest.mark.parametrize("what", ANSWERERS)
@pytest.mark.parametrize("form", ["table", "json"])
def test_everything_can_be_fetched(what: str, form: str, shell: Shell, served: Path) -> None:
    words = [what, "BTC/USDT:USDT"] if what == "funding_rate" else [what, "BTC/USDT"] if what in OF_ONE else [what]
    options = ["--json"] if form == "json" else []
    done = shell("fetch", *words, "--config", served, "--section", "binance", *options)
    assert (done.status, done.err) == (0, "")
    if form == "json":
        assert isinstance(done.json, list | dict)
    else:
        assert done.out.strip()


def test_money_is_text_and_times_are_whole(shell: Shell, served: Path) -> None:
    said = shell("fetch", "ticker", "BTC/USDT", "--config", served, "--section", "paper", "--json").json
    assert isinstance(said["bid"], str)
    assert said["time"] is None or said["time"].endswith("+00:00")
    assert said["instrument"] == "BTC/USDT"


def test_lists_end_at_the_limit(shell: Shell, served: Path) -> None:
    where = ("--config", served, "--section", "paper")
    assert len(shell("fetch", "trades", "BTC/USDT", "--limit", "3", *where, "--json").json) == 3
    candles = shell("fetch", "candles", "BTC/USDT", "--interval", "5m", "--limit", "2", *where, "--json").json
    assert [candle["interval"] for candle in candles] == ["5m", "5m"]


def test_a_book_is_shown_side_by_side(shell: Shell, served: Path) -> None:
    done = shell("fetch", "book", "BTC/USDT", "--depth", "4", "--config", served, "--section", "paper")
    head, columns, *levels = done.out.splitlines()
    assert (head, len(levels)) == ("BTC/USDT", 4)
    assert columns.split() == ["bid", "quantity", "bid", "ask", "ask", "quantity"]


def test_a_product_may_be_named_where_no_instrument_decides(shell: Shell, served: Path) -> None:
    said = shell("fetch", "instruments", "--product", "linear", "--config", served, "--section", "binance", "--json")
    assert {instrument["product"] for instrument in said.json} == {"linear"}


def test_an_empty_list_is_no_failure(shell: Shell, served: Path) -> None:
    done = shell("fetch", "orders", "--config", served, "--section", "paper")
    assert (done.status, done.out) == (0, "Nothing.\n")


def test_a_refusal_is_told_with_its_hint(shell: Shell, served: Path) -> None:
    done = shell("fetch", "ticker", "BTC/USDX", "--config", served, "--section", "paper", "--json")
    assert done.status == 1
    assert done.json["error"]["kind"] == "unknown_symbol"
    assert "paper" in done.err
    assert "outcome" in done.err


def test_what_needs_a_key_says_so(shell: Shell, served: Path) -> None:
    address = tomllib.loads(served.read_text())["paper"]["endpoint"]["main"]
    done = shell("fetch", "balances", "--venue", "paper", "--endpoint", address)
    assert done.status == 1
    assert "API key" in done.err


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["tea", "--venue", "paper"], id="something that there is not"),
        pytest.param(["ticker", "--venue", "paper"], id="a ticker of nothing"),
        pytest.param(["ticker", "BTC/USDT"], id="no venue"),
        pytest.param(["candles", "BTC/USDT", "--venue", "paper", "--interval", "7m"], id="an interval that is none"),
        pytest.param(["ticker", "BTC/USDT", "--venue", "atlantis"], id="a venue that there is not"),
        pytest.param(["ticker", "BTC/USDT", "--config", "no-such.toml"], id="a file that is not there"),
    ],
)
def test_wrong_usage_ends_with_2(words: list[str], shell: Shell) -> None:
    done = shell("fetch", *words)
    assert done.status == 2
    assert done.err
    assert "Traceback" not in done.err
