"""The parent's side of a peer: it is followed, stopped and killed. A script stands in for its interpreter."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from ptygui.core.errors import Cancelled
from ptygui.reconstruct.peers.job import PeerInputs
from ptygui.reconstruct.peers.options import PeerError, PeerOptions
from ptygui.reconstruct.peers.process import run_peer

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the script that stands in needs a shebang")

PREAMBLE = """#!{python}
import os, sys, time
from pathlib import Path
import numpy as np
from ptygui.reconstruct.peers.job import PeerState, read_job, write_state

folder = Path(sys.argv[3])
inputs, options = read_job(folder)
Path({pid!r}).write_text(str(os.getpid()))

def state(epoch):
    write_state(folder, PeerState(np.array(epoch), inputs.object * epoch, inputs.origin_px, inputs.probe,
                                  inputs.positions_px))

def say(epoch, text='{{"epoch": %d, "loss": 0.5, "wall_s": 2.0, "cpu_s": 3.0}}'):
    print(text % epoch, flush=True)
"""


class Fake:
    """Makes scripts that are started as if they were an interpreter with pty-chi."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pid = folder / "pid"
        self.jobs = folder / "jobs"
        self.jobs.mkdir()

    def __call__(self, body: str) -> Path:
        script = self.folder / "python"
        script.write_text(PREAMBLE.format(python=sys.executable, pid=str(self.pid)) + body)
        script.chmod(0o755)
        return script

    def gone(self) -> bool:
        """Whether the process has ended and its folder is away."""
        try:
            os.kill(int(self.pid.read_text()), 0)
        except ProcessLookupError:
            return list(self.jobs.iterdir()) == []
        return False


@pytest.fixture
def fake(tmp_path: Path) -> Fake:
    return Fake(tmp_path)


@pytest.fixture
def inputs() -> PeerInputs:
    return PeerInputs(
        patterns=np.ones((3, 8, 8), np.float32),
        positions_px=np.full((3, 2), 8.0),
        probe=np.ones((1, 8, 8), np.complex64),
        object=np.ones((16, 16), np.complex64),
        origin_px=np.zeros(2),
    )


def run(fake: Fake, inputs: PeerInputs, body: str, should_stop: Callable[[], bool] = lambda: False):
    return run_peer(fake.jobs, inputs, PeerOptions(), should_stop, python=fake(body))


def test_epochs_come_with_the_states_that_are_new(fake, inputs):
    body = "say(1)\ntime.sleep(0.3)\nstate(2)\nsay(2)\ntime.sleep(0.3)\nsay(3)\nstate(4)\nsay(4)\n"
    epochs = list(run(fake, inputs, body))
    assert [epoch.epoch for epoch in epochs] == [1, 2, 3, 4]
    assert (epochs[0].loss, epochs[0].wall_s, epochs[0].cpu_s) == (0.5, 2.0, 3.0)
    assert [epoch.state is None for epoch in epochs[:2]] == [True, False]
    states = [epoch.state for epoch in epochs if epoch.state is not None]
    assert [int(state.epoch) for state in states] == [2, 4]
    np.testing.assert_array_equal(states[-1].object, 4 * inputs.object)
    assert states[-1].slices is None
    assert fake.gone()


def test_a_half_written_line_is_waited_for(fake, inputs):
    first, rest = '{"epoch": 1, "lo', 'ss": 0.5, "wall_s": 1, "cpu_s": 1}'
    body = f"print({first!r}, end='', flush=True)\ntime.sleep(0.3)\nprint({rest!r})\n"
    assert [epoch.wall_s for epoch in run(fake, inputs, body)] == [1.0]


def test_closing_kills_the_process_and_clears_its_folder(fake, inputs):
    with closing(run(fake, inputs, "say(1)\ntime.sleep(60)\n")) as epochs:
        next(epochs)
        assert not fake.gone()
    assert fake.gone()


def test_what_the_wish_to_stop_raises_kills_it_too(fake, inputs):
    def think_better() -> bool:
        if fake.pid.exists():
            raise Cancelled
        return False

    with pytest.raises(Cancelled):
        list(run(fake, inputs, "time.sleep(60)\n", think_better))
    assert fake.gone()


def test_asked_to_stop_it_ends_with_a_state(fake, inputs):
    body = "while not (folder / 'stop').exists(): time.sleep(0.01)\nstate(7)\nsay(7)\n"
    started = time.monotonic()
    epochs = list(run(fake, inputs, body, should_stop=lambda: time.monotonic() > started + 0.2))
    assert [(epoch.epoch, int(epoch.state.epoch)) for epoch in epochs] == [(7, 7)]


def test_a_worker_that_dies_is_reported_with_its_last_words(fake, inputs):
    with pytest.raises(PeerError, match=r"pty-chi failed: rpie diverged in epoch 2\.$"):
        list(run(fake, inputs, "say(1)\nsys.exit('noise\\nrpie diverged in epoch 2.')\n"))
    assert fake.gone()


def test_a_worker_that_dies_without_a_word_tells_its_exit_code(fake, inputs):
    with pytest.raises(PeerError, match=r"pty-chi failed: exit code 9\."):
        list(run(fake, inputs, "sys.exit(9)\n"))


def test_a_missing_ptychi_is_told_with_the_way_to_install_it(fake, inputs):
    with pytest.raises(
        PeerError, match=r"No module named 'ptychi'\. Install .*python -m pip install --no-deps"
    ):
        list(run(fake, inputs, "print(\"No module named 'ptychi'\", file=sys.stderr)\nsys.exit(3)\n"))


@pytest.mark.skipif(find_spec("ptychi") is not None, reason="pty-chi is installed here")
def test_the_real_worker_finds_ptychi_missing(tmp_path, inputs):
    with pytest.raises(PeerError, match="No module named 'ptychi'"):
        list(run_peer(tmp_path, inputs, PeerOptions(threads=1)))
    assert list(tmp_path.iterdir()) == []


def test_an_interpreter_that_is_not_there_is_named(tmp_path, inputs):
    with pytest.raises(PeerError, match="nowhere cannot be started"):
        list(run_peer(tmp_path, inputs, PeerOptions(), python=tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("name", "shape", "sentence"),
    [
        ("positions_px", (4, 2), r"positions of the shape \(3, 2\)"),
        ("probe", (8, 8), r"the shape \(modes, 8, 8\)"),
    ],
)
def test_arrays_that_do_not_fit_are_refused_before_anything_starts(tmp_path, inputs, name, shape, sentence):
    wrong = PeerInputs(**{**vars(inputs), name: np.ones(shape)})
    with pytest.raises(PeerError, match=sentence):
        list(run_peer(tmp_path, wrong, PeerOptions()))


def test_a_thick_object_needs_the_geometry(tmp_path, inputs):
    with pytest.raises(PeerError, match="energy, distance and detector pixel"):
        list(run_peer(tmp_path, inputs, PeerOptions(slices=2, slice_spacing_m=1e-6)))
