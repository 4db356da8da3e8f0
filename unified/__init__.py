"""One asyncio client for many crypto exchanges. Public names only; the parts are in the modules."""

from unified.errors import Kind, Outcome, VenueError

__all__ = ["Kind", "Outcome", "VenueError"]
