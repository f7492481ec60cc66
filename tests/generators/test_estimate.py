"""What is estimated before building must be what building takes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
import torch
from torch.profiler import ProfilerActivity, profile

from ptygui.core.errors import ConfigError, RecipeError
from ptygui.generators.contract import GeneratorSpec
from ptygui.generators.estimate import estimate
from ptygui.generators.registry import build_generator, list_generators

SPECS = [
    *(GeneratorSpec(architecture=name, input_size=64) for name in list_generators()),
    GeneratorSpec(architecture="fno", encoding="amplitude", input_size=128, config={"width": 8, "layers": 2}),
    GeneratorSpec(architecture="stable_hybrid", input_size=128),
    GeneratorSpec(architecture="stable_hybrid", config={"norm_init": "zero-gamma", "one_corner": True}),
    GeneratorSpec(architecture="stable_hybrid", input_size=32, config={"width": 8, "decoder_norm": False}),
    GeneratorSpec(architecture="hybrid", encoding="amplitude", config={"width": 8, "levels": 3, "modes": 5}),
]


def specs(argument: list[GeneratorSpec]) -> pytest.MarkDecorator:
    names = [f"{spec.architecture}-{spec.input_size}-{len(spec.config)}" for spec in argument]
    return pytest.mark.parametrize("spec", argument, ids=names)


def peak_bytes(work: Callable[[], None]) -> int:
    """The most that torch's CPU allocator held at once while working."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        work()
    held = peak = 0
    for event in profiler.profiler.kineto_results.events():
        if event.name() == "[memory]":
            held += event.nbytes()
            peak = max(peak, held)
    return peak


def channels(spec: GeneratorSpec) -> int:
    return 3 if spec.encoding == "projected" else 1


@specs(SPECS)
def test_parameters_are_exact(spec: GeneratorSpec) -> None:
    built = sum(parameter.numel() for parameter in build_generator(spec).parameters())
    assert estimate(spec, batch_size=1).parameters == built


@specs(SPECS)
def test_inference_memory_within_30_percent(spec: GeneratorSpec) -> None:
    def infer() -> None:
        generator = build_generator(spec)
        with torch.no_grad():
            generator(torch.rand(16, channels(spec), spec.input_size, spec.input_size))

    assert estimate(spec, batch_size=16).inference_bytes == pytest.approx(peak_bytes(infer), rel=0.3)


@specs(SPECS)
def test_training_memory_within_30_percent(spec: GeneratorSpec) -> None:
    def train() -> None:
        generator = build_generator(spec)
        optimiser = torch.optim.Adam(generator.parameters())
        patterns = torch.rand(8, channels(spec), spec.input_size, spec.input_size)
        for _ in range(2):
            optimiser.zero_grad()
            generator(patterns).abs().sum().backward()
            optimiser.step()

    assert estimate(spec, batch_size=8).training_bytes == pytest.approx(peak_bytes(train), rel=0.3)


GROWTH = """
import torch
from ptygui.generators.contract import GeneratorSpec
from ptygui.generators.registry import build_generator

def step(spec, batch_size):
    generator = build_generator(spec)
    optimiser = torch.optim.Adam(generator.parameters())
    for _ in range(2):
        optimiser.zero_grad()
        generator(torch.rand(batch_size, 3, spec.input_size, spec.input_size)).abs().sum().backward()
        optimiser.step()

def peak():
    lines = dict(line.split(":") for line in open("/proc/self/status"))
    return 1024 * int(lines["VmHWM"].split()[0])

torch.set_num_threads(1)
step(GeneratorSpec(architecture="stable_hybrid", input_size=16, config={"width": 2}), 1)  # loads libraries
before = peak()
step(GeneratorSpec(architecture="stable_hybrid", input_size=128), 8)
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the allocator's settings are glibc's")
def test_the_process_grows_by_what_was_estimated() -> None:
    """The same seen from outside, with an allocator that gives memory back."""
    settings = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
    output = subprocess.check_output([sys.executable, "-c", GROWTH], env=os.environ | settings, text=True)
    spec = GeneratorSpec(architecture="stable_hybrid", input_size=128)
    assert estimate(spec, batch_size=8).training_bytes == pytest.approx(int(output), rel=0.3)


def test_memory_grows_with_the_batch_and_the_pattern() -> None:
    spec = GeneratorSpec(architecture="stable_hybrid")
    small, more, larger = estimate(spec, 4), estimate(spec, 8), estimate(spec, 4, (128, 128))
    assert small.parameters == more.parameters == larger.parameters
    assert small.inference_bytes < more.inference_bytes < larger.inference_bytes
    assert small.training_bytes < more.training_bytes < larger.training_bytes
    assert small.inference_bytes < small.training_bytes


def test_a_network_larger_than_any_memory_is_estimated() -> None:
    """Doubling channels over 8 levels makes thousands of millions of parameters."""
    spec = GeneratorSpec(architecture="stable_hybrid", input_size=512, config={"width": 128, "levels": 9})
    estimated = estimate(spec, batch_size=64)
    assert estimated.parameters > 10**10
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert estimated.training_bytes > min(memory, 10**11)


def test_what_cannot_be_built_is_a_sentence() -> None:
    with pytest.raises(ConfigError, match="no generator"):
        estimate(GeneratorSpec(architecture="unknown"), 1)
    with pytest.raises(RecipeError, match="multiples of 8"):
        estimate(GeneratorSpec(architecture="cnn"), 1, (60, 60))
