"""The generator at work: patterns in, patches out, on its device."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ptygui.core.scan import Batch
from ptygui.generators.encoding import Encoder
from ptygui.reconstruct.plan import Plan


class Network:
    """A PatchMaker: encodes patterns with the plan's probe and runs a trained generator.

    Parameters
    ----------
    generator : nn.Module
        On its device, in evaluation mode.
    plan : Plan
    """

    def __init__(self, generator: nn.Module, plan: Plan) -> None:
        self.generator = generator
        self.device = next(generator.parameters()).device
        self.probe = torch.from_numpy(plan.probe).to(self.device)
        bad = plan.scan.bad_pixels
        bad_pixels = None if bad is None else torch.from_numpy(bad).to(self.device)
        self.encoder = Encoder(plan.card.spec.encoding, self.probe, bad_pixels).to(self.device)

    @torch.inference_mode()
    def __call__(self, batch: Batch) -> NDArray[np.complex64]:
        """Make the patches (b, H, W) of a batch."""
        amplitude = torch.from_numpy(batch.patterns).to(self.device).clamp_min(0).sqrt()
        patches: Tensor = self.generator(self.encoder(amplitude))
        values: NDArray[np.complex64] = patches.cpu().numpy()
        return values
