import msgspec
import pytest

from ptygui.core.errors import ConfigError
from ptygui.train.config import (
    MeasuredScan,
    SimulatedFamily,
    SimulatedLines,
    dump_config,
    load_config,
    parse_config,
)

SMALLEST = """
name = "star"
generator = "stable_hybrid"
[data]
type = "scan"
path = "star.npz"
"""


def test_the_smallest_configuration_takes_every_default():
    config = parse_config(SMALLEST, "here")
    assert config.data == MeasuredScan(path="star.npz")
    assert (config.encoding, config.neighbourhood, config.polish_steps) == ("projected", 9, 3)
    assert (config.learning_rate, config.clip_limit, config.minutes) == (1.5e-3, 1.0, None)


@pytest.mark.parametrize("budget", ["", "minutes = 7.5\n"])
def test_what_is_written_is_read_back_with_defaults_included(tmp_path, budget):
    config = parse_config(budget + SMALLEST, "here")
    path = tmp_path / "config.toml"
    path.write_text(dump_config(config), encoding="utf-8")
    assert load_config(path) == config
    assert "warmup_steps = 30" in path.read_text(encoding="utf-8")


def test_options_of_the_generator_and_the_simulation_come_through():
    text = 'name = "a"\ngenerator = "cnn"\n[generator_config]\nwidth = 8\ndecoder_norm = false\n'
    config = parse_config(text + '[data]\ntype = "lines"\nscans = 3\n', "here")
    assert config.generator_config == {"width": 8, "decoder_norm": False}
    assert config.data == SimulatedLines(scans=3)
    assert parse_config(dump_config(config), "again") == config


def test_a_family_of_simulated_scans_is_a_kind_of_data():
    text = 'name = "a"\ngenerator = "cnn"\n[data]\ntype = "family"\nscans = 3\nprobe_error_rad = 0.0\n'
    config = parse_config(text, "here")
    assert config.data == SimulatedFamily(scans=3, probe_error_rad=0.0)
    assert parse_config(dump_config(config), "again") == config
    with pytest.raises(ConfigError, match="side"):
        parse_config(text + "side = 1\n", "here")


def test_what_is_none_is_left_out_at_every_depth():
    config = parse_config(SMALLEST, "here")
    nested = msgspec.structs.replace(config, generator_config={"width": 8, "gate": None, "a": {"b": None}})
    assert parse_config(dump_config(nested), "again").generator_config == {"width": 8, "a": {}}


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("stepz = 5", "stepz"),
        ('steps = "many"', "steps"),
        ("steps = 0", "steps"),
        ("learning_rate = -1.0", "learning_rate"),
        ('loss = "mse"', "loss"),
        ('encoding = "raw"', "encoding"),
        ("minutes = 0.0", "minutes"),
    ],
)
def test_a_wrong_key_or_value_is_named_with_its_source(line, named):
    with pytest.raises(ConfigError) as caught:
        parse_config(line + SMALLEST, "my.toml")
    assert named in str(caught.value)
    assert "my.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('name = "a"\ngenerator = "cnn"\n', "data"),
        (SMALLEST.replace('"scan"', '"photo"'), "type"),
        (SMALLEST + "paths = 3", "paths"),
        ("name = [", "my.toml"),
    ],
)
def test_what_is_missing_or_no_toml_is_said(text, named):
    with pytest.raises(ConfigError, match=named):
        parse_config(text, "my.toml")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ConfigError, match="absent.toml"):
        load_config(tmp_path / "absent.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="binary.toml"):
        load_config(tmp_path / "binary.toml")
