"""What the benchmarks share: untrained generators (as fast as trained ones) and scans in files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch

from ptygui.core.simulate import lines_probe, lines_scan
from ptygui.generators.bundle import write_bundle
from ptygui.generators.contract import BundleCard, GeneratorSpec
from ptygui.generators.layers import count_parameters
from ptygui.generators.registry import build_generator, default_config
from ptygui.io.writers.ptychopinn import write_ptychopinn


def untrained_bundle(folder: Path, architecture: str, size: int, **config: Any) -> Path:
    """Write a bundle with random weights."""
    torch.manual_seed(0)
    spec = GeneratorSpec(
        architecture=architecture, config=default_config(architecture) | config, input_size=size
    )
    generator = build_generator(spec)
    card = BundleCard(
        name=f"untrained {architecture}",
        spec=spec,
        parameters=count_parameters(generator),
        trained_on="nothing",
    )
    path = folder / f"{architecture}-{size}.safetensors"
    write_bundle(path, generator, card, lines_probe(size))
    return path


def lines_file(folder: Path, size: int, patterns: int) -> Path:
    """Write a simulated scan of about so many patterns as a PtychoPINN .npz."""
    step_px = 8.0
    object_px = int(size + step_px * (np.sqrt(patterns) + 1))
    path = folder / f"lines{size}.npz"
    write_ptychopinn(lines_scan(size, object_px=object_px, step_px=step_px), path)
    return path


def long_scan(folder: Path, patterns: int, size: int = 128) -> Path:
    """Write a scan of any length as paired HDF5: one frame again and again, on a raster of 3 pixels."""
    pixel_m, side = 1e-8, int(np.ceil(np.sqrt(patterns)))
    rng = np.random.default_rng(0)
    probe = lines_probe(size)
    frame = rng.poisson(100 * np.abs(np.fft.fftshift(np.fft.fft2(probe[0], norm="ortho"))) ** 2)
    path = folder / f"long{patterns}_dp.hdf5"
    with h5py.File(path, "w") as file:
        dp = file.create_dataset("dp", (patterns, size, size), np.uint16, chunks=(1, size, size))
        for index in range(patterns):
            dp[index] = frame
    rows, cols = np.divmod(np.arange(patterns), side)
    with h5py.File(folder / f"long{patterns}_para.hdf5", "w") as file:
        file["probe_position_y_m"] = rows * 3 * pixel_m
        file["probe_position_x_m"] = cols * 3 * pixel_m
        file["probe"] = probe
        file["probe"].attrs.update(pixel_height_m=pixel_m, pixel_width_m=pixel_m)
        file["object"] = np.ones((1, 3 * side + size, 3 * side + size), np.complex64)
        file["object"].attrs.update(
            pixel_height_m=pixel_m, pixel_width_m=pixel_m,
            center_y_m=1.5 * side * pixel_m, center_x_m=1.5 * side * pixel_m,
        )  # fmt: skip
    return path
