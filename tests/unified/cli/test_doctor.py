"""`unified doctor`, at venues that are well, ill and out of reach."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unified.cli.typed import Shell
from unified.cli.checkup import CHECKS


@pytest.mark.parametrize("venue", ["paper", "binance"])
def test_a_venue_that_is_well_has_nothing_wrong(venue: str, shell: Shell, served: Path) -> None:
    done = shell("doctor", "--config", served, "--section", venue, "--json")
    said = done.json
    assert (done.status, said["healthy"], said["venue"]) == (0, True, venue)
    assert {finding["check"] for finding in said["findings"]} == set(CHECKS)
    texts = " ".join(finding["text"] for finding in said["findings"])
    assert "instead of the venue's own hosts" in texts
    assert "answers in" in texts
    assert "the key is accepted" in texts


def test_it_is_told_as_a_table(shell: Shell, served: Path) -> None:
    lines = shell("doctor", "--config", served, "--section", "paper").out.splitlines()
    assert lines[0] == "Paper, production"
    assert lines[-1] == "Nothing is wrong."


def test_a_venue_out_of_reach_is_wrong_and_the_rest_is_still_checked(shell: Shell) -> None:
    done = shell("doctor", "--venue", "paper", "--endpoint", "http://127.0.0.1:9", "--json")
    assert (done.status, done.json["healthy"]) == (1, False)
    by_check = {finding["check"]: finding for finding in done.json["findings"]}
    assert by_check["connection"]["level"] == "wrong"
    assert "connect_failed" in by_check["connection"]["text"]
    assert by_check["connection"]["remedy"]
    assert by_check["key"]["text"] == "no key is given"


def test_without_a_venue_it_is_wrong_usage(shell: Shell) -> None:
    assert shell("doctor").status == 2
