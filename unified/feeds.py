"""What an adapter says about its streams: kinds of connections, what each brings, and how frames are read.

Holds the contract's values and protocols only: nothing here opens a socket, waits or tells the time (`stream.py`
does), and nothing keeps a book (`book.py` does). An adapter has a table `streams`; its keys are what can be watched,
and an adapter without one stays valid.

    streams = {(WatchBook, SPOT): Feed(line=public, book=BookRule(...)), (WatchTicker, SPOT): Feed(line=public), ...}

A `StreamDialect` is one connection, spoken without I/O: frames in, events and frames out. It is made anew for every
connection, so that whatever it remembers (request ids, sequences, half-told values) ends with the connection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import Enum, auto
from typing import Any, NamedTuple, Protocol

from unified.adapter import Adapter, Charge, Stamp
from unified.errors import Fault
from unified.instrument import Product
from unified.market_data import RawLevel
from unified.operations import FetchBook, Operation
from unified.order import Fill, Order
from unified.values import frozen
from unified.watches import Watch, WatchBook
from unified.wire import malformed

# --- what a frame can say. Tuples, because there are many of them a second.


class Snapshot(NamedTuple):
    """The whole book of an instrument; replaces what was known."""

    watch: WatchBook
    bids: Sequence[RawLevel]
    asks: Sequence[RawLevel]
    """In any order."""
    sequence: int | None = None
    time: Any = None
    """As sent; `BookRule.moment` reads it if anybody looks."""
    checksum: int | None = None
    reach: int | None = None
    """How many levels a side were asked for; a side that has as many goes on beyond them, unseen. None: it is whole."""


class Delta(NamedTuple):
    """Levels that changed, in the venue's order; a quantity of zero takes the level out."""

    watch: WatchBook
    bids: Sequence[RawLevel]
    asks: Sequence[RawLevel]
    sequence: int | None = None
    """Where the book stands after it."""
    first: int | None = None
    """The first sequence that it covers, where it covers several."""
    previous: int | None = None
    """The sequence of the delta before it, where the venue tells."""
    time: Any = None
    checksum: int | None = None
    """Of the book after it."""


class News(NamedTuple):
    """Something public that is not a book: read only when somebody takes it."""

    watch: Watch[Any]
    raw: Any
    read: Callable[[Any, Any], Any]
    """`read(watch, raw)` is the value; may raise `malformed_response`, or what `UNREADABLE` names: see `value_of`."""
    key: str = ""
    """Of what must not come twice: the id of a trade."""


class Own(NamedTuple):
    """Something about the account."""

    watch: Watch[Any]
    value: Order | Fill | Any
    """Fields that the frame did not carry are None: what is known of an order is merged by its venue id."""


class Unclear(NamedTuple):
    """Something about the account changed that the frame does not tell: it has to be asked for over REST."""

    watch: Watch[Any]


class Gap(NamedTuple):
    """Frames are missing: whatever these watches have built from frames is void."""

    watches: tuple[Watch[Any], ...] | None
    """None for all of this connection, which is then made anew."""
    reason: str


class Accepted(NamedTuple):
    """The venue confirmed a subscription. A watch is accepted or refused once for each time it was asked."""

    watch: Watch[Any]


class Refused(NamedTuple):
    """The venue refused a subscription; or, without a watch, a request that nobody can match to one."""

    watch: Watch[Any] | None
    fault: Fault


class LoggedIn(NamedTuple):
    """The login of this connection was accepted."""


class LoginRefused(NamedTuple):
    """The login was refused."""

    fault: Fault


class Ending(NamedTuple):
    """The venue will close this connection, or has announced a restart: go over to a new one now."""

    reason: str


class Reply(NamedTuple):
    """A frame that has to be sent back at once."""

    frame: str


Event = Snapshot | Delta | News | Own | Unclear | Gap | Accepted | Refused | LoggedIn | LoginRefused | Ending | Reply

UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What reading a frame of unexpected shape may raise beside VenueError: taken for `malformed_response`."""


def value_of(news: News) -> Any:
    """What the news says. Raises `malformed_response`, whatever its reader stumbled over."""
    try:
        return news.read(news.watch, news.raw)
    except UNREADABLE as error:
        raise malformed(f"{news.watch.name} could not be read ({type(error).__name__})") from None


# --- how books are joined


class Step(Enum):
    """What a delta is to a book."""

    APPLY = auto()
    SKIP = auto()
    """Already in it."""
    GAP = auto()
    """Something between them is missing."""


APPLY, SKIP, GAP = Step.APPLY, Step.SKIP, Step.GAP
"""By themselves: Python 3.11 calls a function to find a member in its class, and a delta needs five of them."""


Follows = Callable[[int | None, bool, Delta], Step]
"""(the book's sequence, whether no delta has come since its snapshot, the delta) -> what the delta is to it."""


def unsequenced(_have: int | None, _fresh: bool, _delta: Delta) -> Step:
    """No sequence: a checksum, or the connection's own counter, tells what is missing."""
    return APPLY


def consecutive(have: int | None, _fresh: bool, delta: Delta) -> Step:
    """Numbers without a hole: the next delta begins no later than one after the book. (Binance spot, Bybit.)"""
    first = delta.sequence if delta.first is None else delta.first
    if have is None or delta.sequence is None or first is None or first > have + 1:
        return GAP
    return SKIP if delta.sequence <= have else APPLY


def linked(have: int | None, fresh: bool, delta: Delta) -> Step:
    """Each delta names the one before it; the first after a snapshot may reach back over it. (OKX, Binance linear.)

    A number may fall (a counter that was reset) as long as the link holds.
    """
    if have is None or delta.sequence is None or delta.previous is None:
        return GAP
    if delta.previous == have:
        return APPLY
    if fresh and delta.sequence < have:
        return SKIP
    if fresh and (delta.previous if delta.first is None else delta.first) <= have <= delta.sequence:
        return APPLY
    return SKIP if delta.sequence == have and delta.previous < have else GAP


Checksum = Callable[[Sequence[RawLevel], Sequence[RawLevel]], int]
"""(bids from high to low, asks from low to high) -> what the venue should have said."""


@frozen(kw_only=True)
class BookRule:
    """How a venue's books are built."""

    follows: Follows = unsequenced
    base: Callable[[WatchBook], FetchBook] | None = None
    """The snapshot over REST, where the stream sends none; deltas wait for it. Its `sequence` must be filled.

    It should reach well beyond the watch's depth: of levels further out than it shows nothing but changes is known, so
    the book is absent, and asked for anew, once the market has gone so far that fewer than `depth` known ones are left.
    """
    fallback: Callable[[WatchBook], FetchBook] | None = None
    """The snapshot over REST for a stream that should begin with one of its own, and begins with a delta instead."""
    checksum: Callable[[WatchBook], Checksum] | None = None
    """How the books of a watch are summed; asked once for each."""
    checksum_levels: int = 10
    """How many levels a side the checksum looks at."""
    cuts: bool = False
    """Levels beyond the watch's depth leave the book without a word from the venue."""
    may_cross: bool = False
    """Whether bids may reach asks (auctions). Else that is a gap, unless a checksum has just said that all is well."""
    moment: Callable[[Any], datetime | None] = lambda _raw: None
    """Reads `time` of a snapshot or delta."""
    contracts: bool = False
    """Quantities count contracts of `instrument.contract_size`, not base units."""


# --- connections


@frozen(kw_only=True)
class Ticket:
    """What the world gives to frames that log in or subscribe."""

    stamp: Stamp
    access: Any = None
    """The answer to the line's `access`."""


class LineDialect(Protocol):
    """One connection of one venue, whatever it is for. Raises VenueError; what `UNREADABLE` names is taken for
    `malformed_response`.

    Frames that it gives are sent as text, in their order, each charged with the line's `frame`.
    """

    def login(self, ticket: Ticket) -> Sequence[str]:
        """Frames that log in, where the line has a login; the answer becomes LoggedIn or LoginRefused."""
        ...

    def ping(self) -> str | None:
        """The frame that keeps the connection alive, or None for a ping of the WebSocket protocol."""
        ...

    def receive(self, frame: str | bytes) -> Iterable[Any]:
        """What a frame says. Every frame counts as a sign of life, whatever it says."""
        ...


class StreamDialect(LineDialect, Protocol):
    """One connection that streams."""

    def subscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        """Frames that subscribe these, at most `line.batch` of them."""
        ...

    def unsubscribe(self, watches: Sequence[Watch[Any]], ticket: Ticket) -> Sequence[str]:
        """Frames that end these subscriptions. What still comes for them is dropped by whoever asked.

        A watch may be subscribed again right after it; acknowledgements of the end are no events.
        """
        ...

    def receive(self, frame: str | bytes) -> Iterable[Event]:
        """What a frame says."""
        ...


@frozen(kw_only=True)
class Upkeep:
    """What an access needs to stay valid while a connection lives: a listen key that has to be renewed."""

    operation: Callable[[Any], Operation[Any]]
    """The renewal of this access."""
    every: float
    """Seconds."""


def _no_path(_access: Any) -> str:
    return ""


@frozen(kw_only=True, eq=False)
class AnyLine:
    """One kind of connection, as far as it does not matter what it is for."""

    name: str
    """Key of `Environment.streams`."""
    path: Callable[[Any], str] = _no_path
    """Path and query behind the base address, given the access."""
    access: Operation[Any] | None = None
    """Performed before connecting; its answer reaches `path` and the dialect: a token, a listen key."""
    access_seconds: float = 600.0
    """How long it may be used for new subscriptions; an older one is fetched anew before."""
    upkeep: Upkeep | None = None
    login: bool = False
    """Whether the connection logs in before anything else."""
    ping_every: float | None = None
    """Seconds between our pings; None where only the venue pings."""
    silence: float
    """Seconds without any frame after which the connection counts as dead: the venue's heartbeat plus a margin."""
    lifetime: float | None = None
    """Seconds after which the venue closes a connection; a new one takes over a while before."""
    connect: tuple[Charge, ...] = ()
    """What opening a connection costs in the adapter's limits."""
    frame: tuple[Charge, ...] = ()
    """What one frame of ours costs in limits of the connection."""
    ping_cost: tuple[Charge, ...] | None = None
    """What a ping of ours costs, where that is not the same."""
    frame_weight: tuple[Charge, ...] = ()
    """What one frame of ours costs in limits that it shares with others. Orders in frames pay by their endpoints."""
    terminal: frozenset[int] = frozenset()
    """Close codes after which connecting again is useless."""
    source: str = ""


@frozen(kw_only=True, eq=False)
class Line(AnyLine):
    """One kind of connection that streams. Feeds with the same line share connections."""

    dialect: Callable[[], StreamDialect]
    most_watches: int = 100
    """On one connection; further ones open another."""
    batch: int = 50
    """Watches in one call of `subscribe`."""
    implied: bool = False
    """The connection brings all that it has from its opening (or login) on: nothing is subscribed, and a watch is
    accepted at once."""


def _as_asked(watch: Any) -> Any:
    return watch


@frozen(kw_only=True, eq=False)
class Feed:
    """How one venue streams one kind of thing."""

    line: Line
    fit: Callable[[Any], Watch[Any]] = _as_asked
    """The watch as the venue offers it: the depth that holds as many levels. Raises VenueError (not_sent) if none."""
    book: BookRule | None = None
    """Of WatchBook."""
    example: str = ""
    """The channel, for people."""


Streams = Mapping[tuple[type[Watch[Any]], Product], Feed]
"""Watch and product -> how. Its keys are the capabilities; there is no second list."""


def streams_of(adapter: Adapter) -> Streams:
    """What the adapter streams; nothing where it has no table."""
    found: Streams = getattr(adapter, "streams", {})
    return found
