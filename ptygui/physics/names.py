"""Names of choices that configurations share; no torch, so that forms can list them."""

from __future__ import annotations

from typing import Literal

Likelihood = Literal["amplitude", "poisson"]
"""What computed and measured patterns are compared by."""
