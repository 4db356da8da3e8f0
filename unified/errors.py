"""The one error model: what happened, whether it took effect, how far it reaches, when to try again.

Says nothing about any venue and decides nothing: venues fill these values in (`catalogue.py`), the
retry policy reads them (`retry.py`). Imports nothing of ours.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from attrs import evolve, field

from unified.values import frozen


class Outcome(StrEnum):
    """Did the request take effect at the venue? Ordered by strength, weakest first."""

    NOT_SENT = "not_sent"
    """It never reached the venue."""
    REJECTED = "rejected"
    """The venue refused it; nothing changed there."""
    UNKNOWN = "unknown"
    """It may or may not have taken effect."""
    DONE = "done"
    """The wanted state holds."""

    def joined(self, other: Outcome) -> Outcome:
        """The outcome of a call made of two attempts: a refused second never settles an unknown first."""
        return max(self, other, key=_STRENGTH.__getitem__)


_STRENGTH = {outcome: strength for strength, outcome in enumerate(Outcome)}


class Scope(StrEnum):
    """How far a fault reaches: what else will meet it too."""

    REQUEST = "request"
    SYMBOL = "symbol"
    ORDER = "order"
    CONNECTION = "connection"
    ACCOUNT = "account"
    KEY = "key"
    IP = "ip"
    VENUE = "venue"


class Family(StrEnum):
    """Kinds that a caller treats alike; each has one exception class."""

    TRANSPORT = "transport"
    AVAILABILITY = "availability"
    THROTTLE = "throttle"
    CLOCK = "clock"
    AUTH = "auth"
    REQUEST = "request"
    MARKET = "market"
    ORDER = "order"
    POSITION = "position"
    STATE = "state"
    STREAM = "stream"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """What happened: the closed list that every venue's codes are translated into."""

    family: Family
    usual_outcome: Outcome
    transient: bool
    """Worth another try by itself: after a wait, a resync or a new login. Says nothing about safety."""

    def __new__(
        cls, value: str, family: Family = Family.UNKNOWN, usual: Outcome = Outcome.UNKNOWN, transient: bool = False
    ) -> Kind:
        member = str.__new__(cls, value)
        member._value_ = value
        member.family = family
        member.usual_outcome = usual
        member.transient = transient
        return member

    CONNECT_FAILED = "connect_failed", Family.TRANSPORT, Outcome.NOT_SENT, True
    REQUEST_TIMEOUT = "request_timeout", Family.TRANSPORT, Outcome.UNKNOWN, True
    CONNECTION_LOST = "connection_lost", Family.TRANSPORT, Outcome.UNKNOWN, True
    MALFORMED_RESPONSE = "malformed_response", Family.TRANSPORT, Outcome.UNKNOWN, True

    OVERLOADED = "overloaded", Family.AVAILABILITY, Outcome.REJECTED, True
    MAINTENANCE = "maintenance", Family.AVAILABILITY, Outcome.REJECTED, True
    VENUE_TIMEOUT = "venue_timeout", Family.AVAILABILITY, Outcome.UNKNOWN, True
    VENUE_FAULT = "venue_fault", Family.AVAILABILITY, Outcome.UNKNOWN, True

    RATE_LIMITED = "rate_limited", Family.THROTTLE, Outcome.REJECTED, True
    ORDER_RATE_LIMITED = "order_rate_limited", Family.THROTTLE, Outcome.REJECTED, True
    BANNED = "banned", Family.THROTTLE, Outcome.REJECTED

    TIMESTAMP_OUT_OF_WINDOW = "timestamp_out_of_window", Family.CLOCK, Outcome.REJECTED, True
    DEADLINE_PASSED = "deadline_passed", Family.CLOCK, Outcome.REJECTED
    NONCE_REJECTED = "nonce_rejected", Family.CLOCK, Outcome.REJECTED, True

    UNAUTHORIZED = "unauthorized", Family.AUTH, Outcome.REJECTED, True
    BAD_CREDENTIALS = "bad_credentials", Family.AUTH, Outcome.REJECTED
    BAD_SIGNATURE = "bad_signature", Family.AUTH, Outcome.REJECTED
    SESSION_EXPIRED = "session_expired", Family.AUTH, Outcome.REJECTED, True
    PERMISSION_DENIED = "permission_denied", Family.AUTH, Outcome.REJECTED
    ADDRESS_NOT_ALLOWED = "address_not_allowed", Family.AUTH, Outcome.REJECTED
    ACCOUNT_RESTRICTED = "account_restricted", Family.AUTH, Outcome.REJECTED

    INVALID_REQUEST = "invalid_request", Family.REQUEST, Outcome.REJECTED
    NOT_SUPPORTED = "not_supported", Family.REQUEST, Outcome.REJECTED
    UNKNOWN_SYMBOL = "unknown_symbol", Family.REQUEST, Outcome.REJECTED

    MARKET_CLOSED = "market_closed", Family.MARKET, Outcome.REJECTED
    MARKET_RESTRICTED = "market_restricted", Family.MARKET, Outcome.REJECTED

    INVALID_ORDER = "invalid_order", Family.ORDER, Outcome.REJECTED
    INVALID_PRICE = "invalid_price", Family.ORDER, Outcome.REJECTED
    INVALID_QUANTITY = "invalid_quantity", Family.ORDER, Outcome.REJECTED
    INVALID_NOTIONAL = "invalid_notional", Family.ORDER, Outcome.REJECTED
    INSUFFICIENT_FUNDS = "insufficient_funds", Family.ORDER, Outcome.REJECTED
    WOULD_TAKE = "would_take", Family.ORDER, Outcome.REJECTED
    WOULD_TRIGGER = "would_trigger", Family.ORDER, Outcome.REJECTED
    UNFILLABLE = "unfillable", Family.ORDER, Outcome.REJECTED
    SELF_TRADE = "self_trade", Family.ORDER, Outcome.REJECTED
    REDUCE_ONLY_REJECTED = "reduce_only_rejected", Family.ORDER, Outcome.REJECTED
    TOO_MANY_OPEN_ORDERS = "too_many_open_orders", Family.ORDER, Outcome.REJECTED
    DUPLICATE_ORDER = "duplicate_order", Family.ORDER, Outcome.DONE
    ORDER_NOT_FOUND = "order_not_found", Family.ORDER, Outcome.REJECTED
    ORDER_CLOSED = "order_closed", Family.ORDER, Outcome.REJECTED
    """Already filled, canceled or expired. For a cancel the policy reads it as done."""
    ORDER_BUSY = "order_busy", Family.ORDER, Outcome.REJECTED, True

    POSITION_NOT_FOUND = "position_not_found", Family.POSITION, Outcome.REJECTED
    POSITION_LIMIT = "position_limit", Family.POSITION, Outcome.REJECTED
    MARGIN_REJECTED = "margin_rejected", Family.POSITION, Outcome.REJECTED
    LIQUIDATING = "liquidating", Family.POSITION, Outcome.REJECTED

    NO_CHANGE = "no_change", Family.STATE, Outcome.DONE

    SUBSCRIPTION_REJECTED = "subscription_rejected", Family.STREAM, Outcome.REJECTED
    TOO_MANY_STREAMS = "too_many_streams", Family.STREAM, Outcome.REJECTED
    SEQUENCE_GAP = "sequence_gap", Family.STREAM, Outcome.REJECTED

    UNKNOWN = "unknown", Family.UNKNOWN, Outcome.UNKNOWN


