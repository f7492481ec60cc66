"""How a peer engine is to reconstruct; read by the one who asks and by the process that computes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import msgspec

from ptygui.core.errors import PtyguiError

Engine = Literal["epie", "rpie", "lsqml", "autodiff", "dm", "raar"]


class PeerError(PtyguiError):
    """A peer engine cannot be used, cannot do what was asked, or failed; the message says what to do."""


@dataclass(frozen=True)
class Traits:
    """What an engine can do, and the settings that suit it."""

    batch_size: int
    """Patterns per update; where there is one update an epoch, how many are computed at once."""
    object_step: float | None
    """None: the engine has no step."""
    probe_step: float | None
    positions: bool
    """It can correct positions; pty-chi's dm and raar try, and drive true ones away."""
    slices: bool
    """It knows thick objects."""
    opr: bool
    """Its probe can vary; pty-chi's raar tries, and loses a true object."""


TRAITS: dict[Engine, Traits] = {
    # pty-chi adds up what a batch's patterns say of a pixel: with more of them a full step may diverge.
    "epie": Traits(8, 1.0, 1.0, positions=True, slices=True, opr=True),
    "rpie": Traits(8, 1.0, 1.0, positions=True, slices=True, opr=True),
    "lsqml": Traits(32, 0.9, 0.9, positions=True, slices=True, opr=True),
    "autodiff": Traits(32, 0.02, 0.01, positions=True, slices=True, opr=False),
    "dm": Traits(32, None, None, positions=False, slices=False, opr=False),
    "raar": Traits(32, None, None, positions=False, slices=False, opr=False),
}


class PeerOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of one run of pty-chi.

    Raises
    ------
    PeerError
        If a number is out of range, or the engine cannot do what is asked; in a sentence.
    """

    engine: Engine = "autodiff"
    epochs: int = 50
    batch_size: int | None = None
    """Patterns per update (dm, raar: computed at once); None: what suits the engine, see `TRAITS`."""
    object_step: float | None = None
    """Step of the object; None: what suits the engine. autodiff: of Adam, the flat object being 1; lsqml:
    share of the step that it finds best; epie, rpie: share of the full update; dm and raar have none."""
    probe_step: float | None = None
    """The same for the probe; autodiff: as a share of the probe's typical amplitude."""
    update_probe: bool = True
    update_positions: bool = False
    affine_positions: bool = False
    """Draw the updated positions towards one rotation, scale and shear of the given ones."""
    opr_modes: int = 0
    """How many modes the probe may vary by from pattern to pattern (orthogonal probe relaxation); 0: none."""
    slices: int = 1
    """How many planes the object consists of; above 1 it is thick."""
    slice_spacing_m: float | None = None
    """From one plane to the next."""
    threads: int | None = None
    """None: as many as torch takes."""
    seed: int = 0
    state_every: int = 5
    """Epochs from one state of object, probe and positions to the next."""
    in_step: bool = False
    """Wait with each state until the one before was taken: every epoch is seen with its own state."""
    device_id: str = "cpu"
    """'cpu' or 'cuda:0'."""

    def __post_init__(self) -> None:
        self._check_numbers()
        self._check_engine()
        if self.affine_positions and not self.update_positions:
            raise PeerError("An affine correction is one of the positions: let the positions be updated too.")
        if not re.fullmatch(r"cpu|cuda:\d+", self.device_id):
            raise PeerError(f"pty-chi computes on 'cpu' or 'cuda:0', 'cuda:1'..., not on '{self.device_id}'.")

    @property
    def traits(self) -> Traits:
        """What the engine can do."""
        return TRAITS[self.engine]

    def _check_numbers(self) -> None:
        least = {"epochs": 1, "batch_size": 1, "opr_modes": 0, "slices": 1, "threads": 1, "state_every": 1}
        for name, minimum in least.items():
            value = getattr(self, name)
            if value is not None and value < minimum:
                raise PeerError(f"{name} must be at least {minimum}, not {value}.")
        for name in ("object_step", "probe_step", "slice_spacing_m"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise PeerError(f"{name} must be above 0, not {value}.")

    def _check_engine(self) -> None:
        if self.traits.object_step is None and (self.object_step, self.probe_step) != (None, None):
            raise PeerError(f"{self.engine} has no step: leave object_step and probe_step out.")
        if self.update_positions and not self.traits.positions:
            raise PeerError(
                f"{self.engine} corrects no positions (update_positions): {_able('positions')} do."
            )
        if self.opr_modes and not self.traits.opr:
            raise PeerError(f"{self.engine} knows no varying probe (opr_modes): {_able('opr')} do.")
        if self.slices > 1 and not self.traits.slices:
            raise PeerError(f"{self.engine} knows no thick object (slices): {_able('slices')} do.")
        if self.slices > 1 and self.slice_spacing_m is None:
            raise PeerError(f"With {self.slices} slices, slice_spacing_m must say how far apart they are.")


def _able(trait: str) -> str:
    return ", ".join(engine for engine, traits in TRAITS.items() if getattr(traits, trait))
