"""Everything that reads what others wrote, each as one function of bytes. Holds no test.

A reader returns, or raises what it may: VenueError, ConfigurationError, or ValueError where its docstring says so.
Whatever it makes is looked at as a program would: shown, logged, written as JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import typer
from attrs import frozen

from tests.adapters.tried import endpoint, tried
from unified import config, records
from unified.adapter import Adapter, AdapterClass, AdapterSettings
from unified.body import CountedBody, UnreadableBodyError
from unified.carryover import Carryover
from unified.catalogue import read as read_catalogue
from unified.cli import journal as journal_command
from unified.cli.jsons import plain
from unified.errors import ConfigurationError, VenueError
from unified.http import HttpResponse
from unified.journal import FileJournal
from unified.limiter import Limiter
from unified.operations import Operation
from unified.registry import adapter_class, installed
from unified.settings import TransportSettings
from unified.simulation.disk import MemoryDisk
from unified.simulation.process import Process
from unified.testing.conformance.recordings import recordings
from unified.testing.loop import run

STATUSES = (200, 400, 401, 404, 418, 429, 500, 503)


@frozen
class Reader:
    """One way in."""

    name: str
    read: Callable[[bytes], object]
    allowed: tuple[type[Exception], ...] = (VenueError,)

    def survives(self, body: bytes) -> None:
        """Read it; anything but a value or an allowed error is raised as AssertionError."""
        try:
            look_at(self.read(body))
        except self.allowed as error:
            look_at_error(error)
        except Exception as error:
            raise AssertionError(f"{self.name}: {type(error).__name__}: {str(error)[:200]}") from error


def look_at(value: object) -> None:
    """What a program does with a value."""
    repr(value)
    plain(value)


def look_at_error(error: Exception) -> None:
    """What a log does with an error: one line of text that can be written."""
    text = str(error)
    text.encode()
    assert "\n" not in text, "an error that writes lines of its own into a log"
    assert "\r" not in text
    assert "\x1b" not in text, "an error that commands the terminal"
    assert len(text) < 5_000 or not isinstance(error, VenueError), "an error as long as the answer"


# --- answers


def answer_readers(venue: str) -> Iterator[Reader]:
    """Every row of a venue's table, and what else looks at answers."""
    adapter, examples = tried(venue).adapter, tried(venue).one_of_each()
    for operation in examples:
        yield Reader(f"{venue} {operation.name} {operation.product}", _parser(adapter, operation))
    yield Reader(f"{venue} faults", _faults(adapter), allowed=())
    yield Reader(f"{venue} observe", _observing(adapter, examples), allowed=())
    yield Reader(f"{venue} fault", lambda body: adapter.fault(body[:400].decode("utf-8", "replace")), allowed=())


def _parser(adapter: Adapter, operation: Operation[Any]) -> Callable[[bytes], object]:
    how = endpoint(adapter, operation)

    def parse(body: bytes) -> object:
        status = STATUSES[len(body) % len(STATUSES)] if body[-1:] in b" ]" else 200
        return how.parse(operation, HttpResponse(status=status, body=body))

    return parse


def _faults(adapter: Adapter) -> Callable[[bytes], object]:
    def faults(body: bytes) -> object:
        return [adapter.faults(HttpResponse(status=status, body=body)) for status in STATUSES]

    return faults


def _observing(adapter: Adapter, examples: list[Operation[Any]]) -> Callable[[bytes], object]:
    """Headers say what the body says: a venue's counters, dates and waits as hostile as anything."""
    names = ("date", "retry-after", "x-mbx-used-weight-1m", "x-bapi-limit-status", "x-bapi-limit-reset-timestamp",
             "x-bapi-limit", "x-paper-clock", "x-paper-used", "ratelimit-remaining", "gw-ratelimit-reset")  # fmt: skip

    def observe(body: bytes) -> object:
        headers = dict.fromkeys(names, body[:60].decode("latin-1"))
        response = HttpResponse(status=200, headers=headers, body=body)
        return [adapter.observe(examples[0], response), adapter.faults(response)]

    return observe


