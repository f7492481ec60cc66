"""What every test of a generator needs: the same random numbers, and no denormal ones."""

from __future__ import annotations

import pytest
import torch


@pytest.fixture(autouse=True)
def _repeatable() -> None:
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
