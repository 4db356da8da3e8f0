"""What was typed, as one of our words."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer

from tests.toy import Toy, toy_with
from unified.adapter import Environment
from unified.cli.choices import bare, by_door, readable, venue_class, word
from unified.errors import ConfigurationError, Kind


@pytest.mark.parametrize("text", ["rate_limited", "rate-limited", " RATE_LIMITED "])
def test_a_word_may_be_spelled_as_people_do(text: str) -> None:
    assert word(Kind, text, "--kind") is Kind.RATE_LIMITED


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("limited", "rate_limited", id="a part of a word"),
        pytest.param("bad_signatur", "bad_signature", id="a misspelled word"),
        pytest.param("xyzzy", "connect_failed", id="no word at all names all of them"),
    ],
)
def test_a_wrong_word_is_answered_with_right_ones(text: str, said: str) -> None:
    with pytest.raises(typer.BadParameter, match=said):
        word(Kind, text, "--kind")


def test_a_venue_is_found_in_any_case() -> None:
    assert venue_class(" Paper ").venue == "paper"
    with pytest.raises(ConfigurationError, match="did you mean 'paper'"):
        venue_class("papr")


def test_an_adapter_without_production_is_made_for_what_it_has() -> None:
    testnet = Environment(name="testnet", hosts={}, real_money=False)
    assert bare(Toy).environment.name == "production"
    assert bare(toy_with(environments={"testnet": testnet})).environment.name == "testnet"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param([], "", id="none"),
        pytest.param(["http://127.0.0.1:1"], "http://127.0.0.1:1", id="one for all doors"),
        pytest.param(["http://127.0.0.1:1/?a=b"], "http://127.0.0.1:1/?a=b", id="one that holds an equals sign"),
        pytest.param(
            ["spot=http://127.0.0.1:1", "linear=http://127.0.0.1:2"],
            {"spot": "http://127.0.0.1:1", "linear": "http://127.0.0.1:2"},
            id="one for each door",
        ),
    ],
)
def test_addresses_are_read(typed: list[str], meant: object) -> None:
    assert by_door(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(["http://127.0.0.1:1", "http://127.0.0.1:2"], id="two addresses for the same doors"),
        pytest.param(["spot="], id="a door without an address"),
    ],
)
def test_addresses_that_contradict_each_other_are_refused(typed: list[str]) -> None:
    with pytest.raises(typer.BadParameter):
        by_door(typed)


def test_a_file_must_be_there(tmp_path: Path) -> None:
    file = tmp_path / "unified.toml"
    with pytest.raises(typer.BadParameter, match="there is no file"):
        readable(file)
    file.touch()
    assert readable(file) == file
