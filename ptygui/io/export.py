"""Write a stage of a reconstruction for people and other programs.

Every file is written wholly or not at all, never over another one unasked, and carries its provenance; a
JSON file beside them repeats it for eyes and scripts.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ptygui.core.errors import ExportError
from ptygui.core.events import ExportFormat, Reconstruction, Stage, StageResult
from ptygui.io.new_file import new_file, refuse_existing
from ptygui.io.provenance import as_json, provenance
from ptygui.io.writers.results import FORMATS, Content, Write, refuse_unknown_size

_SIDECAR = ".json"


def export_targets(folder: Path, stem: str, formats: Sequence[ExportFormat]) -> list[Path]:
    """Name the files that `export_reconstruction` would write, in its order."""
    return [folder / f"{stem}{ending}" for ending in _writers(formats)]


def export_reconstruction(
    result: Reconstruction,
    stage: Stage,
    folder: Path,
    stem: str,
    formats: Sequence[ExportFormat],
    *,
    overwrite: bool = False,
) -> list[Path]:
    """Write a stage of a result in some formats, and its provenance as JSON.

    Parameters
    ----------
    result : Reconstruction
    stage : 'raw', 'polished' or 'refined'
    folder : Path
        Must exist.
    stem : str
        File name without ending.
    formats : sequence of names in io.writers.results
        tiff: amplitude and phase as float32, with ImageJ's unit and pixel size; ome-tiff: both in one file.
        png, svg: a figure. npz: all arrays. product, product-npz: Ptychodus' HDF5 and npz. ptyr: ptypy's
        result. csv: the positions.
    overwrite : bool
        Replace files that exist. Without it nothing is written if one of them does.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ExportError
        If a file exists, the folder cannot be written, the stage is absent, or a format with lengths is
        asked for without known pixel size.
    """
    chosen = stage_of(result, stage)
    targets = export_targets(_checked_folder(folder, stem), stem, formats)
    refuse_existing(*targets, overwrite=overwrite)
    refuse_unknown_size([FORMATS[name] for name in formats], result, chosen)
    content = Content(result, chosen, as_json(provenance(result, chosen)))
    for path, write in zip(targets, _writers(formats).values(), strict=True):
        with new_file(path, overwrite=overwrite) as temporary:
            write(temporary, content)
    return targets


def stage_of(result: Reconstruction, stage: Stage) -> StageResult:
    """Return a stage of a result; raises ExportError if it is absent."""
    for candidate in result.stages:
        if candidate.stage == stage:
            return candidate
    stages = ", ".join(candidate.stage for candidate in result.stages)
    raise ExportError(f"The result of {result.scan_name} has no stage {stage}, only {stages}.")


def _checked_folder(folder: Path, stem: str) -> Path:
    if not folder.is_dir():
        raise ExportError(f"There is no folder {folder}: create it first or choose another.")
    if not stem or Path(stem).name != stem:
        raise ExportError(f"'{stem}' is no file name: choose one without slashes.")
    return folder


def _writers(formats: Sequence[ExportFormat]) -> dict[str, Write]:
    """Return for each ending the function that writes its file; the sidecar is the last."""
    files = {ending: write for name in formats for ending, write in FORMATS[name].files.items()}
    return {**files, _SIDECAR: _write_text}


def _write_text(path: Path, content: Content) -> None:
    path.write_text(content.text + "\n", encoding="ascii")
