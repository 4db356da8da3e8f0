from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from attrs import evolve

from tests.toy import BTC, virtual
from tests.toy_stream import BOOK, RULE, TICKER, Ears, ToyDialer, line, link, means
from unified.adapter import Charge
from unified.connection import UPKEEP_AGAIN
from unified.errors import Fault, Kind, VenueError
from unified.feeds import BookRule, Upkeep
from unified.link import Link
from unified.market_data import Book
from unified.operations import FetchBook, Operation, Priority
from unified.watches import WatchBook


def test_a_link_logs_in_subscribes_and_tells_what_comes() -> None:
    async def story() -> None:
        dialer, ears = ToyDialer(), Ears()
        one = link(dialer, ears, login=True)
        await one.open()
        one.want([BOOK, TICKER])
        await asyncio.sleep(0.1)
        (socket,) = dialer.sockets
        socket.say("tick", "7")
        socket.say("delta", 11, 12, [["100", "0"]], [])
        await asyncio.sleep(0.1)
        assert socket.sent[0] == ["login"]
        assert ("news", "7") in ears.heard
        assert ears.heard[-1] == ("book", 12)
        assert not one.due
        await one.aclose()
        assert socket.closed

    virtual(story)


@pytest.mark.parametrize(
    ("frame", "stays"),
    [
        pytest.param(("delta", 11, 11, [], []), True, id="the next number is no gap"),
        pytest.param(("delta", 12, 12, [], []), False, id="a number left out is"),
        pytest.param(("delta", 11, 11, [["101", "1"]], []), False, id="bids that reach asks are"),
        pytest.param(("delta", 11, 11, [["x", "1"]], []), False, id="a level that is no number is"),
        pytest.param(("hole",), False, id="a gap that the dialect found is"),
    ],
)
def test_a_gap_makes_the_book_absent_at_once_and_subscribes_it_again(frame: tuple[Any, ...], stays: bool) -> None:
    async def story() -> None:
        dialer, ears = ToyDialer(), Ears()
        one = link(dialer, ears)
        await one.open()
        one.want([BOOK])
        await asyncio.sleep(0.1)
        (socket,) = dialer.sockets
        socket.say(*frame)
        socket.say("delta", 14, 14, [], [])
        await asyncio.sleep(0.01)
        if stays:
            return
        downs = [heard for heard in ears.heard if heard[0] == "down"]
        assert len(downs) == 1
        assert ears.heard.index(downs[0]) < len(ears.heard) - 1, "a snapshot came after it"
        assert ears.heard[-1] == ("book", 10)
        assert [words[0] for words in socket.sent] == ["sub", "unsub", "sub"]
        assert socket.sent_at[-1] - socket.sent_at[0] < 0.15, "the first resync waits for nothing"
        await one.aclose()

    virtual(story)


def test_gaps_in_a_row_are_healed_with_growing_pauses() -> None:
    async def story() -> None:
        dialer, ears = ToyDialer(), Ears()
        one = link(dialer, ears)
        await one.open()
        one.want([BOOK])
        (socket,) = dialer.sockets
        for _ in range(400):
            await asyncio.sleep(0.05)
            socket.say("hole")
        resyncs = [at for words, at in zip(socket.sent, socket.sent_at, strict=True) if words[0] == "sub"]
        pauses = [later - earlier for earlier, later in pairwise(resyncs)]
        assert 4 < len(pauses) < 15
        assert pauses[-1] > 5 * pauses[0]
        await one.aclose()

    virtual(story)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        pytest.param(("gap",), Kind.SEQUENCE_GAP, id="numbers of the connection left out"),
        pytest.param(("no-such-word-but-a-list",), None, id="a frame that says nothing is no end"),
    ],
)
def test_what_concerns_the_whole_connection_ends_it(words: tuple[str, ...], kind: Kind | None) -> None:
    async def story() -> None:
        dialer, ears = ToyDialer(), Ears()
        one = link(dialer, ears)
        await one.open()
        one.want([TICKER])
        await asyncio.sleep(0.1)
        dialer.sockets[0].say(*words)
        await asyncio.sleep(0.1)
        assert one.over.done() == (kind is not None)
        if kind is not None:
            assert one.over.result().kind is kind
            assert ears.count("down") == 1
        await one.aclose()

    virtual(story)


def test_a_frame_that_cannot_be_read_ends_it_rather_than_going_on_without_it() -> None:
    async def story() -> None:
        dialer, ears = ToyDialer(), Ears()
        one = link(dialer, ears)
        await one.open()
        dialer.sockets[0].frames.put_nowait('["ok", "watch')
        assert (await one.over).kind is Kind.MALFORMED_RESPONSE
        await one.aclose()

    virtual(story)


def test_silence_is_noticed_in_time_and_pings_are_sent_meanwhile() -> None:
    async def story() -> None:
        dialer, ears = ToyDialer(), Ears()
        one = link(dialer, ears, ping_every=2.0)
        await one.open()
        one.want([TICKER])
        started = asyncio.get_running_loop().time()
        error = await one.over
        assert "nothing came for 5 s" in error.message
        assert 5.0 <= asyncio.get_running_loop().time() - started < 5.6
        assert dialer.sockets[0].sent.count(["ping"]) == 2
        await one.aclose()

    virtual(story)


