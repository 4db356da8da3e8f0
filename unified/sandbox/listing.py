"""The settings of a simulated venue: its listings, fees and order rules. Values only; nothing runs here."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from attrs import frozen

from unified.instrument import Instrument, Product
from unified.sandbox.refusal import Reason


class MarketMode(StrEnum):
    """What a market lets through now."""

    OPEN = "open"
    POST_ONLY = "post_only"
    CANCEL_ONLY = "cancel_only"
    CLOSED = "closed"


@frozen(kw_only=True)
class Listing:
    """One market of the venue: its rules, and the background that trades in it."""

    instrument: Instrument
    price: Decimal
    """Where the price path begins."""
    level_notional: Decimal = Decimal(20_000)
    """Quote units that a background level holds on average."""
    levels: int = 20
    """Background levels on each side."""
    grid_fraction: Decimal = Decimal("0.0001")
    """Distance between background levels and length of a price step, as a fraction of the first price."""
    step_us: int = 500_000
    """Time between two moves of the background."""
    max_open_orders: int = 200
    """An account's open orders in this instrument."""
    max_position: Decimal | None = None
    """Perpetuals: largest position in base units."""
    max_leverage: Decimal = Decimal(100)
    funding_rate: Decimal = Decimal("0.0001")
    """Perpetuals: what longs pay shorts at each settlement, as a fraction of the notional."""
    funding_interval_s: int = 28_800


class ClientIds(StrEnum):
    """What a venue does with a client order id that it has seen before."""

    FOR_EVER = "for_ever"
    """No new order; `place` returns the first one."""
    REFUSED_FOR_EVER = "refused_for_ever"
    WHILE_OPEN = "while_open"
    """Refused while the first is open, a new order afterwards."""
    UNCHECKED = "unchecked"


class FeeCurrency(StrEnum):
    """In what a spot fee is paid. Perpetuals pay in their settle currency."""

    RECEIVED = "received"
    """Base for a buy, quote for a sell."""
    QUOTE = "quote"
    """Always quote; a buy sets the fee aside on top of its cost."""


@frozen(kw_only=True)
class FeeRates:
    """Fractions of the notional; negative is a rebate."""

    maker: Decimal = Decimal("0.001")
    taker: Decimal = Decimal("0.001")


@frozen(kw_only=True)
class EngineRules:
    """The choices in which venues differ. Defaults are those of a venue that answers at once."""

    client_ids: ClientIds = ClientIds.WHILE_OPEN
    fee_currency: FeeCurrency = FeeCurrency.RECEIVED
    fees: FeeRates = FeeRates()
    linear_fees: FeeRates = FeeRates(maker=Decimal("0.0002"), taker=Decimal("0.0005"))
    unified_wallet: bool = False
    """One wallet for spot and perpetuals; else each product has its own."""
    late: frozenset[Reason] = frozenset()
    """Reasons that do not refuse a placement but end the order after its acknowledgement.
    Meant are WOULD_TAKE, UNFILLABLE_FOK and NO_LIQUIDITY, what only the matching engine can know, and
    TOO_MANY_OPEN_ORDERS."""
    acceptance_us: tuple[int, int] = (0, 0)
    """How long an acknowledged order stays PENDING_NEW before it acts: bounds, drawn by seed. (0, 0) is at once."""
    cancel_us: tuple[int, int] = (0, 0)
    """How long a cancel stays PENDING_CANCEL; the order may fill meanwhile."""
    stops_hold_funds: bool = True
    """Funds of a stop are set aside when it is placed; else when it triggers, and a shortage then ends it."""
    stops_may_trigger_at_once: bool = False
    """A stop on the wrong side of the market triggers at once instead of being refused with WOULD_TRIGGER."""
    trims_reduce_only: bool = False
    """A reduce-only order larger than the position is cut to it; else refused with REDUCE_ONLY."""
    first_order_id: int = 28_457_001
    first_trade_id: int = 5_600_001
    trade_ids_by_market: bool = False
    """Each market counts its own trades without a gap; else ids are unique over the whole venue."""
    history_minutes: int = 1_500
    """Length of the candle history that exists at the start."""

    def rates(self, product: Product) -> FeeRates:
        return self.fees if product is Product.SPOT else self.linear_fees
