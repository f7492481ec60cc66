"""Whole refinements of small scans simulated independently of the code under test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from ptygui.core.errors import DeviceError, RecipeError, ScanError
from ptygui.core.events import Epoch, Event, Finished, JobControl, Notice, Preview, Progress, Reconstruction
from ptygui.core.objects import grid_lines
from ptygui.core.probe import effective_diameter_px, hermite_modes, probe_similarity
from ptygui.core.probe_guess import zone_plate_probe_px
from ptygui.core.scan import ArrayPatterns, ProbePositions, Scan
from ptygui.core.scan_paths import raster_path
from ptygui.core.simulate import lines_probe, simulate_scan
from ptygui.reconstruct.refine.config import PRESETS, RefineConfig
from ptygui.reconstruct.refine.run import Refiner
from ptygui.reconstruct.refine.start import choose_start, with_modes
from ptygui.reconstruct.refine.workshop import Workshop

SIZE, EDGE = 32, 96


def path(step: float = 6.0, seed: int = 4) -> np.ndarray:
    return raster_path((EDGE, EDGE), (SIZE, SIZE), step, jitter_px=1.5, seed=seed)


def lines(
    probe: np.ndarray | None = None, photons: float = 1e7, step: float = 6.0, *, noise: bool = True
) -> Scan:
    """121 patterns of a lines object."""
    truth = grid_lines((EDGE, EDGE), seed=8, lines=120)
    return simulate_scan(
        truth, lines_probe(SIZE) if probe is None else probe, path(step), photons, seed=1, noise=noise
    )


def wrong_aperture() -> np.ndarray:
    """A probe as wide as the right one, from a lens whose outermost zones are a quarter too wide."""
    return zone_plate_probe_px((SIZE, SIZE), 2.5, np.pi * 0.55 * SIZE / 10)


def refiner(
    scan: Scan,
    config: RefineConfig,
    start: Reconstruction | None = None,
    control: JobControl | None = None,
    keep: Callable[[Reconstruction], None] | None = None,
) -> Refiner:
    control = control or JobControl()
    begin = choose_start(scan, start, None, config.modes)
    workshop = Workshop.set_up(scan, begin, config, torch.device("cpu"), control)
    return Refiner(workshop, config, control, keep)


def refine(scan: Scan, start: Reconstruction | None = None, **settings) -> Reconstruction:
    events = list(refiner(scan, RefineConfig(**settings), start).run())
    assert isinstance(events[-1], Finished)
    assert not events[-1].stopped_early
    return events[-1].result


def kinds(events: list[Event], kind: type) -> list:
    return [event for event in events if isinstance(event, kind)]


def test_object_and_probe_are_found_from_a_flat_object_and_a_wrong_probe() -> None:
    scan = lines()
    assert scan.probe is not None
    wrong = zone_plate_probe_px((SIZE, SIZE), 2.0, 0.8 * np.pi * 0.55 * SIZE / 8)
    assert probe_similarity(scan.probe, wrong) < 0.93
    result = refine(scan.with_probe(wrong), epochs=60)
    assert result.best.quality is not None
    assert result.best.quality.complex_error < 0.05
    assert probe_similarity(scan.probe, result.best.probe) > 0.99


def test_a_known_object_is_found_under_a_known_probe_without_noise() -> None:
    result = refine(lines(noise=False, step=5.0), epochs=60, free_probe=False)
    assert result.best.quality is not None
    assert result.best.quality.complex_error < 0.01
    assert result.best.residual is not None
    assert result.best.residual.r1 < 3e-3


def test_slow_phases_are_found_sooner_along_the_metric_that_knows_them(monkeypatch) -> None:
    from ptygui.physics import metric

    truth = grid_lines((192, 192), seed=8, lines=300)  # wide: a phase may vary slowly over it
    positions = raster_path((192, 192), (SIZE, SIZE), 8.0, jitter_px=1.5, seed=4)
    scan = simulate_scan(truth, lines_probe(SIZE), positions, 1e7, seed=1)
    with_it = refine(scan, epochs=20, free_probe=False).best.quality
    monkeypatch.setattr(metric, "LONG_WAVE_GAIN", 1e-6)
    without = refine(scan, epochs=20, free_probe=False).best.quality
    assert with_it.complex_error < 0.5 * without.complex_error


def test_a_wrong_aperture_is_noticed_and_mended_first() -> None:
    scan = lines()
    assert scan.probe is not None
    wrong = wrong_aperture()
    events = list(refiner(scan.with_probe(wrong), RefineConfig(epochs=40)).run())
    assert any("mean pattern badly" in notice.text for notice in kinds(events, Notice))
    assert probe_similarity(scan.probe, events[-1].result.best.probe) > 0.97
    calm = list(refiner(scan, RefineConfig(epochs=1)).run())
    assert not any("mean pattern" in notice.text for notice in kinds(calm, Notice))


def test_a_picture_under_a_doubtful_probe_keeps_still_until_the_probe_is_better() -> None:
    scan = lines()
    good = refine(scan, epochs=15)
    wrong = wrong_aperture()
    wrong = (wrong * np.sqrt(np.sum(np.abs(good.best.probe) ** 2))).astype(np.complex64)
    start = replace(good, stages=(replace(good.best, stage="raw", probe=wrong),))
    events = list(refiner(scan, RefineConfig(epochs=24), start).run())
    assert any("the probe alone first, for 12 epochs" in notice.text for notice in kinds(events, Notice))
    at_once = refine(scan, start, epochs=24, probe_first="no")
    assert events[-1].result.best.quality.complex_error < 0.9 * at_once.best.quality.complex_error


def test_positions_that_were_off_are_found() -> None:
    scan = lines(photons=1e8, step=5.0)
    chance = np.random.default_rng(2)
    errors = chance.uniform(-1.5, 1.5, (len(scan), 2))
    errors -= errors.mean(axis=0)
    off = replace(scan, positions=ProbePositions(scan.positions_px + errors, "px"))
    result = refine(off, epochs=120, free_positions=True)
    left = result.best.positions_px - scan.positions_px
    left -= left.mean(axis=0)
    assert np.sqrt(np.mean(left**2)) < 0.15 * np.sqrt(np.mean(errors**2))
    evidence = result.best.evidence
    assert evidence is not None
    np.testing.assert_allclose(evidence.shifts_px.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(evidence.shifts_px, result.best.positions_px - off.positions_px, atol=1e-6)


def test_no_position_goes_beyond_its_limit() -> None:
    scan = lines(step=5.0)
    errors = np.random.default_rng(3).uniform(-3, 3, (len(scan), 2))
    off = replace(scan, positions=ProbePositions(scan.positions_px + errors, "px"))
    events = list(refiner(off, RefineConfig(epochs=15, free_positions=True, position_limit_px=0.5)).run())
    shifts = events[-1].result.best.positions_px - off.positions_px
    shifts -= shifts.mean(axis=0)
    assert 0.3 < np.abs(shifts).max() <= 1.0  # 0.5 about a drift of at most as much


def test_the_modes_of_a_partially_coherent_beam_are_found() -> None:
    modes = hermite_modes(lines_probe(SIZE), 3, secondary_power=0.15)
    scan = lines(modes, photons=1e8, step=5.0)
    first = np.asarray(modes[:1] * np.sqrt(1e8 / np.sum(np.abs(modes[:1]) ** 2)), np.complex64)
    coherent = refine(scan.with_probe(first), epochs=60)
    mixed = refine(scan.with_probe(first), epochs=60, modes=3)
    assert mixed.best.residual.r1 < 0.6 * coherent.best.residual.r1
    assert probe_similarity(scan.probe, mixed.best.probe) > 0.998
    power = np.sum(np.abs(mixed.best.probe) ** 2, axis=(1, 2))
    np.testing.assert_allclose(power / power.sum(), [1 / 1.3, 0.15 / 1.3, 0.15 / 1.3], atol=0.06)
    gram = np.einsum("mhw,nhw->mn", mixed.best.probe.conj(), mixed.best.probe)
    assert np.abs(gram - np.diag(np.diag(gram))).max() < 1e-3 * np.abs(gram).max()


def test_brightness_and_background_are_found() -> None:
    scan = lines(photons=1e7, step=5.0)
    chance = np.random.default_rng(5)
    brightness = chance.uniform(0.7, 1.3, len(scan))
    brightness /= brightness.mean()
    spot = np.zeros((SIZE, SIZE))
    spot[3:9, 20:26] = 400.0
    clean = scan.patterns.read(np.arange(len(scan)))
    patterns = chance.poisson(clean * brightness[:, None, None] + spot).astype(np.float32)
    spoilt = replace(scan, patterns=ArrayPatterns(patterns))
    result = refine(spoilt, epochs=60, free_intensities=True, free_background=True)
    plain = refine(spoilt, epochs=60)
    best = result.best
    assert best.intensities is not None
    assert best.background is not None
    assert np.corrcoef(best.intensities, brightness)[0, 1] > 0.97
    assert best.background[3:9, 20:26].mean() == pytest.approx(400, rel=0.15)
    assert best.background[20:, :16].mean() < 20
    assert result.best.residual.r1 < 0.6 * plain.best.residual.r1


def test_few_photons_are_refined_by_their_likelihood_and_smoothness_helps() -> None:
    scan = lines(photons=1e3, step=5.0)  # one count a pixel
    by_amplitude = refine(scan, epochs=25, free_probe=False)
    plain = refine(scan, epochs=25, free_probe=False, likelihood="poisson")
    smooth = refine(scan, epochs=25, free_probe=False, likelihood="poisson", total_variation=0.02)
    errors = [result.best.quality.complex_error for result in (by_amplitude, plain, smooth)]
    assert errors[1] < 0.9 * errors[0]
    assert errors[2] < 0.9 * errors[1]


def test_an_amplitude_bound_holds() -> None:
    free, bound = (refine(lines(photons=1e4), epochs=20, amplitude_bound=b).best.image for b in (0.0, 1.2))
    assert np.percentile(free.amplitude[free.covered], 99.5) > 1.3
    assert np.percentile(bound.amplitude[bound.covered], 99.5) < 1.25


def test_bad_pixels_do_not_matter(bad_scan) -> None:
    result = refine(bad_scan, epochs=30, free_probe=False)
    assert result.best.quality.complex_error < 0.02


def test_every_epoch_is_told_and_the_curve_falls() -> None:
    events = list(refiner(lines(), RefineConfig(epochs=12)).run())
    epochs = kinds(events, Epoch)
    assert [epoch.number for epoch in epochs] == list(range(1, 13))
    residuals = [epoch.residual.r2 for epoch in epochs]
    assert residuals == sorted(residuals, reverse=True)
    progress = kinds(events, Progress)
    assert all(a.done <= b.done <= b.total for a, b in itertools.pairwise(progress))
    previews = kinds(events, Preview)
    assert previews[-1].stage == "refined"
    assert previews[-1].probe is not None


def test_the_evidence_holds_for_every_pattern() -> None:
    scan = lines(photons=1e5)
    config = RefineConfig(epochs=20, half_scan=True, free_probe=False)
    stage = list(refiner(scan, config).run())[-1].result.best
    evidence = stage.evidence
    assert evidence is not None
    amplitude = np.sqrt(scan.patterns.read(np.arange(len(scan)))).sum(axis=(1, 2))
    assert float(np.average(evidence.r1, weights=amplitude)) == pytest.approx(stage.residual.r1, rel=1e-4)
    assert evidence.deviance is not None
    assert 0.5 < evidence.deviance.mean() < 1.3
    assert evidence.flat is not None
    assert evidence.flat.r1 > stage.residual.r1
    assert evidence.half_scan is not None
    resolution = evidence.half_scan.resolution_px()
    assert resolution is not None
    assert resolution < 0.5 * effective_diameter_px(scan.probe)


def test_arbitrary_units_have_no_deviance() -> None:
    scan = lines()
    odd = replace(scan, patterns=ArrayPatterns(scan.patterns.read(np.arange(len(scan))) * 0.3137))
    stage = refine(odd, epochs=3).best
    assert stage.evidence is not None
    assert stage.evidence.deviance is None


def test_a_result_is_refined_on_and_keeps_what_it_was_made_of() -> None:
    scan = lines()
    first = refine(scan, epochs=10, free_positions=True)
    again = refine(scan, first, epochs=10, free_positions=True)
    assert [stage.stage for stage in again.stages] == ["refined"]
    assert again.best.residual.r2 < first.best.residual.r2
    raw = replace(first, stages=(replace(first.best, stage="raw", evidence=None),))
    onwards = refine(scan, raw, epochs=2)
    assert [stage.stage for stage in onwards.stages] == ["raw", "refined"]
    assert onwards.stages[0] is raw.stages[0]


def test_going_on_begins_where_it_ended() -> None:
    """Also with positions whose drift was taken off, and so with a grid between the pixels."""
    scan = lines(step=5.0)
    first = refine(scan, epochs=12, free_positions=True, modes=2, free_intensities=True)
    assert np.abs(np.asarray(first.best.image.origin_px) % 1).max() > 0
    events = list(
        refiner(scan, RefineConfig(epochs=1, free_positions=True, free_intensities=True), first).run()
    )
    before, after = first.best.residual, kinds(events, Epoch)[0].residual
    assert after.r2 == pytest.approx(before.r2, rel=0.02)
    assert after.r2 <= before.r2 * 1.001


def test_a_result_of_another_scan_is_refused() -> None:
    result = refine(lines(), epochs=1)
    with pytest.raises(RecipeError, match="choose the scan that it was made of"):
        choose_start(lines(step=9.0), result, None, 0)
    with pytest.raises(RecipeError, match="no picture 'raw'"):
        choose_start(lines(), result, "raw", 0)


def test_stop_keeps_the_epochs_that_are_done_with_their_evidence() -> None:
    control = JobControl()
    seen: list[Event] = []
    for event in refiner(lines(), RefineConfig(epochs=1000), control=control).run():
        seen.append(event)
        if isinstance(event, Epoch) and event.number == 3:
            control.stop_and_keep()
    last = seen[-1]
    assert isinstance(last, Finished)
    assert last.stopped_early
    assert last.result.best.steps == 3
    assert last.result.best.evidence is not None
    assert last.result.best.residual.r2 == pytest.approx(kinds(seen, Epoch)[-1].residual.r2, rel=1e-3)


def test_a_pause_holds_the_work_and_can_be_cancelled_or_ended() -> None:
    control = JobControl()
    run: Iterator[Event] = refiner(lines(), RefineConfig(epochs=5), control=control).run()
    while not isinstance(next(run), Epoch):
        pass
    control.pause()
    held = [next(run) for _ in range(6)]
    assert [event for event in held if not isinstance(event, Progress | Preview)] == []
    assert len({event.done for event in held[2:]}) == 1
    control.go_on()
    assert isinstance(list(run)[-1], Finished)


def test_memory_that_runs_out_halves_the_batch(monkeypatch) -> None:
    from ptygui.reconstruct.refine import problem

    real = problem.look

    def scarce(at, batch, setting, free):
        if len(batch) > 10:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(at, batch, setting, free)

    monkeypatch.setattr(problem, "look", scarce)
    events = list(refiner(lines(), RefineConfig(epochs=4)).run())
    texts = [notice.text for notice in kinds(events, Notice) if notice.level == "warning"]
    assert texts == [text for text in texts if "Memory ran out with batches of" in text]
    assert 1 <= len(texts) <= 5
    assert isinstance(events[-1], Finished)


def test_memory_for_not_even_one_pattern_is_said(monkeypatch) -> None:
    from ptygui.reconstruct.refine import problem

    def none(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(problem, "look", none)
    with pytest.raises(DeviceError, match="Not even one pattern"):
        list(refiner(lines(), RefineConfig(epochs=2)).run())


def test_numbers_that_are_none_in_the_middle_are_taken_back(monkeypatch) -> None:
    from ptygui.reconstruct.refine import problem

    real, calls = problem.look, iter(range(10**6))

    def sometimes(at, batch, setting, free):
        found = real(at, batch, setting, free)
        if next(calls) in (9, 10):  # in the middle of an epoch
            found.object.fill_(complex("nan"))
            found.values.fill_(float("nan"))
        return found

    monkeypatch.setattr(problem, "look", sometimes)
    for engine in ("gradient", "adam"):
        events = list(refiner(lines(), RefineConfig(epochs=6, engine=engine, batch_size=32)).run())
        best = events[-1].result.best
        assert np.isfinite(best.image.values).all()
        assert best.residual.r1 < 0.6 * best.evidence.flat.r1


def test_a_file_that_vanishes_in_the_middle_leaves_what_was_reached(monkeypatch) -> None:
    scan = lines()
    refining = refiner(scan, RefineConfig(epochs=10))
    events: list[Event] = []
    with pytest.raises(ScanError, match="gone"):
        for event in refining.run():
            events.append(event)
            if isinstance(event, Epoch) and event.number == 2:
                monkeypatch.setattr(refining.workshop.problem.data, "batches", _gone)
    assert isinstance(events[-1], Finished)
    assert events[-1].stopped_early
    assert events[-1].result.best.steps == 2


def _gone(order=None):
    raise ScanError("The file is gone.")
    yield


def test_the_state_so_far_is_kept_from_time_to_time(monkeypatch) -> None:
    from ptygui.reconstruct.refine import run

    monkeypatch.setattr(run, "KEEP_INTERVAL_S", 0.0)
    kept: list[Reconstruction] = []
    list(refiner(lines(), RefineConfig(epochs=4), keep=kept.append).run())
    assert [result.best.steps for result in kept] == [1, 2, 3, 4]


def test_a_full_disk_does_not_end_the_work(monkeypatch) -> None:
    from ptygui.reconstruct.refine import run

    def full(_result: Reconstruction) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run, "KEEP_INTERVAL_S", 0.0)
    events = list(refiner(lines(), RefineConfig(epochs=4), keep=full).run())
    assert [n.text for n in kinds(events, Notice) if "No space left" in n.text] != []
    assert len([n for n in kinds(events, Notice) if "No space left" in n.text]) == 1
    assert isinstance(events[-1], Finished)
    assert not events[-1].stopped_early


def test_patterns_that_do_not_fit_are_read_anew_and_give_the_same(monkeypatch) -> None:
    from ptygui.reconstruct.refine import data

    kept = refine(lines(), epochs=5)
    monkeypatch.setattr(data, "KEPT_SHARE", 0.0)
    read = refine(lines(), epochs=5)
    np.testing.assert_allclose(read.best.image.values, kept.best.image.values, atol=1e-5)


def test_a_demand_that_outweighs_the_data_is_no_reason_to_go_back() -> None:
    scan = lines(photons=1e8)
    first = refine(scan, epochs=10)
    events = list(refiner(scan, RefineConfig(epochs=6, total_variation=0.01), first).run())
    assert not any("rose" in notice.text for notice in kinds(events, Notice))
    assert events[-1].result.best.steps == 6


def test_positions_beyond_a_new_limit_stay_and_hinder_nothing() -> None:
    scan = lines(photons=1e8, step=5.0)
    errors = np.random.default_rng(2).uniform(-3, 3, (len(scan), 2))
    off = replace(scan, positions=ProbePositions(scan.positions_px + errors, "px"))
    moved = refine(off, epochs=60, free_positions=True, position_limit_px=8.0)
    for free in (False, True):
        onwards = refine(off, moved, epochs=5, free_positions=free, position_limit_px=0.5)
        assert onwards.best.steps == 5
        assert onwards.best.residual.r2 < moved.best.residual.r2
    fixed = refine(off, moved, epochs=5, engine="epie", position_limit_px=0.5)
    np.testing.assert_allclose(fixed.best.positions_px, moved.best.positions_px, atol=1e-5)


def test_demands_move_only_what_is_free() -> None:
    from ptygui.physics.unknowns import Free

    refining = refiner(lines(), RefineConfig(total_variation=0.1, position_smoothness=1.0))
    problem, at = refining.workshop.problem, refining.workshop.start_at
    at = replace(at, object=at.object + torch.randn_like(at.object), shifts=torch.randn_like(at.shifts))
    steps = problem.slope(at, Free(object=False, probe=True))
    with pytest.raises(StopIteration) as ended:
        while True:
            next(steps)
    gradient = ended.value.value.gradient
    assert float(gradient.object.abs().sum()) == float(gradient.shifts.abs().sum()) == 0
    assert float(gradient.probe.abs().sum()) > 0


def test_brightness_and_background_are_remembered_when_they_are_fixed_again(monkeypatch) -> None:
    from ptygui.reconstruct.refine import run

    scan = lines(photons=1e7, step=5.0)
    uneven = np.random.default_rng(5).uniform(0.5, 1.5, len(scan))[:, None, None]
    spoilt = replace(
        scan, patterns=ArrayPatterns((scan.patterns.read(np.arange(len(scan))) * uneven).round())
    )
    free = refine(spoilt, epochs=20, free_intensities=True, free_background=True)
    fixed = refine(spoilt, free, epochs=3)
    assert fixed.best.intensities is not None
    assert fixed.best.background is not None
    again = refine(spoilt, fixed, epochs=1)
    assert again.best.residual.r1 <= 1.01 * fixed.best.residual.r1 <= 1.02 * free.best.residual.r1
    monkeypatch.setattr(run, "KEEP_INTERVAL_S", 0.0)
    kept: list[Reconstruction] = []
    list(refiner(spoilt, RefineConfig(epochs=2), free, keep=kept.append).run())
    assert refine(spoilt, kept[-1], epochs=1).best.residual.r1 <= 1.02 * free.best.residual.r1


def test_a_probe_of_other_modes_keeps_its_power_and_what_it_knew() -> None:
    two = hermite_modes(lines_probe(SIZE), 2, secondary_power=0.4)
    for modes in (1, 3, 4):
        probe = with_modes(two, modes)
        assert len(probe) == modes
        assert np.sum(np.abs(probe) ** 2) == pytest.approx(np.sum(np.abs(two) ** 2), rel=1e-5)
    basis = with_modes(two, 4).reshape(4, -1)
    basis = basis / np.linalg.norm(basis, axis=1, keepdims=True)
    inside = np.abs(basis.conj() @ two.reshape(2, -1).T) ** 2
    np.testing.assert_allclose(inside.sum(axis=0), np.sum(np.abs(two) ** 2, axis=(1, 2)), rtol=1e-4)


@pytest.mark.parametrize("part", ["look_back", "half_scan"])
def test_a_failure_while_evidence_is_gathered_keeps_the_picture(monkeypatch, part) -> None:
    from ptygui.reconstruct.refine import run

    def fails(*_: object):
        raise MemoryError("out of memory")
        yield

    monkeypatch.setattr(run, part, fails)
    events: list[Event] = []
    with pytest.raises(MemoryError):
        for event in refiner(lines(), RefineConfig(epochs=3, half_scan=True)).run():
            events.append(event)
    assert isinstance(events[-1], Finished)
    assert events[-1].result.best.steps == 3
    assert (events[-1].result.best.evidence is None) == (part == "look_back")


def test_a_stop_leaves_the_halves_out() -> None:
    control = JobControl()
    seen: list[Event] = []
    for event in refiner(lines(), RefineConfig(epochs=3, half_scan=True), control=control).run():
        seen.append(event)
        if isinstance(event, Epoch) and event.number == 3:
            control.stop_and_keep()
    evidence = seen[-1].result.best.evidence
    assert evidence is not None
    assert evidence.half_scan is None


def test_earlier_pictures_keep_their_coverage() -> None:
    scan = lines()
    first = refine(scan, epochs=2)
    raw = replace(first, stages=(replace(first.best, stage="raw"),), coverage=0.4)
    assert refine(scan, raw, epochs=1).coverage == 0.4


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"engine": "dm", "free_positions": True}, "'dm' cannot improve the positions"),
        ({"engine": "epie", "total_variation": 0.1}, "Only 'gradient' knows total_variation"),
        ({"opr_modes": 2}, "Only pty-chi's engines know opr_modes"),
    ],
)
def test_what_an_engine_cannot_is_refused_before_the_work(settings, words) -> None:
    with pytest.raises(RecipeError, match=words):
        refiner(lines(), RefineConfig(**settings))


def test_the_presets_are_sound() -> None:
    for name, config in PRESETS.items():
        stage = refine(lines(), epochs=4, **{
            field: getattr(config, field) for field in config.__struct_fields__ if field != "epochs"
        }).best  # fmt: skip
        assert stage.residual.r1 < stage.evidence.flat.r1, name
