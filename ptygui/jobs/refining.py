"""Refining a scan: device, start, engine; what `jobs.api.Session.refine` drives."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from ptygui.core.events import DeviceUsed, Event, JobControl, Progress
from ptygui.jobs import devices
from ptygui.jobs.session import device_failure

if TYPE_CHECKING:
    from ptygui.jobs.api import RefineRequest


def run(request: RefineRequest, control: JobControl) -> Iterator[Event]:
    """Test the device, lay out the start, refine."""
    import torch

    from ptygui.io.result_files import write_checkpoint
    from ptygui.reconstruct.refine.run import Refiner
    from ptygui.reconstruct.refine.start import choose_start
    from ptygui.reconstruct.refine.workshop import Workshop

    torch.set_flush_denormal(True)  # before torch's threads start, which inherit it
    yield Progress("Looking at the patterns", 0, 1, unit="scans")
    devices.test_device(request.device_id)
    device = torch.device(request.device_id)
    start = choose_start(request.scan, request.start, request.start_stage, request.config.modes)
    keep = None if request.checkpoint is None else partial(write_checkpoint, request.checkpoint)
    try:
        workshop = Workshop.set_up(request.scan, start, request.config, device, control)
        yield DeviceUsed(str(device), devices.device_used(workshop.start_at.object))
        yield from Refiner(workshop, request.config, control, keep).run()
    except RuntimeError as error:
        if request.device_id == "cpu":
            raise
        raise device_failure(request.device_id, error) from error
