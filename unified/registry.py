"""Names of adapters to their classes, as installed distributions announce them. Makes no adapter.

An adapter announces itself by an entry point of the group `unified.adapters`, whoever wrote it; its module
is imported when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from unified.adapter import AdapterClass
from unified.errors import ConfigurationError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "unified.adapters"

_PARTS = ("venue", "title", "environments", "options", "credential_fields", "products", "misreadings")
"""What `AdapterClass` asks of a class before one of its instances is made."""


def _points(name: str | None = None) -> list[EntryPoint]:
    """What installed distributions announce under a name, or all. The module that knows takes long to import."""
    from importlib.metadata import entry_points

    return [point for point in entry_points(group=GROUP) if name in (None, point.name)]


def installed() -> tuple[str, ...]:
    """Names of the adapters that can be asked for, sorted. Imports none of them."""
    return tuple(sorted({point.name for point in _points()}))


def adapter_class(name: str) -> AdapterClass:
    """The class of an adapter. Raises ConfigurationError if it is not installed, or broken."""
    points = {point.value: point for point in _points(name=name)}
    if not points:
        raise ConfigurationError(_unknown(name))
    if len(points) > 1:
        makers = " and ".join(sorted(_maker(point) for point in points.values()))
        raise ConfigurationError(f"adapter {name!r} is announced twice, by {makers}: uninstall one")
    (point,) = points.values()
    return _loaded(point)


def _loaded(point: EntryPoint) -> AdapterClass:
    broken = f"adapter {point.name!r} of {_maker(point)} is broken"
    try:
        found = point.load()
    except Exception as error:
        raise ConfigurationError(
            f"{broken}: {point.value} cannot be loaded, {type(error).__name__}: {error}"
        ) from error
    missing = [part for part in _PARTS if not hasattr(found, part)]
    if missing or not callable(found):
        raise ConfigurationError(f"{broken}: {point.value} is no adapter class, it lacks {', '.join(missing)}")
    if found.venue != point.name:
        raise ConfigurationError(f"{broken}: {point.value} calls its venue {found.venue!r}")
    return cast(AdapterClass, found)


def _unknown(name: str) -> str:
    names = installed()
    from difflib import get_close_matches  # only who misspells needs it

    near = get_close_matches(name.lower(), names, n=1)
    guess = f" (did you mean {near[0]!r}?)" if near else ""
    known = f"installed are: {', '.join(names) or 'none'}"
    return f"adapter {name!r} is not installed{guess}; {known}. Another comes with `pip install` of its package"


def _maker(point: EntryPoint) -> str:
    return f"the distribution {point.dist.name!r}" if point.dist else "an unnamed distribution"
