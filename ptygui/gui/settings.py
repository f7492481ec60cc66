"""What the window remembers: in one INI file, wherever the caller says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from platformdirs import user_config_path
from PySide6.QtCore import QByteArray, QSettings

from ptygui.gui.theme import ThemeName

_RECENT_LIMIT = 8
_THEMES = ("dark", "light", "system")


def default_settings_path() -> Path:
    """Where the user's settings lie."""
    return user_config_path("ptygui") / "window.ini"


class Settings:
    """Typed access to the remembered things; a value that makes no sense counts as not there."""

    def __init__(self, path: Path) -> None:
        self._store = QSettings(str(path), QSettings.Format.IniFormat)

    @property
    def theme(self) -> ThemeName:
        """Which theme to wear."""
        name = self._text("theme")
        return cast("ThemeName", name) if name in _THEMES else "system"

    @theme.setter
    def theme(self, name: ThemeName) -> None:
        self._store.setValue("theme", name)

    @property
    def recent_scans(self) -> list[Path]:
        """Files opened lately, newest first."""
        return [Path(line) for line in self._text("recent_scans").splitlines() if line]

    def add_recent_scan(self, path: Path) -> None:
        """Put a path in front."""
        path = path.absolute()
        others = [known for known in self.recent_scans if known != path]
        kept = [path, *others][:_RECENT_LIMIT]
        self._store.setValue("recent_scans", "\n".join(map(str, kept)))

    @property
    def last_generator(self) -> Path | None:
        """The bundle chosen last."""
        return self._path("last_generator")

    @last_generator.setter
    def last_generator(self, path: Path | None) -> None:
        self._store.setValue("last_generator", str(path or ""))

    @property
    def last_device(self) -> str | None:
        """The device chosen last."""
        return self._text("last_device") or None

    @last_device.setter
    def last_device(self, device_id: str | None) -> None:
        self._store.setValue("last_device", device_id or "")

    @property
    def export_folder(self) -> Path | None:
        """Where was exported to last."""
        return self._path("export_folder")

    @export_folder.setter
    def export_folder(self, path: Path | None) -> None:
        self._store.setValue("export_folder", str(path or ""))

    @property
    def polish_steps(self) -> int | None:
        """How many polish steps were asked for last; None leaves it to the noise."""
        text = self._text("polish_steps")
        return int(text) if text.isdigit() else None

    @polish_steps.setter
    def polish_steps(self, steps: int | None) -> None:
        self._store.setValue("polish_steps", "" if steps is None else str(steps))

    @property
    def refine_preset(self) -> str:
        """Which way of refining was chosen last; empty if none was."""
        return self._text("refine_preset")

    @refine_preset.setter
    def refine_preset(self, name: str) -> None:
        self._store.setValue("refine_preset", name)

    @property
    def refine_custom(self) -> str:
        """The user's own way of refining, as JSON text; empty if there is none."""
        return self._text("refine_custom")

    @refine_custom.setter
    def refine_custom(self, text: str) -> None:
        self._store.setValue("refine_custom", text)

    @property
    def train_choices(self) -> str:
        """What was chosen for the last training, as JSON text; empty if there was none."""
        return self._text("train_choices")

    @train_choices.setter
    def train_choices(self, text: str) -> None:
        self._store.setValue("train_choices", text)

    @property
    def training_folders(self) -> Sequence[Path]:
        """Directories with runs that are watched besides the own ones."""
        return [Path(line) for line in self._text("training_folders").splitlines() if line]

    @training_folders.setter
    def training_folders(self, folders: Sequence[Path]) -> None:
        self._store.setValue("training_folders", "\n".join(map(str, folders)))

    def save_state(self, name: str, state: QByteArray) -> None:
        """Keep the geometry or splitter state of a widget."""
        self._store.setValue(f"state/{name}", state)

    def state(self, name: str) -> QByteArray | None:
        """Return what `save_state` kept."""
        value = self._store.value(f"state/{name}")
        return value if isinstance(value, QByteArray) and not value.isEmpty() else None

    def flush(self) -> None:
        """Write to disk now."""
        self._store.sync()

    def _text(self, name: str) -> str:
        value = self._store.value(name, "")
        return value if isinstance(value, str) else ""

    def _path(self, name: str) -> Path | None:
        text = self._text(name)
        return Path(text) if text else None
