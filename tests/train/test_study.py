from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
import pytest

from ptygui import resources
from ptygui.core.errors import ConfigError
from ptygui.generators.registry import make_config
from ptygui.train.config import MeasuredScan, TrainConfig
from ptygui.train.study import load_study, merged, parse_study, plan

STUDY = """
name = "two"
title = "Two networks"
seeds = 2
[base]
generator = "cnn"
steps = 8
[base.generator_config]
width = 4
levels = 2
[base.data]
type = "lines"
pattern_px = 16
object_px = 60
[[arms]]
name = "CNN, as it is"
[[arms]]
name = "wider, other objects"
[arms.change]
steps = 9
[arms.change.generator_config]
width = 6
[arms.change.data]
first_seed = 7
"""

SHIPPED = sorted(resources.resource_path("studies").glob("*.toml"))


def test_every_arm_is_trained_with_every_seed_all_arms_first() -> None:
    runs = plan(parse_study(STUDY, "s.toml"))
    assert [(run.arm, run.seed) for run in runs] == [
        ("CNN, as it is", 0), ("wider, other objects", 0), ("CNN, as it is", 1), ("wider, other objects", 1),
    ]  # fmt: skip
    assert [run.folder for run in runs[:2]] == ["cnn-as-it-is-s0", "wider-other-objects-s0"]
    assert [run.config.seed for run in runs] == [0, 0, 1, 1]
    assert runs[2].config.name == "CNN, as it is, seed 1"


def test_an_arm_changes_single_keys_of_tables_and_replaces_the_rest() -> None:
    base, other, *_ = (run.config for run in plan(parse_study(STUDY, "s.toml")))
    assert (base.steps, other.steps) == (8, 9)
    assert other.generator_config == {"width": 6, "levels": 2}
    assert base.generator_config == {"width": 4, "levels": 2}
    assert msgspec.structs.asdict(other.data) == msgspec.structs.asdict(base.data) | {"first_seed": 7}


def test_data_of_another_type_replace_the_base_s() -> None:
    base = {"data": {"type": "lines", "pattern_px": 16}}
    change = {"data": {"type": "scan", "path": "a.npz"}}
    assert merged(base, change) == change


def test_seeds_may_be_listed() -> None:
    study = parse_study(STUDY.replace("seeds = 2", "seeds = [5, 3, 5]"), "s.toml")
    assert study.all_seeds == [5, 3]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("steps = 9", "stepz = 9", ["arm 'wider, other objects'", "`stepz`"]),
        ("first_seed = 7", "first_sead = 7", ["arm 'wider, other objects'", "`first_sead`", "$.data"]),
        ("steps = 9", 'steps = "nine"', ["arm 'wider, other objects'", "`$.steps`"]),
        ("steps = 8", "seed = 8", ["[base]", "`seed`"]),
        ("steps = 9", 'name = "mine"', ["arm 'wider, other objects'", "`name`"]),
        ("seeds = 2", "seeds = 0", ["$.seeds"]),
        ("seeds = 2", "seeds = []", ["$.seeds"]),
        ("seeds = 2", "colour = 2", ["`colour`"]),
        ('name = "two"', 'name = "../two"', ["$.name"]),
        ("wider, other objects", "cnn as it is", ["'cnn as it is'", "'cnn-as-it-is'"]),
        ("wider, other objects", "...", ["'...'"]),
        ("[base]", "[base", []),
    ],
)
def test_a_mistake_is_said_with_file_arm_and_key(old: str, new: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_study(STUDY.replace(old, new), "s.toml")
    for word in ["s.toml", *words]:
        assert word in str(raised.value)


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_study(tmp_path / "absent.toml")


def test_four_studies_are_shipped() -> None:
    assert {path.stem for path in SHIPPED} == {"stress", "stage-a", "lines64", "lines128"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_arm_of_a_shipped_study_can_be_built(path: Path) -> None:
    study = load_study(path)
    assert study.name == path.stem
    for run in plan(study):
        make_config(run.config.generator, run.config.generator_config)
        assert not isinstance(run.config.data, MeasuredScan)


def test_stress_changes_the_decoder_alone() -> None:
    study = load_study(resources.resource_path("studies", "stress.toml"))
    configs = {run.arm: run.config for run in plan(study)[: len(study.arms)]}
    old, new = configs["stable_hybrid as it was"], configs["stable_hybrid, decoder normalised"]
    complete = [make_config(c.generator, c.generator_config) for c in (old, new)]
    assert complete[0].decoder_norm is False
    assert complete[1] == msgspec.structs.replace(complete[0], decoder_norm=True)
    assert _without_network(old) == _without_network(new)
    assert len(study.all_seeds) == 20


def _without_network(config: TrainConfig) -> TrainConfig:
    return msgspec.structs.replace(config, generator_config={}, name="any")


def test_the_commands_of_the_readme_name_files_that_are_there() -> None:
    text = resources.resource_path("studies", "README.md").read_text(encoding="utf-8")
    for path in SHIPPED:
        assert f"ptygui study resources/studies/{path.name}" in text
        assert tomllib.loads(path.read_text(encoding="utf-8"))["title"]


def test_lines128_scans_overlap_as_those_of_lines64() -> None:
    files = (resources.resource_path("studies", f"lines{size}.toml") for size in (64, 128))
    small, large = (plan(load_study(file))[0].config.data for file in files)
    for key in ("pattern_px", "step_px", "object_px"):
        assert getattr(large, key) == 2 * getattr(small, key)


@pytest.mark.slow
def test_a_network_of_lines128_takes_its_patterns(tmp_path: Path) -> None:
    import torch

    from ptygui.generators.contract import CHANNELS
    from ptygui.generators.registry import create_generator

    study = load_study(resources.resource_path("studies", "lines128.toml"))
    for run in plan(study):
        config = run.config
        generator = create_generator(
            config.generator, CHANNELS[config.encoding], config.data.pattern_px, **config.generator_config
        )
        patches = generator(torch.zeros(1, CHANNELS[config.encoding], 128, 128))
        assert patches.shape == (1, 128, 128)
        patches.abs().sum().backward()
