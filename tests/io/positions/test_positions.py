import random
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.core.reading import PositionColumns, Reading
from ptygui.core.scan import ArrayPatterns
from ptygui.io.positions.apart import preview_positions, with_positions_apart
from ptygui.io.positions.table import guess_columns, unit_of_name
from ptygui.io.registry import prepare

sys.path.insert(0, str(Path(__file__).parent))
import mda_writer

N = 5
X, Y = np.arange(N) * 1.5, np.array([0.0, 3.0, 1.0, 4.0, 2.0])


def raw_scan(folder: Path, n: int = N, **changes: object) -> RawScan:
    patterns = np.random.default_rng(0).poisson(3.0, (n, 8, 8)).astype(np.float32)
    patterns[:, 4, 4] = 500
    values: dict[str, object] = {
        "stated": Reading(
            quantity="intensity",
            zero_frequency="centre",
            energy_ev=8e3,
            distance_m=1.0,
            detector_pixel_m=(1e-3, 1e-3),
        )
    }
    return RawScan("a", str(folder / "a.h5"), "memory", ArrayPatterns(patterns), None, **(values | changes))  # type: ignore[arg-type]


TEXTS = {
    "comma with header": "x (um),y (um)\n" + "".join(f"{x},{y}\n" for x, y in zip(X, Y, strict=True)),
    "blanks, no header": "".join(f"  {x:.2f}   {y:.3e} \n" for x, y in zip(X, Y, strict=True)),
    "tabs, comment as header": "# made by nobody\n# y\tx\n"
    + "".join(f"{y}\t{x}\n" for x, y in zip(X, Y, strict=True)),
    "semicolon, decimal comma": "Index;X [µm];Y [µm]\n"
    + "".join(f"{i};{x};{y}\n" for i, (x, y) in enumerate(zip(X, Y, strict=True))).replace(".", ","),
    "a column of words": 'time,"samx","samy"\r\n'
    + "".join(f"12:0{i},{x},{y}\r\n" for i, (x, y) in enumerate(zip(X, Y, strict=True))),
    "counted, no header": "\n".join(f"{i} {x} {y}" for i, (x, y) in enumerate(zip(X, Y, strict=True))),
    "last row half written": "x,y\n" + "".join(f"{x},{y}\n" for x, y in zip(X, Y, strict=True)) + "7.5",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_delimiter_header_and_columns_are_found(tmp_path: Path, text: str) -> None:
    path = tmp_path / "positions.csv"
    path.write_text(text, encoding="utf-8")
    table = preview_positions(path)
    positions, unit = table.positions(table.x, table.y)
    np.testing.assert_allclose(positions, np.stack([Y, X], axis=1))
    assert unit == table.unit == ("um" if "(um)" in text or "µm" in text else None)
    assert len(table.head(3)) == 3


@pytest.mark.parametrize(
    ("names", "pair"),
    [
        (["i", "Target_x", "Average_x_st_fzp", "Target_y", "Stdev_y", "Average_y_st_fzp"], (2, 5)),
        (["samy", "samx"], (1, 0)),
        (["row", "col"], (1, 0)),
        (["x_std", "y_std", "px", "py"], (2, 3)),
        (["a", "b"], (0, 1)),
    ],
)
def test_pairs_of_names(names: list[str], pair: tuple[int, int]) -> None:
    assert guess_columns(names, np.ones((3, len(names)))) == pair


def test_infinite_numbers_do_not_count_points() -> None:
    """Found by fuzzing: a difference of infinities warned."""
    values = np.array([[np.inf, 1.0, 2.0], [np.inf, 3.0, 4.0]])
    assert guess_columns(["a", "x", "y"], values) == (1, 2)


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("x_m", "m"),
        ("X (mm)", "mm"),
        ("y [microns]", "um"),
        ("posx_nm", "nm"),
        ("col_px", "px"),
        ("sum", None),
    ],
)
def test_unit_in_a_name(name: str, unit: str | None) -> None:
    assert unit_of_name(name) == unit


def orchestra(path: Path) -> Path:
    names = "DataPoint TotalPoints Target_x Average_x_st_fzp Stdev_x_st_fzp Target_y Average_y_st_fzp"
    rows = "".join(f"  {i}  {N}  9  {x}  0.1   9  {y} \n" for i, (x, y) in enumerate(zip(X, Y, strict=True)))
    path.write_text(f"Scan 123, Samroy 0, Tue Nov 24\n{names}\n{rows}")
    return path


