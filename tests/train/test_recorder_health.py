"""Runs that break down: what is written, how they go back, how they end, and how they go on when killed."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import safetensors.torch
import torch

from ptygui.generators.bundle import load_bundle
from ptygui.runs.layout import HealthEvent, RunPaths, RunState
from ptygui.runs.reader import MetricRow, RunReader
from ptygui.runs.records import read_status
from ptygui.train.care import BreakdownError
from ptygui.train.checkpoint import Counters, read_counters
from ptygui.train.config import SimulatedLines
from ptygui.train.module import TrainingModule
from ptygui.train.session import train


def events(paths: RunPaths) -> list[HealthEvent]:
    return RunReader(paths.root).poll().events


def rows(paths: RunPaths) -> list[MetricRow]:
    return RunReader(paths.root).poll().rows


def last(paths: RunPaths) -> Counters:
    return read_counters(paths.checkpoints / "last.safetensors")


def weights(paths: RunPaths) -> dict[str, torch.Tensor]:
    return safetensors.torch.load_file(paths.checkpoints / "last.safetensors")


def after_step(monkeypatch: pytest.MonkeyPatch, act: Callable[[TrainingModule], None]) -> None:
    """Call `act(module)` when a step was made, before anybody looks."""
    step = TrainingModule.optimizer_step

    def stepping(self, *args, **kwargs):
        step(self, *args, **kwargs)
        act(self)

    monkeypatch.setattr(TrainingModule, "optimizer_step", stepping)


def spoil_weights_at(*tried: int) -> Callable[[TrainingModule], None]:
    """Make NaN of a network's weights at some steps; those that a rollback undid count on."""

    def spoil(module: TrainingModule) -> None:
        if module.steps_tried in tried:
            with torch.no_grad():
                next(module.generator.parameters()).fill_(math.nan)

    return spoil


def kill_decoder(module: TrainingModule) -> None:
    with torch.no_grad():
        module.generator.get_parameter("decoder.0.1.bias").fill_(-1e3)


def test_a_healthy_run_has_figures_and_no_events(run_directory):
    paths = RunPaths(run_directory())
    train(paths.root)
    assert not events(paths)
    found = {(row.split, row.metric): row.value for row in rows(paths) if row.step == 4}
    assert math.isfinite(found["val", "loss"])
    assert found["health", "alive.decoder.0"] == 1
    assert found["health", "norm.bottleneck"] == pytest.approx(1, abs=0.1)
    assert (last(paths).rollbacks_done, last(paths).rate_scale) == (0, 1)


def test_steps_that_are_not_finite_lead_back_to_the_last_checkpoint_at_half_the_rate(
    run_directory, monkeypatch
):
    paths = RunPaths(run_directory(steps=20, validate_every=6, schedule="constant"))
    after_step(monkeypatch, spoil_weights_at(6 + 1))
    train(paths.root)
    [event] = events(paths)
    assert (event.step, event.ailment, event.evidence) == (12, "non-finite", {"steps": 5})
    assert "not finite in 5 steps in a row" in event.sentence
    assert "rollback 1 of 3" in event.action
    assert (last(paths).step, last(paths).rollbacks_done, last(paths).rate_scale) == (20, 1, 0.5)
    assert last(paths).tried == 20 + 6  # the steps from 7 to 12 were made again, with other patterns
    rates = [row.value for row in rows(paths) if row.metric == "rate"]
    assert rates[-1] == pytest.approx(0.5 * rates[8])
    assert all(value.isfinite().all() for value in weights(paths).values())
    assert read_status(paths.root).state is RunState.DONE


def test_broken_down_before_the_first_look_it_starts_again_from_its_first_weights(run_directory, monkeypatch):
    paths = RunPaths(run_directory(steps=8, validate_every=8))
    after_step(monkeypatch, spoil_weights_at(2))
    train(paths.root)
    [event] = events(paths)
    assert event.step == 7
    assert (last(paths).step, last(paths).tried) == (8, 8 + 7)
    assert load_bundle(paths.bundle).card.metrics["raw.r1"] < 0.2


def test_a_dead_network_goes_back_and_the_look_that_saw_it_is_not_kept(run_directory, monkeypatch):
    paths = RunPaths(run_directory(steps=12))
    after_step(monkeypatch, lambda module: kill_decoder(module) if module.steps_tried == 7 else None)
    train(paths.root)
    [event] = events(paths)
    assert (event.step, event.ailment) == (8, "dead")
    assert event.evidence == {"alive.decoder.0": 0, "amplitude_spread": pytest.approx(0, abs=1e-3)}
    assert "Went back to the last healthy state at 0.5 of the planned rate" in event.action
    alive = [row.value for row in rows(paths) if row.metric == "alive.decoder.0"]
    assert alive == [1, 0, 1, 1]
    assert last(paths).tried == 12 + 4
    assert read_status(paths.root).state is RunState.DONE


