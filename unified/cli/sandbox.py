"""`unified sandbox`: simulated venues on this machine, for any client. Trades nothing itself."""

from __future__ import annotations

import asyncio
import signal
import time
from contextlib import AsyncExitStack
from typing import Annotated, Any

import typer

from unified.cli import jsons
from unified.sandbox.dialect import Setting
from unified.sandbox.faults import FaultPlan, Profile
from unified.sandbox.registry import sandbox_class
from unified.sandbox.server import SandboxServer

EXAMPLES = """
unified sandbox binance
unified sandbox binance okx --faults harsh --seed 3
unified sandbox paper --json
unified fetch ticker BTC/USDT --venue binance --endpoint spot=http://127.0.0.1:PORT
"""


def sandbox(
    venues: Annotated[list[str], typer.Argument(metavar="VENUE", help="Which venues to simulate.")],
    seed: Annotated[int, typer.Option(help="Where chance begins: prices and faults.")] = 0,
    faults: Annotated[Profile, typer.Option(help="How badly network and venues behave.")] = Profile.NONE,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line for each venue.")] = False,
) -> None:
    """Serve simulated venues on this machine until interrupted.

    Prints the address of every door and the dummy credentials of the accounts, then serves. The venues speak
    their own dialects, so any client can be tried on them; no request ever leaves this machine.
    """
    asyncio.run(_serve(tuple(dict.fromkeys(name.lower() for name in venues)), seed, faults, as_json=as_json))


async def _serve(venues: tuple[str, ...], seed: int, faults: Profile, *, as_json: bool) -> None:

    loop = asyncio.get_running_loop()
    interrupted = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, interrupted.set)
    dialects = {venue: sandbox_class(venue) for venue in venues}
    async with AsyncExitStack() as stack:
        for venue, dialect in dialects.items():
            setting = Setting(now=loop.time, seed=seed, base_us=time.time_ns() // 1000)
            server = await stack.enter_async_context(SandboxServer(dialect(setting), FaultPlan(faults, seed)))
            known = announcement(venue, server)
            if as_json:
                jsons.emit_line(known)
            else:
                typer.echo(line(known))
        if not as_json:
            typer.echo("Serving until interrupted (Ctrl-C).")
        await interrupted.wait()


def announcement(venue: str, server: SandboxServer) -> dict[str, Any]:
    """Where it is reached, and the dummy credentials that open it."""
    return {
        "venue": venue,
        "urls": dict(server.urls),
        "accounts": [
            {
                "name": account.name,
                "key": account.credentials.key,
                "secret": account.credentials.secret.reveal(),
                "passphrase": account.credentials.passphrase.reveal() if account.credentials.passphrase else None,
            }
            for account in server.dialect.accounts
        ],
    }


def line(known: dict[str, Any]) -> str:
    """The announcement for people: one line, a private key of several lines included."""
    doors = "  ".join(f"{door} {url}" for door, url in known["urls"].items())
    accounts = "; ".join(
        "account " + ", ".join(f"{name} {_in_one_line(value)}" for name, value in account.items() if value)
        for account in known["accounts"]
    )
    return f"{known['venue']}  {doors}  {accounts}"


def _in_one_line(text: str) -> str:
    return text.strip().replace("\n", "\\n")