def test_orchestra_tells_unit_and_sign(tmp_path: Path) -> None:
    orchestra(tmp_path / "scan_00123.dat")
    raw = with_positions_apart(raw_scan(tmp_path), PositionColumns(path="scan_00123.dat"))
    assert (raw.stated.position_unit, raw.stated.positions_orientation) == ("um", 3)
    scan = prepare(raw, Preparation())
    np.testing.assert_allclose(scan.positions.values, -1e-6 * np.stack([Y, X], axis=1))


def velociprobe(path: Path) -> Path:
    rows = [
        f"7,{1000 * x + jitter:.0f},{1000 * y - jitter:.0f},0,0,{-2000 * y + jitter:.0f},3,{i}"
        for i, (x, y) in enumerate(zip(X, Y, strict=True))
        for jitter in (-4, 4)
    ]
    path.write_text("# of nothing\n" + "\n".join(rows) + "\n")
    return path


def test_velociprobe_averages_each_trigger(tmp_path: Path) -> None:
    table = preview_positions(velociprobe(tmp_path / "a.csv"))
    assert table.format == "Velociprobe CSV"
    positions, unit = table.positions(table.x, table.y)
    np.testing.assert_allclose(positions, 1000 * np.stack([Y, X], axis=1))
    assert unit == "nm"
    np.testing.assert_allclose(table.values[:, 5], 2000 * Y)  # the encoder runs the other way


def test_velociprobe_x_is_foreshortened(tmp_path: Path) -> None:
    velociprobe(tmp_path / "a.csv")
    raw = raw_scan(tmp_path, extra={"chi_deg": 60.0})
    raw = with_positions_apart(raw, PositionColumns(path=str(tmp_path / "a.csv"), x=1, y=5))
    assert raw.positions is not None
    np.testing.assert_allclose(raw.positions, 1000 * np.stack([2 * (Y - Y.mean()), 0.5 * (X - X.mean())], 1))


def softglue(path: Path, frames: list[int]) -> Path:
    """Two samples for each frame, of Ptychodus' raw layout."""
    rows = "".join(
        f"{2 * i + at} {X[i] + jitter} {Y[i] - jitter} 77 {frame}\n"
        for i, frame in enumerate(frames)
        for at, jitter in enumerate((-0.1, 0.1))
    )
    names = "DataPoint x_st_fzp y_st_fzp ckUser_Clk_Count Detector_Count"
    path.write_text(f"Scan 123, Samroy 0\n{names}\n{rows}")
    return path


def test_softglue_averages_each_frame_and_turns_the_sign(tmp_path: Path) -> None:
    softglue(tmp_path / "scan_00123.dat", list(range(N)))
    raw = with_positions_apart(raw_scan(tmp_path), PositionColumns(path="scan_00123.dat"))
    assert (raw.stated.position_unit, raw.stated.positions_orientation) == ("um", 3)
    scan = prepare(raw, Preparation())
    np.testing.assert_allclose(scan.positions.values, -1e-6 * np.stack([Y, X], axis=1), atol=1e-12)
    assert any("10 samples" in note and "5 frames" in note for note in scan.metadata.notes)


def test_softglue_tells_of_frames_without_a_position(tmp_path: Path) -> None:
    table = preview_positions(softglue(tmp_path / "scan_00123.dat", [0, 1, 2, 5, 6]))
    assert len(table.values) == N
    assert "no positions of 2 frames" in table.notes[-1]


def test_softglue_that_was_averaged_already(tmp_path: Path) -> None:
    names = "Detector_Count Average_x_st_fzp Stdev_x_st_fzp Average_y_st_fzp Stdev_y_st_fzp"
    rows = "".join(f"{i} {x} 0.1 {y} 0.1\n" for i, (x, y) in enumerate(zip(X, Y, strict=True)))
    (tmp_path / "a.dat").write_text(f"Scan 123\n{names}\n{rows}")
    table = preview_positions(tmp_path / "a.dat")
    assert (table.format, table.orientation, table.unit, table.notes) == ("softGlueZynq", 3, "um", ())
    np.testing.assert_allclose(table.positions(table.x, table.y)[0], np.stack([Y, X], axis=1))


@pytest.mark.parametrize("saved", ["(n, 2)", "(2, n)", "(n, 3), counted"])
def test_npy_has_the_columns_of_a_text_without_header(tmp_path: Path, saved: str) -> None:
    pairs = np.stack([X, Y], axis=1)
    values = {"(n, 2)": pairs, "(2, n)": pairs.T, "(n, 3), counted": np.column_stack([np.arange(N), pairs])}
    np.save(tmp_path / "p.npy", np.asfortranarray(values[saved]))
    table = preview_positions(tmp_path / "p.npy")
    positions, unit = table.positions(table.x, table.y)
    np.testing.assert_array_equal(positions, np.stack([Y, X], axis=1))
    assert unit is None


