"""`unified journal`: what a journal of orders says, and whether it is sound. Only reads: a writer is not disturbed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from attrs import evolve, frozen

from unified import records
from unified.cli import jsons
from unified.cli.tables import Table, pairs, say, show
from unified.errors import ConfigurationError
from unified.records import History, OrderRecord
from unified.wire import moment

EXAMPLES = """
unified journal ~/trading/binance.journal
unified journal okx.journal --json | jq '.open[].client_order_id'
"""

DAMAGED = 1
WHAT_TO_DO = (
    "What stands behind the damage is not believed, and no client opens the file. Stop the program, look at the venue "
    "for the orders above and for those of the time since, then move the file away: the next start begins a new one."
)


@frozen(kw_only=True)
class Finding:
    """A journal as it was read."""

    history: History
    size: int
    torn: int = 0
    """Bytes at the end that a crash, or a writer in the middle of its work, left of a record."""
    damaged_at: int | None = None
    """First byte that cannot be believed, although more was written after it."""
    reason: str = ""

    @property
    def is_sound(self) -> bool:
        """Whether a client can go on with it."""
        return self.damaged_at is None


def journal(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The journal, as `file` in the table [NAME.journal].")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the orders that a journal keeps, and whether the file is sound. Exit status: 1 damaged, 2 no such file."""
    try:
        data = file.expanduser().read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}") from None
    finding = examined(data)
    if as_json:
        jsons.emit(_document(file, finding))
    else:
        _tell(file, finding)
    if not finding.is_sound:
        raise typer.Exit(DAMAGED)


def examined(data: bytes) -> Finding:
    """What a journal's bytes say, up to the first that cannot be believed."""
    payloads, whole = records.unframed(data)
    count = _readable(payloads)
    finding = Finding(history=records.history(payloads[:count]), size=len(data))
    if count < len(payloads):
        at = sum(len(records.framed(payload)) for payload in payloads[:count])
        return evolve(finding, damaged_at=at, reason=_complaint(payloads))
    if whole == len(data):
        return finding
    if not records.is_torn(data, whole):
        return evolve(finding, damaged_at=whole, reason="no whole record, but more behind it")
    if not payloads:
        return evolve(finding, damaged_at=0, reason="it does not begin as a journal does")
    return evolve(finding, torn=len(data) - whole)


def _readable(payloads: Sequence[bytes]) -> int:
    """How many records from the start make sense: where one makes none, nothing longer does."""
    return bisect_left(range(1, len(payloads) + 1), True, key=lambda count: bool(_complaint(payloads[:count])))


def _complaint(payloads: Sequence[bytes]) -> str:
    try:
        records.history(payloads)
    except ValueError as nonsense:
        return str(nonsense)
    return ""


def _row(record: OrderRecord) -> dict[str, Any]:
    order = record.order
    return {
        "client_order_id": order.client_order_id,
        "instrument": order.instrument.name,
        "side": order.side,
        "order_type": order.order_type,
        "quantity": order.quantity,
        "quote_quantity": order.quote_quantity,
        "price": order.price,
        "stop_price": order.stop_price,
        "sends": record.sends,
        "first_sent": moment(record.first_sent_ms * 1000, "first sent"),
        "fence": None if record.fence_ms is None else moment(record.fence_ms * 1000, "fence"),
    }


def _document(file: Path, finding: Finding) -> dict[str, Any]:
    told = finding.history
    return {
        "file": str(file),
        "venue": told.venue,
        "account": told.account,
        "sound": finding.is_sound,
        "damaged_at": finding.damaged_at,
        "reason": finding.reason,
        "torn_bytes": finding.torn,
        "ended": told.ended,
        "open": [_row(record) for record in told.open.values()],
    }


def _tell(file: Path, finding: Finding) -> None:
    for line in (str(file), *pairs(_facts(finding))):
        typer.echo(line)
    rows = [_row(record) for record in finding.history.open.values()]
    if rows:
        show(
            Table(
                columns=tuple(name.replace("_", " ") for name in rows[0]),
                rows=[["" if value is None else str(jsons.plain(value)) for value in row.values()] for row in rows],
                right=("quantity", "quote quantity", "price", "stop price", "sends"),
                note="The next client settles them first. A fence: from then on no copy can be accepted any more.",
            )
        )
    if finding.is_sound:
        say("sound", "green")
    else:
        say(f"damaged at byte {finding.damaged_at} of {finding.size}: {finding.reason}", "red")
        typer.echo(WHAT_TO_DO)


def _facts(finding: Finding) -> Iterator[tuple[str, str]]:
    told = finding.history
    yield "of", f"{told.venue} account {told.account or '(no key)'}" if told.venue else "nobody yet"
    yield "ended", f"{told.ended} orders since it was last written anew"
    yield "open", f"{len(told.open)} orders without a known outcome"
    if finding.torn:
        yield "torn", f"the last {finding.torn} bytes: harmless, the next client cuts them off"
