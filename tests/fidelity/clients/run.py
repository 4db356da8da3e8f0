"""Runs one program in the environment of other people's clients: `run.py kraken_sdk play`.

Imports nothing of ours beyond the programs: `unified` is installed there too, but no program may lean on it.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from pathlib import Path
from types import ModuleType

TESTS = Path(__file__).resolve().parents[2]


async def main() -> None:
    # Somebody's distribution installs a package of the name `tests`; ours comes first.
    ours = sys.modules["tests"] = ModuleType("tests")
    ours.__path__ = [str(TESTS)]
    sys.path.remove(str(Path(__file__).parent))
    program, part = sys.argv[1:]
    folder = "tests.fidelity.clients"
    script = importlib.import_module(f"{folder}.telling").Script(json.load(sys.stdin))
    peer = importlib.import_module(f"{folder}.{program}").peer(script)
    await importlib.import_module(f"{folder}.{part}").play(script, peer)


if __name__ == "__main__":
    asyncio.run(main())