_LONGEST = 500


def _one_line(text: str) -> str:
    """A venue's words as part of a log line: what they hold can neither begin a line nor command a terminal."""
    shown = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
    return shown if shown.isprintable() else "".join(one if one.isprintable() else _escaped(one) for one in shown)


def _escaped(one: str) -> str:
    return one.encode("unicode_escape").decode()


@frozen(kw_only=True)
class Fault:
    """The facts of one failed attempt, as far as they are known. Never holds a secret."""

    kind: Kind
    outcome: Outcome = field()
    scope: Scope = Scope.REQUEST
    retry_after: float | None = None
    """Seconds until the venue wants to hear of this again; None where it did not say."""
    family: Family = field()
    """The kind's family; a code that no catalogue holds keeps the family its number implies."""
    http_status: int | None = None
    code: str | None = None
    """The venue's own code, exactly as sent."""
    name: str | None = None
    """The venue's own name for the code, where it has one."""
    message: str = ""
    """The venue's own words, exactly as sent; ours where it was never asked or its answer could not be read."""
    hint: str = ""
    """Cause and remedy in our words."""
    request_id: str | None = None
    sure: bool = True
    """False where the reading of this code rests on an inference, not on the venue's page."""

    @outcome.default
    def _default_outcome(self) -> Outcome:
        return self.kind.usual_outcome

    @family.default
    def _default_family(self) -> Family:
        return self.kind.family

    @property
    def said(self) -> str:
        """The message as a part of a sentence: who said it, and what."""
        code, message = _one_line(self.code or ""), _one_line(self.message)
        if self.outcome is Outcome.NOT_SENT or self.family is Family.TRANSPORT:
            return f", {message}" if message else ""
        words = " ".join(part for part in (code, message and f"'{message}'") if part)
        return f", venue said {words}" if words else ""

    @property
    def transient(self) -> bool:
        """Whether trying again can help at all. Whether it is safe is `outcome`'s question."""
        return self.kind.transient


