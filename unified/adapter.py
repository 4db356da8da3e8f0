"""What an adapter is: a venue, spoken without I/O.

Holds the contract's values and protocols only; nothing here knows a venue, waits or sends. An adapter
is a set of tables (how each operation is said, what the venue allows, how it tells time, what it promises
about order ids) and pure functions in them. It never imports asyncio, aiohttp, time, random or another
adapter. Read `adapters/unified_paper` for the smallest complete one.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from enum import StrEnum
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from attrs import evolve, field

from unified.account import VenueTime
from unified.catalogue import Misreading
from unified.errors import ConfigurationError, Fault, Kind, Outcome, Scope, VenueError
from unified.http import HttpRequest, HttpResponse
from unified.instrument import Product
from unified.operations import Operation, PlaceOrder, Priority
from unified.secret import Credentials
from unified.values import frozen

O_contra = TypeVar("O_contra", bound=Operation[Any], contravariant=True)
T = TypeVar("T")

# --- time


@frozen(kw_only=True)
class Stamp:
    """What the world gives to one attempt: the same stamp makes the same bytes."""

    time_ms: int
    """Lower bound of the venue's clock: never ahead of it."""
    window_ms: int
    """How long after `time_ms` the venue may still accept the request (recvWindow, expTime, deadline)."""
    nonce: int
    """Strictly increasing per key, also across restarts; 0 where nothing is signed."""
    token: str
    """32 random hex digits, for venues that want a one-time word; empty where nothing is signed."""

    @property
    def expires_ms(self) -> int:
        """Venue time after which the request must not be accepted: the fence of this attempt."""
        return self.time_ms + self.window_ms


@frozen(kw_only=True)
class ClockRule:
    """How a venue's door treats the time in a request. One clock per door."""

    window_ms: int | None = None
    """How old a stamp may be on arrival unless the request says otherwise; None: time is not checked."""
    max_window_ms: int = 60_000
    """The largest window that a request may ask for."""
    source: str = ""


# --- limits


@frozen(kw_only=True)
class FixedWindow:
    """So much per calendar interval of the venue's clock: a minute begins at :00."""

    limit: int
    period: float
    """Seconds; windows begin at multiples of it since the epoch."""


@frozen(kw_only=True)
class RollingWindow:
    """So much in any stretch of `period` seconds. Also the safe reading of a window of unknown form."""

    limit: int
    period: float


@frozen(kw_only=True)
class TokenBucket:
    """`rate` a second on the long run, `burst` at once."""

    rate: float
    burst: int


@frozen(kw_only=True)
class DecayingCounter:
    """A counter that each call raises and that falls by `decay` a second; it must stay within `limit`."""

    limit: float
    decay: float


@frozen(kw_only=True)
class Concurrency:
    """At most so many under way at once: answered before the next goes out."""

    limit: int


LimitRule = FixedWindow | RollingWindow | TokenBucket | DecayingCounter | Concurrency


@frozen(kw_only=True)
class Limit:
    """One limit of the venue. Who keeps it is not the adapter's business."""

    bucket: str
    """Named by charges and usage; unique within the adapter, apart from several windows of one count."""
    scope: Scope
    """Whose requests are counted together: ip, key or account."""
    rule: LimitRule
    door: str = ""
    """The host whose clock its windows follow and whose requests it counts; empty for all."""
    most_urgent: Priority = Priority.CANCEL
    """The most urgent kind of request that it counts; the last part of the bucket is kept for those."""
    about: str = ""


@frozen
class Charge:
    """What one request costs in one bucket."""

    bucket: str
    cost: float = 1
    key: str = ""
    """Where the venue counts per something (instrument, endpoint): which one."""


class Usage(NamedTuple):
    """What an answer says about a bucket. Only what it says is filled in."""

    bucket: str
    key: str = ""
    used: float | None = None
    remaining: float | None = None
    limit: int | None = None
    reset_after: float | None = None
    """Seconds until the bucket is empty or its window ends."""
    period: float | None = None
    """Which window is meant, in seconds, where the bucket has several; may stay None where it has one."""


class Observation(NamedTuple):
    """What an answer tells beside its content."""

    time: VenueTime | None = None
    usage: tuple[Usage, ...] = ()
    limits: tuple[Limit, ...] = ()
    """Limits that the venue publishes in this answer; they replace those of the same bucket and rule type."""


# --- endpoints


@frozen(kw_only=True)
class Endpoint(Generic[O_contra, T]):
    """How one venue performs one operation with one request."""

    build: Callable[[O_contra, Stamp], HttpRequest]
    """Say what to send. Pure. Raises VenueError (not_sent) for what the venue cannot express."""
    parse: Callable[[O_contra, HttpResponse], T]
    """Say what came back, or raise VenueError."""
    charges: Callable[[O_contra, int], tuple[Charge, ...]]
    """What it costs, given the operation and the venue's time in ms (some venues charge by age)."""
    door: str
    """Key of the environment's hosts and of `clocks`."""
    signed: bool
    """Needs credentials."""
    example: str = ""
    """Method and path, for people and reports."""


