"""The other play: one request for each intent, as the user of the client would make it. What is answered is no matter.

A program has a method `ask_<what>` for each kind of intent; what it has none for, its client does not offer.
"""

from __future__ import annotations

import inspect
from typing import Any

from tests.fidelity.clients.playing import Peer, Told
from tests.fidelity.clients.telling import Script


class CannotAsk(Exception):
    """The client has no words for this intent."""


def rises(intent: Told) -> bool:
    """Whether a stop waits for a higher price; one that names no trigger is a plain stop of its side."""
    found: str = intent.get("trigger", "rises" if intent["side"] == "buy" else "falls")
    return found == "rises"


def takes_profit(intent: Told) -> bool:
    """Whether a stop sells high or buys low."""
    is_sell: bool = intent["side"] == "sell"
    return rises(intent) is is_sell


async def play(script: Script, peer: Peer) -> None:
    """Ask everything; tell what the client would not send, or whatever else came of it."""
    script.enter("ready")
    await _done(getattr(peer, "get_ready", lambda: None)())
    for intent in script.given["intents"]:
        script.enter(intent["name"])
        ask = getattr(peer, f"ask_{intent['do']}", None)
        try:
            await _done(ask(intent) if ask else None)
        except CannotAsk:
            ask = None
        except Exception as refusal:  # noqa: BLE001 - the sandbox does not know these orders
            script.tell(intent["name"], refused=peer.recognise(refusal), offered=True)
            continue
        script.tell(intent["name"], offered=ask is not None)
    script.enter("")
    await _done(peer.close())


async def _done(answer: Any) -> Any:
    return await answer if inspect.isawaitable(answer) else answer
