"""The gate to what comes with ptygui opens in a checkout and in an installed package."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ptygui import resources
from ptygui.core.errors import PtyguiError


@pytest.fixture(params=["ptygui/_resources", "resources"], ids=["wheel", "checkout"])
def root(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Resources as a wheel and as a checkout lay them out."""
    folder: Path = tmp_path / request.param
    (folder / "generators").mkdir(parents=True)
    (tmp_path / "ptygui").mkdir(exist_ok=True)
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "ptygui")
    return folder


def test_generators_are_found_by_name(root: Path) -> None:
    for name in ("b.safetensors", "a.safetensors", "a.toml"):
        (root / "generators" / name).touch()
    assert [path.name for path in resources.shipped_generators()] == ["a.safetensors", "b.safetensors"]


def test_no_generators_are_an_empty_list(root: Path) -> None:
    (root / "generators").rmdir()
    assert resources.shipped_generators() == []


def test_a_shipped_file_is_found(root: Path) -> None:
    (root / "scans").mkdir()
    (root / "scans" / "demo-lines64.npz").touch()
    assert resources.demo_scan_path() == root / "scans" / "demo-lines64.npz"


def test_what_is_missing_is_named(root: Path) -> None:
    with pytest.raises(PtyguiError, match="scans/demo-lines64.npz is missing"):
        resources.demo_scan_path()


def test_a_wheel_carries_every_resource(tmp_path: Path) -> None:
    build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    root = Path(__file__).parents[1]
    subprocess.run([sys.executable, "-c", build, tmp_path], cwd=root, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("ptygui/_resources/")}
        assert not [name for name in archive.namelist() if name.startswith(("tests/", "packaging/"))]
    listing = subprocess.run(["git", "ls-files", "resources"], cwd=root, check=True, capture_output=True)
    tracked = {f"ptygui/_{name}" for name in listing.stdout.decode().splitlines()}
    assert tracked <= packed
    assert "ptygui/_resources/icons/ptygui.svg" in packed
