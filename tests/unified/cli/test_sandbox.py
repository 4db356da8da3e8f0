"""`unified sandbox`: what it announces, and how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.unified.cli.typed import Shell
from unified.cli.sandbox import line


@contextmanager
def started(*words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-u", "-m", "unified", "sandbox", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def first_line(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    return running.stdout.readline()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "kill"])
def test_it_serves_until_it_is_interrupted(number: signal.Signals) -> None:
    with started("paper", "--json") as running:
        said = json.loads(first_line(running))
        assert (said["venue"], said["accounts"][0]["secret"]) == ("paper", "paper-dummy-secret")
        connection = HTTPConnection(urlsplit(said["urls"]["main"]).netloc, timeout=10)
        connection.request("GET", "/time")
        answer = connection.getresponse()
        assert (answer.status, "time" in answer.read().decode()) == (200, True)
        connection.close()
        running.send_signal(number)
        _, err = running.communicate(timeout=10)
        assert (running.returncode, err) == (0, "")


def test_every_venue_has_a_line_with_its_doors() -> None:
    with started("binance", "paper") as running:
        assert first_line(running).startswith("binance  spot http://127.0.0.1:")
        assert first_line(running).startswith("paper  main http://127.0.0.1:")


def test_a_venue_without_a_sandbox_is_named(shell: Shell) -> None:
    done = shell("sandbox", "atlantis")
    assert done.status == 2
    assert "no sandbox for 'atlantis'" in done.err


def test_a_venue_is_one_line_without_what_an_account_has_not() -> None:
    account = {"name": "client", "key": "k", "secret": "BEGIN\nEND\n", "passphrase": None}
    known = {"venue": "paper", "urls": {"main": "http://127.0.0.1:1"}, "accounts": [account]}
    assert line(known) == "paper  main http://127.0.0.1:1  account name client, key k, secret BEGIN\\nEND"
