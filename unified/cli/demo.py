"""`unified demo`: one strategy on simulated venues that misbehave, judged by those venues. Runs nothing itself."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from unified import registry
from unified.cli import jsons
from unified.cli.demo_board import Board, Lines
from unified.cli.demo_report import document, is_kept, show_report
from unified.cli.tables import on_terminal
from unified.demo.run import Plan, Stage, run, settles
from unified.errors import ConfigurationError
from unified.sandbox import registry as sandboxes
from unified.sandbox.faults import Profile

EXAMPLES = """
unified demo
unified demo --venues binance,okx --seconds 60 --faults harsh
unified demo --json | jq .promises_kept
"""

MADE_UP = "paper"
"""The one venue that exists in memory only: it plays when it is asked for."""


def demo(
    venues: Annotated[
        str,
        typer.Option(help="Names with commas between; left out, all real venues that settle doubts."),
    ] = "",
    seconds: Annotated[float, typer.Option(min=0.1, help="How long to trade.")] = 20,
    seed: Annotated[int, typer.Option(help="Where chance begins: prices, faults and the strategy's moods.")] = 7,
    faults: Annotated[Profile, typer.Option(help="How badly network and venues behave.")] = Profile.MILD,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document at the end, nothing else.")] = False,
) -> None:
    """Trade on simulated venues that misbehave, and see whether every promise holds.

    Needs no account and no network. Each venue runs on this machine, loses requests, delays and cuts answers,
    bans its client and steps its clock; in the end it judges its client. Orders placed twice or lost, broken
    limits, refused timestamps and hidden retries are counted by the venues, not by the client.
    """

    plan = Plan(venues=_chosen(venues), seconds=seconds, seed=seed, faults=faults)
    if as_json:
        stages = asyncio.run(_run_silently(plan))
        jsons.emit(document(plan, stages))
    else:
        stages = asyncio.run(_run_shown(plan))
        show_report(stages)
    if not all(map(is_kept, stages)):
        raise typer.Exit(1)


def _chosen(text: str) -> tuple[str, ...]:
    """The venues that are asked for, each once. Raises ConfigurationError where there are none."""
    asked = tuple(dict.fromkeys(name.strip().lower() for name in text.split(",") if name.strip()))
    installed = set(sandboxes.installed()) & set(registry.installed()) - {MADE_UP}
    chosen = asked or tuple(name for name in sorted(installed) if settles(name))
    if not chosen:
        raise ConfigurationError("no venue can be simulated: none that is installed brings a sandbox")
    return chosen


async def _run_silently(plan: Plan) -> tuple[Stage, ...]:

    async def show(_stages: Sequence[Stage], _left: float) -> None:
        return None

    return await run(plan, show)


async def _run_shown(plan: Plan) -> tuple[Stage, ...]:
    """Shown from inside the loop: who is told that it runs can interrupt it."""
    with Board(plan) if on_terminal() else Lines(plan, sys.stdout) as board:
        return await run(plan, board.show)
