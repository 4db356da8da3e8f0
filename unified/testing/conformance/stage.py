"""A sandbox in memory, clients of it in virtual time, and what stories find out there. Knows no venue and no story."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from decimal import Decimal
from random import Random
from typing import Any, TypeVar, cast

from attrs import evolve, frozen

from unified.adapter import Adapter, AdapterClass, AdapterSettings
from unified.client import Client
from unified.errors import VenueError
from unified.http import HttpRequest, HttpResponse
from unified.instrument import Instrument, InstrumentStatus, Product, Rounding
from unified.operations import Operation
from unified.ports import Pool, Transport
from unified.sandbox.accounts import Account
from unified.sandbox.dialect import ClientAccount, Dialect, Setting
from unified.sandbox.network import SandboxDialer, SandboxNetwork
from unified.secret import Credentials
from unified.testing.conformance.rules import KEEPING, Finding, Rule
from unified.testing.conformance.watch import Watch as Seen
from unified.testing.loop import run
from unified.watches import Watch
from unified.world import World

T = TypeVar("T")

EPOCH_NS = 1_800_000_000_000_000_000


class _Wall:
    """A time of day that follows the loop."""

    def time_ns(self) -> int:
        return EPOCH_NS + int(asyncio.get_running_loop().time() * 1e9)


def world(seed: int = 1) -> World:
    """Chance from a seed, and the loop's clock for every other."""
    return World(chance=Random(seed), wall=_Wall(), boottime=lambda: asyncio.get_running_loop().time())


class Broken(Exception):
    """A story saw something that the contract does not allow."""


