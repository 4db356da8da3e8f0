"""The doctor's checks: each asks the venue something and says what it found. Prints nothing, changes nothing."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from statistics import median

from attrs import evolve, frozen

from unified.account import KeyPermissions, VenueState
from unified.adapter import environment_of
from unified.client import Client
from unified.config import ClientConfig
from unified.hooks import AttemptEvent
from unified.operations import FetchKeyPermissions, FetchServerTime, FetchVenueStatus

TIMES_ASKED = 5
SLOW = 0.5
"""Seconds for a request and its answer from which quoting suffers."""
CLOCK_OFF = 1.0
"""Seconds of difference between clocks that are worth a word; the library corrects them."""
SOON = timedelta(days=14)


class Level(StrEnum):
    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    WRONG = "wrong"


@frozen
class Finding:
    """What one check found, and what to do about it."""

    level: Level
    text: str
    remedy: str = ""
    check: str = ""

    def about(self, check: str) -> Finding:
        """The finding with the name of its check."""
        return evolve(self, check=check)


async def _money(_client: Client, config: ClientConfig) -> list[Finding]:
    environment = environment_of(config.adapter_class, config.adapter_settings())
    if config.endpoint:
        hosts = ", ".join(sorted(set(environment.hosts.values())))
        return [Finding(Level.NOTE, f"speaks to {hosts} instead of the venue's own hosts")]
    if environment.real_money:
        return [Finding(Level.NOTE, "real money", "Use a testnet or `unified sandbox` while you try things out.")]
    return [Finding(Level.OK, "play money")]


async def _reach(client: Client, _config: ClientConfig) -> list[Finding]:
    """A few questions for the time, on each of its products' doors."""
    product = client.products[0]
    if not client.supports(FetchServerTime, product):
        return [Finding(Level.NOTE, "the venue cannot be asked for the time")]
    took: list[float] = []

    def note(event: AttemptEvent) -> None:
        if event.attempt.operation == FetchServerTime.name and event.attempt.kind is None:
            took.append(event.attempt.elapsed)

    stop = client.hooks.on_attempt.add(note)
    try:
        for _ in range(TIMES_ASKED):
            await client.server_time(product)
    finally:
        stop()
    text = f"answers in {1000 * median(took):.0f} ms (best {1000 * min(took):.0f} ms, {len(took)} requests)"
    if median(took) > SLOW:
        return [Finding(Level.WARNING, text, "Run nearer to the venue, or find out what slows the line down.")]
    return [Finding(Level.OK, text)]


async def _clock(client: Client, _config: ClientConfig) -> list[Finding]:
    found = []
    for door, reading in client.clock().items():
        if reading.offset is None or math.isinf(reading.bound):
            continue
        text = f"{door}: the venue is {1000 * reading.offset:+.1f} ms ahead, known to {1000 * reading.bound:.1f} ms"
        if abs(reading.offset) > CLOCK_OFF:
            remedy = "This library corrects it; let the machine keep time (NTP) for everything else."
            found.append(Finding(Level.WARNING, text, remedy))
        else:
            found.append(Finding(Level.OK, text))
    return found or [Finding(Level.NOTE, "no clock was measured")]


async def _status(client: Client, _config: ClientConfig) -> list[Finding]:
    product = client.products[0]
    if not client.supports(FetchVenueStatus, product):
        return [Finding(Level.NOTE, "the venue tells no state")]
    status = await client.venue_status(product)
    text = f"{status.state}{': ' + status.message if status.message else ''}"
    match status.state:
        case VenueState.ONLINE:
            return [Finding(Level.OK, text)]
        case VenueState.DEGRADED:
            return [Finding(Level.WARNING, text, "Expect refusals; read the venue's announcement.")]
        case VenueState.MAINTENANCE:
            return [Finding(Level.WRONG, text, f"Wait{f' until {status.ends_at}' if status.ends_at else ''}.")]


async def _key(client: Client, config: ClientConfig) -> list[Finding]:
    product = client.products[0]
    if config.credentials is None:
        return [Finding(Level.NOTE, "no key is given", "Public data needs none; for an account, use --config.")]
    if not client.supports(FetchKeyPermissions, product):
        await client.balances(product)
        return [Finding(Level.OK, "the key is accepted; the venue does not tell what it may do")]
    return read_key(await client.key_permissions(product), datetime.now(UTC))


def read_key(key: KeyPermissions, now: datetime) -> list[Finding]:
    """What a key's rights mean for whoever owns it."""
    found = [Finding(Level.OK, f"the key is accepted; it may {_rights(key) or 'do nothing that the venue tells'}")]
    if key.withdraw:
        found.append(
            Finding(
                Level.WARNING,
                "the key may withdraw: whoever steals it can take everything",
                "Take that right away at the venue; this library never needs it.",
            )
        )
    if key.read is False:
        found.append(Finding(Level.WRONG, "the key may not read the account", "Allow reading at the venue."))
    if key.trade is False:
        found.append(Finding(Level.NOTE, "the key may not trade", "Allow it at the venue if orders are to be placed."))
    if key.addresses == ():
        found.append(Finding(Level.WARNING, "the key works from any address", "Restrict it to this machine's address."))
    if key.expires_at is not None and key.expires_at - now < SOON:
        level = Level.WRONG if key.expires_at <= now else Level.WARNING
        found.append(Finding(level, f"the key ends on {key.expires_at:%Y-%m-%d}", "Make a new one at the venue."))
    return found + [Finding(Level.NOTE, note) for note in key.notes]


def _rights(key: KeyPermissions) -> str:
    rights = {"read": key.read, "trade": key.trade, "withdraw": key.withdraw}
    return ", ".join(name for name, allowed in rights.items() if allowed)


async def _limits(client: Client, _config: ClientConfig) -> list[Finding]:
    states = [state for state in client.limits() if state.limit > 0]
    shut = [
        Finding(Level.WRONG, f"{state.bucket} is shut: {state.reason}", "Send nothing until it opens again.")
        for state in states
        if state.closed_until is not None
    ]
    fullest = max(states, key=lambda state: state.used / state.limit, default=None)
    if shut or fullest is None:
        return shut or [Finding(Level.NOTE, "the venue publishes no limits")]
    share = fullest.used / fullest.limit
    return [Finding(Level.OK, f"{len(states)} limits, the fullest ({fullest.bucket}) at {100 * share:.0f} %")]


Check = Callable[[Client, ClientConfig], Awaitable[list[Finding]]]
CHECKS: Mapping[str, Check] = {
    "money": _money,
    "connection": _reach,
    "clock": _clock,
    "venue": _status,
    "key": _key,
    "limits": _limits,
}
"""In the order in which one failure explains the next."""
