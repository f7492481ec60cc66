"""ptypy's result file, of kind 'minimal' (ptypy/io/h5rw.py and core/ptycho.py).

`content/obj/S00G00` and `content/probe/S00G00` are storages: `data` (layers, rows, cols) complex64, `_psize`
(y, x) metres, `_origin` (y, x) metres of the element [0, 0], `_center` (row, col) of the point 0, `_energy`
keV. `content/positions/S00G00` (n, 2) (y, x) metres; row = (y - _origin) / _psize is the middle of a patch.
Every dataset tells its kind in the attribute `type`.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ptygui.core.events import Reconstruction, StageResult
from ptygui.core.geometry import to_metres
from ptygui.io.writers.history import now
from ptygui.io.writers.product import number

_STORAGE = "S00G00"


def write_ptyr(path: Path, result: Reconstruction, stage: StageResult, provenance: str) -> None:
    """Write object, probe and positions; `path` is replaced if it exists. The pixel size must be known.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    image = stage.image
    size = image.pixel_size_m
    assert size is not None  # held by whoever asks for it (writers.results)
    energy = number(result, "energy_ev")
    middle = [-(length // 2) for length in stage.probe.shape[-2:]]
    content = {
        "obj": {_STORAGE: _storage(image.values[np.newaxis], image.origin_px, size, energy)},
        "probe": {_STORAGE: _storage(stage.probe, middle, size, energy)},
        "positions": {_STORAGE: to_metres(stage.positions_px, size)},
        "pars": {"run": result.scan_name},
        "runtime": {"iter_info": {}},
    }
    memory = BytesIO()  # so that a full disk shows as one plain error, not inside HDF5
    with h5py.File(memory, "w") as file:
        file.attrs.update({"h5rw_version": "0.1", "ctime": now(), "mtime": now()})
        _put(file, "header", {"kind": "minimal", "description": provenance})
        _put(file, "content", content)
    path.write_bytes(memory.getbuffer())


def _storage(
    data: NDArray[np.complex64], origin_px: Any, size: tuple[float, float], energy_ev: float | None
) -> dict[str, Any]:
    origin = np.asarray(origin_px, np.float64)
    storage = {
        "ID": _STORAGE,
        "data": data,
        "shape": data.shape,
        "fill_value": 0.0,
        "layermap": list(range(len(data))),
        "_psize": np.asarray(size),
        "_origin": origin * np.asarray(size),
        "_center": -origin,
    }
    return storage if energy_ev is None else {**storage, "_energy": energy_ev / 1e3}


def _put(group: h5py.Group, key: str, value: Any) -> None:
    """Write a value as ptypy's h5write does."""
    if isinstance(value, Mapping):
        group.create_group(key).attrs["type"] = "dict"
        for name, item in value.items():
            _put(group[key], name, item)
        return
    if isinstance(value, str):
        kind = "string"
        group.create_dataset(key, data=value, dtype=h5py.string_dtype())
    elif isinstance(value, np.ndarray):
        kind = "array"
        group.create_dataset(key, data=value, compression="gzip")
    else:
        kind = (
            "arraytuple" if isinstance(value, tuple) else "arraylist" if isinstance(value, list) else "scalar"
        )
        group[key] = value
    group[key].attrs["type"] = kind
