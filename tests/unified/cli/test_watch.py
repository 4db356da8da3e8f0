"""`unified watch`, on a simulated Kraken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unified.cli.typed import Shell, serving


@pytest.fixture(scope="module")
def kraken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with serving("kraken", folder=tmp_path_factory.mktemp("kraken")) as file:
        yield file


def test_a_book_is_shown_with_its_age_and_what_was_healed(shell: Shell, kraken: Path) -> None:
    done = shell("watch", "book", "BTC/USDT", "--config", kraken, "--depth", "3", "--count", "2")
    assert (done.status, done.err) == (0, "")
    assert done.out.count("gaps healed 0") == 2
    assert done.out.count("sequence none") == 2


@pytest.mark.parametrize(
    ("what", "names", "count"),
    [("ticker", ("BTC/USDT", "ETH/USDT"), 2), ("trades", ("BTC/USDT",), 2), ("balances", (), 3)],
)
def test_values_as_lines_of_json(shell: Shell, kraken: Path, what: str, names: tuple[str, ...], count: int) -> None:
    done = shell("watch", what, *names, "--config", kraken, "--count", str(count), "--json")
    assert (done.status, done.err) == (0, "")
    assert len([json.loads(line) for line in done.out.splitlines()]) == count


def test_rows_of_what_comes_one_by_one(shell: Shell, kraken: Path) -> None:
    done = shell("watch", "ticker", "BTC/USDT", "--config", kraken, "--count", "1")
    assert "BTC/USDT" in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [(("weather",), "cannot be watched"), (("book",), "name them after book")],
)
def test_mistakes_are_explained(shell: Shell, words: tuple[str, ...], said: str) -> None:
    done = shell("watch", *words, "--venue", "kraken")
    assert done.status == 2
    assert said in done.err
