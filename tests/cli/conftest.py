"""A scan and a tiny generator as files, and the command line as a call."""

import signal

import pytest
import torch
from click.testing import CliRunner

from ptygui.cli import main
from ptygui.core.events import Preview
from ptygui.core.simulate import lines_scan
from ptygui.generators.bundle import write_bundle
from ptygui.generators.contract import BundleCard, GeneratorSpec
from ptygui.generators.layers import count_parameters
from ptygui.generators.registry import build_generator, default_config
from ptygui.io.writers.ptychopinn import write_ptychopinn
from ptygui.jobs.api import Session


@pytest.fixture
def ptygui():
    """Call the command line: ptygui("info", path) -> click's result."""
    return lambda *arguments: CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def interrupting(monkeypatch):
    """Press Ctrl-C at the first preview of a job: interrupting("refine", 2) presses it twice."""

    def install(method, times):
        job = getattr(Session, method)

        def interrupted(session, request, control):
            pressed = False
            for event in job(session, request, control):
                yield event
                if isinstance(event, Preview) and not pressed:
                    pressed = True
                    for _ in range(times):
                        signal.raise_signal(signal.SIGINT)

        monkeypatch.setattr(Session, method, interrupted)

    return install


@pytest.fixture(scope="session")
def scan():
    """36 patterns of a simulated lines object."""
    return lines_scan(32, object_px=88, step_px=9.0, jitter_px=1.0, photons_per_pattern=1e6, seed=5)


@pytest.fixture(scope="session")
def scan_file(scan, tmp_path_factory):
    """The scan as a PtychoPINN file."""
    path = tmp_path_factory.mktemp("scans") / "lines32.npz"
    write_ptychopinn(scan, path)
    return path


@pytest.fixture(scope="session")
def bundle_file(scan, tmp_path_factory):
    """An untrained generator: its output is the flat object."""
    config = {**default_config("stable_hybrid"), "width": 2, "levels": 2, "modes": 4}
    spec = GeneratorSpec(architecture="stable_hybrid", config=config, input_size=32)
    torch.manual_seed(0)
    generator = build_generator(spec)
    card = BundleCard(name="tiny", spec=spec, parameters=count_parameters(generator), trained_on="nothing")
    path = tmp_path_factory.mktemp("bundles") / "tiny.safetensors"
    write_bundle(path, generator, card, scan.probe)
    return path
