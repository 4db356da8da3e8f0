"""Every venue's errors.csv: in order, in plain words, complete against the design's catalogue, each row reachable."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from typing import Any

import pytest

from tests.shared import CHECKOUT, require_shared
from unified.catalogue import Catalogue, Row, write
from unified.errors import Kind, Outcome

FILES = {path.parent.name.removeprefix("unified_"): path for path in CHECKOUT.glob("adapters/unified_*/errors.csv")}
DESIGNED = ("binance", "binanceus", "bitzoom", "bybit", "coinbase", "kraken", "okx")

HINT_MAX = 300
JARGON = re.compile(
    r"\[[A-Z?]\]|[Ee]nvelope|fallback|see section|see rows|sheet|adapter|recorded|ccxt|nautilus|SDK|\b[Dd]ocs\b",
    re.ASCII,
)
"""Words of those who collect codes, not of those who trade."""


def conditions(row: Row) -> tuple[str, str, int | None, str]:
    return row.code, row.surface, row.http, row.contains


@pytest.fixture(params=sorted(FILES))
def venue(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def rows(venue: str) -> tuple[Row, ...]:
    return Catalogue(FILES[venue]).rows


def test_every_designed_venue_has_a_catalogue() -> None:
    assert set(DESIGNED) <= set(FILES)


def test_the_file_is_as_write_writes_it(venue: str) -> None:
    text = FILES[venue].read_text(encoding="utf-8")
    assert write(csv.DictReader(text.splitlines(keepends=True))) == text


def test_no_two_rows_have_the_same_conditions(rows: tuple[Row, ...]) -> None:
    assert [key for key, count in Counter(map(conditions, rows)).items() if count > 1] == []


def test_an_outcome_is_written_only_where_it_is_not_the_usual_one(venue: str) -> None:
    lines = csv.DictReader(FILES[venue].read_text(encoding="utf-8").splitlines())
    assert [line for line in lines if line["outcome"] == Kind(line["kind"]).usual_outcome] == []


def test_every_hint_is_a_short_plain_text(rows: tuple[Row, ...]) -> None:
    poor = [
        (row.code, row.hint)
        for row in rows
        if not row.hint.endswith(".") or len(row.hint) > HINT_MAX or row.hint.strip() != row.hint or "  " in row.hint
    ]
    assert poor == []


def test_no_hint_speaks_the_collectors_language(rows: tuple[Row, ...]) -> None:
    assert [(row.code, row.hint) for row in rows if JARGON.search(row.hint)] == []


def test_every_row_is_found_by_its_own_conditions(venue: str, rows: tuple[Row, ...]) -> None:
    catalogue = Catalogue(FILES[venue])
    for row in rows:
        surfaces = (row.surface,) if row.surface else ("another door",)
        found = catalogue.find(row.code, message=row.contains, http_status=row.http, surfaces=surfaces)
        assert found is not None, row
        assert (found.code, found.kind, found.outcome) == (row.code, row.kind, row.outcome)


@pytest.mark.parametrize("designed", DESIGNED)
def test_nothing_of_the_designed_catalogue_is_lost(designed: str) -> None:
    wanted: list[dict[str, Any]] = json.loads(require_shared("venues", f"{designed}.errors.json").read_text("utf-8"))
    present = {conditions(row): row for row in Catalogue(FILES[designed]).rows}
    for entry in wanted:
        surface = "" if entry["surface"] == "any" else entry["surface"]
        row = present[entry["code"] or "", surface, entry["http"], entry["contains"] or ""]
        kind = Kind(entry["kind"])
        outcome = kind.usual_outcome if entry["outcome"] == "usual" else Outcome(entry["outcome"])
        assert (row.kind, row.outcome, row.scope, row.sure, row.name) == (
            kind,
            outcome,
            entry["scope"],
            entry["sure"],
            entry["name"] or "",
        )


@pytest.mark.parametrize(
    ("venue_name", "code", "message", "http_status", "surfaces", "kind"),
    [
        pytest.param("binance", "-2021", "", 400, ("linear",), Kind.WOULD_TRIGGER, id="Binance: futures triggers"),
        pytest.param("binance", "-2021", "", 409, ("spot",), Kind.UNKNOWN, id="Binance: half a cancel-and-replace"),
        pytest.param(
            "binance",
            "-2010",
            "Account has insufficient balance for requested action.",
            400,
            ("spot",),
            Kind.INSUFFICIENT_FUNDS,
            id="Binance: the text splits -2010",
        ),
        pytest.param("binance", "", "<html>", 403, ("spot",), Kind.BANNED, id="Binance: a page with 403 is a ban"),
        pytest.param("binance", "-29999", "", 400, ("spot",), None, id="Binance: a new code stays unknown"),
        pytest.param(
            "bybit",
            "10001",
            "Qty invalid",
            200,
            ("ws_trade",),
            Kind.INVALID_QUANTITY,
            id="Bybit: a text beats the channel",
        ),
        pytest.param("bybit", "10003", "", 200, ("ws_trade",), Kind.TOO_MANY_STREAMS, id="Bybit: too many sessions"),
        pytest.param("bybit", "10003", "", 200, ("rest",), Kind.BAD_CREDENTIALS, id="Bybit: a key of elsewhere"),
        pytest.param(
            "bybit", "170131", "", 200, ("rest", ""), Kind.INSUFFICIENT_FUNDS, id="Bybit: a product not known"
        ),
        pytest.param("okx", "50011", "", 200, ("trade", "rest"), Kind.ORDER_RATE_LIMITED, id="OKX: too many orders"),
        pytest.param("okx", "50011", "", 200, ("rest",), Kind.RATE_LIMITED, id="OKX: too many requests"),
        pytest.param(
            "okx", "50011", "", None, ("ws",), Kind.RATE_LIMITED, id="OKX: too many requests without a status"
        ),
        pytest.param("okx", "50004", "", 400, ("rest",), Kind.VENUE_TIMEOUT, id="OKX: a 400 that settles nothing"),
        pytest.param("okx", "99999", "", 400, ("rest",), None, id="OKX: a new code stays unknown"),
        pytest.param("kraken", "", "error 1015", 429, ("spot",), Kind.BANNED, id="Kraken: the content network bans"),
        pytest.param(
            "coinbase",
            "NOT_FOUND",
            "valid product_id is required",
            404,
            ("advanced",),
            Kind.UNKNOWN_SYMBOL,
            id="Coinbase: what was not found",
        ),
        pytest.param(
            "coinbase",
            "",
            "Insufficient funds",
            400,
            ("exchange",),
            Kind.INSUFFICIENT_FUNDS,
            id="Coinbase: only a text",
        ),
    ],
)
def test_the_reading_rules_of_the_venue_hold(
    venue_name: str, code: str, message: str, http_status: int | None, surfaces: tuple[str, ...], kind: Kind | None
) -> None:
    found = Catalogue(FILES[venue_name]).find(code, message=message, http_status=http_status, surfaces=surfaces)
    assert (found and found.kind) == kind


def test_kraken_reads_a_string_by_its_longest_known_start() -> None:
    catalogue = Catalogue(FILES["kraken"])
    starts = ("EOrder:Insufficient funds", "EOrder")
    assert catalogue.fault("EOrder:Insufficient funds (user)", surfaces=("spot",), broader=starts).kind is (
        Kind.INSUFFICIENT_FUNDS
    )
    assert catalogue.fault("EOrder:New reason", surfaces=("spot",), broader=("EOrder",)).kind is Kind.INVALID_ORDER


def test_okx_reads_a_sub_code_before_its_code() -> None:
    find = Catalogue(FILES["okx"]).find
    exact, general = (
        find(code, surfaces=("trade", "rest"), broader=("51008",)) for code in ("51008_1000", "51008_7777")
    )
    assert exact is not None
    assert general is not None
    assert (exact.code, general.code) == ("51008_1000", "51008")
