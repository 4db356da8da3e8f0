"""Other people's stream clients against our sandboxes: they must see what the engine had, and know refusals."""

from __future__ import annotations

import pytest
from attrs import evolve

from tests.fidelity.stage import Stage
from tests.fidelity.stream_plays import STREAM_PLAYS, StreamPlay, stream_differences
from unified.market_data import Level
from unified.sandbox.streams import BookChange, BookFeed

ONE_OF_EACH = {play.client: play for play in STREAM_PLAYS}.values()


def played(play: StreamPlay, *only: str) -> list[str]:
    more = {"steps": only} if only else {}
    done = Stage(client=play.program, name=play.venue, product=play.product, part="streaming", more=more).run()
    return stream_differences(play, done.told, done.shown)


@pytest.mark.parametrize("play", STREAM_PLAYS, ids=lambda play: play.name)
def test_a_stream_client_sees_what_the_engine_had(play: StreamPlay) -> None:
    assert played(play) == []


@pytest.mark.parametrize("play", ONE_OF_EACH, ids=lambda play: play.name)
def test_a_sandbox_that_tells_wrong_quantities_is_caught(play: StreamPlay, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: deltas of twice the quantity. A client may tell it by the venue's checksum."""
    change = BookFeed.change

    def doubled(self: BookFeed, *, tell_fallen: bool = True) -> BookChange | None:
        told = change(self, tell_fallen=tell_fallen)
        if told is None:
            return None
        bids, asks = (
            tuple(Level(level.price, 2 * level.quantity) for level in side) for side in (told.bids, told.asks)
        )
        return evolve(told, bids=bids, asks=asks)

    monkeypatch.setattr(BookFeed, "change", doubled)
    (told,) = [line for line in played(play, "book") if line.startswith("book: {")]
    assert "silence" not in told
