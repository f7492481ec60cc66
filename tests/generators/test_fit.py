"""The sentences on whether a generator fits a scan: each fact has its level."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from ptygui.core.describe import scan_fingerprint
from ptygui.core.probe_guess import disk_probe
from ptygui.core.scan import ArrayPatterns, ProbePositions, Scan, ScanMetadata
from ptygui.generators.contract import BundleCard, FitSentence, GeneratorSpec
from ptygui.generators.fit import check

GENERATOR = GeneratorSpec(architecture="stable_hybrid", config={"levels": 4}, input_size=64)


def make_card(**changes: Any) -> BundleCard:
    return BundleCard(**({"name": "g", "spec": GENERATOR, "parameters": 1, "trained_on": "x"} | changes))


def make_scan(shape: tuple[int, int] = (64, 64), counts: float = 2.0, **metadata: Any) -> Scan:
    positions = np.stack(np.meshgrid(*2 * [np.arange(4) * 8.0], indexing="ij"), axis=-1).reshape(-1, 2)
    return Scan(
        patterns=ArrayPatterns(np.full((16, *shape), counts, np.float32)),
        positions=ProbePositions(positions, "px"),
        metadata=ScanMetadata("made up", **metadata),
    )


def only(sentences: list[FitSentence], word: str) -> FitSentence:
    (found,) = [sentence for sentence in sentences if word in sentence.text]
    return found


@pytest.mark.parametrize(
    ("shape", "level", "words"),
    [
        ((64, 64), "ok", "as in its training"),
        ((128, 128), "warning", "larger than the 64 × 64"),
        ((32, 32), "warning", "smaller than the 64 × 64"),
        ((64, 32), "warning", "smaller than the 64 × 64"),
        ((60, 60), "problem", "multiples of 8 from 16 on"),
        ((64, 65), "problem", "multiples of 8 from 16 on"),
        ((8, 8), "problem", "multiples of 8 from 16 on"),
    ],
)
def test_size(shape: tuple[int, int], level: str, words: str) -> None:
    sentence = only(check(make_card(), make_scan(shape)), "patterns are")
    assert sentence.level == level
    assert f"{shape[0]} × {shape[1]}" in sentence.text
    assert words in sentence.text


def test_any_size_suits_a_network_without_levels() -> None:
    card = make_card(spec=GeneratorSpec(architecture="fno", input_size=64))
    assert check(card, make_scan((33, 47)))[0].level == "warning"


def test_a_scan_it_was_trained_on_is_known_again() -> None:
    scan = make_scan()
    card = make_card(scan_fingerprint=scan_fingerprint(scan), photons_per_pattern=1e12)
    assert [sentence.level for sentence in check(card, scan)] == ["ok", "ok"]
    assert "this very scan" in check(card, scan)[1].text
    assert all("very scan" not in sentence.text for sentence in check(card, make_scan(counts=3)))


@pytest.mark.parametrize(
    ("diameter", "level", "words"),
    [(20, "ok", "is the one"), (26, "warning", "differs somewhat"), (60, "warning", "quite another")],
)
def test_probe(diameter: float, level: str, words: str) -> None:
    own = disk_probe((64, 64), 20)
    scan = make_scan().with_probe(np.complex64(3j) * disk_probe((64, 64), diameter))
    sentence = only(check(make_card(), scan, own), "probe")
    assert sentence.level == level
    assert words in sentence.text


def test_a_scan_without_probe_is_told_whose_is_used() -> None:
    sentence = only(check(make_card(), make_scan(), disk_probe((64, 64), 20)), "no probe")
    assert sentence.level == "warning"


def test_a_probe_of_another_size_takes_nobodys_place() -> None:
    sentence = only(check(make_card(), make_scan((128, 128)), disk_probe((64, 64), 20)), "no probe")
    assert sentence.level == "problem"
    assert "64 × 64" in sentence.text


def test_probes_of_other_sizes_are_not_compared() -> None:
    scan = make_scan((128, 128)).with_probe(disk_probe((128, 128), 20))
    assert len(check(make_card(), scan, disk_probe((64, 64), 20))) == 1


@pytest.mark.parametrize(
    ("pixel", "level", "words"),
    [
        ((1e-8, 1e-8), "ok", "10 nm here"),
        ((1.03e-8, 1e-8), "ok", "10.3 x 10 nm here"),
        ((2e-8, 2e-8), "warning", "20 nm here, 10 nm in its training"),
        ((1e-8, 0.5e-8), "warning", "10 x 5 nm here"),
    ],
)
def test_pixel_size(pixel: tuple[float, float], level: str, words: str) -> None:
    sentence = only(check(make_card(pixel_size_m=(1e-8, 1e-8)), make_scan(pixel_size_m=pixel)), "pixel ")
    assert sentence.level == level
    assert words in sentence.text


def test_an_unknown_pixel_size_is_not_spoken_of() -> None:
    assert len(check(make_card(pixel_size_m=(1e-8, 1e-8)), make_scan())) == 1
    assert len(check(make_card(), make_scan(pixel_size_m=(1e-8, 1e-8)))) == 1


@pytest.mark.parametrize(("trained", "level"), [(1e2, "ok"), (8e4, "ok"), (1e6, "warning")])
def test_photons(trained: float, level: str) -> None:
    sentence = only(check(make_card(photons_per_pattern=trained), make_scan()), "photons")
    assert sentence.level == level
    assert "8.2 × 10³ photons a pattern here" in sentence.text


def test_photons_of_patterns_in_arbitrary_units_are_not_spoken_of() -> None:
    sentences = check(make_card(photons_per_pattern=1e9), make_scan(counts=0.115))
    assert all("light" not in sentence.text for sentence in sentences)


@pytest.mark.parametrize(("trained", "level"), [(0.3, "ok"), (0.6, "ok"), (0.8, "warning")])
def test_overlap(trained: float, level: str) -> None:
    scan = make_scan().with_probe(disk_probe((64, 64), 20))  # steps of 8: 60 % overlap
    sentence = only(check(make_card(overlap=trained), scan), "overlap")
    assert sentence.level == level
    assert f"60% here, {trained:.0%} in its training" in sentence.text


def test_bad_pixels_give_no_light() -> None:
    bad = np.zeros((64, 64), bool)
    bad[:32] = True
    scan = replace(make_scan(), bad_pixels=bad)
    assert "4.1 × 10³ photons" in only(check(make_card(photons_per_pattern=1.0), scan), "photons").text


def test_fit_is_checked_without_torch() -> None:
    code = "import sys, ptygui.generators.fit; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
