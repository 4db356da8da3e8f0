"""One append-only file as a journal needs it: what was appended, and what is safe. Knows no records.

`Disk` is the port; `FileDisk` is the real file, locked by one writer and closed to other users. Simulations bring a
disk in memory that forgets what was not synced.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from unified.errors import ConfigurationError

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

_OTHERS = 0o077


class Disk(Protocol):
    """A file that only grows, until it is cut or replaced. Writing raises OSError where it fails."""

    @property
    def name(self) -> str:
        """What to call it in errors."""
        ...

    @property
    def size(self) -> int:
        """Bytes written so far."""
        ...

    def read(self) -> bytes:
        """All of it."""
        ...

    def append(self, frames: bytes) -> None:
        """Hand bytes to the system: they survive the end of this process, not that of the machine."""
        ...

    async def store(self, frames: bytes) -> None:
        """Append, and return when the bytes are safe from the end of the machine as well."""
        ...

    def cut(self, size: int) -> None:
        """Take off what stands beyond `size`."""
        ...

    def replace(self, content: bytes) -> None:
        """Put another content in its place, safely: a crash leaves either the old or the new one."""
        ...

    def close(self) -> None:
        """Give it up. May be called twice."""
        ...


class FileDisk:
    """A real file. Raises ConfigurationError if it cannot be opened, or is somebody else's."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = _locked(path)
        self._size = os.fstat(self._file).st_size
        """Known without asking: nobody else writes the file while the lock is held."""
        self._closed = False
        self._worker: ThreadPoolExecutor | None = None
        self._writing = Lock()
        """Held by whoever writes: what a full disk leaves of one write is cut off before the next."""

    @property
    def name(self) -> str:
        return str(self._path)

    @property
    def size(self) -> int:
        return self._size

    def read(self) -> bytes:
        return self._path.read_bytes()

    def append(self, frames: bytes) -> None:
        with self._writing:
            _write(self._file, frames, self._size)
            self._size += len(frames)

    async def store(self, frames: bytes) -> None:
        """As the port says; the sync happens off the event loop."""
        if self._worker is None:
            from concurrent.futures import ThreadPoolExecutor

            self._worker = ThreadPoolExecutor(1, thread_name_prefix="unified-journal")
        await asyncio.get_running_loop().run_in_executor(self._worker, self._store, frames)

    def _store(self, frames: bytes) -> None:
        self.append(frames)
        os.fdatasync(self._file)

    def cut(self, size: int) -> None:
        os.ftruncate(self._file, size)
        self._size = size

    def replace(self, content: bytes) -> None:
        fresh = self._path.with_name(f"{self._path.name}.new")
        file = _locked(fresh)
        try:
            os.ftruncate(file, 0)
            _write(file, content, 0)
            os.fdatasync(file)
            fresh.replace(self._path)
        except BaseException:
            os.close(file)
            raise
        _sync_folder(self._path.parent)
        os.close(self._file)
        self._file, self._size = file, len(content)

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._worker is not None:
            self._worker.shutdown()
        os.close(self._file)


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


def _write(file: int, frames: bytes, before: int) -> None:
    """All of it behind the first `before` bytes, or nothing: half a frame in the middle of the file is damage."""
    try:
        written = os.write(file, frames)
        while written < len(frames):
            written += os.write(file, frames[written:])
    except OSError:
        os.ftruncate(file, before)
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
