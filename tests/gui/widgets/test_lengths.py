import numpy as np
import pytest
from PySide6.QtCore import QRectF

from ptygui.core.canvas import Canvas, Frame, finish
from ptygui.core.scan import ObjectImage
from ptygui.gui.widgets.lengths import covered_rect, image_extent, length_scale, surrounded


def image(shape: tuple[int, int], **more: object) -> ObjectImage:
    return ObjectImage(np.ones(shape, np.complex64), np.ones(shape, bool), **more)  # type: ignore[arg-type]


def test_unknown_geometry_shows_pixels_never_metres() -> None:
    assert length_scale(None).unit == "px"


def test_the_unit_suits_the_pixel() -> None:
    assert length_scale((31e-9, 31e-9)).unit == "µm"
    assert length_scale((0.02e-9, 0.02e-9)).unit == "nm"


def test_a_pixel_is_centred_on_its_coordinate() -> None:
    rect = image_extent(image((4, 6), origin_px=(-2.0, 10.0))).rect
    assert rect == QRectF(9.5, -2.5, 6, 4)


def test_anisotropic_pixels_in_micrometres() -> None:
    extent = image_extent(image((10, 20), pixel_size_m=(1e-6, 0.5e-6)))
    assert (extent.rect.height(), extent.rect.width()) == pytest.approx((10, 10))


def test_strided_preview_covers_the_same_axes() -> None:
    canvas = Canvas(Frame(pixel_size_m=(50e-9, 40e-9)))
    patches = np.ones((1, 64, 96), np.complex64)
    canvas.add(patches, np.ones((64, 96), np.float32), np.array([[40.0, 70.0]]), np.array([0]))
    full, preview = (image_extent(finish(canvas, stride=stride)) for stride in (1, 4))
    assert preview.scale == full.scale
    for one, other in zip(preview.rect.getRect(), full.rect.getRect(), strict=True):
        assert one == pytest.approx(other)


def test_covered_rect_is_the_smallest_box_that_holds_all() -> None:
    covered = np.zeros((10, 20), bool)
    covered[2, 5] = covered[7, 11] = True
    assert covered_rect(covered, QRectF(0, 0, 40, 20)) == QRectF(10, 4, 14, 12)
    assert covered_rect(np.zeros((3, 3), bool), QRectF(0, 0, 3, 3)) == QRectF(0, 0, 3, 3)


def test_the_first_row_of_a_scan_shows_how_large_the_object_will_be() -> None:
    positions = QRectF(0, 0, 100, 60)
    first_row = QRectF(-7, -5, 112, 12)
    assert surrounded(positions, first_row) == QRectF(-7, -7, 114, 74)
    whole = QRectF(-6, -5, 113, 71)
    assert surrounded(positions, first_row).contains(whole)
    assert surrounded(positions, QRectF(40, 20, 10, 10)) == positions
