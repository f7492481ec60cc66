import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from ptygui.core.errors import ExportError, ScanError
from ptygui.core.scan import ArrayPatterns, ObjectImage, ProbePositions, Scan, ScanMetadata
from ptygui.io.registry import open_scan
from ptygui.io.writers.ptychopinn import write_ptychopinn

N, H, W = 5, 8, 6


def amplitudes(seed: int = 0) -> np.ndarray:
    """Normalised amplitudes as in PtychoPINN's older files, zero frequency in the centre."""
    values = np.random.default_rng(seed).uniform(0, 0.1, (N, H, W)).astype(np.float32)
    values[:, H // 2, W // 2] = 0.9
    return values


def definition(**changes: object) -> dict[str, object]:
    arrays: dict[str, object] = {
        "diff3d": amplitudes(),
        "xcoords": np.arange(N) + 10.25,
        "ycoords": np.arange(N) * 2 + 20.5,
        "probeGuess": np.ones((H, W), np.complex64),
        "objectGuess": np.arange(1200).reshape(40, 30).astype(np.complex64),
    }
    arrays |= changes
    return {key: value for key, value in arrays.items() if value is not None}


def told(scan: Scan) -> dict[str, str]:
    return {guess.what: guess.value for guess in scan.metadata.guesses}


def read_all(path: Path) -> np.ndarray:
    scan = open_scan(path)
    return scan.batch(np.arange(len(scan))).patterns


def test_definition(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **definition())
    scan = open_scan(tmp_path / "a.npz")
    np.testing.assert_array_equal(scan.positions_px[1], [22.5, 11.25])
    np.testing.assert_allclose(read_all(tmp_path / "a.npz"), amplitudes() ** 2, rtol=1e-6)
    assert scan.reference_object is not None
    assert scan.reference_object.values.shape == (40, 30)
    assert scan.reference_object.origin_px == (0, 0)
    assert scan.probe is not None
    assert scan.probe.shape == (1, H, W)
    assert scan.metadata.pixel_size_m is None
    assert told(scan) == {"quantity": "amplitude", "zero frequency": "centre"}
    assert any("not counts" in note for note in scan.metadata.notes)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("key", ["diff3d", "diffraction"])
def test_axis_and_memory_orders(tmp_path: Path, order: str, last: bool, save: object, key: str) -> None:
    stored = np.moveaxis(amplitudes(), 0, 2) if last else amplitudes()
    arrays = definition(diff3d=None) | {key: np.array(stored, order=order)}
    save(tmp_path / "a.npz", **arrays)  # type: ignore[operator]
    np.testing.assert_allclose(read_all(tmp_path / "a.npz"), amplitudes() ** 2, rtol=1e-6)
    assert (told(open_scan(tmp_path / "a.npz")).get("axis order") == "(H, W, n)") == last


def test_ambiguous_axes_are_told(tmp_path: Path) -> None:
    cube = np.zeros((6, 8, 6))
    cube[:, 4, 3] = 0.5
    arrays = definition(diff3d=cube, probeGuess=None, xcoords=np.arange(6), ycoords=np.arange(6))
    np.savez(tmp_path / "a.npz", **arrays)
    assert told(open_scan(tmp_path / "a.npz"))["axis order"] == "(n, H, W)"


@pytest.mark.parametrize(
    ("keys", "squared"),
    [
        ({"scale_contract_version": "ci_intensity_v2", "measurement_domain": "count_intensity"}, False),
        ({"measurement_domain": "count_intensity"}, False),
        ({"scale_contract_version": "legacy_v1"}, True),
        ({"measurement_domain": "normalized_amplitude"}, True),
    ],
)
def test_stated_quantity_is_no_guess(tmp_path: Path, keys: dict[str, str], squared: bool) -> None:
    np.savez(tmp_path / "a.npz", **definition(**keys))
    expected = amplitudes() ** 2 if squared else amplitudes()
    np.testing.assert_allclose(read_all(tmp_path / "a.npz"), expected, rtol=1e-6)
    assert "quantity" not in told(open_scan(tmp_path / "a.npz"))


def test_whole_numbers_are_counts(tmp_path: Path) -> None:
    counts = np.random.default_rng(0).poisson(3.0, (N, H, W)).astype(np.uint16)
    counts[:, H // 2, W // 2] = 300
    np.savez(tmp_path / "a.npz", **definition(diff3d=counts))
    np.testing.assert_array_equal(read_all(tmp_path / "a.npz"), counts)
    assert told(open_scan(tmp_path / "a.npz"))["quantity"] == "intensity"


def test_corner_zero_frequency_is_moved_and_told(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **definition(diff3d=np.fft.ifftshift(amplitudes(), axes=(1, 2))))
    np.testing.assert_allclose(read_all(tmp_path / "a.npz"), amplitudes() ** 2, rtol=1e-6)
    assert told(open_scan(tmp_path / "a.npz"))["zero frequency"] == "corner"


@pytest.mark.parametrize(
    ("shape", "modes"), [((H, W), 1), ((3, H, W), 3), ((H, W, 1), 1), ((1, 2, H, W), 2), ((H, W, 2), 2)]
)
def test_probe_shapes(tmp_path: Path, shape: tuple[int, ...], modes: int) -> None:
    np.savez(tmp_path / "a.npz", **definition(probeGuess=np.ones(shape, np.complex64)))
    probe = open_scan(tmp_path / "a.npz").probe
    assert probe is not None
    assert probe.shape == (modes, H, W)


def test_start_coordinates_stand_in(tmp_path: Path) -> None:
    arrays = definition()
    for axis in "xy":
        arrays[f"{axis}coords_start"] = arrays.pop(f"{axis}coords")
    np.savez(tmp_path / "a.npz", **arrays)
    scan = open_scan(tmp_path / "a.npz")
    np.testing.assert_array_equal(scan.positions_px[1], [22.5, 11.25])
    assert told(scan)["probe positions"] == "xcoords_start and ycoords_start"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"xcoords": np.arange(4)}, "5 ycoords but 4 xcoords"),
        ({"xcoords": np.array(["a"] * N)}, "key xcoords"),
        ({"ycoords": np.full(N, np.inf)}, r"a\.npz: 5 of 5 probe positions are not finite"),
        (
            {"xcoords": np.arange(N) * 5e-6, "ycoords": np.arange(N) * 1e-6},
            r"a\.npz: The 5 probe positions .* span only 2e-05 of them \(are they metres",
        ),
        ({"diff3d": np.zeros((7, 8, 9))}, "7, 8, 9"),
        ({"diff3d": np.zeros((N, 0, 9))}, "no patterns"),
        ({"diff3d": np.zeros((N, H, W), complex)}, "real numbers"),
        ({"diff3d": np.array([{}] * N)}, "pickled"),
        ({"probeGuess": np.zeros((4, 4), np.complex64)}, "must be a probe"),
        ({"probeGuess": np.full((H, W), np.nan, np.complex64)}, r"a\.npz, key probeGuess, .* not finite"),
        ({"probeGuess": np.zeros((H, W), int)}, "key probeGuess"),
        ({"ycoords": None}, "no key ycoords_start"),
    ],
)
def test_faulty_files_give_one_sentence(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    np.savez(tmp_path / "a.npz", **definition(**changes))
    with pytest.raises(ScanError, match=words) as caught:
        open_scan(tmp_path / "a.npz")
    assert str(caught.value).rstrip(".").count(". ") == 0


def simulated(patterns: np.ndarray) -> Scan:
    rng = np.random.default_rng(1)
    image = ObjectImage(
        (rng.normal(size=(40, 30)) + 1j).astype(np.complex64),
        np.ones((40, 30), bool),
        (-7.0, 3.0),
        (2e-8, 3e-8),
    )
    return Scan(
        patterns=ArrayPatterns(patterns),
        positions=ProbePositions(rng.uniform(-5, 5, (len(patterns), 2)) * 1e-8, "m"),
        metadata=ScanMetadata(
            "lines", energy_ev=8000.0, distance_m=2.5, detector_pixel_m=(75e-6, 75e-6),
            pixel_size_m=(2e-8, 3e-8), extra={"seed": 3},
        ),
        probe=np.ones((2, H, W), np.complex64) * (1 + 2j),
        bad_pixels=np.eye(H, W, dtype=bool),
        reference_object=image,
    )  # fmt: skip


def test_round_trip(tmp_path: Path) -> None:
    counts = np.random.default_rng(0).poisson(9.0, (N, H, W)).astype(np.float32)
    counts[:, 0, 0] = 70_000  # looks as if the zero frequency were there
    scan = simulated(counts)
    write_ptychopinn(scan, tmp_path / "a.npz")
    again = open_scan(tmp_path / "a.npz")
    np.testing.assert_array_equal(again.batch(np.arange(N)).patterns, counts)
    np.testing.assert_allclose(again.positions_px, scan.positions_px, atol=1e-9)
    np.testing.assert_array_equal(again.probe, scan.probe)
    for name in ("name", "energy_ev", "distance_m", "detector_pixel_m", "pixel_size_m", "extra"):
        assert getattr(again.metadata, name) == getattr(scan.metadata, name)
    assert told(again) == {}  # what ptygui wrote it need not guess
    np.testing.assert_array_equal(again.bad_pixels, scan.bad_pixels)
    assert again.reference_object is not None
    assert scan.reference_object is not None
    np.testing.assert_array_equal(again.reference_object.values, scan.reference_object.values)
    assert again.reference_object.origin_px == (-7.0, 3.0)
    assert again.reference_object.pixel_size_m == (2e-8, 3e-8)


def test_written_file_keeps_the_definition(tmp_path: Path) -> None:
    counts = np.full((N, H, W), 300, np.float32)
    write_ptychopinn(simulated(counts), tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        assert arrays["diff3d"].shape == (N, H, W)
        assert arrays["diff3d"].dtype == np.uint16
        assert set(arrays) >= {"xcoords_start", "ycoords_start", "probeGuess", "objectGuess"}
        assert arrays["xcoords"].shape == (N,)
        assert str(arrays["scale_contract_version"]) == "ci_intensity_v2"
        assert json.loads(str(arrays["_metadata"])) == {"seed": 3}
        assert float(arrays["ycoords"].min()) >= -5e-8 / 2e-8 + 7
    with zipfile.ZipFile(tmp_path / "a.npz") as archive:
        assert archive.testzip() is None


def test_fractional_intensities_stay_float(tmp_path: Path) -> None:
    write_ptychopinn(simulated(amplitudes()), tmp_path / "a.npz")
    np.testing.assert_array_equal(read_all(tmp_path / "a.npz"), amplitudes())


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_text("mine")
    with pytest.raises(ExportError, match="exists already"):
        write_ptychopinn(simulated(amplitudes()), tmp_path / "a.npz")
    assert (tmp_path / "a.npz").read_text() == "mine"
    write_ptychopinn(simulated(amplitudes()), tmp_path / "a.npz", overwrite=True)
    assert [file.name for file in tmp_path.iterdir()] == ["a.npz"]
