from dataclasses import replace

import numpy as np
import pytest
from core.prepared import Files, counts_scan, last_note, prepared, read_all

from ptygui.core.describe import mean_photons
from ptygui.core.errors import IncompleteScanError, ScanError
from ptygui.core.fourier import detector_intensity
from ptygui.core.geometry import wavelength_m
from ptygui.core.preparation import DiskProbe, FileProbe, MeanPatternProbe, ZonePlateProbe
from ptygui.core.prepare_base import StoredProbe
from ptygui.core.probe import effective_diameter_px, probe_similarity
from ptygui.core.probe_guess import disk_probe, zone_plate_probe, zone_plate_probe_px
from ptygui.core.probe_sampling import resampled_probe
from ptygui.core.simulate import lines_scan

PIXEL = 2e-8


def metric_scan(pixel=(PIXEL, PIXEL), side=64):
    scan = counts_scan(shape=(side, side), unit="m")
    return replace(scan, metadata=replace(scan.metadata, pixel_size_m=pixel))


def power(probe):
    return float(np.sum(np.abs(probe) ** 2))


def test_a_disk_is_as_wide_as_told_and_as_bright_as_the_patterns():
    scan = metric_scan()
    after = prepared(scan, DiskProbe(diameter=20 * PIXEL))
    assert probe_similarity(after.probe, disk_probe((64, 64), 20.0)) == pytest.approx(1)
    assert power(after.probe) == pytest.approx(mean_photons(scan), rel=1e-4)
    assert last_note(after).startswith("A disk is the probe as the scan's, ")
    in_px = prepared(counts_scan(shape=(64, 64)), DiskProbe(diameter=20.0))
    np.testing.assert_allclose(
        np.abs(in_px.probe) / in_px.probe.max(), np.abs(after.probe) / after.probe.max()
    )
    oblong = prepared(metric_scan((PIXEL, 2 * PIXEL)), DiskProbe(diameter=20 * PIXEL)).probe[0]
    rows, cols = ((np.abs(oblong) > np.abs(oblong).max() / 2).any(axis=axis).sum() for axis in (1, 0))
    assert rows == pytest.approx(2 * cols, abs=2)
    with pytest.raises(ScanError, match="Step 1 .*wide in a window of 64"):
        prepared(scan, DiskProbe(diameter=1e-5))


def test_a_disk_far_away_spreads_as_waves_do():
    scan = metric_scan()
    after = prepared(scan, DiskProbe(diameter=20 * PIXEL, defocus_m=1e-4))
    # A Gaussian's law, about: the far field of a disk of diameter d widens by lambda z / d.
    near = effective_diameter_px(prepared(scan, DiskProbe(diameter=20 * PIXEL)).probe)
    assert effective_diameter_px(after.probe) > near
    back = prepared(scan, DiskProbe(diameter=20 * PIXEL, defocus_m=-1e-4))
    np.testing.assert_allclose(np.abs(back.probe), np.abs(after.probe), rtol=1e-3, atol=1e-3)
    with pytest.raises(ScanError, match="A defocus of 1e\\+05 µm spreads .* µm or less"):
        prepared(scan, DiskProbe(diameter=20 * PIXEL, defocus_m=0.1))


def test_a_zone_plate_is_that_of_the_optics():
    after = prepared(
        metric_scan(), ZonePlateProbe(outer_zone_m=6e-8, diameter_m=1e-4, stop_m=4e-5, defocus_m=3e-5)
    )
    told = zone_plate_probe(
        (64, 64),
        wavelength_m=wavelength_m(8000),
        pixel_size_m=(PIXEL, PIXEL),
        outer_zone_m=6e-8,
        defocus_m=3e-5,
        stop_fraction=0.4,
    )
    assert probe_similarity(after.probe, told) == pytest.approx(1)
    with pytest.raises(ScanError, match="stop covers the whole"):
        prepared(metric_scan(), ZonePlateProbe(outer_zone_m=6e-8, diameter_m=1e-4, stop_m=1e-4))
    with pytest.raises(ScanError, match="object pixels wide; it must be at least 1"):
        prepared(metric_scan(), ZonePlateProbe(outer_zone_m=1e-8, diameter_m=1e-4))


