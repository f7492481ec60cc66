"""Which format is meant, and what of it is said."""

from pathlib import Path

import pytest

from ptygui.io.convert import format_names, result_format, scan_format, why_not
from ptygui.io.writers.contents import left_out
from ptygui.io.writers.results import FORMATS
from ptygui.io.writers.scan_registry import list_scan_writers


@pytest.mark.parametrize(
    ("file", "scan", "result"),
    [
        ("a.cxi", "cxi", None),
        ("a.NXS", "nxptycho", None),
        ("a.h5", "ptychodus", "product"),
        ("a.npz", "ptychopinn", "npz"),
        ("a_dp.npz", "ptychodus-npz", "npz"),
        ("a_product.npz", "ptychopinn", "product-npz"),
        ("a.csv", "csv", "csv"),
        ("a.ptyr", None, "ptyr"),
        ("a.tif", None, "tiff"),
        ("a.ome.tif", None, "ome-tiff"),
        ("a.svg", None, "svg"),
        ("a.docx", None, None),
        ("a", None, None),
    ],
)
def test_the_ending_tells_the_format(file: str, scan: str | None, result: str | None) -> None:
    writer, form = scan_format(Path(file), None), result_format(Path(file), None)
    assert (writer and writer.name) == scan
    assert (form and form.name) == result


def test_a_name_counts_more_than_the_ending() -> None:
    writer, form = scan_format(Path("a.h5"), "cxi"), result_format(Path("a.h5"), "cxi")
    assert writer is not None
    assert writer.name == "cxi"
    assert form is None


def test_no_two_formats_share_an_ending() -> None:
    for forms in (list_scan_writers(), list(FORMATS.values())):
        endings = [ending for form in forms for ending in form.endings]
        assert len(set(endings)) == len(endings)


def test_several_files_stand_beside_the_name() -> None:
    tiff, pair = result_format(Path("a.tif"), None), scan_format(Path("a.h5"), None)
    assert tiff is not None
    assert pair is not None
    assert tiff.targets(Path("f/a.TIFF")) == (Path("f/a_amplitude.tif"), Path("f/a_phase.tif"))
    for asked in ("f/a.h5", "f/a_dp.h5", "f/a_para.h5"):
        assert pair.targets(Path(asked)) == (Path("f/a_dp.h5"), Path("f/a_para.h5"))


def test_what_is_impossible_names_what_is_possible() -> None:
    sentence = why_not(Path("a.docx"), None, "result")
    assert sentence.startswith("A result cannot be written as a file like a.docx: choose tiff (.tif), ")
    assert "cxi (.cxi)" in why_not(Path("a.x"), "tiff", "scan")
    assert {"cxi", "tiff", "csv"} <= set(format_names())


def test_what_is_left_out_is_one_sentence() -> None:
    assert left_out("CXI", ["the probe"], ["the probe"]) is None
    assert left_out("CXI", ["the probe"], []) == "CXI has no place for the probe, which is left out."
    assert left_out("X", ["a", "b", "c"], []) == "X has no place for a, b and c, which are left out."
