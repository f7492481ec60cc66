"""What of a preparation other scans share, and how that is left off and taken up again."""

from __future__ import annotations

import pytest

from ptygui.core.preparation import (
    Bin,
    DiskProbe,
    DropOutliers,
    DropPatterns,
    Lasso,
    MaskHot,
    MovePositions,
    Preparation,
    SubtractDark,
    Window,
)
from ptygui.core.reading import PositionColumns, Reading
from ptygui.core.remembered import Kind, Remembered, divided, left_off, proposed_name, taken_up

KIND = Kind(format="CXI", pattern_shape=(128, 96), origin="NanoMAX, MAX IV")
SHARED = (MaskHot(), SubtractDark(path="/beamtime/dark.h5"), Window(size_px=(64, 64)), Bin(), DropOutliers())
OWN = (DropPatterns(indices=(3,)), Lasso(polygon=((0, 0), (0, 1), (1, 1))))


def test_how_a_file_that_ptygui_wrote_is_read_is_of_that_file_with_what_was_drawn_on_it():
    turned, drawn = Reading(frames_orientation=3), Window(size_px=(8, 8), centre_px=(3, 4))
    kept, left = divided(Preparation(reading=turned, steps=(MaskHot(), drawn)), "ptygui")
    assert kept == Preparation(steps=(MaskHot(),))
    assert left == Preparation(reading=turned, steps=(drawn,))
    kept, left = divided(Preparation(steps=(MaskHot(), drawn)), "ptygui")
    assert kept == Preparation(steps=(MaskHot(), drawn))
    assert left == Preparation()


def test_what_is_of_one_scan_is_told_apart() -> None:
    reading = Reading(
        quantity="amplitude",
        energy_ev=8000,
        positions_orientation=4,
        position_unit="um",
        positions_file=PositionColumns(path="scan_7.csv"),
        mismatch="first",
    )
    turned = MovePositions(rotation_deg=2, shift=(1.0, 2.0))
    steps = (SHARED[0], OWN[0], *SHARED[1:], OWN[1], turned, DiskProbe(diameter=1e-6))
    kept, left = divided(Preparation(reading=reading, steps=steps), "")
    assert kept.reading == Reading(quantity="amplitude", energy_ev=8000, positions_orientation=4)
    assert kept.steps == (*SHARED, MovePositions(rotation_deg=2), DiskProbe(diameter=1e-6))
    assert left.reading == Reading(
        position_unit="um", positions_file=PositionColumns(path="scan_7.csv"), mismatch="first"
    )
    assert left.steps == (*OWN, MovePositions(shift=(1.0, 2.0)))


def test_the_unit_of_positions_in_the_scans_own_file_is_shared() -> None:
    kept, left = divided(Preparation(reading=Reading(position_unit="um")), "")
    assert kept.reading.position_unit == "um"
    assert left == Preparation()


def test_a_mere_shift_is_of_one_scan_and_a_step_that_is_off_stays_off() -> None:
    kept, left = divided(Preparation(steps=(MovePositions(shift=(1, 0), on=False), Bin(on=False))), "")
    assert kept.steps == (Bin(on=False),)
    assert left.steps == (MovePositions(shift=(1, 0), on=False),)


def test_leaving_off_spares_what_was_chosen_since_and_can_be_taken_back() -> None:
    usual = Remembered.of(
        Preparation(reading=Reading(quantity="amplitude", frames_orientation=2), steps=SHARED),
        "NanoMAX",
        KIND,
    )
    mine = Preparation(
        reading=Reading(quantity="intensity", frames_orientation=2, energy_ev=8000), steps=(*SHARED, *OWN)
    )
    without = left_off(mine, usual)
    assert without == Preparation(reading=Reading(quantity="intensity", energy_ev=8000), steps=OWN)
    again = taken_up(without, usual)
    assert again.reading == Reading(quantity="amplitude", frames_orientation=2, energy_ev=8000)
    assert again.steps == (*SHARED, *OWN)
    assert left_off(usual.preparation, usual) == Preparation()
    assert taken_up(Preparation(), usual) == usual.preparation


@pytest.mark.parametrize(
    ("taken", "name"),
    [
        ((), "NanoMAX, MAX IV"),
        (("NanoMAX, MAX IV",), "NanoMAX, MAX IV 128 × 96"),
        (("NanoMAX, MAX IV", "NanoMAX, MAX IV 128 × 96"), "NanoMAX, MAX IV 128 × 96 (2)"),
    ],
)
def test_a_name_that_is_not_taken_is_proposed(taken: tuple[str, ...], name: str) -> None:
    assert proposed_name(KIND, iter(taken)) == name


def test_kinds_in_words() -> None:
    assert KIND.words == "CXI files with patterns of 128 × 96 px from NanoMAX, MAX IV"
    nobodys = Kind(format="CXI", pattern_shape=(8, 8))
    assert nobodys.words == "CXI files with patterns of 8 × 8 px"
    assert proposed_name(nobodys, ()) == "CXI"
