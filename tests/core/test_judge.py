from dataclasses import replace

import numpy as np
import pytest

from ptygui.core.events import StageResult
from ptygui.core.evidence import Evidence, Residual
from ptygui.core.frc import RingCorrelation
from ptygui.core.judge import expected_deviance, judge
from ptygui.core.probe import hermite_modes
from ptygui.core.scan import ObjectImage
from ptygui.core.simulate import expected_intensities, lines_scan

N = 36


@pytest.fixture
def stage():
    """A picture that is good in every respect, with small random shifts."""
    rng = np.random.default_rng(3)
    evidence = Evidence(
        r1=rng.uniform(0.04, 0.06, N).astype(np.float32),
        deviance=None,
        shifts_px=rng.normal(0, 0.2, (N, 2)),
        flat=Residual(0.4, 0.3),
    )
    image = ObjectImage(np.ones((60, 60), np.complex64), np.ones((60, 60), bool), (0.0, 0.0), (2e-8, 2e-8))
    probe = np.ones((1, 16, 16), np.complex64)
    return StageResult(
        "refined", image, probe, rng.uniform(8, 50, (N, 2)), Residual(0.05, 0.03), None, 1.0, 10, evidence
    )


def told(stage, what, **changes):
    """Judge after changes of the evidence; return the judgements of that name."""
    return [
        found
        for found in judge(replace(stage, evidence=replace(stage.evidence, **changes)))
        if found.what == what
    ]


def test_a_good_picture_is_not_complained_of(stage):
    levels = {found.what: found.level for found in judge(stage)}
    assert levels == {"residual": "ok", "patterns": "ok", "probe": "info", "positions": "ok"}


def test_each_judgement_is_a_sentence_and_says_what_it_means(stage):
    for found in judge(stage):
        assert found.words.endswith(".")
        assert found.meaning.endswith(".")


def test_without_evidence_there_is_one_sentence(stage):
    (only,) = judge(replace(stage, evidence=None))
    assert only.level == "info"
    assert "0.0500" in only.words
    assert "0.0500" not in judge(replace(stage, evidence=None, residual=None))[0].words


@pytest.mark.parametrize(
    ("r1", "level"), [(0.2, "ok"), (0.37, "ok"), (0.39, "warning"), (0.40, "problem"), (0.9, "problem")]
)
def test_the_residual_counts_against_that_of_a_flat_object(stage, r1, level):
    (found,) = told(replace(stage, residual=Residual(r1, r1)), "residual")
    assert found.level == level
    assert f"{r1 / 0.4:.0%}" in found.words


def test_a_residual_without_a_flat_one_is_only_told(stage):
    assert told(stage, "residual", flat=None)[0].level == "info"


def stage_of(scan):
    """The true object and probe of a simulated scan, with the deviance of its counts."""
    reference = scan.reference_object
    expected = expected_intensities(reference.values, scan.probe, scan.positions_px)
    counts = scan.patterns.read(np.arange(len(scan))).astype(np.float64)
    terms = counts * np.log(np.maximum(counts, 1) / np.maximum(expected, 1e-30)) - counts + expected
    n = len(scan)
    evidence = Evidence(
        np.full(n, 0.1, np.float32), (2 * terms.mean(axis=(1, 2))).astype(np.float32), np.zeros((n, 2))
    )
    return StageResult("refined", reference, scan.probe, scan.positions_px, None, None, 1.0, 1, evidence)


@pytest.mark.parametrize("photons", [30, 1e3, 1e5, 1e7])
def test_counts_of_the_true_object_are_noise_alone_at_any_dose(photons):
    scan = lines_scan(32, object_px=88, step_px=9.0, photons_per_pattern=photons, seed=5)
    (found,) = told(stage_of(scan), "noise")
    assert found.level == "ok", found.words


@pytest.mark.parametrize(
    ("factor", "photons", "level", "word"),
    [
        (1.6, 1e3, "warning", "unexplained"),
        (1.6, 1e5, "warning", "unexplained"),
        (0.7, 1e3, "warning", "takes up noise"),
        (0.7, 1e5, "info", "takes up noise"),
    ],
)
def test_more_than_noise_is_amiss_and_less_where_counts_are_few(factor, photons, level, word):
    stage = stage_of(lines_scan(32, object_px=88, step_px=9.0, photons_per_pattern=photons, seed=5))
    (found,) = told(stage, "noise", deviance=stage.evidence.deviance * np.float32(factor))
    assert found.level == level
    assert word in found.words


def test_the_expected_deviance_is_that_of_drawn_counts():
    means = np.array([0.01, 0.3, 2.0, 30.0, 1e4], np.float32)
    counts = np.random.default_rng(0).poisson(means, (400_000, 5)).astype(np.float64)
    drawn = 2 * (counts * np.log(np.maximum(counts, 1) / means) - counts + means).mean(axis=0)
    np.testing.assert_allclose(expected_deviance(means), drawn, rtol=0.02)
    assert expected_deviance(np.zeros(1, np.float32))[0] < 1e-4