Steps = Generator[Operation[Any], Any, T]
"""Yields operations, is sent their answers (or thrown their VenueError), returns the answer of the whole."""


@frozen(kw_only=True)
class Procedure(Generic[O_contra, T]):
    """How one venue performs an operation that takes several of its requests.

    `steps` is a generator of operations: the scheduler performs each (limits, clock and retries included,
    all under the caller's deadline) and sends its answer back. Operations of the venue's own are welcome:
    they stand in the same table.
    """

    steps: Callable[[O_contra], Steps[T]]
    signed: bool
    example: str = ""


How = Endpoint[Any, Any] | Procedure[Any, Any]
Endpoints = Mapping[tuple[type[Operation[Any]], Product], How]
"""Operation and product -> how. Its keys are the capabilities; there is no second list."""


@frozen
class FixedPrice:
    """The `charges` of an endpoint whose price never changes: who knows that need not ask before every request."""

    charges: tuple[Charge, ...]

    def __call__(self, _operation: Operation[Any], _time_ms: int) -> tuple[Charge, ...]:
        return self.charges


def costs(*charges: Charge) -> FixedPrice:
    """The price of an endpoint that never changes."""
    return FixedPrice(charges)


# --- orders


class Dedup(StrEnum):
    """What the venue does when a client order id comes a second time."""

    EVER = "ever"
    """Never makes a second order, however long ago the first was."""
    WHILE_OPEN = "while_open"
    """Refuses it only while the first order is open: a first that filled at once frees the id."""
    NONE = "none"


@frozen(kw_only=True)
class Expiry:
    """How a request carries its own last moment. The stamp's `expires_ms` is what the adapter sends."""

    parameter: str
    """The venue's word for it, for people."""
    min_ms: int
    max_ms: int
    default_ms: int
    late: float = 0.0
    """Seconds after that moment in which a copy may still take effect: where the venue looks at the time on arrival
    only, and not again before its engine."""

    def fence_ms(self, stamp: Stamp) -> int:
        """Venue time after which no copy with this stamp can take effect any more."""
        return stamp.expires_ms + round(self.late * 1000)


@frozen(kw_only=True)
class PlacementRule:
    """What a venue promises about orders of one product; the ground of exactly-once placement."""

    dedup: Dedup
    expiry: Expiry | None
    """None: a late copy of a request can be accepted at any time."""
    visibility: float
    """Seconds that an accepted order may be missing from answers."""
    moves_price: bool = False
    """Whether the venue may move a limit price to the edge of its band, so that an order of ours has another one."""
    queryable: bool = True
    """Whether an order can be found by client order id, by one request or by a procedure."""
    source: str
    """Where this stands, with its date."""
    stops: PlacementRule | None = None
    """What holds for stops, where the venue keeps them behind a door that promises something else."""

    def of(self, order: PlaceOrder) -> PlacementRule:
        """The rule that holds for this order."""
        return self.stops if self.stops is not None and order.order_type.is_stop else self


@frozen(kw_only=True)
class ClientIdRule:
    """What a client order id may look like."""

    pattern: str
    """Regular expression of a whole id."""
    max_length: int
    uuid: bool = False
    """Ids must be UUIDs in the 8-4-4-4-12 form."""


# --- the adapter


@frozen(kw_only=True)
class StreamHost:
    """Where a kind of stream connection goes."""

    base: str
    """Scheme (wss, or ws to this machine) and host, without the path."""
    door: str
    """The door whose clock its stamps follow, and whose override moves it too: who points REST at a sandbox must not
    stream from production."""


@frozen(kw_only=True)
class Environment:
    """A set of hosts: production, testnet, demo."""

    name: str
    hosts: Mapping[str, str]
    """Door -> base address, scheme included."""
    streams: Mapping[str, StreamHost] = field(factory=dict)
    """Name of a line (`feeds.Line`) -> where it goes."""
    real_money: bool
    about: str = ""


@frozen(kw_only=True)
class Option:
    """A setting of one adapter, shown by `unified venues` and checked when a client is made."""

    name: str
    default: str
    allowed: tuple[str, ...] = ()
    """Empty: any text."""
    about: str = ""


@frozen(kw_only=True)
class AdapterSettings:
    """What a client gives to an adapter when it makes one."""

    environment: str = "production"
    credentials: Credentials | None = None
    hosts: Mapping[str, str] = field(factory=dict)
    """Door -> base address; stands in for the environment's."""
    options: Mapping[str, str] = field(factory=dict)


