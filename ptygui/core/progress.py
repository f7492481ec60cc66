"""How whoever waits is told how far something is that takes long, and ends it."""

from __future__ import annotations

from collections.abc import Callable

Report = Callable[[float], None]
"""Told the share, 0..1, that is done; raises core.errors.Cancelled to end it, and nothing stays behind.

It may start again from 0 where something is done in several passes."""


def silent(_share: float) -> None:
    """Report to nobody."""
