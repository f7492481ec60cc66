"""ESRF ID13, files of BLISS, the facility's control system (id13.py of ptypy).

A file holds many scans, groups `<number>.<part>`. `measurement/<detector>` are the frames (n, H, W), mostly
links to the detector's files; motors stand beside them in micrometres, the sample's, so that the probe's
positions have the other sign: `nnp2_user_position` (x) and `nnp3_position` (y) of continuous scans, `nnp2`
and `nnp3` of stepwise ones. Energy, distance and the pixel of the detector are not stored.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar, NamedTuple

import h5py
import numpy as np

from ptygui.core.errors import ScanError
from ptygui.core.raw import RawScan
from ptygui.core.reading import Reading
from ptygui.io import hdf5
from ptygui.io.candidates import link_names
from ptygui.io.hdf5_frames import open_linked_frames
from ptygui.io.hdf5_values import column
from ptygui.io.registry import register_reader
from ptygui.io.temporary import Report, silent

MOTORS = (("nnp2_user_position", "nnp3_position"), ("nnp2", "nnp3"))
"""(x, y); the first that are there count."""
SAMPLE_MOTION = 3
MOST_SCANS, MOST_CHANNELS = 10_000, 1_000
_SCAN = re.compile(r"(\d{1,6})\.(\d{1,3})")


class _Scan(NamedTuple):
    """One scan that has all that is needed."""

    name: str
    detector: str
    motors: tuple[str, str]

    def key(self, channel: str) -> str:
        return f"{self.name}/measurement/{channel}"


@register_reader
class EsrfBlissReader:
    """The last scan in a file of BLISS that has frames and the motors of ID13's nano endstation."""

    name: ClassVar[str] = "ESRF BLISS .h5 (ID13)"
    extensions: ClassVar[tuple[str, ...]] = (".h5", ".hdf5")

    def sniff(self, path: Path) -> bool:
        """Tell whether a scan in it has such motors and a stack of frames."""
        try:
            with hdf5.open_hdf5(path) as file:
                return bool(_scans(file))
        except (ScanError, KeyError, RuntimeError, OSError, ValueError):
            return False

    def read(self, path: Path, report: Report = silent) -> RawScan:
        """Read; nothing is unpacked."""
        with hdf5.open_hdf5(path) as file:
            scans = _scans(file)
            if not scans:
                raise ScanError(
                    f"{path.name} has no scan with frames and the motors of ID13: choose another."
                )
            scan = scans[-1]
            found = open_linked_frames(file, [scan.key(scan.detector)])
            x, y = (column(file, scan.key(motor)) for motor in scan.motors)
            if len(x) != len(y):
                raise ScanError(
                    f"{hdf5.label(file, scan.key(scan.motors[1]))} has {len(y)} values but {scan.motors[0]} "
                    f"{len(x)}: copy the file again."
                )
        several = () if len(scans) == 1 else (_told(scans),)
        return RawScan(
            name=f"{path.stem} {scan.name}",
            path=str(path),
            format=self.name,
            frames=found.frames,
            positions=np.stack([y, x], axis=1),
            stated=Reading(quantity="intensity", positions_orientation=SAMPLE_MOTION, position_unit="um"),
            notes=(*found.notes, *several),
        )


def _scans(file: h5py.File) -> list[_Scan]:
    """Return the scans with frames and motors, by their numbers."""
    named = [match for name in link_names(file, MOST_SCANS) if (match := _SCAN.fullmatch(name))]
    named.sort(key=lambda match: (int(match[1]), int(match[2])))
    found = (_scan(file, match.string) for match in named)
    return [scan for scan in found if scan is not None]


def _scan(file: h5py.File, name: str) -> _Scan | None:
    group = file.get(f"{name}/measurement")
    if not isinstance(group, h5py.Group):
        return None
    motors = next((pair for pair in MOTORS if all(motor in group for motor in pair)), None)
    detectors = [
        channel
        for channel in sorted(link_names(group, MOST_CHANNELS))
        if len(getattr(group.get(channel), "shape", None) or ()) == 3
    ]
    return _Scan(name, detectors[0], motors) if motors and detectors else None


def _told(scans: list[_Scan]) -> str:
    others = ", ".join(scan.name for scan in scans[:-1][-10:])
    return f"The file holds {len(scans)} scans with frames and motors, also {others}; the last was taken."