# --- files


def file_readers(folder: Path) -> Iterator[Reader]:
    """Configuration, journals, catalogues and bodies."""
    yield Reader("configuration", _configuration(folder / "unified.toml"), allowed=(ConfigurationError,))
    yield Reader("journal", _journal, allowed=(ConfigurationError,))
    yield Reader("journal command", _journal_command(folder / "a.journal"), allowed=(typer.Exit,))
    yield Reader("records", _records, allowed=(ValueError,))
    yield Reader("limits handed on", _limits_handed_on, allowed=(ConfigurationError,))
    yield Reader("recorded answer", _recording(folder, "ticker.http"), allowed=(ConfigurationError,))
    yield Reader("recorded answer as JSON", _recording(folder, "ticker.json"), allowed=(ConfigurationError,))
    yield Reader("catalogue", lambda body: list(read_catalogue(body.decode("utf-8", "replace"))), allowed=(ValueError,))
    yield Reader("plain body", lambda body: _counted(body, ""), allowed=(UnreadableBodyError,))
    yield Reader("gzip body", lambda body: _counted(body, "gzip"), allowed=(UnreadableBodyError,))
    for name in installed():
        yield Reader(f"{name} settings", _settings(adapter_class(name)), allowed=(ConfigurationError,))


def _configuration(file: Path) -> Callable[[bytes], object]:
    def load(body: bytes) -> object:
        file.write_bytes(body)
        return [config.load(file, section) for section in config.sections(file)]

    return load


def _journal(body: bytes) -> object:
    return sorted(_opened_journal(body).left_over)


def _opened_journal(body: bytes) -> FileJournal:
    disk = MemoryDisk(body, Random(0), Process(Random(0), None))
    return FileJournal(disk, "binance", "account", durable=False)


def _journal_command(file: Path) -> Callable[[bytes], object]:
    """`unified journal`, as a table and as JSON."""

    def show(body: bytes) -> object:
        file.write_bytes(body)
        with redirect_stdout(StringIO()):
            for as_json in (True, False):
                try:
                    journal_command.journal(file, as_json)
                except typer.Exit:
                    if not as_json:
                        raise
        return None

    return show


def _limits_handed_on(body: bytes) -> object:
    """What a journal says of an earlier process's limits, taken over by a limiter."""
    left_over = _opened_journal(body)

    async def inherit() -> None:
        limiter = Limiter(adapter_class("binance")(AdapterSettings()).limits)
        Carryover(left_over, _Wall()).inherit(limiter, "account")

    run(inherit())
    return sorted(map(repr, left_over.limits))


class _Wall:
    def time_ns(self) -> int:
        return 1_800_000_000_000_000_000


def _recording(folder: Path, name: str) -> Callable[[bytes], object]:
    """A file of recordings, as the conformance kit reads them."""
    own = folder / name.replace(".", "-")
    own.mkdir(exist_ok=True)

    def read(body: bytes) -> object:
        (own / name).write_bytes(body)
        return [(one.method, one.path, len(one.response.body)) for one in recordings(own)]

    return read


def _records(body: bytes) -> object:
    payloads, _ = records.unframed(records.framed(body) if body else body)
    return records.history(payloads)


def _counted(body: bytes, encoding: str) -> int:
    counted = CountedBody(TransportSettings().body_limit, encoding)
    for at in range(0, len(body), 1000):
        counted.feed(body[at : at + 1000])
    return len(counted.finish())


def _settings(adapter: AdapterClass) -> Callable[[bytes], object]:
    def make(body: bytes) -> object:
        word = body[:200].decode("utf-8", "replace")
        for settings in (AdapterSettings(environment=word), AdapterSettings(options={word: word})):
            try:
                adapter(settings)
            except ConfigurationError:
                continue
        return None

    return make
