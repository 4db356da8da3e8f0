"""Names of venues to their sandboxes, as installed distributions announce them. Starts none."""

from __future__ import annotations

from importlib.metadata import entry_points

from unified.errors import ConfigurationError
from unified.sandbox.dialect import Dialect

GROUP = "unified.sandboxes"


def installed() -> tuple[str, ...]:
    """Venues that have a sandbox, sorted."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def sandbox_class(venue: str) -> type[Dialect]:
    """The dialect of a venue's sandbox. Raises ConfigurationError naming those that there are."""
    points = tuple(entry_points(group=GROUP, name=venue))
    if not points:
        raise ConfigurationError(f"there is no sandbox for {venue!r}; there are: {', '.join(installed()) or 'none'}")
    found = points[0].load()
    if not (isinstance(found, type) and issubclass(found, Dialect)):
        raise ConfigurationError(f"{points[0].value} is no sandbox: it must be a class derived from Dialect")
    return found
