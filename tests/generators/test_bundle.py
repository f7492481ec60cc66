"""Bundles: what is written comes back, and nothing else is ever accepted."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import safetensors.numpy
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from ptygui.core.errors import BundleError, ConfigError
from ptygui.generators.bundle import bundle_id, load_bundle, read_card, read_probe, write_bundle
from ptygui.generators.contract import BundleCard, GeneratorSpec
from ptygui.generators.layers import count_parameters
from ptygui.generators.registry import build_generator, default_config

SPEC = GeneratorSpec(architecture="stable_hybrid", config={"width": 2, "levels": 2}, input_size=16)


def make_generator() -> nn.Module:
    torch.manual_seed(0)
    return build_generator(SPEC)


def make_probe() -> np.ndarray:
    rng = np.random.default_rng(0)
    return (rng.normal(size=(2, 16, 16)) + 1j * rng.normal(size=(2, 16, 16))).astype(np.complex64)


def make_card(**changes: Any) -> BundleCard:
    values = {
        "name": "tiny",
        "spec": SPEC,
        "parameters": count_parameters(make_generator()),
        "trained_on": "Nothing: it is a test.",
        "metrics": {"demo.raw.amplitude_ssim": 0.93},
        "pixel_size_m": (1e-8, 2e-8),
    }
    return BundleCard(**(values | changes))


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "bundle.safetensors"
    write_bundle(path, make_generator(), make_card(), make_probe())
    return path


def test_no_length_of_the_header_is_taken_for_another_format(tmp_path: Path) -> None:
    generator, probe, starts = make_generator(), make_probe(), set()
    for padding in range(0, 256, 8):
        path = tmp_path / f"{padding}.safetensors"
        write_bundle(path, generator, make_card(trained_on="x" * padding), probe)
        starts.add(path.read_bytes()[0])
        assert read_card(path).name == "tiny"
    assert 0x80 in starts  # as a pickle begins


def rewrite(path: Path, change_card: dict[str, Any] | None = None, **tensors: np.ndarray | None) -> None:
    """Write the bundle again with parts of its card or tensors changed (None leaves a tensor out)."""
    with safetensors.safe_open(path, framework="numpy") as file:
        card = json.loads(file.metadata()["ptygui.card"])
        kept = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    kept = {name: value for name, value in (kept | tensors).items() if value is not None}
    metadata = {"ptygui.card": json.dumps(card | (change_card or {}))}
    path.write_bytes(safetensors.numpy.save(kept, metadata))


def test_what_is_written_comes_back(bundle: Path) -> None:
    loaded = load_bundle(bundle)
    generator, patterns = make_generator().eval(), torch.randn(3, 3, 16, 16)
    assert (loaded.generator(patterns) == generator(patterns)).all()
    assert not loaded.generator.training
    np.testing.assert_array_equal(loaded.probe, make_probe())
    assert loaded.probe.dtype == np.complex64
    assert loaded.card == read_card(bundle)
    assert loaded.card.metrics == make_card().metrics
    assert loaded.card.pixel_size_m == (1e-8, 2e-8)


def test_arrays_may_lie_in_memory_in_any_order(tmp_path: Path) -> None:
    """A probe that a reader transposed, weights in channels-last order."""
    path, probe, generator = tmp_path / "a.safetensors", make_probe(), make_generator()
    write_bundle(path, generator.to(memory_format=torch.channels_last), make_card(), np.asfortranarray(probe))
    loaded = load_bundle(path)
    np.testing.assert_array_equal(loaded.probe, probe)
    for name, value in generator.state_dict().items():
        assert torch.equal(loaded.generator.state_dict()[name], value)


def test_a_loaded_generator_can_be_trained_on(bundle: Path) -> None:
    generator = load_bundle(bundle).generator.train()
    generator(torch.randn(1, 3, 16, 16)).abs().sum().backward()
    assert all(parameter.grad is not None for parameter in generator.parameters())


def test_the_card_carries_the_complete_configuration(bundle: Path) -> None:
    assert read_card(bundle).spec.config == default_config("stable_hybrid") | SPEC.config


def test_card_and_probe_are_read_without_torch(bundle: Path) -> None:
    code = (
        "import sys, pathlib; from ptygui.generators.bundle import read_card, read_probe, bundle_id;"
        "p = pathlib.Path(sys.argv[1]); read_card(p), read_probe(p), bundle_id(p);"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(bundle)], check=True)
    np.testing.assert_array_equal(read_probe(bundle), make_probe())


def test_the_id_belongs_to_the_content(bundle: Path, tmp_path: Path) -> None:
    copy = tmp_path / "other name.safetensors"
    copy.write_bytes(bundle.read_bytes())
    assert bundle_id(copy) == bundle_id(bundle)
    write_bundle(copy, make_generator(), make_card(name="other"), make_probe(), overwrite=True)
    assert bundle_id(copy) != bundle_id(bundle)


def test_an_existing_file_is_kept(bundle: Path) -> None:
    before = bundle.read_bytes()
    with pytest.raises(BundleError, match="exists already"):
        write_bundle(bundle, make_generator(), make_card(name="other"), make_probe())
    assert bundle.read_bytes() == before


@pytest.mark.parametrize(
    ("card", "probe", "what"),
    [
        ({"parameters": 7}, make_probe(), "promises 7 parameters"),
        ({"metrics": {"x": float("nan")}}, make_probe(), "metrics"),
        ({}, make_probe()[:, :8], "'probe' must be"),
    ],
)
def test_a_bundle_that_could_not_be_read_is_not_written(
    bundle: Path, card: dict[str, Any], probe: np.ndarray, what: str
) -> None:
    before = bundle.read_bytes()
    with pytest.raises(BundleError, match=what):
        write_bundle(bundle, make_generator(), make_card(**card), probe, overwrite=True)
    assert bundle.read_bytes() == before
    assert list(bundle.parent.iterdir()) == [bundle]


def test_a_card_with_a_wrong_configuration_is_not_written(tmp_path: Path) -> None:
    spec = GeneratorSpec(architecture="stable_hybrid", config={"wdth": 2})
    with pytest.raises(ConfigError, match="wdth"):
        write_bundle(tmp_path / "b.safetensors", make_generator(), make_card(spec=spec), make_probe())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="cannot be written: No such file or directory"):
        write_bundle(tmp_path / "missing" / "b.safetensors", make_generator(), make_card(), make_probe())


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04" + bytes(100), "zip archive or PyTorch checkpoint"),
        (b"\x80\x04\x95" + bytes(100), "a pickle"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "HDF5"),
        (b"", "cut short"),
        (b"{}", "cut short"),
        (b"\xff" * 64, "cut short"),
        ((2).to_bytes(8, "little") + b"{}", "without a ptygui card"),
        ((2).to_bytes(8, "little") + b"[]", "header"),
        ((4).to_bytes(8, "little") + b"\xff\xfe\xfd\xfc", "header"),
        ((20000).to_bytes(8, "little") + b"[" * 20000, "header"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "bundle.safetensors"
    path.write_bytes(content)
    for read in (read_card, read_probe, load_bundle):
        with pytest.raises(BundleError, match=what) as error:
            read(path)
        assert str(path) in str(error.value)
        assert "\n" not in str(error.value)


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    """A pickle that would make a file if somebody opened it."""
    victim, path = tmp_path / "victim", tmp_path / "bundle.safetensors"
    path.write_bytes(b"cbuiltins\nopen\n(V" + str(victim).encode() + b"\nVw\ntR.")
    with pytest.raises(BundleError):
        load_bundle(path)
    assert not victim.exists()


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    for read in (read_card, read_probe, load_bundle, bundle_id):
        with pytest.raises(BundleError, match="cannot be read: No such file"):
            read(tmp_path / "missing.safetensors")


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"change_card": {"schema": 2}}, "schema 2.*reads schema 1"),
        ({"change_card": {"parameters": "many"}}, "Expected `int`"),
        ({"change_card": {"spec": {"architecture": "cnn", "config": {"levels": 99}}}}, "levels"),
        ({"probe": None}, "'probe'"),
        ({"probe": np.zeros((16, 16, 2), np.float32)}, "'probe'"),
        ({"generator.head.conv.bias": None}, "parameters"),
        ({"generator.head.conv.bias": np.zeros(2, np.float64)}, "float32"),
        ({"more": np.zeros(2, np.float32)}, "unknown tensors"),
    ],
)
def test_a_header_that_contradicts_itself_is_refused(
    bundle: Path, changes: dict[str, Any], what: str
) -> None:
    rewrite(bundle, **changes)
    with pytest.raises(BundleError, match=what):
        read_card(bundle)


def spec_json(**changes: Any) -> dict[str, Any]:
    return {"spec": msgspec.to_builtins(SPEC) | changes}


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"change_card": spec_json(architecture="from_the_future")}, "no generator 'from_the_future'"),
        ({"change_card": spec_json(config={"new_option": 1})}, "new_option"),
        ({"change_card": spec_json(config={"width": 4, "levels": 2})}, "not those of the network"),
        ({"change_card": spec_json(config={"width": 4096, "levels": 10})}, "too large|not those"),
        ({"change_card": spec_json(architecture="fno", config={})}, "not those of the network"),
        ({"generator.head.conv.bias": np.full(2, np.nan, np.float32)}, "not finite"),
        ({"probe": np.full((1, 16, 16, 2), np.inf, np.float32)}, "probe"),
        ({"probe": np.zeros((1, 16, 16, 2), np.float32)}, "probe"),
    ],
)
def test_weights_that_do_not_fit_are_refused(bundle: Path, changes: dict[str, Any], what: str) -> None:
    rewrite(bundle, **changes)
    with pytest.raises(BundleError, match=what):
        load_bundle(bundle)


@given(data=st.data())
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_mutated_bundle_is_valid_or_refused(bundle: Path, data: st.DataObject) -> None:
    whole = bundle.read_bytes()
    header_end = 8 + int.from_bytes(whole[:8], "little")
    content = bytearray(whole[: data.draw(st.integers(0, len(whole)) | st.just(len(whole)))])
    places = st.integers(0, header_end + 16)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=4)):
        if place < len(content):
            content[place] = value
    mutant = bundle.with_name("mutant.safetensors")
    mutant.write_bytes(content)
    try:
        loaded = load_bundle(mutant)
    except BundleError:
        return
    assert loaded.generator(torch.randn(1, 3, 16, 16)).shape == (1, 16, 16)


def test_building_without_memory_does_not_drag_in_the_compiler() -> None:
    """An operation that meta tensors know by decomposition only imports torch._dynamo: 2 s, 200 MiB."""
    script = """
import sys, torch
from ptygui.generators.registry import create_generator, list_generators
for name in list_generators():
    with torch.device("meta"):
        create_generator(name, 3, 32)
    assert "torch._dynamo" not in sys.modules, name
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
