"""`unified simulate`: the proof that orders happen exactly once, by simulation. Runs nothing itself."""

from __future__ import annotations

import gc
import logging
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from enum import StrEnum
from hashlib import blake2b
from multiprocessing import get_context
from os import cpu_count
from typing import Annotated, Any

import typer

from unified import registry
from unified.adapter import AdapterSettings
from unified.cli import jsons
from unified.cli.tables import Table, say, show
from unified.entry import entry_of
from unified.errors import ConfigurationError
from unified.sandbox import registry as sandboxes
from unified.sandbox.faults import Profile
from unified.simulation.run import Finding, Plan, chapters
from unified.simulation.run import simulate as simulate_venue

_SELDOM = (100_000, 20, 100)
"""When garbage is collected in a simulation, which keeps nearly all that it makes: by default a fifteenth of the time
goes into looking for more."""

EXAMPLES = """
unified simulate --orders 2000 --seed 7
unified simulate --orders 20000 --seed 7 --venue kraken --faults harsh
unified simulate --orders 2000 --entry socket
unified simulate --orders 500 --json | jq .promises_kept
"""


class Switch(StrEnum):
    """Typed as a word."""

    ON = "on"
    OFF = "off"


class Entry(StrEnum):
    """The way that orders go."""

    REST = "rest"
    SOCKET = "socket"