def test_when_it_may_not_go_back_again_it_fails_in_a_sentence_and_the_best_is_kept(
    run_directory, monkeypatch
):
    paths = RunPaths(run_directory(steps=60, rollbacks=2))
    after_step(monkeypatch, lambda module: kill_decoder(module) if module.steps_tried > 5 else None)
    with pytest.raises(BreakdownError, match="last decoder block is off.*went back 2 times before"):
        train(paths.root)
    status = read_status(paths.root)
    assert status.state is RunState.FAILED
    assert "best state so far is kept in bundle.safetensors" in status.message
    assert [event.ailment for event in events(paths)] == ["dead"] * 3
    assert "The run ends" in events(paths)[-1].action
    assert load_bundle(paths.bundle).card.name == "tiny"
    assert (last(paths).step, last(paths).rollbacks_done, last(paths).rate_scale) == (4, 2, 0.25)


def test_without_rollbacks_it_is_only_watched(run_directory, monkeypatch):
    paths = RunPaths(run_directory(steps=16, rollbacks=0))
    after_step(monkeypatch, lambda module: kill_decoder(module) if module.steps_tried > 5 else None)
    train(paths.root)
    [event] = events(paths)  # it begins once, though every look sees it
    assert (event.step, event.ailment, event.action) == (8, "dead", "")
    assert (last(paths).step, last(paths).rollbacks_done) == (16, 0)
    assert read_status(paths.root).state is RunState.DONE


def test_an_end_in_a_breakdown_keeps_what_was_before(run_directory, monkeypatch):
    paths = RunPaths(run_directory(steps=6))
    after_step(monkeypatch, spoil_weights_at(5))
    train(paths.root)
    [event] = events(paths)
    assert (event.step, event.ailment) == (6, "non-finite")
    assert "ended here" in event.action
    assert last(paths).step == 4
    assert load_bundle(paths.bundle).card.trained_on.endswith("s")


def test_what_never_was_healthy_is_said(run_directory, monkeypatch):
    paths = RunPaths(run_directory(steps=3))
    after_step(monkeypatch, spoil_weights_at(1))
    with pytest.raises(BreakdownError, match="No state was good enough to be kept"):
        train(paths.root)
    assert read_status(paths.root).state is RunState.FAILED


@pytest.mark.slow
@pytest.mark.parametrize("decoder_norm", [False, True])
def test_the_historical_network_is_seen_to_die_and_the_present_one_lives(run_directory, decoder_norm):
    """The stress test (tests/benchmarks/health.py), for the historical one at twice its rate."""
    changed = {"decoder_norm": decoder_norm, "flat_start": decoder_norm, "width": 8}
    data = SimulatedLines(pattern_px=32, object_px=196, step_px=8.0, scans=1, first_seed=190)
    paths = RunPaths(
        run_directory(
            generator="stable_hybrid",
            generator_config=changed,
            encoding="projected" if decoder_norm else "amplitude",
            data=data,
            seed=9,
            neighbourhood=1,
            neighbourhoods_per_step=16,
            polish_steps=0,
            steps=60,
            learning_rate=1.5e-2 if decoder_norm else 3e-2,
            schedule="constant",
            warmup_steps=0,
            clip="none",
            rollbacks=0,
            validate_every=20,
        )
    )
    train(paths.root)
    assert ("dead" in {event.ailment for event in events(paths)}) is not decoder_norm
    spread = [row.value for row in rows(paths) if row.metric == "amplitude_spread"][-1]
    assert (spread < 1e-3) is not decoder_norm


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[3])
from pathlib import Path
import test_recorder_health as here
from ptygui.train.module import TrainingModule
from ptygui.train.session import train

killed_at = int(sys.argv[2])
step = TrainingModule.optimizer_step
def stepping(self, *args, **kwargs):
    step(self, *args, **kwargs)
    if self.steps_tried == 7:
        here.kill_decoder(self)
    if self.steps_tried == killed_at:
        os.kill(os.getpid(), signal.SIGKILL)
TrainingModule.optimizer_step = stepping
train(Path(sys.argv[1]))
"""


def run_killed_at(directory: Path, tried: int) -> int:
    command = [sys.executable, "-c", KILLED, str(directory), str(tried), str(Path(__file__).parent)]
    return subprocess.run(command, env=os.environ, check=False).returncode


@pytest.mark.slow
@pytest.mark.parametrize("tried", [6, 8, 9])
def test_killed_around_a_rollback_it_goes_on_with_the_numbers_it_would_have_had(run_directory, tried):
    """Step 8 is the look that sees the death of step 7; then it goes on from 4 with the ninth patterns."""
    killed, whole = (RunPaths(run_directory(steps=12)) for _ in range(2))
    assert run_killed_at(whole.root, 0) == 0
    assert run_killed_at(killed.root, tried) == -signal.SIGKILL
    assert run_killed_at(killed.root, 0) == 0
    expected = weights(whole)
    assert all(torch.equal(value, expected[name]) for name, value in weights(killed).items())
    assert [(e.step, e.ailment, e.action) for e in events(killed)] == [
        (e.step, e.ailment, e.action) for e in events(whole)
    ]
    assert len(events(whole)) == 1
    assert without_clock(last(killed)) == without_clock(last(whole))


def without_clock(counters: Counters) -> tuple[object, ...]:
    """All but the clock."""
    return (counters.step, counters.tried, counters.best, counters.rate_scale, counters.rollbacks_done)
