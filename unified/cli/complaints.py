"""A failure as a person or a program reads it. Catches nothing; decides no exit status."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

import typer

from unified.cli.tables import pairs
from unified.errors import ConfigurationError, Outcome, VenueError

TOLD = {
    Outcome.NOT_SENT: "nothing reached the venue",
    Outcome.REJECTED: "the venue refused it, nothing changed there",
    Outcome.UNKNOWN: "it may or may not have taken effect: look at the venue before repeating a write",
    Outcome.DONE: "the wanted state holds already",
}


def complain(error: VenueError | ConfigurationError, stream: TextIO) -> None:
    """Write one block: what failed, whether it took effect, what to do."""
    mark = typer.style("error:", fg="red", bold=True)
    if isinstance(error, ConfigurationError):
        typer.echo(f"{mark} {error}", file=stream)
        return
    where = " ".join(part for part in (error.venue, error.operation) if part)
    typer.echo(f"{mark} {where + ': ' if where else ''}{error.kind}", file=stream)
    for line in pairs(_facts(error)):
        typer.echo(line, file=stream)


def _facts(error: VenueError) -> Iterator[tuple[str, str]]:
    fault = error.fault
    yield "outcome", f"{error.outcome}: {TOLD[error.outcome]}"
    yield "said", " ".join(part for part in (fault.code, fault.name, fault.message) if part)
    yield "again in", "" if fault.retry_after is None else f"{fault.retry_after:g} s"
    yield "attempts", str(len(error.attempts)) if len(error.attempts) > 1 else ""
    yield "hint", fault.hint


def document(error: VenueError | ConfigurationError) -> dict[str, object]:
    """The same as a JSON object."""
    if isinstance(error, ConfigurationError):
        return {"kind": "configuration", "message": str(error)}
    fault = error.fault
    return {
        "venue": error.venue,
        "operation": error.operation,
        "kind": fault.kind,
        "outcome": error.outcome,
        "scope": fault.scope,
        "retry_after": fault.retry_after,
        "code": fault.code,
        "message": fault.message,
        "hint": fault.hint,
    }
