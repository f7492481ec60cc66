"""Curves of trainings as one table: run,split,metric,step,wall_s,value."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ptygui.core.atomic import replacing

HEADER = ("run", "split", "metric", "step", "wall_s", "value")


class Curve(Protocol):
    """Values by step; `runs.history.Series` is one."""

    @property
    def step(self) -> NDArray[np.float64]:
        """Steps, (n,)."""

    @property
    def wall_s(self) -> NDArray[np.float64]:
        """Seconds since the start of the run, (n,)."""

    @property
    def value(self) -> NDArray[np.float64]:
        """Values, (n,)."""


def write_curves(path: Path, runs: Iterable[tuple[str, Mapping[tuple[str, str], Curve]]]) -> None:
    """Write the curves of runs, a row a value, as UTF-8; replaces a file of that name.

    Parameters
    ----------
    path : Path
    runs : iterable of (name, curves by (split, metric))
        Values are written so that reading them gives the same doubles; what is not finite is 'nan' or
        'inf'.

    Raises
    ------
    OSError
        If it cannot be written; a file that was there is then as it was.
    """
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        for name, curves in runs:
            for (split, metric), curve in sorted(curves.items(), key=lambda item: item[0]):
                rows = zip(curve.step.tolist(), curve.wall_s.tolist(), curve.value.tolist(), strict=True)
                writer.writerows(
                    (name, split, metric, f"{step:g}" if step % 1 else int(step), wall_s, value)
                    for step, wall_s, value in rows
                )
