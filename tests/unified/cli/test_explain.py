"""`unified explain`: every code of every venue, whole answers, and wrong readings."""

from __future__ import annotations

import io
import sys

import pytest

from tests.unified.cli.typed import Shell
from unified import registry
from unified.cli.choices import venue_class
from unified.cli.errors import catalogue_of
from unified.cli.explain import document, explained, is_known, lines
from unified.errors import Kind

VENUES = registry.installed()


@pytest.mark.parametrize("venue", VENUES)
def test_every_row_of_every_catalogue_is_answered_with_its_kind(venue: str) -> None:
    adapter = venue_class(venue)
    rows = catalogue_of(adapter)
    wrong = [
        (row.code, row.surface, row.http, row.contains, found.kind)
        for row in rows
        for found in [explained(adapter, row.code, message=row.contains, http=row.http, surface=row.surface)]
        if (found.kind, found.outcome) != (row.kind, row.outcome)
    ]
    assert rows
    assert wrong == []


@pytest.mark.parametrize("venue", VENUES)
def test_every_row_can_be_told(venue: str) -> None:
    adapter = venue_class(venue)
    for row in catalogue_of(adapter):
        fault = explained(adapter, row.code, message=row.contains, http=row.http, surface=row.surface)
        assert document(adapter, fault)["hint"] in "\n".join(lines(adapter, fault))


def known_of(shell: Shell, venue: str, code: str) -> list[bool]:
    said = shell("explain", venue, code, "--json").json
    return [one["known"] for one in (said if isinstance(said, list) else [said])]


@pytest.mark.parametrize("venue", VENUES)
def test_no_code_of_a_catalogue_is_said_to_be_unknown_when_it_is_typed_alone(venue: str, shell: Shell) -> None:
    codes = {row.code for row in catalogue_of(venue_class(venue)) if row.code}
    bare = {code for code in codes if not is_known(explained(venue_class(venue), code))}
    assert [code for code in sorted(bare) if not all(known_of(shell, venue, code))] == []


def test_all_meanings_of_a_code_are_told_with_what_tells_them_apart(shell: Shell) -> None:
    said = shell("explain", "binanceus", "-2021").out
    assert "when     HTTP 409, from spot" in said
    assert "cancel-and-replace" in said
    several = shell("explain", "coinbase", "NOT_FOUND", "--json").json
    assert len({one["when"] for one in several}) == len(several) > 1
    assert shell("explain", "binanceus", "-2021", "--http", "409", "--json").json["when"] == ""


FACTS = {"venue", "code", "name", "when", "kind", "outcome", "scope", "retry_after", "transient", "hint", "sure"}


def test_a_code_with_a_minus_is_a_code(shell: Shell) -> None:
    said = shell("explain", "binance", "-2015", "--json")
    assert said.status == 0
    assert set(said.json) >= FACTS
    assert (said.json["kind"], said.json["known"]) == ("unauthorized", True)


def test_a_wrong_reading_that_circulates_is_named(shell: Shell) -> None:
    (entry,) = shell("explain", "binance", "-2015", "--json").json["misreadings"]
    said = shell("explain", "binance", "-2015").out
    assert f"misread   {entry['claim']}" in said
    assert f"in truth  {entry['truth']}" in said


def test_a_string_that_the_venue_never_sends_is_known_for_that(shell: Shell) -> None:
    said = shell("explain", "kraken", "BadSignature", "--json").json
    assert (said["code"], said["known"], len(said["misreadings"])) == ("BadSignature", False, 1)


def test_a_code_that_no_catalogue_holds_is_said_to_be_unknown(shell: Shell) -> None:
    assert "not in the catalogue" in shell("explain", "paper", "x-1").out
    said = shell("explain", "paper", "x-1", "--json")
    assert said.status == 0
    assert (said.json["kind"], said.json["known"]) == (Kind.UNKNOWN, False)


def test_an_inference_is_said_to_be_one(shell: Shell) -> None:
    row = next(row for row in catalogue_of(venue_class("binance")) if not row.sure and row.code and not row.contains)
    where = ["--surface", row.surface] if row.surface else []
    assert "inferred" in shell("explain", "binance", row.code, *where).out


BAD_PRICE = '{"code":-1013,"msg":"Filter failure: PRICE_FILTER"}'


def test_a_whole_answer_is_explained(shell: Shell) -> None:
    options = ("--http", "400", "--operation", "place_order", "--surface", "spot")
    said = shell("explain", "binance", "--body", BAD_PRICE, *options, "--json")
    assert (said.status, said.json["kind"], said.json["code"]) == (0, "invalid_price", "-1013")


def test_an_answer_may_come_through_a_pipe(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(BAD_PRICE))
    assert "invalid_price" in shell("explain", "binance", "--body", "-", "--http", "400").out


def test_several_faults_are_a_list(shell: Shell) -> None:
    batch = '[{"code":-2010,"msg":"Account has insufficient balance for requested action."},' + BAD_PRICE + "]"
    said = shell("explain", "binance", "--body", batch, "--json").json
    assert [fault["code"] for fault in said] == ["-2010", "-1013"]


def test_an_answer_without_a_fault_is_said_to_be_one(shell: Shell) -> None:
    assert shell("explain", "binance", "--body", "{}", "--json").json == []
    assert "No fault" in shell("explain", "binance", "--body", "{}").out


def test_a_page_of_a_gateway_is_explained_too(shell: Shell) -> None:
    assert shell("explain", "paper", "--body", "<html>502</html>", "--json").json["kind"] == "malformed_response"


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["paper"], id="neither a code nor an answer"),
        pytest.param(["paper", "x", "--body", "{}"], id="both"),
        pytest.param(["paper", "--htpp", "400"], id="a misspelled option"),
        pytest.param(["atlantis", "x"], id="a venue that there is not"),
    ],
)
def test_wrong_usage_ends_with_2(words: list[str], shell: Shell) -> None:
    done = shell("explain", *words)
    assert done.status == 2
    assert done.err
