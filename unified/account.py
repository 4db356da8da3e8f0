"""What an account holds, pays and may do, as values. Fetches nothing; can name no way to move funds out."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from attrs import field

from unified.instrument import Instrument, Product
from unified.order import PositionSide
from unified.values import frozen


@frozen(kw_only=True)
class Balance:
    """One currency of the account."""

    currency: str
    free: Decimal
    """May be used for a new order."""
    locked: Decimal
    """Held by open orders."""

    @property
    def total(self) -> Decimal:
        return self.free + self.locked


class MarginMode(StrEnum):
    CROSS = "cross"
    ISOLATED = "isolated"


class PositionMode(StrEnum):
    ONE_WAY = "one_way"
    """One net position an instrument."""
    HEDGE = "hedge"
    """A long and a short position side by side."""


@frozen(kw_only=True)
class Position:
    """An open position in a perpetual."""

    instrument: Instrument = field(repr=str)
    quantity: Decimal
    """Base units; negative when short."""
    entry_price: Decimal | None = None
    mark_price: Decimal | None = None
    liquidation_price: Decimal | None = None
    unrealized_pnl: Decimal | None = None
    """Settle units."""
    leverage: Decimal | None = None
    margin_mode: MarginMode | None = None
    position_side: PositionSide | None = None
    """None in one-way mode."""
    updated_at: datetime | None = None


@frozen(kw_only=True)
class Fee:
    """What trading an instrument costs, as fractions of the notional; negative is a rebate."""

    instrument: Instrument | None
    """None where the venue has one rate for the whole product."""
    product: Product
    maker: Decimal
    taker: Decimal


@frozen(kw_only=True)
class KeyPermissions:
    """What an API key may do; None where the venue does not tell."""

    read: bool | None = None
    trade: bool | None = None
    withdraw: bool | None = None
    """Should be False: this library never moves funds out, a stolen key would."""
    addresses: tuple[str, ...] | None = None
    """IP allow-list; empty means any address."""
    expires_at: datetime | None = None
    notes: tuple[str, ...] = ()
    """Plain words about anything else worth knowing."""


class VenueState(StrEnum):
    ONLINE = "online"
    DEGRADED = "degraded"
    """Trading goes on with restrictions: cancel-only, post-only, one product down."""
    MAINTENANCE = "maintenance"


@frozen(kw_only=True)
class VenueStatus:
    """Whether the venue trades now, and what it has announced."""

    state: VenueState
    message: str = ""
    starts_at: datetime | None = None
    """Begin of the next announced maintenance."""
    ends_at: datetime | None = None


@frozen(kw_only=True)
class VenueTime:
    """A venue's clock as one of its answers shows it."""

    time_us: int
    """Microseconds since the epoch, cut off to `unit_us`."""
    unit_us: int
    """Resolution: the true time lies in [time_us, time_us + unit_us)."""
