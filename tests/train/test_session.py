"""Whole runs in this process, small enough to take a second each."""

import dataclasses
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import msgspec
import numpy as np
import pytest
import safetensors.torch
import torch

from ptygui.core.errors import ConfigError, DeviceError, RecipeError, ScanError
from ptygui.core.scan import ArrayPatterns
from ptygui.generators.bundle import load_bundle
from ptygui.runs.layout import RunError, RunPaths, RunState, request_stop
from ptygui.runs.previews import read_preview
from ptygui.runs.reader import Health, MetricRow, RunReader
from ptygui.runs.records import read_info, read_status
from ptygui.runs.writer import RunWriter
from ptygui.train import __main__ as command
from ptygui.train import recorder
from ptygui.train.checkpoint import read_counters
from ptygui.train.config import MeasuredScan
from ptygui.train.module import TrainingModule
from ptygui.train.recorder import Recorder
from ptygui.train.scan_physics import ScanPhysics
from ptygui.train.schedule import rate_factor
from ptygui.train.session import train
from ptygui.train.trainer import HelperError


@pytest.fixture(scope="module")
def whole_run(run_directory) -> RunPaths:
    """An uninterrupted run of 8 steps."""
    directory = run_directory()
    train(directory)
    return RunPaths(directory)


def rows(paths: RunPaths) -> list[MetricRow]:
    return RunReader(paths.root).poll().rows


def values(paths: RunPaths, metric: str) -> dict[int, float]:
    """By step; the later row counts. The loss is that of the training."""
    split = {"loss": "train"}
    return {
        row.step: row.value
        for row in rows(paths)
        if row.metric == metric and row.split == split.get(metric, row.split)
    }


def weights(paths: RunPaths, name: str = "last") -> dict[str, torch.Tensor]:
    return safetensors.torch.load_file(paths.checkpoints / f"{name}.safetensors")


def same_weights(first: RunPaths, second: RunPaths) -> bool:
    """Weights and the optimiser's state, to the bit."""
    a, b = weights(first), weights(second)
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def at_step(monkeypatch, number: int, act) -> None:
    """Call `act(recorder)` when a step has been recorded."""
    record = Recorder._record_step

    def recording(self, trainer):
        record(self, trainer)
        if self.module.steps_done == number:
            act(self)

    monkeypatch.setattr(Recorder, "_record_step", recording)


def interrupt(_recorder) -> None:
    raise KeyboardInterrupt


def test_a_run_leaves_a_complete_directory(whole_run):
    assert {path.name for path in whole_run.root.iterdir()} == {
        "run.json", "config.toml", "status.json", "metrics.csv", "log.txt",
        "previews", "checkpoints", "bundle.safetensors",
    }  # fmt: skip
    info, status = read_info(whole_run.root), read_status(whole_run.root)
    assert (info.kind, info.name, info.generator) == ("training", "tiny", "cnn")
    assert (status.state, status.step, status.total) == (RunState.DONE, 8, 8)
    assert {path.name for path in whole_run.checkpoints.iterdir()} == {"last.safetensors", "best.safetensors"}
    assert "warmup_steps = 2" in whole_run.config.read_text(encoding="utf-8")
    assert "2342 parameters" in whole_run.log.read_text(encoding="utf-8")


def test_metrics_are_long_and_hold_every_step(whole_run):
    lines = whole_run.metrics.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "step,wall_s,split,metric,value"
    assert all(line.count(",") == 4 for line in lines)
    assert list(values(whole_run, "loss")) == list(range(1, 9))
    looked = {row.metric for row in rows(whole_run) if row.split == "val" and row.step == 4}
    assert looked >= {"raw.r1", "polished.r1", "raw.amplitude_ssim", "raw.frc50", "polished.complex_error"}
    assert list(values(whole_run, "raw.r1")) == [4, 8]
    assert all(np.isfinite(row.value) for row in rows(whole_run))


def test_previews_show_the_object(whole_run):
    names = sorted(path.name for path in whole_run.previews.iterdir())
    assert names == ["step-000004.npz", "step-000008.npz"]
    image = read_preview(whole_run.preview(8))
    assert image.covered.any()
    assert image.amplitude[image.covered].mean() == pytest.approx(1, abs=0.2)


