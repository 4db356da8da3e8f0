"""A file of intents: what must be known of an order before its first byte leaves, and when its outcome is known.

Decides nothing about orders (`placement.py` does). Append-only, one writer, nothing but whole frames believed,
written anew when it has grown. How much a crash may cost is the caller's choice:

- `durable`: on the disk before the order leaves; survives a crash of the machine;
- `process`: handed to the system before the order leaves; survives a crash of the process.

Orders that are placed at the same time share one sync of the disk, which happens off the event loop.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from unified import records
from unified.errors import ConfigurationError, Fault, Kind, Outcome, Scope, VenueError
from unified.records import History, OrderRecord

COMPACT_BYTES = 4 * 2**20
"""A file that has grown beyond this is written anew with what is still open."""
_OTHERS = 0o077


class FileJournal:
    """The journal of one account at one venue. Raises ConfigurationError if the file cannot serve."""

    def __init__(self, path: Path, venue: str, account: str, *, durable: bool) -> None:
        self._path = path
        self._venue = venue
        self._account = account
        self._durable = durable
        self._file = _locked(path)
        self._closed = False
        self._waiting: list[bytes] = []
        self._stored: asyncio.Future[None] | None = None
        """Done when all that waits now is on the disk."""
        self._pump: asyncio.Task[None] | None = None
        self._worker: ThreadPoolExecutor | None = None
        try:
            before = self._read()
            self.left_over: Mapping[str, OrderRecord] = before.open
            """Orders that earlier processes left without a known outcome, by client order id."""
            self._open = dict(before.open)
            if before.ended or not before.venue:
                self._rewrite()
        except BaseException:
            os.close(self._file)
            raise

    # --- writing

    async def sending(self, record: OrderRecord) -> None:
        """A copy is about to leave: returns when the record is as safe as the mode promises.

        Raises `connect_failed` (not_sent) if it cannot be written: an order that is not on record does not leave.
        """
        self._open[record.order.client_order_id] = record
        payload = records.sent(record)
        try:
            if self._durable:
                await self._store(records.framed(payload))
            else:
                self._append(payload)
        except OSError as error:
            reason = error.strerror or type(error).__name__
        else:
            return
        raise _unwritten(self._path, reason)

    def ended(self, client_order_id: str, outcome: Outcome) -> None:
        """The outcome is known. Not synced by itself: losing it costs a look at the venue, no more."""
        if self._open.pop(client_order_id, None) is None or self._closed:
            return
        self._append(records.ended(client_order_id, outcome))
        if self._pump is None and os.fstat(self._file).st_size > COMPACT_BYTES:
            self._rewrite()

    async def aclose(self) -> None:
        """Finish what is being written and give the file up. May be called twice."""
        if self._closed:
            return
        self._closed = True
        if self._pump is not None:
            await asyncio.gather(self._pump, return_exceptions=True)
        if self._worker is not None:
            self._worker.shutdown()
        os.close(self._file)

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
        loop = asyncio.get_running_loop()
        if self._worker is None:
            self._worker = ThreadPoolExecutor(1, thread_name_prefix="unified-journal")
        while self._waiting:
            frames, stored = b"".join(self._waiting), self._stored
            self._waiting, self._stored = [], None
            try:
                await loop.run_in_executor(self._worker, _write_and_sync, self._file, frames)
            except OSError as error:
                if stored is not None:
                    stored.set_exception(error)
                    stored.exception()  # a waiter that has gone must not make noise
            else:
                if stored is not None:
                    stored.set_result(None)
        self._pump = None

    def _append(self, payload: bytes) -> None:
        os.write(self._file, records.framed(payload))

    def _read(self) -> History:
        """What the file says; the end that a crash tore is cut off."""
        data = self._path.read_bytes()
        payloads, whole = records.unframed(data)
        if whole < len(data):
            if not records.is_torn(data, whole):
                raise ConfigurationError(f"journal {self._path}: damaged at byte {whole}; see: unified journal FILE")
            os.ftruncate(self._file, whole)
        try:
            before = records.history(payloads)
        except ValueError as error:
            raise ConfigurationError(f"journal {self._path}: {error}") from None
        if before.venue and (before.venue, before.account) != (self._venue, self._account):
            raise ConfigurationError(
                f"journal {self._path} is about {before.venue} account {before.account}; each account has its own file"
            )
        return before

    def _rewrite(self) -> None:
        """Write what is still open into a new file and put it in the old one's place."""
        fresh = self._path.with_name(f"{self._path.name}.new")
        file = _locked(fresh)
        os.ftruncate(file, 0)
        lines = [records.opened(self._venue, self._account)]
        lines += [records.sent(record, whole=True) for record in self._open.values()]
        _write_and_sync(file, b"".join(map(records.framed, lines)))
        fresh.replace(self._path)
        _sync_folder(self._path.parent)
        os.close(self._file)
        self._file = file


def _locked(path: Path) -> int:
    """The file, ours alone. Raises ConfigurationError if it cannot be opened, or is somebody else's."""
    try:
        import fcntl
    except ImportError:
        raise ConfigurationError("a journal needs file locks as POSIX systems have them") from None
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigurationError(f"journal {path}: cannot be opened ({error.strerror})") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise ConfigurationError(f"journal {path}: another process writes it; each account has one writer") from None
    if os.fstat(file).st_mode & _OTHERS:
        os.close(file)
        raise ConfigurationError(f"journal {path}: open to other users; run: chmod 600 {path}")
    return file


def _write_and_sync(file: int, frames: bytes) -> None:
    view = memoryview(frames)
    while view:
        view = view[os.write(file, view) :]
    os.fdatasync(file)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritten(path: Path, reason: str) -> VenueError:
    return VenueError.of(
        Fault(
            kind=Kind.CONNECT_FAILED,
            outcome=Outcome.NOT_SENT,
            scope=Scope.ACCOUNT,
            hint=f"The journal {path} cannot be written ({reason}), and no order leaves that is not on record.",
        )
    )
