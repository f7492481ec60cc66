"""MATLAB 5 to 7 files with another variable in the place of a sound one."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import numpy as np
from fuzz.odd_arrays import NUMBERS, odd
from scipy.io import loadmat, savemat
from scipy.sparse import csc_matrix

Variables = dict[str, Any]


def is_matlab(content: bytes) -> bool:
    """Tell by the header's text and version."""
    return content.startswith(b"MATLAB 5.0") and content[124:128] in (b"\x00\x01IM", b"\x01\x00MI")


def alter(content: bytes, kind: str, rng: Random) -> bytes:
    """Change one thing; the content must be a sound MATLAB file."""
    variables = loadmat(io.BytesIO(content), struct_as_record=False, squeeze_me=True)
    kept = {name: fields(value) for name, value in variables.items() if not name.startswith("__")}
    ALTERATIONS[kind](nested(kept, rng), rng)
    written = io.BytesIO()
    savemat(written, kept, do_compression=rng.random() < 0.5, oned_as=rng.choice(["row", "column"]))
    return written.getvalue()


def fields(value: Any) -> Any:
    """Return structs as dictionaries."""
    names = getattr(value, "_fieldnames", None)
    return value if names is None else {name: fields(getattr(value, name)) for name in names}


def nested(variables: Variables, rng: Random) -> Variables:
    """Return the variables themselves or the fields of a struct among them."""
    structs = [value for value in variables.values() if isinstance(value, dict) and value]
    return rng.choice([variables, *structs])


def other_numbers(variables: Variables, rng: Random, kind: str) -> None:
    name = rng.choice(list(variables))
    value = variables[name]
    other = odd(kind, [] if isinstance(value, dict) else value, rng)
    variables[name] = np.asarray(other, np.float64) if getattr(other, "dtype", None) == np.float16 else other


def other(variables: Variables, rng: Random, value: Any) -> None:
    variables[rng.choice(list(variables))] = value


def deleted(variables: Variables, rng: Random) -> None:
    del variables[rng.choice(list(variables))]


def exchanged(variables: Variables, rng: Random) -> None:
    first, second = rng.choice(list(variables)), rng.choice(list(variables))
    variables[first], variables[second] = variables[second], variables[first]


ALTERATIONS: dict[str, Callable[[Variables, Random], None]] = {
    **{f"numbers: {kind}": partial(other_numbers, kind=kind) for kind in NUMBERS},
    "deleted": deleted,
    "exchanged": exchanged,
    "cells": partial(other, value=np.array(["a", np.arange(3), {"b": 1}], object)),
    "struct": partial(other, value={"a": 1.0, "b": {"c": np.eye(3)}}),
    "structs": partial(other, value=np.zeros(3, [("a", "f8"), ("b", object)])),
    "sparse": partial(other, value=csc_matrix(np.eye(4))),
    "letters": partial(other, value=np.array([["ab", "cd"]])),
}
"""By name: what becomes of a file."""
