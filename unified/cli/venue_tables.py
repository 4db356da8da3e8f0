"""One venue in full, as tables for people. Asks no adapter: the facts come from `venues.py`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from unified.adapter import (
    ClientIdRule,
    Concurrency,
    DecayingCounter,
    Dedup,
    Environment,
    Expiry,
    FixedWindow,
    LimitRule,
    PlacementRule,
    RollingWindow,
    TokenBucket,
)
from unified.cli.tables import Table
from unified.operations import OPERATIONS

_REPEATED = {
    Dedup.EVER: "never a second order",
    Dedup.WHILE_OPEN: "refused while the first is open",
    Dedup.NONE: "not promised",
}


def tables_of(known: Mapping[str, Any]) -> list[Table]:
    """Everything that the facts of one venue say, in the order in which a trader asks; empty tables are left out."""
    watched = dict.fromkeys(name for names in known["streams"].values() for name in names)
    tables = [
        _said(f"{known['title']}: operations", "operation", (each.name for each in OPERATIONS), known["operations"]),
        _said("Streams", "watch", watched, known["streams"]),
        _promises(known["placement"], known["client_order_ids"]),
        _limits(known["limits"]),
        _environments(known["environments"]),
        Table(title="Credentials", columns=("field",), rows=[(name,) for name in known["credential_fields"]]),
        Table(
            title="Options",
            columns=("option", "default", "allowed", "about"),
            rows=[
                (each.name, each.default, ", ".join(each.allowed) or "any text", each.about)
                for each in known["options"]
            ],
        ),
    ]
    return [table for table in tables if table.rows]


def _said(title: str, what: str, names: Iterable[str], by_product: Mapping[str, Mapping[str, str]]) -> Table:
    """How the venue says each of these, product by product."""
    return Table(
        title=title,
        columns=(what, *by_product),
        rows=[(name, *(_how(said, name) for said in by_product.values())) for name in names],
    )


def _how(said: Mapping[str, str], name: str) -> str:
    """The venue's request or channel for it, where the adapter names one."""
    return (said[name] or "yes") if name in said else "-"


def _promises(placement: Mapping[str, PlacementRule], ids: ClientIdRule) -> Table:
    """What doubt about an order is settled by: docs/exactly-once.md."""
    return Table(
        title="Orders",
        columns=("product", "id repeated", "request expires by", "may be missing for", "source"),
        rows=[row for product, rule in placement.items() for row in _promise(product, rule)],
        note=f"Client order ids: {ids.pattern}, at most {ids.max_length} characters.",
    )


def _promise(product: str, rule: PlacementRule) -> Iterable[tuple[str, ...]]:
    yield product, _REPEATED[rule.dedup], _expiry(rule.expiry), f"{rule.visibility:g} s", rule.source
    if rule.stops is not None:
        yield from _promise(f"{product}, stops", rule.stops)


def _expiry(expiry: Expiry | None) -> str:
    if expiry is None:
        return "nothing"
    late = f", and {expiry.late:g} s later" if expiry.late else ""
    return f"{expiry.parameter}, {expiry.min_ms} to {expiry.max_ms} ms, usually {expiry.default_ms}{late}"


def _limits(limits: Iterable[Mapping[str, Any]]) -> Table:
    return Table(
        title="Limits, until the venue says others",
        columns=("bucket", "counted by", "at most", "about"),
        rows=[(each["bucket"], str(each["scope"]), _at_most(each["rule"]), each["about"]) for each in limits],
    )


def _at_most(rule: LimitRule) -> str:
    match rule:
        case FixedWindow(limit=limit, period=period):
            return f"{limit} per {period:g} s of the calendar"
        case RollingWindow(limit=limit, period=period):
            return f"{limit} in any {period:g} s"
        case TokenBucket(rate=rate, burst=burst):
            return f"{rate:g} a second, {burst} at once"
        case DecayingCounter(limit=height, decay=decay):
            return f"{height:g}, falling by {decay:g} a second"
        case Concurrency(limit=limit):
            return f"{limit} under way"


def _environments(environments: Iterable[Environment]) -> Table:
    return Table(
        title="Environments",
        columns=("environment", "door or line", "host", "money", "about"),
        rows=[
            (each.name, name, host, "real" if each.real_money else "play", each.about)
            for each in environments
            for name, host in (*each.hosts.items(), *((line, to.base) for line, to in each.streams.items()))
        ],
    )
