"""Every engine against small scans simulated independently; the classics also against their formulas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import pytest
import torch

from ptygui.core.errors import RecipeError
from ptygui.core.events import Epoch, Event, Finished, JobControl, Notice
from ptygui.core.probe import hermite_modes, probe_similarity
from ptygui.core.quality import compare
from ptygui.core.scan import ArrayPatterns, ProbePositions, Scan
from ptygui.core.shift import shift_subpixel, split_positions
from ptygui.core.simulate import simulate_scan
from ptygui.physics.exit_waves import confront, overlaid
from ptygui.physics.slope import Measured, Tally
from ptygui.physics.unknowns import Free, Unknowns
from ptygui.reconstruct.devices import Device
from ptygui.reconstruct.refine import config as configuration
from ptygui.reconstruct.refine.config import RefineConfig
from ptygui.reconstruct.refine.engines import dm, epie, raar, rpie, whole
from ptygui.reconstruct.refine.engines.base import Engine, engine_class, refuse_unable
from ptygui.reconstruct.refine.guard import RISE
from ptygui.reconstruct.refine.phases import wanted
from ptygui.reconstruct.refine.run import Refiner
from ptygui.reconstruct.refine.start import choose_start
from ptygui.reconstruct.refine.workshop import Workshop

ENGINES = [name for name in get_args(configuration.Engine) if not name.startswith("ptychi-")]
"""Those of others are tested beside the process in which they run."""
CLASSICS = [name for name in ENGINES if name not in ("gradient", "adam")]
WITH_POSITIONS = [name for name in ENGINES if engine_class(name).can_free.positions]
WHOLE = ["dm", "raar"]
ERRORS = {
    "gradient": 5e-3,
    "adam": 0.05,
    "epie": 0.012,
    "rpie": 8e-3,
    "lsqml": 8e-3,
    "dm": 0.02,
    "raar": 0.015,
}
"""Complex error after ten epochs from the flat object, under the true probe; the flat object's is 0.29."""


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Small arrays: threads cost more than they give."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    yield
    torch.set_num_threads(before)


@dataclass
class Bench:
    """An engine, and what it stands on."""

    scan: Scan
    shop: Workshop
    engine: Engine

    def epochs(self, count: int) -> list[Tally]:
        tallies = [drained(self.engine.epoch()) for _ in range(count)]
        assert all(tally is not None for tally in tallies)
        assert self.engine.at.finite
        return tallies

    @property
    def error(self) -> float:
        image = self.shop.easel.image(self.engine.at)
        assert self.scan.reference_object is not None
        return compare(image, self.scan.reference_object, self.scan.positions_px, ramp=True).complex_error

    @property
    def r1(self) -> float:
        problem = self.shop.problem
        return problem.data.residual(drained(problem.tally(self.engine.at))).r1


def drained(steps, events: list[Event] | None = None):
    while True:
        try:
            event = next(steps)
        except StopIteration as end:
            return end.value
        if events is not None:
            events.append(event)


def configure(name: str, **settings) -> RefineConfig:
    usual = {"epochs": 10, "free_probe": False}
    if name == "adam":
        usual["batch_size"] = 16  # by itself it would see this scan in two batches
    return RefineConfig(engine=name, **(usual | settings))


def bench(scan: Scan, name: str, control: JobControl | None = None, **settings) -> Bench:
    config = configure(name, **settings)
    begin = choose_start(scan, None, None, config.modes)
    shop = Workshop.set_up(scan, begin, config, torch.device("cpu"), control or JobControl())
    return Bench(scan, shop, engine_class(name)(shop.problem, shop.start_at, wanted(config), config))


def parts(at: Unknowns) -> list[torch.Tensor]:
    return [at.object, at.probe, at.shifts, at.gains, at.glow]


def test_every_engine_of_the_configuration_is_registered() -> None:
    assert all(callable(engine_class(name)) for name in get_args(configuration.Engine))
    assert set(ERRORS) == set(ENGINES)


@pytest.mark.parametrize("name", ENGINES)
def test_the_object_is_found_from_flat_and_what_others_hold_stays(scan, name) -> None:
    made = bench(scan, name)
    held = [made.engine.at]
    copies = [[part.clone() for part in parts(held[0])]]
    for _ in range(10):
        made.epochs(1)
        held.append(made.engine.at)
        copies.append([part.clone() for part in parts(held[-1])])
    assert made.error < ERRORS[name]
    for at, copy in zip(held, copies, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(parts(at), copy, strict=True))


