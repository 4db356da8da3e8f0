"""What every program shares: the script that it is given, and the way it tells what it saw. Knows no client.

A step is named at the stage before it is taken, so that requests can be told apart, and told afterwards in one line
of JSON: what the client made of the answer, or how it recognised a refusal.
"""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from typing import Any


class Script:
    """What the stage gives to a program."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.given = given
        self.venue: str = given["venue"]
        self.product: str = given["product"]
        self.symbol: str = given["symbol"]
        """As the venue writes it to clients."""
        self.quantity: str = given["quantity"]
        self.control: str = given["control"]

    def account(self, name: str = "main") -> dict[str, Any]:
        """Credentials, their secret as clients want it: a PEM in one line becomes one of several."""
        found: dict[str, Any] = dict(self.given["accounts"][name])
        found["secret"] = found["secret"].replace("\\n", "\n")
        return found

    def streams(self, kind: str = "plain") -> dict[str, str]:
        """Base URL of the streams of each door: `plain` as ws, or `secure` as wss."""
        return {door: bases[kind] for door, bases in self.given["streams"].items()}

    def enter(self, name: str) -> None:
        """What follows belongs to this step."""
        self._say("step=" + urllib.parse.quote(name))

    def set_clock(self, seconds: float) -> None:
        """Set the venue's clock on, or back."""
        self._say(f"clock={seconds}")

    @staticmethod
    def tell(step: str, **what: Any) -> None:
        print(json.dumps({"step": step, **what}, default=str), flush=True)

    def _say(self, query: str) -> None:
        urllib.request.urlopen(f"{self.control}/?{query}", timeout=20).close()