def test_it_beats_while_it_looks(run_directory, monkeypatch):
    """A look may take a minute, and who watches from another machine has only the beat to go by."""
    paths, look, beats = RunPaths(run_directory(steps=1)), recorder.look, []

    def watching(*args):
        before = read_status(paths.root).beat
        seen = look(*args)
        beats.append(read_status(paths.root).beat - before)
        return seen

    monkeypatch.setattr("ptygui.runs.writer.MIN_INTERVAL_S", 0.0)
    monkeypatch.setattr(recorder, "look", watching)
    train(paths.root)
    assert min(beats) >= 2


def test_the_bundle_is_the_best_state_with_its_card(whole_run, tiny):
    bundle = load_bundle(whole_run.bundle)
    best = weights(whole_run, "best")
    for name, value in bundle.generator.state_dict().items():
        assert torch.equal(value, best[f"generator.{name}"])
    card = bundle.card
    assert (card.name, card.parameters) == ("tiny", 2342)
    assert card.spec.config["width"] == 4
    assert card.spec.input_size == 16
    assert card.training == msgspec.to_builtins(tiny())
    assert card.scan_fingerprint is None  # trained on simulated scans
    assert card.photons_per_pattern == pytest.approx(1e6, rel=0.02)
    assert card.overlap == pytest.approx(0.632, abs=0.01)
    assert card.metrics["raw.r1"] == pytest.approx(min(values(whole_run, "raw.r1").values()), abs=1e-5)
    counters = read_counters(whole_run.checkpoints / "best.safetensors")
    assert counters.best == pytest.approx(card.metrics["raw.r1"], abs=1e-5)
    assert bundle.probe.shape == (1, 16, 16)


