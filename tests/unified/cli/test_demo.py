"""`unified demo`, on every venue that can be simulated here."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from attrs import evolve

from tests.unified.cli.typed import Shell
from unified.sandbox import registry as sandboxes
from unified.sandbox.ledger import Ledger

COUNTS = {
    "requests",
    "orders",
    "fills",
    "retries",
    "resyncs",
    "waited_s",
    "unknown_outcomes",
    "unknown_settled",
    "duplicate_orders",
    "lost_orders",
    "limit_violations",
    "clock_rejections",
    "requests_while_banned",
    "unattributed_requests",
}


def test_every_promise_holds_on_every_venue(shell: Shell) -> None:
    done = shell("demo", "--seconds", "3", "--json")
    said = done.json
    assert (done.status, said["promises_kept"], done.err) == (0, True, "")
    assert (said["seconds"], said["seed"], said["faults"]) == (3.0, 7, "mild")
    assert set(said["venues"]) == set(sandboxes.installed()) - {"paper", "bitzoom"}
    for venue, counts in said["venues"].items():
        assert set(counts) >= COUNTS
        assert counts["requests"] > 5, venue


def test_in_a_pipe_it_writes_lines_and_a_verdict(shell: Shell) -> None:
    done = shell("demo", "--venues", "paper, paper", "--seconds", "1", "--faults", "none")
    assert done.status == 0
    assert done.out.isascii() or "±" in done.out
    assert "\x1b" not in done.out
    assert "settling    paper: requests " in done.out
    assert "orders placed twice        0" in done.out
    assert done.out.splitlines()[-1].startswith("Every promise held. ")


def test_a_broken_promise_ends_with_1(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Ledger.verdict
    monkeypatch.setattr(Ledger, "verdict", lambda *args, **records: evolve(real(*args, **records), limit_violations=2))
    done = shell("demo", "--venues", "paper", "--seconds", "0.5", "--faults", "none")
    assert done.status == 1
    assert "limits broken 2" in done.out.splitlines()[-1]


def test_a_venue_that_cannot_be_simulated_is_named(shell: Shell) -> None:
    done = shell("demo", "--venues", "paper,atlantis")
    assert done.status == 2
    assert "no sandbox for 'atlantis'" in done.err


def test_without_any_sandbox_it_says_so(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandboxes, "installed", tuple)
    assert "none that is installed brings a sandbox" in shell("demo").err


def test_an_interrupt_ends_it_at_once_with_130() -> None:
    command = [sys.executable, "-m", "unified", "demo", "--venues", "paper", "--seconds", "60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert "paper" in running.stdout.readline()
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=20)
    assert running.returncode == 130
    assert err == ""
