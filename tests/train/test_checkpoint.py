import pytest
import safetensors.torch
import torch
from torch import nn

from ptygui.generators.registry import create_generator
from ptygui.runs.layout import RunError
from ptygui.train.checkpoint import Counters, load_checkpoint, read_counters, write_checkpoint
from ptygui.train.schedule import Plateau


def network(width: int = 4) -> nn.Module:
    return create_generator("stable_hybrid", 3, 16, width=width, levels=2)


def adam(generator: nn.Module) -> torch.optim.Adam:
    return torch.optim.Adam(generator.parameters(), lr=1e-3)


def train(generator: nn.Module, optimiser: torch.optim.Optimizer, steps: range) -> None:
    for step in steps:
        random = torch.Generator().manual_seed(step)
        x = torch.randn(2, 3, 16, 16, generator=random)
        optimiser.zero_grad()
        (generator(x) - 2).abs().sum().backward()
        optimiser.step()


def equal(a: nn.Module, b: nn.Module) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a.parameters(), b.parameters(), strict=True))


@pytest.fixture
def checkpoint(tmp_path):
    """A checkpoint after three steps, with what wrote it."""
    generator = network()
    optimiser = adam(generator)
    train(generator, optimiser, range(3))
    path = tmp_path / "last.safetensors"
    write_checkpoint(path, generator, optimiser, Counters(step=3, wall_s=1.5, best=0.25))
    return path, generator, optimiser


def test_training_goes_on_with_the_same_numbers_to_the_bit(checkpoint):
    path, generator, optimiser = checkpoint
    other = network()
    other_optimiser = adam(other)
    assert not equal(generator, other)
    assert load_checkpoint(path, other, other_optimiser) == Counters(step=3, wall_s=1.5, best=0.25)
    assert equal(generator, other)
    for parts in ((generator, optimiser), (other, other_optimiser)):
        train(*parts, range(3, 6))
    assert equal(generator, other)
    # and the optimiser's state matters: without it the numbers differ
    bare = network()
    load_checkpoint(path, bare)
    train(bare, adam(bare), range(3, 6))
    assert not equal(generator, bare)


def test_counters_are_read_alone_and_nothing_else_is_left(checkpoint):
    path, *_ = checkpoint
    assert read_counters(path) == Counters(step=3, wall_s=1.5, best=0.25)
    assert [file.name for file in path.parent.iterdir()] == ["last.safetensors"]


def test_the_average_comes_back_too(tmp_path):
    generator, average, path = network(), network(), tmp_path / "last.safetensors"
    write_checkpoint(path, generator, adam(generator), Counters(step=1, wall_s=0.0), average)
    other, other_average = network(), network()
    load_checkpoint(path, other, None, other_average)
    assert equal(generator, other)
    assert equal(average, other_average)
    assert not equal(generator, average)


def test_where_nothing_was_averaged_the_average_is_the_generator(checkpoint):
    path, generator, _ = checkpoint
    other, average = network(), network()
    load_checkpoint(path, other, None, average)
    assert equal(average, generator)


def test_all_that_a_run_counts_is_kept(tmp_path):
    counters = Counters(
        step=3,
        wall_s=1.5,
        best=0.25,
        tried=5,
        rate_scale=0.1,
        rollbacks_done=2,
        plateau=Plateau(0.25, 1),
        scaler={"scale": 65536.0, "growth_factor": 2.0, "_growth_tracker": 7},
    )
    generator, path = network(), tmp_path / "last.safetensors"
    write_checkpoint(path, generator, adam(generator), counters)
    assert read_counters(path) == counters


def test_a_checkpoint_from_before_rollbacks_is_read(checkpoint):
    path, *_ = checkpoint
    with safetensors.safe_open(path, framework="pt") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
    old = {"ptygui.counters": '{"step":3,"wall_s":1.5,"best":0.25}'}
    safetensors.torch.save_file(tensors, path, old)
    assert read_counters(path) == Counters(step=3, wall_s=1.5, best=0.25)


