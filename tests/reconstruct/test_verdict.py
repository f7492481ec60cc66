"""A residual is judged against that of the flat object."""

from __future__ import annotations

import numpy as np
import pytest

from ptygui.core.evidence import Residual
from ptygui.core.scan import ArrayPatterns, ProbePositions, Scan, ScanMetadata
from ptygui.reconstruct.verdict import flat_residual, verdict


def _scan(patterns: np.ndarray, bad_pixels: np.ndarray | None = None) -> Scan:
    positions = ProbePositions(
        np.column_stack([np.zeros(len(patterns)), np.arange(float(len(patterns)))]), "px"
    )
    return Scan(ArrayPatterns(patterns), positions, ScanMetadata("by hand"), bad_pixels=bad_pixels)


def test_the_flat_objects_residual_by_hand() -> None:
    """A single lit pixel in the middle of the probe's plane gives |F| = 1 everywhere on 4 x 4."""
    probe = np.zeros((1, 4, 4), np.complex64)
    probe[0, 2, 2] = 4  # orthonormal: |F| = 4 / sqrt(16) = 1
    patterns = np.full((3, 4, 4), 4.0)  # amplitude 2
    found = flat_residual(_scan(patterns), probe)
    assert found.r1 == pytest.approx(0.5)
    assert found.r2 == pytest.approx(0.5)


def test_bad_pixels_do_not_count() -> None:
    probe = np.zeros((1, 4, 4), np.complex64)
    probe[0, 2, 2] = 4
    patterns, bad = np.ones((3, 4, 4)), np.zeros((4, 4), bool)
    patterns[:, 1, 1], bad[1, 1] = 1e6, True
    assert flat_residual(_scan(patterns, bad), probe).r1 == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("r1", "level"), [(0.14, "info"), (0.31, "warning"), (0.43, "warning")])
def test_a_picture_no_better_than_none_is_a_warning(r1: float, level: str) -> None:
    notice = verdict(Residual(r1, r1), Residual(0.316, 0.298))
    assert notice.level == level
    assert f"{r1:.3f}" in notice.text
    assert "0.316" in notice.text
