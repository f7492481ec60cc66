import csv
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ptygui.io.writers.curves_csv import HEADER, write_curves


@dataclass(frozen=True)
class Values:
    step: NDArray[np.float64]
    wall_s: NDArray[np.float64]
    value: NDArray[np.float64]


def curve(*values: float) -> Values:
    step = np.arange(float(len(values)))
    return Values(step, step / 3, np.array(values))


def test_values_come_back_to_the_last_bit(tmp_path: Path) -> None:
    path = tmp_path / "curves.csv"
    values = [0.1 + 0.2, 1e-30, math.pi]
    write_curves(
        path, [('star, "first"', {("val", "raw.r1"): curve(*values), ("train", "loss"): curve(1.0)})]
    )
    header, loss, *residuals = csv.reader(path.read_text(encoding="utf-8").splitlines())
    assert tuple(header) == HEADER
    assert loss == ['star, "first"', "train", "loss", "0", "0.0", "1.0"]
    assert [float(row[5]) for row in residuals] == values
    assert [row[3] for row in residuals] == ["0", "1", "2"]
    assert float(residuals[2][4]) == 2 / 3


def test_what_is_not_finite_is_written_as_such(tmp_path: Path) -> None:
    path = tmp_path / "curves.csv"
    write_curves(path, [("a", {("train", "loss"): curve(math.nan, math.inf)})])
    assert [line.rsplit(",", 1)[1] for line in path.read_text().splitlines()[1:]] == ["nan", "inf"]


def test_a_file_stays_whole_when_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "curves.csv"
    write_curves(path, [("a", {})])
    before = path.read_text()
    broken = Values(np.zeros(2), np.zeros(1), np.zeros(2))
    with pytest.raises(ValueError, match="zip"):
        write_curves(path, [("a", {("train", "loss"): broken})])
    assert path.read_text() == before
    assert list(tmp_path.iterdir()) == [path]
