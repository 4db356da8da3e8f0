"""The door of the command line: `unified` and `python -m unified`. Knows no command; `unified/cli` does."""

from __future__ import annotations

import sys

EXTRA = frozenset({"rich", "typer"})
"""What the extra `cli` installs."""


def main() -> int:
    """Run the command that was typed; the answer is the exit status."""
    try:
        from unified.cli.app import run

        return run(sys.argv[1:])
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in EXTRA:
            raise
        sys.stderr.write("The command line needs typer and rich: python -m pip install 'unified-trading[cli]'\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
