"""Several processes train as one, by the command that the window starts too."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import safetensors.torch
import torch

from ptygui.generators.bundle import load_bundle
from ptygui.runs.layout import RunPaths, RunState, request_stop
from ptygui.runs.reader import RunReader
from ptygui.runs.records import read_status
from ptygui.train.checkpoint import read_counters
from ptygui.train.config import dump_config
from ptygui.train.session import train

COMMAND = [sys.executable, "-m", "ptygui.train"]


@contextlib.contextmanager
def started(directory: Path, command: list[str] = COMMAND):
    """A training process of its own; whatever it has started is gone afterwards too."""
    process = subprocess.Popen(
        [*command, str(directory)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def with_a_twist(folder: Path, twist: str) -> list[str]:
    """Make a command that trains like the real one, but first changes something; `rank` is known to it."""
    script = folder / "twisted.py"
    script.write_text(TWISTED.format(twist=twist), encoding="utf-8")
    return [sys.executable, str(script)]


TWISTED = """
import os
import sys

import torch

from ptygui.core.errors import RecipeError
from ptygui.train import module, recorder, scan_physics
from ptygui.train.__main__ import main

rank = int(os.environ.get("LOCAL_RANK", "0"))
{twist}
sys.exit(main(sys.argv[1:]))
"""


def weights(paths: RunPaths) -> dict[str, torch.Tensor]:
    return safetensors.torch.load_file(paths.checkpoints / "last.safetensors")


def metric(paths: RunPaths, name: str) -> dict[int, float]:
    rows = RunReader(paths.root).poll().rows
    return {row.step: row.value for row in rows if (row.split, row.metric) == ("train", name)}


def test_two_processes_are_one_that_takes_two_batches_a_step(run_directory):
    changed = {"steps": 4, "validate_every": 2, "averaging": 0.5, "clip_limit": 1e-3}
    one, two = (RunPaths(run_directory(**changed, **how)) for how in ({"accumulate": 2}, {"processes": 2}))
    with started(two.root) as process:
        train(one.root)
        output, errors = process.communicate(timeout=180)
    assert process.returncode == 0, errors
    assert output.split() == [str(two.bundle)]  # said once
    assert errors == "", errors
    expected, found = weights(one), weights(two)
    assert expected.keys() == found.keys()
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=1e-4, atol=1e-6, msg=name)
    for name in ("loss", "gradient_norm", "rate"):
        assert metric(two, name) == pytest.approx(metric(one, name), rel=1e-4)
    assert load_bundle(two.bundle).card.training["processes"] == 2
    assert (read_status(two.root).state, read_status(two.root).step) == (RunState.DONE, 4)
    assert two.log.read_text(encoding="utf-8").count("Training on") == 1


SPOIL_AND_GO_BACK = """
loss_of, calls = scan_physics.canvas_loss, iter(range(1, 100))


def spoilt(*args, **kwargs):
    loss = loss_of(*args, **kwargs)
    training = loss.requires_grad
    return loss * float("nan") if training and rank == 1 and next(calls) == 2 else loss


scan_physics.canvas_loss = spoilt
record = recorder.Recorder._record_step


def go_back(self, trainer):
    record(self, trainer)
    if self.module.steps_tried == 6:
        self.module.roll_back(self.last, trainer.optimizers[0], 0.5)


recorder.Recorder._record_step = go_back
end = module.TrainingModule.on_train_end


def keep(self):
    state = {{"rank": rank, "steps": self.steps_done, "rate_scale": self.rate_scale}}
    torch.save([state, dict(self.generator.state_dict())], f"{folder}/{{rank}}.pt")


module.TrainingModule.on_train_end = keep
"""


def test_what_one_process_meets_or_decides_is_so_in_both(run_directory, tmp_path):
    """One process has a loss that is not finite at step 2; the first goes back from step 6 to step 4."""
    paths = RunPaths(run_directory(steps=8, validate_every=4, processes=2, averaging=0.5, rollbacks=0))
    twist = SPOIL_AND_GO_BACK.replace("{folder}", str(tmp_path)).replace("{{", "{").replace("}}", "}")
    with started(paths.root, with_a_twist(tmp_path, twist)) as process:
        _, errors = process.communicate(timeout=180)
    assert process.returncode == 0, errors
    assert metric(paths, "skipped")[2] == 1
    assert 2 not in metric(paths, "loss")
    (first, own), (second, others) = (torch.load(tmp_path / f"{rank}.pt") for rank in (0, 1))
    assert (first["rank"], second["rank"]) == (0, 1)
    assert (first["steps"], second["steps"]) == (8, 8)
    assert first["rate_scale"] == second["rate_scale"] == 0.5
    assert all(torch.equal(own[name], others[name]) for name in own)
    assert read_status(paths.root).state is RunState.DONE
    assert not (paths.checkpoints / "common.safetensors").exists()


FAIL = """
def fail(*_):
    raise RecipeError("Nothing can be seen.")


recorder.Recorder.look_and_save = fail
"""


@pytest.mark.slow
def test_what_fails_in_the_first_ends_the_other(run_directory, tmp_path):
    paths = RunPaths(run_directory(steps=8, validate_every=4, processes=2))
    with started(paths.root, with_a_twist(tmp_path, FAIL)) as process:
        children = children_of(process)
        _, errors = process.communicate(timeout=180)
    assert process.returncode == 1
    assert errors == "Nothing can be seen.\n"
    assert read_status(paths.root).state is RunState.FAILED
    psutil.wait_procs(children, timeout=30)
    assert not any(child.is_running() for child in children)


@pytest.mark.slow
def test_a_stop_a_kill_and_the_clock_end_both_and_it_goes_on(run_directory, tiny):
    changed = {"steps": 10**6, "validate_every": 5, "processes": 2}
    paths = RunPaths(run_directory(**changed))
    with started(paths.root) as process:
        children = children_of(process)
        wait_for_step(paths, process, 12)
        process.kill()
        assert not psutil.wait_procs(children, timeout=60)[1]
    with started(paths.root) as process:
        wait_for_step(paths, process, max(metric(paths, "loss")) + 10)
        request_stop(paths.root)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert read_status(paths.root).state is RunState.STOPPED
    reached = read_counters(paths.checkpoints / "last.safetensors")
    minutes = (reached.wall_s + 3) / 60
    paths.config.write_text(dump_config(tiny(**changed, minutes=minutes)), encoding="utf-8")
    with started(paths.root) as process:
        _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert read_status(paths.root).state is RunState.DONE
    assert read_counters(paths.checkpoints / "last.safetensors").step > reached.step


def children_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Wait until it has started the other one."""
    own = psutil.Process(process.pid)
    while not (children := own.children()):
        assert process.poll() is None, "it ended by itself"
        time.sleep(0.01)
    return children


def wait_for_step(paths: RunPaths, process: subprocess.Popen[str], step: int) -> None:
    while not paths.metrics.exists() or max(metric(paths, "loss"), default=0) < step:
        assert process.poll() is None, "it ended by itself"
        time.sleep(0.05)
