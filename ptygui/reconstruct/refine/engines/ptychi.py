"""The engines of pty-chi, in a process of their own: they make the steps, what they lead to is judged here.

Every epoch's object, probe and positions are laid on the array of this refinement and looked at with its own
model and likelihood: curves, guard and evidence are those of any engine. pty-chi is at most two epochs ahead;
a pause holds what is done here, and pty-chi as soon as it is so far ahead. A stop does not wait for it.

The brightness of each pattern and the background are as they were at the start: pty-chi is given patterns
from which they are taken out. Of a varying probe the mean, of a thick object the product of its slices is
what is judged, shown and kept; after the guard has taken an epoch back, both begin anew.
"""

from __future__ import annotations

import weakref
from collections.abc import Generator
from dataclasses import replace
from typing import ClassVar

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from ptygui.core.events import Event
from ptygui.core.geometry import wavelength_m
from ptygui.physics.slope import Measured, Tally
from ptygui.physics.unknowns import Free, Unknowns
from ptygui.reconstruct.peers.choice import PREFIX, peer_options
from ptygui.reconstruct.peers.job import PeerInputs, PeerState
from ptygui.reconstruct.peers.options import TRAITS, PeerError, PeerOptions
from ptygui.reconstruct.peers.process import PeerEpoch, poll_peer
from ptygui.reconstruct.refine.config import RefineConfig
from ptygui.reconstruct.refine.engines.base import register_engine
from ptygui.reconstruct.refine.problem import Problem

_PLANE = (-2, -1)


class PtychiEngine:
    """See the module text."""

    can_free: ClassVar[Free] = Free(True, True, True, False, False)
    proven: ClassVar[bool] = True
    monotonic: ClassVar[bool] = False

    def __init__(self, problem: Problem, at: Unknowns, free: Free, config: RefineConfig) -> None:
        self.at, self.settled = at, False
        self._problem, self._free, self._config = problem, free, config
        self._begun, self._calm = 0, 1.0
        self._peer: Generator[PeerEpoch | None, None, None] | None = None
        self._ending: weakref.finalize[..., PtychiEngine] | None = None

    def epoch(self) -> Generator[Event, None, Tally | None]:
        """Wait for the next epoch of pty-chi; returns how the patterns are explained after it."""
        self._begun += 1
        tally = None
        try:
            at = yield from self._next()
            if at is not None:
                tally = yield from self._problem.tally(at)
            if at is not None and tally is not None:
                self.at = at
            return tally
        finally:
            if tally is None or self._begun >= self._config.epochs:
                self._end()

    def calm_down(self, at: Unknowns) -> None:
        """Go back to a point; pty-chi starts anew from there with half the steps, where it has any."""
        self._end()
        self.at = at
        self._calm /= 2

    def _next(self) -> Generator[Event, None, Unknowns | None]:
        """Return where pty-chi is after its next epoch; None if it was stopped before."""
        if self._peer is None:
            inputs = yield from self._inputs()
            if inputs is None:
                return None
            self._peer = poll_peer(None, inputs, self._options())
            self._ending = weakref.finalize(self, self._peer.close)  # whoever drops the engine ends it
            del inputs
        for done in self._peer:
            if done is not None and done.state is not None:
                return self._unknowns(done.state)
            yield self._problem.meter.progress()
            if self._problem.control.stop_requested:
                return None
        raise PeerError("pty-chi ended before all epochs were done: refine again from what there is.")

    def _end(self) -> None:
        """End pty-chi, if it runs."""
        if self._ending is not None:
            self._ending()
        self._peer = self._ending = None

    def _options(self) -> PeerOptions:
        device = self._problem.data.device
        return msgspec.structs.replace(
            peer_options(self._config, self._calm),
            epochs=self._config.epochs - self._begun + 1,
            update_probe=self._free.probe,
            update_positions=self._free.positions,
            device_id="cpu" if device.type == "cpu" else f"{device.type}:{device.index or 0}",
            threads=torch.get_num_threads(),
        )

    def _inputs(self) -> Generator[Event, None, PeerInputs | None]:
        """Lay out what pty-chi starts from, on the array that begins at (0, 0); None if it was stopped."""
        data, at = self._problem.data, self.at
        patterns = np.empty((len(data), *data.scan.pattern_shape), np.float32)

        def take(batch: Measured) -> None:
            gains = at.gains[batch.indices, None, None]
            counts = (batch.amplitude.square() - at.glow.square()).clamp_min(0) / gains.square()
            patterns[batch.indices.cpu().numpy()] = torch.fft.fftshift(counts, dim=_PLANE).cpu().numpy()

        if not (yield from self._problem.sweep(lambda batch: batch, take)):
            return None
        metadata = data.scan.metadata
        pixel, energy = metadata.pixel_size_m, metadata.energy_ev
        return PeerInputs(
            patterns=patterns,
            positions_px=self._places() + at.shifts.cpu().numpy(),
            probe=at.probe.cpu().numpy(),
            object=at.object.cpu().numpy(),
            origin_px=np.zeros(2),
            bad_pixels=data.scan.bad_pixels,
            pixel_size_m=None if pixel is None else np.array(pixel),
            wavelength_m=None if energy is None else np.array(wavelength_m(energy)),
        )

    def _places(self) -> NDArray[np.float64]:
        """Return where the patterns were taken before anything moved, on the array, (n, 2)."""
        where = self._problem.setting.windows
        corners = np.stack(np.divmod(where.corners.cpu().numpy(), where.shape[1]), axis=-1)
        middle = np.array(where.window) // 2
        places: NDArray[np.float64] = corners + middle + where.rests.cpu().numpy().astype(np.float64)
        return places

    def _unknowns(self, state: PeerState) -> Unknowns:
        """Bring a state of pty-chi here; what is not free stays as it is, to the last digit."""
        at = replace(self.at, object=torch.from_numpy(state.object).to(self.at.object))
        if self._free.probe:
            at = replace(at, probe=torch.from_numpy(state.probe).to(at.probe))
        if self._free.positions:
            shifts = torch.from_numpy(state.positions_px - self._places())
            at = self._problem.within_limits(replace(at, shifts=shifts.to(at.shifts)))
        return at


class StillPtychiEngine(PtychiEngine):
    """Those of pty-chi's engines that cannot correct positions."""

    can_free: ClassVar[Free] = Free(True, True, False, False, False)


for _name, _traits in TRAITS.items():
    register_engine(PREFIX + _name)(PtychiEngine if _traits.positions else StillPtychiEngine)
