"""The venues whose streams are measured: what a judge has to know of each. Measures nothing.

A judge compares what a client shows with the simulated venue's engine, which numbers and times things as the venue does
in some places only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import evolve, frozen

from unified.instrument import Product
from unified.sandbox.accounts import Account, Wallet
from unified.sandbox.orders import VenueFill
from unified.sandbox.stream_faults import StreamMishap
from unified_bybit.sandbox_rows import fill_number, trade_id
from unified_coinbase.sandbox_rows import fill_row
from unified_kraken.sandbox_rows import fill_id


@frozen(kw_only=True)
class Ground:
    """What has to be known of a venue."""

    venue: str
    symbol: str
    name: str
    product: Product = Product.SPOT
    numbered: bool
    """Whether frames bear the engine's own count; else their times tell when they were made."""
    unit_us: int = 1
    """Of the times in frames."""
    whole: bool = False
    """Every frame is a whole book: what is missing shows in no other frame, and nothing has to be joined."""
    losses: Mapping[StreamMishap, float]
    """What may happen to the stream of own orders: frames can only be missing unseen where they are counted."""
    fill_id: Callable[[VenueFill], str]
    dead_after: float
    """Seconds without a frame after which the venue's papers take a connection for dead (section 12 of its sheet)."""

    def __str__(self) -> str:
        return f"{self.venue} {self.product}"


_NOBODY = Account(name="nobody", spot=Wallet(), margin=Wallet())
_COUNTED = {StreamMishap.DISCONNECTED: 150.0, StreamMishap.DROPPED: 50.0}
_UNCOUNTED = {StreamMishap.DISCONNECTED: 150.0, StreamMishap.DOUBLED: 50.0, StreamMishap.REORDERED: 50.0}
KRAKEN = Ground(
    venue="kraken",
    symbol="XXBTZUSD",
    name="BTC/USD",
    numbered=False,
    losses=_COUNTED,
    fill_id=fill_id,
    dead_after=5.0,  # heartbeats come every second
)
OKX = Ground(
    venue="okx",
    symbol="BTC-USDT",
    name="BTC/USDT",
    numbered=True,
    losses=_UNCOUNTED,
    fill_id=lambda fill: str(fill.trade_id),
    dead_after=30.0,
)
COINBASE = Ground(
    venue="coinbase",
    symbol="BTC-USD",
    name="BTC/USD",
    numbered=False,
    losses=_COUNTED,
    fill_id=lambda fill: str(fill_row(_NOBODY, fill)["entry_id"]),
    dead_after=5.0,  # heartbeats come every second
)
BINANCE = Ground(
    venue="binance",
    symbol="BTCUSDT",
    name="BTC/USDT",
    numbered=True,
    losses=_UNCOUNTED,
    fill_id=lambda fill: str(fill.trade_id),
    dead_after=20.0,
)
BINANCE_US = evolve(BINANCE, venue="binanceus", dead_after=180.0)
BINANCE_LINEAR = evolve(BINANCE, name="BTC/USDT:USDT", product=Product.LINEAR, dead_after=180.0)
BYBIT = Ground(
    venue="bybit",
    symbol="BTCUSDT",
    name="BTC/USDT",
    numbered=False,
    unit_us=1000,
    losses=_UNCOUNTED,
    fill_id=lambda fill: trade_id(fill.order.instrument.product, fill_number(fill)),
    dead_after=20.0,
)
BYBIT_LINEAR = evolve(BYBIT, name="BTC/USDT:USDT", product=Product.LINEAR)
BITZOOM = Ground(
    venue="bitzoom",
    symbol="BTCUSDT",
    name="BTC/USDT:USDT",
    product=Product.LINEAR,
    numbered=False,
    unit_us=1000,
    whole=True,
    losses=_UNCOUNTED,
    fill_id=lambda fill: str(fill.trade_id),
    dead_after=20.0,  # nothing binding is said; what we ask for is answered at once
)
PAPER = Ground(
    venue="paper",
    symbol="BTCUSDT",
    name="BTC/USDT",
    numbered=True,
    losses=_COUNTED,
    fill_id=lambda fill: str(fill.trade_id),
    dead_after=5.0,  # heartbeats come every second
)
COUNTED = (BYBIT, BYBIT_LINEAR)
"""Where the numbers of a book are of one subscription."""
JOINED = (BINANCE, BINANCE_LINEAR, BINANCE_US)
"""Where books are joined with a snapshot over REST."""
BUILT = (KRAKEN, OKX, COINBASE, *JOINED, *COUNTED, PAPER)
"""Where a book is built of several frames, so that one can be missing."""
GROUNDS = (*BUILT, BITZOOM)
