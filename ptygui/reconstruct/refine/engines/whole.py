"""What difference map and RAAR have in common: all exit waves at once, between two projections.

One puts the waves onto the measured moduli, the other onto products of one object and one probe. The latter
solves for object and probe in turns by least squares (Thibault et al., Ultramicroscopy 109, 338 (2009)), here
once each, and as corrections of what is there, so that dark pixels stay and fractions of a pixel do no harm:

    O <- O + sum_j conj(P_j) d_j / sum_j |P_j|²,  P <- P + b sum_j conj(O_j) d_j / sum_j |O_j|²,
    d_j = psi_j - O_j P_j

Waves are kept in the far field, where one transform less is needed. The figures are those of O and P.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import ClassVar

import torch
from torch import Tensor

from ptygui.core.errors import RecipeError
from ptygui.core.events import Event
from ptygui.physics.exit_waves import Figures, confront, from_far, illuminate, to_far
from ptygui.physics.slope import Measured, Tally
from ptygui.physics.unknowns import Free, Unknowns
from ptygui.reconstruct.devices import list_devices
from ptygui.reconstruct.refine.config import RefineConfig
from ptygui.reconstruct.refine.problem import Problem

LARGEST_SHARE = 0.5
"""Of the free memory that the waves may take."""
FLOOR = 1e-3
"""Share of the largest illumination that is added, where next to nothing is lit."""

Projection = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class _Part:
    """What a batch says of the object: its waves, one iteration on, and terms of the sums."""

    figures: Figures
    addresses: Tensor
    waves: Tensor
    pull: Tensor
    light: Tensor


class WholeEngine:
    """See the module text."""

    can_free: ClassVar[Free] = Free(True, True, False, False, False)
    proven: ClassVar[bool] = False
    monotonic: ClassVar[bool] = False

    def __init__(self, problem: Problem, at: Unknowns, free: Free, config: RefineConfig) -> None:
        self.at, self.settled = at, False
        self._problem, self._free, self._config = problem, free, config
        self._fresh, self._calm = True, 1.0
        shape = len(problem.data), *at.probe.shape
        _refuse_too_large(shape, at.probe)
        self._waves = at.probe.new_empty(shape)

    def carry(self, psi: Tensor, model: Tensor, project: Projection) -> Tensor:
        """Carry waves one iteration on; all in the far field, (b, modes, H, W).

        Parameters
        ----------
        psi : complex
            The waves so far.
        model : complex
            Products of object and probe, as solved from what `offered` made of them.
        project : callable
            Projection onto the measured moduli.
        """
        raise NotImplementedError

    def offered(self, psi: Tensor, project: Projection) -> Tensor:
        """Return that of which object and probe are to be the product."""
        raise NotImplementedError

    def epoch(self) -> Generator[Event, None, Tally | None]:
        """Carry all waves one iteration on, and solve for object and probe."""
        tally = yield from self._object_epoch()
        if tally is None or not self._free.probe:
            return tally
        return tally if (yield from self._solve_probe()) else None

    def calm_down(self, at: Unknowns) -> None:
        """Go back to a point, forget the waves, and take half the steps from there."""
        self.at, self._fresh = at, True
        self._calm /= 2

    def _object_epoch(self) -> Generator[Event, None, Tally | None]:
        at, where = self.at, self._problem.setting.windows
        tally = Tally.empty(len(at.gains), at.gains.device)
        pull, light = torch.zeros_like(at.object), torch.zeros_like(at.object.real)

        def take(part: _Part) -> None:
            part.figures.add_to(tally)
            self._waves[part.figures.indices] = part.waves
            where.add(pull, part.pull, part.addresses)
            where.add(light, part.light, part.addresses)

        if not (yield from self._problem.sweep(self._look, take)):
            return None
        self._fresh = False
        if self._free.object:
            self.at = replace(at, object=at.object + pull / (light + FLOOR * light.max()))
        return tally

    def _solve_probe(self) -> Generator[Event, None, bool]:
        at = self.at
        pull, seen = torch.zeros_like(at.probe), torch.zeros_like(at.probe[0].real)

        def take(terms: tuple[Tensor, Tensor]) -> None:
            pull.add_(terms[0])
            seen.add_(terms[1])

        if not (yield from self._problem.sweep(self._look_for_probe, take)):
            return False
        step = min(self._config.probe_step or 1.0, 1.0) * self._calm
        self.at = replace(at, probe=at.probe + step * torch.fft.ifft2(pull) / (seen + FLOOR * seen.max()))
        return True

    @torch.inference_mode()
    def _look(self, batch: Measured) -> _Part:
        lit = illuminate(self.at, batch.indices, self._problem.setting.windows)
        product = lit.waves
        model = to_far(product)
        _, figures = confront(model, self.at, batch, self._problem.setting)
        project = self._projection(batch)
        waves = model if self._fresh else self.carry(self._waves[batch.indices], model, project)
        change = from_far(self.offered(waves, project)) - product
        return _Part(figures, lit.addresses, waves, lit.to_object(change), lit.light)

    @torch.inference_mode()
    def _look_for_probe(self, batch: Measured) -> tuple[Tensor, Tensor]:
        lit = illuminate(self.at, batch.indices, self._problem.setting.windows)
        offered = self.offered(self._waves[batch.indices], self._projection(batch))
        pull = lit.to_probe(from_far(offered) - lit.waves)
        return pull.sum(dim=0), lit.seen.sum(dim=0)

    def _projection(self, batch: Measured) -> Projection:
        return lambda far: far * (1 - confront(far, self.at, batch, self._problem.setting)[0])


def _refuse_too_large(shape: tuple[int, ...], like: Tensor) -> None:
    needed = like.element_size() * torch.Size(shape).numel()
    free = next((d.free_bytes for d in list_devices() if d.id == str(like.device)), None)
    if free is not None and needed > LARGEST_SHARE * free:
        raise RecipeError(
            f"All exit waves at once take {needed / 2**30:.2g} GiB, more than half of the "
            f"{free / 2**30:.2g} GiB that are free on {like.device}: choose 'gradient', which "
            "keeps none of them."
        )