@pytest.mark.parametrize("name", [name for name in ENGINES if name != "adam"])  # scales up what is left
def test_the_truth_is_a_fixed_point(scan, truth, name) -> None:
    made = bench(scan, name, free_probe=True)
    row, col = made.shop.easel.windows.origin
    values = torch.ones(made.shop.easel.windows.shape, dtype=torch.complex64)
    values[-row : truth.shape[0] - row, -col : truth.shape[1] - col] = torch.from_numpy(truth)
    true = replace(made.engine.at, object=values, probe=torch.from_numpy(scan.probe))
    made.engine.calm_down(true)
    made.epochs(3)
    assert made.r1 < 1e-4
    assert made.error < 1e-4
    assert float((made.engine.at.probe - true.probe).abs().max() / true.probe.abs().max()) < 1e-3


@pytest.mark.parametrize("name", ENGINES)
def test_what_bad_pixels_hold_does_not_matter(bad_scan, name) -> None:
    patterns = bad_scan.patterns.data.copy()
    patterns[:, bad_scan.bad_pixels] = 7.0
    made, other = (bench(s, name) for s in (bad_scan, replace(bad_scan, patterns=ArrayPatterns(patterns))))
    made.epochs(3)
    other.epochs(3)
    assert torch.equal(made.engine.at.object, other.engine.at.object)
    made.epochs(7)
    assert made.error < 2 * ERRORS[name]


@pytest.mark.parametrize("name", ENGINES)
def test_a_second_mode_is_found(scan, name) -> None:
    """A fifth of the power, off the first mode's axis; begun with a fiftieth."""
    modes = hermite_modes(scan.probe, 2, secondary_power=0.25)
    blurred = simulate_scan(
        scan.reference_object.values, modes, scan.positions_px, 1e6, noise=False, name="two modes"
    )
    begun = blurred.with_probe(scan.probe)
    one, two = (bench(begun, name, free_probe=True, modes=count) for count in (1, 2))
    for made in (one, two):
        made.epochs(10)
    power = two.engine.at.probe.abs().square().sum(dim=(1, 2))
    assert two.r1 < 0.8 * one.r1
    assert float(power[1] / power.sum()) > 0.05
    assert probe_similarity(blurred.probe, two.engine.at.probe.numpy()) > probe_similarity(
        blurred.probe, one.engine.at.probe.numpy()
    )


@pytest.mark.parametrize("name", ENGINES)
def test_a_wrong_probe_becomes_better(scan, name) -> None:
    y, x = np.mgrid[:32, :32] - 16
    wrong = (np.exp(-(y**2 + x**2) / (2 * 5.5**2)) * np.exp(1j * (y**2 + x**2) / 150))[None].astype(
        np.complex64
    )
    made = bench(scan.with_probe(wrong), name, free_probe=True, epochs=15)
    first, *_, last = made.epochs(15)
    before, after = (probe_similarity(scan.probe, p) for p in (wrong, made.engine.at.probe.numpy()))
    assert 1 - after < 0.5 * (1 - before)
    assert last.value < 0.1 * first.value


@pytest.mark.parametrize("name", WITH_POSITIONS)
def test_wrong_positions_become_better_within_their_limit(scan, name) -> None:
    rng = np.random.default_rng(5)
    moved = scan.positions_px + rng.normal(0, 0.7, (len(scan), 2))
    off = replace(scan, positions=ProbePositions(moved, "px"))
    made, held, near = (
        bench(off, name, epochs=12, free_positions=free, position_limit_px=limit)
        for free, limit in ((True, 4.0), (False, 4.0), (True, 0.1))
    )
    for each, epochs in ((made, 12), (held, 12), (near, 3)):
        each.epochs(epochs)
    errors = [np.std(m.engine.at.shifts.numpy() + moved - scan.positions_px) for m in (made, held)]
    assert errors[0] < 0.8 * errors[1]
    assert made.error < 0.8 * held.error
    assert float(near.engine.at.shifts.abs().max()) <= 0.1001


@pytest.mark.parametrize("name", ENGINES)
def test_a_stop_returns_nothing_and_leaves_the_state(scan, name) -> None:
    control = JobControl()
    made = bench(scan, name, control)
    made.epochs(1)
    before = made.engine.at
    control.stop_and_keep()
    assert drained(made.engine.epoch()) is None
    assert made.engine.at is before or name == "adam"  # which steps batch by batch


@pytest.mark.parametrize("name", ENGINES)
def test_the_same_seed_gives_the_same_numbers(scan, name) -> None:
    runs = [bench(scan, name, seed=seed) for seed in (0, 0, 1)]
    for made in runs:
        made.epochs(2)
    first, again, other = (made.engine.at.object for made in runs)
    assert torch.equal(first, again)
    assert torch.equal(first, other) is (name in ("gradient", *WHOLE))  # these see all patterns at once


