"""What a caller may set, each with its default, its range and what it is for. Reads no file (`config.py` does).

Every setting is declared once, here: the classes check what they are given, and a reference page can be
made from the same fields (`described`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import urlsplit

from attrs import Attribute, field, fields

from unified.errors import ConfigurationError
from unified.values import frozen

T = TypeVar("T")

UNSAFE_ADDRESS = re.compile(r"[^!-~]|#")
"""What must not stand in an address that goes out as it is."""


@frozen
class Allowed:
    """Which values a setting takes: in words for people, as a test for us."""

    words: str
    test: Callable[[Any], bool]


FLAG = Allowed("true or false", lambda value: type(value) is bool)
TEXT = Allowed("text", lambda value: type(value) is str)


def whole(least: int, most: int) -> Allowed:
    """Integers of a range, both ends included."""
    return Allowed(
        f"a whole number from {least} to {most}", lambda value: type(value) is int and least <= value <= most
    )


def number(least: float, most: float) -> Allowed:
    """Numbers of a range, both ends included."""
    return Allowed(
        f"a number from {least:g} to {most:g}", lambda value: type(value) in (int, float) and least <= value <= most
    )


def either(*words: str) -> Allowed:
    """One of several words."""
    return Allowed(" or ".join(f'"{word}"' for word in words), lambda value: value in words)


def address(*schemes: str) -> Allowed:
    """Empty, or a URL of one of these schemes."""
    starts = tuple(f"{scheme}://" for scheme in schemes)
    words = f"empty or an address that begins with {' or '.join(starts)}"
    return Allowed(words, lambda value: type(value) is str and (not value or value.startswith(starts)))


def optional(allowed: Allowed) -> Allowed:
    """None as well, which a file says by leaving the setting out."""
    return Allowed(f"{allowed.words}, or unset", lambda value: value is None or allowed.test(value))


def setting(default: T, allowed: Allowed, about: str, *, shown: bool = True) -> T:
    """A field of a settings class. `shown=False` keeps its value out of repr and errors."""

    def check(_owner: object, attribute: Attribute[Any], value: object) -> None:
        if not allowed.test(value):
            found = repr(value) if shown else "something else (not shown)"
            raise ConfigurationError(f"{attribute.name}: found {found}, allowed is {allowed.words}")

    made: T = field(default=default, validator=check, repr=shown, metadata={"allowed": allowed.words, "about": about})
    return made


@frozen
class Description:
    """One setting, for a reference page."""

    name: str
    default: object
    allowed: str
    about: str


def described(settings: type[Any]) -> Iterator[Description]:
    """The settings of a class made of `setting` fields, in their order."""
    for attribute in fields(settings):
        if "about" in attribute.metadata:
            yield Description(
                attribute.name, attribute.default, attribute.metadata["allowed"], attribute.metadata["about"]
            )


@frozen(kw_only=True)
class TransportSettings:
    """How requests travel. Certificates are always verified: there is no switch for that."""

    connections: int = setting(
        32,
        whole(1, 1000),
        "Connections to one host; orders and reads have as many each, and requests beyond them wait.",
    )
    keepalive: float = setting(
        30.0,
        number(0, 600),
        "Seconds that an unused connection is kept. Below the venue's own limit no request meets a dying one.",
    )
    dns_ttl: int = setting(60, whole(0, 3600), "Seconds that a resolved address is believed.")
    body_limit: int = setting(
        32 * 2**20,
        whole(1024, 2**30),
        "Largest answer in bytes, counted before and after inflation. With all that is read of it, an answer takes at "
        "most three times as much; one that could take more is refused before it is read.",
    )
    proxy: str = setting(
        "", address("http", "https"), "Address of an HTTP proxy; it may hold a user and a password.", shown=False
    )
    ca_file: str = setting("", TEXT, "PEM file of the authorities to trust instead of the system's.")
    source_address: str = setting("", TEXT, "Local address to connect from, where the machine has several.")


@frozen(kw_only=True)
class LimitSettings:
    """How much of what the venue allows is ours."""

    share: float = setting(
        1.0, number(0.01, 1), "Part of every limit that this client may use; leave the rest to your other programs."
    )


def check_address(base: str) -> str:
    """The host of a base address. Raises ConfigurationError unless it is https, or http to this machine."""
    try:
        parts = urlsplit(base)
        scheme, host, port = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host, port = "", None, None
    if not host or port == 0 or "@" in base or "?" in base or UNSAFE_ADDRESS.search(base):
        raise ConfigurationError("the address of a venue must be a scheme and a host: https://api.example.com")
    if scheme != "https" and not (scheme == "http" and _is_loopback(host)):
        raise ConfigurationError(f"{host}: use https; http is for servers on this machine (127.0.0.1, ::1, localhost)")
    return host


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@frozen(kw_only=True)
class OrderSettings:
    """How orders are placed, and how far the library goes to end a doubt by itself."""

    window_ms: int | None = setting(
        None,
        optional(whole(100, 120_000)),
        "Milliseconds that a request to place or amend may be accepted.",
    )
    visibility: float | None = setting(
        None,
        optional(number(0, 600)),
        "Seconds that an accepted order may be missing from the venue's answers.",
    )
    entry: str = setting(
        "rest",
        either("rest", "socket"),
        "Whether orders are placed, amended and canceled over HTTP, or over the venue's WebSocket where it takes them.",
    )
    resend: bool = setting(
        True, FLAG, "Whether an order that is proved absent is sent again while the caller's deadline allows."
    )
    gate: bool = setting(
        True,
        FLAG,
        "Whether orders on an instrument wait until those that an earlier process left in doubt on it are settled.",
    )
    settle_on_close: float = setting(
        10.0, number(0, 3600), "Seconds that closing a client waits for orders whose outcome is unknown."
    )


@frozen(kw_only=True)
class Deadlines:
    """How long things may take."""

    call: float = setting(
        10.0, number(0.1, 3600), "Seconds for a call, queueing, retries and waits included, unless it says otherwise."
    )
    order: float = setting(10.0, number(0.1, 3600), "Seconds for placing, amending or canceling an order.")
    attempt: float = setting(5.0, number(0.1, 600), "Seconds for one request and its answer.")


@frozen(kw_only=True)
class JournalSettings:
    """Where wanted orders are kept before they leave, so that a crash forgets none."""

    file: str = setting("", TEXT, "Path of the journal; one file for each account. Left out, nothing is kept.")
    mode: str = setting(
        "durable",
        either("durable", "process"),
        "Whether an order is on the disk before it leaves, or only with the system: then a crash of the machine may "
        "forget it, a crash of the process does not.",
    )


@frozen(kw_only=True)
class InstrumentSettings:
    """What is kept of a venue's listing of instruments."""

    cache: str = setting(
        "",
        TEXT,
        "Folder where listings are kept for the next run, which then need not wait for the venue: used for a day, "
        "renewed in the background. Left out, nothing is kept.",
    )
