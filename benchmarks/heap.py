"""The heap as a trading program should have it while it is measured. Measures nothing itself."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def settled_heap() -> Iterator[None]:
    """As docs/limits-and-time.md advises: what the start has left is no garbage, and is not looked through again."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
