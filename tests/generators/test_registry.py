"""Architectures are found, configured and refused by name."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest
import torch

import ptygui.generators
from ptygui.core.errors import ConfigError
from ptygui.generators import registry
from ptygui.generators.contract import GeneratorSpec

NEW_GENERATOR = '''
import msgspec
from torch import nn
from ptygui.generators.registry import register_generator

class Config(msgspec.Struct, forbid_unknown_fields=True):
    width: int = 3

@register_generator("brand_new", Config)
class BrandNew(nn.Conv2d):
    """A generator in one file.

    More about it.
    """

    def __init__(self, in_channels, input_size, config):
        super().__init__(in_channels, config.width, 1)
'''


def test_the_shipped_architectures_are_listed() -> None:
    found = registry.list_generators()
    assert {"cnn", "fno", "hybrid", "stable_hybrid"} <= set(found)
    assert list(found) == sorted(found)
    for name, architecture in found.items():
        assert architecture.name == name
        assert architecture.description.endswith(".")
        assert "\n" not in architecture.description


def test_a_new_generator_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "brand_new_generator.py").write_text(NEW_GENERATOR)
    monkeypatch.setattr(registry, "_architectures", dict(registry.list_generators()))
    monkeypatch.setattr(ptygui.generators, "__path__", [*ptygui.generators.__path__, str(tmp_path)])
    try:
        assert registry.list_generators()["brand_new"].description == "A generator in one file."
        assert registry.default_config("brand_new") == {"width": 3}
        assert registry.create_generator("brand_new", 2, 64, width=5).weight.shape == (5, 2, 1, 1)
    finally:
        sys.modules.pop("ptygui.generators.brand_new_generator", None)


@pytest.mark.parametrize("name", list(registry.list_generators()))
def test_default_config_is_complete_and_builds_the_same(name: str) -> None:
    config = registry.default_config(name)
    assert set(config) == set(registry.list_generators()[name].config_class.__struct_fields__)
    assert msgspec.json.decode(msgspec.json.encode(config)) == config
    with torch.device("meta"):
        by_default = registry.create_generator(name, 3, 64)
        by_config = registry.build_generator(GeneratorSpec(architecture=name, config=config))
    shapes = {key: value.shape for key, value in by_default.state_dict().items()}
    assert shapes == {key: value.shape for key, value in by_config.state_dict().items()}


@pytest.mark.parametrize(
    ("config", "what"),
    [
        ({"widht": 8}, "widht.*It knows width"),
        ({"width": "8"}, r"Expected `int`, got `str` - at `\$.width`"),
        ({"width": 0}, "width"),
        ({"levels": 64}, "levels"),
        ({"norm_init": "none"}, "norm_init"),
    ],
)
def test_a_wrong_configuration_is_a_sentence(config: dict[str, object], what: str) -> None:
    with pytest.raises(ConfigError, match=f"generator 'stable_hybrid': .*{what}"):
        registry.create_generator("stable_hybrid", 3, 64, **config)


def test_an_unknown_generator_is_a_sentence() -> None:
    with pytest.raises(ConfigError, match="no generator 'unet'; there are cnn, fno, hybrid, stable_hybrid"):
        registry.default_config("unet")
