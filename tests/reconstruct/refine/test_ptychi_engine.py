"""pty-chi as an engine of refinement. But for the last tests, a script stands in for its interpreter."""

from __future__ import annotations

import itertools
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch

from ptygui.core.errors import RecipeError
from ptygui.core.events import Epoch, Event, Finished, JobControl, Notice, Progress, Reconstruction
from ptygui.core.objects import grid_lines
from ptygui.core.scan import Scan
from ptygui.core.scan_paths import raster_path
from ptygui.core.simulate import lines_probe, simulate_scan
from ptygui.physics.unknowns import Free
from ptygui.reconstruct.peers.choice import refuse_foreign_options
from ptygui.reconstruct.peers.job import STATE, STOP, PeerState, write_state
from ptygui.reconstruct.peers.options import PeerError, PeerOptions
from ptygui.reconstruct.peers.ptychi_worker import iterate
from ptygui.reconstruct.refine.config import Engine, RefineConfig
from ptygui.reconstruct.refine.engines.base import engine_class, refuse_unable
from ptygui.reconstruct.refine.run import Refiner
from ptygui.reconstruct.refine.start import choose_start
from ptygui.reconstruct.refine.workshop import Workshop

SIZE, EDGE = 24, 64
needs_posix = pytest.mark.skipif(os.name != "posix", reason="the script that stands in needs a shebang")

PREAMBLE = """#!{python}
import json, os, sys, time
from pathlib import Path
import numpy as np
from ptygui.reconstruct.peers.job import PeerState, read_job, write_state

folder = Path(sys.argv[3])
inputs, options = read_job(folder)
pids, jobs = Path({pids!r}), Path({jobs!r})
with pids.open("a") as file:
    print(os.getpid(), file=file)
with jobs.open("a") as file:
    print(json.dumps([options.epochs, options.object_step, options.probe_step]), file=file)
run = len(jobs.read_text().splitlines())

def give(epoch, factor=1.0):
    while (folder / "state.npz").exists():
        time.sleep(0.01)
    write_state(folder, PeerState(np.array(epoch), np.complex64(factor) * inputs.object, inputs.origin_px,
                                  inputs.probe, inputs.positions_px))
    print(json.dumps(dict(epoch=epoch, loss=0.5, wall_s=1.0, cpu_s=1.0)), flush=True)

"""
ALL = "for epoch in range(1, options.epochs + 1): give(epoch)\n"
THEN_HANGS = "give(1)\ngive(2)\ntime.sleep(120)\n"


