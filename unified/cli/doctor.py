"""`unified doctor`: why a venue cannot be reached or refuses a key, and what to do. Mends nothing by itself."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from unified.cli import jsons
from unified.cli.checkup import CHECKS, Finding, Level
from unified.cli.connection import Config, Endpoints, Environment, Section, Venue, config_of
from unified.cli.tables import Table, show
from unified.client import Client
from unified.config import ClientConfig
from unified.errors import VenueError

EXAMPLES = """
unified doctor --venue binance
unified doctor --config unified.toml --section main
unified doctor --venue okx --endpoint http://127.0.0.1:8080 --json
"""


def doctor(
    venue: Venue = None,
    config: Config = None,
    section: Section = None,
    endpoint: Endpoints = None,
    environment: Environment = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Find out why a venue cannot be reached or does not accept a key.

    Looks at the way to the venue, its clock and this machine's, its state, what the key may do, and the limits.
    Every finding comes with what to do about it. Places no order.
    """
    settings = config_of(venue=venue, config=config, section=section, endpoint=endpoint, environment=environment)
    findings = asyncio.run(examined(settings))
    healthy = all(finding.level is not Level.WRONG for finding in findings)
    if as_json:
        jsons.emit(_document(settings, findings, healthy=healthy))
    else:
        show(_told(settings, findings, healthy=healthy))
    if not healthy:
        raise typer.Exit(1)


async def examined(settings: ClientConfig) -> list[Finding]:
    """Every check, in turn. A check that fails is a finding, and the next ones are made all the same."""
    findings: list[Finding] = []
    async with Client(settings) as client:
        for name, check in CHECKS.items():
            try:
                found = await check(client, settings)
            except VenueError as error:
                found = [Finding(Level.WRONG, _failure(error), error.hint or "Try again later.")]
            findings += [finding.about(name) for finding in found]
    return findings


def _failure(error: VenueError) -> str:
    return f"{error.operation}: {error.kind}{error.fault.said}"


def _document(settings: ClientConfig, findings: list[Finding], *, healthy: bool) -> dict[str, Any]:
    return {
        "venue": settings.adapter_class.venue,
        "environment": settings.environment,
        "healthy": healthy,
        "findings": findings,
    }


def _told(settings: ClientConfig, findings: list[Finding], *, healthy: bool) -> Table:
    return Table(
        title=f"{settings.adapter_class.title}, {settings.environment}",
        columns=("check", "result", "finding", "what to do"),
        rows=[(finding.check, finding.level, finding.text, finding.remedy) for finding in findings],
        note="Nothing is wrong." if healthy else "Something is wrong: see above.",
    )
