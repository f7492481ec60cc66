from pathlib import Path

from samples.letter import PIXEL_M, letter


def write(folder: Path) -> Path:
    """Micrometres with a header."""
    rows = [f"{i},{x:.6f},{y:.6f}" for i, (y, x) in enumerate(letter().centres * PIXEL_M * 1e6)]
    (folder / "points.csv").write_text("\n".join(["# point,x (um),y (um)", *rows, ""]))
    return folder / "points.csv"