class Fake:
    """Stands in for the interpreter with pty-chi."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.script, self.pids, self.jobs = folder / "python", folder / "pids", folder / "jobs"
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self._python, self._monkeypatch = sys.executable, monkeypatch

    def does(self, body: str) -> None:
        preamble = PREAMBLE.format(python=self._python, pids=str(self.pids), jobs=str(self.jobs))
        self.script.write_text(preamble + body)
        self.script.chmod(0o755)
        self._monkeypatch.setattr(sys, "executable", str(self.script))
        self._monkeypatch.setattr(tempfile, "tempdir", str(self.temporary))

    def asked(self) -> list[list[float]]:
        """Epochs and steps of every job."""
        return [json.loads(line) for line in self.jobs.read_text().splitlines()]

    def gone(self) -> bool:
        """Whether every process has ended and its folder is away."""
        return not any(map(_runs, self.pids.read_text().split())) and not list(self.temporary.iterdir())


def _runs(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    return Fake(tmp_path, monkeypatch)


def lines() -> Scan:
    path = raster_path((EDGE, EDGE), (SIZE, SIZE), 5.0, jitter_px=1.5, seed=4)
    truth = grid_lines((EDGE, EDGE), seed=8, lines=60)
    return simulate_scan(truth, lines_probe(SIZE), path, 1e7, seed=1, noise=True)


def refiner(
    start: Reconstruction | None = None, control: JobControl | None = None, **settings: object
) -> Refiner:
    config = RefineConfig(**{"engine": "ptychi-lsqml", "epochs": 4, **settings})
    scan, control = lines(), control or JobControl()
    begin = choose_start(scan, start, None, config.modes)
    workshop = Workshop.set_up(scan, begin, config, torch.device("cpu"), control)
    return Refiner(workshop, config, control)


def kinds(events: list[Event], kind: type) -> list:
    return [event for event in events if isinstance(event, kind)]


@needs_posix
def test_the_events_are_those_of_any_engine(fake) -> None:
    fake.does(ALL)
    events = list(refiner().run())
    assert [epoch.number for epoch in kinds(events, Epoch)] == [1, 2, 3, 4]
    progress = kinds(events, Progress)
    assert all(a.done <= b.done <= b.total for a, b in itertools.pairwise(progress))
    assert isinstance(events[-1], Finished)
    assert not events[-1].stopped_early
    best = events[-1].result.best
    assert (best.stage, best.steps) == ("refined", 4)
    assert len(best.evidence.r1) == len(lines())
    assert best.residual.r2 == pytest.approx(kinds(events, Epoch)[-1].residual.r2)
    assert fake.asked() == [[4, 0.9, 0.9]]
    assert fake.gone()


@needs_posix
def test_every_epoch_is_judged_by_its_own_state(fake) -> None:
    fake.does("for epoch in range(1, options.epochs + 1): give(epoch, 1 + 0.01 * epoch)\n")
    residuals = [epoch.residual.r2 for epoch in kinds(list(refiner().run()), Epoch)]
    assert len(set(residuals)) == 4


@needs_posix
def test_a_start_with_moved_positions_gains_and_background_comes_back_as_it_was(fake) -> None:
    free = {"free_positions": True, "free_intensities": True, "free_background": True}
    first = list(refiner(engine="gradient", epochs=5, **free).run())[-1].result
    assert np.abs(first.best.positions_px - lines().positions_px).max() > 0
    fake.does(
        "from ptygui.core.simulate import expected_intensities\n"
        "seen = np.sqrt(expected_intensities(inputs.object, inputs.probe, inputs.positions_px))\n"
        "asked = np.sqrt(inputs.patterns)\n"
        "(jobs.parent / 'r1').write_text(str(np.abs(seen - asked).sum() / asked.sum()))\n" + ALL
    )
    again = list(refiner(first, epochs=1, free_positions=True).run())
    assert kinds(again, Epoch)[0].residual.r2 == pytest.approx(first.best.residual.r2, rel=1e-3)
    assert float((fake.jobs.parent / "r1").read_text()) == pytest.approx(first.best.residual.r1, rel=0.05)
    np.testing.assert_allclose(again[-1].result.best.positions_px, first.best.positions_px, atol=1e-5)


@needs_posix
def test_a_probe_and_positions_that_are_kept_stay_to_the_last_digit(fake) -> None:
    fake.does("inputs.probe[:], inputs.positions_px[:] = 7, 7\n" + ALL)
    best = list(refiner(free_probe=False, epochs=1).run())[-1].result.best
    np.testing.assert_array_equal(best.probe, refiner().workshop.start.probe)
    np.testing.assert_array_equal(best.positions_px, lines().positions_px)


@needs_posix
def test_what_rises_is_taken_back_and_begun_anew_with_half_the_steps(fake) -> None:
    fake.does("give(1)\ngive(2, 9 if run == 1 else 1)\ngive(3)\n")
    events = list(refiner(epochs=4).run())
    assert [n.text for n in kinds(events, Notice) if "back to the state before" in n.text] != []
    assert fake.asked() == [[4, 0.9, 0.9], [2, 0.45, 0.45]]
    assert events[-1].result.best.residual.r2 < 1.01 * kinds(events, Epoch)[0].residual.r2
    assert fake.gone()


@needs_posix
def test_stop_keeps_the_epochs_that_are_done_and_waits_for_no_other(fake) -> None:
    fake.does(THEN_HANGS)
    control = JobControl()
    events: list[Event] = []
    for event in refiner(control=control).run():
        events.append(event)
        if kinds(events[-3:-1], Progress) and len(kinds(events, Epoch)) == 2:
            control.stop_and_keep()
    assert isinstance(events[-1], Finished)
    assert events[-1].stopped_early
    assert events[-1].result.best.steps == 2
    assert events[-1].result.best.evidence is not None
    assert fake.gone()


@needs_posix
@pytest.mark.parametrize("kind", [Epoch, Progress])
def test_cancel_ends_the_process_wherever_it_comes(fake, kind) -> None:
    """Between two epochs, when nobody listens to pty-chi, and while one is waited for."""
    fake.does(THEN_HANGS)
    run = refiner().run()
    seen: list[Event] = []
    while len(kinds(seen, Epoch)) < 2 or not isinstance(seen[-1], kind):
        seen.append(next(run))
    assert not fake.gone()
    run.close()
    assert fake.gone()


@needs_posix
def test_a_pause_holds_until_it_is_ended(fake) -> None:
    fake.does(ALL)
    control = JobControl()
    run = refiner(control=control).run()
    while not isinstance(next(run), Epoch):
        pass
    control.pause()
    held = [next(run) for _ in range(8)]
    assert kinds(held, Epoch) == []
    control.go_on()
    assert isinstance(list(run)[-1], Finished)
    assert fake.gone()


@needs_posix
def test_a_failure_in_the_middle_leaves_what_was_reached(fake) -> None:
    fake.does("give(1)\ngive(2)\nsys.exit('lsqml diverged in epoch 3: take smaller steps.')\n")
    events: list[Event] = []
    with pytest.raises(PeerError, match=r"pty-chi failed: lsqml diverged in epoch 3: take smaller steps\."):
        for event in refiner().run():
            events.append(event)
    assert isinstance(events[-1], Finished)
    assert events[-1].stopped_early
    assert events[-1].result.best.steps == 2
    assert fake.gone()


@needs_posix
def test_an_end_before_the_last_epoch_is_told(fake) -> None:
    fake.does("give(1)\n")
    with pytest.raises(PeerError, match="ended before all epochs were done"):
        list(refiner().run())


@needs_posix
def test_a_missing_ptychi_is_told_with_the_way_to_install_it(fake) -> None:
    fake.does("print(\"No module named 'ptychi'\", file=sys.stderr)\nsys.exit(3)\n")
    events: list[Event] = []
    with pytest.raises(PeerError, match=r"No module named 'ptychi'\. Install .* --no-deps ptychi` and then"):
        for event in refiner().run():
            events.append(event)
    assert kinds(events, Finished) == []
    assert fake.gone()


def test_the_worker_waits_until_its_state_was_taken(tmp_path) -> None:
    class Counting:
        epochs = 0

        def run_epoch(self) -> float:
            self.epochs += 1
            return 0.0

        def is_finite(self) -> bool:
            return True

        def state(self, epoch: int):
            return PeerState(np.array(epoch), *(np.zeros(2) for _ in range(4)))

    task, said = Counting(), []
    options = PeerOptions(epochs=9, state_every=1, in_step=True)
    worker = threading.Thread(target=iterate, args=(tmp_path, task, options, said.append))
    write_state(tmp_path, task.state(0))
    worker.start()
    time.sleep(0.2)
    assert (task.epochs, said) == (1, [])
    (tmp_path / STATE).unlink()
    _wait_for(lambda: task.epochs == 2)
    assert len(said) == 1
    (tmp_path / STOP).touch()
    worker.join()
    assert task.epochs == 2
    assert len(said) == 2


def _wait_for(condition) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_every_engine_of_the_configuration_is_there_and_knows_its_limits() -> None:
    names = [name for name in get_args(Engine) if name.startswith("ptychi-")]
    assert len(names) == 6
    for name in names:
        assert engine_class(name).can_free.positions is (name not in ("ptychi-dm", "ptychi-raar"))
        with pytest.raises(RecipeError, match="brightness"):
            refuse_unable(name, Free(gains=True))
    with pytest.raises(RecipeError, match="positions"):
        refuse_unable("ptychi-dm", Free(positions=True))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"opr_modes": 1},
            r"^Only pty-chi's engines know opr_modes: choose ptychi-lsqml, or set opr_modes to 0\.$",
        ),
        ({"engine": "lsqml", "slices": 2}, "or set slices to 1"),
        ({"engine": "adam", "affine": True}, "or set affine to false"),
        ({"slice_spacing_um": 1.0}, "know slice_spacing_um"),
        ({"engine": "ptychi-lsqml", "slices": 2}, "slice_spacing_um must say"),
        ({"engine": "ptychi-lsqml", "affine": True}, "set free_positions too"),
        ({"engine": "ptychi-dm", "opr_modes": 1}, r"^ptychi-dm: dm knows no varying probe"),
        ({"engine": "ptychi-raar", "object_step": 0.5}, "raar has no step"),
    ],
)
def test_what_an_engine_does_not_know_is_refused(settings, sentence) -> None:
    with pytest.raises(RecipeError, match=sentence):
        refuse_foreign_options(RefineConfig(**settings))


def test_what_the_engines_know_passes() -> None:
    refuse_foreign_options(RefineConfig())
    thick = {"slices": 2, "slice_spacing_um": 1.0, "opr_modes": 1}
    refuse_foreign_options(RefineConfig(engine="ptychi-rpie", free_positions=True, affine=True, **thick))


needs_ptychi = pytest.mark.skipif(find_spec("ptychi") is None, reason="pty-chi is not installed")


@needs_ptychi
@pytest.mark.parametrize("engine", ["ptychi-lsqml", "ptychi-autodiff", "ptychi-raar"])
def test_ptychi_itself_explains_the_patterns_from_a_flat_object(engine) -> None:
    events = list(refiner(engine=engine, epochs=12).run())
    best = events[-1].result.best
    assert best.residual.r2 < 0.9 * kinds(events, Epoch)[0].residual.r2
    assert best.residual.r1 < 0.3 * best.evidence.flat.r1


@needs_ptychi
def test_ptychi_itself_leaves_a_good_object_where_it_is() -> None:
    good = list(refiner(engine="gradient", epochs=30).run())[-1].result
    after = list(refiner(good, engine="ptychi-lsqml", epochs=2).run())[-1].result.best
    assert after.residual.r2 < 1.1 * good.best.residual.r2
    assert after.quality.complex_error < 0.006  # half a pixel aside it would be 0.03
