"""Points in time for people."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["moment"]


def moment(epoch: int) -> str:
    """Return an epoch (seconds since 1970) as UTC text, or the number where no calendar has that day."""
    try:
        return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, ValueError, OSError):
        return f"{epoch} seconds since 1970"
