"""What a training takes is told before it starts."""

import msgspec
import pytest

from ptygui.core.errors import ConfigError, DeviceError
from ptygui.generators.registry import list_generators
from ptygui.jobs import sizes
from ptygui.jobs.sizes import SIZES, estimate_size, size_config
from ptygui.train.config import SimulatedLines, TrainConfig

TINY = TrainConfig(
    name="tiny",
    generator="cnn",
    generator_config={"width": 2, "levels": 2},
    data=SimulatedLines(),
    neighbourhood=4,
)


def test_every_generator_has_sizes_that_grow():
    for name in list_generators():
        widths = [size_config(name, size)["width"] for size in SIZES]
        assert widths == sorted(set(widths))


def test_a_larger_generator_takes_more():
    small, large = (
        estimate_size(TINY, 32),
        estimate_size(msgspec.structs.replace(TINY, generator_config={}), 32),
    )
    assert small.parameters < large.parameters
    assert small.training_bytes < large.training_bytes
    assert small.enough_memory
    assert 0 < small.seconds_per_step < 10
    assert "Measured" in small.how


def test_accumulated_batches_count(monkeypatch):
    monkeypatch.setattr("ptygui.train.trial.step_seconds", lambda config, pattern_px: 0.25)
    assert estimate_size(TINY, 32).seconds_per_step == 0.25
    assert estimate_size(msgspec.structs.replace(TINY, accumulate=6), 32).seconds_per_step == 1.5


def test_what_is_too_large_is_not_tried_out(monkeypatch):
    monkeypatch.setattr(sizes, "_free_bytes", lambda _device: 1 << 20)
    monkeypatch.setattr(sizes, "_smaller", lambda config: TINY)
    estimate = estimate_size(msgspec.structs.replace(TINY, generator_config={"width": 8, "levels": 3}), 32)
    assert not estimate.enough_memory
    assert estimate.free_bytes == 1 << 20
    assert "Scaled" in estimate.how


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"generator": "foo"}, ConfigError),
        ({"generator_config": {"width": -1}}, ConfigError),
        ({"generator_config": {"levels": 99}}, ConfigError),
        ({"device": "cuda:99"}, DeviceError),
    ],
)
def test_what_cannot_be_estimated_is_a_sentence(changes, error):
    with pytest.raises(error):
        estimate_size(msgspec.structs.replace(TINY, **changes), 32)
