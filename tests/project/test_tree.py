"""What must never stand in the repository: paths of somebody's machine, hosts of package registries, secrets."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

MACHINE_PATH = re.compile(r"""(?<![\w.:/-])(?:/(?:root|work|home/\w+|Users/\w+)/|[A-Z]:\\Users\\)""")
REGISTRY = re.compile(r"\b(?:[\w-]+\.)*(?:pypi\.\w+|pythonhosted\.org|anaconda\.org)\b|/simple/?(?=[\s\"']|$)")
PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s*(?:\\n)?\s*[A-Za-z0-9+/=\s]{40,}")
TOKEN = re.compile(
    r"\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_\w{36,}|github_pat_\w{40,}|xox[abpr]-[\w-]{20,}|sk_live_\w{16,})\b"
)
LONG_VALUE = re.compile(
    r"""(?:secret|passphrase|password|api_?key|private_?key|token)\w*["']?\s*(?:[:=(]\s*)+["']([A-Za-z0-9+/=_-]{24,})["']""",
    re.IGNORECASE,
)
PLAINLY_DUMMY = re.compile(r"dummy|test|example|sandbox|fake|sample|0123456789|(.)\1{5}", re.IGNORECASE)

PUBLISHED = frozenset(
    {
        # printed on the venues' own pages as worked examples of signing (2026-11)
        "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j",
        "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9",
        "kQH5HW/8p1uGOVjbgWA7FunAmGO8lsSUXNsu3eow76sz84Q18fWxnyRzBHCd3pd5nE9qa99HAZtuZuj6F1huXg==",
        "22582BD0CFF14C41EDBF1AB98506286D",
        # base64 of a sentence that says that it is a dummy
        "a3Jha2VuLWR1bW15LXNlY3JldC1mb3ItdGVzdHMtb25seS0wMTIzNDU2Nzg5YWJjZGVmZ2hpamtsbW5vcHFycw==",
    }
)


def tracked() -> Iterator[tuple[str, str]]:
    """Name and text of every file that git knows."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.is_file():
            yield name, path.read_text(encoding="utf-8", errors="replace")


def machine_paths(text: str) -> list[str]:
    return MACHINE_PATH.findall(text)


def registries(text: str) -> list[str]:
    return REGISTRY.findall(text)


def secrets(text: str) -> list[str]:
    """Things that look like a secret, the plainly made-up and the published ones left out."""
    values = {value for value in LONG_VALUE.findall(text) if not PLAINLY_DUMMY.search(value)}
    return [*PEM.findall(text), *TOKEN.findall(text), *sorted(values - PUBLISHED)]


@pytest.mark.parametrize("rule", [machine_paths, registries, secrets], ids=lambda rule: f"no {rule.__name__}")
def test_nothing_stands_here_that_must_not(rule: Callable[[str], list[str]]) -> None:
    assert [(name, found) for name, text in tracked() if (found := rule(text))] == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        pytest.param(machine_paths, "see /" + "home/somebody/notes.md", id="a path of a home folder"),
        pytest.param(machine_paths, "open('/" + "root/x')", id="a path of the administrator"),
        pytest.param(registries, "https://files.python" + "hosted.org/packages/a.whl", id="a registry"),
        pytest.param(registries, "https://packages.example.com/" + "simple/", id="a mirror of one"),
        pytest.param(secrets, "api_secret = '" + "9f8Qk2LmZx7Rt4Vb1NcYw6Hs" + "Jd3Ge5Ua'", id="a value named secret"),
        pytest.param(secrets, 'Secret("' + "9f8Qk2LmZx7Rt4Vb1NcYw6Hs" + 'Jd3Ge5Ua")', id="a secret that is made"),
        pytest.param(secrets, "AKIA" + "Z7QW3ERTY8UIOP5A", id="a token of a known form"),
        pytest.param(
            secrets, "-----BEGIN " + "PRIVATE KEY-----\n" + "MC4CAQAwBQYDK2VwBCIEIAAB" * 2, id="a private key"
        ),
    ],
)
def test_a_rule_finds_what_breaks_it(rule: Callable[[str], list[str]], text: str) -> None:
    assert len(rule(text)) == 1


@pytest.mark.parametrize(
    "text",
    ["https://example.com/work/", "secret = 'dummy-secret-for-tests-only-1'", "path = '/0/private/AddOrder'"],
    ids=["a word in an address", "a dummy", "a path of a venue"],
)
def test_a_rule_lets_pass_what_is_harmless(text: str) -> None:
    assert [*machine_paths(text), *registries(text), *secrets(text)] == []
