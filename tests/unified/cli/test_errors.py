"""`unified errors`: the kinds, and a venue's codes."""

from __future__ import annotations

import pytest

from tests.toy import Toy
from tests.unified.cli.typed import Shell
from unified.cli.choices import venue_class
from unified.cli.errors import catalogue_of
from unified.errors import ConfigurationError, Kind


def test_the_kinds_are_listed_with_their_meaning(shell: Shell) -> None:
    said = shell("errors", "--json").json
    assert [entry["kind"] for entry in said] == list(Kind)
    assert all(entry["meaning"] for entry in said)
    table = shell("errors").out
    assert all(kind in table for kind in Kind)


def test_a_venue_lists_its_whole_catalogue(shell: Shell) -> None:
    assert len(shell("errors", "binance", "--json").json) == len(catalogue_of(venue_class("binance")))


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        pytest.param(["--kind", "banned"], {"banned"}, id="one kind"),
        pytest.param(["--family", "clock"], {"timestamp_out_of_window"}, id="one family"),
        pytest.param(["--family", "clock", "--kind", "banned"], set(), id="a kind of another family"),
    ],
)
def test_what_is_listed_can_be_narrowed(words: list[str], kinds: set[str], shell: Shell) -> None:
    assert {entry["kind"] for entry in shell("errors", "binance", *words, "--json").json} == kinds


def test_a_text_is_searched_in_codes_names_and_hints(shell: Shell) -> None:
    found = shell("errors", "binance", "--search", "RECVWINDOW", "--json").json
    assert found
    assert all("recvwindow" in " ".join(map(str, entry.values())).lower() for entry in found)
    assert [entry["kind"] for entry in shell("errors", "--search", "nonce", "--json").json] == ["nonce_rejected"]


def test_a_table_shows_when_a_row_holds(shell: Shell) -> None:
    lines = shell("errors", "binance", "--kind", "banned").out.splitlines()
    assert lines[0].startswith("Binance: ")
    assert any("HTTP 418" in line for line in lines)


def test_a_kind_that_there_is_not_is_wrong_usage(shell: Shell) -> None:
    assert shell("errors", "--kind", "nope").status == 2


def test_an_adapter_without_a_catalogue_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"no errors\.csv"):
        catalogue_of(Toy)