def test_the_geometry_that_lacks_is_named():
    scan = counts_scan(shape=(64, 64))
    with pytest.raises(IncompleteScanError, match="distance to the detector") as caught:
        prepared(
            replace(scan, metadata=replace(scan.metadata, energy_ev=8000.0)),
            DiskProbe(diameter=9, defocus_m=1e-5),
        )
    assert caught.value.lacks == ("distance_m", "detector_pixel_m", "pixel_size_m")


def test_the_mean_pattern_of_a_flat_object_gives_a_flat_probe_back():
    probe = disk_probe((64, 64), 20.0, 3.0)
    pattern = 1e4 * detector_intensity(probe)
    scan = counts_scan(shape=(64, 64))
    scan = replace(scan, patterns=type(scan.patterns)(np.stack([pattern] * len(scan)).astype(np.float32)))
    after = prepared(scan, MeanPatternProbe())
    np.testing.assert_allclose(detector_intensity(after.probe), pattern, rtol=1e-2, atol=1e-3 * pattern.max())
    bad = np.zeros((64, 64), bool)
    bad[32, 33] = True
    data = read_all(scan)
    data[:, 32, 33] = 1e9
    masked = replace(scan, patterns=type(scan.patterns)(data), bad_pixels=bad)
    assert probe_similarity(prepared(masked, MeanPatternProbe()).probe, after.probe) > 0.99


def test_a_probe_of_a_file_is_brought_to_the_pixels_of_the_scan():
    scan = lines_scan(64, object_px=120, step_px=20.0)
    files = Files(
        probes={"p": StoredProbe(3 * scan.probe, None), "s": StoredProbe(scan.probe[:, 16:48, 16:48], None)}
    )
    after = prepared(scan, FileProbe(path="p"), load=files)
    brightness = np.sqrt(mean_photons(scan) / power(scan.probe))
    np.testing.assert_allclose(after.probe, brightness * scan.probe, rtol=1e-3)
    with pytest.raises(ScanError, match="32 × 32 px, the patterns 64 × 64 px, and the file does not tell"):
        prepared(scan, FileProbe(path="s"), load=files)
    metric = Files(probes={"s": StoredProbe(scan.probe[:, 16:48, 16:48], (PIXEL, PIXEL))})
    with pytest.raises(IncompleteScanError) as caught:
        prepared(scan, FileProbe(path="s"), load=metric)
    assert caught.value.lacks == ("pixel_size_m",)
    known = replace(scan, metadata=replace(scan.metadata, pixel_size_m=(0.7 * PIXEL, 0.7 * PIXEL)))
    whole = Files(probes={"w": StoredProbe(scan.probe, (PIXEL, PIXEL))})
    finer = prepared(known, FileProbe(path="w"), load=whole).probe
    assert effective_diameter_px(finer) == pytest.approx(effective_diameter_px(scan.probe) / 0.7, rel=0.02)


@pytest.mark.parametrize(
    ("shape", "ratio"), [((96, 80), (1.0, 1.0)), ((64, 64), (0.5, 0.8)), ((40, 48), (1.7, 1.5))]
)
def test_a_wave_on_other_pixels_is_the_same_wave(shape, ratio):
    probe = zone_plate_probe_px((64, 64), 4.0, 1.0)
    there = resampled_probe(probe, shape, ratio)
    assert there.shape == (1, *shape)
    assert power(there) == pytest.approx(power(probe), rel=0.02)
    back = resampled_probe(there, (64, 64), (1 / ratio[0], 1 / ratio[1]))
    assert probe_similarity(back, probe) > 0.99
    lone = resampled_probe(probe, (64, 64), (1.0, 1.0))
    np.testing.assert_allclose(lone, probe, atol=1e-6)
