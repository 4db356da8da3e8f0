"""What production clients send when they must not: after a ban, after a deadline; and what must always get through.

Every scenario is a sandbox in memory, reached in virtual time; the venue's own ledger counts.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Iterator
from contextlib import suppress
from contextvars import ContextVar
from itertools import pairwise
from random import Random

from attrs import frozen

from benchmarks.figure import Figure, Sizes, none_of
from benchmarks.scene import Scene, Sent, Tap
from unified.calls import within
from unified.client import Client
from unified.errors import Fault, Kind, Outcome, ThrottleError, VenueError
from unified.http import HttpRequest, Method
from unified.order import Order
from unified.retry import RetryBudget
from unified.sandbox.faults import FaultPlan, Profile
from unified.settings import Deadlines, OrderSettings
from unified.sharing import forget_shared
from unified.testing.loop import run

NAME = "BTC/USDT"
_BAN_EVERY_S, _BAN_S = 40.0, 20.0
_WORKERS = 20
_LATE_S = 0.005
_EMPTY = RetryBudget.RESERVE + RetryBudget.TRANSIENT_COST
"""Fewer tokens than this pay for no retry but that of a cancel."""


def figures(sizes: Sizes) -> Iterator[Figure]:
    """Bans, deadlines, cancels that always pass, and what clients of one account share."""
    banned, refused, bans = run(_through_bans(sizes.ban_seconds, together=True))
    yield none_of(
        "requests during an announced ban, two clients",
        banned,
        f"{sizes.ban_seconds} s of traffic, {bans} bans met by {refused} requests",
        also=bans > 0 and refused >= bans,
    )
    apart, _, bans = run(_through_bans(sizes.ban_seconds, together=False))
    yield Figure(
        what="control: the same by two clients that share nothing",
        required="more than 0",
        measured=f"{apart} through {bans} bans",
        holds=apart > 0,
    )
    yield from _deadlines(run(_under_faults(sizes.faulty_calls)))
    yield from _cancels(run(_cancel_while_all_is_shut()))
    shared = run(_shared())
    yield Figure(
        what="two clients of one account share",
        required="buckets, clock, nonces, bans",
        measured=", ".join(name for name, holds in shared.items() if holds),
        holds=all(shared.values()),
    )


# --- bans


async def _through_bans(seconds: int, *, together: bool) -> tuple[int, int, int]:
    """Requests that arrived during an announced ban; those that a ban refused; and the bans.

    Clients that are not together know nothing of each other, as if they were two processes.
    """
    scene = Scene("binance")
    loop = asyncio.get_running_loop()
    ends, bans = loop.time() + seconds, 0
    pairs = (one, _), (two, _) = scene.client(), scene.client()

    async def poll(client: Client) -> None:
        await asyncio.sleep(0.25 if client is two else 0.0)
        while loop.time() < ends:
            with suppress(VenueError):
                await client.ticker(NAME)
            await asyncio.sleep(0.5)

    async with one, two:
        await one.instruments()
        if not together:
            forget_shared()
        pollers = [asyncio.create_task(poll(client)) for client in (one, two) for _ in range(_WORKERS // 2)]
        while loop.time() + _BAN_EVERY_S < ends:
            await asyncio.sleep(_BAN_EVERY_S)
            scene.ban(_BAN_S)
            bans += 1
        await asyncio.gather(*pollers)
    refused = sum(answer.status == 418 for _, tap in pairs for answer in tap.answers)
    return scene.network.ledger.verdict().requests_while_banned, refused, bans


# --- deadlines

_UNTIL: ContextVar[float] = ContextVar("figures_deadline", default=math.inf)


@frozen
class _Deadlines:
    calls: int
    attempts: int
    late: int
    """Attempts that began after the deadline of their call."""
    longest_s: float
    """By which a call outlasted its deadline at most."""
    ran_out: int
    """Calls that lasted until their deadline."""
    failed: int


class _Timed(Tap):
    """Notes the requests that left after their call's deadline, background work of the library left out."""

    late = 0

    def noted(self, sent: Sent) -> None:
        request = sent.request
        background = request.path.endswith("/time") or (_ORDERING.get() and request.method is not Method.POST)
        self.late += not background and sent.at > _UNTIL.get()


_ORDERING: ContextVar[bool] = ContextVar("figures_ordering", default=False)
"""The call places an order: what is asked about it afterwards, in the background, has time."""


async def _under_faults(calls: int) -> _Deadlines:
    scene = Scene("binance", FaultPlan(Profile.HARSH, seed=1))
    client, tap = scene.tapped(_Timed, orders=OrderSettings(settle_on_close=3600))
    loop, numbers, ends, failed = asyncio.get_running_loop(), iter(range(calls)), list[float](), 0

    async def one(number: int) -> None:
        nonlocal failed
        chance = Random(number)
        until = loop.time() + chance.choice((0.3, 1.0, 3.0, 8.0))
        _UNTIL.set(until)
        _ORDERING.set(number % 3 == 0)
        try:
            with within(until):
                await _nth(client, number, until)
        except VenueError:
            failed += 1
        ends.append(loop.time() - until)

    async def worker() -> None:
        for number in numbers:
            await asyncio.create_task(one(number))
            await asyncio.sleep(0.5)

    async with client:
        await _listed(client)
        await asyncio.gather(*(worker() for _ in range(_WORKERS)))
    return _Deadlines(calls, len(tap.sent), tap.late, max(ends), sum(end >= 0 for end in ends), failed)


async def _nth(client: Client, number: int, until: float) -> None:
    """A third orders, a third private reads, a third public ones."""
    match number % 3:
        case 0:
            seconds = until - asyncio.get_running_loop().time()
            await client.place_order(NAME, "buy", quantity="0.01", price="50000", deadline=seconds)
        case 1:
            await client.balances()
        case _:
            await client.ticker(NAME)


