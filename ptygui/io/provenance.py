"""How an exported picture was made, as plain values: it travels inside every file and beside it."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from ptygui import __version__
from ptygui.core.events import Quality, Reconstruction, Stage, StageResult
from ptygui.core.evidence import Evidence, Residual
from ptygui.core.scan import ObjectImage

PROGRAM = "ptygui"


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """What tells how a stage of a result came about; what a file of an older version lacks has a default."""

    program: str
    version: str = ""
    created: str = ""
    """UTC, ISO 8601."""
    scan: str = ""
    stage: Stage = "refined"
    bundle_id: str | None = None
    coverage: float = 1.0
    residual: Residual | None = None
    quality: Quality | None = None
    seconds: float = 0.0
    steps: int = 0
    pixel_size_m: tuple[float, float] | None = None
    """(y, x)."""
    origin_px: tuple[float, float] = (0.0, 0.0)
    """(row, col)."""
    notices: tuple[str, ...] = ()
    recipe: dict[str, Any] = {}

    def reconstruction(
        self,
        image: ObjectImage,
        probe: NDArray[np.complex64],
        positions_px: NDArray[np.float64],
        evidence: Evidence | None = None,
        *,
        intensities: NDArray[np.float32] | None = None,
        background: NDArray[np.float32] | None = None,
    ) -> Reconstruction:
        """Return the result of one stage that a file holds."""
        stage = StageResult(
            stage=self.stage,
            image=image,
            probe=probe,
            positions_px=positions_px,
            residual=self.residual,
            quality=self.quality,
            seconds=self.seconds,
            steps=self.steps,
            evidence=evidence,
            intensities=intensities,
            background=background,
        )
        return Reconstruction((stage,), self.scan, self.recipe, self.coverage, self.notices)


def provenance(result: Reconstruction, chosen: StageResult) -> Provenance:
    """Collect what tells how a stage of a result came about."""
    bundle_id = result.recipe.get("bundle_id")
    return Provenance(
        program=PROGRAM,
        version=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        scan=result.scan_name,
        stage=chosen.stage,
        bundle_id=None if bundle_id is None else str(bundle_id),
        coverage=result.coverage,
        residual=chosen.residual,
        quality=chosen.quality,
        seconds=chosen.seconds,
        steps=chosen.steps,
        pixel_size_m=chosen.image.pixel_size_m,
        origin_px=chosen.image.origin_px,
        notices=result.notices,
        recipe=result.recipe,
    )


def as_json(record: Provenance) -> str:
    """Write a record as ASCII JSON, one key a line; what JSON does not know becomes text."""
    return json.dumps(msgspec.structs.asdict(record), indent=1, default=_plain)


def read_provenance(text: str) -> Provenance | None:
    """Read what `as_json` wrote; None if the text is something else, as others' comments are."""
    try:
        record = msgspec.convert(json.loads(text), Provenance)
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors too
        return None
    return record if record.program == PROGRAM else None


def _plain(value: Any) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return str(value)
