import bz2
import os
from pathlib import Path

import numpy as np
import pytest

from ptygui.core.errors import ScanError
from ptygui.io.registry import open_scan


def write(path: Path, **changes: np.ndarray) -> np.ndarray:
    """Write a scan by the public definition; returns its patterns, zero frequency in the centre."""
    centred = np.random.default_rng(0).poisson(2.0, (5, 8, 6)).astype(np.float32)
    centred[:, 4, 3] = 1000
    arrays = {
        "data": np.fft.ifftshift(centred, axes=(1, 2))[None],
        "scan": np.array([[[2, 3], [4.5, 3], [7, 3], [2, 6], [4, 6]]], np.float32),
        "probe": np.arange(2 * 8 * 6).reshape(1, 1, 1, 2, 8, 6).astype(np.complex64),
    }
    np.savez(path, **(arrays | changes))
    return centred


def test_definition(tmp_path: Path) -> None:
    patterns = write(tmp_path / "a.npz")
    scan = open_scan(tmp_path / "a.npz")
    np.testing.assert_array_equal(scan.batch(np.arange(5)).patterns, patterns)
    assert scan.positions.unit == "px"
    np.testing.assert_allclose(scan.positions_px[1], [4.5 + 4, 3 + 3])
    assert scan.probe is not None
    assert scan.probe.shape == (2, 8, 6)
    assert scan.probe[1, 0, 0] == 48
    assert scan.metadata.pixel_size_m is None
    assert [(g.what, g.value) for g in scan.metadata.guesses] == [("zero frequency", "corner")]


def test_bz2_and_deflated_read_the_same(tmp_path: Path) -> None:
    patterns = write(tmp_path / "a.npz")
    (tmp_path / "b.npz.bz2").write_bytes(bz2.compress((tmp_path / "a.npz").read_bytes()))
    with np.load(tmp_path / "a.npz") as arrays:
        np.savez_compressed(tmp_path / "c.npz", **arrays)
    for name in ("b.npz.bz2", "c.npz"):
        batch = open_scan(tmp_path / name).batch(np.array([4, 0, 1, 1]))
        np.testing.assert_array_equal(batch.patterns, patterns[[4, 0, 1, 1]])


def test_patterns_already_centred_stay(tmp_path: Path) -> None:
    patterns = write(tmp_path / "a.npz")
    write(tmp_path / "a.npz", data=patterns)
    scan = open_scan(tmp_path / "a.npz")
    np.testing.assert_array_equal(scan.batch(np.arange(5)).patterns, patterns)
    assert scan.metadata.guesses[0].value == "centre"


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("scan", np.full((1, 5, 2), np.nan), "not finite"),
        ("scan", np.arange(8.0).reshape(1, 4, 2), "5 patterns but 4"),
        (
            "scan",
            np.arange(10).reshape(1, 5, 2) * 1e-7,
            r"The 5 probe positions .* span only 8e-07 of them \(are they metres",
        ),
        ("scan", np.zeros((1, 5, 2)), "span only 0 of them"),
        ("scan", np.zeros((1, 5, 3)), "key scan"),
        ("scan", np.array(["a", "b"]), "key scan"),
        ("data", np.zeros((1, 0, 8, 6)), "no patterns"),
        ("data", np.zeros((8, 6)), "key data"),
        ("data", np.zeros((1, 5, 8, 6), complex), "real numbers"),
        ("probe", np.zeros((4, 4), complex), "must be a probe"),
        ("probe", np.array(3), "key probe"),
        ("data", np.array([[1, "x"]], object), "pickled"),
    ],
)
def test_faulty_files_give_one_sentence(tmp_path: Path, key: str, value: np.ndarray, words: str) -> None:
    write(tmp_path / "a.npz", **{key: value})
    with pytest.raises(ScanError, match=words) as caught:
        open_scan(tmp_path / "a.npz")
    assert str(caught.value).rstrip(".").count(". ") == 0


def test_one_pattern_needs_no_extent(tmp_path: Path) -> None:
    patterns = write(tmp_path / "a.npz")
    write(tmp_path / "a.npz", data=patterns[:1], scan=np.zeros((1, 2)))
    assert len(open_scan(tmp_path / "a.npz")) == 1


@pytest.mark.skipif("PTYGUI_REAL_DATA" not in os.environ, reason="PTYGUI_REAL_DATA is not set")
def test_real_siemens_star() -> None:
    scan = open_scan(Path(os.environ["PTYGUI_REAL_DATA"]) / "siemens-star-small.npz.bz2")
    assert scan.patterns.shape == (516, 128, 128)
    patterns = np.concatenate([batch.patterns for batch in scan.batches(100)])
    assert patterns.sum(dtype=np.float64) / 516 == pytest.approx(461_213, abs=1)
    assert patterns.max() == 963
    assert np.unravel_index(patterns.mean(axis=0).argmax(), (128, 128))[0] in range(44, 84)
    assert scan.positions_px.min() >= -168 + 64
    assert scan.positions_px.max() <= 168 + 64
    assert scan.metadata.pixel_size_m is None
    assert scan.metadata.guesses[0].value == "corner"
