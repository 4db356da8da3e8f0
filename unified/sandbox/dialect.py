"""What a venue's sandbox implements: its dialect, synchronous and pure over the simulated engine.

Opens no socket, sleeps never and injects no faults: `server.py` and `network.py` bring requests,
`reception.py` adds what goes wrong. A dialect verifies signatures, timestamps, nonces and expiry itself,
from the venue's papers and never from the adapter.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar
from urllib.parse import parse_qsl

import orjson
from attrs import evolve, field, frozen

from unified.sandbox.clock import DEFAULT_BASE_US, Moment, VenueClock
from unified.sandbox.engine import Engine
from unified.sandbox.limits import LimitKeeper, LimitScope, Use, VenueLimit
from unified.sandbox.listing import EngineRules, Listing
from unified.sandbox.streams import Opening, Talk
from unified.secret import Credentials

# --- what comes and goes


@frozen(kw_only=True)
class Incoming:
    """One request as it arrived, to the byte."""

    door: str
    method: str
    path: str
    """Raw: percent-encoded as sent, without the query."""
    query: str = ""
    """Raw, without the question mark."""
    headers: Mapping[str, str] = field(factory=dict)
    """Names in lower case; of a repeated name the last."""
    body: bytes = b""
    peer: str = "127.0.0.1"
    """The address that limits by IP count."""
    arrived_us: int = 0
    """True venue time of its arrival, before any injected delay."""
    session: str = ""
    """The API key as which the stream is logged in over which it came: then it bears no signature."""
    delayed: bool = False
    """An injected fault held it up before it reached the dialect."""

    def header(self, name: str) -> str:
        """The header's value; empty where it is missing. `name` in lower case."""
        return self.headers.get(name, "")

    def query_fields(self) -> dict[str, str]:
        """The query, percent-decoded; of a repeated name the last."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def form_fields(self) -> dict[str, str]:
        """A form body, percent-decoded."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def json_body(self) -> Any:
        """The body as JSON; None where it is not JSON."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return None


@frozen(kw_only=True)
class Outgoing:
    """An answer."""

    status: int = 200
    headers: Mapping[str, str] = field(factory=dict)
    body: bytes = b""
    stamped: bool = False
    """It tells the venue's time (a time answer, a stamp in body or header): a client may resync by it."""

    def with_headers(self, headers: Mapping[str, str]) -> Outgoing:
        return evolve(self, headers={**self.headers, **headers})


def json_answer(
    content: Any, *, status: int = 200, headers: Mapping[str, str] | None = None, stamped: bool = False
) -> Outgoing:
    """A JSON answer. Decimals must be texts already: the venue decides their digits."""
    return Outgoing(
        status=status,
        headers={"content-type": "application/json", **(headers or {})},
        body=orjson.dumps(content),
        stamped=stamped,
    )


def html_page(status: int, title: str) -> Outgoing:
    """A gateway's page, as content delivery networks show it in front of any venue."""
    text = (
        f"<html>\r\n<head><title>{status} {title}</title></head>\r\n<body><h1>{status} {title}</h1></body>\r\n</html>"
    )
    return Outgoing(status=status, headers={"content-type": "text/html"}, body=text.encode())


class RequestClass(StrEnum):
    """What a request is about, as far as faults care."""

    TIME = "time"
    """Server time: hit by faults too, but less."""
    READ = "read"
    PRIVATE_READ = "private_read"
    ORDER = "order"
    CANCEL = "cancel"
    WRITE = "write"
    """Amendments, leverage and every other change."""


# --- routing

D = TypeVar("D")


@frozen(kw_only=True)
class Route(Generic[D]):
    """One line of a dialect's table."""

    method: str
    path: str
    """`/orders/{order_id}`: a name in braces stands for one path segment and reaches the handler."""
    handle: Callable[[D, Incoming, Mapping[str, str]], Outgoing]
    """A method of the dialect, named unbound: `handle=Toy.time`."""
    kind: RequestClass
    door: str = ""
    """Empty for every door."""
    uses: tuple[tuple[str, int], ...] = ()
    """The dialect's own notes of what it costs: pairs of limit name and cost."""
    signed: bool = False


class Router(Generic[D]):
    """Finds the route of a request, and the names in its path."""

    def __init__(self, routes: Sequence[Route[D]]) -> None:
        self._exact: dict[tuple[str, str], list[Route[D]]] = {}
        self._patterns: list[tuple[re.Pattern[str], Route[D]]] = []
        for route in routes:
            if "{" in route.path:
                pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(route.path))
                self._patterns.append((re.compile(pattern), route))
            else:
                self._exact.setdefault((route.method, route.path), []).append(route)

    def find(self, incoming: Incoming) -> tuple[Route[D], Mapping[str, str]] | None:
        """None where no route has this method, path and door."""
        for route in self._exact.get((incoming.method, incoming.path), ()):
            if route.door in ("", incoming.door):
                return route, {}
        for pattern, route in self._patterns:
            found = pattern.fullmatch(incoming.path) if route.method == incoming.method else None
            if found is not None and route.door in ("", incoming.door):
                return route, found.groupdict()
        return None