def test_a_subscription_that_nobody_answers_ends_the_connection() -> None:
    async def story() -> None:
        dialer, ears = ToyDialer(), Ears()
        dialer.answers = False
        one = link(dialer, ears, silence=60.0)
        await one.open()
        one.want([TICKER])
        assert "not answered" in (await one.over).message
        await one.aclose()

    virtual(story)


@pytest.mark.parametrize("kind", [Kind.BAD_CREDENTIALS, Kind.TIMESTAMP_OUT_OF_WINDOW, Kind.UNKNOWN_SYMBOL])
def test_a_refusal_that_may_mean_the_clock_has_it_measured_and_is_asked_once_more(kind: Kind) -> None:
    async def story() -> None:
        dialer, ears, doubted = ToyDialer(), Ears(), list[str]()
        dialer.answers = False
        doubting = evolve(means(dialer), doubt=lambda door, _at: doubted.append(door))
        one = Link(1, line(silence=60.0), "wss://toy", "main", doubting, ears)
        await one.open()
        one.want([TICKER])
        for _ in range(2):
            await asyncio.sleep(0.1)
            dialer.sockets[0].say("no", TICKER.name, kind)
            await asyncio.sleep(3)
        asked = dialer.sockets[0].sent.count(["sub", TICKER.name])
        told = ears.count("refused")
        match kind:
            case Kind.UNKNOWN_SYMBOL:
                assert (doubted, asked, told) == ([], 1, 1)
            case Kind.BAD_CREDENTIALS:
                assert (doubted, asked, told) == (["main"], 2, 1)
            case _:
                assert (doubted, asked, told) == (["main"], 3, 0)
        await one.aclose()

    virtual(story)


@pytest.mark.parametrize("kind", [Kind.UNKNOWN_SYMBOL, Kind.SESSION_EXPIRED])
def test_a_refusal_that_passes_is_asked_again_and_another_is_told(kind: Kind) -> None:
    async def story() -> None:
        dialer, ears = ToyDialer(), Ears()
        dialer.answers = False
        one = link(dialer, ears, silence=60.0)
        await one.open()
        one.want([TICKER])
        await asyncio.sleep(0.1)
        dialer.sockets[0].say("no", TICKER.name, kind)
        await asyncio.sleep(3)
        asked = dialer.sockets[0].sent.count(["sub", TICKER.name])
        assert (ears.count("refused"), asked) == ((0, 2) if kind.transient else (1, 1))
        await one.aclose()

    virtual(story)


def test_a_refused_login_is_raised() -> None:
    async def story() -> None:
        dialer, ears = ToyDialer(), Ears()
        dialer.answers = False
        one = link(dialer, ears, login=True)
        opening = asyncio.create_task(one.open())
        await asyncio.sleep(0.1)
        dialer.sockets[0].say("out", Kind.BAD_CREDENTIALS)
        with pytest.raises(VenueError) as refused:
            await opening
        assert refused.value.kind is Kind.BAD_CREDENTIALS
        await one.aclose()

    virtual(story)


def test_every_frame_and_connection_is_paid_for() -> None:
    async def story() -> None:
        dialer, ears, spent = ToyDialer(), Ears(), list[tuple[Charge, ...]]()
        facts = line(connect=(Charge("connects"),), frame=(Charge("frames"),))
        one = Link(7, facts, "wss://toy", "main", means(dialer, spent), ears)
        await one.open()
        one.want([BOOK, TICKER])
        await asyncio.sleep(0.1)
        assert spent == [(Charge("connects"),), (Charge("frames", key="7"),), (Charge("frames", key="7"),)]
        await one.aclose()

    virtual(story)


def test_a_ping_may_cost_less_than_a_request() -> None:
    async def story(**changes: Any) -> list[tuple[Charge, ...]]:
        spent: list[tuple[Charge, ...]] = []
        dialer = ToyDialer()
        one = Link(
            3,
            line(frame=(Charge("frames"),), ping_every=1.0, **changes),
            "wss://toy",
            "main",
            means(dialer, spent),
            Ears(),
        )
        await one.open()
        await asyncio.sleep(1.5)
        assert dialer.sockets[0].sent == [["ping"]]
        await one.aclose()
        return spent

    assert virtual(story) == [(Charge("frames", key="3"),)]
    assert virtual(lambda: story(ping_cost=())) == []


class _Begun(Ears):
    """Its books may begin with a delta: then the snapshot comes over REST."""

    def rule_of(self, watch: WatchBook) -> BookRule:
        return evolve(RULE, fallback=lambda told: FetchBook(instrument=told.instrument, depth=told.depth))


