"""A tiny generator that draws the flat object, and a small scan."""

import numpy as np
import pytest
import torch

from ptygui.core.simulate import lines_scan
from ptygui.generators.bundle import write_bundle
from ptygui.generators.contract import BundleCard, GeneratorSpec
from ptygui.generators.layers import count_parameters
from ptygui.generators.registry import build_generator, default_config

SIZE = 32


@pytest.fixture(scope="session")
def scan():
    """36 patterns of a simulated lines object."""
    return lines_scan(SIZE, object_px=88, step_px=9.0, jitter_px=1.0, photons_per_pattern=1e6, seed=5)


@pytest.fixture
def make_bundle(tmp_path, scan):
    """Write an untrained stable_hybrid, whose output is the flat object: (name, **card) -> path."""

    def make(name="tiny", folder=tmp_path, probe=None, **card):
        config = {**default_config("stable_hybrid"), "width": 2, "levels": 2, "modes": 4}
        spec = GeneratorSpec(architecture="stable_hybrid", config=config, input_size=SIZE)
        torch.manual_seed(0)
        generator = build_generator(spec)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.safetensors"
        card = BundleCard(
            name=name, spec=spec, parameters=count_parameters(generator), trained_on="nothing", **card
        )
        write_bundle(path, generator, card, scan.probe if probe is None else probe, overwrite=True)
        return path

    return make


@pytest.fixture
def other_probe(scan):
    """A probe unlike the scan's, of another scale."""
    return np.roll(scan.probe.conj() * 3, 2, axis=1) + np.complex64(0.1)