def simulate(
    orders: Annotated[int, typer.Option(min=1, help="Orders in all, shared among the venues.")] = 1000,
    seed: Annotated[int, typer.Option(help="Where chance begins: faults, crashes, orders and the course of time.")] = 7,
    venue: Annotated[str, typer.Option(help="One venue alone; left out, all that can be simulated.")] = "",
    faults: Annotated[Profile, typer.Option(help="How badly network and venues behave.")] = Profile.HARSH,
    crashes: Annotated[Switch, typer.Option(help="Whether the program dies and begins again, with its journal.")] = (
        Switch.ON
    ),
    entry: Annotated[Entry, typer.Option(help="How orders go where the venue takes them both ways.")] = Entry.REST,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document at the end, nothing else.")] = False,
) -> None:
    """Prove by simulation that every order happens at most once and that every outcome is true.

    Needs no account and no network. The client that trades real money runs in virtual time against simulated
    venues that lose, delay and repeat, while its process crashes. Each venue's ledger is the judge. The same seed
    makes the same run, event by event; a broken promise ends with 1 and the events of that order.
    """
    venues = _chosen(venue, entry)
    plan = Plan(orders=-(-orders // len(venues)), seed=seed, faults=faults, crashes=crashes is Switch.ON, entry=entry)
    findings = _simulated(venues, plan)
    if as_json:
        jsons.emit(document(plan, findings))
    else:
        show_findings(findings)
    if not all(finding.is_clean for finding in findings):
        raise typer.Exit(1)


def _chosen(name: str, entry: Entry) -> tuple[str, ...]:
    """The venues to simulate. Raises ConfigurationError where there are none, or not this one."""
    if name:
        sandboxes.sandbox_class(name.strip().lower())
        return (name.strip().lower(),)
    found = tuple(known for known in sandboxes.installed() if known in registry.installed() and known != "paper")
    if entry is Entry.SOCKET:
        found = tuple(known for known in found if entry_of(registry.adapter_class(known)(AdapterSettings())).lines)
    if not found:
        raise ConfigurationError("no venue can be simulated: none that is installed brings a sandbox")
    return found


def _simulated(venues: Sequence[str], plan: Plan) -> tuple[Finding, ...]:
    """What each chapter of each venue showed; several run at a time, each in a process of its own."""
    tasks = [(venue, chapter) for venue in venues for chapter in chapters(plan)]
    if len(tasks) == 1:
        return (_quietly(*tasks[0]),)
    with ProcessPoolExecutor(min(len(tasks), cpu_count() or 1), mp_context=get_context("spawn")) as pool:
        return tuple(pool.map(_quietly, *zip(*tasks, strict=True)))


def _quietly(venue: str, plan: Plan) -> Finding:
    """A client that dies with orders in doubt says so in the log; here that is the point."""
    log = logging.getLogger("unified")
    before, thresholds = log.level, gc.get_threshold()
    log.setLevel(logging.CRITICAL + 1)
    gc.set_threshold(*_SELDOM)
    try:
        return simulate_venue(venue, plan)
    finally:
        gc.set_threshold(*thresholds)
        log.setLevel(before)


# --- the report


def figures(findings: Sequence[Finding]) -> dict[str, int]:
    """Counts by name, over chapters and venues."""
    total: Counter[str] = Counter()
    for finding in findings:
        total.update(
            {
                "intents": finding.intents,
                "orders": finding.judgement.orders,
                **finding.counts,
                "undecided": len(finding.judgement.undecided),
                "unknown_outcomes": finding.unknown,
                "settled_done": finding.settled.get("done", 0),
                "settled_rejected": finding.settled.get("rejected", 0),
                "crashes": finding.crashes,
                "mishaps": finding.mishaps,
            }
        )
    return dict(total)


def document(plan: Plan, findings: Sequence[Finding]) -> dict[str, Any]:
    """The findings as one JSON document."""
    return {
        "seed": plan.seed,
        "faults": plan.faults,
        "crashes": plan.crashes,
        "entry": plan.entry,
        "promises_kept": all(finding.is_clean for finding in findings),
        "event_hash": event_hash(findings),
        "all": figures(findings),
        "venues": {venue: _told(parts) for venue, parts in _by_venue(findings).items()},
    }


def _told(findings: Sequence[Finding]) -> dict[str, Any]:
    cpu_s, errors = sum(finding.cpu_s for finding in findings), Counter[str]()
    for finding in findings:
        errors.update(finding.errors)
    return {
        **figures(findings),
        "undecided_orders": [id_ for finding in findings for id_ in finding.judgement.undecided],
        "errors": dict(sorted(errors.items())),
        "virtual_s": round(sum(finding.virtual_s for finding in findings), 3),
        "cpu_s": round(cpu_s, 3),
        "orders_per_cpu_s": round(sum(finding.intents for finding in findings) / cpu_s, 1),
        "event_hash": event_hash(findings),
        "traces": [[str(event) for event in finding.trace] for finding in findings if finding.trace],
    }


def _by_venue(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    venues: dict[str, list[Finding]] = {}
    for finding in findings:
        venues.setdefault(finding.venue, []).append(finding)
    return venues


def event_hash(findings: Sequence[Finding]) -> str:
    """One hash of all events of these chapters."""
    return blake2b("".join(finding.digest for finding in findings).encode(), digest_size=16).hexdigest()


def show_findings(findings: Sequence[Finding]) -> None:
    """Print the counts of each venue and in all, what is undecided, and broken promises event by event."""
    venues = _by_venue(findings)
    columns = [*venues.values(), findings]
    counted = [figures(column) for column in columns]
    rows = [(name.replace("_", " "), *(str(counts[name]) for counts in counted)) for name in counted[0]]
    for name, seconds in (("virtual seconds", "virtual_s"), ("CPU seconds", "cpu_s")):
        sums = [sum(getattr(finding, seconds) for finding in column) for column in columns]
        rows.append((name, *(f"{total:.1f}" for total in sums)))
    show(Table(columns=("", *venues, "all"), rows=rows, right=[*venues, "all"]))
    speed = sum(finding.intents for finding in findings) / sum(finding.cpu_s for finding in findings)
    typer.echo(f"{speed:.0f} orders per CPU second, event hash {event_hash(findings)}")
    for finding in findings:
        _show_trace(finding)
    broken = sorted({finding.venue for finding in findings if not finding.is_clean})
    say(
        f"Promises were broken at {', '.join(broken)}." if broken else "Every order happened at most once.",
        "red" if broken else "green",
    )


def _show_trace(finding: Finding) -> None:
    for id_ in finding.judgement.undecided:
        typer.echo(f"{finding.venue}, seed {finding.seed}: {id_} is undecided")
    if finding.trace:
        typer.echo(f"{finding.venue}, seed {finding.seed}: all that happened to {finding.trace[0].client_order_id}")
        for event in finding.trace:
            typer.echo(f"  {event}")
