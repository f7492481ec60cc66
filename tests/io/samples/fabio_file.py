from pathlib import Path

import numpy as np
from samples.letter import letter


def write(folder: Path) -> Path:
    """ESRF's EDF, a frame after the other: a header of 512 bytes between braces, then the numbers."""
    path = folder / "frames.edf"
    with path.open("wb") as file:
        for number, frame in enumerate(np.rint(letter().intensities[:5]).astype("<u2")):
            header = (
                f"{{\nHeaderID = EH:{number + 1:06d}:000000:000000 ;\nImage = {number + 1} ;\n"
                "ByteOrder = LowByteFirst ;\nDataType = UnsignedShort ;\n"
                f"Dim_1 = {frame.shape[1]} ;\nDim_2 = {frame.shape[0]} ;\nSize = {frame.nbytes} ;\n"
            )
            file.write(header.encode().ljust(510) + b"}\n" + frame.tobytes())
    return path
