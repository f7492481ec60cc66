"""What is done to a scan between its file and the reconstruction: plain values, in order, each can be off.

The patterns stay where they are: steps are applied batch by batch as patterns are read (core.prepare).
Pixels and places are those of the scan as the steps before left it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from ptygui.core import mapping as hdf5
from ptygui.core.errors import ScanError
from ptygui.core.reading import Reading

Positive = Annotated[float, Meta(gt=0)]
Count = Annotated[int, Meta(ge=1)]
Point = tuple[float, float]
"""(y, x)."""


class _Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="step"):
    on: bool = True
    """False: it stays in the list and does nothing."""


class MaskValues(_Step, frozen=True, kw_only=True, tag="mask values"):
    """Pixels that are bad wherever their value in some pattern is below `low` or above `high` counts."""

    low: float | None = None
    high: float | None = None


class MaskHot(_Step, frozen=True, kw_only=True, tag="mask hot"):
    """Pixels that are bad because they stand out of their surroundings in the mean pattern."""

    sigmas: Positive = 8.0
    """How many standard deviations (robust) of what their neighbourhood and noise explain."""
    dead: bool = True
    """Also pixels that are always 0 where their neighbours are not."""


class Stroke(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A disk on the detector, painted or erased."""

    row: float
    col: float
    radius: Annotated[float, Meta(ge=0)]
    bad: bool = True


class MaskPainted(_Step, frozen=True, kw_only=True, tag="mask painted"):
    """Pixels that were painted by hand; later strokes count."""

    strokes: tuple[Stroke, ...] = ()


class MaskFile(_Step, frozen=True, kw_only=True, tag="mask file"):
    """A mask in a file: (H, W) as the frames lie in the scan's; after a crop or a bin as the patterns."""

    path: str
    key: str = ""
    """In HDF5, npz and mat; TIFF and npy have none."""
    bad: Literal["nonzero", "zero"] = "nonzero"


class SubtractDark(_Step, frozen=True, kw_only=True, tag="dark"):
    """Counts without beam, subtracted; what gets negative is 0. Without a path: those of the scan's file.

    In a file they lie as in `MaskFile`.
    """

    path: str | None = None
    key: str = ""


class DivideFlat(_Step, frozen=True, kw_only=True, tag="flat"):
    """Relative efficiency of the pixels, divided out; where it is 0 or no number the pixel is bad.

    It counts relative to its median, so that counts stay counts. In a file it lies as in `MaskFile`.
    """

    path: str | None = None
    key: str = ""


class DivideMonitor(_Step, frozen=True, kw_only=True, tag="monitor"):
    """Each pattern divided by its incoming intensity over the median one, as the scan's file tells it."""


class Window(_Step, frozen=True, kw_only=True, tag="window"):
    """Crop around a place, or pad: what lies off the frame is 0 and bad."""

    size_px: tuple[Count, Count]
    centre_px: tuple[int, int] | None = None
    """(row, col) that becomes the zero frequency; None: as it is, [H//2, W//2]."""


class Bin(_Step, frozen=True, kw_only=True, tag="bin"):
    """Sum blocks of pixels."""

    factor: Annotated[int, Meta(ge=2)] = 2


class DropPatterns(_Step, frozen=True, kw_only=True, tag="drop"):
    """Leave patterns out by their number (from 0)."""

    indices: tuple[Annotated[int, Meta(ge=0)], ...] = ()


class Lasso(_Step, frozen=True, kw_only=True, tag="lasso"):
    """Keep the patterns inside a polygon on the map, or drop them."""

    polygon: tuple[Point, ...]
    keep: bool = True
    unit: Literal["m", "frame px"] | None = None
    """Of the polygon. 'frame px': object pixels of whole stored frames, which no crop changes.

    None, as older versions wrote it: metres, or, if the scan has none, object pixels where the step stands.
    """


class DropOutliers(_Step, frozen=True, kw_only=True, tag="drop outliers"):
    """Leave out patterns whose total count is far from the others', and those without any."""

    sigmas: Positive = 6.0
    """Robust standard deviations of the logarithm of the total."""


class MovePositions(_Step, frozen=True, kw_only=True, tag="move positions"):
    """Turn, stretch, shear and shift the positions about their centre; first stretched, last shifted."""

    rotation_deg: float = 0.0
    """Counterclockwise as it is seen: rows run down."""
    scale: tuple[Positive, Positive] = (1.0, 1.0)
    """(y, x)."""
    shear: float = 0.0
    """x += shear * y."""
    shift: Point = (0.0, 0.0)
    """(y, x), metres, or object pixels if the scan has no metres."""


class DiskProbe(_Step, frozen=True, kw_only=True, tag="disk probe"):
    """A round hole at the sample, then perhaps some way to it."""

    diameter: Positive
    """Metres, or object pixels if the scan has no metres."""
    defocus_m: float = 0.0


class ZonePlateProbe(_Step, frozen=True, kw_only=True, tag="zone plate probe"):
    """The focus of a zone plate, or beside it."""

    outer_zone_m: Positive
    diameter_m: Positive
    stop_m: Annotated[float, Meta(ge=0)] = 0.0
    """Diameter of the central stop."""
    defocus_m: float = 0.0
    """Of the sample, downstream of the focus."""


class MeanPatternProbe(_Step, frozen=True, kw_only=True, tag="mean pattern probe"):
    """What the mean pattern alone tells: its amplitude with a flat phase, and perhaps a defocus."""

    defocus_m: float = 0.0


class FileProbe(_Step, frozen=True, kw_only=True, tag="file probe"):
    """The probe of another scan or result, on this scan's pixels."""

    path: str
    key: str = ""
    """For npy, npz, mat and HDF5 that are no scan or result."""


Step = (
    MaskValues
    | MaskHot
    | MaskPainted
    | MaskFile
    | SubtractDark
    | DivideFlat
    | DivideMonitor
    | Window
    | Bin
    | DropPatterns
    | Lasso
    | DropOutliers
    | MovePositions
    | DiskProbe
    | ZonePlateProbe
    | MeanPatternProbe
    | FileProbe
)


class Preparation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Everything the user chose between the file and the reconstruction; the default changes nothing."""

    mapping: hdf5.Mapping | None = None
    """Where everything lies in an HDF5 file that was opened by hand; None: the reader of its format knows."""
    reading: Reading = Reading()
    steps: tuple[Step, ...] = ()


def recorded_preparation(recipe: Mapping[str, Any]) -> Preparation:
    """Return how the scan of a result was prepared, as its recipe records it; the default if it does not.

    Raises
    ------
    ScanError
        If another version of ptygui recorded it in a way that this one does not understand.
    """
    try:
        return msgspec.convert(recipe.get("preparation", {}), Preparation)
    except msgspec.ValidationError as error:
        raise ScanError(
            f"How the scan was prepared is recorded in a way that this version does not understand ({error})."
        ) from error
