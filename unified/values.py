"""How value classes are declared: `attrs.frozen`, with equality, hash and repr written once for all of them.

attrs writes and compiles each of these methods anew for each class, which was a third of the time that an import took.
What they do is the same. Type checkers see `attrs.frozen` itself.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs

__all__ = ["frozen"]

if TYPE_CHECKING:
    from attrs import frozen
else:

    def frozen(cls=None, **options):
        """As `attrs.frozen`. With `eq` or `cache_hash` among the options it is that and nothing else."""
        if not options.keys().isdisjoint(("eq", "cache_hash")):
            return attrs.frozen(cls, **options)

        def declared(plain):
            own = vars(plain)
            made = attrs.frozen(plain, eq=False, repr=False, **options)
            for name, method in _SHARED.items():
                if name not in own:
                    setattr(made, name, method)
            return made

        return declared if cls is None else declared(cls)


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