@pytest.mark.parametrize("name", ENGINES)
def test_steps_too_large_end_well(scan, name) -> None:
    config = configure(name, epochs=12, free_probe=True, object_step=2.0, probe_step=2.0)
    begin = choose_start(scan, None, None, 0)
    shop = Workshop.set_up(scan, begin, config, torch.device("cpu"), JobControl())
    flat = shop.problem.data.residual(drained(shop.problem.tally(shop.start_at)))
    events = list(Refiner(shop, config, JobControl()).run())
    assert isinstance(events[-1], Finished)
    best = events[-1].result.best
    assert np.isfinite(best.image.values).all()
    assert np.isfinite(best.probe).all()
    assert best.residual.r1 <= flat.r1
    curve = [flat.r2, *(event.residual.r2 for event in events if isinstance(event, Epoch))]
    rose = any(after**2 > RISE * min(curve[: k + 1]) ** 2 for k, after in enumerate(curve[1:]))
    told = [event.text for event in events if isinstance(event, Notice) and "half the steps" in event.text]
    assert bool(told) is rose


@pytest.mark.parametrize("name", CLASSICS)
def test_calming_down_halves_the_step(scan, name) -> None:
    half = {"dm": dm.BETA / 2, "raar": raar.BETA / 2}.get(name, 0.5)
    calm, asked = bench(scan, name), bench(scan, name, object_step=half)
    calm.engine.calm_down(calm.engine.at)
    for made in (calm, asked):
        made.epochs(3)
    torch.testing.assert_close(calm.engine.at.object, asked.engine.at.object)


@pytest.mark.parametrize("name", CLASSICS)
def test_memory_that_runs_out_halves_the_batch(scan, name, monkeypatch) -> None:
    made, whole_batches = bench(scan, name, batch_size=16), bench(scan, name, batch_size=16)
    look = made.engine._look

    def scarce(*arguments):
        if len(arguments[-1]) > 4:
            raise MemoryError
        return look(*arguments)

    monkeypatch.setattr(made.engine, "_look", scarce)
    events: list[Event] = []
    assert drained(made.engine.epoch(), events) is not None
    assert len([e for e in events if isinstance(e, Notice)]) == 2
    assert made.shop.problem.data.batch_size == 4
    whole_batches.epochs(1)
    if name in WHOLE:  # all at once, however they were cut
        torch.testing.assert_close(made.engine.at.object, whole_batches.engine.at.object)


def test_small_batches_are_for_the_engine_alone(scan) -> None:
    made = bench(scan, "epie")
    before = made.shop.problem.data.batch_size
    sizes: list[int] = []
    made.engine._look, look = (lambda at, b: sizes.append(len(b)) or look(at, b)), made.engine._look
    made.epochs(1)
    assert set(sizes) == {8}
    assert made.shop.problem.data.batch_size == before > 8


@pytest.mark.parametrize("name", ["epie", "rpie"])
def test_a_batch_of_one_is_the_published_update(scan, name) -> None:
    """Written down anew from the papers, in numpy: eqs. 6 and 7 of ePIE, the weights of rPIE."""
    single = replace(
        scan,
        patterns=ArrayPatterns(scan.patterns.data[:1]),
        positions=ProbePositions(scan.positions_px[:1], "px"),
    )
    made = bench(single, name, free_probe=True, batch_size=1)
    before = made.engine.at
    made.epochs(1)
    _, rest = split_positions(single.positions_px, (32, 32))
    probe = shift_subpixel(before.probe.numpy().astype(complex), rest)[0]
    psi = probe  # the object is flat
    far = np.fft.fft2(psi, norm="ortho")
    amplitude = np.sqrt(np.fft.ifftshift(single.patterns.data[0].astype(float)))
    change = np.fft.ifft2(amplitude * far / np.abs(far), norm="ortho") - psi
    light, alpha = np.abs(probe) ** 2, {"epie": 1.0, "rpie": rpie.ALPHA}[name]
    step = probe.conj() * change / ((1 - alpha) * light + alpha * light.max())
    where = made.shop.easel.windows.cut(
        made.engine.at.object, made.shop.easel.windows.addresses(torch.tensor([0]))
    )
    np.testing.assert_allclose(where[0].numpy(), 1 + step, atol=2e-4)
    moved_back = shift_subpixel(change[None], -rest)[0]  # |O|² = 1 everywhere: both weights are 1
    found = (made.engine.at.probe - before.probe)[0].numpy()
    np.testing.assert_allclose(found, moved_back, atol=2e-4 * np.abs(probe).max())


