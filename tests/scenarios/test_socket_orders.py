"""Orders over sockets, in virtual time, on every venue that takes them so: no fault makes a second order or hides one.

The simulation with its faults and crashes is the proof; the stories before it show each turn by itself.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.streaming import Stage, client_on, stage
from tests.toy import virtual
from unified import asking
from unified.adapter import AdapterSettings
from unified.client import Client
from unified.entry import entry_of
from unified.errors import Fault, Kind, Outcome, VenueError
from unified.hooks import AttemptEvent, StreamChange
from unified.instrument import Product
from unified.journal import FileJournal
from unified.operations import PlaceOrder
from unified.order import Order, OrderStatus
from unified.registry import adapter_class, installed
from unified.sandbox.dialect import Dialect, Outgoing, Setting
from unified.sandbox.faults import Profile
from unified.sandbox.network import SandboxDialer, SandboxSocket
from unified.sandbox.registry import sandbox_class
from unified.sandbox.server import SandboxServer
from unified.sandbox.stream_faults import StreamMishap
from unified.sandbox.streams import Opening, Talk
from unified.settings import OrderSettings
from unified.sharing import forget_shared
from unified.signing import KeySigner
from unified.simulation.run import Finding, Plan, simulate

VENUES = tuple(name for name in installed() if entry_of(adapter_class(name)(AdapterSettings())).lines)
NAMES = {"kraken": "BTC/USD"}
FRESH = int(os.environ.get("UNIFIED_SEED", time.time_ns() // 1_000_000 % 1_000_000_000))
"""A new seed for each run; a failure names it, and the variable repeats it."""
ORDERS = 200

at_each_venue = pytest.mark.parametrize("venue", VENUES)


class Desk:
    """A trader on a stage whose connection for orders is open."""

    def __init__(self, venue: str, scene: Stage, account: int = 0) -> None:
        self.scene, self.client = scene, scene.client
        self.account = scene.dialect.accounts[account].name
        self.name = NAMES.get(venue, "BTC/USDT")
        self.attempts: list[AttemptEvent] = []
        self.client.hooks.on_attempt.add(self._note)

    def _note(self, event: AttemptEvent) -> None:
        if event.attempt.operation == PlaceOrder.name:
            self.attempts.append(event)

    async def place(self) -> Order:
        return await self.client.place_order(self.name, "buy", quantity="0.01", price="30000")

    @property
    def outcomes(self) -> list[Outcome]:
        return [event.attempt.outcome for event in self.attempts]

    def made(self, order: Order) -> int:
        """How many orders of its id there are at the venue."""
        orders = self.scene.dialect.engine.accounts[self.account].orders
        return sum(made.client_order_id == order.client_order_id for made in orders)


@at_each_venue
@pytest.mark.parametrize("product", [Product.SPOT, Product.LINEAR], ids=str)
def test_orders_are_placed_amended_and_canceled_over_the_socket_alone(venue: str, product: Product) -> None:
    async def story() -> None:
        async with stage(venue, entry="socket") as scene:
            if product not in scene.client.products:
                return
            desk = Desk(venue, scene)
            name = f"{desk.name}:USDT" if product is Product.LINEAR else desk.name
            order = await desk.client.place_order(name, "buy", quantity="0.02", price="50000", confirm=True)
            assert order.status is OrderStatus.NEW
            amended = await desk.client.amend_order(order, quantity="0.01")
            assert amended.quantity == Decimal("0.01")
            canceled = await desk.client.cancel_order(amended, confirm=True)
            assert canceled.status is OrderStatus.CANCELED
            assert [event.base.partition(":")[0] for event in desk.attempts] == ["wss"]
            assert scene.counts[StreamChange.CONNECTED] == 1

    virtual(story)


LOSSES = {
    "the answer is dropped": StreamMishap.DROPPED,
    "the connection dies after the order was made": StreamMishap.DISCONNECTED,
    "the answer is cut": StreamMishap.CUT,
    "nothing comes ever again": StreamMishap.HALF_OPEN,
}


@at_each_venue
@pytest.mark.parametrize("mishap", LOSSES.values(), ids=LOSSES.keys())
def test_an_answer_that_is_lost_is_unknown_and_settled_to_one_order(venue: str, mishap: StreamMishap) -> None:
    async def story() -> None:
        async with stage(venue, entry="socket") as scene:
            desk = Desk(venue, scene)
            await desk.place()
            scene.strike(mishap)
            order = await desk.place()
            assert desk.outcomes[1] is Outcome.UNKNOWN
            assert desk.made(order) == 1
            assert order.venue_order_id
            after = await desk.place()
            assert desk.made(after) == 1

    virtual(story)


@pytest.mark.parametrize("venue", ["bybit", "kraken", "okx"])
@pytest.mark.parametrize("mishap", LOSSES.values(), ids=LOSSES.keys())
def test_a_batch_whose_answer_is_lost_is_settled_order_by_order(venue: str, mishap: StreamMishap) -> None:
    async def story() -> None:
        async with stage(venue, entry="socket") as scene:
            desk = Desk(venue, scene)
            bases: list[str] = []
            desk.client.hooks.on_attempt.add(lambda event: bases.append(f"{event.attempt.operation} {event.base[:3]}"))
            for lost in (False, True):
                if lost:
                    scene.strike(mishap)
                orders = [await desk.client.order(desk.name, "buy", quantity="0.01", price="30000") for _ in range(3)]
                placed = await desk.client.place_batch(orders)
                assert all(isinstance(item, Order) and item.venue_order_id for item in placed)
                assert [desk.made(item) for item in placed if isinstance(item, Order)] == [1, 1, 1]
            assert bases.count("place_batch wss") == 2
            assert scene.dialect.keeper.violations == 0

    virtual(story)


@at_each_venue
@pytest.mark.parametrize("mishap", [StreamMishap.DOUBLED, StreamMishap.LATE], ids=str)
def test_doubled_and_late_answers_change_nothing(venue: str, mishap: StreamMishap) -> None:
    async def story() -> None:
        async with stage(venue, entry="socket") as scene:
            desk = Desk(venue, scene)
            await desk.place()
            scene.strike(mishap)
            orders = [await desk.place() for _ in range(3)]
            assert desk.outcomes == [Outcome.DONE] * 4
            assert [desk.made(order) for order in orders] == [1, 1, 1]

    virtual(story)


@at_each_venue
def test_what_did_not_leave_is_not_sent_and_tried_again(venue: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real, failures = SandboxDialer.connect, [1]

    async def connect(self: SandboxDialer, address: str, *, timeout: float) -> SandboxSocket:
        if failures:
            failures.pop()
            raise VenueError.of(Fault(kind=Kind.CONNECT_FAILED, outcome=Outcome.NOT_SENT, message="nobody there"))
        return await real(self, address, timeout=timeout)

    monkeypatch.setattr(SandboxDialer, "connect", connect)

    async def story() -> None:
        async with stage(venue, entry="socket") as scene:
            desk = Desk(venue, scene)
            order = await desk.place()
            assert desk.outcomes == [Outcome.NOT_SENT, Outcome.DONE]
            assert desk.made(order) == 1

    virtual(story)


@at_each_venue
def test_a_caller_who_goes_leaves_the_order_in_doubt_until_it_is_settled(venue: str) -> None:
    async def story() -> None:
        async with stage(venue, entry="socket") as scene:
            desk = Desk(venue, scene)
            settled: list[tuple[str, Outcome]] = []
            desk.client.hooks.on_settled.add(lambda event: settled.append((event.client_order_id, event.outcome)))
            await desk.place()
            scene.strike(StreamMishap.DROPPED)
            going = asyncio.create_task(desk.place())
            await asyncio.sleep(0.5)
            going.cancel()
            await asyncio.gather(going, return_exceptions=True)
            await desk.client.settle(60)
            assert not desk.client.pending()
            ((id_, outcome),) = settled
            made = scene.dialect.engine.accounts[scene.dialect.accounts[0].name].orders
            assert [order.client_order_id for order in made].count(id_) == 1
            assert outcome is Outcome.DONE

    virtual(story)


@at_each_venue
def test_a_burst_of_orders_breaks_no_limit_and_reads_go_on_over_rest(venue: str) -> None:
    async def story() -> None:
        async with stage(venue, entry="socket") as scene:
            desk = Desk(venue, scene)
            results = await asyncio.gather(*(desk.place() for _ in range(80)), return_exceptions=True)
            placed = [result for result in results if isinstance(result, Order)]
            refused = [result for result in results if isinstance(result, VenueError)]
            assert len(placed) + len(refused) == 80
            assert len(placed) > 10
            assert {error.outcome for error in refused} <= {Outcome.NOT_SENT}
            assert all(desk.made(order) == 1 for order in placed)
            assert scene.dialect.keeper.violations == 0

    virtual(story)


@at_each_venue
def test_a_program_that_ends_with_an_order_in_doubt_leaves_it_to_the_next(venue: str, tmp_path: Path) -> None:
    async def life(scene: Stage, settled: list[str]) -> Client:
        journal = FileJournal(tmp_path / "orders", venue, "somebody", durable=False)
        client = client_on(
            scene.network,
            scene.network.dialer(),
            orders=OrderSettings(entry="socket", settle_on_close=0.0),
            journal=journal,
        )
        client.hooks.on_settled.add(lambda event: settled.append(event.client_order_id))
        return client

    async def story() -> None:
        async with stage(venue) as scene:
            settled: list[str] = []
            name = NAMES.get(venue, "BTC/USDT")
            async with await life(scene, settled) as first:
                await first.place_order(name, "buy", quantity="0.01", price="30000")
                scene.strike(StreamMishap.DROPPED)
                going = asyncio.create_task(first.place_order(name, "buy", quantity="0.01", price="30000"))
                await asyncio.sleep(0.5)
                going.cancel()
            assert settled == [], "it ended before it knew"
            async with await life(scene, settled) as second:
                await second.settle(60)
                assert not second.pending()
            (id_,) = settled
            made = scene.dialect.engine.accounts[scene.dialect.accounts[0].name].orders
            assert [order.client_order_id for order in made].count(id_) == 1

    virtual(story)


@at_each_venue
async def test_the_same_over_real_sockets(venue: str) -> None:
    forget_shared()
    dialect = sandbox_class(venue)(Setting(now=asyncio.get_running_loop().time))
    async with SandboxServer(dialect) as server:
        client = Client(
            venue,
            endpoint=dict(server.urls),
            credentials=dialect.accounts[0].credentials,
            orders=OrderSettings(entry="socket"),
        )
        ways: list[str] = []
        client.hooks.on_attempt.add(lambda event: ways.append(f"{event.attempt.operation} {event.base[:2]}"))
        async with client:
            order = await client.place_order(NAMES.get(venue, "BTC/USDT"), "buy", quantity="0.01", price="30000")
            canceled = await client.cancel_order(order, confirm=True)
    assert canceled.status is OrderStatus.CANCELED
    assert {"place_order ws", "cancel_order ws"} <= set(ways)


# --- a key that logs in, where others sign each request

ED25519 = 1
"""Which account of the simulated Binance has such a key."""


def test_a_key_that_logs_in_signs_once_for_each_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    sign, signed = KeySigner.sign, list[bytes]()

    def noted(self: KeySigner, message: bytes) -> bytes:
        signed.append(message)
        return sign(self, message)

    monkeypatch.setattr(KeySigner, "sign", noted)

    async def story() -> None:
        async with stage("binance", account=ED25519, entry="socket") as scene:
            desk = Desk("binance", scene, ED25519)
            orders = [await desk.place() for _ in range(5)]
            assert [desk.made(order) for order in orders] == [1] * 5
            assert len(signed) == 1, "the login"
            scene.strike(StreamMishap.DISCONNECTED)
            lost = await desk.place()
            after = await desk.place()
            assert desk.outcomes[5:] == [Outcome.UNKNOWN, Outcome.DONE]
            assert [desk.made(lost), desk.made(after)] == [1, 1]
            logins = [message for message in signed if message.count(b"=") == 2]
            assert len(logins) == 2, "one for each connection"
            assert scene.dialect.keeper.violations == 0

    virtual(story)


@pytest.mark.parametrize(("venue", "account"), [("binance", ED25519), ("okx", 0), ("bybit", 0)])
def test_a_login_that_is_refused_leaves_nothing_sent_and_is_tried_again(
    venue: str, account: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, refusals = sandbox_class(venue), [0, 1]
    talk = kind.talk

    def reluctant(self: Dialect, opening: Opening) -> Talk | Outgoing:
        led = talk(self, opening)
        assert isinstance(led, Talk)
        led.refuse_logins = refusals.pop()
        return led

    monkeypatch.setattr(kind, "talk", reluctant)

    async def story() -> None:
        async with stage(venue, account=account, entry="socket") as scene:
            desk = Desk(venue, scene, account)
            order = await desk.place()
            assert desk.outcomes == [Outcome.NOT_SENT, Outcome.DONE]
            assert desk.made(order) == 1
            assert scene.counts == {StreamChange.LOST: 1, StreamChange.CONNECTED: 1}

    virtual(story)


# --- the proof


def finding(venue: str, faults: Profile, *, crashes: bool) -> Finding:
    return simulate(venue, Plan(orders=ORDERS, seed=FRESH, faults=faults, crashes=crashes, entry="socket"))


@pytest.fixture
def _quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Programs that die with orders in doubt say so in the log; here that is the point."""
    with caplog.at_level(1000, logger="unified"):
        yield


@at_each_venue
@pytest.mark.usefixtures("_quiet")
@pytest.mark.parametrize("faults", list(Profile), ids=lambda faults: f"{faults} faults")
def test_every_order_happens_at_most_once_and_every_outcome_is_true(venue: str, faults: Profile) -> None:
    found = finding(venue, faults, crashes=True)
    events = "\n".join(map(str, found.trace))
    assert found.is_clean, f"{venue}, UNIFIED_SEED={FRESH}: {dict(found.counts)}\n{events}"
    assert found.judgement.orders
    assert not found.judgement.undecided


@at_each_venue
@pytest.mark.usefixtures("_quiet")
def test_a_client_that_takes_a_dead_connection_for_a_frame_that_never_left_is_caught(
    venue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_gone", lambda why: asking.not_sent("it cannot have arrived"))
    found = [
        simulate(venue, Plan(orders=ORDERS, seed=seed, faults=Profile.HARSH, crashes=False, entry="socket"))
        for seed in range(1, 4)
    ]
    broken = {name for one in found for name, count in one.counts.items() if count}
    assert broken & {"duplicates", "false_rejected"}
