"""A run killed with -9 in the middle goes on from its last checkpoint, with the numbers it would have had."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import safetensors.torch
import torch

from ptygui.runs.layout import RunPaths, RunState
from ptygui.runs.reader import RunReader
from ptygui.runs.records import read_status
from ptygui.train.checkpoint import read_counters

EVERY = 5
OPTIONS = {"averaging": 0.9, "schedule": "plateau", "plateau_looks": 1, "accumulate": 2, "optimiser": "adamw"}


def start(directory: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "ptygui.train", str(directory)], stdout=subprocess.DEVNULL)


def wait_for_metric(paths: RunPaths, process: subprocess.Popen[bytes], step: int) -> None:
    reader = RunReader(paths.root)
    while not any(row.step >= step for row in reader.poll().rows):
        assert process.poll() is None, "it ended by itself"
        time.sleep(0.01)


def weights(paths: RunPaths) -> dict[str, torch.Tensor]:
    return safetensors.torch.load_file(paths.checkpoints / "last.safetensors")


@pytest.mark.slow
def test_killed_and_started_again_it_continues(run_directory):
    killed, whole = (RunPaths(run_directory(steps=60, validate_every=EVERY, **OPTIONS)) for _ in range(2))
    process = start(killed.root)
    try:
        wait_for_metric(killed, process, 23)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    reached = max(row.step for row in RunReader(killed.root).poll().rows)
    kept = read_counters(killed.checkpoints / "last.safetensors").step
    assert reached < 60
    assert kept > 0
    assert reached - kept <= EVERY
    assert read_status(killed.root).state is RunState.RUNNING  # nobody was left to say otherwise

    assert start(killed.root).wait() == 0
    assert start(whole.root).wait() == 0
    assert f"step {kept}" in killed.log.read_text(encoding="utf-8").split("Training on")[2]
    assert (read_status(killed.root).state, read_status(killed.root).step) == (RunState.DONE, 60)
    losses = {
        paths.root: {
            row.step: row.value
            for row in RunReader(paths.root).poll().rows
            if (row.split, row.metric) == ("train", "loss")
        }
        for paths in (killed, whole)
    }
    assert losses[killed.root] == losses[whole.root]
    expected = weights(whole)
    assert all(torch.equal(value, expected[name]) for name, value in weights(killed).items())
