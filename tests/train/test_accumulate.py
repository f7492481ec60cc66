"""Accumulated batches, averaged weights and a falling rate, in whole runs that are stopped and go on."""

import pytest
import safetensors.torch
import torch

from ptygui.generators.bundle import load_bundle
from ptygui.runs.layout import RunPaths, request_stop
from ptygui.runs.reader import RunReader
from ptygui.train.checkpoint import read_counters
from ptygui.train.data import Neighbourhoods
from ptygui.train.recorder import Recorder
from ptygui.train.session import train

CHANGED = {
    "accumulate": 3,
    "averaging": 0.9,
    "schedule": "plateau",
    "plateau_looks": 1,
    "plateau_factor": 0.25,
    "learning_rate": 1e-7,  # so small that no look shows progress
    "steps": 8,
    "validate_every": 2,
}


@pytest.fixture(scope="module")
def whole_run(run_directory) -> RunPaths:
    directory = run_directory(**CHANGED)
    train(directory)
    return RunPaths(directory)


def weights(paths: RunPaths, name: str = "last") -> dict[str, torch.Tensor]:
    return safetensors.torch.load_file(paths.checkpoints / f"{name}.safetensors")


def recorded(paths: RunPaths, name: str) -> dict[int, float]:
    rows = RunReader(paths.root).poll().rows
    return {row.step: row.value for row in rows if (row.split, row.metric) == ("train", name)}


def test_a_step_takes_its_batches_one_after_another(run_directory, monkeypatch):
    drawn = []
    batch = Neighbourhoods.batch
    monkeypatch.setattr(Neighbourhoods, "batch", lambda self, n: drawn.append(n) or batch(self, n))
    train(run_directory(accumulate=3, steps=2, validate_every=2))
    assert drawn[:6] == [0, 1, 2, 3, 4, 5]
    assert len(drawn) <= 7  # Lightning reads one ahead


def test_whole_steps_are_counted_and_recorded(whole_run):
    assert list(recorded(whole_run, "loss")) == list(range(1, 9))
    assert read_counters(whole_run.checkpoints / "last.safetensors").step == 8
    moments = [value for name, value in weights(whole_run).items() if name.endswith(".step")]
    assert {float(value) for value in moments} == {8.0}  # what Adam has counted


def test_gradients_are_averaged_over_the_batches_of_a_step(run_directory, monkeypatch):
    """Three times the same batch is that batch."""
    batch = Neighbourhoods.batch
    monkeypatch.setattr(Neighbourhoods, "batch", lambda self, n: batch(self, 0))
    one, three = (RunPaths(run_directory(steps=1, accumulate=count)) for count in (1, 3))
    train(one.root)
    train(three.root)
    assert recorded(three, "loss")[1] == pytest.approx(recorded(one, "loss")[1], rel=1e-5)
    assert recorded(three, "gradient_norm")[1] == pytest.approx(recorded(one, "gradient_norm")[1], rel=1e-4)


def test_on_a_plateau_the_rate_falls(whole_run):
    """The warm-up takes two steps; the first look sets the mark, each one after it lets the rate fall."""
    shares = [rate / CHANGED["learning_rate"] for rate in recorded(whole_run, "rate").values()]
    assert shares == pytest.approx([0.5, 1, 1, 1, 1 / 4, 1 / 4, 1 / 16, 1 / 16])


def test_the_average_is_kept_shown_and_handed_on(whole_run):
    best = weights(whole_run, "best")
    for name, value in load_bundle(whole_run.bundle).generator.state_dict().items():
        assert torch.equal(value, best[f"average.{name}"])
    assert any(
        not torch.equal(best[f"average.{name}"], best[f"generator.{name}"]) for name in own_names(best)
    )


def own_names(tensors: dict[str, torch.Tensor]) -> list[str]:
    return [name.removeprefix("generator.") for name in tensors if name.startswith("generator.")]


def test_the_same_seed_gives_the_same_bytes(whole_run, run_directory):
    again = RunPaths(run_directory(**CHANGED))
    train(again.root)
    assert same(weights(whole_run), weights(again))


def test_stopped_anywhere_it_goes_on_with_the_same_numbers(whole_run, run_directory, monkeypatch):
    paths = RunPaths(run_directory(**CHANGED))
    record = Recorder._record_step

    def stop_at_five(self, *args):
        record(self, *args)
        if self.module.steps_done == 5:
            request_stop(paths.root)

    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "_record_step", stop_at_five)
        train(paths.root)
    assert read_counters(paths.checkpoints / "last.safetensors").step == 5
    paths.stop.unlink()  # as one does who starts it again
    train(paths.root)
    assert same(weights(whole_run), weights(paths))
    assert recorded(paths, "rate") == recorded(whole_run, "rate")
    assert recorded(paths, "loss") == recorded(whole_run, "loss")


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)
