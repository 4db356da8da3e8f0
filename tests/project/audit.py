"""Asks the vulnerability service about every locked package, with pip-audit. Run by `make audit`; installs nothing.

Ends with 0 where nothing is known against any of them, 1 where something is, 3 where the service could not be asked:
an answer that was not given is never read as a good one. pip-audit itself ends with 0 when it found no package at all.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements-dev.lock", "requirements-peers.lock", "requirements-audit.lock")
SECONDS = 120
NONE_KNOWN, KNOWN, NOT_ASKED = 0, 1, 3


@dataclass
class Verdict:
    """What was said of the packages of a lock."""

    asked: int = 0
    holes: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)
    """Packages about which nothing was said, and why."""


def verdict_of(report: str, complaint: str = "") -> Verdict:
    """What pip-audit's JSON says; without any, nothing was asked."""
    try:
        packages: list[Mapping[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = complaint.strip().splitlines()[-1:] or ["it said nothing"]
        return Verdict(unasked=[f"all packages: {last[0][:200]}"])
    said = Verdict()
    for package in packages:
        if "skip_reason" in package:
            said.unasked.append(f"{package['name']}: {package['skip_reason']}")
        else:
            said.asked += 1
            said.holes += [_hole(package, hole) for hole in package.get("vulns", ())]
    return said


def _hole(package: Mapping[str, Any], hole: Mapping[str, Any]) -> str:
    mended = ", ".join(hole.get("fix_versions", ())) or "no version yet"
    return f"{package['name']} {package['version']}: {hole['id']}, mended in {mended}"


def told(lock: str, said: Verdict) -> Iterable[str]:
    """What people should read."""
    yield f"{lock}: {said.asked} packages asked about, {len(said.holes)} known holes, {len(said.unasked)} not answered"
    yield from (f"  HOLE {hole}" for hole in said.holes)
    if said.unasked:
        yield f"  COULD NOT ASK about {len(said.unasked)}, for example {said.unasked[0]}"


def ends_with(verdicts: Iterable[Verdict]) -> int:
    """A hole weighs more than a question without an answer."""
    verdicts = list(verdicts)
    if any(said.holes for said in verdicts):
        return KNOWN
    return NOT_ASKED if any(said.unasked or not said.asked for said in verdicts) else NONE_KNOWN


def command(lock: str, osv_url: str = "") -> list[str]:
    """What asks about a lock: the package index's own service, or one that speaks as OSV does."""
    service = ["--vulnerability-service", "osv", "--osv-url", osv_url] if osv_url else []
    quiet = ["--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    asked = ["--require-hashes", "--disable-pip", "--requirement", str(ROOT / lock)]
    return [sys.executable, "-m", "pip_audit", *quiet, *service, *asked]


def asked(lock: str, osv_url: str) -> Verdict:
    """Ask about every package of a lock."""
    try:
        done = subprocess.run(command(lock, osv_url), capture_output=True, text=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return verdict_of("", f"no answer within {SECONDS} s")
    return verdict_of(done.stdout, done.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--osv-url", default="", help="a mirror of OSV's query API, with its path")
    osv_url = parser.parse_args().osv_url
    verdicts = []
    for lock in LOCKS:
        said = asked(lock, osv_url)
        verdicts.append(said)
        print("\n".join(told(lock, said)), flush=True)  # noqa: T201 - printing is what it is for
    return ends_with(verdicts)


if __name__ == "__main__":
    sys.exit(main())
