"""A preparation in a file of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from ptygui.core.errors import ExportError, ScanError
from ptygui.core.preparation import Lasso, MaskPainted, MaskValues, Preparation, Stroke, Window
from ptygui.core.reading import PositionColumns, Reading
from ptygui.io.preparation_file import read_preparation, write_preparation

ALL = Preparation(
    reading=Reading(quantity="amplitude", centre_px=(12, 13), positions_file=PositionColumns(path="/p.csv")),
    steps=(
        MaskValues(low=None, high=6e4),
        MaskPainted(strokes=(Stroke(row=1.5, col=2, radius=0),), on=False),
        Window(size_px=(64, 48)),
        Lasso(polygon=((0, 0), (0, 1e-6), (1e-6, 1e-6))),
    ),
)


@pytest.mark.parametrize("preparation", [ALL, Preparation()])
def test_it_comes_back(tmp_path: Path, preparation: Preparation) -> None:
    path = tmp_path / "mine.toml"
    write_preparation(preparation, path)
    assert read_preparation(path) == preparation


@pytest.mark.parametrize(
    "text", ["steps = 3", "[[steps]]\nstep = 'fold'", "\x00", "reading = {energy_ev = -1}"]
)
def test_what_is_none_is_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.toml"
    path.write_text(text)
    with pytest.raises(ScanError, match="other.toml holds no preparation"):
        read_preparation(path)
    with pytest.raises(ScanError, match="cannot be read"):
        read_preparation(tmp_path / "gone.toml")


def test_a_folder_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="cannot be written"):
        write_preparation(ALL, tmp_path / "gone" / "mine.toml")
