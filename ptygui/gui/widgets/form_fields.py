"""What a configuration's own description says of its fields, for a form. No Qt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import inspect

T = TypeVar("T", bound=msgspec.Struct)

Kind = Literal["whole", "number", "switch", "choice", "text"]
_LARGEST = 2**31 - 1
_UNITS = {"px": "px", "m": "m", "s": "s", "ev": "eV"}
"""Endings of names that are units."""
_PATH = re.compile(r" - at `\$\.(\w+)`$")
_WORDS = (
    (r"^Expected `\w+` >= (\S+)$", r"must be at least \1"),
    (r"^Expected `\w+` <= (\S+)$", r"must be at most \1"),
    (r"^Expected `\w+` > (\S+)$", r"must be more than \1"),
    (r"^Expected `\w+` < (\S+)$", r"must be less than \1"),
    (r"^Expected `str` of length >= 1$", "must not be empty"),
)
"""What msgspec says, and how one says it."""


@dataclass(frozen=True)
class FormField:
    """One row of a form."""

    name: str
    label: str
    """'position limit (px)'."""
    description: str
    kind: Kind
    least: float = 0.0
    most: float = _LARGEST
    choices: tuple[str, ...] = ()
    optional: bool = False
    """Whether it may be left open: None."""


def form_fields(config: type[msgspec.Struct]) -> list[FormField]:
    """Describe the fields of a struct that a form can show: numbers, switches, choices and text."""
    described = inspect.type_info(config)
    assert isinstance(described, inspect.StructType)
    fields = (_field(field.name, field.type) for field in described.fields)
    return [field for field in fields if field is not None]


def convert(values: dict[str, Any], config: type[T]) -> tuple[T | None, str]:
    """Make a configuration of values, or say in a sentence which value is wrong, and how."""
    try:
        return msgspec.convert(values, config), ""
    except msgspec.ValidationError as error:
        return None, error_words(str(error))


def error_words(message: str) -> str:
    """Put what msgspec says in words: 'Position limit (px) must be more than 0.'."""
    found = _PATH.search(message)
    text = _PATH.sub("", message)
    for pattern, words in _WORDS:
        text = re.sub(pattern, words, text)
    if found is None:
        return f"{text.rstrip('.')}."
    text = text.removesuffix(".0") if text.startswith("must") else f"is not valid: {text}"
    label = label_of(found[1])
    return f"{label[0].upper()}{label[1:]} {text}."


def label_of(name: str) -> str:
    """Write a name for people: 'position_limit_px' is 'position limit (px)'."""
    *words, last = name.split("_")
    if words and last in _UNITS:
        return f"{' '.join(words)} ({_UNITS[last]})"
    return name.replace("_", " ")


def _field(name: str, kind: inspect.Type) -> FormField | None:
    kind, description = _described(kind)
    kind, optional = _given(kind)
    found: Kind
    choices: tuple[str, ...] = ()
    limits = 0.0, float(_LARGEST)
    match kind:
        case inspect.BoolType():
            found = "switch"
        case inspect.LiteralType():
            found, choices = "choice", tuple(map(str, kind.values))
        case inspect.StrType():
            found = "text"
        case inspect.IntType() | inspect.FloatType():
            found, limits = "whole" if isinstance(kind, inspect.IntType) else "number", _limits(kind)
        case _:
            return None
    return FormField(name, label_of(name), description, found, *limits, choices, optional)


def _described(kind: inspect.Type) -> tuple[inspect.Type, str]:
    """Return a type without its description, and the description."""
    if not isinstance(kind, inspect.Metadata):
        return kind, ""
    return kind.type, (kind.extra_json_schema or {}).get("description", "")


def _given(kind: inspect.Type) -> tuple[inspect.Type, bool]:
    """Return the type of a value that is given, and whether it may be None instead."""
    if not isinstance(kind, inspect.UnionType):
        return kind, False
    others = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
    return (others[0], True) if len(others) == 1 else (kind, False)


def _limits(kind: inspect.IntType | inspect.FloatType) -> tuple[float, float]:
    """Return what may be typed: an excluded limit too, which `convert` then refuses in words."""
    lows = [limit for limit in (kind.ge, kind.gt) if limit is not None]
    highs = [limit for limit in (kind.le, kind.lt) if limit is not None]
    return max(lows, default=-_LARGEST), min(highs, default=_LARGEST)
