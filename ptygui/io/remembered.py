"""What is remembered for a kind of files (core.remembered): TOML files of the user's, one each.

Such a file is a preparation's own (io.preparation_file) with a `name` and a table `[for]` besides.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ptygui.core.atomic import replacing
from ptygui.core.errors import IncompleteScanError, PresetError, PresetExistsError, ScanError
from ptygui.core.preparation import Preparation
from ptygui.core.raw import RawScan
from ptygui.core.remembered import Kind, Recalled, Remembered, kind_of
from ptygui.core.scan import Scan
from ptygui.core.toml import toml_text
from ptygui.io.user_files import VISIBLE_TOML, file_of, user_folder

Prepare = Callable[[RawScan, Preparation], Scan]


@dataclass(frozen=True)
class Kept:
    """What is remembered, and its file."""

    remembered: Remembered
    path: Path


@dataclass(frozen=True)
class AllRemembered:
    """All that is remembered, and a sentence for each file that cannot be used."""

    kept: tuple[Kept, ...] = ()
    faults: tuple[str, ...] = ()

    def find(self, kind: Kind) -> Remembered | None:
        """Return what is remembered for a kind of files."""
        return next((kept.remembered for kept in self.kept if kept.remembered.kind == kind), None)

    def in_the_way(self, name: str, kind: Kind) -> tuple[Kept, ...]:
        """Return what is replaced if something is remembered under a name: for a kind there is one only."""
        return tuple(
            kept for kept in self.kept if kept.remembered.kind == kind or kept.remembered.name == name
        )


def remembered_folder() -> Path:
    """Return the folder of what the user wants to be remembered; it need not exist."""
    return user_folder("remembered")


def list_remembered(folder: Path | None = None) -> AllRemembered:
    """Read all; a file that is faulty is left out and told. Never raises.

    Parameters
    ----------
    folder : Path or None
        Where they lie; None: the usual folder of the user.
    """
    kept: list[Kept] = []
    faults: list[str] = []
    for path in sorted((folder or remembered_folder()).glob(VISIBLE_TOML)):
        try:
            kept.append(Kept(msgspec.toml.decode(path.read_bytes(), type=Remembered), path))
        except OSError as error:
            faults.append(f"{path} cannot be read: {error.strerror or error}. It was left out.")
        except (msgspec.MsgspecError, ValueError) as error:
            words = str(error).rstrip(".")
            faults.append(f"{path} remembers no way to prepare scans: {words}. It was left out.")
    return AllRemembered(tuple(kept), tuple(faults))


def remember(remembered: Remembered, folder: Path | None = None, *, overwrite: bool = False) -> Path:
    """Keep something for the next files of its kind, whole or not at all; returns its file.

    Raises
    ------
    PresetExistsError
        If something is remembered for that kind or under that name, and `overwrite` is False.
    PresetError
        If the file cannot be written.
    """
    folder = folder or remembered_folder()
    path = file_of(remembered.name, folder)
    former = [kept.path for kept in list_remembered(folder).in_the_way(remembered.name, remembered.kind)]
    try:
        if (former and not overwrite) or (path.exists() and path not in former):
            raise PresetExistsError(
                f"“{remembered.name}” would replace {(*former, path)[0]}: choose another name."
            )
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_text(toml_text(remembered), encoding="utf-8")
    except OSError as error:
        raise PresetError(f"{path} cannot be written: {error.strerror or error}.") from error
    for other in former:
        if other != path:
            forget(other)
    return path


def forget(path: Path) -> None:
    """Delete the file of something that is remembered; raises PresetError if it cannot be deleted."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise PresetError(f"{path} cannot be deleted: {error.strerror or error}.") from error


def recall(raw: RawScan, prepare: Prepare, folder: Path | None = None) -> Recalled:
    """Prepare a file of which nobody said how: as remembered for its kind, else as it says.

    What is remembered but impossible with this file leaves it as it says, and is told.

    Parameters
    ----------
    raw : RawScan
    prepare : callable
        As `registry.prepare`.
    folder : Path or None
        As for `list_remembered`.

    Raises
    ------
    ScanError
        If the file is no scan as it says.
    """
    known = list_remembered(folder)
    remembered = known.find(kind_of(raw))
    if remembered is None:
        return _attempt(raw, prepare, Preparation(), None, known.faults)
    words = f"{Path(raw.path).name} is read and prepared as remembered for “{remembered.name}”."
    try:
        usual = _attempt(raw, prepare, remembered.preparation, remembered, (words, *known.faults))
        if usual.lacks is None:
            return usual
    except ScanError as error:
        return _attempt(raw, prepare, Preparation(), None, (_misfit(remembered, error), *known.faults))
    with suppress(ScanError):
        plain = _attempt(raw, prepare, Preparation(), None, (_misfit(remembered, usual.lacks), *known.faults))
        if plain.lacks is None:
            return plain
    return usual  # it lacks something anyway


def _attempt(
    raw: RawScan,
    prepare: Prepare,
    preparation: Preparation,
    remembered: Remembered | None,
    sentences: tuple[str, ...],
) -> Recalled:
    try:
        scan = prepare(raw, preparation)
    except IncompleteScanError as error:
        return Recalled(None, error, preparation, remembered, sentences)
    return Recalled(scan, None, preparation, remembered, sentences)


def _misfit(remembered: Remembered, error: ScanError) -> str:
    name = remembered.name
    return f"What is remembered for “{name}” is impossible here, so the file is read as it says: {error}"
