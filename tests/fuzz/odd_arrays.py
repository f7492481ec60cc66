"""Arrays as no program should write them, made from those that a sample holds."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def lengthened(values: Array) -> Array:
    """One entry more along the first axis."""
    return np.concatenate([values, values[:1]]) if values.ndim else np.stack([values, values])


def with_some(value: float) -> Callable[[Array], Array]:
    """Write a value into every third element."""

    def put(values: Array) -> Array:
        kind = values.dtype if values.dtype.kind in "fc" else np.float64
        odd = np.array(values, kind, ndmin=1)
        odd.reshape(-1)[::3] = value
        return odd.reshape(values.shape)

    return put


def compound(values: Array) -> Array:
    odd = np.zeros(values.shape, [("a", "f4"), ("b", "i2")])
    odd["a"] = values.real
    return odd


def inner_axis_cut(values: Array) -> Array:
    return values[..., :-1] if values.ndim > 1 else values.reshape(1, -1)


NUMBERS: dict[str, Callable[[Array], Any]] = {
    "first number only": lambda values: values.reshape(-1)[:1].sum(),
    "a text": lambda values: "12.4 or so",
    "texts": lambda values: np.full(len(np.atleast_1d(values)), b"a"),
    "no entries": lambda values: np.atleast_1d(values)[:0],
    "first entry": lambda values: np.atleast_1d(values)[:1],
    "last entry gone": lambda values: np.atleast_1d(values)[:-1],
    "one entry more": lengthened,
    "one axis more": lambda values: values[None],
    "many axes": lambda values: values.reshape((1,) * 20 + values.shape),
    "flat": lambda values: values.reshape(-1),
    "first of first axis": lambda values: np.atleast_1d(values)[0],
    "axes reversed": lambda values: values.T,
    "last axis cut": inner_axis_cut,
    "no pixels": lambda values: np.atleast_1d(values)[..., :0],
    "some NaN": with_some(np.nan),
    "all NaN": lambda values: np.full(values.shape, np.nan),
    "some infinite": with_some(np.inf),
    "negative": lambda values: -np.abs(values.real.astype("f8") + 1),
    "huge": with_some(1e300),
    "tiny": lambda values: np.full(values.shape, 1e-310),
    "zero": np.zeros_like,
    "complex": lambda values: values.astype("c16"),
    "bytes": lambda values: np.zeros(values.shape, "u1"),
    "64 bits": lambda values: np.full(values.shape, 2**64 - 1, "u8"),
    "boolean": lambda values: values.astype(bool),
    "half precision": lambda values: values.real.astype("f2"),
    "other byte order": lambda values: values.astype(values.dtype.newbyteorder("S")),
    "compound": compound,
}
"""What becomes of an array of numbers."""


def odd(kind: str, values: Any, rng: Random) -> Any:
    """Return another value in the place of `values`, which may be a text itself."""
    array = np.asarray(values)
    if array.dtype.kind not in "buifc":
        array = np.arange(float(rng.randrange(1, 9)))
    with np.errstate(all="ignore"):
        return NUMBERS[kind](array)
