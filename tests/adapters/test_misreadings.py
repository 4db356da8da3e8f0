"""The wrong readings that we name: each against its catalogue, and all of them in the page for people."""

from __future__ import annotations

import re
from importlib.util import module_from_spec, spec_from_file_location

import pytest

from tests.documents import DOCS, table
from tests.shared import CHECKOUT
from unified.catalogue import Catalogue, Misreading
from unified.errors import Kind

NAMES = {
    "binance": "Binance",
    "binanceus": "Binance.US",
    "bitzoom": "Bitzoom",
    "bybit": "Bybit",
    "coinbase": "Coinbase",
    "kraken": "Kraken",
    "okx": "OKX",
}


def misreadings(venue: str) -> tuple[Misreading, ...]:
    """The tuple of one venue, read without the rest of its adapter."""
    spec = spec_from_file_location(f"{venue}_misreadings", CHECKOUT / f"adapters/unified_{venue}/misreadings.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    found: tuple[Misreading, ...] = module.MISREADINGS
    return found


EVERY = [
    pytest.param(venue, entry, id=f"{NAMES[venue]} {entry.code}") for venue in NAMES for entry in misreadings(venue)
]


@pytest.mark.parametrize(("venue", "entry"), EVERY)
def test_an_entry_is_complete_and_its_source_is_dated(venue: str, entry: Misreading) -> None:
    assert entry.code.strip()
    assert entry.claim.endswith(".")
    assert entry.truth.endswith(".")
    assert re.search(r"20\d\d-\d\d", entry.source)


def test_every_venue_with_misreadings_is_named_here() -> None:
    present = {path.parent.name.removeprefix("unified_") for path in CHECKOUT.glob("adapters/unified_*/misreadings.py")}
    assert present == set(NAMES)


def test_the_page_shows_the_same_entries() -> None:
    entries = [
        [NAMES[venue], f"`{entry.code}`", entry.claim, entry.truth, entry.source]
        for venue in NAMES
        for entry in misreadings(venue)
    ]
    assert table(DOCS / "misread-codes.md", "## The table") == entries


@pytest.mark.parametrize(
    ("venue", "code", "surface", "kind"),
    [
        pytest.param("binance", "-2011", "spot", Kind.ORDER_NOT_FOUND, id="Binance -2011 is no missing balance"),
        pytest.param("binance", "-2019", "linear", Kind.INSUFFICIENT_FUNDS, id="Binance -2019 is a missing balance"),
        pytest.param("binance", "-2015", "spot", Kind.UNAUTHORIZED, id="Binance -2015 is no rate limit"),
        pytest.param("binance", "-1007", "spot", Kind.VENUE_TIMEOUT, id="Binance -1007 settles nothing"),
        pytest.param("bybit", "10003", "rest", Kind.BAD_CREDENTIALS, id="Bybit 10003 is no address"),
        pytest.param("bybit", "10010", "rest", Kind.ADDRESS_NOT_ALLOWED, id="Bybit 10010 is the address"),
        pytest.param("bybit", "10005", "rest", Kind.PERMISSION_DENIED, id="Bybit 10005 is no signature"),
        pytest.param("bybit", "10004", "rest", Kind.BAD_SIGNATURE, id="Bybit 10004 is the signature"),
        pytest.param("bybit", "110007", "rest", Kind.INSUFFICIENT_FUNDS, id="Bybit 110007 is the missing balance"),
        pytest.param("bybit", "10016", "rest", Kind.VENUE_FAULT, id="Bybit 10016 is no symbol and no limit"),
        pytest.param("okx", "58113", "rest", Kind.NOT_SUPPORTED, id="OKX 58113 is no address"),
        pytest.param("okx", "50110", "rest", Kind.ADDRESS_NOT_ALLOWED, id="OKX 50110 is the address"),
        pytest.param("okx", "58005", "rest", Kind.INVALID_QUANTITY, id="OKX 58005 is no signature"),
        pytest.param("okx", "50113", "rest", Kind.BAD_SIGNATURE, id="OKX 50113 is the signature"),
        pytest.param("okx", "50004", "rest", Kind.VENUE_TIMEOUT, id="OKX 50004 is no rate limit"),
        pytest.param("okx", "50011", "rest", Kind.RATE_LIMITED, id="OKX 50011 is the rate limit"),
        pytest.param("okx", "58007", "rest", Kind.MAINTENANCE, id="OKX 58007 is no timestamp"),
        pytest.param("okx", "50102", "rest", Kind.TIMESTAMP_OUT_OF_WINDOW, id="OKX 50102 is the timestamp"),
        pytest.param("kraken", "EAPI:Invalid signature", "spot", Kind.BAD_SIGNATURE, id="Kraken's signature string"),
        pytest.param("kraken", "EAPI:Rate limit exceeded", "spot", Kind.RATE_LIMITED, id="Kraken's rate limit string"),
        pytest.param(
            "kraken", "EGeneral:Permission denied", "spot", Kind.PERMISSION_DENIED, id="Kraken's permission string"
        ),
    ],
)
def test_the_catalogue_holds_the_right_reading(venue: str, code: str, surface: str, kind: Kind) -> None:
    row = Catalogue(CHECKOUT / f"adapters/unified_{venue}/errors.csv").find(code, surfaces=(surface,))
    assert row is not None
    assert row.kind is kind


@pytest.mark.parametrize("code", ["GeneralPermissionDenied", "BadSignature", "ErrTooManyRequests"])
def test_strings_that_kraken_never_sends_are_in_no_catalogue(code: str) -> None:
    assert not Catalogue(CHECKOUT / "adapters/unified_kraken/errors.csv").holds(code)
