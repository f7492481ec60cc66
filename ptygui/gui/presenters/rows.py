"""A row of a card."""

from __future__ import annotations

Row = tuple[str, str, str, bool]
"""(label, value, tooltip, whether it deserves a look)."""
