"""Conventions of CXI files (file format description of the CXI data bank, version 1.6).

The frame of CXI has z along the beam and y up, so x points to the left as the beam sees it. `translation`
is how the sample moved in it, (x, y, z) metres; the probe moved over the sample the other way.
`basis_vectors` say where the slow and the fast axis of a frame go, by default along -y and along -x. Seen
in the axes of the frames both signs cancel: where nothing else is said, positions (y, x) of the probe are
`translation` (y, x) as it is, which is what cdtools, PyNX, ptypy and Ptychodus take as well.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ptygui.core.errors import ScanError
from ptygui.core.scan import Guess
from ptygui.io import hdf5
from ptygui.io.hdf5_facts import Facts

DETECTOR = "entry_1/instrument_1/detector_1"
DATA_KEYS = ("entry_1/data_1/data", f"{DETECTOR}/data")
TRANSLATION_KEYS = (
    "entry_1/data_1/translation",
    "entry_1/sample_1/geometry_1/translation",
    f"{DETECTOR}/translation",
)
HAS_SIGNAL = 0x00001000
"""The only bit of a mask that does not mean bad: a pixel above the background."""

Vectors = NDArray[np.float64]


def is_bad(mask: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Tell which pixels a CXI mask calls bad: all but those of 0 or exactly HAS_SIGNAL."""
    return np.asarray((mask != 0) & (mask != HAS_SIGNAL))


def translation_yx(facts: Facts, key: str, n: int) -> tuple[NDArray[np.float64], tuple[Guess, ...]]:
    """Read a translation as (m, 2) (y, x), whichever axis counts the patterns.

    Parameters
    ----------
    facts : Facts
    key : str
    n : int
        How many patterns there are.

    Raises
    ------
    ScanError
        If it is neither (n, 3), (n, 2) nor (3, n), real numbers.
    """
    values = hdf5.array(facts.file, key)
    if values.ndim > 2:  # a raster: the last axis holds the coordinates
        values = values.reshape(-1, values.shape[-1])
    if values.ndim != 2 or values.dtype.kind not in "iuf" or not {2, 3} & set(values.shape):
        raise ScanError(
            f"{hdf5.label(facts.file, key)} must be translations (n, 3) or (3, n) as x, y and z, "
            f"not {values.dtype} of shape {values.shape}."
        )
    guesses: tuple[Guess, ...] = ()
    if values.shape == (3, 3) and n == 3:
        why = "Both axes have the length 3; one row for each pattern is what the definition shows."
        guesses = (Guess("axis order of translation", "(n, 3)", why),)
    elif values.shape[1] not in (2, 3) or (values.shape[0] in (2, 3) and values.shape[0] != n):
        values = values.T
    return np.asarray(values[:, 1::-1], np.float64), guesses


def basis_vectors(facts: Facts) -> Vectors | None:
    """Read the vectors along the slow and the fast axis of the detector, (2, 3) metres; None if not told."""
    key = f"{DETECTOR}/basis_vectors"
    if not hdf5.linked(facts.file, key):
        return None
    vectors = hdf5.array(facts.file, key).squeeze()
    if vectors.shape == (3, 2):
        vectors = vectors.T
    is_fine = vectors.shape == (2, 3) and vectors.dtype.kind in "iuf" and np.isfinite(vectors).all()
    if not is_fine or not (np.linalg.norm(vectors.astype(np.float64), axis=1) > 0).all():
        facts.notes.append(f"{hdf5.label(facts.file, key)} should be two vectors (2, 3); it was left out.")
        return None
    return np.asarray(vectors, np.float64)


def positions_orientation(vectors: Vectors | None) -> int | None:
    """Return the code that turns translations (y, x) of the sample to probe positions along the frames' axes.

    Parameters
    ----------
    vectors : (2, 3) or None
        Along the slow and the fast axis; None is the definition's default.

    Returns
    -------
    int or None
        0 by default; None if the axes of the frames are not along x and y.
    """
    if vectors is None:
        return 0
    slow, fast = (vector / np.linalg.norm(vector) for vector in vectors)
    along = [int(np.argmax(np.abs(vector))) for vector in (slow, fast)]
    if sorted(along) != [0, 1] or min(abs(slow[along[0]]), abs(fast[along[1]])) < ALONG:
        return None
    # The probe's position is minus the translation, so an axis that runs the other way leaves the sign.
    flip_rows, flip_columns = slow[along[0]] > 0, fast[along[1]] > 0
    return 4 * (along[0] == 0) + 2 * bool(flip_rows) + bool(flip_columns)


ALONG = 0.99
"""Cosine from which an axis counts as parallel to x or y."""