@pytest.mark.parametrize(
    ("snapshot_after", "asked"),
    [
        pytest.param(None, 1, id="a stream that begins with deltas is begun over REST"),
        pytest.param(0.5, 0, id="one whose snapshot comes a little late is not"),
    ],
)
def test_a_stream_that_owes_its_snapshot(snapshot_after: float | None, asked: int) -> None:
    async def story() -> None:
        dialer, ears = ToyDialer(), _Begun()
        dialer.answers = False
        questions: list[Any] = []

        async def run(operation: Any) -> Any:
            questions.append(operation)
            return Book(instrument=BOOK.instrument, raw_bids=[["100", "1"]], raw_asks=[["101", "2"]], sequence=11)

        one = Link(1, line(), "wss://toy", "main", evolve(means(dialer), run=run), ears)
        await one.open()
        one.want([BOOK])
        await asyncio.sleep(0.1)
        (socket,) = dialer.sockets
        socket.say("ok", BOOK.name)
        for number in (10, 11, 12):
            socket.say("delta", number, number, [["99", str(number)]], [])
        if snapshot_after is not None:
            await asyncio.sleep(snapshot_after)
            socket.say("book", 12, [["100", "1"]], [["101", "2"]])
        await asyncio.sleep(3)
        assert len(questions) == asked
        assert ears.heard[-1] == ("book", 12), "what waited was joined, from the first number on that was missing"
        await one.aclose()

    virtual(story)


def test_a_connection_that_brings_everything_accepts_at_once() -> None:
    async def story() -> None:
        dialer, ears = ToyDialer(), Ears()
        dialer.answers = False
        one = link(dialer, ears, implied=True)
        await one.open()
        one.want([TICKER])
        await asyncio.sleep(0.1)
        assert ears.heard == [("accepted", TICKER.name)]
        await one.aclose()

    virtual(story)


def test_requests_in_frames_are_charged_to_what_they_share_and_to_the_connection() -> None:
    async def story() -> None:
        spent: list[tuple[Charge, ...]] = []
        facts = line(frame=(Charge("frames"),), frame_weight=(Charge("weight"),))
        one = Link(7, facts, "wss://toy", "main", means(ToyDialer(), spent), Ears())
        await one.open()
        one.want([TICKER])
        await asyncio.sleep(0.1)
        assert spent == [(Charge("frames", key="7"), Charge("weight"))]
        await one.aclose()

    virtual(story)


class Renewing(Operation[None]):
    name = "renewing"
    priority = Priority.PRIVATE_READ


@pytest.mark.parametrize(
    ("kind", "tries", "over"),
    [
        pytest.param(None, 1, False, id="renewed in time"),
        pytest.param(Kind.CONNECTION_LOST, 4, False, id="what can pass is tried again soon"),
        pytest.param(Kind.SESSION_EXPIRED, 1, True, id="an access that is over ends the link"),
        pytest.param(Kind.PERMISSION_DENIED, 1, True, id="so does what cannot pass"),
    ],
)
def test_an_access_is_renewed_while_the_connection_lives(kind: Kind | None, tries: int, over: bool) -> None:
    async def story() -> None:
        asked: list[Any] = []

        async def run(operation: Operation[Any]) -> Any:
            asked.append(operation)
            if isinstance(operation, Renewing) and kind is not None:
                raise VenueError.of(Fault(kind=kind))
            return "a token"

        upkeep = Upkeep(operation=lambda _access: Renewing(), every=100.0)
        facts = line(upkeep=upkeep, silence=1e6)
        one = Link(1, facts, "wss://toy", "main", evolve(means(ToyDialer()), run=run), Ears())
        await one.open()
        await asyncio.sleep(100 + 3.2 * UPKEEP_AGAIN)
        assert len(asked) == tries
        assert one.over.done() == over
        await one.aclose()

    virtual(story)


def test_a_snapshot_over_rest_may_wait_for_the_limits() -> None:
    """Many books at once take minutes within the limits of a venue; meanwhile their connection is whole."""

    async def story() -> None:
        async def run(operation: Operation[Any]) -> Any:
            await asyncio.sleep(60)
            return Book(instrument=BTC, raw_bids=[["100", "1"]], raw_asks=[["101", "1"]], sequence=10)

        ears, dialer = Resting(), ToyDialer()
        dialer.snapshots = False
        one = Link(1, line(silence=1e6), "wss://toy", "main", evolve(means(dialer), run=run), ears)
        await one.open()
        one.want([BOOK])
        await asyncio.sleep(0.1)
        dialer.sockets[0].say("delta", 11, 12, [["100", "0"], ["99", "1"]], [])
        await asyncio.sleep(30)
        assert one.due, "it is not complete"
        assert ears.count("down") == 0
        await asyncio.sleep(31)
        assert ears.heard[-1] == ("book", 12), "what came meanwhile was kept"
        assert not one.due
        await one.aclose()

    virtual(story)


class Resting(Ears):
    """Books of this audience are joined with a snapshot over REST."""

    def rule_of(self, watch: WatchBook) -> BookRule:
        return evolve(RULE, base=lambda watch: FetchBook(instrument=watch.instrument, depth=100))
