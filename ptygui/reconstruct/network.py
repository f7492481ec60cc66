"""The generator at work: patterns in, patches out, on its device."""

from __future__ import annotations

from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ptygui.core.scan import Batch
from ptygui.generators.encoding import Encoder
from ptygui.physics.forward import measured_amplitude
from ptygui.reconstruct.plan import Plan


class Network:
    """A PatchMaker: encodes patterns and runs a generator.

    Parameters
    ----------
    generator : nn.Module
        On its device, in evaluation mode.
    encoder : Encoder
        For the scan's probe; moved to the generator's device.
    """

    def __init__(self, generator: nn.Module, encoder: Encoder) -> None:
        self.generator = generator
        self.device = next(generator.parameters()).device
        self.encoder = encoder.to(self.device)

    @classmethod
    def planned(cls, generator: nn.Module, plan: Plan) -> Self:
        """Make the one that carries out a plan."""
        bad = plan.scan.bad_pixels
        bad_pixels = None if bad is None else torch.from_numpy(bad)
        return cls(generator, Encoder(plan.card.spec.encoding, torch.from_numpy(plan.probe), bad_pixels))

    @torch.inference_mode()
    def __call__(self, batch: Batch) -> NDArray[np.complex64]:
        """Make the patches (b, H, W) of a batch."""
        amplitude = measured_amplitude(torch.from_numpy(batch.patterns).to(self.device))
        patches: Tensor = self.generator(self.encoder(amplitude))
        values: NDArray[np.complex64] = patches.cpu().numpy()
        return values
