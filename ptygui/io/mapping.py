"""Mappings (core.mapping) as text in TOML, and back."""

from __future__ import annotations

import msgspec
import tomli_w

from ptygui.core.errors import ScanError
from ptygui.core.mapping import Mapping


def to_toml(mapping: Mapping) -> str:
    """Write a mapping as text."""
    return tomli_w.dumps(msgspec.to_builtins(mapping))


def from_toml(text: str, label: str) -> Mapping:
    """Read a mapping; raises ScanError, with `label`, in one sentence."""
    try:
        return msgspec.toml.decode(text, type=Mapping)
    except msgspec.DecodeError as error:  # ValidationError is one of them
        raise ScanError(f"{label} is no valid mapping: {str(error).rstrip('.')}.") from error