def test_npz_is_read_by_the_names_of_its_arrays(tmp_path: Path) -> None:
    """The pair of names decides, not the longer list, nor an image."""
    np.savez(tmp_path / "p.npz", pos_y_um=Y, pos_x_um=X, loss=np.zeros((40, 2)), image=np.ones((9, 9)))
    table = preview_positions(tmp_path / "p.npz")
    positions, unit = table.positions(table.x, table.y)
    np.testing.assert_array_equal(positions, np.stack([Y, X], axis=1))
    assert unit == "um"
    np.savez_compressed(tmp_path / "q.npz", positions=np.stack([X, Y], axis=1), probe=np.ones((9, 9), "c8"))
    table = preview_positions(tmp_path / "q.npz")
    assert table.names == ("positions 1", "positions 2")
    np.testing.assert_array_equal(table.positions(table.x, table.y)[0], np.stack([Y, X], axis=1))


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("a.npy", np.zeros((4, 5, 2)), r"\(n, 2\), not float64"),
        ("a.npy", np.zeros(5), r"\(n, 2\)"),
        ("a.npy", np.zeros((5, 2), complex), r"\(n, 2\), not complex"),
        ("a.npz", np.zeros((9, 9)), "no positions"),
    ],
)
def test_arrays_that_are_no_positions(tmp_path: Path, name: str, values: NDArray[Any], words: str) -> None:
    (np.save if name.endswith("y") else np.savez)(tmp_path / name, values)
    with pytest.raises(ScanError, match=words) as caught:
        preview_positions(tmp_path / name)
    assert str(caught.value).rstrip(".").count(". ") == 0


SPEC = """#F test.spec
#D Tue Nov 24 2026
#S 1 ascan samx 0 1 4 0.1
#N 3
#L samx  Epoch  ion chamber
0 1 100
1 2 100

#S 7 mesh fine 0 6 4 coarse 0 4 4 0.1
#L coarse  fine  counts
{rows}
#C aborted
#S 8 loopscan 3
#L Time  Epoch
"""


def test_spec_scans(tmp_path: Path) -> None:
    rows = "\n".join(f"{y} {x} 17\n@A 1 2 3 4 \\\n 5 6 7 8" for x, y in zip(X, Y, strict=True))
    path = tmp_path / "test.spec"
    path.write_text(SPEC.format(rows=rows))
    table = preview_positions(path)
    assert table.names == ("coarse", "fine", "counts")
    np.testing.assert_allclose(table.positions(table.x, table.y)[0], np.stack([Y, X], axis=1))
    assert "scan 7" in table.notes[0]
    assert preview_positions(path, 1).names == ("samx", "Epoch", "ion chamber")
    with pytest.raises(ScanError, match="no scan 3 with points; it has 1, 7"):
        preview_positions(path, 3)


def test_mda_of_one_dimension_keeps_what_was_measured(tmp_path: Path) -> None:
    (tmp_path / "a.mda").write_bytes(mda_writer.one_dimension())
    table = preview_positions(tmp_path / "a.mda")
    positions, unit = table.positions(table.x, table.y)
    np.testing.assert_allclose(positions, [[-2 * i, i] for i in range(5)])  # mm became um like x
    assert (unit, table.names[:2]) == ("um", ("m1.VAL", "m2.VAL"))


@pytest.mark.parametrize("finished", [3, 2])
def test_mda_of_two_dimensions(tmp_path: Path, finished: int) -> None:
    (tmp_path / "a.mda").write_bytes(mda_writer.two_dimensions(finished))
    table = preview_positions(tmp_path / "a.mda")
    expected = [[y, x] for y in (10, 20, 30)[:finished] for x in range(4)]
    np.testing.assert_array_equal(table.positions(table.x, table.y)[0], expected)
    assert table.names == ("m1.VAL", "m2.VAL", "counts")


@pytest.mark.parametrize("cut", [17, 40, 90, 200, 300])
def test_mda_cut_short(tmp_path: Path, cut: int) -> None:
    content = mda_writer.two_dimensions()
    (tmp_path / "a.mda").write_bytes(content[:cut])
    with pytest.raises(ScanError, match=r"a\.mda is a damaged or incomplete MDA"):
        preview_positions(tmp_path / "a.mda")


