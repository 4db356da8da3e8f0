"""The commands by name, their help, and how a run ends."""

from __future__ import annotations

import asyncio
from importlib import import_module

import pytest

from tests.unified.cli.typed import Shell
from unified.cli import app
from unified.errors import ConfigurationError, Fault, Kind, VenueError


@pytest.mark.parametrize("name", app.COMMANDS)
def test_every_command_has_help_with_examples(name: str, shell: Shell) -> None:
    done = shell(name, "--help")
    assert done.status == 0
    assert "Examples:" in done.out
    assert f"unified {name} " in done.out


@pytest.mark.parametrize("name", app.COMMANDS)
def test_the_list_says_of_a_command_what_it_says_of_itself(name: str) -> None:
    own = getattr(import_module(f"unified.cli.{app.word(name)}"), app.word(name)).__doc__
    first = app.COMMANDS[name].rstrip(".").split(":")[0]
    assert " ".join(own.split()).startswith(first)


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"]], ids=["nothing", "--help", "-h"])
def test_the_list_of_commands_is_shown(words: list[str], shell: Shell) -> None:
    said = shell(*words)
    assert all(name in said.out + said.err for name in app.COMMANDS)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["nope"], id="a command that there is not"),
        pytest.param(["venues", "--nope"], id="an option that there is not"),
        pytest.param(["demo", "--seconds", "soon"], id="a number that is none"),
        pytest.param(["demo", "--faults", "some"], id="a word that is none"),
    ],
)
def test_wrong_usage_ends_with_2_and_no_traceback(words: list[str], shell: Shell) -> None:
    done = shell(*words)
    assert done.status == app.MISUSED
    assert "Usage:" in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


FAILURE = VenueError.of(Fault(kind=Kind.CONNECT_FAILED, hint="Look at the network."), venue="paper")


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        pytest.param(FAILURE, app.FAILED, "Look at the network.", id="a venue's refusal"),
        pytest.param(ConfigurationError("the file is gone"), app.MISUSED, "the file is gone", id="wrong settings"),
    ],
)
@pytest.mark.parametrize("words", [["venues"], ["venues", "--json"]], ids=["for people", "as JSON"])
def test_a_failure_is_explained(
    error: Exception, status: int, said: str, words: list[str], shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr("unified.registry.installed", fail)
    done = shell(*words)
    assert done.status == status
    assert said in done.err
    assert "Traceback" not in done.err
    assert bool(done.out) == ("--json" in words)
    if done.out:
        assert done.json["error"]["kind"] in ("connect_failed", "configuration")


def test_an_interrupt_ends_a_run_cleanly(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    async def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("unified.registry.installed", lambda: asyncio.run(interrupted()))
    done = shell("venues")
    assert done.status == app.INTERRUPTED
    assert "Traceback" not in done.err
