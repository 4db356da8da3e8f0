"""The locked environments: complete, checked by hash, and silent about where packages come from."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
GROUPS = ("dev", "peers", "audit")


def lock(group: str) -> str:
    return (ROOT / f"requirements-{group}.lock").read_text(encoding="utf-8")


def entries(text: str) -> dict[str, str]:
    """Name -> version of every locked package."""
    return {
        canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==([\w.+!]+)", text, re.MULTILINE)
    }


def wanted(group: str) -> list[Requirement]:
    script = Path(__file__).with_name("wanted.py")
    listed = subprocess.run([sys.executable, str(script), group], capture_output=True, text=True, check=True).stdout
    return [Requirement(line) for line in listed.splitlines()]


def unlocked(requirements: list[Requirement], text: str) -> list[str]:
    """Requirements that the lock does not fulfil."""
    locked = entries(text)
    return [
        str(one) for one in requirements if not one.specifier.contains(locked.get(canonicalize_name(one.name), "0"))
    ]


def unhashed(text: str) -> list[str]:
    """Locked packages that pip would take without checking what it got."""
    blocks = re.split(r"\n(?=\S)", text)
    return [block.split("==")[0] for block in blocks if "==" in block and "--hash=sha256:" not in block]


def whereabouts(text: str) -> list[str]:
    """Lines that say where packages come from: options, addresses, paths."""
    return [line for line in text.splitlines() if line.startswith("-") or "://" in line or " @ " in line]


@pytest.mark.parametrize("group", GROUPS)
def test_everything_that_is_needed_is_locked(group: str) -> None:
    assert unlocked(wanted(group), lock(group)) == []


@pytest.mark.parametrize("group", GROUPS)
def test_every_package_is_checked_by_hash(group: str) -> None:
    assert len(entries(lock(group))) > 20
    assert unhashed(lock(group)) == []


@pytest.mark.parametrize("group", GROUPS)
def test_it_does_not_say_where_packages_come_from(group: str) -> None:
    assert whereabouts(lock(group)) == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        pytest.param(unhashed, "a==1 \\\n    --hash=sha256:00\nb==2\n", id="a package without a hash"),
        pytest.param(whereabouts, "--extra-index-url https://packages.example.com\na==1\n", id="an index"),
        pytest.param(whereabouts, "a @ file:///tmp/a.whl\n", id="a file"),
        pytest.param(lambda text: unlocked([Requirement("a>=2")], text), "a==1\n", id="a version that is too old"),
        pytest.param(lambda text: unlocked([Requirement("b>=2")], text), "a==1\n", id="a package that is missing"),
    ],
)
def test_a_rule_finds_what_breaks_it(rule: object, text: str) -> None:
    assert callable(rule)
    assert len(rule(text)) == 1