def test_nothing_is_left_in_the_working_directory(run_directory, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    train(run_directory(steps=1))
    assert not list(tmp_path.iterdir())


def test_it_repeats_to_the_bit_and_the_seed_matters(whole_run, run_directory):
    again, other = RunPaths(run_directory()), RunPaths(run_directory(seed=1))
    train(again.root)
    train(other.root)
    assert same_weights(whole_run, again)
    assert not same_weights(whole_run, other)


def test_the_rate_follows_the_schedule_and_reaches_the_optimiser(whole_run, tiny):
    config = tiny()
    expected = {
        step + 1: config.learning_rate
        * rate_factor("cosine", step, step / 8, warmup_steps=2, final_rate=config.final_rate)
        for step in range(8)
    }
    assert values(whole_run, "rate") == pytest.approx(expected)


def test_the_first_step_of_adam_is_as_long_as_the_rate(run_directory):
    """Adam's first step moves every weight by the rate, whatever its gradient."""
    paths = RunPaths(run_directory(steps=1, warmup_steps=4, learning_rate=8e-3))
    train(paths.root)
    bias = next(value for name, value in weights(paths).items() if "head" in name and name.endswith("bias"))
    # real and imaginary part, zero at first; nothing depends on a common phase, so only the real one moves
    assert abs(bias[0].item()) == pytest.approx(2e-3, rel=1e-3)


def test_the_gradient_is_clipped_before_adam_sees_it(run_directory):
    paths = RunPaths(run_directory(steps=1, clip_limit=1e-4))
    train(paths.root)
    assert values(paths, "gradient_norm")[1] > 1e-3
    moments = [value for name, value in weights(paths).items() if name.endswith("exp_avg")]
    norm = torch.stack([moment.square().sum() for moment in moments]).sum().sqrt()
    assert norm.item() == pytest.approx(0.1 * 1e-4, rel=1e-2)  # exp_avg = (1 - beta1) g


def test_a_stop_file_ends_it_with_a_bundle_and_resuming_gives_the_same_numbers(
    whole_run, run_directory, monkeypatch
):
    paths = RunPaths(run_directory())
    with monkeypatch.context() as patch:
        at_step(patch, 3, lambda recorder: request_stop(paths.root))
        train(paths.root)
    status = read_status(paths.root)
    assert (status.state, status.step) == (RunState.STOPPED, 3)
    assert (status.message, status.progress) == ("Stopped at step 3", 3 / 8)
    assert list(values(paths, "raw.r1")) == [3]
    assert load_bundle(paths.bundle).card.name == "tiny"
    assert "Asked to stop at step 3" in paths.log.read_text(encoding="utf-8")

    paths.stop.unlink()  # as one does who starts it again
    train(paths.root)
    assert (read_status(paths.root).state, read_status(paths.root).step) == (RunState.DONE, 8)
    assert same_weights(whole_run, paths)
    assert values(paths, "loss") == values(whole_run, "loss")
    assert RunReader(paths.root).poll().health is Health.ENDED


def test_a_stop_that_comes_while_it_is_asked_for_is_a_stop(run_directory, monkeypatch):
    paths, answers = RunPaths(run_directory()), iter([False])
    monkeypatch.setattr(RunWriter, "stop_requested", property(lambda _: next(answers, True)))
    train(paths.root)
    assert read_status(paths.root).state is RunState.STOPPED


def test_an_interrupt_stops_it_and_it_goes_on_from_its_last_checkpoint(whole_run, run_directory, monkeypatch):
    paths, handler = RunPaths(run_directory()), signal.getsignal(signal.SIGINT)
    with monkeypatch.context() as patch:
        at_step(patch, 7, interrupt)
        with pytest.raises(KeyboardInterrupt):
            train(paths.root)
    assert signal.getsignal(signal.SIGINT) is handler
    assert read_status(paths.root).state is RunState.STOPPED
    assert read_counters(paths.checkpoints / "last.safetensors").step == 4
    train(paths.root)
    assert read_status(paths.root).state is RunState.DONE
    assert same_weights(whole_run, paths)


def test_interrupted_before_the_first_checkpoint_it_starts_again(whole_run, run_directory, monkeypatch):
    paths = RunPaths(run_directory())
    with monkeypatch.context() as patch:
        at_step(patch, 2, interrupt)
        with pytest.raises(KeyboardInterrupt):
            train(paths.root)
    assert read_counters(paths.checkpoints / "last.safetensors").step == 0
    train(paths.root)
    assert same_weights(whole_run, paths)


def test_a_finished_run_is_left_as_it_is(run_directory):
    paths = RunPaths(run_directory(steps=2))
    train(paths.root)
    before, metrics = weights(paths), paths.metrics.read_bytes()
    train(paths.root)
    assert paths.metrics.read_bytes() == metrics
    assert all(torch.equal(value, before[name]) for name, value in weights(paths).items())
    assert read_status(paths.root).state is RunState.DONE


def spoil(monkeypatch, calls: set[int], how) -> None:
    """Change the loss of some steps."""
    loss_of, counted = ScanPhysics.loss, iter(range(1, 1000))

    def spoilt(self, patches, batch):
        loss = loss_of(self, patches, batch)
        if not loss.requires_grad:  # a look
            return loss
        return how(loss, patches) if next(counted) in calls else loss

    monkeypatch.setattr(ScanPhysics, "loss", spoilt)


def keep(recorder: Recorder, states: dict[int, list[torch.Tensor]]) -> None:
    states[recorder.module.steps_done] = [p.detach().clone() for p in recorder.module.generator.parameters()]


def same(first: list[torch.Tensor], second: list[torch.Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize(
    "how",
    [
        lambda loss, _: loss * float("nan"),
        lambda loss, _: loss * float("inf"),
        lambda loss, patches: loss + (0 * patches.real).sum().sqrt(),  # value 0, gradient NaN
    ],
    ids=["loss NaN", "loss infinite", "gradient NaN"],
)
def test_a_step_that_is_not_finite_is_left_out_and_counted(run_directory, monkeypatch, how):
    paths = RunPaths(run_directory(steps=4, validate_every=1))
    spoil(monkeypatch, {2, 3}, how)
    states: dict[int, list[torch.Tensor]] = {}
    for step in (1, 3, 4):
        at_step(monkeypatch, step, lambda recorder: keep(recorder, states))
    train(paths.root)
    assert same(states[1], states[3])
    assert not same(states[3], states[4])
    assert values(paths, "skipped") == {2: 1, 3: 2, 4: 2}
    assert all(value.isfinite().all() for value in weights(paths).values())
    assert read_status(paths.root).state is RunState.DONE


def test_what_was_left_out_before_a_stop_counts_on(run_directory, monkeypatch):
    paths = RunPaths(run_directory(steps=4))
    with monkeypatch.context() as patch:
        spoil(patch, {2}, lambda loss, _: loss * float("nan"))
        at_step(patch, 3, lambda recorder: request_stop(paths.root))
        train(paths.root)
    paths.stop.unlink()
    train(paths.root)
    assert values(paths, "skipped") == {2: 1, 3: 1, 4: 1}


def test_a_generator_that_gives_nothing_finite_is_said_in_the_run(run_directory, monkeypatch):
    paths = RunPaths(run_directory(steps=4, validate_every=2, rollbacks=0))

    def diverge(recorder):
        with torch.no_grad():
            next(recorder.module.generator.parameters()).fill_(float("nan"))

    at_step(monkeypatch, 2, diverge)
    with pytest.raises(RecipeError, match="no finite number for any of 25 patterns"):
        train(paths.root)
    assert read_status(paths.root).state is RunState.FAILED
    assert "smaller learning rate" in read_status(paths.root).message


def test_a_scan_with_values_that_are_not_finite_is_told_at_the_first_look(
    run_directory, training_scan, monkeypatch
):
    patterns = np.array(training_scan.scan.patterns.read(np.arange(81)))
    patterns[:, 3, 4] = np.nan
    spoilt = dataclasses.replace(training_scan.scan, patterns=ArrayPatterns(patterns))
    monkeypatch.setattr("ptygui.train.prepare.open_scan", lambda path, **_: spoilt)
    paths = RunPaths(run_directory(data=MeasuredScan(path="spoilt.npz"), steps=10**6, validate_every=2))
    with pytest.raises(RecipeError, match="Mark as bad the pixels that are not finite"):
        train(paths.root)
    assert read_status(paths.root).step <= 2


def test_the_time_budget_ends_it(run_directory, monkeypatch):
    """By a clock of which every step takes three seconds."""
    clock, step = SimpleNamespace(now_s=100.0), TrainingModule.optimizer_step
    clock.monotonic = lambda: clock.now_s

    def slow_step(self, *args, **kwargs):
        step(self, *args, **kwargs)
        clock.now_s += 3.0

    monkeypatch.setattr("ptygui.train.module.time", clock)
    monkeypatch.setattr(TrainingModule, "optimizer_step", slow_step)
    paths = RunPaths(run_directory(steps=10**9, minutes=0.5, validate_every=10**6))
    train(paths.root)
    status = read_status(paths.root)
    assert (status.state, status.step, status.progress) == (RunState.DONE, 10, 1)
    assert status.message == "Done at step 10"
    counters = read_counters(paths.checkpoints / "last.safetensors")
    assert (counters.step, counters.wall_s) == (10, 30.0)
    rate = values(paths, "rate")
    assert rate[10] < 0.5 * max(rate.values())  # the cosine followed the clock
    train(paths.root)  # its time is used up: nothing is added
    assert read_counters(paths.checkpoints / "last.safetensors") == counters


def test_a_measured_scan_is_trained_on_and_known_again(run_directory, training_scan, tmp_path, monkeypatch):
    from ptygui.core.describe import scan_fingerprint
    from ptygui.train import prepare

    monkeypatch.setattr(prepare, "open_scan", lambda path, **_: training_scan.scan)
    paths = RunPaths(run_directory(data=MeasuredScan(path="some.npz"), probe_epochs=2, steps=2))
    train(paths.root)
    assert (paths.checkpoints / "probe.npy").exists()
    assert read_info(paths.root).parents == ("some.npz",)
    bundle = load_bundle(paths.bundle)
    assert bundle.card.scan_fingerprint == scan_fingerprint(training_scan.scan)
    assert "no labels" in bundle.card.trained_on
    assert not any("ssim" in name for name in bundle.card.metrics)  # the truth is not looked at
    assert "residual" in paths.log.read_text(encoding="utf-8")


def test_a_stop_ends_the_estimation_of_the_probe_and_it_begins_when_resumed(
    run_directory, training_scan, monkeypatch, capsys
):
    monkeypatch.setattr("ptygui.train.prepare.open_scan", lambda path, **_: training_scan.scan)
    paths = RunPaths(run_directory(data=MeasuredScan(path="some.npz"), probe_epochs=3, steps=2))
    log = RunWriter.log

    def stop_at_once(self, text):
        log(self, text)
        if "epoch 1 of 3" in text:
            request_stop(paths.root)

    with monkeypatch.context() as patch:
        patch.setattr(RunWriter, "log", stop_at_once)
        assert command.main([str(paths.root)]) == 0
    assert capsys.readouterr().out == ""  # there is no bundle yet
    status = read_status(paths.root)
    assert (status.state, status.step) == (RunState.STOPPED, 0)
    assert "before the training began" in status.message
    assert "epoch 2" not in paths.log.read_text(encoding="utf-8")
    assert not list(paths.checkpoints.iterdir())
    paths.stop.unlink()
    assert train(paths.root) == paths.bundle
    assert read_status(paths.root).state is RunState.DONE


def test_a_damaged_last_checkpoint_is_replaced_by_the_best(run_directory, monkeypatch):
    paths = RunPaths(run_directory(rollbacks=0))
    with monkeypatch.context() as patch:
        at_step(patch, 6, interrupt)
        with pytest.raises(KeyboardInterrupt):
            train(paths.root)
    last = paths.checkpoints / "last.safetensors"
    last.write_bytes(last.read_bytes()[:-100])
    train(paths.root)
    assert (read_status(paths.root).state, read_status(paths.root).step) == (RunState.DONE, 8)
    assert "goes on from its best state so far, step 4." in paths.log.read_text(encoding="utf-8")
    assert list(values(paths, "loss")) == list(range(1, 9))


def test_a_damaged_last_checkpoint_without_a_best_is_an_error(run_directory, monkeypatch):
    paths = RunPaths(run_directory())
    with monkeypatch.context() as patch:
        at_step(patch, 2, interrupt)
        with pytest.raises(KeyboardInterrupt):
            train(paths.root)
    (paths.checkpoints / "last.safetensors").write_bytes(b"")
    with pytest.raises(RunError, match="no checkpoint that can be read"):
        train(paths.root)


def test_a_helper_that_died_is_said_in_a_sentence(run_directory, monkeypatch):
    """What the library says is that a connection was closed."""
    helper = subprocess.Popen(
        [sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"]
    )

    class Trainer:
        strategy = SimpleNamespace(launcher=SimpleNamespace(procs=[helper]))

        def fit(self, *_):
            raise RuntimeError("[gloo/transport/tcp/pair.cc:538] Connection closed by peer")

    monkeypatch.setattr("ptygui.train.session.make_trainer", lambda *_: Trainer())
    paths = RunPaths(run_directory())
    with pytest.raises(HelperError, match=r"Process 2 of the 2 .* was killed \(signal 9\)"):
        train(paths.root)
    assert "goes on from its last checkpoint" in read_status(paths.root).message


def test_what_fails_is_said_in_the_run(run_directory):
    paths = RunPaths(run_directory(data=MeasuredScan(path="/nowhere/star.npz")))
    with pytest.raises(ScanError, match="star.npz"):
        train(paths.root)
    status = read_status(paths.root)
    assert status.state is RunState.FAILED
    assert "star.npz" in status.message


def test_a_generator_that_does_not_exist_is_said(run_directory):
    with pytest.raises(ConfigError, match="no generator 'transformer'"):
        train(run_directory(generator="transformer"))


def test_an_absent_device_is_said_before_anything_is_computed(run_directory, monkeypatch):
    monkeypatch.setattr("ptygui.train.session.prepare", lambda *_: pytest.fail("computed"))
    paths = RunPaths(run_directory(device="cuda:7"))
    with pytest.raises(DeviceError, match="no device 'cuda:7' here; there is .*cpu"):
        train(paths.root)
    status = read_status(paths.root)
    assert status.state is RunState.FAILED
    assert "cuda:7" in status.message


def test_the_command_says_what_it_did(run_directory, tmp_path, capsys, monkeypatch):
    assert command.main([]) == 2
    assert "usage" in capsys.readouterr().err
    assert command.main([str(tmp_path)]) == 1
    assert "config.toml cannot be read" in capsys.readouterr().err
    directory = run_directory(steps=2)
    assert command.main([str(directory)]) == 0
    assert Path(capsys.readouterr().out.strip()) == directory / "bundle.safetensors"
    at_step(monkeypatch, 1, interrupt)
    assert command.main([str(run_directory(steps=2))]) == 130
