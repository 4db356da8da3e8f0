"""Numbers as venues write them, digit for digit. Knows no answer and no place in one (`wire.py` does)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

LARGEST = 40
"""Powers of ten beyond which no price or quantity lies; larger ones would blow up arithmetic."""
LONGEST = 100
"""Characters of the longest text that is taken for a number: more digits than money has."""

_WRITTEN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")


def number(value: Any) -> Decimal:
    """Text, an integer or a Decimal as an exact, finite Decimal of a usable size. Raises ValueError for all else.

    Stricter than `Decimal` itself, which reads `1_0`, blanks around a number and the digits of other scripts, and
    than floats, whose last digits are not the venue's.
    """
    kind = type(value)
    if kind is str:
        if len(value) < LARGEST and value.isascii() and value.replace(".", "", 1).isdecimal():
            return Decimal(value)  # digits and at most one point, as nearly all numbers are: nothing else to ask
        if len(value) > LONGEST or _WRITTEN.fullmatch(value) is None:
            raise ValueError("not a number")
    elif kind is not int and kind is not Decimal:
        raise ValueError("not a number")
    made = Decimal(value)
    if not (made.is_finite() and -LARGEST < made.adjusted() < LARGEST):
        raise ValueError("not a usable number")
    return made
