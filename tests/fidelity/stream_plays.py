"""Who plays on streams, how each names a refusal, and what the venue's engine says of what they saw.

`test_streaming.py` runs them. A book must be one that the engine had, whichever moment the client took it at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from tests.fidelity.judging import same
from tests.fidelity.shown import Shown
from unified.instrument import Product


@frozen(kw_only=True)
class StreamPlay:
    """One client at one venue."""

    client: str
    program: str
    venue: str
    refused: tuple[str, str]
    """How the client names the refusal, and a part of the text that it shows."""
    product: Product = Product.SPOT
    excused: Mapping[str, str] = field(factory=dict)
    """Step -> why it is not taken, or goes wrong by the client's own doing."""

    @property
    def name(self) -> str:
        return f"{self.client} at {self.venue}" + ("" if self.product is Product.SPOT else f" {self.product}")


STREAM_STEPS = ("book", "ticker", "trades", "own_order", "refused")


def _ccxt(venue: str, name: str, text: str, **excused: str) -> StreamPlay:
    return StreamPlay(client="ccxt.pro", program="ccxt_streams", venue=venue, refused=(name, text), excused=excused)


STREAM_PLAYS = (
    _ccxt("kraken", "AuthenticationError", "EAPI:Invalid key"),
    _ccxt("okx", "AuthenticationError", "60005"),
    _ccxt("bybit", "AuthenticationError", "10003"),
    _ccxt(
        "coinbase", "AuthenticationError", "401", trades="Coinbase tells the maker's side, ccxt shows it as the taker's"
    ),
    _ccxt(
        "binance",
        "KeyError",
        "'spot'",
        refused="ccxt 4.5.90 stumbles over the refusal before it has read it (KeyError, read 2026-11-21)",
    ),
    StreamPlay(
        client="pybit", program="pybit_streams", venue="bybit", refused=("Logged", "error:apikey or sign invalid")
    ),
    StreamPlay(client="python-okx", program="okx_streams", venue="okx", refused=("Refused", "60005 Invalid apiKey")),
    StreamPlay(
        client="coinbase-advanced-py",
        program="coinbase_streams",
        venue="coinbase",
        refused=("Refused", "authentication failure"),
    ),
    StreamPlay(
        client="python-kraken-sdk",
        program="kraken_streams",
        venue="kraken",
        refused=("Logged", "KrakenInvalidAPIKeyError"),
    ),
    StreamPlay(client="binance-sdk-spot", program="binance_streams", venue="binance", refused=("ValueError", "-2015")),
    StreamPlay(
        client="binance-sdk-derivatives-trading-usds-futures",
        program="binance_usdm_streams",
        venue="binance",
        product=Product.LINEAR,
        refused=("UnauthorizedError", "Invalid API-key"),
    ),
)


def _is_so(shown: Shown, step: str, saw: Mapping[str, Any]) -> bool:
    """Whether what a client saw in this step is so, or was."""
    match step:
        case "book":
            return any(_alike(saw, book) for book in shown.books)
        case "ticker":
            return any(same(saw["last"], trade["price"]) for trade in shown.trades())
        case "trades":
            return any(_alike(saw, trade) for trade in shown.trades())
    return any(_alike(saw, order) for order in shown.orders())


def _alike(saw: Mapping[str, Any], held: Mapping[str, Any]) -> bool:
    return saw.keys() == held.keys() and all(same(value, held[name]) for name, value in saw.items())


def stream_differences(play: StreamPlay, told: Mapping[str, Mapping[str, Any]], shown: Shown) -> list[str]:
    """What is not as the engine has it, one line each."""
    found = []
    for step in STREAM_STEPS:
        line = told.get(step)
        if step in play.excused or line is None:
            continue
        refusal = line.get("refused")
        if step == "refused":
            name, text = play.refused
            if refusal is None or refusal["as"] != name or text not in refusal["text"]:
                found.append(f"refused: {line}")
        elif refusal is not None or not _is_so(shown, step, line["saw"]):
            found.append(f"{step}: {line}")
    return [*found, *(f"{step}: not told" for step in STREAM_STEPS if step not in told and step not in play.excused)]
