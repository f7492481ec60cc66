"""How a scan that is written came about, as JSON: where it was read, how, and what was done to it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import msgspec

from ptygui import __version__
from ptygui.core.scan import Scan

WRITER = f"ptygui {__version__}"


def now() -> str:
    """Return the time, UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def history_of(scan: Scan) -> str:
    """Return ASCII JSON with the scan's file, its format, the reading, the steps, the guesses and notes."""
    known = scan.metadata
    record = {
        "written_by": WRITER,
        "created": now(),
        "scan": known.name,
        "file": known.path,
        "format": known.format,
        "reading": msgspec.to_builtins(known.reading),
        "preparation": msgspec.to_builtins(known.preparation),
        "guesses": [f"{guess.what}: {guess.value} ({guess.why})" for guess in known.guesses],
        "notes": list(known.notes),
        "extra": known.extra,
    }
    return json.dumps(record, indent=1, default=str)
