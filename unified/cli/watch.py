"""`unified watch`: a stream as a living table, or one JSON object a line. Changes nothing at the venue."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Annotated, Any

import typer
from attrs import field, frozen

from unified.book import LiveBook
from unified.cli import jsons
from unified.cli.choices import word
from unified.cli.connection import Config, Endpoints, Environment, Section, Venue, config_of
from unified.cli.fetch import told_of
from unified.cli.tables import Table, console, drawn, lines, on_terminal
from unified.client import Client
from unified.config import ClientConfig
from unified.hooks import StreamChange, StreamEvent
from unified.instrument import Product
from unified.market_data import Interval
from unified.watcher import Stream

EXAMPLES = """
unified watch book BTC/USDT --venue kraken --depth 15
unified watch ticker BTC/USD ETH/USD --venue kraken
unified watch trades BTC/USD --venue kraken --json --count 100
unified watch orders --config unified.toml --section main
"""

_REDRAWN_SECONDS = 0.1
_ROWS = 20
"""Of what comes one by one: trades, orders, fills."""


@frozen(kw_only=True)
class Wish:
    """What is wanted, as the options say."""

    instruments: Sequence[str]
    product: Product
    depth: int
    interval: str


@frozen(kw_only=True)
class Watcher:
    """How one thing is watched, and how it is kept for the eye."""

    open: Callable[[Client, Wish], Stream[Any]]
    of_instrument: bool = True
    key: Callable[[Any], Any] | None = None
    """What a row is replaced by; None keeps the last rows as they came."""


def _name(value: Any) -> Any:
    return value.instrument.name


WATCHERS: Mapping[str, Watcher] = {
    "book": Watcher(open=lambda client, wish: client.watch_book(*wish.instruments, depth=wish.depth), key=_name),
    "ticker": Watcher(open=lambda client, wish: client.watch_ticker(*wish.instruments), key=_name),
    "trades": Watcher(open=lambda client, wish: client.watch_trades(*wish.instruments)),
    "candles": Watcher(
        open=lambda client, wish: client.watch_candles(*wish.instruments, interval=wish.interval),
        key=lambda candle: (candle.instrument.name, candle.opened_at),
    ),
    "orders": Watcher(
        open=lambda client, wish: client.watch_orders(wish.product),
        of_instrument=False,
        key=lambda order: order.venue_order_id,
    ),
    "fills": Watcher(open=lambda client, wish: client.watch_fills(wish.product), of_instrument=False),
    "balances": Watcher(
        open=lambda client, wish: client.watch_balances(wish.product),
        of_instrument=False,
        key=lambda balance: balance.currency,
    ),
}


def watch(
    what: Annotated[str, typer.Argument(metavar="WHAT", help=f"One of: {', '.join(WATCHERS)}.")],
    instruments: Annotated[
        list[str] | None, typer.Argument(metavar="INSTRUMENT", help="BTC/USDT, as many as you like; a book of one.")
    ] = None,
    venue: Venue = None,
    config: Config = None,
    section: Section = None,
    endpoint: Endpoints = None,
    environment: Environment = None,
    product: Annotated[Product, typer.Option(help="Of orders, fills and balances.")] = Product.SPOT,
    depth: Annotated[int, typer.Option(min=1, max=1_000, help="Levels of a book.")] = 10,
    interval: Annotated[str, typer.Option(help="Length of a candle: 1m, 5m, 1h, 1d, ...")] = "1m",
    count: Annotated[int | None, typer.Option(min=1, help="Stop after so many values; else when interrupted.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """Watch a stream: books, tickers, trades, candles, own orders, fills or balances.

    A book is shown while it is consistent; gaps and reconnects are counted below it.
    """
    watcher = WATCHERS.get(what.lower())
    if watcher is None:
        raise typer.BadParameter(f"{what!r} cannot be watched; there are: {', '.join(WATCHERS)}")
    names = tuple(instruments or ())
    if watcher.of_instrument and not names:
        raise typer.BadParameter(f"{what} is watched of instruments: name them after {what}, such as BTC/USDT")
    length = interval if interval == Interval.MONTH else word(Interval, interval, "--interval")
    wish = Wish(instruments=names, product=product, depth=depth, interval=length)
    settings = config_of(venue=venue, config=config, section=section, endpoint=endpoint, environment=environment)
    asyncio.run(_watched(settings, watcher, wish, count, as_json=as_json))


async def _watched(settings: ClientConfig, watcher: Watcher, wish: Wish, count: int | None, *, as_json: bool) -> None:
    async with Client(settings) as client:
        board = Board(watcher, wish)
        client.hooks.on_stream.add(board.happened)
        with ExitStack() as stack:
            show = _json_lines if as_json else board.living(stack)
            left = count
            async with watcher.open(client, wish) as stream:
                async for value in stream:
                    board.take(value)
                    show(value)
                    left = None if left is None else left - 1
                    if left == 0:
                        return


def _json_lines(value: Any) -> None:
    more = {"age": value.age, "gaps": value.gaps} if isinstance(value, LiveBook) else {}
    jsons.emit_line(jsons.plain(value) | more)


@frozen(eq=False)
class Board:
    """What is on the screen."""

    watcher: Watcher
    wish: Wish
    rows: dict[Any, Any] = field(factory=dict, init=False)
    recent: deque[Any] = field(factory=lambda: deque(maxlen=_ROWS), init=False)
    happenings: Counter[StreamChange] = field(factory=Counter, init=False)

    def take(self, value: Any) -> None:
        """Show this value too, or instead of an older one."""
        if self.watcher.key is None:
            self.recent.append(value)
            return
        self.rows[self.watcher.key(value)] = value
        while len(self.rows) > _ROWS:
            del self.rows[next(iter(self.rows))]

    def happened(self, event: StreamEvent) -> None:
        """Count what is not in the values."""
        self.happenings[event.change] += 1

    def living(self, stack: ExitStack) -> Callable[[Any], None]:
        """Draw it again and again in a terminal; anywhere else print each value as lines."""
        if not on_terminal():
            return lambda value: typer.echo("\n".join(lines(self._table([value]))))
        from rich.live import Live

        live = stack.enter_context(Live(console=console(), auto_refresh=False))
        drawn_at = [float("-inf")]

        def show(_value: Any) -> None:
            now = asyncio.get_running_loop().time()
            if now - drawn_at[0] >= _REDRAWN_SECONDS:
                drawn_at[0] = now
                live.update(drawn(self._table(list(self.rows.values()) or list(self.recent))), refresh=True)

        return show

    def _table(self, values: list[Any]) -> Table:
        return told_of(values, self.wish.depth, self._note(values[-1]))

    def _note(self, value: Any) -> str:
        healed, lost = self.happenings[StreamChange.HEALED], self.happenings[StreamChange.LOST]
        note = f"gaps healed {healed}, connections lost {lost}"
        if not isinstance(value, LiveBook):
            return note
        sequence = "none" if value.sequence is None else str(value.sequence)
        return f"age {value.age:.3f} s, sequence {sequence}, {note}"
