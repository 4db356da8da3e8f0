"""`unified venues`: what is installed and what each venue can do. Sends nothing."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from unified import registry
from unified.adapter import AdapterClass
from unified.cli import jsons
from unified.cli.choices import bare, venue_class
from unified.cli.tables import Table, show
from unified.errors import ConfigurationError
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
    """List the venues, or what one of them can do: its operations, hosts, options and credentials."""
    if venue is not None:
        known = facts(venue_class(venue))
        if as_json:
            jsons.emit(known)
        else:
            for table in _told(known):
                show(table)
        return
    every = [_facts_or_reason(name) for name in registry.installed()]
    if as_json:
        jsons.emit(every)
    else:
        show(_overview(every))


def facts(adapter: AdapterClass) -> dict[str, Any]:
    """What an adapter says of itself. Operations come from its endpoint table: there is no second list."""
    endpoints = bare(adapter).endpoints
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
        "environments": list(adapter.environments.values()),
        "options": list(adapter.options),
        "credential_fields": list(adapter.credential_fields),
    }


def _facts_or_reason(name: str) -> dict[str, Any]:
    """The same, or why an adapter that is announced cannot be used: one broken adapter hides no other."""
    try:
        return facts(adapter_class(name))
    except ConfigurationError as error:
        return {"venue": name, "broken": str(error)}


def _overview(every: list[dict[str, Any]]) -> Table:

    return Table(
        columns=("venue", "name", "products", "operations", "environments", "credentials"),
        rows=[_row(known) for known in every],
        note="`unified venues VENUE` shows one of them in full.",
    )


def _row(known: dict[str, Any]) -> tuple[str, ...]:
    if "broken" in known:
        return known["venue"], "cannot be used", known["broken"], "", "", ""
    return (
        known["venue"],
        known["title"],
        ", ".join(known["products"]),
        ", ".join(f"{len(names)} {product}" for product, names in known["operations"].items()),
        ", ".join(environment.name for environment in known["environments"]),
        ", ".join(known["credential_fields"]),
    )


def _told(known: dict[str, Any]) -> list[Table]:

    by_product = known["operations"]
    tables = [
        Table(
            title=f"{known['title']}: operations",
            columns=("operation", *by_product),
            rows=[
                (operation.name, *(_how(names, operation.name) for names in by_product.values()))
                for operation in OPERATIONS
            ],
        ),
        Table(
            title="Environments",
            columns=("environment", "door", "host", "money", "about"),
            rows=[
                (item.name, door, host, "real" if item.real_money else "play", item.about)
                for item in known["environments"]
                for door, host in item.hosts.items()
            ],
        ),
        Table(
            title="Credentials",
            columns=("field",),
            rows=[(name,) for name in known["credential_fields"]],
        ),
    ]
    if known["options"]:
        options = [
            (item.name, item.default, ", ".join(item.allowed) or "any text", item.about) for item in known["options"]
        ]
        tables.append(Table(title="Options", columns=("option", "default", "allowed", "about"), rows=options))
    return tables


def _how(names: dict[str, str], operation: str) -> str:
    """The venue's request for it, where the table names one."""
    return (names[operation] or "yes") if operation in names else "-"
