"""README.md is true: its program runs on a simulated venue, its commands are understood, its table is the adapters'."""

from __future__ import annotations

import asyncio
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from typer.testing import CliRunner

from tests.documents import code_blocks, table, venue_named
from tests.shared import CHECKOUT
from unified import Client
from unified.adapter import AdapterClass, AdapterSettings, Dedup
from unified.cli.app import app
from unified.config import load
from unified.instrument import Product
from unified.registry import adapter_class, installed
from unified.sandbox.dialect import Setting
from unified.sandbox.network import SandboxNetwork
from unified.sandbox.registry import sandbox_class
from unified.testing.loop import run

PAGE = CHECKOUT / "README.md"
ROWS = {venue_named(row[0]): row for row in table(PAGE, "## Venues")}
COMMANDS = [line.partition("  #")[0].strip() for line in code_blocks(PAGE, "sh")[1].splitlines()]


def simulated(network: SandboxNetwork, file: Path) -> Client:
    """The client that the page's configuration describes, at a venue in memory."""
    config = load(file, "main")
    return Client(evolve(config, endpoint=network.urls), transport=network.transport())


def test_the_program_places_and_cancels_an_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (program,), (configuration,) = code_blocks(PAGE), code_blocks(PAGE, "toml")
    (tmp_path / "unified.toml").write_text(configuration)
    monkeypatch.chdir(tmp_path)

    async def on_a_sandbox(main: Any) -> None:
        dialect = sandbox_class("binance")(Setting(now=asyncio.get_running_loop().time))
        credentials = dialect.accounts[0].credentials
        monkeypatch.setenv("BINANCE_KEY", credentials.key)
        monkeypatch.setenv("BINANCE_SECRET", credentials.secret.reveal())
        network = SandboxNetwork(dialect)
        monkeypatch.setattr(Client, "from_file", lambda file, section: simulated(network, Path(file)))
        await main

    monkeypatch.setattr(asyncio, "run", lambda main: run(on_a_sandbox(main)))
    exec(compile(program, str(PAGE), "exec"), {})
    assert capsys.readouterr().out == "new canceled\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_line_exists_with_its_options(command: str) -> None:
    """`--help` keeps a command from doing anything, and lists its options."""
    name, *words = shlex.split(command)
    assert name == "unified"
    answer = CliRunner().invoke(app, [*words, "--help"])
    assert answer.exit_code == 0, answer.output
    unknown = [word for word in words if word.startswith("--") and word not in answer.output]
    assert unknown == []


@pytest.mark.parametrize("command", [line for line in COMMANDS if line.startswith("unified explain")])
def test_the_explained_errors_are_known(command: str) -> None:
    answer = CliRunner().invoke(app, shlex.split(command)[1:])
    assert (answer.exit_code, "insufficient_funds" in answer.output) == (0, True)


def test_every_link_leads_to_a_file() -> None:
    targets = re.findall(r"\]\((?!http)([^)#]+)\)", PAGE.read_text(encoding="utf-8"))
    assert [target for target in targets if not (CHECKOUT / target).exists()] == []


def test_make_has_the_targets_that_are_named() -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"^make (\w+)", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for name in named if f"\n{name}:" not in makefile] == []
    assert named == ["demo", "test"]


def test_the_table_names_every_venue() -> None:
    assert set(ROWS) == set(installed())


@pytest.mark.parametrize("venue", sorted(ROWS))
def test_the_table_says_what_the_adapter_says(venue: str) -> None:
    _, products, environments, keys, repeated, expires = ROWS[venue]
    adapter: AdapterClass = adapter_class(venue)
    assert ("perpetuals" in products) == (Product.LINEAR in adapter.products)
    assert environments == ("" if venue == "paper" else ", ".join(adapter.environments))
    assert ("passphrase" in keys) == ("passphrase" in adapter.credential_fields)
    for rule in adapter(AdapterSettings()).placement.values():
        starts = {Dedup.EVER: "never a second order", Dedup.WHILE_OPEN: "refused while", Dedup.NONE: "not promised"}
        assert repeated.startswith(starts[rule.dedup])
        if rule.expiry is None:
            assert expires == "nothing"
            continue
        (word,) = re.findall("`(.+)`", expires)
        assert word in rule.expiry.parameter.split()
