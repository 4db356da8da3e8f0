"""`unified venues`: what is installed and what each venue can do. Sends nothing; tables of one venue: venue_tables."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from unified import registry
from unified.adapter import AdapterClass, Limit
from unified.cli import jsons
from unified.cli.choices import bare, venue_class
from unified.cli.tables import Table, show
from unified.cli.venue_tables import tables_of
from unified.errors import ConfigurationError
from unified.feeds import streams_of
from unified.operations import OPERATIONS
from unified.registry import adapter_class

EXAMPLES = """
unified venues
unified venues okx
unified venues binance --json | jq '.operations.linear'
"""


def venues(
    venue: Annotated[
        str | None, typer.Argument(metavar="VENUE", help="One venue, in full; left out, all that are installed.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the venues, or what one of them can do: operations, streams, promises, limits, hosts, options."""
    if venue is not None:
        known = facts(venue_class(venue))
        if as_json:
            jsons.emit(known)
        else:
            for table in tables_of(known):
                show(table)
        return
    every = [_facts_or_reason(name) for name in registry.installed()]
    if as_json:
        jsons.emit(every)
    else:
        show(_overview(every))


def facts(adapter: AdapterClass) -> dict[str, Any]:
    """What an adapter says of itself. Operations and watches come from its own tables: there is no second list."""
    made = bare(adapter)
    endpoints, streams = made.endpoints, streams_of(made)
    return {
        "venue": adapter.venue,
        "title": adapter.title,
        "products": list(adapter.products),
        "operations": {
            product: {
                operation.name: endpoints[operation, product].example
                for operation in OPERATIONS
                if (operation, product) in endpoints
            }
            for product in adapter.products
        },
        "streams": {
            product: {watch.name: feed.example for (watch, of), feed in streams.items() if of is product}
            for product in adapter.products
        },
        "placement": dict(made.placement),
        "client_order_ids": made.client_ids,
        "limits": [_limit(limit) for limit in made.limits],
        "environments": list(adapter.environments.values()),
        "options": list(adapter.options),
        "credential_fields": list(adapter.credential_fields),
    }


def _limit(limit: Limit) -> dict[str, Any]:
    """A limit, with the form that tells how its numbers are meant."""
    return {
        "bucket": limit.bucket,
        "scope": limit.scope,
        "form": type(limit.rule).__name__,
        "rule": limit.rule,
        "door": limit.door,
        "about": limit.about,
    }


def _facts_or_reason(name: str) -> dict[str, Any]:
    """The same, or why an adapter that is announced cannot be used: one broken adapter hides no other."""
    try:
        return facts(adapter_class(name))
    except ConfigurationError as error:
        return {"venue": name, "broken": str(error)}


def _overview(every: list[dict[str, Any]]) -> Table:
    return Table(
        columns=("venue", "name", "products", "operations", "streams", "environments", "credentials"),
        rows=[_row(known) for known in every],
        note="`unified venues VENUE` shows one of them in full.",
    )


def _row(known: dict[str, Any]) -> tuple[str, ...]:
    if "broken" in known:
        return known["venue"], "cannot be used", known["broken"], "", "", "", ""
    return (
        known["venue"],
        known["title"],
        ", ".join(known["products"]),
        _counted(known["operations"]),
        _counted(known["streams"]),
        ", ".join(environment.name for environment in known["environments"]),
        ", ".join(known["credential_fields"]),
    )


def _counted(by_product: dict[str, dict[str, str]]) -> str:
    return ", ".join(f"{len(names)} {product}" for product, names in by_product.items() if names) or "none"
