from pathlib import Path

from samples.letter import PIXEL_M, letter


def write(folder: Path) -> Path:
    """Two scans in one file."""
    rows = [f"{x:.6f} {y:.6f} 0.1 {100 + i}" for i, (y, x) in enumerate(letter().centres * PIXEL_M * 1e3)]
    header = ["#D Tue Nov 24 12:00:00 2026", "#N 4", "#L samx  samy  Seconds  Detector"]
    scans = [
        "\n".join([f"#S {number} mesh samx 0 1 6 samy 0 1 6 0.1", *header, *rows, ""]) for number in (1, 2)
    ]
    text = "\n".join(["#F specfile.spec", "#E 1795521600", "#D Tue Nov 24 12:00:00 2026", "", *scans])
    (folder / "specfile.spec").write_text(text)
    return folder / "specfile.spec"
