"""Where a job can compute: CPU, every CUDA device, MPS. torch is imported inside the functions."""

from __future__ import annotations

from dataclasses import dataclass


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
    raise NotImplementedError


def test_device(device_id: str) -> None:
    """Compute something small on a device and check the result.

    Raises
    ------
    DeviceError
        If the device is absent, busy or wrong, in words; never falls back to another.
    """
    raise NotImplementedError
