import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptygui.core.probe import (
    ProbeError,
    hermite_modes,
    intensity_weights,
    orthogonalise_modes,
    probe_similarity,
    scale_to_photons,
)
from ptygui.core.probe_guess import disk_probe, zone_plate_probe_px


@pytest.mark.parametrize(
    "make",
    [
        lambda: scale_to_photons(np.zeros((1, 8, 8), np.complex64), 1.0),
        lambda: scale_to_photons(np.ones((1, 8, 8), np.complex64), 0.0),
        lambda: intensity_weights(np.zeros((1, 8, 8), np.complex64)),
        lambda: probe_similarity(disk_probe((64, 64), 9.0), disk_probe((32, 32), 9.0)),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(make):
    with pytest.raises(ProbeError):
        make()


def test_scaled_probe_holds_the_mean_photons():
    probe = hermite_modes(zone_plate_probe_px((32, 32)), 3)
    scaled = scale_to_photons(probe, 12345.0)
    assert scaled.dtype == np.complex64
    assert np.sum(np.abs(scaled) ** 2) == pytest.approx(12345.0, rel=1e-5)


def test_weights_follow_the_intensity_of_all_modes():
    probe = np.zeros((2, 4, 4), np.complex64)
    probe[0, 1, 1], probe[1, 1, 1], probe[1, 2, 2] = 1j, 1.0, 1.0
    weights = intensity_weights(probe)
    assert weights.dtype == np.float32
    assert weights[1, 1] == pytest.approx(1.001)
    assert weights[2, 2] == pytest.approx(0.501)
    assert weights[0, 0] == pytest.approx(0.001)


def test_grown_modes_are_orthogonal_and_keep_the_power():
    first = zone_plate_probe_px((64, 64), 2.0, 10.0)
    modes = hermite_modes(first, 4, secondary_power=0.05)
    gram = modes.reshape(4, -1).conj() @ modes.reshape(4, -1).T
    np.testing.assert_allclose(gram / np.trace(gram).real, np.diag([1, 0.05, 0.05, 0.05]) / 1.15, atol=1e-5)
    assert np.sum(np.abs(modes) ** 2) == pytest.approx(np.sum(np.abs(first) ** 2), rel=1e-5)
    np.testing.assert_allclose(hermite_modes(first, 1), first, atol=1e-6)


def test_orthogonalised_modes_give_the_same_intensity():
    rng = np.random.default_rng(0)
    mixed = (rng.normal(size=(3, 16, 16)) + 1j * rng.normal(size=(3, 16, 16))).astype(np.complex64)
    modes = orthogonalise_modes(mixed)
    flat = modes.reshape(3, -1)
    gram = flat @ flat.conj().T
    np.testing.assert_allclose(gram - np.diag(np.diagonal(gram)), 0, atol=1e-3)
    assert (np.diff(np.diagonal(gram).real) <= 0).all()
    np.testing.assert_allclose((np.abs(modes) ** 2).sum(0), (np.abs(mixed) ** 2).sum(0), rtol=1e-4)
    np.testing.assert_allclose(orthogonalise_modes(mixed[:1]), mixed[:1], rtol=1e-4)


@settings(max_examples=25, deadline=None)
@given(
    shift=st.tuples(st.integers(-20, 20), st.integers(-20, 20)),
    phase=st.floats(-3.0, 3.0),
    scale=st.floats(1e-3, 1e3),
    angle=st.floats(0, 3.0),
)
def test_likeness_ignores_place_phase_scale_and_basis(shift, phase, scale, angle):
    probe = hermite_modes(zone_plate_probe_px((64, 64), 2.0, 6.0), 2, 0.3)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    other = np.tensordot(rotation, np.roll(probe, shift, axis=(1, 2)), 1) * scale * np.exp(1j * phase)
    assert probe_similarity(probe, other.astype(np.complex64)) == pytest.approx(1.0, abs=1e-4)


def test_likeness_tells_probes_apart():
    disk, lens = disk_probe((64, 64), 30.0), zone_plate_probe_px((64, 64), 2.0, 14.0)
    other_defocus = zone_plate_probe_px((64, 64), 2.0, 13.0)
    assert probe_similarity(disk, lens) < 0.8
    assert 0.9 < probe_similarity(other_defocus, lens) < 0.999
    assert probe_similarity(disk, lens) == pytest.approx(probe_similarity(lens, disk), rel=1e-5)
