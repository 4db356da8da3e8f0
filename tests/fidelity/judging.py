"""Compares what a client told with what the engine held when it was answered. Plays nothing itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from tests.fidelity.plays import ORDERS, READS, REFUSALS, Play
from tests.fidelity.stage import VENUES, Exchange, Played, Venue

_TIME_TOLERANCE_MS = 1_500
"""Some venues tell whole seconds; and the answer travels."""

_ORDER = frozenset({"side", "price", "quantity", "status"})
AT_LEAST: Mapping[str, frozenset[str]] = {
    "time": frozenset({"ms"}),
    "instruments": frozenset({"tick", "lot"}),
    "ticker": frozenset({"last"}),
    "book": frozenset({"bids", "asks"}),
    "candles": frozenset({"rows"}),
    "balances": frozenset({"quote_total"}),
    "place": frozenset({"side", "price", "quantity"}),
    **dict.fromkeys(("query", "open_orders", "query_amended", "query_canceled"), _ORDER),
    "amend": frozenset({"price"}),
    "cancel": frozenset({"side"}),
    "sell": frozenset({"side"}),
    "query_sold": frozenset({"side", "filled", "average", "status"}),
    "fills": frozenset({"side", "quantity", "fee", "liquidity"}),
}
"""What a step must tell, so that no program passes by telling nothing."""


def differences(play: Play, played: Played) -> list[str]:
    """In words, one for each; empty where client and sandbox agree."""
    return [f"{step}: {what}" for step, what in _differences(play, played)]


def _differences(play: Play, played: Played) -> Iterator[tuple[str, str]]:
    wanted = {step for step in (*READS, *ORDERS, *REFUSALS) if step not in play.excused}
    yield from ((step, "it is excused, and was taken") for step in play.excused if step in played.told)
    yield from ((step, "it was not taken") for step in sorted(wanted - set(played.told)))
    yield from (("hosts", f"the client went to {host}") for host in played.strays)
    for step, line in played.told.items():
        if step in REFUSALS:
            yield from ((step, what) for what in _of_refusal(play, step, line))
        elif "refused" in line:
            yield step, f"refused: {line['refused']}"
        else:
            yield from (
                (step, what) for what in _of_step(VENUES[play.venue], step, line["saw"], played.steps[step][-1])
            )


def _of_refusal(play: Play, step: str, line: Mapping[str, Any]) -> Iterator[str]:
    if "refused" not in line:
        yield f"it was let through: {line}"
    elif step in play.refusals:
        word, part = play.refusals[step]
        if line["refused"]["as"] != word or part not in line["refused"]["text"]:
            yield f"recognised as {line['refused']}, not as {word} with {part!r}"


def _of_step(venue: Venue, step: str, saw: dict[str, Any], last: Exchange) -> Iterator[str]:
    missing = AT_LEAST[step] - set(saw)
    if missing:
        yield f"nothing told of {', '.join(sorted(missing))}"
    shows = last.view.shows(step)
    for name, value in saw.items():
        held = shows.get(name)
        if not _agree(venue, step, name, value, held):
            yield f"{name} is {value!r}; the engine holds {held!r}"


def _agree(venue: Venue, step: str, name: str, value: Any, held: Any) -> bool:
    """Whether one thing told is one thing held, as this venue may write it."""
    match step, name:
        case "time", "ms":
            return bool(abs(int(value) - held) <= _TIME_TOLERANCE_MS)
        case "candles", "rows":
            closed = [row for row in value if int(row[0]) <= held[-1][0]]
            runs = len(closed) < len(value) or not venue.shows_running_candle
            return runs and same(closed[-len(held) :], held)
        case "book", _:
            return same(value, [[price, _rounded(quantity, venue.book_places)] for price, quantity in held])
        case "fills", "fee_currency":
            return same(value, venue.currencies.get(held, held))
    return same(value, held)


def _rounded(value: Decimal, places: int | None) -> Decimal:
    return value if places is None else value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)


def same(one: Any, other: Any) -> bool:
    """Numbers by value, however they are written; lists row by row."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    try:
        return Decimal(str(one)) == Decimal(str(other))
    except InvalidOperation:
        return bool(one == other or (not one and not other))
