from pathlib import Path

from samples.letter import letter
from samples.on_detector import orchestra


def write(folder: Path) -> Path:
    orchestra(folder / "scan_00123.dat", letter().centres)
    return folder / "scan_00123.dat"