class Stage:
    """One venue in memory, one product of it, and a client."""

    def __init__(self, adapter: AdapterClass, dialect: type[Dialect], product: Product, watch: Seen) -> None:
        self.product = product
        self.venue = dialect(Setting(now=asyncio.get_running_loop().time))
        self.network = SandboxNetwork(self.venue)
        self.watch = watch
        self._adapter = adapter
        self._clients: list[Client] = []
        self._dialers: list[SandboxDialer] = []
        self.client = self.client_of(self.venue.accounts[0])
        self.adapter: Adapter = adapter(self._settings(self.venue.accounts[0]))
        """An instance like the one that the client uses."""
        self.judged = True
        """Whether the sandbox's verdict of limits and clock counts: not where a story broke them on purpose."""

    @property
    def account(self) -> Account:
        """What the venue itself knows of the account that the client uses."""
        return self.venue.engine.accounts[self.venue.accounts[0].name]

    def named(self, name: str) -> ClientAccount | None:
        """An account of the sandbox by its name; None where it has none such."""
        return next((account for account in self.venue.accounts if account.name == name), None)

    def client_of(
        self,
        account: ClientAccount,
        credentials: Credentials | None = None,
        way: Callable[[Transport], Transport] | None = None,
    ) -> Client:
        """A client of one account, with other credentials or another way to the venue where a story wants them."""
        transport: Transport = self.network.transport()
        client = Client(
            self.watch.of(self._adapter),
            transport=transport if way is None else way(transport),
            dialer=self._dialer(),
            world=world(len(self._clients) + 1),
            credentials=(credentials or account.credentials) if self._adapter.credential_fields else None,
            endpoint=self.network.urls,
            options=dict(account.options),
            environment=_environment(self._adapter),
        )
        self._clients.append(client)
        return client

    def _dialer(self) -> SandboxDialer:
        self._dialers.append(self.network.dialer())
        return self._dialers[-1]

    @property
    def stream_failures(self) -> list[BaseException]:
        """What the sandbox's own streams raised: it must not pass for a venue that fails."""
        return [failure for dialer in self._dialers for failure in dialer.failures]

    def _settings(self, account: ClientAccount) -> AdapterSettings:
        return AdapterSettings(
            environment=_environment(self._adapter),
            credentials=account.credentials if self._adapter.credential_fields else None,
            hosts=self.network.urls,
            options=account.options,
        )

    def has(self, *kinds: type[Operation[Any]]) -> bool:
        """Whether the adapter offers all of these for the product."""
        return all(self.client.supports(kind, self.product) for kind in kinds)

    def streams(self, *kinds: type[Watch[Any]]) -> bool:
        """Whether the adapter streams all of these for the product."""
        return all(self.client.watches(kind, self.product) for kind in kinds)

    async def aclose(self) -> None:
        for client in self._clients:
            await client.aclose()

    # --- instruments and sizes

    async def instrument(self) -> Instrument:
        """The adapter's reading of the first market of the product."""
        listing = await self.client.instruments(self.product)
        self.watch.listings[self.product] = listing
        native = self.natives[0]
        found = listing.listed(native.symbol, self.product)
        if found is None:
            trading = [item for item in listing if item.status is InstrumentStatus.TRADING]
            if not trading:
                raise Broken(f"instruments: none of {len(listing)} trades; the sandbox has {native.symbol}")
            return trading[0]
        return found

    @property
    def natives(self) -> tuple[Instrument, ...]:
        """The sandbox's own instruments of the product."""
        return tuple(item for item in self.venue.engine.instruments if item.product is self.product)

    async def native(self) -> Instrument:
        """The sandbox's own of the instrument that is played."""
        symbol = (await self.instrument()).symbol
        return next((item for item in self.natives if item.symbol == symbol), self.natives[0])

    async def price(self, times: str = "1") -> Decimal:
        """So many times the price at which the engine traded last, on the tick."""
        native = await self.native()
        last = self.venue.engine.ticker(native).last or Decimal(1)
        return (await self.instrument()).round_price(last * Decimal(times), Rounding.NEAREST)

    async def quantity(self, times: int = 4) -> Decimal:
        """So many times the least that may be ordered."""
        item, price = await self.instrument(), await self.price("0.9")
        least = max(item.min_quantity, item.lot_size, item.min_notional / price)
        return item.round_quantity(least * times, Rounding.UP)

    async def unaffordable(self, account: ClientAccount | None = None) -> Decimal:
        """A quantity that the account cannot pay, within the instrument's own bounds if there is one."""
        item, native = await self.instrument(), await self.native()
        holder = self.account if account is None else self.venue.engine.accounts[account.name]
        funds = max(holder.wallet(self.product).total.values(), default=Decimal(1))
        wanted = item.round_quantity(funds * 200 / (self.venue.engine.ticker(native).last or Decimal(1)), Rounding.UP)
        return wanted if item.max_quantity is None else min(wanted, item.round_quantity(item.max_quantity))

    async def jump(self, times: str) -> None:
        """Let the market move at once."""
        native, price = await self.native(), await self.price(times)
        self.venue.engine.advance(self.venue.clock.true_us())
        self.venue.engine.move_price(native, price)

    @property
    def open_orders(self) -> int:
        """Orders that are open at the venue, whatever the client believes."""
        self.venue.engine.advance(self.venue.clock.true_us())
        return len(self.account.open)


def _with_past(dialect: type[Dialect], minutes: int) -> type[Dialect]:
    """The dialect unchanged, over a market with a shorter past."""
    rules = evolve(dialect.rules, history_minutes=minutes)
    return cast(type[Dialect], type(dialect.__name__, (dialect,), {"rules": rules}))


def _environment(adapter: AdapterClass) -> str:
    return "production" if "production" in adapter.environments else next(iter(adapter.environments))


@frozen(kw_only=True)
class Story:
    """Something that is played on a stage of its own."""

    rule: Rule
    name: str
    needs: tuple[type[Operation[Any]], ...]
    """It is left out where the adapter lacks one of them."""
    play: Callable[[Stage], Awaitable[None]]
    watches: tuple[type[Watch[Any]], ...] = ()
    """It is left out where the adapter does not stream one of them."""
    product: Product | None = None
    """None: played for every product."""
    history_minutes: int = 5
    """How much past the market has: making it takes most of the time."""


