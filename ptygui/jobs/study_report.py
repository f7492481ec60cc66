"""The files that a study leaves beside its runs: table.csv, table.md, figure.png, figure.svg if small."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ptygui.core.atomic import replacing
from ptygui.train.study import StudyConfig
from ptygui.train.study_results import RunResult
from ptygui.train.study_table import csv_text, markdown_text

SMALL_BYTES = 1_000_000


def write_report(study: StudyConfig, results: Sequence[RunResult], folder: Path, *, last: bool) -> None:
    """Write table and figure of a study as far as it is, each file atomically.

    Parameters
    ----------
    study : StudyConfig
    results : sequence of RunResult
    folder : Path
        The study's.
    last : bool
        True if nothing more will come: only then a vector graphic is drawn too.

    Raises
    ------
    OSError
        If a file cannot be written.
    """
    from ptygui.train.study_figure import figure_bytes  # loads matplotlib

    _write(folder / "table.csv", csv_text(results).encode())
    _write(folder / "table.md", markdown_text(study, results).encode())
    _write(folder / "figure.png", figure_bytes(study, results, "png"))
    if last and len(drawing := figure_bytes(study, results, "svg")) <= SMALL_BYTES:
        _write(folder / "figure.svg", drawing)


def _write(path: Path, content: bytes) -> None:
    with replacing(path) as temporary:
        temporary.write_bytes(content)
