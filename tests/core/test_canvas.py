import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptygui.core.canvas import Canvas, CanvasError, Frame, finish
from ptygui.core.probe import intensity_weights
from ptygui.core.probe_guess import zone_plate_probe_px
from ptygui.core.simulate import lines_scan

SIZE = (8, 10)
TOLERANCE = {"rtol": 2e-6, "atol": 2e-6}  # order changes float32 sums by about 4e-7
coordinates = st.floats(-30, 30, allow_nan=False).map(lambda value: round(value, 3))


@st.composite
def patch_sets(draw, most=6):
    """Patches, their weights and their positions, of some patterns."""
    count = draw(st.integers(0, most))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    positions = draw(st.lists(st.tuples(coordinates, coordinates), min_size=count, max_size=count))
    patches = (rng.normal(size=(count, *SIZE)) + 1j * rng.normal(size=(count, *SIZE))).astype(np.complex64)
    weights = rng.uniform(0.1, 1, (count, *SIZE)).astype(np.float32)
    return patches, weights, np.array(positions, np.float64).reshape(-1, 2), np.arange(count)


def canvas_of(patch_set, chosen=slice(None), start=0):
    patches, weights, positions, indices = (part[chosen] for part in patch_set)
    canvas = Canvas()
    canvas.add(patches, weights, positions, indices + start)
    return canvas


def assert_same(a, b):
    assert a.seen == b.seen
    assert a.box == b.box
    np.testing.assert_allclose(a.weighted_sum, b.weighted_sum, **TOLERANCE)
    np.testing.assert_allclose(a.weights, b.weights, **TOLERANCE)


@settings(deadline=None)
@given(patch_sets())
def test_the_empty_canvas_is_the_identity(patch_set):
    canvas = canvas_of(patch_set)
    assert_same(Canvas() + canvas, canvas)
    assert_same(canvas + Canvas(), canvas)


@settings(deadline=None)
@given(patch_sets(), patch_sets())
def test_addition_is_commutative(first, second):
    a, b = canvas_of(first), canvas_of(second, start=100)
    assert_same(a + b, b + a)


@settings(deadline=None)
@given(patch_sets(), patch_sets(), patch_sets())
def test_addition_is_associative(first, second, third):
    a, b, c = canvas_of(first), canvas_of(second, start=100), canvas_of(third, start=200)
    assert_same((a + b) + c, a + (b + c))


@settings(deadline=None)
@given(patch_sets(most=9), st.randoms(use_true_random=False), st.integers(1, 4))
def test_any_chunks_in_any_order_make_the_same_canvas(patch_set, random, chunk):
    order = list(range(len(patch_set[3])))
    random.shuffle(order)
    added, grown = Canvas(), Canvas()
    for start in range(0, len(order), chunk):
        chosen = order[start : start + chunk]
        added = added + canvas_of(patch_set, chosen)
        grown.add(*(part[chosen] for part in patch_set))
    assert_same(added, canvas_of(patch_set))
    assert_same(grown, canvas_of(patch_set))


@settings(deadline=None)
@given(patch_sets(most=9), st.randoms(use_true_random=False), st.integers(1, 4))
def test_room_made_beforehand_changes_nothing_and_never_grows(patch_set, random, chunk):
    patches, weights, positions, indices = patch_set
    order = list(indices)
    random.shuffle(order)
    canvas = Canvas.covering(Frame(), positions, SIZE)
    arrays = canvas.weighted_sum, canvas.weights
    for start in range(0, len(order), chunk):
        chosen = order[start : start + chunk]
        canvas.add(patches[chosen], weights[chosen], positions[chosen], indices[chosen])
    assert_same(canvas, canvas_of(patch_set))
    assert canvas.weighted_sum is arrays[0]
    assert canvas.weights is arrays[1]