def test_the_worst_patterns_are_named(stage):
    r1 = stage.evidence.r1.copy()
    r1[[4, 17]] = 0.5, np.nan
    (found,) = told(stage, "patterns", r1=r1)
    assert found.level == "warning"
    assert found.words.startswith("2 of 36 patterns")
    assert found.words.endswith(": 4, 17.")
    r1[:20:2] = 0.5
    assert told(stage, "patterns", r1=r1)[0].words.endswith("0, 2, 4, 6, 8, 10, 12, 14 and others.")


@pytest.mark.parametrize(
    ("crossing", "level", "words"),
    [(20, "ok", "1.22 px = 24.4 nm"), (5, "warning", "4.55 px = 90.9 nm"), (0, "problem", "coarsest")],
)
def test_details_are_where_two_halves_agree(stage, crossing, level, words):
    frequency = np.linspace(0.02, 0.5, 25)
    correlation = np.where(np.arange(25) < crossing, 0.9, 0.1)
    half_scan = RingCorrelation(frequency, correlation, np.full(25, 0.5), 2e-8)
    (found,) = told(stage, "details", half_scan=half_scan)
    assert found.level == level
    assert words in found.words
    assert "share probe and positions" in found.meaning


@pytest.mark.parametrize(("shares", "level"), [((0.9, 0.08, 0.02), "info"), ((0.45, 0.35, 0.2), "warning")])
def test_shares_of_modes_are_of_orthogonal_ones(stage, shares, level):
    modes = hermite_modes(np.ones((1, 16, 16), np.complex64), 3)
    modes = (
        modes
        / np.linalg.norm(modes, axis=(1, 2), keepdims=True)
        * np.sqrt(1e5 * np.array(shares))[:, None, None]
    )
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))
    mixed = np.einsum("ij,jyx->iyx", turn, modes).astype(np.complex64)
    (found,) = told(replace(stage, probe=mixed), "probe")
    assert found.level == level
    assert "1e+05 counts" in found.words
    assert ", ".join(f"{share:.1%}" for share in shares) in found.words


def test_positions_that_stayed_are_not_spoken_of(stage):
    assert told(stage, "positions", shifts_px=np.zeros((N, 2))) == []


def test_what_rounding_leaves_of_positions_is_no_shift(stage):
    shifts = np.full((N, 2), 1e-13)
    names = "positions", "position limit"
    assert [told(stage, name, shifts_px=shifts) for name in names] == [[], []]
    shifts[7] = 0.5
    assert [len(told(stage, name, shifts_px=shifts)) for name in names] == [1, 0]


def test_how_far_positions_moved(stage):
    shifts = np.zeros((N, 2))
    shifts[:, 0] = np.linspace(-1, 1, N)
    (found,) = told(stage, "positions", shifts_px=shifts)
    assert "at most 1.00 px = 20 nm" in found.words
    (drift,) = told(stage, "drift", shifts_px=shifts)
    assert "2.00 px down and 0.00 px right" in drift.words
    assert told(stage, "drift") == []


def test_positions_at_the_limit_are_counted(stage):
    free = stage.evidence.shifts_px * 10
    assert told(stage, "position limit", shifts_px=free) == []
    length = np.hypot(*free.T)[:, None]
    within = free * np.minimum(1, 2 / length)
    (found,) = told(stage, "position limit", shifts_px=within)
    assert found.level == "warning"
    assert found.words.startswith(f"{int((length > 2).sum())} of 36")
    assert told(stage, "position limit", shifts_px=np.clip(free, -1.5, 1.5))


def test_a_jump_is_told_from_a_drift(stage):
    shifts = np.linspace(0, 8, N)[:, None] + stage.evidence.shifts_px
    assert told(stage, "jumps", shifts_px=shifts) == []
    shifts[11] += 4
    (found,) = told(stage, "jumps", shifts_px=shifts)
    assert found.words.endswith(": 11.")


@pytest.mark.parametrize(("spread", "level"), [(0.03, "ok"), (0.4, "warning")])
def test_brightness_that_spreads_is_a_warning(stage, spread, level):
    values = np.where(np.arange(N) % 2, 1 + spread, 1 - spread).astype(np.float32)
    (found,) = told(replace(stage, intensities=values), "brightness")
    assert found.level == level
    assert f"{spread:.1%}" in found.words


@pytest.mark.parametrize(("counts", "level"), [(0.05, "ok"), (1.0, "warning")])
def test_background_is_a_share_of_the_counts(stage, counts, level):
    even = np.full((16, 16), counts, np.float32)
    (found,) = told(replace(stage, background=even), "background")
    assert found.level == level  # the probe brings one count a pixel
    assert found.words.startswith(f"{counts / (1 + counts):.1%}")
