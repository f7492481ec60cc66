import math

import pytest

from ptygui.gui.widgets import numbers

S, M = numbers.SPACE, numbers.MINUS


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (-0.714, 2, f"{M}0.71"),
        (-0.001, 2, "0.00"),
        (12.306, 2, "12.31"),
        (math.nan, 2, "–"),
        (-3, 0, f"{M}3"),
    ],
)
def test_fixed_uses_true_minus_and_no_negative_zero(value: float, decimals: int, text: str) -> None:
    assert numbers.fixed(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.041234, "0.0412"), (12.34, "12.3"), (1234, "1230"), (41234, f"41{S}200"), (9.996, "10.0")],
)
def test_significant(value: float, text: str) -> None:
    assert numbers.significant(value) == text


def test_grouped() -> None:
    assert numbers.grouped(516) == "516"
    assert numbers.grouped(9999) == "9999"
    assert numbers.grouped(-1234567) == f"{M}1{S}234{S}567"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (461_213, f"4.6{S}×{S}10⁵"),
        (9.97e5, f"1.0{S}×{S}10⁶"),
        (-2.5e-7, f"{M}2.5{S}×{S}10⁻⁷"),
        (963, "963"),
        (0, "0"),
        (0.5, "0.50"),
    ],
)
def test_scientific(value: float, text: str) -> None:
    assert numbers.scientific(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (12.31e-6, "m", f"12.3{S}µm"),
        (31e-9, "m", f"31.0{S}nm"),
        (0.9999e-6, "m", f"1.00{S}µm"),
        (8800, "eV", f"8.80{S}keV"),
        (0, "m", f"0{S}m"),
        (2.0, "m", f"2.00{S}m"),
        (-2e-6, "m", f"{M}2.00{S}µm"),
    ],
)
def test_quantity_chooses_the_prefix(value: float, unit: str, text: str) -> None:
    assert numbers.quantity(value, unit) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.1, f"0.1{S}s"),
        (9.96, f"10{S}s"),
        (59.7, f"1{S}min 00{S}s"),
        (200, f"3{S}min 20{S}s"),
        (3599.6, f"1{S}h 00{S}min"),
        (7500, f"2{S}h 05{S}min"),
        (math.inf, "–"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert numbers.duration(seconds) == text


def test_remaining_and_rate_and_percent() -> None:
    assert numbers.remaining(0.1) == f"0.1{S}s left"
    assert numbers.rate(41234) == f"41{S}200{S}patterns/s"
    assert numbers.percent(0.784) == f"78{S}%"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, f"0{S}B"),
        (999, f"999{S}B"),
        (1000, f"1.0{S}KiB"),
        (412 * 2**20, f"412{S}MiB"),
        (3.1 * 2**30, f"3.1{S}GiB"),
        (76 * 2**30, f"76{S}GiB"),
        (5000 * 2**50, f"5000{S}PiB"),
    ],
)
def test_byte_size(count: float, text: str) -> None:
    assert numbers.byte_size(count) == text
