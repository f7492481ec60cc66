"""A process of its own that writes an HDF5 file and holds it open."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WRITER = """
import sys
import h5py
path, mode, scan = sys.argv[1:]
file = h5py.File(path, "w", libver=None if mode == "plain" else "latest")
file["entry/instrument/detector/x_pixel_size"] = 75e-6
data = file.create_dataset(
    "entry/data/data", (0, 8, 8), "u2", maxshape=(None, 8, 8), chunks=(1, 8, 8), compression="gzip"
)
places = []
if scan:  # a product of Ptychodus with the patterns in it: a raster of four columns, 100 nm apart
    file.move("entry/data/data", "dp")
    del file["entry"]
    places = [
        file.create_dataset(f"probe_position_{axis}_m", (0,), "f8", maxshape=(None,), chunks=(16,))
        for axis in "yx"
    ]
    file["object"] = [[1, 1], [1, 1]]
    file["object"].attrs.update(pixel_height_m=2e-8, pixel_width_m=2e-8, center_x_m=0.0, center_y_m=0.0)
if mode == "swmr":
    file.swmr_mode = True
file.flush()
print("open", flush=True)
for line in sys.stdin:
    for _ in range(int(line)):
        n = len(data)
        for place, at in zip(places, (n // 4, n % 4)):
            place.resize(n + 1, axis=0)
            place[n] = 1e-7 * at
        data.resize(n + 1, axis=0)
        data[n] = n + 1
        file.flush()
    print(len(data), flush=True)
"""


class Writer:
    """Tells the process what to do."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def begin(self, frames: int) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{frames}\n")
        self.process.stdin.flush()

    def add(self, frames: int) -> None:
        self.begin(frames)
        self.wait()

    def wait(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline()


@contextmanager
def writer(path: Path, mode: str, scan: str = "") -> Iterator[Writer]:
    """Write frames for as long as the block lasts; `mode` is plain, latest or swmr, `scan` with positions."""
    command = [sys.executable, "-c", WRITER, str(path), mode, scan]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        writing = Writer(process)
        writing.wait()
        yield writing
        process.communicate()
        assert process.returncode == 0  # nobody locked it out
