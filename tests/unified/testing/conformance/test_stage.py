from __future__ import annotations

import asyncio
from functools import partial

import pytest

from tests.unified.testing.conformance.mutants import declaring
from unified.adapter import FixedWindow, Limit
from unified.errors import Fault, Kind, Scope, VenueError
from unified.instrument import Product
from unified.operations import FetchServerTime, FetchTicker, SetLeverage
from unified.ports import Transport
from unified.sandbox.dialect import Dialect
from unified.testing.conformance.rules import KEEPING, PRICES
from unified.testing.conformance.stage import Broken, Losing, Stage, Story, Swallowing, first, played, refusal, require
from unified.testing.conformance.watch import Watch
from unified.testing.loop import run
from unified_paper import Paper
from unified_paper.venue import PaperDialect


async def nothing(stage: Stage) -> None:
    await stage.instrument()


def one(play: object, needs: tuple[type, ...] = ()) -> list[str]:
    story = Story(rule=PRICES, name="a story", needs=needs, play=play)  # type: ignore[arg-type]
    _, credentials, found = played(Paper, PaperDialect, [story])
    assert credentials is not None
    return [str(finding) for finding in found]


def test_a_story_that_ends_well_tells_nothing() -> None:
    assert one(nothing) == []


def test_whatever_a_story_meets_is_told() -> None:
    async def broken(stage: Stage) -> None:
        require(False, "a price is wrong")

    async def refused(stage: Stage) -> None:
        raise VenueError.of(Fault(kind=Kind.MAINTENANCE))

    async def failing(stage: Stage) -> None:
        raise KeyError("price")

    assert one(broken) == ["a story, spot: a price is wrong"]
    assert one(refused)[0].startswith("a story, spot: was refused: maintenance")
    assert one(failing) == ["a story, spot: raised KeyError: 'price'"]


def test_a_story_is_played_on_the_sandbox_of_every_reading_of_the_papers() -> None:
    class Other(PaperDialect):
        pass

    class Torn(PaperDialect):
        @classmethod
        def readings(cls) -> tuple[type[Dialect], ...]:
            return (PaperDialect, Other)

    async def on_the_first_only(stage: Stage) -> None:
        require(not isinstance(stage.venue, Other), "the other reading")

    story = Story(rule=PRICES, name="a story", needs=(), play=on_the_first_only)
    assert [str(finding) for finding in played(Paper, Torn, [story])[2]] == ["a story, spot: the other reading"]
    assert played(Paper, PaperDialect, [story])[2] == []


def test_a_story_is_left_out_where_the_adapter_lacks_what_it_needs() -> None:
    async def broken(stage: Stage) -> None:
        raise Broken("played all the same")

    assert one(broken, (SetLeverage,)) == []
    assert len(one(broken, (FetchTicker,))) == 1


def test_an_adapter_that_cannot_be_made_for_the_sandbox_is_told() -> None:
    def no(self: Paper, settings: object) -> None:
        raise RuntimeError("no")

    story = Story(rule=PRICES, name="a story", needs=(), play=nothing)
    _, _, found = played(declaring(__init__=no), PaperDialect, [story])
    assert "no client can be made" in found[0].problem


def test_limits_that_are_declared_too_wide_are_found() -> None:
    async def crowd(stage: Stage) -> None:
        for _ in range(20):
            await asyncio.gather(*(stage.client.run(FetchServerTime()) for _ in range(100)))

    wide = (
        Limit(bucket="requests", scope=Scope.IP, rule=FixedWindow(limit=100_000, period=60)),
        Limit(bucket="orders", scope=Scope.ACCOUNT, rule=FixedWindow(limit=100, period=10)),
    )
    story = Story(rule=PRICES, name="a crowd", needs=(), play=crowd)
    _, _, found = played(declaring(limits=wide), PaperDialect, [story])
    assert any(finding.rule is KEEPING and "limits broken" in finding.problem for finding in found)


def test_small_words() -> None:
    async def main() -> None:
        async def refuse() -> None:
            raise VenueError.of(Fault(kind=Kind.MAINTENANCE))

        async def rows() -> object:
            for number in range(5):
                yield number

        assert (await refusal(refuse(), "it")).kind is Kind.MAINTENANCE
        with pytest.raises(Broken, match="it was not refused"):
            await refusal(asyncio.sleep(0), "it")
        assert await first(rows(), 2) == [0, 1]  # type: ignore[arg-type]

    run(main())


def _the_first(way: type[Losing], error: VenueError, inner: Transport) -> Losing:
    return way(inner, lambda _request: True, error)


def test_an_answer_or_a_request_is_lost_once() -> None:
    async def main() -> None:
        for way in (Losing, Swallowing):
            stage = Stage(Paper, PaperDialect, Product.SPOT, Watch())
            error = VenueError.of(Fault(kind=Kind.BANNED))
            client = stage.client_of(stage.venue.accounts[0], way=partial(_the_first, way, error))
            assert (await refusal(client.server_time(), "it")).kind is Kind.BANNED
            seen = stage.network.ledger.verdict().requests
            assert seen == (1 if way is Losing else 0)
            await stage.aclose()

    run(main())
