"""Builds and installs somebody else's distribution beside this checkout, without a network. Judges nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def run(*command: str, folder: Path, path: str = "") -> subprocess.CompletedProcess[str]:
    """Run this environment's Python; `path` is looked at before what is installed."""
    environment = {**os.environ, "PYTHONPATH": path}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def installed(source: Path, target: Path) -> Path:
    """The wheel of the folder, built and installed without a network."""
    built = run("hatchling", "build", "-t", "wheel", "-d", str(target / "dist"), folder=source)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = (target / "dist").glob("*.whl")
    done = run(
        *("pip", "--disable-pip-version-check", "install", "--no-deps", "--no-index", "--no-compile", "-q"),
        *("--target", str(target / "site"), str(wheel)),
        folder=target,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return target / "site"
