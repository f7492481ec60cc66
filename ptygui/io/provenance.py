"""How an exported picture was made, as plain values: it travels inside every file and beside it."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

from ptygui import __version__
from ptygui.core.events import Reconstruction, StageResult


def provenance(result: Reconstruction, chosen: StageResult) -> dict[str, Any]:
    """Collect what tells how a stage of a result came about.

    Returns
    -------
    dict
        Plain values: program, version, created (UTC, ISO 8601), scan, stage, bundle_id, coverage, residual,
        quality, pixel_size_m (y, x) or None, origin_px (row, col), notices, recipe.
    """
    return {
        "program": "ptygui",
        "version": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "scan": result.scan_name,
        "stage": chosen.stage,
        "bundle_id": result.recipe.get("bundle_id"),
        "coverage": result.coverage,
        "residual": _plain(chosen.residual),
        "quality": _plain(chosen.quality),
        "seconds": chosen.seconds,
        "pixel_size_m": chosen.image.pixel_size_m,
        "origin_px": chosen.image.origin_px,
        "notices": list(result.notices),
        "recipe": result.recipe,
    }


def as_json(values: dict[str, Any]) -> str:
    """Write plain values as ASCII JSON, one key a line; what JSON does not know becomes text."""
    return json.dumps(values, indent=1, default=str)


def _plain(record: Any) -> dict[str, float] | None:
    return None if record is None else dataclasses.asdict(record)
