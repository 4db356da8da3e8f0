"""How dialects write numbers, times and ids, and read a client's numbers. Pure; knows no venue."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from hashlib import md5

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_WITHOUT_ZONE = datetime(1970, 1, 1)  # noqa: DTZ001 - only ever written, with a Z behind it
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_LONGEST = 40


def fixed(value: Decimal, places: int) -> str:
    """With exactly so many decimals: `60000.00`."""
    return f"{value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN):f}"


def at_step(value: Decimal, step: Decimal) -> str:
    """With as many decimals as the step has: a tick of 0.10 writes 60000.1 as `60000.1`."""
    exponent = step.normalize().as_tuple().exponent
    return fixed(value, max(0, -exponent) if isinstance(exponent, int) else 0)


def plain(value: Decimal) -> str:
    """As short as it is exact, never with an exponent: `0.5`, `0`."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def amount(text: object) -> Decimal | None:
    """A client's number; None for anything that is not a plain decimal text of reasonable length."""
    if not isinstance(text, str) or len(text) > _LONGEST or _DECIMAL.fullmatch(text) is None:
        return None
    return Decimal(text)


def rfc3339(time_us: int, *, digits: int = 6) -> str:
    """`2026-11-21T12:00:00.123456Z`, cut off after so many digits of the second (0, 3 or 6)."""
    text = (_EPOCH_WITHOUT_ZONE + timedelta(microseconds=time_us)).isoformat(timespec="microseconds")
    return (text[:-7] if digits == 0 else text[: len(text) - 6 + digits]) + "Z"


def microseconds(text: object) -> int | None:
    """The reverse of `rfc3339` for any aware ISO time; None where it is none."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None:
        return None
    return (moment - _EPOCH) // timedelta(microseconds=1)


@lru_cache(maxsize=4096)
def uuid_of(number: int, kind: str = "order") -> str:
    """The same UUID for the same number, ever; not guessable from its neighbour."""
    digest = md5(f"{kind}/{number}".encode(), usedforsecurity=False).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:]}"


def base32_of(number: int, groups: tuple[int, ...], kind: str = "order") -> str:
    """Capital letters and digits in groups: (6, 5, 6) writes `OABCDE-FGHIJ-KLMNOP` and the like; ever the same."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    value = int.from_bytes(md5(f"{kind}/{number}".encode(), usedforsecurity=False).digest(), "big")
    parts = []
    for length in groups:
        part = ""
        for _ in range(length):
            value, index = divmod(value, len(alphabet))
            part += alphabet[index]
        parts.append(part)
    return "-".join(parts)