# --- the dialect itself


@frozen(kw_only=True)
class Setting:
    """What a dialect is started with."""

    now: Callable[[], float]
    """Monotonic seconds: `loop.time` of the running loop, so that virtual time works."""
    seed: int = 0
    base_us: int = DEFAULT_BASE_US
    """Venue time at the start."""


@frozen(kw_only=True)
class ClientAccount:
    """An account that exists from the start, and the key that reaches it."""

    name: str
    credentials: Credentials
    """Dummies, plainly so."""
    options: Mapping[str, str] = field(factory=dict)
    """What the adapter of the venue has to be told for this account (`AdapterSettings.options`)."""


class Dialect(ABC):
    """A simulated venue: engine, clock and limits, and the venue's own way of speaking about them."""

    name: ClassVar[str]
    doors: ClassVar[tuple[str, ...]] = ("main",)
    """One HTTP host each; the first is the main one."""
    rules: ClassVar[EngineRules] = EngineRules()
    listings: ClassVar[tuple[Listing, ...]]
    limits: ClassVar[tuple[VenueLimit, ...]] = ()
    ban_scope: ClassVar[LimitScope] = LimitScope.IP
    """Whom an injected ban meets."""
    counts_account_frames: ClassVar[bool] = False
    """Whether frames about an account bear numbers, so that a client sees when one is missing."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.clock = VenueClock(setting.now, base_us=setting.base_us)
        self.keeper = LimitKeeper(self.limits)
        self.engine = Engine(self.listings, clock=self.clock, rules=self.rules, seed=setting.seed)
        self._clock_refusals: list[Incoming] = []

    @classmethod
    def readings(cls) -> tuple[type[Dialect], ...]:
        """This sandbox, and one for every other reading of the venue's papers where they contradict each other."""
        return (cls,)

    # what every venue has to say

    @property
    @abstractmethod
    def accounts(self) -> tuple[ClientAccount, ...]:
        """Accounts with their credentials; the dialect opens and funds them in its engine when it is made."""

    @abstractmethod
    def handle(self, incoming: Incoming) -> Outgoing:
        """Answer a request. The engine has been advanced to now; bans have been looked at."""

    @abstractmethod
    def classify(self, incoming: Incoming) -> RequestClass: ...

    @abstractmethod
    def overloaded(self, incoming: Incoming) -> Outgoing:
        """The venue's own 5xx after which nothing is known to have run."""

    @abstractmethod
    def under_maintenance(self, incoming: Incoming) -> Outgoing: ...

    @abstractmethod
    def throttled(self, incoming: Incoming, retry_after: float) -> Outgoing:
        """Too many requests, with the wait where the venue tells one."""

    @abstractmethod
    def banned(self, incoming: Incoming, seconds: float) -> Outgoing | None:
        """A ban with its end. None where the venue cannot announce one: then no ban is ever injected,
        and a ban that the client earned itself answers as `throttled`."""

    def html_error(self, status: int) -> Outgoing:
        """What the gateway in front shows."""
        return html_page(status, "The request could not be satisfied")

    def talk(self, opening: Opening) -> Talk | Outgoing:  # noqa: ARG002 - for those that stream
        """Lead a stream connection, or refuse it. A venue without streams knows no such path."""
        return html_page(404, "Not Found")

    def ban_keys(self, incoming: Incoming) -> tuple[tuple[LimitScope, str], ...]:
        """Under which keys bans meet this request. Add the API key where the venue bans keys."""
        return ((LimitScope.IP, incoming.peer),)

    # helpers

    @property
    def moment(self) -> Moment:
        return self.clock.moment()

    @property
    def now_us(self) -> int:
        """What the venue's clock shows, microseconds."""
        return self.clock.moment().shown_us

    @property
    def now_ms(self) -> int:
        return self.now_us // 1000

    def use(self, limit: str, key: str, cost: int = 1) -> Use:
        return Use(limit=limit, key=key, cost=cost)

    def refused_for_clock(self, incoming: Incoming) -> None:
        """To be called once for each request that is refused for its timestamp (too old or ahead).
        Not for nonces, and not for a deadline of the order itself."""
        self._clock_refusals.append(incoming)

    def take_clock_refusals(self) -> tuple[Incoming, ...]:
        """The refusals since the last call; read by the reception."""
        taken, self._clock_refusals = tuple(self._clock_refusals), []
        return taken
