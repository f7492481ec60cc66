"""Where a job can compute, for the window and the command line; importing this does not load torch."""

from __future__ import annotations

from ptygui.reconstruct.devices import Device, device_used, list_devices, test_device

__all__ = ["Device", "device_used", "list_devices", "test_device"]
