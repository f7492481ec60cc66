"""Write a stage of a reconstruction for people and other programs.

Every file is written wholly or not at all, never over another one unasked, and carries its provenance; a
JSON file beside them repeats it for eyes and scripts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from ptygui import __version__
from ptygui.core.errors import ExportError
from ptygui.core.events import ExportFormat, Reconstruction, Stage, StageResult
from ptygui.io.new_file import new_file, refuse_existing
from ptygui.io.provenance import as_json, provenance
from ptygui.io.writers.npz import write_npz
from ptygui.io.writers.product import pixel_size_of, write_product
from ptygui.io.writers.tiff import write_tiff

Write = Callable[[Path], None]

_ENDINGS: dict[ExportFormat, tuple[str, ...]] = {
    "tiff": ("_amplitude.tif", "_phase.tif"),
    "png": (".png",),
    "npz": (".npz",),
    "product": (".h5",),
}
_SIDECAR = ".json"


def export_targets(folder: Path, stem: str, formats: Sequence[ExportFormat]) -> list[Path]:
    """Name the files that `export_reconstruction` would write, in its order."""
    endings = [ending for name in dict.fromkeys(formats) for ending in _ENDINGS[name]]
    return [folder / f"{stem}{ending}" for ending in (*endings, _SIDECAR)]


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
    formats : sequence of 'tiff', 'png', 'npz', 'product'
        tiff: amplitude and phase as float32, with ImageJ's unit and pixel size. png: a figure.
        npz: all arrays. product: Ptychodus' HDF5.
    overwrite : bool
        Replace files that exist. Without it nothing is written if one of them does.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    ExportError
        If a file exists, the folder cannot be written, the stage is absent, or a product is asked for
        without known pixel size.
    """
    chosen = _stage(result, stage)
    targets = export_targets(_checked_folder(folder, stem), stem, formats)
    for path in targets:
        refuse_existing(path, overwrite=overwrite)
    if "product" in formats:
        pixel_size_of(result, chosen.image)
    writers = _writers(result, chosen)
    for path in targets:
        with new_file(path, overwrite=overwrite) as temporary:
            writers[path.name.removeprefix(stem)](temporary)
    return targets


def _stage(result: Reconstruction, stage: Stage) -> StageResult:
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


def _writers(result: Reconstruction, chosen: StageResult) -> dict[str, Write]:
    """Return for each ending the function that writes its file."""
    image = chosen.image
    size = image.pixel_size_m
    record = provenance(result, chosen)
    text = as_json(record)
    return {
        "_amplitude.tif": lambda path: write_tiff(path, image.amplitude * image.covered, size, text),
        "_phase.tif": lambda path: write_tiff(path, image.phase * image.covered, size, text),
        ".png": lambda path: _write_png(path, result, chosen, text),
        ".npz": lambda path: write_npz(path, chosen, text),
        ".h5": lambda path: write_product(path, result, chosen, text),
        _SIDECAR: lambda path: _write_text(path, text),
    }


def _write_png(path: Path, result: Reconstruction, chosen: StageResult, text: str) -> None:
    from ptygui.io.writers.figure import write_figure  # matplotlib takes a second to load

    title = f"{result.scan_name}, {chosen.stage}"
    residual = f"R1 {chosen.residual.r1:.4f}, R2 {chosen.residual.r2:.4f}, " if chosen.residual else ""
    generator = result.recipe.get("generator_name")
    by = f"generator {generator}, " if generator else ""
    footer = f"{by}{residual}ptygui {__version__}"
    texts = {"Title": title, "Software": f"ptygui {__version__}", "Description": text}
    write_figure(path, chosen.image, title, footer, texts)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text + "\n", encoding="ascii")
