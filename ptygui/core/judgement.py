"""One thing that speaks for or against a picture, and how its figures are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Level = Literal["ok", "warning", "problem", "info"]

NAMED = 8
"""How many patterns are named at most."""


@dataclass(frozen=True)
class Judgement:
    """One thing that speaks for or against a picture, or is worth knowing."""

    level: Level
    what: str
    """One or two words: 'residual'."""
    words: str
    """The figures, in a sentence."""
    meaning: str
    """What they mean and what to do."""


def named(indices: NDArray[np.intp]) -> str:
    """Name some patterns, or the first of many: '3, 17, 20 and others'."""
    more = " and others" if indices.size > NAMED else ""
    return ", ".join(map(str, indices[:NAMED])) + more


def length(pixels: float, metres: float | None) -> str:
    """Write a length in object pixels, and in nanometres where the pixel is known."""
    return f"{pixels:.2f} px" + ("" if metres is None else f" = {metres * 1e9:.3g} nm")
