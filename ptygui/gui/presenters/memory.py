"""What presenters remember from one start to the next (gui.settings.Settings)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol


class Memory(Protocol):
    """A few remembered choices."""

    last_generator: Path | None
    last_device: str | None
    export_folder: Path | None
    polish_steps: int | None
    refine_preset: str
    """Name of the way of refining that was chosen last; empty if none was."""
    refine_custom: str
    """The user's own way of refining as JSON; empty if there is none."""
    train_choices: str
    """What was chosen for the last training, as JSON; empty if there was none."""
    training_folders: Sequence[Path]
    """Directories with runs that are watched besides the own ones."""

    @property
    def recent_scans(self) -> list[Path]:
        """Files opened lately, newest first."""

    def add_recent_scan(self, path: Path) -> None:
        """Put a path in front."""
