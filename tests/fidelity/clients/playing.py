"""The play that every client goes through: read, trade, be refused. Each client is a `Peer`; knows none of them."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.fidelity.clients.telling import Script

PRICE, AMENDED = "50000", "50100"
"""Of the order that is placed and amended: far below the market."""
CLOCK_S = 300
"""How far the venue's clock is set ahead where a client's time must be old."""
TOO_FINE = "0.0000000001"
"""A quantity that no lot divides."""
NAME = "fidelity0001"
"""The client order id."""

Told = dict[str, Any]


class Refused(Exception):
    """A refusal that the client returns as a value; raised by its program, under the client's own word for it."""

    def __init__(self, word: object, text: object = "") -> None:
        super().__init__(str(text))
        self.word = str(word)


class Peer:
    """One client. A method that a client cannot perform is left away, and its step is then not told.

    Methods may be coroutines. `place`, `amend` and `sell` keep the order's id in `self.order`.
    """

    unknown = "NOPE"
    """A symbol that the venue does not list, as it would write one."""

    def __init__(self, script: Script, account: str = "main", secret: str | None = None) -> None:
        self.script = script
        known = script.account(account)
        self.key, self.secret, self.passphrase = known["key"], secret or known["secret"], known["passphrase"]
        self.symbol = script.symbol
        self.quantity = script.quantity
        self.order = ""

    def other(self, account: str = "main", secret: str | None = None) -> Peer:
        """The same client under another account or with another secret."""
        return type(self)(self.script, account, secret)

    def buy(self, symbol: str, quantity: str, name: str | None = None) -> Any:
        """Place a limit order at `PRICE` past the client's own checks, where it has any."""
        raise NotImplementedError

    def recognise(self, refusal: Exception) -> Told:
        """How the client names a refusal."""
        if isinstance(refusal, Refused):
            return {"as": refusal.word, "text": str(refusal)}
        return {"as": type(refusal).__name__, "text": str(refusal)[:600]}

    def close(self) -> Any:
        """Let go of what it holds."""


async def play(script: Script, peer: Peer) -> None:
    """Take every step that the client can take, and tell what came of it."""
    for step, take in STEPS.items():
        script.enter(step)
        try:
            saw = await _patiently(step, lambda take=take: take(peer))  # type: ignore[misc]
        except NotOffered:
            continue
        except Exception as refusal:  # noqa: BLE001 - every client has its own, and all are told
            script.tell(step, refused=peer.recognise(refusal))
        else:
            script.tell(step, saw=saw)
    script.enter("")
    await _done(peer.close())


class NotOffered(Exception):
    """The client has no such method."""


async def _patiently(step: str, take: Callable[[], Any]) -> Any:
    """A query may come before the venue has acted: it is asked again until the order has the state it must reach."""
    wanted = _WANTED.get(step)
    for patience in range(40, -1, -1):
        try:
            saw = await _done(take())
        except NotOffered:
            raise
        except Exception:
            if wanted is None or not patience:
                raise
        else:
            if wanted is None or not patience or saw.get("status", wanted) == wanted:
                return saw
        await asyncio.sleep(0.05)
    return None


_WANTED = {
    "query": "open", "open_orders": "open", "query_amended": "open", "query_canceled": "canceled",
    "query_sold": "closed", "fills": "any",
}  # fmt: skip


async def _done(answer: Any) -> Any:
    return await answer if inspect.isawaitable(answer) else answer


# --- the steps


def _plainly(name: str) -> Callable[[Peer], Any]:
    """The method of this name, as it is."""

    async def take(peer: Peer) -> Any:
        return await _done(_method(peer, name)())

    return take


def _method(peer: Peer, name: str) -> Callable[..., Any]:
    found: Callable[..., Any] | None = getattr(peer, name, None)
    if found is None:
        raise NotOffered
    return found


async def _place(peer: Peer) -> Told:
    named = await _done(peer.buy(peer.symbol, peer.quantity, NAME))
    meant = {"side": "buy", "price": PRICE, "quantity": peer.quantity, "order_type": "limit", "time_in_force": "gtc"}
    return {**meant, "client_order_id": NAME} if named is not False else meant


async def _query(peer: Peer) -> Told:
    seen: Told = await _done(_method(peer, "query")())
    seen.pop("average", None)
    return seen


async def _query_amended(peer: Peer) -> Told:
    _method(peer, "amend")
    return await _query(peer)


async def _query_sold(peer: Peer) -> Told:
    seen: Told = await _done(_method(peer, "query")())
    return {name: value for name, value in seen.items() if name not in ("price", "client_order_id")}


async def _amend(peer: Peer) -> Told:
    await _done(_method(peer, "amend")())
    return {"price": AMENDED, "quantity": peer.quantity}


async def _cancel(peer: Peer) -> Told:
    await _done(_method(peer, "cancel")())
    return {"side": "buy"}


async def _sell(peer: Peer) -> Told:
    await _done(_method(peer, "sell")())
    return {"side": "sell", "order_type": "market", "quantity": peer.quantity}


async def _buy_as(peer: Peer, other: Peer) -> Any:
    try:
        return await _done(other.buy(peer.symbol, peer.quantity))
    finally:
        await _done(other.close())


async def _wrong_signature(peer: Peer) -> Any:
    return await _buy_as(peer, peer.other(secret=peer.script.account("poor")["secret"]))


async def _missing_funds(peer: Peer) -> Any:
    return await _buy_as(peer, peer.other("poor"))


async def _old_timestamp(peer: Peer) -> Any:
    if peer.script.venue == "kraken":  # it checks nonces instead
        raise NotOffered
    peer.script.set_clock(CLOCK_S)
    try:
        return await _done(_method(peer, "balances")())
    finally:
        peer.script.set_clock(-CLOCK_S)


async def _reused_nonce(peer: Peer) -> Any:
    if peer.script.venue != "kraken":
        raise NotOffered
    return await _done(_method(peer, "reused_nonce")())


STEPS: dict[str, Callable[[Peer], Any]] = {
    **{name: _plainly(name) for name in ("time", "instruments", "ticker", "book", "candles", "balances")},
    "place": _place,
    "query": _query,
    "open_orders": _plainly("open_orders"),
    "amend": _amend,
    "query_amended": _query_amended,
    "cancel": _cancel,
    "query_canceled": _query,
    "sell": _sell,
    "query_sold": _query_sold,
    "fills": _plainly("fills"),
    "wrong_signature": _wrong_signature,
    "missing_funds": _missing_funds,
    "bad_lot": lambda peer: peer.buy(peer.symbol, TOO_FINE),
    "unknown_symbol": lambda peer: peer.buy(peer.unknown, peer.quantity),
    "old_timestamp": _old_timestamp,
    "reused_nonce": _reused_nonce,
}


def halved(quantity: str) -> str:
    return str(Decimal(quantity) / 2)


def total(values: Any) -> str:
    return str(sum((Decimal(str(value)) for value in values), Decimal(0)))
