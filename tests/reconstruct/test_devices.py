import pytest
import torch

from ptygui.core.errors import DeviceError
from ptygui.reconstruct import devices


def test_the_cpu_is_always_there_last_with_its_cores_and_memory():
    cpu = devices.list_devices()[-1]
    assert cpu.id == "cpu"
    assert "core" in cpu.name
    assert 0 < cpu.free_bytes <= cpu.total_bytes


def test_the_cpu_passes_its_test():
    devices.test_device("cpu")


@pytest.mark.parametrize("device_id", ["cuda:7", "tpu", "cuda"])
def test_an_absent_device_is_named_beside_those_that_there_are(device_id):
    with pytest.raises(DeviceError, match=f"no device '{device_id}' here; there is .*cpu"):
        devices.test_device(device_id)


def test_a_busy_device_is_told_in_words(monkeypatch):
    def busy(_id):
        raise RuntimeError("CUDA error: all CUDA-capable devices are busy or unavailable\nmore")

    monkeypatch.setattr(devices, "_round_trip_error", busy)
    with pytest.raises(DeviceError, match=r"'cpu' is busy.*choose another") as info:
        devices.test_device("cpu")
    assert "\n" not in str(info.value)


def test_a_device_that_computes_wrongly_is_refused(monkeypatch):
    monkeypatch.setattr(devices, "_round_trip_error", lambda _id: 0.5)
    with pytest.raises(DeviceError, match="computes wrongly"):
        devices.test_device("cpu")


def test_a_device_that_computes_nonsense_is_refused(monkeypatch):
    monkeypatch.setattr(devices, "_round_trip_error", lambda _id: float("nan"))
    with pytest.raises(DeviceError, match="computes wrongly"):
        devices.test_device("cpu")


def test_where_a_tensor_is_is_read_from_the_tensor():
    assert devices.device_used(torch.zeros(1)).startswith("cpu (CPU, ")
    assert devices.device_used(torch.zeros(1, device="meta")) == "meta (unknown)"


def test_cuda_devices_come_first_with_free_and_total_memory(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: f"Card {index}")

    def memory(index):
        if index == 1:
            raise RuntimeError("CUDA error: exclusive-process mode")
        return 3, 8

    monkeypatch.setattr(torch.cuda, "mem_get_info", memory)
    first, second, cpu = devices.list_devices()
    assert (first.id, first.name, first.free_bytes, first.total_bytes) == ("cuda:0", "Card 0", 3, 8)
    assert (second.id, second.free_bytes) == ("cuda:1", None)
    assert cpu.id == "cpu"
