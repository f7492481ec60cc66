import pytest
import safetensors.torch
import torch

from ptygui.core.errors import ConfigError
from ptygui.generators.layers import SpectralConv
from ptygui.generators.registry import create_generator
from ptygui.runs.layout import RunPaths, RunState
from ptygui.runs.reader import RunReader
from ptygui.runs.records import read_status
from ptygui.train import module as training
from ptygui.train.placement import check_devices, devices_of
from ptygui.train.scan_physics import ScanPhysics
from ptygui.train.session import train


@pytest.mark.parametrize("architecture", ["cnn", "fno", "hybrid", "stable_hybrid"])
def test_in_16_bits_a_generator_gives_patches_in_32(architecture):
    settings = {"levels": 2} if architecture != "fno" else {}
    generator = create_generator(architecture, 3, 16, width=4, flat_start=False, **settings)
    x = torch.randn(2, 3, 16, 16)
    exact = generator(x)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = generator(x)
    assert mixed.dtype == torch.complex64
    assert not torch.equal(mixed, exact)  # 16 bits were used
    assert (mixed - exact).abs().max() < 0.1 * exact.abs().max()


def test_the_spectral_convolution_stays_exact():
    layer, x = SpectralConv(3, 4, 5), torch.randn(2, 3, 16, 16)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = layer(x)
        assert layer(x.bfloat16()).dtype == torch.float32
    assert torch.equal(mixed, layer(x))


def test_mixed_training_keeps_weights_and_physics_in_32_bits(run_directory, monkeypatch):
    loss_of, seen = ScanPhysics.loss, []

    def watching(self, patches, batch):
        seen.append((patches.dtype, torch.is_autocast_enabled("cpu")))
        return loss_of(self, patches, batch)

    monkeypatch.setattr(ScanPhysics, "loss", watching)
    mixed, exact = (
        RunPaths(run_directory(generator="stable_hybrid", precision=precision, steps=6))
        for precision in ("bf16-mixed", "32-true")
    )
    train(mixed.root)
    assert set(seen) == {(torch.complex64, False)}
    train(exact.root)
    losses = {}
    for paths in (mixed, exact):
        tensors = safetensors.torch.load_file(paths.checkpoints / "last.safetensors")
        assert {value.dtype for value in tensors.values()} == {torch.float32}
        assert all(value.isfinite().all() for value in tensors.values())
        rows = RunReader(paths.root).poll().rows
        losses[paths.root] = [row.value for row in rows if (row.split, row.metric) == ("train", "loss")]
    assert losses[mixed.root] == pytest.approx(losses[exact.root], rel=0.05)
    assert losses[mixed.root] != losses[exact.root]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"precision": "16-mixed"}, "A CPU cannot train with precision = '16-mixed'"),
        ({"precision": "bf16-mixed", "device": "mps"}, "An Apple GPU cannot train in 'bf16-mixed'"),
        ({"processes": 2, "device": "mps"}, "one process only"),
    ],
)
def test_what_a_device_cannot_do_is_said_before_anything_is_computed(
    run_directory, monkeypatch, changed, said
):
    monkeypatch.setattr("ptygui.train.session.prepare", lambda *_: pytest.fail("computed"))
    paths = RunPaths(run_directory(**changed))
    with pytest.raises(ConfigError, match=said):
        train(paths.root)
    assert read_status(paths.root).state is RunState.FAILED


def test_every_device_of_a_run_is_tested(tiny, monkeypatch):
    tested = []
    monkeypatch.setattr("ptygui.train.placement.test_device", tested.append)
    check_devices(tiny(device="cuda:1", processes=3))
    check_devices(tiny(processes=3))
    assert tested == ["cuda:1", "cuda:2", "cuda:3", "cpu"]
    assert devices_of(tiny(processes=3)) == ["cpu"] * 3
    assert devices_of(tiny(device="cuda:1")) == ["cuda:1"]


def test_bfloat16_needs_a_gpu_that_has_it(tiny, monkeypatch):
    monkeypatch.setattr("ptygui.train.placement.test_device", lambda _: None)
    monkeypatch.setattr(torch.cuda, "device", lambda _: torch.no_grad())
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: False)
    with pytest.raises(ConfigError, match="'cuda:0' cannot compute in bfloat16"):
        check_devices(tiny(device="cuda:0", precision="bf16-mixed"))


class Scaler:
    """Stands for the gradient scaler of a GPU."""

    def __init__(self, scale: float) -> None:
        self.scale = scale

    def get_scale(self) -> float:
        return self.scale


@pytest.mark.parametrize(
    ("loss", "scale", "skipped"), [(0.5, 65536.0, 0), (float("nan"), 65536.0, 1), (0.5, 0.25, 1)]
)
def test_an_overflow_of_the_scaled_gradient_is_left_to_the_scaler(tiny, training_scan, loss, scale, skipped):
    generator = create_generator("cnn", 3, 16, width=4, levels=2)
    module = training.TrainingModule(generator, [training_scan], tiny())
    module.loss, module.gradient_norm = loss, 0.25
    module._scaler = Scaler(scale)
    for parameter in generator.parameters():
        parameter.grad = torch.full_like(parameter, float("inf"))
    module.configure_gradient_clipping(module.configure_optimizers())
    assert module.skipped == skipped
    assert (module.gradient_norm == 0.25) is (skipped == 0)
    assert all(parameter.grad is None for parameter in generator.parameters())
