"""What a browser shows of an HDF5 file, and what is drafted for it."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from ptygui.core.errors import ScanError
from ptygui.core.preparation import Preparation
from ptygui.io.mapped import read_mapped
from ptygui.io.registry import prepare
from ptygui.io.suggest import suggest, with_sniff
from ptygui.io.tree import Node, describe, list_nodes, preview

N, H, W = 12, 16, 20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "scan.h5"
    with h5py.File(path, "w") as file:
        file["entry/data"] = np.arange(N * H * W, dtype=np.uint16).reshape(N, H, W)
        file["entry/energy"] = 8.0
        file["entry/energy"].attrs["units"] = "keV"
        file["entry/name"] = "a sample"
        file["entry/loop"] = h5py.SoftLink("/entry")
        file["entry/gone"] = h5py.ExternalLink("gone.h5", "/data")
        file["entry/nowhere"] = h5py.SoftLink("/entry/nothing")
        file["entry/round"] = h5py.SoftLink("/entry/round")
        file["entry/again"] = h5py.SoftLink("/entry/data")
    return path


def nodes(path: Path, key: str = "/entry") -> dict[str, Node]:
    return {node.name: node for node in list_nodes(path, key).nodes}


def test_nodes_tell_shape_type_unit_and_links(path: Path) -> None:
    found = nodes(path)
    assert (found["data"].kind, found["data"].shape, found["data"].dtype) == ("dataset", (N, H, W), "uint16")
    assert (found["energy"].shape, found["energy"].units) == ((), "kev")
    assert found["energy"].attributes == (("units", "keV"),)
    assert found["name"].dtype == "text"
    assert (found["again"].shape, found["again"].target) == ((N, H, W), "/entry/data")
    assert nodes(path, "/")["entry"].is_open


def test_links_that_lead_nowhere_or_in_circles_say_so(path: Path) -> None:
    found = nodes(path)
    assert found["gone"].kind == "broken"
    assert "gone.h5, which is missing" in found["gone"].problem
    assert found["gone"].target == "gone.h5:/data"
    assert "/entry/nothing, which is not there" in found["nowhere"].problem
    assert found["round"].kind == "broken"
    assert found["loop"].problem == "It leads back to /entry."
    assert not found["loop"].is_open


def test_of_many_nodes_only_the_first_are_listed(path: Path) -> None:
    with h5py.File(path, "a") as file:
        for index in range(30):
            file.create_group(f"many/{index:03d}")
    listing = list_nodes(path, "/many", at_most=7)
    assert [node.name for node in listing.nodes] == [f"{index:03d}" for index in range(7)]
    assert listing.total == 30


def test_what_is_no_group_and_no_file(path: Path) -> None:
    with pytest.raises(ScanError, match="no group /entry/data"):
        list_nodes(path, "/entry/data")
    with pytest.raises(ScanError, match="no /entry/missing"):
        describe(path, "/entry/missing")
    with pytest.raises(ScanError, match="no file"):
        list_nodes(path.with_name("none.h5"))
    assert describe(path, "entry/energy").path == "/entry/energy"


def test_previews(path: Path) -> None:
    with h5py.File(path, "a") as file:
        file["line"] = np.array([1.0, np.nan, 3.0])
        file["wide"] = np.ones((2, 3, 600, 300)) * 1j
        file["empty"] = np.zeros((0, 4))
    picture = preview(path, "/entry/data")
    assert (picture.index, picture.count, picture.words) == (6, N, "16 × 20, 7 of 12")
    assert picture.picture is not None
    assert picture.picture[0, 0] == 6 * H * W
    assert preview(path, "/entry/data", 99).index == N - 1
    curve = preview(path, "line")
    assert curve.curve is not None
    assert curve.words == "1 to 3"
    wide = preview(path, "wide")
    assert wide.picture is not None
    assert wide.picture.shape == (200, 100)
    assert (wide.stride, wide.count, wide.picture.max()) == (3, 6, 1)
    assert preview(path, "/entry/energy").words == "8.0 kev"
    assert preview(path, "/entry/name").words == "a sample"
    assert preview(path, "empty").words == "It is empty."


def test_a_preview_of_what_is_missing_or_too_large_says_so(path: Path) -> None:
    with h5py.File(path, "a") as file:
        file.create_dataset("huge", (1, 40_000, 40_000), "f8", chunks=(1, 100, 100))[0, 0, :5] = 1
    with pytest.raises(ScanError, match="gone.h5, which is missing"):
        preview(path, "/entry/gone")
    with pytest.raises(ScanError, match="too large for a preview"):
        preview(path, "huge")


# Drafts.


def scan_file(path: Path, **more: object) -> Path:
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:3, :4]
    keys = {
        "entry/instrument/detector/data": rng.poisson(3, (N, H, H)).astype(np.uint16),
        "entry/dark/data": np.zeros((90, 64, 64), np.uint16),
        "entry/sample/pos_x": x.reshape(-1) * 1.0,
        "entry/sample/pos_y": y.reshape(-1) * 1.0,
        "entry/instrument/detector/pixel_mask": np.eye(H, dtype=np.uint8),
        "entry/instrument/beam/photon_energy": 8.1,
        "entry/instrument/detector/threshold_energy": 4.0,
        "entry/instrument/detector/detector_distance": 2100.0,
        "entry/instrument/detector/x_pixel_size": 75.0,
        "entry/instrument/detector/y_pixel_size": 75e-6,
    }
    with h5py.File(path, "w") as file:
        for key, value in (keys | more).items():
            file[key] = value
        file["entry/sample/pos_x"].attrs["units"] = file["entry/sample/pos_y"].attrs["units"] = "um"
        file["entry/data"] = h5py.SoftLink("/entry/instrument/detector")
    return path


def test_a_draft_finds_everything_and_says_why(tmp_path: Path) -> None:
    draft = suggest(scan_file(tmp_path / "scan.h5"))
    found, detector = draft.mapping, "/entry/instrument/detector"
    assert found.patterns.key in (f"{detector}/data", "/entry/data/data")
    assert found.x is not None
    assert found.y is not None
    assert (found.x.key, found.y.key) == ("/entry/sample/pos_x", "/entry/sample/pos_y")
    assert found.mask is not None
    assert found.mask.bad == "nonzero"
    assert set(draft.reasons) >= {"patterns", "x", "y", "mask", "energy", "distance", "detector_pixel_x"}
    scan = prepare(read_mapped(tmp_path / "scan.h5", found), Preparation())
    assert scan.metadata.energy_ev == pytest.approx(8100)
    assert scan.metadata.distance_m == pytest.approx(2.1)
    assert scan.metadata.detector_pixel_m == pytest.approx((75e-6, 75e-6))
    assert scan.positions.unit == "m"
    assert np.ptp(scan.positions.values, axis=0) == pytest.approx([2e-6, 3e-6])


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ({"translation": np.zeros((N, 3)), "d": np.ones((N, H, H))}, ("/translation", ":, 0", ":, 1")),
        ({"points": np.zeros((2, N)), "d": np.ones((N, H, H))}, ("/points", "0", "1")),
        ({"ppX": np.zeros(N), "ppY": np.zeros(N), "d": np.ones((N, H, H))}, ("/ppX", "", "")),
        ({"sam_x": np.zeros(4), "sam_y": np.zeros(3), "d": np.ones((3, 4, H, H))}, ("/sam_x", "", "")),
        ({"probe_position_x_m": np.zeros(N), "probe_position_y_m": np.zeros(N), "d": np.ones((N, H, H))},
         ("/probe_position_x_m", "", "")),
    ],
)  # fmt: skip
def test_positions_of_other_forms(tmp_path: Path, keys: dict, wanted: tuple[str, str, str]) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for key, value in keys.items():
            file[key] = value
    found = suggest(path).mapping
    assert found.x is not None
    assert found.y is not None
    assert (found.x.key, found.x.part, found.y.part) == wanted
    assert read_mapped(path, found).positions is not None


def test_frames_along_the_last_axis_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["diff"] = np.ones((H, H, N))
    assert suggest(path).mapping.patterns.frames_last


def test_a_file_without_any_of_it_gives_an_empty_draft(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["weights"] = np.ones(3)
        file["me"] = h5py.SoftLink("/")
    draft = suggest(path)
    assert draft.mapping.patterns.key == ""
    assert draft.reasons == {}


def test_a_mapping_knows_the_files_that_have_what_it_names(tmp_path: Path) -> None:
    keys = with_sniff(suggest(scan_file(tmp_path / "scan.h5")).mapping).sniff.keys
    assert "/entry/sample/pos_x" in keys
    assert len(keys) == 6