def played(
    adapter: AdapterClass, dialect: type[Dialect], stories: Sequence[Story]
) -> tuple[Seen, Credentials | None, list[Finding]]:
    """Play every story for every product that the adapter and the sandbox have, on the sandbox of every reading.

    The answer holds what was seen, credentials that the sandbox knows, and what was wrong.
    """
    watch, findings, credentials = Seen(), list[Finding](), list[Credentials]()
    for reading, story, product in itertools.product(dialect.readings(), stories, adapter.products):
        if story.product in (None, product):
            findings += run(_played(adapter, reading, product, watch, story, credentials))
    return watch, credentials[0] if credentials else None, findings


async def _played(
    adapter: AdapterClass,
    dialect: type[Dialect],
    product: Product,
    watch: Seen,
    story: Story,
    credentials: list[Credentials],
) -> list[Finding]:
    where = f"{story.name}, {product}"
    try:
        stage = Stage(adapter, _with_past(dialect, story.history_minutes), product, watch)
    except Exception as error:
        return [Finding(story.rule, where, f"no client can be made for the sandbox: {type(error).__name__}: {error}")]
    credentials.append(stage.venue.accounts[0].credentials)
    if not stage.natives or not stage.has(*story.needs) or not stage.streams(*story.watches):
        await stage.aclose()
        return []
    ended = list(_told(story, where, await _ended(stage, story)))
    failures = [f"the sandbox's stream raised {type(error).__name__}: {error}" for error in stage.stream_failures]
    return [*ended, *(Finding(story.rule, where, failure) for failure in failures), *_kept(stage, where)]


async def _ended(stage: Stage, story: Story) -> BaseException | None:
    try:
        await story.play(stage)
    except Exception as error:
        return error
    finally:
        await stage.aclose()
    return None


def _told(story: Story, where: str, error: BaseException | None) -> Iterator[Finding]:
    match error:
        case None:
            return
        case Broken():
            yield Finding(story.rule, where, str(error))
        case VenueError():
            yield Finding(story.rule, where, f"was refused: {error}")
        case _:
            yield Finding(story.rule, where, f"raised {type(error).__name__}: {error}")


def _kept(stage: Stage, where: str) -> list[Finding]:
    """The sandbox's own verdict: limits broken, bans ignored, stamps that were wrong without excuse."""
    verdict = stage.network.ledger.verdict()
    if not stage.judged or verdict.is_clean:
        return []
    counted = {
        "orders placed twice": verdict.duplicate_orders,
        "limits broken: declare them as the venue counts them": verdict.limit_violations,
        "requests while banned": verdict.requests_while_banned,
        "stamps refused": verdict.clock_rejections,
    }
    return [Finding(KEEPING, where, f"{count} {about}") for about, count in counted.items() if count]


# --- ways to the venue on which something happens


class Losing:
    """A way on which the answer to the first matching request is lost after the venue has carried it out."""

    def __init__(self, inner: Transport, matches: Callable[[HttpRequest], bool], error: VenueError) -> None:
        self._inner = inner
        self._matches = matches
        self._error = error
        self.lost = 0

    async def send(self, request: HttpRequest, *, timeout: float, pool: Pool) -> HttpResponse:
        response = await self._inner.send(request, timeout=timeout, pool=pool)
        if not self.lost and self._matches(request):
            self.lost += 1
            raise self._error
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class Swallowing(Losing):
    """The same, but the request itself is lost: the venue never sees it, and nobody can know."""

    async def send(self, request: HttpRequest, *, timeout: float, pool: Pool) -> HttpResponse:
        if not self.lost and self._matches(request):
            self.lost += 1
            raise self._error
        return await self._inner.send(request, timeout=timeout, pool=pool)


# --- small words for stories


def require(holds: bool, told: str) -> None:
    """Raise Broken with these words unless it holds."""
    if not holds:
        raise Broken(told)


async def refusal(call: Awaitable[object], about: str) -> VenueError:
    """What the call is refused with. Raises Broken where it is not refused."""
    try:
        await call
    except VenueError as error:
        return error
    raise Broken(f"{about} was not refused")


async def first(rows: AsyncIterator[T], most: int = 100) -> list[T]:
    """The first rows of what comes in pages."""
    found: list[T] = []
    async for row in rows:
        found.append(row)
        if len(found) == most:
            break
    return found
