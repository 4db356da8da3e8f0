"""Watches that no secret gets out: every secret text and every signature made in this process, in every log record.

A secret counts as soon as a `Secret` holds it, a signature or a token as soon as a signer made it. The fixture of
tests/conftest.py has the watch in every test of the suite; tests/hostile/test_canary.py looks at all other ways out.
"""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from unified import signing
from unified.secret import Secret

SHORTEST = 12
"""Characters of a secret below which a text may hold it by chance."""
_KEPT = 20_000
_WORD = re.compile(r"[A-Za-z0-9+/_.-]{20,}={0,2}")


class Watch(logging.Handler):
    """Knows what must not be seen, and notes every log record that shows it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.secrets: set[str] = set()
        self.made: dict[str, None] = {}
        """Signatures in the forms in which they travel, the newest kept."""
        self.leaks: list[str] = []

    def keep(self, secret: str) -> None:
        if len(secret) >= SHORTEST:
            self.secrets |= {secret, *(part for part in secret.split() if len(part) >= 40)}

    def keep_signature(self, raw: bytes) -> None:
        self.made |= dict.fromkeys((raw.hex(), base64.b64encode(raw).decode()))
        while len(self.made) > _KEPT:
            del self.made[next(iter(self.made))]

    def seen_in(self, text: str) -> bool:
        """Whether a text shows a secret, as it is or as Python or a URL would write it."""
        words = {word.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=") for word in _WORD.findall(text)}
        return any(secret in text for secret in self.secrets) or not words.isdisjoint(self.made)

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)
        if self.seen_in(f"{text} {record.args!r} {record.__dict__.get('extra', '')!r}"):
            self.leaks.append(f"{record.name}: {record.msg}")

    def leaked(self) -> list[str]:
        """What was noted since the last time."""
        found, self.leaks = self.leaks, []
        return found


WATCH = Watch()


def install() -> None:
    """Begin to watch; once in a process."""
    _after(Secret, "__init__", lambda _made, _self, text: WATCH.keep(text))
    for signer in (signing.HmacSigner, signing.KeySigner):
        _after(signer, "sign", lambda made, *_: WATCH.keep_signature(made))
    for name in ("unified", "aiohttp", "asyncio"):
        logging.getLogger(name).addHandler(WATCH)


def _after(owner: type[Any], name: str, tell: Callable[..., None]) -> None:
    """Call `tell` with the result and the arguments of each call of a method."""
    original = getattr(owner, name)

    @wraps(original)
    def watched(*arguments: Any) -> Any:
        made = original(*arguments)
        tell(made, *arguments)
        return made

    setattr(owner, name, watched)
