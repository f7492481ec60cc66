"""Choosing where to compute."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from ptygui.core.errors import DeviceError
from ptygui.gui.presenters.backend import Backend
from ptygui.gui.presenters.complaints import Complain
from ptygui.gui.presenters.runner import Runner
from ptygui.jobs.devices import Device


class DeviceView(Protocol):
    """The device card."""

    def show_searching(self) -> None:
        """Say that devices are being looked for."""

    def show_devices(self, devices: Sequence[Device], chosen: int | None) -> None:
        """Offer devices."""

    def show_used(self, text: str) -> None:
        """Say where the last run really computed."""


class DevicePresenter:
    """Decides which device is chosen; never changes it silently."""

    def __init__(
        self,
        view: DeviceView,
        runner: Runner,
        backend: Backend,
        on_change: Callable[[], None],
        complain: Complain,
    ) -> None:
        self._view, self._runner, self._backend = view, runner, backend
        self._on_change, self._complain = on_change, complain
        self._devices: Sequence[Device] = ()
        self._chosen: int | None = None
        self.searching = True

    @property
    def device(self) -> Device | None:
        """The chosen device, None until devices are known."""
        return None if self._chosen is None else self._devices[self._chosen]

    @property
    def ids(self) -> list[str]:
        """Names of all devices that are known."""
        return [device.id for device in self._devices]

    def load(self, preferred: str | None = None) -> None:
        """Look for devices (this loads torch) and choose `preferred`, or the first."""
        self._view.show_searching()
        self._runner.call("devices", self._backend.list_devices, partial(self._offer, preferred), self._fail)

    def refresh(self) -> None:
        """Look again, keeping the choice: free memory has changed."""
        self._runner.call("devices", self._backend.list_devices, self._offer_again, self._complain)

    def choose(self, index: int) -> None:
        """Choose one of those offered."""
        self._chosen = index
        self._on_change()

    def show_used(self, text: str) -> None:
        """Tell where tensors really were."""
        self._view.show_used(text)

    def _offer(self, preferred: str | None, found: Sequence[Device]) -> None:
        ids = [device.id for device in found]
        self._show(found, ids.index(preferred) if preferred in ids else (0 if ids else None))

    def _offer_again(self, found: Sequence[Device]) -> None:
        keep, ids = self.device, [device.id for device in found]
        if keep is None:
            self._offer(None, found)
            return
        self._show(found, ids.index(keep.id) if keep.id in ids else None)
        if keep.id not in ids:
            self._complain(DeviceError(f"{keep.id} ({keep.name}) is no longer there: choose another device."))

    def _show(self, found: Sequence[Device], chosen: int | None) -> None:
        self._devices, self._chosen, self.searching = found, chosen, False
        self._view.show_devices(found, chosen)
        self._on_change()

    def _fail(self, error: Exception) -> None:
        self._show((), None)
        self._complain(error)