def test_room_for_patterns_is_no_picture_yet():
    canvas = Canvas.covering(Frame(), np.array([[3.0, 4.0]]), SIZE)
    assert canvas.box == (-1, -1, 7, 9)
    with pytest.raises(CanvasError, match="No pattern"):
        finish(canvas)


@settings(deadline=None)
@given(patch_sets(), patch_sets())
def test_adding_leaves_both_canvases_alone(first, second):
    a, b = canvas_of(first), canvas_of(second, start=100)
    total = a + b
    total.weighted_sum[:] = np.nan
    total.weights[:] = np.nan
    total.seen.clear()
    assert_same(a, canvas_of(first))
    assert_same(b, canvas_of(second, start=100))


@settings(deadline=None)
@given(patch_sets(), st.data())
def test_a_pattern_counts_once(patch_set, data):
    if not len(patch_set[3]):
        return
    again = data.draw(st.integers(0, len(patch_set[3]) - 1))
    canvas = canvas_of(patch_set)
    with pytest.raises(CanvasError, match=f"Pattern {again} would be counted twice"):
        canvas.add(*(part[[again]] for part in patch_set))
    with pytest.raises(CanvasError, match=f"Pattern {again} would be counted twice"):
        canvas + canvas_of(patch_set, [again])
    with pytest.raises(CanvasError, match=f"Pattern {again} would be counted twice"):
        Canvas().add(*(part[[again, again]] for part in patch_set))
    assert_same(canvas, canvas_of(patch_set))  # a refused addition leaves no trace


@pytest.mark.parametrize(
    "other", [Frame(pixel_size_m=(1e-8, 1e-8)), Frame(orientation=3), Frame(recipe_id="another")]
)
def test_foreign_frames_are_refused(other):
    with pytest.raises(CanvasError, match="different frames"):
        Canvas() + Canvas(other)


def test_patches_without_a_position_are_refused_before_anything_changes():
    canvas = Canvas()
    patches = np.ones((3, 8, 10), np.complex64)
    with pytest.raises(ValueError, match="3 patches, 2 positions"):
        canvas.add(patches, np.ones(SIZE, np.float32), np.zeros((2, 2)), np.arange(3))
    assert canvas.box is None


def test_a_patch_lies_with_its_centre_at_its_position():
    patch = np.zeros((1, 8, 10), np.complex64)
    patch[0, 4, 5] = 2 + 1j
    canvas = Canvas()
    canvas.add(patch, np.ones(SIZE, np.float32), np.array([[-7.0, 12.0]]), np.array([0]))
    picture = finish(canvas)
    row, col = int(-7 - picture.origin_px[0]), int(12 - picture.origin_px[1])
    assert picture.values[row, col] == 2 + 1j
    assert np.count_nonzero(picture.values) == 1
    assert canvas.box == (-11, 7, -3, 17)


def test_common_and_separate_weights_make_the_same_canvas():
    patches, positions = np.ones((2, *SIZE), np.complex64), np.array([[0.3, 1.7], [4.0, 2.2]])
    indices = np.arange(2)
    weights = np.random.default_rng(0).uniform(0.1, 1, SIZE).astype(np.float32)
    common, separate = Canvas(), Canvas()
    common.add(patches, weights, positions, indices)
    separate.add(patches, np.stack([weights, weights]), positions, indices)
    assert_same(common, separate)


def test_a_picture_shows_only_what_was_covered():
    canvas = Canvas(Frame(pixel_size_m=(2e-8, 1e-8)))
    weights = np.full(SIZE, 1.0, np.float32)
    weights[0] = 1e-3
    canvas.add(np.full((1, *SIZE), 3j, np.complex64), weights, np.array([[0.0, 0.0]]), np.array([0]))
    picture = finish(canvas)
    assert not picture.covered[0].any()
    assert (picture.values[0] == 0).all()
    np.testing.assert_allclose(picture.values[1:], 3j)
    preview = finish(canvas, stride=2)
    assert preview.pixel_size_m == (4e-8, 2e-8)
    assert preview.stride == 2
    np.testing.assert_array_equal(preview.values, picture.values[::2, ::2])
    with pytest.raises(CanvasError, match="no picture"):
        finish(Canvas())


