"""`unified fetch`: one thing from a venue, as a table or JSON. Changes nothing at the venue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import zip_longest
from typing import Annotated, Any

import typer
from attrs import evolve, frozen, has

from unified.cli import jsons
from unified.cli.choices import word
from unified.cli.connection import Config, Endpoints, Environment, Section, Venue, config_of
from unified.cli.tables import Table, show
from unified.client import Client
from unified.config import ClientConfig
from unified.instrument import Instrument, Product
from unified.market_data import Book, Interval

EXAMPLES = """
unified fetch ticker BTC/USDT --venue binance
unified fetch candles BTC/USDT:USDT --venue okx --interval 1h --limit 24 --json
unified fetch book BTC/USDT --venue kraken --depth 5
unified fetch balances --config unified.toml --section main
unified fetch orders --config unified.toml --product linear
"""


RULES = ("name", "symbol", "status", "tick_size", "lot_size", "min_quantity", "max_quantity", "min_notional")
"""What a table shows of an instrument; JSON has everything."""


@frozen(kw_only=True)
class Question:
    """What is wanted, as the options say."""

    instrument: str | None
    product: Product
    limit: int
    depth: int
    interval: str


@frozen(kw_only=True)
class Answerer:
    """How one thing is fetched."""

    ask: Callable[[Client, Question], Awaitable[Any]]
    of_instrument: bool = False
    """It is asked of one instrument, which must be named."""


async def _first(rows: AsyncIterator[Any], count: int) -> list[Any]:
    """The first rows of what may be endless."""
    found: list[Any] = []
    async for row in rows:
        found.append(row)
        if len(found) >= count:
            break
    return found


async def _server_time(client: Client, question: Question) -> Any:
    return {"server_time": await client.server_time(question.product)}


async def _instruments(client: Client, question: Question) -> Any:
    return list(await client.instruments(question.product))


async def _balances(client: Client, question: Question) -> Any:
    return list((await client.balances(question.product)).values())


async def _trades(client: Client, question: Question) -> Any:
    return await _first(client.trades(question.instrument or "", limit=question.limit), question.limit)


async def _candles(client: Client, question: Question) -> Any:
    rows = client.candles(question.instrument or "", question.interval, limit=question.limit)
    return await _first(rows, question.limit)


async def _positions(client: Client, question: Question) -> Any:
    return list(await client.positions(question.product, question.instrument))


ANSWERERS: Mapping[str, Answerer] = {
    "server_time": Answerer(ask=_server_time),
    "status": Answerer(ask=lambda client, question: client.venue_status(question.product)),
    "instruments": Answerer(ask=_instruments),
    "ticker": Answerer(ask=lambda client, question: client.ticker(question.instrument or ""), of_instrument=True),
    "tickers": Answerer(ask=lambda client, question: client.tickers(question.product)),
    "book": Answerer(
        ask=lambda client, question: client.book(question.instrument or "", question.depth), of_instrument=True
    ),
    "trades": Answerer(ask=_trades, of_instrument=True),
    "candles": Answerer(ask=_candles, of_instrument=True),
    "funding_rate": Answerer(
        ask=lambda client, question: client.funding_rate(question.instrument or ""), of_instrument=True
    ),
    "balances": Answerer(ask=_balances),
    "fees": Answerer(ask=lambda client, question: client.trading_fees(question.instrument or ""), of_instrument=True),
    "orders": Answerer(
        ask=lambda client, question: _first(client.open_orders(question.product, question.instrument), question.limit)
    ),
    "closed_orders": Answerer(
        ask=lambda client, question: _first(
            client.closed_orders(question.instrument, product=question.product), question.limit
        )
    ),
    "fills": Answerer(
        ask=lambda client, question: _first(client.fills(question.instrument, product=question.product), question.limit)
    ),
    "positions": Answerer(ask=_positions),
    "permissions": Answerer(ask=lambda client, question: client.key_permissions(question.product)),
}


def fetch(
    what: Annotated[str, typer.Argument(metavar="WHAT", help=f"One of: {', '.join(ANSWERERS)}.")],
    instrument: Annotated[
        str | None,
        typer.Argument(metavar="INSTRUMENT", help="BTC/USDT, the perpetual BTC/USDT:USDT, or as the venue spells it."),
    ] = None,
    venue: Venue = None,
    config: Config = None,
    section: Section = None,
    endpoint: Endpoints = None,
    environment: Environment = None,
    product: Annotated[Product | None, typer.Option(help="Where no instrument decides it.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Rows at most, of lists that go on.")] = 20,
    depth: Annotated[int, typer.Option(min=1, max=5_000, help="Levels of a book.")] = 10,
    interval: Annotated[str, typer.Option(help="Length of a candle: 1m, 5m, 1h, 1d, ... A month is 1M.")] = "1m",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: numbers as text, times in ISO 8601.")] = False,
) -> None:
    """Fetch something from a venue: market data, or what an account holds and does.

    Public data needs a venue only; what belongs to an account needs a file that says where its key is kept.
    """
    answerer = _answerer(what)
    if answerer.of_instrument and instrument is None:
        raise typer.BadParameter(f"{what} is asked of one instrument: name it after {what}, such as BTC/USDT")
    question = Question(
        instrument=instrument,
        product=product or (Product.LINEAR if what == "positions" else Product.SPOT),
        limit=limit,
        depth=depth,
        interval=interval if interval == Interval.MONTH else word(Interval, interval, "--interval"),
    )
    settings = config_of(venue=venue, config=config, section=section, endpoint=endpoint, environment=environment)
    answer = asyncio.run(_fetched(settings, answerer, question))
    if as_json:
        jsons.emit(answer)
    else:
        show(told(answer, question))


def _answerer(what: str) -> Answerer:
    try:
        return ANSWERERS[what.lower().replace("-", "_")]
    except KeyError:
        raise typer.BadParameter(f"{what!r} cannot be fetched; there are: {', '.join(ANSWERERS)}") from None


async def _fetched(settings: ClientConfig, answerer: Answerer, question: Question) -> Any:
    async with Client(settings) as client:
        return await answerer.ask(client, question)


def told(answer: Any, question: Question) -> Table:
    """An answer as a table: a list has a row for each item, a single value one for each of its fields."""
    if isinstance(answer, Book):
        return _book(answer, question.depth)
    if isinstance(answer, list | tuple):
        return _list([_fields(item) for item in answer])
    rows = [(name, _cell(value)) for name, value in _fields(answer).items()]
    return Table(columns=("field", "value"), rows=rows)


def told_of(values: Sequence[Any], depth: int, note: str) -> Table:
    """Values of a stream as a table, with a line below: one book, or a row for each of anything else."""
    newest = values[-1]
    table = _book(newest, depth) if isinstance(newest, Book) else _list([_fields(value) for value in values])
    return evolve(table, note=note)


def _fields(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    if isinstance(value, Instrument):
        return {name: getattr(value, name) for name in RULES}
    return jsons.facts(value)


def _list(rows: Sequence[Mapping[str, Any]]) -> Table:
    """A column for each field that any row fills."""
    names = [name for name in (rows[0] if rows else ()) if any(_cell(row[name]) for row in rows)]
    return Table(
        columns=tuple(names),
        rows=[[_cell(row[name]) for name in names] for row in rows],
        right=[name for name in names if all(isinstance(row[name], Decimal | None) for row in rows)],
        note="" if rows else "Nothing.",
    )


def _book(book: Book, depth: int) -> Table:
    sides = zip_longest(book.bids[:depth], book.asks[:depth], fillvalue=(None, None))
    rows = [(bid[1], bid[0], ask[0], ask[1]) for bid, ask in sides]
    columns = ("bid quantity", "bid", "ask", "ask quantity")
    return Table(
        title=book.instrument.name, columns=columns, rows=[[_cell(cell) for cell in row] for row in rows], right=columns
    )


def _cell(value: Any) -> str:
    """A value for people: without the zeros that venues write after a price."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Decimal():
            text = format(value, "f")
            return text.rstrip("0").rstrip(".") if "." in text else text
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        case Instrument():
            return value.name
        case list() | tuple():
            return ", ".join(map(_cell, value))
    return ", ".join(map(str, _fields(value).values())) if has(type(value)) else str(value)
