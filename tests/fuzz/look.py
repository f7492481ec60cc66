"""Open a file and look at all that came of it: a sentence for the user, or what is valid."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np

from ptygui.core.errors import IncompleteScanError, ScanError
from ptygui.core.events import Reconstruction
from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.core.reading import PositionColumns, Reading
from ptygui.core.scan import Scan, spread_indices
from ptygui.io.positions.apart import preview_positions
from ptygui.io.registry import open_raw, prepare
from ptygui.io.result_checks import ResultError
from ptygui.io.result_files import read_result
from ptygui.io.step_files import load_array

GEOMETRY = {"energy_ev": 9_000.0, "distance_m": 2.0, "detector_pixel_m": (75e-6, 75e-6)}
TOLD = Reading(**GEOMETRY, mismatch="first")
"""What a user would answer where a file does not say it."""
MOST_PLACES = 1_000
LONGEST_SENTENCE = 3_000


def look_at_scan(path: Path) -> str:
    """Open and prepare a scan and read three patterns; returns what the user is told if that fails."""
    try:
        check_scan(prepared(open_raw(path)))
    except ScanError as error:
        return sentence(error)
    return ""


def prepared(raw: RawScan) -> Scan:
    """Prepare; tell what the file does not say, as far as a user could."""
    try:
        return prepare(raw, Preparation())
    except IncompleteScanError as error:
        sentence(error)
        if raw.positions is None:
            return prepared(with_some_positions(raw))
        answers = {name: getattr(TOLD, name) for name in error.lacks if getattr(TOLD, name)}
        if not answers:
            raise
        return prepare(raw, Preparation(reading=Reading(**GEOMETRY | answers)))


def with_some_positions(raw: RawScan) -> RawScan:
    """Return a scan of frames alone with places on a line."""
    places = np.arange(min(raw.frames.shape[0], MOST_PLACES)) * 5.0
    told = msgspec.structs.replace(raw.stated, position_unit="px", mismatch="first")
    return replace(raw, positions=np.stack([places, places], axis=1), stated=told)


def check_scan(scan: Scan) -> None:
    """Assert that shapes, types and numbers are what core.scan promises."""
    n, shape = len(scan), scan.pattern_shape
    batch = scan.batch(spread_indices(n, 3))
    assert batch.patterns.dtype == np.float32
    assert batch.patterns.shape == (min(n, 3), *shape)
    assert scan.positions.values.shape == (n, 2)
    assert np.isfinite(scan.positions_px).all()
    if scan.probe is not None:
        assert scan.probe.dtype == np.complex64
        assert scan.probe.shape[1:] == shape
        assert np.isfinite(scan.probe).all()
    for image in (scan.bad_pixels, scan.dark, scan.flat):
        assert image is None or image.shape == shape
    assert scan.bad_pixels is None or scan.bad_pixels.dtype == bool
    assert scan.monitor is None or scan.monitor.shape == (n,)
    sizes = [*(scan.metadata.pixel_size_m or ()), *(scan.metadata.detector_pixel_m or ())]
    sizes += [value for value in (scan.metadata.energy_ev, scan.metadata.distance_m) if value is not None]
    assert all(np.isfinite(size) and size > 0 for size in sizes), sizes


def look_at_result(path: Path) -> str:
    """Read a result; returns what the user is told if that fails."""
    try:
        check_result(read_result(path))
    except ResultError as error:
        return sentence(error)
    return ""


def check_result(result: Reconstruction) -> None:
    """Assert that shapes, types and numbers are what core.events promises."""
    for stage in result.stages:
        image = stage.image
        assert image.values.dtype == np.complex64
        assert image.covered.dtype == bool
        assert image.covered.shape == image.values.shape
        assert np.isfinite(image.values[image.covered]).all()
        assert np.isfinite(image.origin_px).all()
        assert stage.probe.ndim == 3
        assert stage.probe.dtype == np.complex64
        assert np.isfinite(stage.probe).all()
        assert stage.positions_px.shape[1:] == (2,)
        assert np.isfinite(stage.positions_px).all()
        assert image.pixel_size_m is None or all(0 < size < np.inf for size in image.pixel_size_m)


def look_at_positions(path: Path) -> str:
    """Read a table of positions; returns what the user is told if that fails."""
    try:
        table = preview_positions(path)
        assert table.values.ndim == 2
        assert len(table.names) == table.values.shape[1] == len(table.units)
        positions, _ = table.positions(*table.chosen(PositionColumns(path=str(path))))
        assert positions.shape == (len(table.values), 2)
        assert np.isfinite(positions).all()
    except ScanError as error:
        return sentence(error)
    return ""


def look_at_numbers(path: Path) -> str:
    """Read a file as steps of a preparation do; returns what the user is told if that fails."""
    try:
        values = load_array(path, "", "a mask")
        assert values.dtype.kind in "buifc"
        assert values.size
    except ScanError as error:
        return sentence(error)
    return ""


def sentence(error: Exception) -> str:
    """Return what the user is told, which must be one sentence."""
    text = str(error)
    assert text.strip(), "an error without words"
    assert len(text) < LONGEST_SENTENCE, f"{len(text)} letters are no sentence: {text[:300]}"
    assert text.rstrip(".").count(". ") == 0, f"two sentences: {text}"
    return text
