"""How and what to refine: a preset or the user's own settings, from the picture on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from ptygui.core.events import Stage
from ptygui.gui.presenters.memory import Memory
from ptygui.gui.widgets.form_fields import label_of
from ptygui.jobs.api import PRESET_WORDS, PRESETS, RefineConfig

CUSTOM = "custom"
NAMES = (*PRESETS, CUSTOM)

_STARTS: dict[Stage | None, tuple[str, str]] = {
    "raw": ("from raw", "Refine the picture of the raw network pass"),
    "polished": ("from polished", "Refine the polished picture"),
    "refined": ("from refined", "Refine the refined picture further"),
    None: ("from flat", "Refine from a flat object, with the probe of the scan"),
}


class RefineView(Protocol):
    """The part of the go card that says how and what to refine."""

    def show_ways(self, names: Sequence[str], chosen: int, words: str) -> None:
        """Offer ways of refining; `words` says what the chosen one does."""

    def show_start(self, short: str, words: str) -> None:
        """Say what would be refined."""


class RefinePresenter:
    """Decides how to refine; remembers what was chosen last."""

    def __init__(self, view: RefineView, memory: Memory) -> None:
        self._view, self._memory = view, memory
        self._custom = _read(memory.refine_custom)
        self._name = memory.refine_preset if memory.refine_preset in NAMES else NAMES[0]
        self.set_start(None)
        self._show()

    @property
    def config(self) -> RefineConfig:
        """What is chosen."""
        return self._custom if self._name == CUSTOM else PRESETS[self._name]

    def choose(self, index: int) -> None:
        """Take one of those offered."""
        self._name = self._memory.refine_preset = NAMES[index]
        self._show()

    def take(self, config: RefineConfig) -> None:
        """Take settings: the preset that they are, or else the user's own."""
        name = next((name for name, preset in PRESETS.items() if preset == config), CUSTOM)
        if name == CUSTOM:
            self._custom = config
            self._memory.refine_custom = msgspec.json.encode(config).decode()
        self.choose(NAMES.index(name))

    def set_start(self, stage: Stage | None) -> None:
        """Say what would be refined: the stage on the screen, or the flat object."""
        self._view.show_start(*_STARTS[stage])

    def _show(self) -> None:
        words = custom_words(self._custom) if self._name == CUSTOM else PRESET_WORDS[self._name]
        self._view.show_ways(NAMES, NAMES.index(self._name), words)


def custom_words(config: RefineConfig) -> str:
    """Say what the user's own settings have that the usual ones have not."""
    usual = RefineConfig()
    names = (name for name in config.__struct_fields__ if getattr(config, name) != getattr(usual, name))
    changed = ", ".join(f"{label_of(name)} {_plain(getattr(config, name))}" for name in names)
    return f"Your own settings: {changed or 'the usual ones'}."


def _plain(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else f"{value}"


def _read(text: str) -> RefineConfig:
    """Read what was remembered; what makes no sense, or is of another version, counts as not there."""
    try:
        return msgspec.json.decode(text, type=RefineConfig)
    except msgspec.MsgspecError:
        return RefineConfig()
