"""The formats that a result is written in: what they are called, what they hold, who writes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ptygui import __version__
from ptygui.core.errors import ExportError
from ptygui.core.events import ExportFormat, Reconstruction, StageResult
from ptygui.io.writers import contents
from ptygui.io.writers.npz import write_npz
from ptygui.io.writers.ome_tiff import write_ome_tiff
from ptygui.io.writers.positions_csv import write_positions
from ptygui.io.writers.product import write_product, write_product_npz
from ptygui.io.writers.ptyr import write_ptyr
from ptygui.io.writers.tiff import write_tiff


@dataclass(frozen=True)
class Content:
    """What is to be written."""

    result: Reconstruction
    stage: StageResult
    text: str
    """Provenance as JSON."""


Write = Callable[[Path, Content], None]
"""Write into a new file, which ends as the format says; raises OSError."""


@dataclass(frozen=True)
class ResultFormat:
    """A format of results."""

    name: ExportFormat
    title: str
    """What it is called in a sentence."""
    files: dict[str, Write]
    """By what is appended to the name that the user gives."""
    endings: tuple[str, ...]
    """Of a file that `ptygui convert` writes in this format."""
    holds: frozenset[str]
    needs_metres: bool = False

    def targets(self, path: Path) -> tuple[Path, ...]:
        """Name the files for a path that the user typed: itself, or several beside it."""
        if len(self.files) == 1:
            return (path,)
        ending = next((e for e in self.endings if path.name.lower().endswith(e)), path.suffix)
        stem = path.name[: len(path.name) - len(ending)] if ending else path.name
        return tuple(path.with_name(f"{stem}{part}") for part in self.files)


def refuse_unknown_size(formats: list[ResultFormat], result: Reconstruction, stage: StageResult) -> None:
    """Raise ExportError if one of the formats needs metres and the geometry is unknown."""
    metric = [form for form in formats if form.needs_metres]
    if metric and stage.image.pixel_size_m is None:
        raise ExportError(
            f"{metric[0].title} gives all lengths in metres, but the pixel size of {result.scan_name} is "
            "not known: choose TIFF, PNG or NPZ, which can do without."
        )


def _amplitude(path: Path, content: Content) -> None:
    image = content.stage.image
    write_tiff(path, image.amplitude * image.covered, image.pixel_size_m, content.text)


def _phase(path: Path, content: Content) -> None:
    image = content.stage.image
    write_tiff(path, image.phase * image.covered, image.pixel_size_m, content.text)


def _ome_tiff(path: Path, content: Content) -> None:
    write_ome_tiff(path, content.stage.image, content.result.scan_name, content.text)


def _figure(path: Path, content: Content) -> None:
    from ptygui.io.writers.figure import write_figure  # matplotlib takes a second to load

    result, stage = content.result, content.stage
    title = f"{result.scan_name}, {stage.stage}"
    residual = f"R1 {stage.residual.r1:.4f}, R2 {stage.residual.r2:.4f}, " if stage.residual else ""
    generator = result.recipe.get("generator_name")
    by = f"generator {generator}, " if generator else ""
    footer = f"{by}{residual}ptygui {__version__}"
    write_figure(path, stage.image, title, footer, content.text)


def _npz(path: Path, content: Content) -> None:
    write_npz(path, content.stage, content.text)


def _product(path: Path, content: Content) -> None:
    write_product(path, content.result, content.stage, content.text)


def _product_npz(path: Path, content: Content) -> None:
    write_product_npz(path, content.result, content.stage, content.text)


def _ptyr(path: Path, content: Content) -> None:
    write_ptyr(path, content.result, content.stage, content.text)


def _csv(path: Path, content: Content) -> None:
    write_positions(path, content.stage.positions_px, content.stage.image.pixel_size_m)


_PICTURE = frozenset(
    {contents.OBJECT, contents.PIXEL_SIZE, contents.HISTORY, contents.ENERGY, contents.DISTANCE}
)
"""Energy and distance stand in the recipe, which the history holds."""
_ARRAYS = _PICTURE | {contents.PROBE, contents.POSITIONS}
_ALL = _ARRAYS | {contents.COVERAGE, contents.INTENSITIES, contents.BACKGROUND, contents.EVIDENCE}
_NO_LENGTHS = frozenset({contents.POSITIONS, contents.PIXEL_SIZE})

FORMATS: dict[ExportFormat, ResultFormat] = {
    form.name: form
    for form in (
        ResultFormat(
            "tiff", "TIFF", {"_amplitude.tif": _amplitude, "_phase.tif": _phase}, (".tif", ".tiff"), _PICTURE
        ),
        ResultFormat("ome-tiff", "OME-TIFF", {".ome.tif": _ome_tiff}, (".ome.tif", ".ome.tiff"), _PICTURE),
        ResultFormat("png", "PNG", {".png": _figure}, (".png",), _PICTURE),
        ResultFormat("svg", "SVG", {".svg": _figure}, (".svg",), _PICTURE),
        ResultFormat("npz", "NPZ", {".npz": _npz}, (".npz",), _ALL),
        ResultFormat(
            "product", "A Ptychodus product", {".h5": _product}, (".h5", ".hdf5"), _ARRAYS, needs_metres=True
        ),
        ResultFormat(
            "product-npz",
            "A Ptychodus product",
            {"_product.npz": _product_npz},
            ("_product.npz", "_para.npz"),
            _ARRAYS,
            needs_metres=True,
        ),
        ResultFormat("ptyr", "ptypy's .ptyr", {".ptyr": _ptyr}, (".ptyr",), _ARRAYS, needs_metres=True),
        ResultFormat("csv", "A CSV table", {"_positions.csv": _csv}, (".csv",), _NO_LENGTHS),
    )
}
"""By name, in the order in which they are offered."""
