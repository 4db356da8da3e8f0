"""Finds the folder of design data and recorded answers beside the checkout. Copies nothing out of it.

The folder is not part of this repository. Tests that read it skip, and say so, where it is absent.
"""

from __future__ import annotations

from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
SHARED = CHECKOUT.parent / "shared"


def shared_path(*parts: str) -> Path | None:
    """The file or folder below `shared`; None where it is not beside this checkout."""
    path = SHARED.joinpath(*parts)
    return path if path.exists() else None


def require_shared(*parts: str) -> Path:
    """The same for a test that cannot do without: skips it, with the reason, where the path is absent."""
    path = shared_path(*parts)
    if path is None:
        pytest.skip(f"shared/{'/'.join(parts)} is not beside the checkout")
    return path
