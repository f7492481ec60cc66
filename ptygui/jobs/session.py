"""A session reconstructs one scan after the other and keeps the last generator loaded on its device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ptygui.core.errors import BundleError, DeviceError
from ptygui.core.events import DeviceUsed, Event, JobControl, Progress
from ptygui.core.scan import Scan
from ptygui.jobs import devices

if TYPE_CHECKING:
    from ptygui.generators.bundle import LoadedBundle
    from ptygui.reconstruct.plan import Choices

LoadedKey = tuple[Path, int, int, str]
"""File, time of change, size, device."""


@dataclass(frozen=True)
class _Loaded:
    key: LoadedKey
    id: str
    bundle: LoadedBundle


class WarmGenerator:
    """Loads a bundle, unless the last one asked for was the same file on the same device."""

    def __init__(self) -> None:
        self._loaded: _Loaded | None = None

    def get(self, path: Path, device_id: str) -> tuple[LoadedBundle, str]:
        """Return the bundle and its id.

        Raises
        ------
        BundleError, DeviceError
        """
        key = _key(path, device_id)
        if self._loaded is None or self._loaded.key != key:
            self.forget()  # before loading, so that the device never holds two
            self._loaded = _load(key)
        return self._loaded.bundle, self._loaded.id

    def forget(self) -> None:
        """Let the loaded generator go."""
        self._loaded = None


def run(
    warm: WarmGenerator, scan: Scan, generator: Path, choices: Choices, control: JobControl
) -> Iterator[Event]:
    """Test the device, load the generator, plan, reconstruct."""
    import torch

    from ptygui.reconstruct.engine import Engine
    from ptygui.reconstruct.network import Network
    from ptygui.reconstruct.plan import BundleFacts, plan

    # On a CPU tiny numbers cost ten times the time. The threads of torch's pool inherit this from the thread
    # that starts the pool with its first larger computation, so it comes before anything else.
    torch.set_flush_denormal(True)
    yield Progress("Loading the generator", 0, 1, unit="generators")
    devices.test_device(choices.device_id)
    bundle, bundle_id = warm.get(generator, choices.device_id)
    planned = plan(scan, BundleFacts(generator, bundle_id, bundle.card, bundle.probe), choices)
    network = Network.planned(bundle.generator, planned)
    yield DeviceUsed(str(network.device), devices.device_used(next(bundle.generator.parameters())))
    try:
        yield from Engine(planned, network, network.device, control).run()
    except RuntimeError as error:
        warm.forget()
        if choices.device_id == "cpu":
            raise
        raise device_failure(choices.device_id, error) from error


def _key(path: Path, device_id: str) -> LoadedKey:
    try:
        facts = path.stat()
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror or error}.") from error
    return path.resolve(), facts.st_mtime_ns, facts.st_size, device_id


def _load(key: LoadedKey) -> _Loaded:
    from ptygui.generators.bundle import bundle_id, load_bundle

    path, _, _, device_id = key
    return _Loaded(key, bundle_id(path), load_bundle(path, device_id))


def device_failure(device_id: str, error: RuntimeError) -> DeviceError:
    """Put into words what a device other than the CPU says when it fails or vanishes in mid-run."""
    text = str(error).strip().splitlines()[0]
    return DeviceError(
        f"Device '{device_id}' failed during the reconstruction ({text}): choose another device, or test it "
        "with `ptygui doctor`."
    )