def test_before_the_first_step_there_is_a_checkpoint_too(tmp_path):
    generator = network()
    path = tmp_path / "last.safetensors"
    write_checkpoint(path, generator, adam(generator), Counters(step=0, wall_s=0.0))
    other = network()
    assert load_checkpoint(path, other, adam(other)) == Counters(step=0, wall_s=0.0, best=None)
    assert equal(generator, other)


def test_an_older_checkpoint_stays_whole_when_writing_fails(checkpoint, monkeypatch):
    path, generator, optimiser = checkpoint

    def full_disk(tensors, file, metadata):
        file.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ptygui.train.checkpoint.save_file", full_disk)
    with pytest.raises(RunError, match="cannot be written .*No space"):
        write_checkpoint(path, generator, optimiser, Counters(step=9, wall_s=2.0))
    assert read_counters(path).step == 3
    assert [file.name for file in path.parent.iterdir()] == ["last.safetensors"]


def test_a_checkpoint_is_on_the_disk_before_it_takes_the_name(checkpoint, monkeypatch):
    path, generator, optimiser = checkpoint
    steps = []
    monkeypatch.setattr("os.fsync", lambda _: steps.append(read_counters(path).step))
    write_checkpoint(path, generator, optimiser, Counters(step=9, wall_s=2.0))
    assert steps == [3]
    assert read_counters(path).step == 9


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-100], lambda b: b[:40], lambda b: b"", lambda b: b"\xff" * 64]
)
def test_a_damaged_file_is_named(checkpoint, damage):
    path, generator, _ = checkpoint
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(RunError, match="last.safetensors is no checkpoint"):
        load_checkpoint(path, generator)


def test_a_pickle_is_refused_and_never_opened(tmp_path, monkeypatch):
    path = tmp_path / "model.pt"
    torch.save(network().state_dict(), path)
    monkeypatch.setattr("pickle.load", lambda *_: pytest.fail("unpickled"))
    monkeypatch.setattr("torch.load", lambda *_: pytest.fail("unpickled"))
    with pytest.raises(RunError, match="model.pt is no checkpoint"):
        load_checkpoint(path, network())


def test_other_tensors_and_other_networks_are_refused(checkpoint, tmp_path):
    path, *_ = checkpoint
    with pytest.raises(RunError, match="does not belong to this generator"):
        load_checkpoint(path, network(width=8))
    bare = tmp_path / "bare.safetensors"
    safetensors.torch.save_file({"a": torch.zeros(3)}, bare)
    with pytest.raises(RunError, match="bare.safetensors is no checkpoint"):
        read_counters(bare)
    with pytest.raises(RunError, match="absent"):
        read_counters(tmp_path / "absent.safetensors")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("optimiser.0.exp_avg", torch.zeros(7)),
        ("optimiser.999.exp_avg", torch.zeros(1)),
        ("optimiser.first.step", torch.tensor(3.0)),
    ],
)
def test_a_foreign_state_of_the_optimiser_is_refused_and_nothing_is_restored(checkpoint, name, value):
    path, *_ = checkpoint
    with safetensors.safe_open(path, framework="pt") as file:
        tensors, metadata = {key: file.get_tensor(key) for key in file.keys()}, file.metadata()  # noqa: SIM118
    safetensors.torch.save_file({**tensors, name: value}, path, metadata)
    other = network()
    before = [parameter.clone() for parameter in other.parameters()]
    with pytest.raises(
        RunError, match=f"does not belong to this optimiser: '{name.removeprefix('optimiser.')}'"
    ):
        load_checkpoint(path, other, adam(other))
    assert all(torch.equal(a, b) for a, b in zip(before, other.parameters(), strict=True))


def test_a_checkpoint_that_cannot_be_written_is_said_in_a_sentence(checkpoint, tmp_path):
    _, generator, optimiser = checkpoint
    path = tmp_path / "absent" / "last.safetensors"
    with pytest.raises(RunError, match=r"last.safetensors cannot be written .*resume the run"):
        write_checkpoint(path, generator, optimiser, Counters(step=3, wall_s=1.5))
