"""Results read back: bit by bit from .npz, within rounding from products; damaged files in one sentence."""

import json
import os
import random
import warnings
import zipfile
from dataclasses import fields, replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from ptygui.core.errors import ExportError
from ptygui.core.events import Quality, Reconstruction, StageResult
from ptygui.core.evidence import Evidence, Residual
from ptygui.core.frc import RingCorrelation
from ptygui.core.scan import ObjectImage
from ptygui.io.export import export_reconstruction
from ptygui.io.result_files import ResultError, peek_record, read_result, write_checkpoint

PIXEL = (1.234567e-8, 2.345678e-8)
N, H, W = 9, 8, 6


def make_evidence() -> Evidence:
    rng = np.random.default_rng(7)
    rings = np.linspace(0.1, 0.5, 5)
    return Evidence(
        r1=rng.uniform(0, 1, N).astype(np.float32),
        deviance=np.array([np.nan, *rng.uniform(0, 2, N - 1)], np.float32),
        shifts_px=rng.normal(size=(N, 2)),
        flat=Residual(0.4123456789, 0.3),
        half_scan=RingCorrelation(rings, rings[::-1].copy(), rings / 2, 1.5e-8),
    )


def make_result(
    pixel: tuple[float, float] | None = PIXEL, evidence: Evidence | None = None, origin=(-4.0, 7.0)
) -> Reconstruction:
    rng = np.random.default_rng(5)
    values = (rng.normal(size=(21, 34)) + 1j * rng.normal(size=(21, 34))).astype(np.complex64)
    covered = np.ones(values.shape, bool)
    covered[:3] = False
    values[~covered] = 0
    stage = StageResult(
        stage="refined",
        image=ObjectImage(values, covered, origin, pixel),
        probe=(rng.normal(size=(2, H, W)) + 1j).astype(np.complex64),
        positions_px=rng.uniform(0, 20, (N, 2)),
        residual=Residual(1 / 3, 0.125),
        quality=Quality(0.94, 0.85, 0.03, 0.07),
        seconds=1.7,
        steps=12,
        evidence=evidence,
        intensities=rng.uniform(0.9, 1.1, N).astype(np.float32) if evidence else None,
        background=rng.uniform(0, 1, (H, W)).astype(np.float32) if evidence else None,
    )
    recipe: dict[str, object] = {"scan_path": "/data/näïve.npz", "refine": {"epochs": 12}}
    return Reconstruction((stage,), "näïve $ (star)", recipe, 0.75, ("2 patterns were left out.",))


def save(folder: Path, result: Reconstruction, name: str = "npz") -> Path:
    export_reconstruction(result, "refined", folder, "star", [name], overwrite=True)  # type: ignore[list-item]
    return folder / ("star.npz" if name == "npz" else "star.h5")


def assert_equal(found: object, expected: object) -> None:
    """Compare values and types of everything, whatever is in it."""
    assert type(found) is type(expected)
    if isinstance(expected, np.ndarray):
        assert found.dtype == expected.dtype  # type: ignore[attr-defined]
        assert found.shape == expected.shape  # type: ignore[attr-defined]
        assert found.tobytes() == expected.tobytes()  # type: ignore[attr-defined]
    elif hasattr(expected, "__dataclass_fields__"):
        for field in fields(expected):  # type: ignore[arg-type]
            assert_equal(getattr(found, field.name), getattr(expected, field.name))
    elif isinstance(expected, tuple):
        assert len(found) == len(expected)  # type: ignore[arg-type]
        for pair in zip(found, expected, strict=True):  # type: ignore[call-overload]
            assert_equal(*pair)
    else:
        assert found == expected


@pytest.mark.parametrize(
    "result",
    [
        make_result(),
        make_result(None),
        make_result(evidence=make_evidence()),
        make_result(evidence=Evidence(np.ones(N, np.float32), None, np.zeros((N, 2)))),
        make_result(
            None,
            replace(
                make_evidence(), half_scan=RingCorrelation(np.ones(2), np.ones(2), np.ones(2)), deviance=None
            ),
        ),
    ],
    ids=["plain", "no geometry", "all evidence", "least evidence", "some evidence"],
)
def test_an_npz_gives_back_every_bit(tmp_path: Path, result: Reconstruction) -> None:
    assert_equal(read_result(save(tmp_path, result)), result)
    write_checkpoint(tmp_path / "so far.npz", result)
    assert_equal(read_result(tmp_path / "so far.npz"), result)


def test_what_was_read_can_be_written_to(tmp_path: Path) -> None:
    stage = read_result(save(tmp_path, make_result())).best
    assert all(array.flags.writeable for array in (stage.image.values, stage.probe, stage.positions_px))


def test_a_result_of_an_older_version_has_defaults(tmp_path: Path) -> None:
    path = save(tmp_path, make_result())
    with np.load(path, allow_pickle=False) as arrays:
        old = dict(arrays)
    old["provenance"] = np.array(json.dumps({"program": "ptygui", "scan": "star", "stage": "raw"}))
    np.savez(path, allow_pickle=False, **old)
    found = read_result(path)
    assert (found.best.stage, found.scan_name, found.best.residual) == ("raw", "star", None)


