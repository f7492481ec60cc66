import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptygui.core.canvas import Canvas, CanvasError, Frame, finish
from ptygui.core.gauge import align, gauge_factor, in_gauge, phase_ramp, remove_gauge
from ptygui.core.objects import siemens_star

factors = st.builds(lambda r, p: r * np.exp(1j * p), st.floats(0.01, 100), st.floats(-3.1, 3.1))
OBJECT = siemens_star((60, 70)).astype(np.complex128)
EVERYWHERE = np.ones(OBJECT.shape, bool)


def ramp_image(down, right):
    rows, cols = np.ogrid[:60, :70]
    return np.exp(1j * (down * rows + right * cols))


@given(factors)
def test_phase_and_scale_come_off(factor):
    assert gauge_factor(OBJECT * factor, OBJECT, EVERYWHERE) * factor == pytest.approx(1.0)
    np.testing.assert_allclose(remove_gauge(OBJECT * factor, OBJECT, EVERYWHERE), OBJECT, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(factors, st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_a_ramp_comes_off_between_the_samples_of_the_transform(factor, down, right):
    spoiled = OBJECT * factor * ramp_image(down, right)
    assert phase_ramp(spoiled, OBJECT, EVERYWHERE) == pytest.approx((-down, -right), abs=1e-5)
    np.testing.assert_allclose(remove_gauge(spoiled, OBJECT, EVERYWHERE, ramp=True), OBJECT, atol=1e-3)


def test_a_ramp_stays_unless_asked():
    spoiled = OBJECT * ramp_image(0.05, 0.02)
    assert np.abs(remove_gauge(spoiled, OBJECT, EVERYWHERE) - OBJECT).max() > 0.5


def test_only_what_has_weight_decides():
    weights = np.zeros(OBJECT.shape)
    weights[10:20, 10:20] = 0.5
    spoiled = OBJECT * np.exp(2j)
    spoiled[30:] = 100j
    assert gauge_factor(spoiled, OBJECT, weights) == pytest.approx(np.exp(-2j))
    assert gauge_factor(spoiled, OBJECT, np.zeros(OBJECT.shape)) == 1.0


def test_least_squares_beats_every_other_factor():
    rng = np.random.default_rng(0)
    noisy = OBJECT + 0.3 * rng.normal(size=OBJECT.shape)
    best = gauge_factor(noisy, OBJECT, EVERYWHERE)
    misfit = np.linalg.norm(best * noisy - OBJECT)
    for step in (1.01, 0.99, np.exp(0.01j), np.exp(-0.01j)):
        assert np.linalg.norm(best * step * noisy - OBJECT) > misfit


def canvas_of(first_row, last_row, start_index=0, frame=None):
    canvas = Canvas(frame or Frame())
    rows = np.arange(first_row, last_row, 5)
    patches = np.stack([OBJECT[r - 8 : r + 8, 20:36] for r in rows]).astype(np.complex64)
    positions = np.array([[r, 28.0] for r in rows])
    canvas.add(patches, np.ones((16, 16), np.float32), positions, np.arange(len(rows)) + start_index)
    return canvas


@given(factors)
def test_canvases_align_on_their_overlap(factor):
    a, b = canvas_of(10, 30), in_gauge(canvas_of(26, 50, 100), factor)
    found = align(a, b)
    assert found * factor == pytest.approx(1.0, rel=1e-4)
    whole = finish(a + in_gauge(b, found))
    np.testing.assert_allclose(whole.values, OBJECT[2:54, 20:36], atol=1e-4)


def test_what_few_patterns_lit_says_little_about_the_gauge():
    a, b = canvas_of(10, 30), in_gauge(canvas_of(10, 30, 100), 1j)
    b.weights[:12] *= 1e-4
    b.weighted_sum[:12] *= -1e-4  # half the overlap is wrong, but with hardly any weight
    assert align(a, b) == pytest.approx(-1j, abs=0.01)


def test_turning_a_canvas_leaves_the_old_one_alone():
    canvas = canvas_of(10, 30)
    before = canvas.weighted_sum.copy()
    turned = in_gauge(canvas, 1j)
    turned.weights[:] = 0
    turned.seen.clear()
    np.testing.assert_array_equal(canvas.weighted_sum, before)
    assert canvas.seen
    assert canvas.weights.all()


def test_what_cannot_be_aligned_is_refused():
    a = canvas_of(10, 20)
    for other, words in [
        (canvas_of(50, 52, 100), "do not overlap"),
        (Canvas(), "empty"),
        (canvas_of(10, 20, 100, Frame(orientation=1)), "different frames"),
    ]:
        with pytest.raises(CanvasError, match=words):
            align(a, other)
