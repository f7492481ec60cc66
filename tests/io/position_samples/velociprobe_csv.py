from pathlib import Path

from samples.nxmx import velociprobe


def write(folder: Path) -> Path:
    velociprobe(folder / "fly001_pos.csv")
    return folder / "fly001_pos.csv"
