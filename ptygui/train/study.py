"""A study: arms, each trained with several seeds; plain values, TOML in, training configurations out.

name = "stress"
title = "One sentence: what is compared."
seeds = 20                    # seeds 0 to 19; or a list of them
at_once = 1                   # runs side by side
threads = 1                   # of each run; without it as many as the machine gives
[base]                        # keys of TrainConfig but `name` and `seed`
[[arms]]
name = "stable_hybrid as it was"
[arms.change]                 # what differs; `generator_config` and `data` are merged, the rest replaced

Each arm and seed is an ordinary run directory inside the study's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from ptygui.core.errors import ConfigError
from ptygui.train.config import TrainConfig, read_text

MERGED = ("generator_config", "data")
"""Tables of a configuration of which an arm changes single keys."""
GIVEN = ("name", "seed")
"""Keys of a configuration that the study itself fills in."""

Seed = Annotated[int, Meta(ge=0)]
Slug = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]


class Arm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the things that are compared."""

    name: Annotated[str, Meta(min_length=1)]
    change: dict[str, Any] = {}
    """What differs from the base."""

    @property
    def slug(self) -> str:
        """The name as a part of a file name."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")[:60]


class StudyConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is compared, how often, and how."""

    name: Slug
    """Also the folder's."""
    title: str
    """One sentence: what is compared."""
    seeds: Annotated[int, Meta(ge=1)] | Annotated[list[Seed], Meta(min_length=1)]
    """How many seeds, counted from 0, or which."""
    at_once: Annotated[int, Meta(ge=1)] = 1
    """How many runs train side by side."""
    threads: Annotated[int, Meta(ge=1)] | None = None
    """Threads of each run; None: all there are, or one each where several train side by side."""
    base: dict[str, Any]
    arms: Annotated[list[Arm], Meta(min_length=1)]

    @property
    def all_seeds(self) -> list[int]:
        """The seeds, each once, in their order."""
        return list(range(self.seeds)) if isinstance(self.seeds, int) else list(dict.fromkeys(self.seeds))


@dataclass(frozen=True)
class StudyRun:
    """One run of a study: an arm with a seed."""

    arm: str
    seed: int
    folder: str
    """Name of its directory inside the study's."""
    config: TrainConfig


def load_study(path: Path) -> StudyConfig:
    """Read a study.

    Raises
    ------
    ConfigError
        If the file cannot be read, or a key is unknown, missing or of the wrong kind; says file, arm and key.
    """
    return parse_study(read_text(path), str(path))


def parse_study(text: str, source: str) -> StudyConfig:
    """Make a study from TOML and check every arm; `source` names it in errors. Raises ConfigError.

    What an architecture lets choose is not checked here: that would load torch (jobs.study.check_study).
    """
    try:
        study = msgspec.toml.decode(text.encode(), type=StudyConfig)
    except (msgspec.DecodeError, ValueError) as error:
        raise ConfigError(f"{source} is no study: {error}.") from error
    _refuse_given(study.base, f"{source}: [base]")
    _refuse_equal_names(study.arms, source)
    for arm in study.arms:
        _refuse_given(arm.change, f"{source}: arm '{arm.name}'")
        _check_arm(study, arm, source)
    return study


def plan(study: StudyConfig) -> list[StudyRun]:
    """List the runs of a study: every arm with the first seed, then with the second, and so on.

    In this order a study that is stopped half-way has compared all its arms.
    """
    return [_run(study, arm, seed) for seed in study.all_seeds for arm in study.arms]


def _run(study: StudyConfig, arm: Arm, seed: int) -> StudyRun:
    return StudyRun(arm.name, seed, f"{arm.slug}-s{seed}", _config(study, arm, seed))


def _config(study: StudyConfig, arm: Arm, seed: int) -> TrainConfig:
    values = {**merged(study.base, arm.change), "name": f"{arm.name}, seed {seed}", "seed": seed}
    return msgspec.convert(values, TrainConfig)


def merged(base: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Return the base with what an arm changes; data of another type replace the base's."""
    values = {**base, **change}
    for key in MERGED:
        old, new = base.get(key), change.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping) and _one_type(old, new):
            values[key] = {**old, **new}
    return values


def _one_type(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return "type" not in new or new["type"] == old.get("type")


def _refuse_given(values: Mapping[str, Any], where: str) -> None:
    for key in GIVEN:
        if key in values:
            raise ConfigError(f"{where} has the key `{key}`, which the study itself fills in: remove it.")


def _refuse_equal_names(arms: list[Arm], source: str) -> None:
    seen: dict[str, str] = {}
    for arm in arms:
        if not arm.slug:
            raise ConfigError(f"{source}: arm '{arm.name}' needs a name with letters or digits.")
        if arm.slug in seen:
            raise ConfigError(
                f"{source}: the arms '{seen[arm.slug]}' and '{arm.name}' would share the folder "
                f"'{arm.slug}': give one of them another name."
            )
        seen[arm.slug] = arm.name


def _check_arm(study: StudyConfig, arm: Arm, source: str) -> None:
    try:
        _config(study, arm, study.all_seeds[0])
    except msgspec.ValidationError as error:
        raise ConfigError(f"{source}: arm '{arm.name}' is no training configuration: {error}.") from error
