"""A file of intents: what must be known of an order before its first byte leaves, and when its outcome is known.

Holds for the next process, too, what this one used of the venue's limits. Decides nothing about orders
(`placement.py` does) or limits (`carryover.py` does). Append-only, one writer, nothing but whole frames believed,
written anew when it has grown. How much a crash may cost is the caller's choice:

- `durable`: on the disk before the order leaves; survives a crash of the machine;
- `process`: handed to the system before the order leaves; survives a crash of the process.

Orders that are placed at the same time share one sync of the disk, which happens off the event loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Collection, Mapping
from pathlib import Path

from unified import records
from unified.disk import Disk, FileDisk
from unified.errors import ConfigurationError, Fault, Kind, Outcome, Scope, VenueError
from unified.records import History, LimitRecord, OrderRecord

logger = logging.getLogger("unified.journal")

COMPACT_BYTES = 4 * 2**20
"""A file that has grown beyond this is written anew with what is still open."""


class FileJournal:
    """The journal of one account at one venue. Raises ConfigurationError if the file cannot serve."""

    def __init__(self, where: Path | Disk, venue: str, account: str, *, durable: bool) -> None:
        """`where` is the path of the file, or what stands in for a file."""
        self._disk: Disk = FileDisk(where) if isinstance(where, Path) else where
        self._venue = venue
        self._account = account
        self._durable = durable
        self._closed = False
        self._waiting: list[bytes] = []
        self._stored: asyncio.Future[None] | None = None
        """Done when all that waits now is safe."""
        self._pump: asyncio.Task[None] | None = None
        try:
            before = self._read()
            self.left_over: Mapping[str, OrderRecord] = before.open
            """Orders that earlier processes left without a known outcome, by client order id."""
            self._open = dict(before.open)
            self._limits = dict(before.limits)
            self.limits: Collection[LimitRecord] = tuple(before.limits.values())
            """What earlier processes used of the venue's limits."""
            if before.ended or not before.venue:
                self._rewrite()
        except BaseException:
            self._disk.close()
            raise

    # --- writing

    def sending(self, record: OrderRecord) -> Awaitable[None] | None:
        """A copy is about to leave: what is returned is done when the record is as safe as the mode promises.

        Raises `connect_failed` (not_sent) if it cannot be written: an order that is not on record does not leave.
        """
        if self._closed:
            raise _unwritten(self._disk.name, "it is closed")
        self._open[record.order.client_order_id] = record
        frame = records.framed(records.sent(record))
        if self._durable:
            return self._made_safe(frame)
        try:
            self._disk.append(frame)
        except OSError as error:
            reason = _reason(error)
        else:
            return None
        raise _unwritten(self._disk.name, reason)

    async def _made_safe(self, frame: bytes) -> None:
        try:
            await self._store(frame)
        except OSError as error:
            reason = _reason(error)
        else:
            return
        raise _unwritten(self._disk.name, reason)

    def ended(self, client_order_id: str, outcome: Outcome) -> None:
        """The outcome is known. Not synced by itself: losing it costs a look at the venue, no more."""
        if self._open.pop(client_order_id, None) is None or self._closed:
            return
        self._note(records.ended(client_order_id, outcome))

    def limited(self, record: LimitRecord) -> None:
        """What a later process must know of a limit. Not synced by itself."""
        if not self._closed:
            self._limits[record.about] = record
            self._note(records.limited(record))

    def _note(self, payload: bytes) -> None:
        """Write what is good to have; the disk's refusal is logged, not raised."""
        frame = records.framed(payload)
        if self._pump is not None:
            # A cancelled `sending` may still be on its way to the disk: its end must stand behind it.
            self._waiting.append(frame)
            return
        try:
            self._disk.append(frame)
            if self._disk.size > COMPACT_BYTES:
                self._rewrite()
        except OSError as error:
            self._lost_note(error)

    async def aclose(self) -> None:
        """Finish what is being written and give the file up. May be called twice."""
        if self._closed:
            return
        self._closed = True
        if self._pump is not None:
            await asyncio.gather(self._pump, return_exceptions=True)
        self._disk.close()

    # --- the disk

    async def _store(self, frame: bytes) -> None:
        """Write and sync; whoever comes while a sync is under way shares the next one."""
        loop = asyncio.get_running_loop()
        self._waiting.append(frame)
        if self._stored is None:
            self._stored = loop.create_future()
        if self._pump is None:
            self._pump = loop.create_task(self._flush(), name="journal")
        await asyncio.shield(self._stored)

    async def _flush(self) -> None:
        while self._waiting:
            frames, stored = b"".join(self._waiting), self._stored
            self._waiting, self._stored = [], None
            try:
                if stored is None:  # notes alone
                    self._disk.append(frames)
                else:
                    await self._disk.store(frames)
                    stored.set_result(None)
            except OSError as error:
                if stored is None:
                    self._lost_note(error)
                else:
                    stored.set_exception(error)
                    stored.exception()  # a waiter that has gone must not make noise
            except BaseException:
                # Not the disk's word: nobody may wait for ever for what will not be written.
                self._pump = None
                for waiter in (stored, self._stored):
                    if waiter is not None:
                        waiter.cancel()
                self._waiting, self._stored = [], None
                raise
        self._pump = None

    def _lost_note(self, error: OSError) -> None:
        # What became of an order is known: a full disk must not hide it from the caller.
        logger.warning("journal %s: a note was not written (%s)", self._disk.name, error.strerror)

    def _read(self) -> History:
        """What the file says; the end that a crash tore is cut off."""
        data = self._disk.read()
        payloads, whole = records.unframed(data)
        if data and not whole and records.is_torn(data, 0):
            # The first record is put in its place whole: this is some other file, which must not be cut.
            raise ConfigurationError(f"journal {self._disk.name}: not a journal, or damaged at byte 0")
        if whole < len(data):
            if not records.is_torn(data, whole):
                raise ConfigurationError(
                    f"journal {self._disk.name}: damaged at byte {whole}; see: unified journal FILE"
                )
            self._disk.cut(whole)
        try:
            before = records.history(payloads)
        except ValueError as error:
            raise ConfigurationError(f"journal {self._disk.name}: {error}") from None
        if before.venue and (before.venue, before.account) != (self._venue, self._account):
            raise ConfigurationError(
                f"journal {self._disk.name} is about {before.venue} account {before.account}; "
                "each account has its own file"
            )
        return before

    def _rewrite(self) -> None:
        """Put what is still open in the old content's place."""
        lines = [records.opened(self._venue, self._account)]
        lines += [records.sent(record, whole=True) for record in self._open.values()]
        lines += map(records.limited, self._limits.values())
        self._disk.replace(b"".join(map(records.framed, lines)))


def _reason(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _unwritten(name: str, reason: str) -> VenueError:
    return VenueError.of(
        Fault(
            kind=Kind.CONNECT_FAILED,
            outcome=Outcome.NOT_SENT,
            scope=Scope.ACCOUNT,
            hint=f"The journal {name} cannot be written ({reason}), and no order leaves that is not on record.",
        )
    )
