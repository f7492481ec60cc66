"""TOML, whose writer knows no None."""

from __future__ import annotations

from typing import Any

import msgspec
import tomli_w


def toml_text(values: msgspec.Struct) -> str:
    """Write plain values as TOML, defaults included; what is None is left out, wherever it stands."""
    return tomli_w.dumps(_without_none(msgspec.to_builtins(values)))


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(inner) for key, inner in value.items() if inner is not None}
    return [_without_none(inner) for inner in value] if isinstance(value, list | tuple) else value
