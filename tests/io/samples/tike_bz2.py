import bz2
from pathlib import Path

from samples import tike


def write(folder: Path) -> Path:
    """The same packed, as datasets of the APS are handed on."""
    plain = tike.write(folder)
    packed = folder / "siemens.npz.bz2"
    packed.write_bytes(bz2.compress(plain.read_bytes()))
    plain.unlink()
    return packed
