"""What the venues say of their client at the end of the demo, for people and as JSON. Counts nothing itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import asdict

from unified.cli.tables import Table, say, show
from unified.demo.run import Plan, Stage
from unified.sandbox.ledger import Verdict

PROMISES: Mapping[str, str] = {
    "duplicate_orders": "orders placed twice",
    "lost_orders": "orders lost",
    "limit_violations": "limits broken",
    "clock_rejections": "timestamps refused",
    "requests_while_banned": "requests while banned",
    "unattributed_requests": "hidden retries",
}
"""What a venue counts against its client, and its heading."""
STREAM_PROMISES: Mapping[str, str] = {
    "wrong_books": "books wrong or stale",
    "lost_fills": "fills lost by streams",
    "doubled_fills": "fills told twice",
}
"""What the venue's own books and fills say against what streams have shown."""


def verdict_of(stage: Stage) -> Verdict:
    """The judgement of a run that is over."""
    if stage.verdict is None:
        raise ValueError(f"{stage.venue} has not judged yet")
    return stage.verdict


def counts(stage: Stage) -> dict[str, int]:
    """The venue's counts by promise: all of them zero where the client kept its word."""
    verdict = verdict_of(stage)
    return {name: getattr(verdict, name) or 0 for name in PROMISES}


def stream_counts(stage: Stage) -> dict[str, int]:
    """The same of its streams."""
    return {name: getattr(stage.streams, name) for name in STREAM_PROMISES}


def is_kept(stage: Stage) -> bool:
    """Whether every promise held at this venue, and no order is left in doubt."""
    return verdict_of(stage).is_clean and stage.streams.is_clean and not stage.unknown_open


def show_report(stages: Sequence[Stage]) -> None:
    """Print each venue's verdict, and one line that says whether every promise held."""
    columns = [_column(stage) for stage in stages]
    show(
        Table(
            title="What the venues counted",
            columns=("", *(stage.venue for stage in stages)),
            rows=[(heading, *(column[heading] for column in columns)) for heading in columns[0]],
            right=[stage.venue for stage in stages],
        )
    )
    say(closing(stages), "green" if all(map(is_kept, stages)) else "red")


def _column(stage: Stage) -> dict[str, str]:
    """One venue's counts: heading -> text."""
    verdict = verdict_of(stage)
    return {
        "requests": str(verdict.requests),
        "orders": str(verdict.orders),
        "fills": str(verdict.fills),
        **{PROMISES[name]: str(count) for name, count in counts(stage).items()},
        **_streamed(stage),
        "still in doubt": str(stage.unknown_open),
        "verdict": "kept" if is_kept(stage) else "BROKEN",
    }


def _streamed(stage: Stage) -> dict[str, str]:
    """What its streams went through; a dash where it has none."""
    seen = stage.streams
    told = {"stream faults met": seen.faults, "books proven": seen.books, "marked unavailable": seen.gaps}
    told |= {STREAM_PROMISES[name]: count for name, count in stream_counts(stage).items()}
    return {heading: str(count) if seen.watched else "-" for heading, count in told.items()}


def closing(stages: Sequence[Stage]) -> str:
    """The run in one sentence."""
    broken = [f"{stage.venue}: {text}" for stage in stages for text in _broken(stage)]
    if broken:
        return f"A promise was broken. {'; '.join(broken)}."
    orders, requests = (sum(getattr(verdict_of(stage), name) for stage in stages) for name in ("orders", "requests"))
    retries = sum(stage.watch.retries.total() for stage in stages)
    doubts = sum(stage.unknown_outcomes for stage in stages)
    return (
        f"Every promise held. Orders: {orders}, with {requests} requests ({retries} retries). None was placed twice, "
        f"none was lost, no limit was broken. In doubt for a while: {doubts}; now: 0.{_streams_in_short(stages)}"
    )


def _streams_in_short(stages: Sequence[Stage]) -> str:
    seen = [stage.streams for stage in stages if stage.streams.watched]
    if not seen:
        return ""
    books, mishaps = sum(one.books for one in seen), sum(one.faults for one in seen)
    return (
        f" Streams met {mishaps} faults: all {books} books that they showed were right, no fill was lost or told twice."
    )


def _broken(stage: Stage) -> list[str]:
    found = [f"{PROMISES[name]} {count}" for name, count in counts(stage).items() if count]
    found += [f"{STREAM_PROMISES[name]} {count}" for name, count in stream_counts(stage).items() if count]
    return [*found, f"still in doubt {stage.unknown_open}"] if stage.unknown_open else found


def document(plan: Plan, stages: Sequence[Stage]) -> dict[str, Any]:
    """The run as one JSON object."""
    return {
        "seconds": plan.seconds,
        "seed": plan.seed,
        "faults": plan.faults,
        "venues": {stage.venue: _facts(stage) for stage in stages},
        "promises_kept": all(map(is_kept, stages)),
    }


def _facts(stage: Stage) -> dict[str, Any]:
    verdict, watch = verdict_of(stage), stage.watch
    return {
        "requests": verdict.requests,
        "orders": verdict.orders,
        "fills": verdict.fills,
        "retries": watch.retries.total(),
        "retries_by_operation": dict(watch.retries.most_common()),
        "resyncs": watch.resyncs.total(),
        "resyncs_by_reason": dict(watch.resyncs.most_common()),
        "waited_s": round(watch.waited, 3),
        "unknown_outcomes": stage.unknown_outcomes,
        "unknown_settled": watch.settled.total(),
        "unknown_open": stage.unknown_open,
        "errors": {str(kind): count for kind, count in sorted(stage.records.errors.items())},
        **counts(stage),
        "clock_rejections_total": verdict.clock_rejections_total,
        "limit_violations_at_clock_step": verdict.limit_violations_at_clock_step,
        "streams": asdict(stage.streams),
    }