class BandLimitedObject:
    """A sum of plane waves: known between its pixels as exactly as on them."""

    def __init__(self, finest_period_px=5.0, waves=40):
        rng = np.random.default_rng(0)
        self.frequency = rng.uniform(-1, 1, (waves, 2)) / finest_period_px
        self.amplitude = (rng.normal(size=waves) + 1j * rng.normal(size=waves)) / np.sqrt(2 * waves)

    def window(self, first_row, first_col, shape):
        """Values at real coordinates first + (0, 1, ...), (H, W)."""
        y, x = first_row + np.arange(shape[0]), first_col + np.arange(shape[1])
        waves_y = np.exp(2j * np.pi * np.outer(self.frequency[:, 0], y))
        waves_x = np.exp(2j * np.pi * np.outer(self.frequency[:, 1], x))
        return np.einsum("k,ky,kx->yx", self.amplitude, waves_y, waves_x)


def stitching_error(positions, placed_at):
    """Relative error of the picture made of true patches at `positions`, placed at `placed_at`."""
    true, size = BandLimitedObject(), (32, 32)
    patches = np.stack([true.window(y - 16, x - 16, size) for y, x in positions]).astype(np.complex64)
    canvas = Canvas()
    weights = intensity_weights(zone_plate_probe_px(size, 2.0, 6.0))
    canvas.add(patches, weights, placed_at, np.arange(len(positions)))
    picture = finish(canvas)
    expected = true.window(*picture.origin_px, picture.values.shape)
    inner = np.s_[16:-16, 16:-16]
    return np.linalg.norm((picture.values - expected)[inner]) / np.linalg.norm(expected[inner])


def test_true_patches_in_true_object_out_between_the_pixels():
    rng = np.random.default_rng(1)
    grid = np.stack(np.meshgrid(np.arange(0, 90, 6.0), np.arange(0, 90, 6.0), indexing="ij"), -1).reshape(
        -1, 2
    )
    positions = grid + rng.uniform(-2, 2, grid.shape)
    placed, rounded = stitching_error(positions, positions), stitching_error(positions, np.rint(positions))
    assert placed < 5e-4
    assert rounded > 200 * placed  # what integer positions would cost: 14 % of the object
    assert stitching_error(np.rint(positions), np.rint(positions)) < 1e-6


def test_a_simulated_scan_at_fractional_positions_comes_back():
    # The oracle on the benchmark's own object: exit waves of the simulation, divided by the probe.
    scan = lines_scan(64, object_px=160, step_px=10.0)
    true = scan.reference_object.values.astype(np.complex128)
    k = [np.fft.fftfreq(160)[:, None], np.fft.fftfreq(160)[None, :]]
    spectrum = np.fft.fft2(true)
    patches = []
    for y, x in scan.positions_px:
        ramp = np.exp(2j * np.pi * (k[0] * (y - 32) + k[1] * (x - 32)))
        patches.append(np.fft.ifft2(spectrum * ramp)[:64, :64])
    errors = []
    for placed_at in (scan.positions_px, np.rint(scan.positions_px)):
        canvas = Canvas()
        canvas.add(
            np.array(patches, np.complex64), intensity_weights(scan.probe), placed_at, np.arange(len(patches))
        )
        picture = finish(canvas)
        row, col = (int(value) for value in picture.origin_px)
        inner, wanted = np.s_[32 - row : 128 - row, 32 - col : 128 - col], true[32:128, 32:128]
        errors.append(np.linalg.norm(picture.values[inner] - wanted) / np.linalg.norm(wanted))
    assert errors[0] < 1e-3
    assert errors[1] > 10 * errors[0]