def test_windows_of_a_batch_on_each_other_do_not_overshoot() -> None:
    weigh = epie.EpieEngine.weigh
    sums, peak = torch.tensor([0.1, 1.0, 7.0]), torch.tensor(1.0)
    assert weigh(None, sums, peak).tolist() == [1.0, 1.0, 7.0]


def test_lsqml_takes_the_steps_of_least_squares(whole_pixel_scan) -> None:
    """At whole pixels nothing is approximated: the rest of the waves is orthogonal to both directions."""
    made = bench(whole_pixel_scan, "lsqml", free_probe=True, batch_size=9)
    batch = next(made.shop.problem.data.batches(torch.arange(0, 45, 5)))
    _, way, (a, b) = made.engine._look(made.engine.at, batch)
    lit = way.lit
    direction = overlaid(way.object, lit.addresses, torch.zeros_like(made.engine.at.object))
    far = torch.fft.fft2(lit.waves, norm="ortho")
    excess, _ = confront(far, made.engine.at, batch, made.shop.problem.setting)
    chi = torch.fft.ifft2(far * excess, norm="ortho")
    by_object, by_probe = lit.probes * direction[:, None], lit.patches * way.probe
    rest = chi - a * by_object - b * by_probe
    for along in (by_object, by_probe):
        overlap = (along.conj() * rest).sum().real / (
            along.abs().square().sum() * chi.abs().square().sum()
        ).sqrt()
        assert abs(float(overlap)) < 2e-3  # what the ridge leaves


@pytest.mark.parametrize("likelihood", ["amplitude", "poisson"])
def test_the_projection_has_the_measured_modulus_where_pixels_are_good(bad_scan, likelihood) -> None:
    made = bench(bad_scan, "epie", likelihood=likelihood)
    batch = next(made.shop.problem.data.batches())
    far = 100 * torch.randn(len(batch), 2, 32, 32, dtype=torch.complex64, generator=torch.manual_seed(0))
    excess, figures = confront(far, made.engine.at, batch, made.shop.problem.setting)
    found = (far * (1 - excess)).abs().square().sum(dim=1).sqrt()
    good = made.shop.problem.setting.good
    torch.testing.assert_close(found[:, good], batch.amplitude[:, good], rtol=2e-2, atol=1e-3)
    assert torch.equal((far * (1 - excess))[..., ~good], far[..., ~good])
    assert bool(torch.isfinite(figures.values).all())


def test_windows_are_summed_where_they_lie_on_each_other(scan) -> None:
    where = bench(scan, "epie").shop.easel.windows
    addresses = where.addresses(torch.arange(5))
    stack, total = torch.rand(5, 32, 32), torch.zeros(where.shape)
    where.add(total, stack, addresses)
    dirty = torch.full(where.shape, torch.nan)
    for _ in range(2):
        torch.testing.assert_close(overlaid(stack, addresses, dirty), where.cut(total, addresses))


def test_gains_and_background_are_taken_as_they_are(scan) -> None:
    """Half the amplitude, and a glow: the projection goes to what is left for the object."""
    made = bench(scan, "epie")
    at = replace(made.engine.at, gains=torch.full((len(scan),), 0.5), glow=torch.full((32, 32), 3.0))
    far = torch.full((1, 1, 32, 32), 8.0, dtype=torch.complex64)  # 0.5 * 8 = 4, and 3: 5 are computed
    batch = Measured(torch.tensor([0]), torch.full((1, 32, 32), 5.0))
    excess, figures = confront(far, at, batch, made.shop.problem.setting)
    assert float(excess.abs().max()) < 1e-6
    assert float(figures.absolute) < 1e-3


@pytest.mark.parametrize("name", WHOLE)
def test_waves_that_do_not_fit_are_refused(scan, name, monkeypatch) -> None:
    monkeypatch.setattr(whole, "list_devices", lambda: [Device("cpu", "CPU", 2 * 144 * 32 * 32 * 8 - 1)])
    with pytest.raises(RecipeError, match=r"0\.0011 GiB.*'gradient'"):
        bench(scan, name)
    monkeypatch.setattr(whole, "list_devices", lambda: [Device("cpu", "CPU", 2 * 144 * 32 * 32 * 8)])
    bench(scan, name)


def test_what_an_engine_cannot_improve_is_refused() -> None:
    everything = Free(True, True, True, True, True)
    with pytest.raises(
        RecipeError, match=r"'dm' cannot improve the positions, .* and the background: choose 'grad"
    ):
        refuse_unable("dm", everything)
    with pytest.raises(RecipeError, match="'epie' cannot improve the brightness of each pattern: choose"):
        refuse_unable("epie", Free(positions=True, gains=True))
    refuse_unable("gradient", everything)
    for name in ENGINES:
        refuse_unable(name, Free())
