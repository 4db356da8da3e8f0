"""How value classes are declared: `attrs.frozen`, at the price of those classes that are used.

attrs writes and compiles methods for each class, which was half of the time that an import took, and no program uses
half of the classes. So a class is made by attrs when its first value is, or when somebody asks for its fields. Values
have no slots, which halves the time to make one: what is kept by the thousand says `slots=True`, and is made at once,
since attrs puts another class in its place. Equality, hash and repr do the same in all of them and are written here
once. Type checkers see `attrs.frozen` itself.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from threading import RLock
from typing import TYPE_CHECKING, Any

import attrs

__all__ = ["frozen"]

if TYPE_CHECKING:
    from attrs import frozen
else:

    def frozen(cls=None, **options):
        """As `attrs.frozen`, but without slots. With `eq` or `cache_hash` among the options all methods are attrs'."""

        def declared(plain):
            made = {"slots": False} | options
            if options.keys().isdisjoint(("eq", "cache_hash")):
                made |= {"eq": False, "repr": False}
                for name in _SHARED.keys() - vars(plain).keys():
                    setattr(plain, name, _SHARED[name])
            if made["slots"]:
                return attrs.frozen(plain, **made)
            _defer(plain, made)
            return plain

        return declared if cls is None else declared(cls)


# --- made by attrs when it is needed

_MAKING = RLock()


class _Fields:
    """Stands where attrs looks for the fields of a class, of itself or of a subclass, until they are known."""

    def __init__(self, make: Callable[[], None]) -> None:
        self._make = make

    def __get__(self, value: object, kind: type) -> Any:
        self._make()
        return kind.__attrs_attrs__  # type: ignore[attr-defined]  # by now attrs has put it there


def _defer(plain: Any, options: dict[str, Any]) -> None:
    """Have attrs make the class, in place, when the first value is made or the first look at its fields is taken."""

    def make() -> None:
        with _MAKING:
            if plain.__init__ is first:
                attrs.frozen(plain, init=True, **options)

    def first(self: Any, *arguments: Any, **named: Any) -> None:
        make()
        self.__init__(*arguments, **named)

    plain.__init__ = first
    plain.__attrs_attrs__ = _Fields(make)


# --- methods that all share


def _equal(self: Any, other: Any) -> Any:
    """Whether both are of one class and alike in all that counts."""
    kind = self.__class__
    if other.__class__ is not kind:
        return NotImplemented
    counted = _COUNTED[kind]
    return counted(self) == counted(other)


def _hash(self: Any) -> int:
    kind = self.__class__
    return hash((kind, _COUNTED[kind](self)))


def _repr(self: Any) -> str:
    kind = self.__class__
    shown = (f"{name}={show(getattr(self, name))}" for name, show in _SHOWN[kind])
    return f"{kind.__qualname__.rpartition('>.')[2]}({', '.join(shown)})"


_SHARED = {"__eq__": _equal, "__hash__": _hash, "__repr__": _repr}


class _Counted(dict[type, Callable[[Any], Any]]):
    """By class: reads the fields that count for equality."""

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        names = [one.name for one in attrs.fields(kind) if one.eq]
        found = self[kind] = attrgetter(*names) if names else type
        return found


class _Shown(dict[type, list[tuple[str, Callable[[Any], str]]]]):
    """By class: the fields that are shown, and how."""

    def __missing__(self, kind: type) -> list[tuple[str, Callable[[Any], str]]]:
        fields = [(one.name, one.repr) for one in attrs.fields(kind) if one.repr]
        found = self[kind] = [(name, show if callable(show) else repr) for name, show in fields]
        return found


_COUNTED, _SHOWN = _Counted(), _Shown()
