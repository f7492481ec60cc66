"""Where a job can compute: CPU, every CUDA device, MPS. torch is imported inside the functions."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil

from ptygui.core.errors import DeviceError

if TYPE_CHECKING:
    import torch

_BUSY_WORDS = ("out of memory", "busy", "unavailable", "exclusive", "prohibited", "not enough memory")


@dataclass(frozen=True)
class Device:
    """One place to compute."""

    id: str
    """'cpu', 'cuda:0', 'mps': what torch calls it."""
    name: str
    """'NVIDIA H100 80GB HBM3', 'CPU, 2 cores'."""
    free_bytes: int | None = None
    total_bytes: int | None = None


def list_devices() -> list[Device]:
    """List what this machine has: CUDA devices first, then MPS, then the CPU, which is always there."""
    import torch

    devices = [_cuda_device(index) for index in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        devices.append(_shared_memory_device("mps", "Apple GPU"))
    return [*devices, _shared_memory_device("cpu", f"CPU, {_cores()}")]


def test_device(device_id: str) -> None:
    """Compute something small on a device and check the result.

    Raises
    ------
    DeviceError
        If the device is absent, busy or wrong, in words; never falls back to another.
    """
    present = [device.id for device in list_devices()]
    if device_id not in present:
        raise DeviceError(f"There is no device '{device_id}' here; there is {', '.join(present)}.")
    try:
        error = _round_trip_error(device_id)
    except (RuntimeError, MemoryError) as reason:
        raise DeviceError(_in_words(device_id, reason)) from reason
    if not error < 1e-4:
        raise DeviceError(
            f"Device '{device_id}' computes wrongly (a Fourier transform and back is off by {error:.2g}): "
            "choose another device and have this one checked."
        )


def device_used(tensor: torch.Tensor) -> str:
    """Say where a tensor really is, in words, e.g. 'cuda:0 (NVIDIA H100 80GB HBM3)'."""
    names = {device.id: device.name for device in list_devices()}
    device_id = str(tensor.device)
    return f"{device_id} ({names.get(device_id, 'unknown')})"


def _round_trip_error(device_id: str) -> float:
    """Largest error of a Fourier transform and its inverse, as every reconstruction needs them."""
    import torch

    there = torch.arange(64 * 64, dtype=torch.float32).reshape(64, 64).to(device_id) / 4096
    back = torch.fft.ifft2(torch.fft.fft2(there) * 2).real / 2
    if back.device != there.device or str(there.device) != device_id:
        raise RuntimeError(f"asked for {device_id}, but torch computed on {back.device}")
    return float((back - there).abs().max())


def _in_words(device_id: str, reason: BaseException) -> str:
    text = str(reason).strip().splitlines()[0] if str(reason).strip() else type(reason).__name__
    if any(word in text.lower() for word in _BUSY_WORDS):
        return (
            f"Device '{device_id}' is busy or its memory is full ({text}): free it, or choose another device."
        )
    return f"Device '{device_id}' failed its test ({text}): choose another device."


def _cuda_device(index: int) -> Device:
    import torch

    name = torch.cuda.get_device_name(index)
    try:
        free, total = torch.cuda.mem_get_info(index)
    except RuntimeError:  # exclusive to another process: still listed, its test says why it cannot be used
        return Device(f"cuda:{index}", name)
    return Device(f"cuda:{index}", name, free, total)


def _shared_memory_device(device_id: str, name: str) -> Device:
    memory = psutil.virtual_memory()
    return Device(device_id, name, memory.available, memory.total)


def _cores() -> str:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return f"{count} core" if count == 1 else f"{count} cores"
