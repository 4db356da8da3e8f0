"""The loop through which every request goes: what leaves, when, how often, and what an error says in the end."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections import Counter
from decimal import Decimal
from threading import get_ident
from types import FrameType
from typing import Any

import pytest
from attrs import evolve

from tests.toy import BTC, EPOCH_MS, Toy, Wire, lost, order_of, placed, refusal, toy_client, toy_with, virtual
from unified import hooks
from unified.adapter import AdapterSettings, Endpoint, FixedWindow, Limit, Stamp
from unified.calls import Trace
from unified.errors import AvailabilityError, Kind, Outcome, Scope, ThrottleError, TransportError, VenueError
from unified.hooks import AttemptEvent, BanEvent, CallEvent, ErrorEvent, ResyncEvent, WaitEvent
from unified.http import HttpRequest, HttpResponse
from unified.instrument import Product
from unified.market_data import Ticker
from unified.operations import FetchFundingRate, FetchTicker, Operation, PlaceBatch, PlaceOrder, SetLeverage
from unified.order import Side
from unified.retry import RetrySettings
from unified.settings import Deadlines
from unified.wire import LONG_BODY

TICKER = FetchTicker(instrument=BTC)


class TestReads:
    @pytest.mark.parametrize("size", [pytest.param(0, id="a short one"), pytest.param(LONG_BODY, id="a long one")])
    def test_an_answer_is_read_beside_the_loop_if_that_takes_long(self, size: int) -> None:
        threads: set[int] = set()

        class Noting(Toy):
            def __init__(self, settings: AdapterSettings) -> None:
                super().__init__(settings)
                how = self.endpoints[FetchTicker, Product.SPOT]
                assert isinstance(how, Endpoint)
                read = how.parse

                def parse(operation: Any, response: HttpResponse) -> Any:
                    threads.add(get_ident())
                    return read(operation, response)

                self.endpoints = {**self.endpoints, (FetchTicker, Product.SPOT): evolve(how, parse=parse)}

        async def story() -> None:
            wire = Wire().on("ticker", {"last": "1.5", "rest": "x" * size})
            async with toy_client(wire, Noting) as client:
                assert (await client.run(TICKER)).last == Decimal("1.5")

        asyncio.run(story())  # virtual time has no threads
        assert (threads == {get_ident()}) is (size == 0)

    def test_a_read_that_fails_in_passing_is_tried_again(self) -> None:
        async def story() -> None:
            wire = Wire().on("ticker", lost(), refusal(Kind.VENUE_FAULT), {"last": "1.5"})
            async with toy_client(wire) as client:
                assert (await client.run(TICKER)).last == Decimal("1.5")
            assert wire.count("ticker") == 3

        virtual(story)

    def test_three_attempts_are_enough_and_all_stand_on_the_error(self) -> None:
        async def story() -> None:
            wire = Wire().on("ticker", lost())
            async with toy_client(wire) as client:
                with pytest.raises(TransportError) as caught:
                    await client.run(TICKER)
            error = caught.value
            assert [attempt.number for attempt in error.attempts] == [1, 2, 3]
            assert {attempt.kind for attempt in error.attempts} == {Kind.CONNECTION_LOST}
            assert (error.venue, error.operation) == ("toy", "ticker")
            assert wire.count("ticker") == 3

        virtual(story)

    def test_with_retries_off_one_attempt_is_all(self) -> None:
        async def story() -> None:
            wire = Wire().on("ticker", lost())
            async with toy_client(wire, retry=RetrySettings(enabled=False)) as client:
                with pytest.raises(TransportError):
                    await client.run(TICKER)
            assert wire.count("ticker") == 1

        virtual(story)

    def test_a_refusal_that_cannot_change_is_raised_at_once(self) -> None:
        async def story() -> None:
            wire = Wire().on("ticker", refusal(Kind.INVALID_REQUEST))
            async with toy_client(wire) as client:
                with pytest.raises(VenueError):
                    await client.run(TICKER)
            assert wire.count("ticker") == 1

        virtual(story)


class TestDeadlines:
    def test_nothing_starts_after_the_deadline_and_the_call_ends_with_it(self) -> None:
        async def story() -> None:
            wire = Wire().on("ticker", 60.0)
            async with toy_client(wire, deadlines=Deadlines(call=3.0, attempt=1.0)) as client:
                started = asyncio.get_running_loop().time()
                with pytest.raises(TransportError):
                    await client.run(TICKER)
                ended = asyncio.get_running_loop().time()
            assert ended - started <= 3.005
            assert all(at - started < 3.0 for at in wire.sent_at)

        virtual(story)

    def test_what_waited_until_the_deadline_had_passed_does_not_leave(self) -> None:
        class SlowDisk(Trace):
            async def sending(self, stamp: Stamp) -> None:
                await asyncio.sleep(0.5)

        async def story() -> None:
            wire = Wire().on("ticker", {"last": "1.5"})
            async with toy_client(wire) as client:
                loop = asyncio.get_running_loop()
                with pytest.raises(TransportError) as caught:
                    await client._scheduler.run(TICKER, deadline=loop.time() + 0.3, trace=SlowDisk())
            assert (caught.value.kind, caught.value.outcome) == (Kind.REQUEST_TIMEOUT, Outcome.NOT_SENT)
            assert wire.count("ticker") == 0

        virtual(story)

    def test_a_wait_that_does_not_fit_is_not_begun_and_the_error_says_how_long_it_would_have_been(self) -> None:
        async def story() -> None:
            wire = Wire().on("ticker", refusal(Kind.RATE_LIMITED, scope="ip", retry_after=30))
            async with toy_client(wire) as client:
                started = asyncio.get_running_loop().time()
                with pytest.raises(ThrottleError) as caught:
                    await client.run(TICKER)
                assert asyncio.get_running_loop().time() - started < 0.1
            assert caught.value.retry_after == 30

        virtual(story)

    def test_the_steps_of_a_procedure_share_the_deadline_of_the_call(self) -> None:
        async def story() -> None:
            page = {"items": [placed(f"v{number}") for number in range(9)]}
            wire = Wire(latency=0.4).on("open_orders", page).on("cancel_order", {"id": "v", "status": "canceled"})
            async with toy_client(wire, deadlines=Deadlines(call=2.0)) as client:
                await client.instruments()
                started = asyncio.get_running_loop().time()
                with pytest.raises(VenueError):
                    await client.cancel_all()
                assert asyncio.get_running_loop().time() - started <= 2.005

        virtual(story)


class TestProcedures:
    def test_a_procedure_walks_pages_and_may_pass_over_errors_of_its_steps(self) -> None:
        async def story() -> None:
            first = {"items": [placed("a"), placed("b")], "cursor": "2"}
            wire = Wire().on("open_orders", first, {"items": [placed("c")]})
            wire.on("cancel_order", {"id": "a", "status": "canceled"}, refusal(Kind.ORDER_CLOSED), {"id": "c"})
            async with toy_client(wire) as client:
                await client.cancel_all()
            canceled = [body["venue_order_id"] for name, body in wire.sent if name == "cancel_order"]
            assert canceled == ["a", "b", "c"]

        virtual(story)


class TestWhatIsNotOffered:
    @pytest.mark.parametrize(
        "operation",
        [FetchFundingRate(instrument=BTC), SetLeverage(instrument=BTC, leverage=Decimal(2))],
        ids=["a read", "a write"],
    )
    def test_it_is_refused_before_anything_leaves(self, operation: Operation[Any]) -> None:
        async def story() -> None:
            wire = Wire()
            async with toy_client(wire) as client:
                with pytest.raises(VenueError) as caught:
                    await client.run(operation)
            assert (caught.value.kind, caught.value.outcome) == (Kind.NOT_SUPPORTED, Outcome.NOT_SENT)
            assert wire.sent == []

        virtual(story)


class TestClocks:
    def test_the_clock_is_measured_before_the_first_signed_call_only(self) -> None:
        async def story() -> None:
            wire = Wire().on("get_order", placed())
            async with toy_client(wire) as client:
                await client.get_order("BTC/USDT", venue_order_id="v1")
                measured = wire.count("server_time")
                await client.get_order("BTC/USDT", venue_order_id="v1")
            assert measured == wire.count("server_time") > 0

        virtual(story)

    def test_a_refused_time_is_measured_anew_once_for_all_and_each_call_repeated_once(self) -> None:
        async def story() -> None:
            refused = refusal(Kind.TIMESTAMP_OUT_OF_WINDOW)
            wire = Wire().on("get_order", *[refused] * 5, placed())
            resyncs: list[ResyncEvent] = []
            async with toy_client(wire) as client:
                await client.server_time()
                client.hooks.on_resync.add(resyncs.append)
                await asyncio.gather(*(client.get_order("BTC/USDT", venue_order_id="v") for _ in range(5)))
            assert wire.count("get_order") == 10
            assert [event.reason for event in resyncs] == [Kind.TIMESTAMP_OUT_OF_WINDOW]

        virtual(story)

    def test_a_refusal_that_may_mean_the_clock_has_it_measured_and_is_repeated_once(self) -> None:
        async def story() -> None:
            wire = Wire().on("get_order", refusal(Kind.UNAUTHORIZED), placed())
            async with toy_client(wire) as client:
                await client.server_time()
                await asyncio.sleep(10)
                measured = wire.count("server_time")
                await client.get_order(BTC, venue_order_id="v1")
                assert wire.count("server_time") > measured
            assert wire.count("get_order") == 2

        virtual(story)

    def test_a_clock_that_cannot_be_known_well_enough_refuses_locally(self) -> None:
        async def story() -> None:
            wire = Wire(latency=4.0).on("get_order", placed())
            async with toy_client(wire, deadlines=Deadlines(call=60.0, attempt=10.0)) as client:
                with pytest.raises(VenueError) as caught:
                    await client.get_order(BTC, venue_order_id="v1")
            assert caught.value.kind is Kind.TIMESTAMP_OUT_OF_WINDOW
            assert caught.value.outcome is Outcome.NOT_SENT
            assert wire.count("get_order") == 0

        virtual(story)

    def test_stamps_are_never_ahead_of_the_venue(self) -> None:
        async def story() -> None:
            wire = Wire(offset=-123.456).on("get_order", placed())
            async with toy_client(wire) as client:
                for _ in range(20):
                    await client.get_order(BTC, venue_order_id="v1")
                    await asyncio.sleep(40)
            for at, (name, body) in zip(wire.sent_at, wire.sent, strict=True):
                if name == "get_order":
                    venue_ms = 1_800_000_000_000 + (at - 123.456) * 1000
                    assert venue_ms - 100 <= body["time_ms"] <= venue_ms

        virtual(story)

    def test_a_clock_that_is_given_up_while_a_call_waits_its_turn_is_measured_before_the_call_is_stamped(self) -> None:
        few = Limit(bucket="calls", scope=Scope.IP, rule=FixedWindow(limit=7, period=1))

        async def story() -> None:
            wire = Wire().on("get_order", placed(), refusal(Kind.TIMESTAMP_OUT_OF_WINDOW), placed())
            async with toy_client(wire, toy_with(limits=(few,))) as client:
                await client.get_order(BTC, venue_order_id="v1")
                calls = [client.get_order(BTC, venue_order_id=f"v{number}") for number in (2, 3, 4)]
                await asyncio.gather(*calls)
            stamps = [body["time_ms"] for name, body in wire.sent if name == "get_order"]
            assert len(stamps) == 5
            assert all(stamp >= EPOCH_MS for stamp in stamps)

        virtual(story)


class TestLimits:
    def test_a_full_limit_makes_calls_wait_their_turn(self) -> None:
        async def story() -> None:
            tight = toy_with(limits=(Limit(bucket="calls", scope=Scope.IP, rule=FixedWindow(limit=20, period=1)),))
            wire = Wire().on("ticker", {"last": "1"})
            waits: list[WaitEvent] = []
            async with toy_client(wire, tight) as client:
                await client.server_time()
                client.hooks.on_wait.add(waits.append)
                await asyncio.gather(*(client.run(TICKER) for _ in range(60)))
            windows: dict[int, int] = {}
            for at in wire.sent_at:
                windows[int(at)] = windows.get(int(at), 0) + 1
            assert max(windows.values()) <= 20
            assert waits
            assert {wait.reason for wait in waits} == {"limit"}

        virtual(story)

    def test_a_ban_closes_the_gate_for_everybody_at_once_and_is_told_with_its_end(self) -> None:
        async def story() -> None:
            wire = Wire().on("ticker", refusal(Kind.BANNED, scope="ip", retry_after=120), {"last": "1"})
            bans: list[BanEvent] = []
            async with toy_client(wire) as one, toy_client(wire) as other:
                one.hooks.on_ban.add(bans.append)
                with pytest.raises(ThrottleError):
                    await one.run(TICKER)
                with pytest.raises(ThrottleError) as caught:
                    await other.run(TICKER)
                assert (caught.value.kind, caught.value.outcome) == (Kind.BANNED, Outcome.NOT_SENT)
                assert caught.value.retry_after == pytest.approx(120, abs=1)
                assert wire.count("ticker") == 1
                await asyncio.sleep(121)
                await other.run(TICKER)
            assert [(ban.scope, ban.kind) for ban in bans] == [(Scope.IP, Kind.BANNED)]

        virtual(story)


class TestStrays:
    def test_what_escapes_an_adapter_is_a_malformed_answer_with_its_cause(self) -> None:
        def broken(_operation: FetchTicker, _response: HttpResponse) -> Ticker:
            raise KeyError("price")

        class Clumsy(Toy):
            def __init__(self, settings: AdapterSettings) -> None:
                super().__init__(settings)
                how = self.endpoints[(FetchTicker, Product.SPOT)]
                assert isinstance(how, Endpoint)
                clumsy = Endpoint(build=how.build, parse=broken, charges=how.charges, door="main", signed=False)
                self.endpoints = {**self.endpoints, (FetchTicker, Product.SPOT): clumsy}

        async def story() -> None:
            wire = Wire().on("ticker", {"last": "1"})
            async with toy_client(wire, Clumsy, retry=RetrySettings(enabled=False)) as client:
                with pytest.raises(TransportError) as caught:
                    await client.run(TICKER)
            assert caught.value.kind is Kind.MALFORMED_RESPONSE
            assert "KeyError" in caught.value.message

        virtual(story)

    def test_what_escapes_build_is_a_refusal_of_ours(self) -> None:
        """A lone surrogate has no UTF-8 form: no adapter can write it."""

        def unwritable(_operation: FetchTicker, _stamp: Stamp) -> HttpRequest:
            raise UnicodeEncodeError("utf-8", "BTC\ud800", 3, 4, "surrogates not allowed")

        class Clumsy(Toy):
            def __init__(self, settings: AdapterSettings) -> None:
                super().__init__(settings)
                how = self.endpoints[(FetchTicker, Product.SPOT)]
                assert isinstance(how, Endpoint)
                self.endpoints = {**self.endpoints, (FetchTicker, Product.SPOT): evolve(how, build=unwritable)}

        async def story() -> None:
            wire = Wire()
            async with toy_client(wire, Clumsy) as client:
                with pytest.raises(VenueError) as caught:
                    await client.run(TICKER)
            assert (caught.value.kind, caught.value.outcome) == (Kind.INVALID_REQUEST, Outcome.NOT_SENT)
            assert wire.count("ticker") == 0

        virtual(story)

    def test_an_answer_that_says_not_sent_is_not_believed(self) -> None:
        async def story() -> None:
            wire = Wire().on("cancel_order", refusal(Kind.VENUE_FAULT, Outcome.NOT_SENT)).on("get_order", lost())
            async with toy_client(wire, retry=RetrySettings(enabled=False)) as client:
                with pytest.raises(AvailabilityError) as caught:
                    await client.cancel_order(order_of(placed("v1")))
            assert caught.value.outcome is Outcome.UNKNOWN

        virtual(story)


SIGNATURE = "5f" * 32


class Vouching(Toy):
    """The toy with a signature on its requests."""

    def __init__(self, settings: AdapterSettings) -> None:
        super().__init__(settings)

        def vouched(how: Endpoint[Any, Any]) -> Endpoint[Any, Any]:
            def build(operation: Operation[Any], stamp: Stamp) -> HttpRequest:
                return evolve(how.build(operation, stamp), headers={"X-Sign": SIGNATURE})

            return evolve(how, build=build)

        self.endpoints = {
            row: vouched(how) if isinstance(how, Endpoint) else how for row, how in self.endpoints.items()
        }


def all_told(adapter: type[Toy], caplog: pytest.LogCaptureFixture) -> str:
    """Whatever is said of a refusal that repeats a signature, and of a batch in which one item is refused so."""
    told: list[object] = []

    async def story() -> None:
        echo = refusal(Kind.VENUE_FAULT, message=f"bad sign {SIGNATURE}")
        wire = Wire().on("ticker", echo).on("place_batch", {"items": [echo]})
        async with toy_client(wire, adapter) as client:
            for signal in (client.hooks.on_attempt, client.hooks.on_call, client.hooks.on_error):
                signal.add(told.append)
            with pytest.raises(VenueError) as caught:
                await client.run(TICKER)
            order = PlaceOrder(instrument=BTC, side=Side.BUY, quantity=Decimal(1), price=Decimal(9))
            (item,) = await client.run(PlaceBatch(orders=(order,)))
            for error in (caught.value, item):
                assert isinstance(error, VenueError)
                assert error.message.startswith("bad sign")
                told.extend((error, error.fault, error.attempts, error.__cause__, error.__context__))

    with caplog.at_level(logging.DEBUG):
        virtual(story)
    return f"{told} {caplog.text}"


class TestEchoes:
    def test_a_signature_that_the_venue_repeats_is_told_to_nobody(self, caplog: pytest.LogCaptureFixture) -> None:
        told = all_told(Vouching, caplog)
        assert SIGNATURE not in told
        assert "bad sign [secret]" in told

    def test_control_what_was_never_sent_stays_in_the_venues_words(self, caplog: pytest.LogCaptureFixture) -> None:
        assert SIGNATURE in all_told(Toy, caplog)


class TestHooks:
    def test_every_request_is_one_attempt_event(self) -> None:
        async def story() -> None:
            wire = Wire().on("ticker", lost(), {"last": "1"})
            attempts: list[AttemptEvent] = []
            errors: list[ErrorEvent] = []
            async with toy_client(wire) as client:
                client.hooks.on_attempt.add(attempts.append)
                client.hooks.on_error.add(errors.append)
                await client.run(TICKER)
            assert [(event.attempt.number, event.path) for event in attempts] == [(1, "/ticker"), (2, "/ticker")]
            assert len(attempts) == len(wire.sent)
            assert errors == []

        virtual(story)

    def test_a_listener_that_fails_changes_nothing(self, caplog: pytest.LogCaptureFixture) -> None:
        def stumble(_event: AttemptEvent) -> None:
            raise ZeroDivisionError

        async def story() -> None:
            wire = Wire().on("ticker", {"last": "1"})
            async with toy_client(wire) as client:
                client.hooks.on_attempt.add(stumble)
                assert (await client.run(TICKER)).last == 1

        virtual(story)
        assert "a listener failed" in caplog.text

    def test_an_attempt_tells_what_came_of_it(self) -> None:
        async def story() -> None:
            wire = Wire().on("ticker", lost(), refusal(Kind.VENUE_FAULT), {"last": "1"})
            attempts: list[AttemptEvent] = []
            async with toy_client(wire) as client:
                client.hooks.on_attempt.add(attempts.append)
                await client.run(TICKER)
            found = [(event.attempt.outcome, event.attempt.kind, event.http_status) for event in attempts]
            assert found == [
                (Outcome.UNKNOWN, Kind.CONNECTION_LOST, None),
                (Kind.VENUE_FAULT.usual_outcome, Kind.VENUE_FAULT, 200),
                (Outcome.DONE, None, 200),
            ]
            assert [event.first_byte for event in attempts] == [None, *[pytest.approx(wire.latency, abs=1e-4)] * 2]

        virtual(story)

    def test_a_call_is_told_once_with_all_that_it_sent(self) -> None:
        async def story() -> None:
            wire = Wire().on("ticker", lost(), {"last": "1"}, refusal(Kind.INVALID_REQUEST))
            calls: list[CallEvent] = []
            async with toy_client(wire) as client:
                client.hooks.on_call.add(calls.append)
                await client.run(TICKER)
                with pytest.raises(VenueError):
                    await client.run(TICKER)
            told = [call for call in calls if call.operation != "server_time"]
            assert [(call.operation, len(call.attempts)) for call in told] == [("ticker", 2), ("ticker", 1)]
            assert told[0].error is None
            assert told[1].error is not None
            assert told[1].error.kind is Kind.INVALID_REQUEST
            assert told[0].seconds > 0.02

        virtual(story)

    def test_nobody_who_listens_costs_no_function(self) -> None:
        """By counting: no event is made, and a call asks a handful of signals whether anybody listens."""

        async def story(wire: Wire, *, listen: bool) -> Counter[str]:
            seen: Counter[str] = Counter()

            def profile(frame: FrameType, what: str, _argument: object) -> None:
                if what == "call" and frame.f_code.co_filename == hooks.__file__:
                    seen[frame.f_code.co_qualname] += 1

            async with toy_client(wire) as client:
                await client.run(TICKER)
                if listen:
                    client.hooks.on_attempt.add(lambda _event: None)
                sys.setprofile(profile)
                try:
                    await client.run(TICKER)
                finally:
                    sys.setprofile(None)
            return seen

        silent = virtual(lambda: story(Wire().on("ticker", {"last": "1"}), listen=False))
        assert not silent
        assert virtual(lambda: story(Wire().on("ticker", {"last": "1"}), listen=True))["attempt_of"] == 1
