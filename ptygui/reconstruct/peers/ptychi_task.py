"""One reconstruction in pty-chi's terms, its results in ptygui's. Only the worker imports this.

pty-chi's conventions, as found (2.2): its far field is the plain FFT, so a probe is sqrt(H W) times weaker
than ptygui's; positions count from a point of the object array, and a window of N pixels about position p
begins at round(p) + point - (N - 1) / 2: for even N the point lies half a pixel before a whole one. The rest
of a position moves the probe, as here.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ptygui.reconstruct.peers.job import PeerInputs, PeerState
from ptygui.reconstruct.peers.options import Engine, PeerOptions

OPTIONS_CLASSES = {
    "epie": "EPIEOptions",
    "rpie": "RPIEOptions",
    "lsqml": "LSQMLOptions",
    "autodiff": "AutodiffPtychographyOptions",
    "dm": "DMOptions",
    "raar": "RAAROptions",
}
WHOLE_SCAN = ("dm", "raar")
"""They keep all exit waves, update once an epoch, and only compute in chunks."""
OPR_START = 1e-3
"""First weight of a mode by which the probe varies, as a share of the probe; zero would stay zero."""
POSITION_STEP = 0.02
"""Of Adam, in pixels; the other engines keep that of pty-chi."""
RAAR_BOUND, RAAR_INERTIA = 5.0, 0.9
"""Largest amplitude of the object, the flat one being 1, and share of the old probe that is kept. raar
divides by the light alone: without these, what is dim grew to 1000 in an epoch and spoilt the probe."""


def load_ptychi() -> tuple[Any, Any]:
    """Import pty-chi's `api` and `api.task`; raises ImportError.

    All it takes from torchvision is a blur for random images, which is never called here, and torchvision
    from PyPI does not even load beside torch's CPU build: so an empty module stands in, in this process.
    """
    transforms = ModuleType("torchvision.transforms")
    transforms.__dict__["GaussianBlur"] = None
    sys.modules["torchvision"] = ModuleType("torchvision")
    sys.modules["torchvision.transforms"] = transforms
    return import_module("ptychi.api"), import_module("ptychi.api.task")


@dataclass(frozen=True)
class Frame:
    """How pty-chi's numbers become ptygui's."""

    origin_px: NDArray[np.float64]
    """(row, col) of the object's element [0, 0]."""
    middle: NDArray[np.float64]
    """(row, col), whole: the object pixel that pty-chi's positions count from; float32 likes them small."""
    shape: tuple[int, int]
    """(H, W)."""

    @classmethod
    def of(cls, inputs: PeerInputs) -> Frame:
        """Choose the frame for a scan."""
        inside = inputs.positions_px - inputs.origin_px
        middle = np.rint((inside.min(axis=0) + inside.max(axis=0)) / 2)
        return cls(inputs.origin_px, middle, inputs.probe.shape[1:])

    @property
    def position_origin(self) -> list[float]:
        """What pty-chi calls `position_origin_coords`: (row, col)."""
        half = 0.5 * (np.array(self.shape) % 2 == 0)
        return [float(value) for value in self.middle - half]

    @property
    def probe_scale(self) -> float:
        """How many times stronger the probe is here than in pty-chi."""
        return float(np.sqrt(np.prod(self.shape)))

    def to_ptychi(self, positions_px: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return positions (n, 2) (y, x) as pty-chi counts them."""
        return (positions_px - self.origin_px - self.middle).astype(np.float32)

    def to_ptygui(self, positions: NDArray[np.float32]) -> NDArray[np.float64]:
        """Undo `to_ptychi`."""
        return positions.astype(np.float64) + self.middle + self.origin_px


class PtychiTask:
    """A reconstruction that is run epoch by epoch.

    Raises
    ------
    ImportError
        If pty-chi or something that it needs is missing.
    """

    def __init__(self, inputs: PeerInputs, options: PeerOptions) -> None:
        api, task = load_ptychi()
        self._inputs, self._options, self._frame = inputs, options, Frame.of(inputs)
        probe = (inputs.probe / self._frame.probe_scale)[None]
        weights = None
        if options.opr_modes:
            probe, weights = _with_opr(probe, options, len(inputs.patterns))
        positions = self._frame.to_ptychi(inputs.positions_px)
        self._task = task.PtychographyTask(
            _task_options(api, inputs, options, self._frame),
            diffraction_data=_patterns(inputs),
            object_data=_slices(inputs.object, options.slices),
            probe_data=probe.astype(np.complex64),
            probe_position_y_px=positions[:, 0],
            probe_position_x_px=positions[:, 1],
            opr_mode_weights_data=weights,
            valid_pixel_mask=None if inputs.bad_pixels is None else np.fft.ifftshift(~inputs.bad_pixels),
        )

    def run_epoch(self) -> float:
        """Run one epoch and return its loss, in the engine's own measure; NaN if it diverged."""
        try:
            self._task.run(n_epochs=1)
        except RuntimeError:  # what is no number does not pass pty-chi's own linear algebra
            if self.is_finite():
                raise
            return float("nan")
        return float(self._task.reconstructor.loss_tracker.table["loss"].iloc[-1])

    def is_finite(self) -> bool:
        """Whether object and probe are still numbers."""
        return all(bool(np.isfinite(self._values(name)).all()) for name in ("object", "probe"))

    def state(self, epoch: int) -> PeerState:
        """Return object, probe and positions as they are, in ptygui's conventions."""
        slices, positions_px = self._values("object"), self._inputs.positions_px
        if self._options.update_positions:
            positions_px = self._frame.to_ptygui(self._values("probe_positions"))
        return PeerState(
            epoch=np.array(epoch),
            object=slices.prod(axis=0),
            origin_px=self._inputs.origin_px,
            probe=(self._values("probe")[0] * self._frame.probe_scale).astype(np.complex64),
            positions_px=positions_px,
            slices=slices if len(slices) > 1 else None,
        )

    def _values(self, name: str) -> NDArray[Any]:
        return np.asarray(self._task.get_data_to_cpu(name, as_numpy=True))


def _patterns(inputs: PeerInputs) -> NDArray[np.float32]:
    """Return the patterns with zero frequency in the corner, and zero where bad pixels hold anything."""
    patterns = inputs.patterns
    if inputs.bad_pixels is not None:
        patterns = np.where(inputs.bad_pixels, np.float32(0), patterns)
    return np.fft.ifftshift(patterns, axes=(-2, -1))


def _slices(object_values: NDArray[np.complex64], count: int) -> NDArray[np.complex64]:
    """Return (count, rows, cols): the object in the middle slice, the others empty."""
    slices = np.ones((count, *object_values.shape), np.complex64)
    slices[count // 2] = object_values
    return slices


def _with_opr(
    probe: NDArray[np.complex64], options: PeerOptions, count: int
) -> tuple[NDArray[np.complex64], NDArray[np.float32]]:
    """Return the probe (1 + opr_modes, modes, H, W) and its weights (count, 1 + opr_modes)."""
    rng = np.random.default_rng(options.seed)
    shape = (options.opr_modes, *probe.shape[1:])
    modes = (rng.normal(size=shape) + 1j * rng.normal(size=shape)) / np.sqrt(2)
    weights = np.full((count, 1 + options.opr_modes), OPR_START * _typical_amplitude(probe[0]), np.float32)
    weights[:, 0] = 1
    return np.concatenate([probe, modes]).astype(np.complex64), weights


def _typical_amplitude(probe: NDArray[np.complex64]) -> float:
    """Return the amplitude of a probe (modes, H, W) where it is bright: sqrt(sum I² / sum I)."""
    intensity = (np.abs(probe) ** 2).sum(axis=0)
    return float(np.sqrt((intensity**2).sum() / intensity.sum()))


def _task_options(api: Any, inputs: PeerInputs, options: PeerOptions, frame: Frame) -> Any:
    made = getattr(api, OPTIONS_CLASSES[options.engine])()
    made.data_options.fft_shift = False  # done already, and right for odd sizes too
    _set_reconstructor(api, made.reconstructor_options, options)
    _set_object(api, made.object_options, inputs, options, frame)
    made.probe_options.optimizable = options.update_probe
    # It mixes the modes, also of a probe that is to be kept; dm and raar keep each mode's old waves.
    mix = options.update_probe and options.engine not in WHOLE_SCAN
    made.probe_options.orthogonalize_incoherent_modes.enabled = mix
    _set_positions(api, made.probe_position_options, options)
    made.opr_mode_weight_options.optimizable = options.opr_modes > 0
    if options.engine == "raar":
        made.object_options.amplitude_clamp_limit = RAAR_BOUND
        made.probe_options.inertia = RAAR_INERTIA
    if inputs.wavelength_m is not None:
        made.data_options.wavelength_m = float(inputs.wavelength_m)
    object_step = options.object_step or options.traits.object_step
    probe_step = options.probe_step or options.traits.probe_step
    if options.engine == "autodiff" and probe_step is not None:
        probe_step *= _typical_amplitude(inputs.probe) / frame.probe_scale
    _set_steps(api, made, options.engine, object_step, probe_step)
    return made


def _set_reconstructor(api: Any, made: Any, options: PeerOptions) -> None:
    batch_size = options.batch_size or options.traits.batch_size
    if options.engine in WHOLE_SCAN:
        made.chunk_length = batch_size
    else:
        made.batch_size = batch_size
    if options.engine == "lsqml":
        made.rescale_probe_intensity_in_first_epoch = False  # it is in counts, and the epoch would be lost
    made.random_seed = options.seed
    made.default_device = api.Devices.CPU if options.device_id == "cpu" else api.Devices.GPU


def _set_object(api: Any, made: Any, inputs: PeerInputs, options: PeerOptions, frame: Frame) -> None:
    made.position_origin_coords = frame.position_origin
    made.determine_position_origin_coords_by = api.ObjectPosOriginCoordsMethods.SPECIFIED
    # It would rescale the probe too, which then is not the one that was to be kept.
    made.remove_object_probe_ambiguity.enabled = options.update_probe
    if inputs.pixel_size_m is not None:
        height, width = inputs.pixel_size_m
        made.pixel_size_m, made.pixel_size_aspect_ratio = float(width), float(width / height)
    if options.slices > 1:
        made.slice_spacings_m = [options.slice_spacing_m] * (options.slices - 1)


def _set_positions(api: Any, made: Any, options: PeerOptions) -> None:
    made.optimizable = options.update_positions
    made.affine_transform_constraint.enabled = options.affine_positions
    if options.engine == "autodiff":
        made.optimizer = api.Optimizers.ADAM
        made.step_size = POSITION_STEP


def _set_steps(
    api: Any, made: Any, engine: Engine, object_step: float | None, probe_step: float | None
) -> None:
    """Set the steps to what the engine calls so; dm and raar have none."""
    sides = (made.object_options, object_step), (made.probe_options, probe_step)
    for side, step in sides:
        if engine == "lsqml":
            side.optimal_step_size_scaler = step
        elif step is not None:
            side.step_size = step
        if engine == "autodiff":
            side.optimizer = api.Optimizers.ADAM
        if engine == "epie":  # there alpha is a second step; in rpie it regularises
            side.alpha = 1.0