@pytest.mark.parametrize("origin", [(-4.0, 7.0), (3.25, -0.5), (12345.0, 0.0)])
def test_a_product_of_ours_comes_back(tmp_path: Path, origin: tuple[float, float]) -> None:
    result = make_result(origin=origin)
    found, expected = read_result(save(tmp_path, result, "product")), result.best
    stage = found.best
    np.testing.assert_array_equal(stage.image.values, expected.image.values)
    np.testing.assert_array_equal(stage.image.covered, expected.image.covered)
    assert stage.image.origin_px == origin
    np.testing.assert_array_equal(stage.probe, expected.probe)
    off_m = (stage.positions_px - expected.positions_px) * np.array(PIXEL)
    assert np.abs(off_m).max() < 1e-9
    assert np.abs(off_m).max() < 1e-9 * min(PIXEL)
    assert (stage.residual, stage.quality, stage.steps) == (expected.residual, expected.quality, 12)
    assert (found.scan_name, found.recipe, found.notices) == (
        result.scan_name,
        result.recipe,
        result.notices,
    )


def foreign(path: Path, *, layers: int = 1, variations: int = 0, indexes: object = None) -> Path:
    """Write a product from its public layout, h5_product_file.py of Ptychodus."""
    rng = np.random.default_rng(1)
    with h5py.File(path, "w") as file:
        file.attrs.update(
            name="theirs",
            comments="by hand",
            detector_object_distance_m=2.5,
            probe_energy_eV=8000.0,
            exposure_time_s=0.0,
        )
        file["probe_position_indexes"] = np.arange(N) if indexes is None else indexes
        file["probe_position_y_m"] = np.arange(N) * 1e-8
        file["probe_position_x_m"] = np.arange(N) * -2e-8
        file["object"] = (np.arange(1, layers + 1)[:, None, None] * np.ones((20, 31))).astype(np.complex64)
        file["object"].attrs.update(center_x_m=1e-7, center_y_m=0.0, pixel_width_m=2e-8, pixel_height_m=1e-8)
        shape = (variations, 2, H, W) if variations else (H, W)
        file["probe"] = rng.normal(size=shape).astype(np.complex128)
        file["probe"].attrs.update(pixel_width_m=2e-8, pixel_height_m=1e-8)
    return path


def test_a_foreign_product_lies_where_its_program_has_it(tmp_path: Path) -> None:
    result = read_result(foreign(tmp_path / "a.h5"))
    stage = result.best
    assert stage.probe.shape == (1, H, W)
    rows_cols = stage.positions_px - stage.image.origin_px
    expected = np.stack(
        [np.arange(N) * 1e-8 / 1e-8 + 20 / 2, (np.arange(N) * -2e-8 - 1e-7) / 2e-8 + 31 / 2], axis=1
    )
    np.testing.assert_allclose(rows_cols, expected, atol=1e-6)
    assert stage.image.covered.all()
    assert result.scan_name == "theirs"
    assert result.recipe == {"energy_ev": 8000.0, "distance_m": 2.5}
    assert result.notices == ()


def test_of_slices_and_variations_the_first_is_taken_and_told(tmp_path: Path) -> None:
    result = read_result(foreign(tmp_path / "a.h5", layers=3, variations=4))
    assert (result.best.image.values == 1).all()
    assert result.best.probe.shape == (2, H, W)
    assert ["3 slices" in result.notices[0], "4 variations" in result.notices[1]] == [True, True]


def test_positions_come_in_the_order_of_the_patterns(tmp_path: Path) -> None:
    result = read_result(foreign(tmp_path / "a.h5", indexes=np.arange(N)[::-1]))
    np.testing.assert_allclose(result.best.positions_px[:, 0], np.arange(N)[::-1], atol=1e-9)
    part = read_result(foreign(tmp_path / "b.h5", indexes=np.arange(N) + 5))
    assert "a part of the patterns" in part.notices[0]


def rewritten(path: Path, **changes: object) -> Path:
    """Replace arrays of an .npz, or take them out (None); object arrays are pickled."""
    with np.load(path, allow_pickle=False) as arrays:
        kept = dict(arrays) | changes
    np.savez(path, allow_pickle=True, **{key: value for key, value in kept.items() if value is not None})
    return path


