"""What a venue's sandbox implements to take orders over a stream connection, in the words of its requests over HTTP.

A frame that asks for something becomes an `Incoming` and goes through the reception like any other request: the same
bans, faults, limits, engine and ledger. Its answer becomes a frame again. Brings no frame (`conversation.py` does).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import orjson
from attrs import field, frozen

from unified.sandbox.dialect import Incoming, Outgoing
from unified.sandbox.streams import Talk


@frozen(kw_only=True)
class Asked:
    """A request that came in a frame."""

    incoming: Incoming
    about: Mapping[str, Any] = field(factory=dict)
    """What its answer repeats: number, name of the call."""


class EntryTalk(Talk):
    """A connection over which orders may come."""

    @abstractmethod
    def asked(self, frame: str) -> Asked | None:
        """The request that this frame is; None where it is none, or is refused without being looked at."""

    @abstractmethod
    def answered(self, asked: Asked, answer: Outgoing, said: Any) -> list[str]:
        """The frames of an answer, whose body says this."""


def said_in(answer: Outgoing) -> Any:
    """The JSON of an answer; None for a page of the network in front, which ends a stream instead of showing there."""
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