class Adapter(Protocol):
    """One venue, spoken without I/O. Made with `AdapterClass(settings)`; raises ConfigurationError."""

    @property
    def venue(self) -> str:
        """Its name in configuration, errors and metrics: lower case, letters and digits."""
        ...

    @property
    def environment(self) -> Environment:
        """The hosts it was made for, overrides applied."""
        ...

    @property
    def endpoints(self) -> Endpoints: ...

    @property
    def limits(self) -> tuple[Limit, ...]: ...

    @property
    def clocks(self) -> Mapping[str, ClockRule]:
        """Door -> how its clock is treated. A door whose rule has a window needs `FetchServerTime`."""
        ...

    @property
    def placement(self) -> Mapping[Product, PlacementRule]: ...

    @property
    def client_ids(self) -> ClientIdRule: ...

    @property
    def account(self) -> str:
        """A short fingerprint of the credentials, telling accounts apart; empty without credentials."""
        ...

    def observe(self, operation: Operation[Any], response: HttpResponse) -> Observation:
        """What the answer tells about time and limits, refused ones included. Never raises."""
        ...

    def fault(self, code: str, *, message: str = "", http_status: int | None = None, surface: str = "") -> Fault:
        """What a code of this venue means; kind `unknown` where the catalogue does not hold it."""
        ...

    def faults(self, response: HttpResponse, *, operation: str = "", surface: str = "") -> tuple[Fault, ...]:
        """Every fault that an answer holds, batch items included; empty for a success."""
        ...


class AdapterClass(Protocol):
    """What an entry point of the group `unified.adapters` names."""

    venue: str
    title: str
    """The venue's name for people."""
    environments: Mapping[str, Environment]
    options: tuple[Option, ...]
    credential_fields: tuple[str, ...]
    """Fields of `Credentials` that signed calls need: `key`, `secret`, `passphrase`."""
    products: tuple[Product, ...]
    misreadings: tuple[Misreading, ...]
    """Wrong readings of its codes that circulate, each with the right one."""

    def __call__(self, settings: AdapterSettings) -> Adapter: ...


# --- what every adapter does alike


def environment_of(adapter: AdapterClass, settings: AdapterSettings) -> Environment:
    """The environment that the settings ask for, host overrides applied. Raises ConfigurationError."""
    try:
        environment = adapter.environments[settings.environment]
    except KeyError:
        allowed = ", ".join(adapter.environments)
        raise ConfigurationError(
            f"environment: {adapter.venue} has no {settings.environment!r}; allowed: {allowed}"
        ) from None
    unknown = set(settings.hosts) - set(environment.hosts) - set(environment.streams)
    if unknown:
        allowed = ", ".join(dict.fromkeys((*environment.hosts, *environment.streams)))
        raise ConfigurationError(f"endpoint: {adapter.venue} has no door {min(unknown)!r}; its doors are: {allowed}")
    moved = {door: settings.hosts.get(door, base) for door, base in environment.hosts.items()}
    streams = {name: _moved(name, host, settings.hosts) for name, host in environment.streams.items()}
    return evolve(environment, hosts=moved, streams=streams)


def _moved(name: str, host: StreamHost, overrides: Mapping[str, str]) -> StreamHost:
    """Where a stream goes: its own override's address, else that of its door, in the scheme of streams."""
    base = overrides.get(name) or overrides.get(host.door) or host.base
    return evolve(host, base=base.replace("http", "ws", 1) if base.startswith("http") else base)


def options_of(adapter: AdapterClass, settings: AdapterSettings) -> Mapping[str, str]:
    """The adapter's options with their defaults filled in. Raises ConfigurationError."""
    known = {option.name: option for option in adapter.options}
    for name, value in settings.options.items():
        if name not in known:
            allowed = ", ".join(known) or "none"
            raise ConfigurationError(f"options.{name}: {adapter.venue} has no such option; allowed: {allowed}")
        if known[name].allowed and value not in known[name].allowed:
            raise ConfigurationError(f"options.{name}: {value!r} is not one of {', '.join(known[name].allowed)}")
    return {name: settings.options.get(name, option.default) for name, option in known.items()}


def credentials_of(adapter: AdapterClass, settings: AdapterSettings) -> Credentials | None:
    """The credentials, complete as the venue needs them, or None. Raises ConfigurationError."""
    credentials = settings.credentials
    if credentials is None:
        return None
    missing = [name for name in adapter.credential_fields if not getattr(credentials, name)]
    if missing:
        raise ConfigurationError(
            f"credentials.{missing[0]}: {adapter.title} keys need {', '.join(adapter.credential_fields)}"
        )
    return credentials


def unsupported(venue: str, operation: Operation[Any], why: str) -> VenueError:
    """The venue cannot do this, or not so: said before anything leaves."""
    fault = Fault(kind=Kind.NOT_SUPPORTED, outcome=Outcome.NOT_SENT, message=why)
    return VenueError.of(fault, venue=venue, operation=operation.name)


def refuse_if(venue: str, operation: Operation[Any], *cases: tuple[bool, str]) -> None:
    """Raise `unsupported` for the first of the (wrong, why) that is wrong."""
    for wrong, why in cases:
        if wrong:
            raise unsupported(venue, operation, why)


def unsupported_watch(venue: str, watch: str, product: str) -> VenueError:
    """The venue does not stream this: said before anything leaves."""
    fault = Fault(
        kind=Kind.NOT_SUPPORTED, outcome=Outcome.NOT_SENT, message=f"{venue} streams no {watch} for {product}"
    )
    return VenueError.of(fault, venue=venue, operation=watch)