def test_the_unit_that_the_user_chose_wins_over_the_files(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(TEXTS["comma with header"])
    columns = PositionColumns(path="p.csv")
    raw = raw_scan(tmp_path)
    for unit, metres in ((None, 1e-6), ("nm", 1e-9)):
        reading = Reading(positions_file=columns, position_unit=unit)
        scan = prepare(raw, Preparation(reading=reading))
        np.testing.assert_allclose(scan.positions.values, metres * np.stack([Y, X], axis=1))
        assert any("p.csv" in note for note in scan.metadata.notes)


def test_a_unit_that_nobody_told_is_guessed(tmp_path: Path) -> None:
    values = np.stack([X, Y], axis=1) * 40  # nm: 2 object pixels of 19 nm apart
    np.savetxt(tmp_path / "p.txt", values)
    scan = prepare(
        raw_scan(tmp_path), Preparation(reading=Reading(positions_file=PositionColumns(path="p.txt")))
    )
    assert [guess.value for guess in scan.metadata.guesses if guess.field == "position_unit"] == ["nm"]


FAULTS: list[tuple[bytes, dict[str, int], str]] = [
    (b"1,2\n3,4\n5,6,7\n8,9\n" * 2, {}, "no table of positions"),
    (b"1,2\n" * 30 + b"5,6,7\n" + b"8,9\n" * 40, {}, "line 31, has 3 columns where the others have 2"),
    (b"one word a line\n", {}, "no table of positions"),
    (b"\0\1\2\3" * 10, {}, "has no positions that ptygui reads"),
    (b"1,2\n3,4\n", {"x": 0, "y": 4}, "has 2 columns, so none of number 5"),
    (b"x,y,z\n1,a,3\n3,4,5\n", {"x": 0, "y": 1}, "column y of the positions does not hold a number"),
    (b"", {}, "no table of positions"),
    (struct.pack(">f3i", 1.3, 1, 3, 5) + bytes(40), {}, "3 dimensions"),
    (b"#S 1 ascan\n#L a  b\n", {}, "no scan in it has points"),
    (b"title\nDataPoint Average_x Average_y\n", {}, "no positions yet"),
]


@pytest.mark.parametrize(("content", "columns", "words"), FAULTS)
def test_faulty_files_give_one_sentence(
    tmp_path: Path, content: bytes, columns: dict[str, int], words: str
) -> None:
    (tmp_path / "p.csv").write_bytes(content)
    reading = Reading(positions_file=PositionColumns(path="p.csv", **columns))
    with pytest.raises(ScanError, match=words) as caught:
        prepare(raw_scan(tmp_path), Preparation(reading=reading))
    assert str(caught.value).rstrip(".").count(". ") == 0


def test_missing_file(tmp_path: Path) -> None:
    reading = Reading(positions_file=PositionColumns(path="gone.csv"))
    with pytest.raises(ScanError, match=r"no file .*gone\.csv: choose where"):
        prepare(raw_scan(tmp_path), Preparation(reading=reading))


def csv_file(path: Path) -> Path:
    path.write_text(TEXTS["semicolon, decimal comma"], encoding="utf-8")
    return path


def spec_file(path: Path) -> Path:
    path.write_text(SPEC.format(rows="\n".join(f"{y} {x} 17" for x, y in zip(X, Y, strict=True))))
    return path


def mda_file(path: Path) -> Path:
    path.write_bytes(mda_writer.two_dimensions())
    return path


def softglue_file(path: Path) -> Path:
    return softglue(path, list(range(N)))


def npy_file(path: Path) -> Path:
    with path.open("wb") as file:
        np.save(file, np.stack([X, Y], axis=1))
    return path


def npz_file(path: Path) -> Path:
    with path.open("wb") as file:
        np.savez(file, x=X, y=Y)
    return path


WRITERS = [csv_file, orchestra, velociprobe, spec_file, mda_file, softglue_file, npy_file, npz_file]


@pytest.mark.parametrize("write", WRITERS)
def test_any_bytes(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    path, rng = write(tmp_path / "p.dat"), random.Random(20261124)
    good, complaints = path.read_bytes(), []
    for _ in range(150):
        bytes_ = bytearray(good[: rng.randrange(1, len(good))] if rng.random() < 0.15 else good)
        for _ in range(rng.choice([1, 1, 3, 10])):
            bytes_[rng.randrange(len(bytes_))] = rng.choice([0, 255, rng.randrange(256), *b"-9,#.\n e"])
        path.write_bytes(bytes(bytes_))
        try:
            table = preview_positions(path)
            positions, _ = table.positions(*table.chosen(PositionColumns(path="p.dat")))
            assert positions.shape == (len(table.values), 2)
            assert np.isfinite(positions).all()
        except ScanError as error:
            complaints.append(str(error))
    assert complaints
    assert all(text.rstrip(".").count(". ") == 0 for text in complaints)
