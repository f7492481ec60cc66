"""Applying the steps of a preparation to a scan: in order, lazily, each with a sentence on what it did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from ptygui.core import preparation as steps_of
from ptygui.core import (
    prepare_counts,
    prepare_masks,
    prepare_pixels,
    prepare_positions,
    prepare_probe,
    prepare_selection,
)
from ptygui.core.enough import too_little
from ptygui.core.errors import IncompleteScanError, ScanError
from ptygui.core.preparation import Step
from ptygui.core.preparation_words import name
from ptygui.core.prepare_base import Done, Loader, NoFiles, Tools
from ptygui.core.progress import Report, silent
from ptygui.core.scan import Scan

_DO: dict[type[Any], Callable[[Any, Scan, Tools], Done]] = {
    steps_of.MaskValues: prepare_masks.mask_values,
    steps_of.MaskHot: prepare_masks.mask_hot,
    steps_of.MaskPainted: prepare_masks.mask_painted,
    steps_of.MaskFile: prepare_masks.mask_file,
    steps_of.SubtractDark: prepare_counts.subtract_dark,
    steps_of.DivideFlat: prepare_counts.divide_flat,
    steps_of.DivideMonitor: prepare_counts.divide_monitor,
    steps_of.Window: prepare_pixels.window,
    steps_of.Bin: prepare_pixels.binned,
    steps_of.DropPatterns: prepare_selection.drop_patterns,
    steps_of.Lasso: prepare_selection.lasso,
    steps_of.DropOutliers: prepare_selection.drop_outliers,
    steps_of.MovePositions: prepare_positions.move_positions,
    steps_of.DiskProbe: prepare_probe.disk,
    steps_of.ZonePlateProbe: prepare_probe.zone_plate,
    steps_of.MeanPatternProbe: prepare_probe.mean_pattern,
    steps_of.FileProbe: prepare_probe.from_file,
}


def apply_steps(
    scan: Scan, steps: Sequence[Step], load: Loader | None = None, report: Report = silent
) -> Scan:
    """Apply steps, in order; patterns stay where they are and are changed as they are read.

    Parameters
    ----------
    scan : Scan
        Perhaps with steps applied before: they are kept in mind.
    steps : sequence of Step
        Those that are off do nothing, but are kept in `metadata.preparation` like the others.
    load : Loader or None
        Reads the files that steps name; None: none may name one.
    report : Report
        Told how far a step is that must look at all patterns; it starts again from 0 for the next one.

    Returns
    -------
    Scan
        `metadata.notes` has one more sentence for each step that is on; `metadata.cautions` for each step one
        that is empty unless the step leaves too little (core.enough).

    Raises
    ------
    Cancelled
        By `report`.
    IncompleteScanError
        If a step needs to know something that `Reading` can tell.
    ScanError
        If a step makes no sense where it stands; the sentence names it by its number, from 1.
    """
    tools = Tools(load or NoFiles(), report)
    for step in steps:
        done = _applied(scan, step, tools)
        scan = _kept_in_mind(done, step, _caution(scan, done))
    return scan


def _applied(scan: Scan, step: Step, tools: Tools) -> Scan:
    number = len(scan.metadata.preparation.steps) + 1
    if not step.on:
        return scan
    try:
        done = _DO[type(step)](step, scan, tools)
    except IncompleteScanError as error:
        raise IncompleteScanError(_named(number, step, error), error.lacks) from error
    except ScanError as error:
        raise ScanError(_named(number, step, error)) from error
    notes = (*done.scan.metadata.notes, done.sentence)
    return replace(done.scan, metadata=replace(done.scan.metadata, notes=notes))


def _named(number: int, step: Step, error: ScanError) -> str:
    return f"Step {number} ({name(step)}): {error}"


def _caution(before: Scan, after: Scan) -> str:
    """Say of what a step leaves too little, unless there was as little before it."""
    known = too_little(before)
    return " ".join(sentence for sentence in too_little(after) if sentence not in known)


def _kept_in_mind(scan: Scan, step: Step, caution: str) -> Scan:
    metadata = scan.metadata
    longer = msgspec.structs.replace(metadata.preparation, steps=(*metadata.preparation.steps, step))
    cautions = (*metadata.cautions, caution)
    return replace(scan, metadata=replace(metadata, preparation=longer, cautions=cautions))