WRONG: dict[str, tuple[dict[str, object], str]] = {
    "no object": ({"object": None}, "no key object"),
    "no probe": ({"probe": None}, "no key probe"),
    "no provenance": ({"provenance": None}, "no result that ptygui reads"),
    "provenance of another": ({"provenance": np.array('{"program": "other"}')}, "no result that ptygui"),
    "deep provenance": ({"provenance": np.array("[" * 100_000)}, "no result that ptygui"),
    "a real object": ({"object": np.ones((21, 34))}, "key object, must be complex"),
    "a stack as object": ({"object": np.ones((2, 21, 34), "c8")}, "must be complex"),
    "an empty object": ({"object": np.ones((0, 34), "c8")}, "must be complex"),
    "not finite": ({"object": np.full((21, 34), np.nan, "c8")}, "not finite"),
    "beyond single precision": ({"object": np.full((21, 34), 1e300, "c16")}, "not finite"),
    "another mask": ({"covered": np.ones((20, 34), bool)}, r"\(rows = 21, cols = 34\)"),
    "pickled": ({"object": np.array([{}], dtype=object)}, "pickled"),
    "pickled evidence": ({"intensities": np.array([{}], dtype=object)}, "pickled"),
    "positions of three": ({"positions_px": np.ones((N, 3))}, "key positions_px"),
    "far away": ({"positions_px": np.full((N, 2), 1e300)}, "unit or the pixel size"),
    "another count": ({"evidence_r1": np.ones(N + 1, "f4")}, rf"\(n = {N}\)"),
    "another background": ({"background": np.ones((W, H), "f4")}, rf"\(H = {H}, W = {W}\)"),
    "rings that differ": ({"half_scan_half_bit": np.ones(3)}, "rings = 5"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_an_npz_is_one_sentence(tmp_path: Path, case: str) -> None:
    changes, words = WRONG[case]
    path = rewritten(save(tmp_path, make_result(evidence=make_evidence())), **changes)
    with pytest.raises(ResultError, match=words) as caught:
        read_result(path)
    assert one_sentence(str(caught.value), path.name)


def test_absurd_shapes_are_not_read(tmp_path: Path) -> None:
    path = rewritten(save(tmp_path, make_result()), object=None)
    header = {"descr": "<c8", "fortran_order": False, "shape": (1 << 16, 1 << 15)}
    with zipfile.ZipFile(path, "a") as archive, archive.open("object.npy", "w") as member:
        np.lib.format.write_array_header_1_0(member, header)
    with pytest.raises(ResultError, match="more than the file holds"):
        read_result(path)
    with h5py.File(foreign(tmp_path / "huge.h5"), "a") as file:
        del file["probe"]
        file.create_dataset("probe", (1 << 16, 1 << 15), "c8", chunks=(64, 64))
        file["probe"][0, 0] = 1
    with pytest.raises(ResultError, match="too large"):
        read_result(tmp_path / "huge.h5")


def test_other_files_are_no_results(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(ResultError, match=r"notes\.txt is no result"):
        read_result(tmp_path / "notes.txt")
    with pytest.raises(ResultError, match="No such file"):
        read_result(tmp_path / "gone.npz")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["dp"] = np.ones((N, H, W))
    with pytest.raises(ResultError, match=r"no result that ptygui reads \(it has dp\)"):
        read_result(tmp_path / "a.h5")


def test_peeking_tells_ours_from_others(tmp_path: Path) -> None:
    ours = save(tmp_path, make_result()), save(tmp_path, make_result(), "product")
    for path in ours:
        record = peek_record(path)
        assert record is not None
        assert record.recipe["scan_path"] == "/data/näïve.npz"
    np.savez(tmp_path / "scan.npz", diff3d=np.ones((2, 3, 3)))
    (tmp_path / "notes.txt").write_text("nothing")
    for name in ("scan.npz", "notes.txt", "gone.npz"):
        assert peek_record(tmp_path / name) is None
    assert peek_record(foreign(tmp_path / "theirs.h5")) is None


def test_a_checkpoint_replaces_an_older_one_whole_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, first, second = tmp_path / "a_refining.npz", make_result(), make_result(None)
    write_checkpoint(path, first)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(ExportError, match="No space left"):
            write_checkpoint(path, second)
    assert_equal(read_result(path), first)
    write_checkpoint(path, second)
    assert_equal(read_result(path), second)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["npz", "product"])
def test_any_bytes(tmp_path: Path, name: str) -> None:
    path = save(tmp_path, make_result(evidence=make_evidence()), name)
    good, rng, complaints = path.read_bytes(), random.Random(20261124), []
    for _ in range(150):
        path.write_bytes(mutated(good, rng))
        complaints.append(complaint(path))
    said = list(filter(None, complaints))
    assert all(one_sentence(text, path.name) for text in said)
    assert len(said) > 30  # the mutations do hit something


def mutated(good: bytes, rng: random.Random) -> bytes:
    if rng.random() < 0.15:
        return good[: rng.randrange(1, len(good))]
    changed = bytearray(good)
    for _ in range(rng.choice([1, 1, 3, 10])):
        reach = len(good) if rng.random() < 0.5 else min(len(good), 2500)
        changed[rng.randrange(reach)] = rng.choice([0, 255, rng.randrange(256), *b"-9('"])
    return bytes(changed)


def complaint(path: Path) -> str:
    """Read a result; returns the text of the ResultError, if there is one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            stage = read_result(path).best
    except ResultError as error:
        return str(error)
    assert stage.image.values.dtype == np.complex64
    assert stage.positions_px.shape[1] == 2
    return ""


def one_sentence(text: str, name: str) -> bool:
    return name in text and text.endswith(".") and text.rstrip(".").count(". ") == 0
