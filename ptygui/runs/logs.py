"""The last words of a run."""

from __future__ import annotations

import os
from pathlib import Path

LINES = 12
_BYTES = 8192


def last_lines(log: Path, count: int = LINES) -> tuple[str, ...]:
    """Return the last lines of a text file without empty ones; none if it cannot be read."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ()
    lines = text.splitlines()
    if size > _BYTES:
        lines = lines[1:]  # its beginning was not read
    return tuple(line.rstrip() for line in lines if line.strip())[-count:]
