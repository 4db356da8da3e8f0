"""One HTTP request and its answer, as plain values. Sends nothing, and shows no secret when printed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from attrs import field

from unified.values import frozen

_SECONDS = re.compile(r"[0-9]{1,9}")


class Method(StrEnum):
    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    DELETE = "DELETE"


@frozen(kw_only=True)
class HttpRequest:
    """What an adapter wants sent, to the byte: what is signed here is what goes out."""

    method: Method
    base: str
    """Scheme and host, as the environment names it: `https://api.example.com`."""
    path: str
    """Percent-encoded, with its leading slash."""
    query: str = field(default="", repr=False)
    """Percent-encoded, without the question mark. Not in the repr: signatures stand in it."""
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def over_socket(self) -> bool:
        """Whether it goes over a WebSocket, as a frame (`entry.py`)."""
        return self.base.startswith("ws")

    @property
    def url(self) -> str:
        return f"{self.base}{self.path}?{self.query}" if self.query else f"{self.base}{self.path}"


class HttpResponse(NamedTuple):
    """What came back, read to its end."""

    status: int
    headers: Mapping[str, str] = MappingProxyType({})
    """Names in lower case."""
    body: bytes = b""
    sent_at: float = 0.0
    """Monotonic seconds just before the first byte left."""
    received_at: float = 0.0
    """Monotonic seconds when the head of the answer was read."""
    fresh_connection: bool = False
    """True where the connection was opened for this request: its timing says little about clocks."""

    def __repr__(self) -> str:
        """Neither headers nor body: secrets may stand in them."""
        return f"HttpResponse(status={self.status}, {len(self.body)} bytes)"

    def header(self, name: str) -> str | None:
        """The value of a header, asked for in any case; None where the answer has no such header."""
        return self.headers.get(name.lower())

    def seconds(self, name: str) -> float | None:
        """The whole seconds that a header tells; None where it does not come or is anything but digits.

        More than nine digits are no wait that anybody means.
        """
        told = self.header(name)
        return float(told) if told is not None and _SECONDS.fullmatch(told) else None

    @property
    def retry_after(self) -> float | None:
        """Seconds that the answer asks to wait; None also for the date that RFC 9110 (10.2.3) allows in their place."""
        return self.seconds("retry-after")