@frozen(kw_only=True)
class Attempt:
    """One request of a call, as the error and the hooks show it."""

    number: int
    operation: str
    started_at: float
    """Monotonic seconds of the event loop."""
    elapsed: float
    outcome: Outcome
    kind: Kind | None = None
    """None where the attempt succeeded."""
    code: str | None = None


class VenueError(Exception):
    """A call failed. `kind` says what happened, `outcome` whether it took effect at the venue.

    One subclass per family exists (`OrderError`, `ThrottleError`, ...), so that `except` may be as
    wide or as narrow as the caller likes; `kind` tells the rest.
    """

    def __init__(
        self,
        fault: Fault,
        *,
        venue: str = "",
        operation: str = "",
        client_order_id: str | None = None,
        attempts: tuple[Attempt, ...] = (),
        fence_ms: int | None = None,
        outcome: Outcome | None = None,
    ) -> None:
        super().__init__()
        self.fault = fault
        self.venue = venue
        self.operation = operation
        self.client_order_id = client_order_id
        self.attempts = attempts
        self.fence_ms = fence_ms
        """Venue time in ms after which no copy of an undecided request can be accepted any more."""
        self.outcome = fault.outcome if outcome is None else outcome
        """The outcome of the whole call: the join over its attempts."""

    @staticmethod
    def of(fault: Fault, **about: Any) -> VenueError:
        """The exception of the fault's family."""
        return _CLASSES[fault.family](fault, **about)

    def about(self, **changes: Any) -> VenueError:
        """The same error with more said about it; what caused it stays with it."""
        told = _restore({name: getattr(self, name) for name in _ABOUT} | changes)
        told.__cause__ = self.__cause__
        return told

    @property
    def kind(self) -> Kind:
        return self.fault.kind

    @property
    def scope(self) -> Scope:
        return self.fault.scope

    @property
    def retry_after(self) -> float | None:
        return self.fault.retry_after

    @property
    def code(self) -> str | None:
        return self.fault.code

    @property
    def message(self) -> str:
        return self.fault.message

    @property
    def hint(self) -> str:
        return self.fault.hint

    @property
    def transient(self) -> bool:
        return self.fault.transient

    def __str__(self) -> str:
        fault = self.fault
        where = " ".join(part for part in (self.venue, self.operation) if part)
        text = f"{where}: " if where else ""
        text += f"{fault.kind} (outcome {self.outcome}){fault.said}"
        if self.client_order_id:
            text += f", client order id {self.client_order_id}"
        if fault.retry_after is not None:
            text += f", retry after {fault.retry_after:g} s"
        if len(self.attempts) > 1:
            text += f", {len(self.attempts)} attempts"
        return f"{text}. {fault.hint}" if fault.hint else text

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, ({name: getattr(self, name) for name in _ABOUT},)


_ABOUT = ("fault", "venue", "operation", "client_order_id", "attempts", "fence_ms", "outcome")


def _restore(known: dict[str, Any]) -> VenueError:
    return VenueError.of(known.pop("fault"), **known)


class TransportError(VenueError):
    """The request or its answer did not travel."""


class AvailabilityError(VenueError):
    """The venue is busy, down or broken."""


class ThrottleError(VenueError):
    """A limit was reached, the venue's or the one we keep for it."""


class ClockError(VenueError):
    """The venue refused the time or nonce of the request."""


class AuthError(VenueError):
    """Key, signature, permission, address or account were refused."""


class RequestError(VenueError):
    """The request itself was wrong."""


class MarketError(VenueError):
    """The instrument does not trade now, or not so."""


class OrderError(VenueError):
    """The order was refused, or is not in the state the request needs."""


class PositionError(VenueError):
    """The position or its margin does not allow it."""


class StateError(VenueError):
    """The wanted state already holds."""


class StreamError(VenueError):
    """A stream was refused or is no longer complete."""


class UnknownError(VenueError):
    """A code that no catalogue holds."""


_CLASSES: dict[Family, type[VenueError]] = {
    Family.TRANSPORT: TransportError,
    Family.AVAILABILITY: AvailabilityError,
    Family.THROTTLE: ThrottleError,
    Family.CLOCK: ClockError,
    Family.AUTH: AuthError,
    Family.REQUEST: RequestError,
    Family.MARKET: MarketError,
    Family.ORDER: OrderError,
    Family.POSITION: PositionError,
    Family.STATE: StateError,
    Family.STREAM: StreamError,
    Family.UNKNOWN: UnknownError,
}


def with_outcome(fault: Fault, outcome: Outcome) -> Fault:
    """The same facts with another outcome."""
    return fault if fault.outcome is outcome else evolve(fault, outcome=outcome)


class ConfigurationError(ValueError):
    """The caller's settings are wrong: says where, what, and what would be right. Nothing was sent."""
