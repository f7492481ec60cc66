from pathlib import Path

from samples.ptychodus_npz import write_product


def write(folder: Path) -> Path:
    """A flat product."""
    write_product(folder / "product-out.npz")
    return folder / "product-out.npz"
