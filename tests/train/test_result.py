"""The bundle is there as soon as there is a best state, and is always that of the best."""

from dataclasses import replace

import pytest
import safetensors.torch
import torch

from ptygui.generators.bundle import load_bundle
from ptygui.runs.layout import RunPaths
from ptygui.train import recorder
from ptygui.train.recorder import Recorder
from ptygui.train.session import train


def is_that_of_the_best(paths: RunPaths) -> bool:
    best = safetensors.torch.load_file(paths.checkpoints / "best.safetensors")
    weights = load_bundle(paths.bundle).generator.state_dict()
    return all(torch.equal(value, best[f"generator.{name}"]) for name, value in weights.items())


def test_it_can_be_used_while_the_training_goes_on(run_directory, monkeypatch):
    paths, seen = RunPaths(run_directory(steps=6, validate_every=2)), {}
    record = Recorder._record_step

    def watching(self, *args):
        record(self, *args)
        seen[self.module.steps_done] = paths.bundle.exists() and is_that_of_the_best(paths)

    monkeypatch.setattr(Recorder, "_record_step", watching)
    train(paths.root)
    assert seen == {1: False, 2: False, 3: True, 4: True, 5: True, 6: True}
    assert is_that_of_the_best(paths)


def test_a_figure_that_is_not_finite_is_left_off_its_card(run_directory, monkeypatch):
    paths, look = RunPaths(run_directory(steps=1, validate_every=1)), recorder.look

    def spoilt(*args):
        seen = look(*args)
        return replace(seen, metrics=seen.metrics | {"polished.r2": float("nan")})

    monkeypatch.setattr(recorder, "look", spoilt)
    train(paths.root)
    metrics = load_bundle(paths.bundle).card.metrics
    assert "raw.r1" in metrics
    assert "polished.r2" not in metrics


@pytest.mark.parametrize("damage", ["absent", "of another state", "damaged"])
def test_what_a_kill_left_undone_is_done(run_directory, damage):
    paths = RunPaths(run_directory(steps=2, validate_every=1))
    train(paths.root)
    before = load_bundle(paths.bundle).card
    if damage == "absent":
        paths.bundle.unlink()
    elif damage == "damaged":
        paths.bundle.write_bytes(b"half")
    else:
        other = RunPaths(run_directory(steps=2, seed=5))
        train(other.root)
        paths.bundle.write_bytes(other.bundle.read_bytes())
        assert not is_that_of_the_best(paths)
    train(paths.root)
    assert is_that_of_the_best(paths)
    card = load_bundle(paths.bundle).card
    assert (card.trained_on, card.spec) == (before.trained_on, before.spec)
    assert card.metrics == pytest.approx(before.metrics)


def test_a_bundle_that_is_right_is_left_as_it_is(run_directory):
    paths = RunPaths(run_directory(steps=2))
    train(paths.root)
    before = paths.bundle.read_bytes()
    train(paths.root)
    assert paths.bundle.read_bytes() == before
