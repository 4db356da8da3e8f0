"""docs/limits-and-time.md says what limits and clocks are, venue by venue, and its examples run."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import fields

from tests.documents import DOCS, code_blocks, table, venue_named
from unified import Client
from unified.adapter import Adapter, AdapterSettings, FixedWindow, LimitRule, RollingWindow
from unified.clock import RESYNC_SECONDS, ClockReading
from unified.limit_states import LimitState
from unified.refusals import BAN_SECONDS
from unified.registry import adapter_class
from unified.testing.loop import run
from unified_paper.venue import PaperVenue

PAGE = DOCS / "limits-and-time.md"
LIMITS = {venue_named(row[0]): row[1:] for row in table(PAGE, "## How limits are kept")}
TIMES = {venue_named(row[0]): row[1:] for row in table(PAGE, "## How time is kept")}
FORMS: dict[type[LimitRule], str] = {FixedWindow: "calendar", RollingWindow: "sliding"}


def adapter(venue: str) -> Adapter:
    return adapter_class(venue)(AdapterSettings())


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        pytest.param("## Reading `client.limits()`", LimitState, id="the state of a limit"),
        pytest.param("## Reading `client.clock()`", ClockReading, id="the reading of a clock"),
    ],
)
def test_every_field_is_explained_in_order(heading: str, kind: type) -> None:
    assert [row[0] for row in table(PAGE, heading)] == [f"`{attribute.name}`" for attribute in fields(kind)]


@pytest.mark.parametrize("venue", sorted(LIMITS))
def test_the_form_of_windows_is_the_adapters(venue: str) -> None:
    rules = {type(limit.rule) for limit in adapter(venue).limits}
    told = LIMITS[venue][1]
    assert {form for form in FORMS.values() if form in told} == {FORMS[rule] for rule in rules if rule in FORMS}
    assert ("decaying" in told) == (not rules & set(FORMS))


@pytest.mark.parametrize("venue", sorted(TIMES))
def test_the_age_of_stamps_is_the_adapters(venue: str) -> None:
    known = adapter(venue)
    window = next(iter(known.clocks.values())).window_ms
    expiry = next(iter(known.placement.values())).expiry
    assert TIMES[venue][0].startswith("not checked" if window is None else f"{window / 1000:g} s")
    assert TIMES[venue][1].startswith("no promise" if expiry is None else f"{expiry.default_ms / 1000:g} s")


def test_both_tables_hold_the_same_venues_as_the_pages() -> None:
    pages = {path.stem for path in (DOCS / "venues").glob("*.md")}
    assert set(LIMITS) == set(TIMES) == pages


def test_the_figures_of_the_text_are_those_of_the_code() -> None:
    assert (BAN_SECONDS, RESYNC_SECONDS) == (120, 300)  # "two minutes" and "every five minutes"


@pytest.mark.parametrize("faults", ["none", "mild"])
def test_the_examples_run(faults: str, capsys: pytest.CaptureFixture[str]) -> None:
    space: dict[str, Any] = {}
    for block in code_blocks(PAGE):
        exec(compile(block, str(PAGE), "exec"), space)

    async def main() -> None:
        venue = PaperVenue(faults=faults)
        async with Client("paper", transport=venue.transport(), credentials=venue.credentials) as client:
            await space["clocks"](client)
            for _ in range(60):
                await client.place_order("BTC/USDT", "buy", quantity="0.01", price="40000")
            await space["clocks"](client)
            await space["fullest"](client)

    run(main())
    before, after, *limits = capsys.readouterr().out.splitlines()
    assert before == "main: not measured yet"
    assert "wrong by at most 0." in after
    assert [line for line in limits if line.startswith("orders : ")] != []
