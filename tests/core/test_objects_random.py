import numpy as np
import pytest

from ptygui.core.objects_random import EDGE_PX, Looks, dead_leaves, grains, photograph, smooth_field

MAKERS = [dead_leaves, grains, smooth_field, photograph]
SHARP = Looks(lowest_amplitude=0.0, phase_range_rad=0.0)


@pytest.mark.parametrize("make", MAKERS)
def test_objects_are_normalised_repeat_and_differ_by_seed(make):
    values = make((70, 90), seed=3)
    assert values.shape == (70, 90)
    assert values.dtype == np.complex64
    assert np.sqrt(np.mean(np.abs(values) ** 2)) == pytest.approx(1.0, rel=1e-5)
    assert np.array_equal(values, make((70, 90), seed=3))
    assert np.abs(values - make((70, 90), seed=4)).max() > 0.1
    assert np.abs(values).std() > 0.02
    assert np.angle(values).std() > 0.1


@pytest.mark.parametrize("make", MAKERS)
def test_looks_say_what_a_grey_means(make):
    values = make((80, 80), seed=1, looks=Looks(lowest_amplitude=1.0, phase_range_rad=2.0))
    np.testing.assert_allclose(np.abs(values), 1.0, atol=1e-5)  # a pure phase object
    assert np.abs(np.angle(values)).max() <= 1.0 + 1e-5
    values = make((80, 80), seed=1, looks=Looks(lowest_amplitude=0.4, phase_range_rad=0.0))
    np.testing.assert_allclose(np.angle(values), 0.0, atol=1e-6)
    assert np.abs(values).min() / np.abs(values).max() >= 0.4


@pytest.mark.parametrize("make", MAKERS)
def test_one_material_shows_the_same_in_amplitude_and_phase(make):
    def likeness(one_material):
        values = make((120, 120), seed=2, looks=Looks(0.5, 1.5, one_material))
        return np.corrcoef(np.abs(values).ravel(), np.angle(values).ravel())[0, 1]

    assert likeness(True) == pytest.approx(-1.0, abs=1e-4)
    assert abs(likeness(False)) < 0.7


def test_leaves_hide_one_another_and_leave_no_ground():
    image = np.abs(dead_leaves((150, 150), seed=5, radii_px=(12.0, 30.0), looks=SHARP))
    steps = np.abs(np.diff(image, axis=1))
    assert np.mean(steps < 1e-6 * image.max()) > 0.4  # inside a leaf nothing changes
    assert np.mean(steps > 0.1 * image.max()) > 0.02  # and its edge is sharp


def test_leaves_have_edges_at_all_scales():
    # With radii r^-3 new edges come mostly over the first octaves of distance (Lee, Mumford and Huang find
    # a variogram that rises ever slower with its logarithm); leaves of one size differ only beyond it.
    def growth(radii_px):
        images = [np.abs(dead_leaves((96, 96), seed=s, radii_px=radii_px, looks=SHARP)) for s in range(6)]
        variogram = [np.mean([np.mean((i[:, d:] - i[:, :-d]) ** 2) for i in images]) for d in (4, 8, 16, 32)]
        return np.diff(variogram)

    many, one = growth((2.0, 100.0)), growth((30.0, 40.0))
    assert (many > 0).all()
    assert many[0] > 1.2 * many[2]
    assert one[0] < 0.8 * one[2]


def test_grains_have_the_area_that_was_asked_for():
    image = np.abs(grains((200, 200), seed=1, grain_px=20.0, looks=SHARP))
    changes = np.abs(np.diff(image, axis=0))[:, 1:] + np.abs(np.diff(image, axis=1))[1:] > 1e-6
    # Mean boundary length per area of a Poisson-Voronoi tessellation is 2 sqrt(density) (Okabe et al.,
    # Spatial Tessellations, 2000); the blur makes a boundary about 8 sigma wide.
    boundary = changes.mean() / (8 * EDGE_PX)
    assert boundary == pytest.approx(2 / 20.0, rel=0.3)


def test_spectrum_of_a_smooth_field_falls_by_its_exponent():
    fields = [
        np.angle(smooth_field((256, 256), seed=s, exponent=3.0, looks=Looks(1.0, 1.0))) for s in range(4)
    ]
    power = np.mean([np.abs(np.fft.fft2(field)) ** 2 for field in fields], axis=0)
    frequency = np.hypot(np.fft.fftfreq(256)[:, None], np.fft.fftfreq(256)[None, :])
    band = (frequency > 0.02) & (frequency < 0.12)  # above the blur's and below the few lowest
    slope, _ = np.polyfit(np.log(frequency[band]), np.log(power[band]), 1)
    assert slope == pytest.approx(-3.0, abs=0.35)


def test_greys_of_a_smooth_field_are_equally_many():
    phase = np.concatenate(
        [np.angle(smooth_field((200, 200), seed=s, looks=Looks(1.0, 1.0))).ravel() for s in range(8)]
    )
    counts, _ = np.histogram(phase, bins=5, range=(-0.5, 0.5))
    np.testing.assert_allclose(counts / len(phase), 0.2, atol=0.05)


def test_photographs_are_taken_from_those_named():
    kinds = [photograph((64, 64), seed=7, names=(name,)) for name in ("moon", "brick")]
    assert np.abs(kinds[0] - kinds[1]).max() > 0.1
    with pytest.raises(AttributeError):
        photograph((64, 64), seed=7, names=("nobody",))


def test_an_object_larger_than_its_photograph_is_still_filled():
    values = photograph((700, 640), seed=0)
    assert values.shape == (700, 640)
    assert np.isfinite(values).all()
