"""From what is typed to the configuration of a refinement: preset, then file, then single settings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from ptygui.core.errors import ConfigError
from ptygui.reconstruct.refine.config import PRESETS, RefineConfig

_PLACE = re.compile(r" - at `\$\.(\w+)`$")


def refine_config(
    preset: str, file: Path | None = None, settings: Mapping[str, object] | None = None
) -> RefineConfig:
    """Make a configuration; what comes later counts more.

    Parameters
    ----------
    preset : str
        One of PRESETS.
    file : Path or None
        TOML with some of the fields of RefineConfig.
    settings : mapping or None
        Single fields, also as text: {"epochs": "20"}.

    Raises
    ------
    ConfigError
        If the file cannot be read, or a field is unknown or not within its limits.
    """
    config = PRESETS[preset]
    if file is not None:
        config = _changed(config, _read(file), f"{file}: ")
    return _changed(config, settings or {}, "")


def split_settings(texts: Iterable[str]) -> dict[str, object]:
    """Split 'name=value' each; raises ConfigError for what is written otherwise."""
    pairs = [text.partition("=") for text in texts]
    wrong = [name for name, equals, _ in pairs if not equals]
    if wrong:
        raise ConfigError(f"'{wrong[0]}' is no setting: write --set name=value, as in --set modes=2.")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:  # no TOML, or no text
        raise ConfigError(f"{file} is no TOML file: {error}.") from error


def _changed(config: RefineConfig, changes: Mapping[str, object], source: str) -> RefineConfig:
    """Return a configuration with other values, which are checked; `source` precedes what is wrong."""
    unknown = [name for name in changes if name not in config.__struct_fields__]
    if unknown:
        known = ", ".join(config.__struct_fields__)
        raise ConfigError(f"{source}There is no setting '{unknown[0]}', only {known}.")
    try:
        return msgspec.convert(msgspec.structs.asdict(config) | dict(changes), RefineConfig, strict=False)
    except msgspec.ValidationError as error:
        found = _PLACE.search(str(error))
        if found is None:
            raise ConfigError(f"{source}The settings are not valid: {error}.") from error
        name = found[1]
        raise ConfigError(
            f"{source}The setting {name} must be {_wanted(name)}, not {changes[name]!r}."
        ) from error


def _wanted(name: str) -> str:
    """Say what a field may be: 'a whole number from 1 up to 100000'."""
    fields = inspect.type_info(RefineConfig).fields  # type: ignore[attr-defined]
    kind = next(field.type for field in fields if field.name == name)
    kind = kind.type if isinstance(kind, inspect.Metadata) else kind
    if isinstance(kind, inspect.BoolType):
        return "true or false"
    if isinstance(kind, inspect.LiteralType):
        return f"one of {', '.join(map(str, kind.values))}"
    return f"a {'whole ' if isinstance(kind, inspect.IntType) else ''}number{_limits(kind)}"


def _limits(kind: Any) -> str:
    bounds = {"above": kind.gt, "from": kind.ge, "below": kind.lt, "up to": kind.le}
    return "".join(f" {word} {bound:g}" for word, bound in bounds.items() if bound is not None)
