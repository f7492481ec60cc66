import numpy as np
import pytest

from ptygui.core.probe import ProbeError, effective_diameter_px
from ptygui.core.probe_guess import disk_probe, zone_plate_probe, zone_plate_probe_px

PHYSICAL = {"wavelength_m": 1.4e-10, "pixel_size_m": (10e-9, 10e-9), "outer_zone_m": 20e-9}


def focus(stop_fraction=0.0):
    return zone_plate_probe_px((128, 128), 2.0, 0.0, stop_fraction)[0]


def test_disk_is_as_wide_as_asked_and_centred():
    disk = disk_probe((64, 80), 30.0)
    assert disk.shape == (1, 64, 80)
    assert disk.dtype == np.complex64
    assert abs(disk[0, 32, 40 - 15]) == pytest.approx(0.5, abs=1e-3)
    assert abs(disk[0, 32, 40]) == pytest.approx(1.0, abs=1e-3)
    assert effective_diameter_px(disk_probe((64, 64), 30.0, edge_px=0.3)) == pytest.approx(30.0, rel=0.01)


def test_first_dark_ring_of_a_focus_is_at_the_airy_radius():
    # Attwood 9.5: the first null of a zone plate's focus lies at 1.22 outer zones from the axis.
    profile = np.abs(zone_plate_probe_px((512, 512), 8.0)[0, 256, 256:])
    first_null = int(np.argmax(np.diff(profile) > 0))
    assert first_null == pytest.approx(1.22 * 8.0, abs=1.0)


def test_defocused_beam_has_its_geometric_diameter():
    # Rays leave the focus within +-lambda/(2 dr): diameter lambda z / dr = 0.7 um at z = 100 um, 70 px.
    probe = zone_plate_probe((256, 256), defocus_m=100e-6, **PHYSICAL)
    assert effective_diameter_px(probe) == pytest.approx(70.0, rel=0.1)


def test_physical_and_pixel_parameters_describe_the_same_probe():
    defocus_rad = np.pi * 1.4e-10 * 30e-6 / (4 * 20e-9**2)
    physical = zone_plate_probe((64, 64), defocus_m=30e-6, **PHYSICAL)
    np.testing.assert_allclose(physical, zone_plate_probe_px((64, 64), 2.0, defocus_rad), atol=1e-6)


def test_defocus_of_opposite_sign_has_the_opposite_curvature():
    before, after = (zone_plate_probe_px((64, 64), 2.0, sign * 8.0)[0] for sign in (-1, 1))
    curvature = [np.angle(p[32, 36] * p[32, 28] * p[32, 32].conj() ** 2) for p in (before, after)]
    assert curvature[1] > 0  # a beam after its focus diverges: exp(+i pi r² / lambda z)
    assert curvature[0] == pytest.approx(-curvature[1], abs=1e-3)


def test_central_stop_empties_the_middle_of_the_far_field():
    far_field = np.abs(np.fft.fftshift(np.fft.fft2(focus(stop_fraction=0.4)))) ** 2
    open_field = np.abs(np.fft.fftshift(np.fft.fft2(focus()))) ** 2
    assert far_field[64, 64] < 1e-3 * open_field[64, 64]
    assert far_field[64, 64 + 25] == pytest.approx(far_field.max(), rel=0.1)


def test_anisotropic_pixels_squeeze_the_probe():
    probe = zone_plate_probe(
        (128, 128), wavelength_m=1.4e-10, pixel_size_m=(10e-9, 20e-9), outer_zone_m=40e-9, defocus_m=150e-6
    )
    intensity = np.abs(probe[0]) ** 2
    axis = np.arange(128) - 64
    spread_y = np.sqrt((intensity.sum(axis=1) * axis**2).sum())
    spread_x = np.sqrt((intensity.sum(axis=0) * axis**2).sum())
    assert spread_y / spread_x == pytest.approx(2.0, rel=0.05)


@pytest.mark.parametrize(
    "make",
    [
        lambda: zone_plate_probe_px((64, 64), 0.5),
        lambda: zone_plate_probe_px((64, 64), 2.0, 100.0),
        lambda: disk_probe((64, 64), 70.0),
    ],
)
def test_what_cannot_be_sampled_is_refused_in_words(make):
    with pytest.raises(ProbeError, match="must be at least 1|make it smaller"):
        make()
