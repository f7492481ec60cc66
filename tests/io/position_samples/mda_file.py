from pathlib import Path

from positions import mda_writer


def write(folder: Path) -> Path:
    """Three lines of four points, which the layout's own module of the tests writes."""
    (folder / "scan_0001.mda").write_bytes(mda_writer.two_dimensions())
    return folder / "scan_0001.mda"
