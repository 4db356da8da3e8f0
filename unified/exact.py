"""Numbers as venues write them, digit for digit. Knows no answer and no place in one (`wire.py` does)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Clamped, Context, Decimal, Inexact, InvalidOperation, Overflow, Rounded, Subnormal
from typing import Any

LARGEST = 40
"""Powers of ten beyond which no price or quantity lies; larger ones would blow up arithmetic."""
LONGEST = 100
"""Digits of the longest number that is read: more than money has."""

_read = Context(
    prec=LONGEST,
    Emax=LARGEST - 1,
    Emin=1 - LARGEST,
    traps=[InvalidOperation, Overflow, Subnormal, Clamped, Rounded, Inexact],
).create_decimal
"""Reads text to the last digit or raises: unlike `Decimal` itself it refuses `1_0` and blanks around a number."""


def number(value: Any) -> Decimal:
    """Text, an integer or a Decimal as an exact, finite Decimal of a usable size. Raises ValueError for all else.

    Stricter than `Decimal`, which reads the digits of other scripts, and than floats, whose last digits are not the
    venue's.
    """
    kind = type(value)
    if value.isascii() if kind is str else kind is int or kind is Decimal:
        try:
            made = _read(value)
        except InvalidOperation:
            raise ValueError("not a number") from None
        except ArithmeticError:
            raise ValueError("not a usable number") from None
        if made.is_finite():
            return made
    raise ValueError("not a number")


def numbers(texts: Sequence[Any]) -> list[Decimal]:
    """Many at once, each as `number` reads it: what must hold of every text is asked of all of them together."""
    try:
        together = "".join(texts)
        # An `n` stands in every word that Decimal takes for a number that is not one, or not finite, and in no number.
        if together.isascii() and "n" not in together and "N" not in together:
            return list(map(_read, texts))
    except (ArithmeticError, TypeError):
        pass  # not all are text, or one is no number
    return list(map(number, texts))
