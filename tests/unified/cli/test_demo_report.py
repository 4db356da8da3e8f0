"""What the venues say at the end of the demo."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unified.cli.stages import PLAN, stage
from unified.cli.demo_report import (
    PROMISES,
    STREAM_PROMISES,
    closing,
    counts,
    document,
    is_kept,
    show_report,
    verdict_of,
)
from unified.demo.audit import StreamVerdict
from unified.errors import Kind


async def test_a_clean_run_keeps_every_promise(capsys: pytest.CaptureFixture[str]) -> None:
    async with stage(orders=12, requests=300) as venue:
        venue.watch.retries.update(book=4)
        assert is_kept(venue)
        show_report([venue])
    said = capsys.readouterr().out
    assert said.splitlines()[-1].startswith("Every promise held. Orders: 12, with 300 requests (4 retries).")
    assert all(heading in said for heading in PROMISES.values())


@pytest.mark.parametrize("promise", PROMISES)
async def test_any_count_breaks_the_promise(promise: str, capsys: pytest.CaptureFixture[str]) -> None:
    async with stage() as good, stage(**{promise: 3}) as bad:
        assert counts(bad)[promise] == 3
        assert not is_kept(bad)
        assert document(PLAN, [good, bad])["promises_kept"] is False
        show_report([good, bad])
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"A promise was broken. paper: {PROMISES[promise]} 3."


@pytest.mark.parametrize("promise", STREAM_PROMISES)
async def test_so_does_any_count_of_its_streams(promise: str, capsys: pytest.CaptureFixture[str]) -> None:
    async with stage() as venue:
        found: dict[str, Any] = {promise: 2}
        venue.streams = StreamVerdict(watched=True, faults=4, books=9, **found)
        assert not is_kept(venue)
        show_report([venue])
    assert capsys.readouterr().out.splitlines()[-1] == f"A promise was broken. paper: {STREAM_PROMISES[promise]} 2."


async def test_what_streams_went_through_is_shown_and_a_dash_where_there_are_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with stage() as silent, stage() as streaming:
        streaming.streams = StreamVerdict(watched=True, faults=4, gaps=3, books=912)
        show_report([silent, streaming])
        assert document(PLAN, [streaming])["venues"]["paper"]["streams"]["books"] == 912
    said = capsys.readouterr().out
    (line,) = [line for line in said.splitlines() if "books proven" in line]
    assert line.split()[-2:] == ["-", "912"]
    assert "Streams met 4 faults: all 912 books" in " ".join(said.split())


async def test_an_order_left_in_doubt_breaks_the_promise() -> None:
    async with stage() as venue:
        venue.unknown_left = 1
        assert not is_kept(venue)
        assert closing([venue]) == "A promise was broken. paper: still in doubt 1."


async def test_the_document_tells_more() -> None:
    async with stage(clock_rejections_total=2) as venue:
        venue.watch.retries.update(book=1, balances=2)
        venue.watch.resyncs.update({"first use": 1})
        venue.watch.settled.update(rejected=1)
        venue.records.errors[Kind.OVERLOADED] = 5
        facts = document(PLAN, [venue])["venues"]["paper"]
    assert (facts["retries"], facts["retries_by_operation"]) == (3, {"balances": 2, "book": 1})
    assert (facts["resyncs"], facts["clock_rejections_total"]) == (1, 2)
    assert (facts["unknown_outcomes"], facts["unknown_settled"], facts["unknown_open"]) == (1, 1, 0)
    assert facts["errors"] == {"overloaded": 5}


async def test_a_venue_that_has_not_judged_is_no_clean_one() -> None:
    async with stage() as venue:
        venue.verdict = None
        with pytest.raises(ValueError, match="paper has not judged yet"):
            verdict_of(venue)