async def _listed(client: Client) -> None:
    """Have the instruments, through whatever faults."""
    while True:
        with suppress(VenueError):
            await client.instruments()
            return
        await asyncio.sleep(1)


async def _place(client: Client) -> Order:
    return await client.place_order(NAME, "buy", quantity="0.01", price="50000")


def _deadlines(seen: _Deadlines) -> Iterator[Figure]:
    yield none_of(
        "attempts started after the deadline, harsh faults",
        seen.late,
        f"{seen.attempts:,} attempts of {seen.calls:,} calls, {seen.failed:,} of which failed",
        also=seen.attempts > seen.calls / 3,
    )
    yield Figure(
        what="end of a call after its deadline, at worst",
        required="5 ms (virtual)",
        measured=f"{seen.longest_s * 1000:.3f} ms; {seen.ran_out:,} calls lasted until then",
        holds=seen.longest_s <= _LATE_S and seen.ran_out > 0,
    )


# --- cancels


@frozen
class _Shut:
    waits: tuple[float, ...]
    """Seconds from the call to the moment at which the cancel left."""
    read_waited: float
    """Seconds that a read took which was asked for right after the cancels."""
    reads_queued: int
    budget: int
    """Tokens that were left for retries, the reserve of cancels included."""
    orders_refused: bool
    """The breaker refused an order before the first cancel and after the last."""


async def _cancel_while_all_is_shut() -> _Shut:
    scene = Scene("binance")
    client, tap = scene.client(deadlines=Deadlines(call=120))
    loop, waits = asyncio.get_running_loop(), list[float]()

    async def read() -> None:
        while True:
            await client.balances()

    async with client:
        orders = [await _place(client) for _ in range(5)]  # each cancel that succeeds gives the budget a token
        readers = [asyncio.create_task(read()) for _ in range(100)]
        await asyncio.sleep(15)
        await _empty_the_budget(client, tap)
        await _open_the_breaker(client, tap)
        before, queued = await _refused(client), max(row.queued for row in client.limits())
        for order in orders:
            asked = loop.time()
            await client.cancel_order(order)
            waits.append(next(sent.at for sent in reversed(tap.sent) if sent.request.method is Method.DELETE) - asked)
        after, asked = await _refused(client), loop.time()
        left = client._access.shared.budget.tokens
        await client.balances()
        read_waited = loop.time() - asked
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
    return _Shut(tuple(waits), read_waited, queued, left, before and after)


async def _empty_the_budget(client: Client, tap: Tap) -> None:
    """Orders that are busy are retried as long as there is budget; a breaker sees a venue at work."""
    tap.fails = lambda request: _fails_orders(request, Kind.ORDER_BUSY, Outcome.REJECTED)
    while client._access.shared.budget.tokens >= _EMPTY:
        await asyncio.gather(*(_refused(client, 3.0) for _ in range(10)))
        await asyncio.sleep(1)


async def _open_the_breaker(client: Client, tap: Tap) -> None:
    tap.fails = lambda request: _fails_orders(request, Kind.CONNECT_FAILED, Outcome.NOT_SENT)
    for _ in range(200):
        if await _refused(client):
            return


def _fails_orders(request: HttpRequest, kind: Kind, outcome: Outcome) -> VenueError | None:
    if request.method is not Method.POST:
        return None
    return VenueError.of(Fault(kind=kind, outcome=outcome))


async def _refused(client: Client, deadline: float = 0.5) -> bool:
    """Whether the breaker refuses an order."""
    try:
        await client.place_order(NAME, "buy", quantity="0.01", price="50000", deadline=deadline)
    except VenueError as error:
        return error.kind is Kind.OVERLOADED and error.outcome is Outcome.NOT_SENT
    return False


def _cancels(seen: _Shut) -> Iterator[Figure]:
    yield Figure(
        what="cancel admitted: reads saturate, budget empty, breaker open",
        required="50 ms (virtual)",
        measured=f"{max(seen.waits) * 1000:.2f} ms at worst; {seen.reads_queued} reads queue",
        holds=max(seen.waits) <= 0.05 and seen.reads_queued > 0 and seen.budget < _EMPTY and seen.orders_refused,
    )
    yield Figure(
        what="control: a read in place of the cancel",
        required="more than 50 ms",
        measured=f"{seen.read_waited:.1f} s",
        holds=seen.read_waited > 0.05 + 0.03,  # the way there and back is no waiting
    )


# --- sharing


async def _shared() -> dict[str, bool]:
    """What each of two clients of one account knows of the other."""
    scene = Scene("binance")
    (one, first), (two, second) = (scene.client() for _ in range(2))
    async with one, two:
        await one.balances()
        await two.balances()
        found = {"buckets": one.limits() == two.limits(), "clock": first.count("/time") > 0 == second.count("/time")}
        scene.ban(_BAN_S)
        with suppress(ThrottleError):
            await one.balances()
        sent = len(second.sent)
        with suppress(ThrottleError):
            await two.balances()
        return {**found, "nonces": await _nonces_rise(), "bans": len(second.sent) == sent}


async def _nonces_rise() -> bool:
    scene = Scene("kraken")
    (one, first), (two, second) = (scene.client() for _ in range(2))
    async with one, two:
        await asyncio.gather(*(client.balances() for _ in range(5) for client in (one, two)))
    sent = sorted(first.sent + second.sent, key=lambda sent: sent.at)
    nonces = [int(found[1]) for item in sent if (found := re.search(rb"nonce\D+(\d+)", item.request.body))]
    return len(nonces) == 10 and all(earlier < later for earlier, later in pairwise(nonces))
