"""A trained generator in one .safetensors file: weights, probe and a JSON card (see bundle_header.py).

Nothing in it can run code. Importing this module does not load torch.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from ptygui.core.atomic import replacing
from ptygui.core.errors import BundleError, ConfigError
from ptygui.generators.bundle_header import CARD_KEY, PROBE, WEIGHTS, WHAT_TO_DO, read_card
from ptygui.generators.contract import BundleCard, GeneratorSpec

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["LoadedBundle", "bundle_id", "load_bundle", "read_card", "read_probe", "write_bundle"]


@dataclass(frozen=True)
class LoadedBundle:
    """A trained generator, ready to use."""

    card: BundleCard
    generator: nn.Module
    """In evaluation mode, on the device asked for."""
    probe: NDArray[np.complex64]
    """(modes, H, W), scaled so that the flat object is 1 on the data it was trained on."""


def write_bundle(
    path: Path,
    generator: nn.Module,
    card: BundleCard,
    probe: NDArray[np.complex64],
    *,
    overwrite: bool = False,
) -> None:
    """Write a trained generator, whole or not at all: it is read back before it takes its name.

    Parameters
    ----------
    path : Path
        Ends in '.safetensors'.
    generator : nn.Module
        As built from `card.spec`.
    card : BundleCard
        Written with its configuration complete, so that later defaults cannot change it.
    probe : (modes, H, W) complex64
    overwrite : bool
        Replace an older file of that name.

    Raises
    ------
    BundleError
        If the file exists and `overwrite` is False, cannot be written, or card, generator and probe
        disagree.
    """
    if path.exists() and not overwrite:
        raise BundleError(f"{path} exists already: choose another name, or allow to replace it.")
    tensors = {f"{WEIGHTS}{name}": value.numpy(force=True) for name, value in generator.state_dict().items()}
    tensors[PROBE] = np.stack([probe.real, probe.imag], axis=-1).astype(np.float32)
    # safetensors writes the bytes as they lie in memory: arrays in another order would come back scrambled
    in_order = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
    content = safetensors.numpy.save(in_order, _metadata(card))
    try:
        _write_checked(path, content)
    except OSError as error:
        raise BundleError(f"{path} cannot be written: {error.strerror}.") from error


def _metadata(card: BundleCard) -> dict[str, str]:
    from ptygui.generators.registry import make_config

    config = msgspec.to_builtins(make_config(card.spec.architecture, card.spec.config))
    spec = msgspec.structs.replace(card.spec, config=config)
    return {CARD_KEY: msgspec.json.encode(msgspec.structs.replace(card, spec=spec)).decode()}


def _write_checked(path: Path, content: bytes) -> None:
    with replacing(path, durable=True) as temporary:
        temporary.write_bytes(content)
        read_card(temporary)


def read_probe(path: Path) -> NDArray[np.complex64]:
    """Read the probe of a bundle, (modes, H, W) complex64, without torch; raises BundleError."""
    read_card(path)
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            return _complex(path, file.get_tensor(PROBE))
    except (OSError, safetensors.SafetensorError) as error:
        raise _damaged(path, error) from error


def load_bundle(path: Path, device: str = "cpu") -> LoadedBundle:
    """Load a trained generator onto a device.

    The network is first built without memory, so that a card that asks for more than its file holds is
    refused before anything is allocated.

    Raises
    ------
    BundleError
        If the file is no bundle, is damaged, or its architecture is not known here.
    """
    import safetensors.torch

    card = read_card(path)
    generator = _build_without_memory(path, card.spec)
    try:
        tensors = safetensors.torch.load_file(path, device=device)
    except (OSError, safetensors.SafetensorError) as error:
        raise _damaged(path, error) from error
    probe = _complex(path, tensors.pop(PROBE).numpy(force=True))
    _fill(path, generator, tensors)
    return LoadedBundle(card, generator.eval(), probe)


def _build_without_memory(path: Path, spec: GeneratorSpec) -> nn.Module:
    import torch

    from ptygui.generators.registry import build_generator

    try:
        with torch.device("meta"):
            return build_generator(spec)
    except ConfigError as error:
        raise BundleError(f"{path} needs a generator that this ptygui does not have. {error}") from error
    except RuntimeError as error:  # torch: more numbers than an integer can count
        raise BundleError(f"{path} describes a network that is too large: {WHAT_TO_DO}.") from error


def _fill(path: Path, generator: nn.Module, tensors: dict[str, Tensor]) -> None:
    weights = {name.removeprefix(WEIGHTS): value for name, value in tensors.items()}
    expected = {name: value.shape for name, value in generator.state_dict().items()}
    if expected != {name: value.shape for name, value in weights.items()}:
        raise BundleError(f"{path}: its weights are not those of the network on its card: {WHAT_TO_DO}.")
    if not all(bool(value.isfinite().all()) for value in weights.values()):
        raise BundleError(f"{path} holds weights that are not finite numbers: {WHAT_TO_DO}.")
    generator.load_state_dict(weights, assign=True)


def _complex(path: Path, parts: NDArray[np.float32]) -> NDArray[np.complex64]:
    """(modes, H, W, 2) float32 -> (modes, H, W) complex64."""
    if not np.isfinite(parts).all() or not parts.any():
        raise BundleError(f"{path} holds a probe that is zero or not finite: {WHAT_TO_DO}.")
    return np.ascontiguousarray(parts).view(np.complex64)[..., 0]


def _damaged(path: Path, error: Exception) -> BundleError:
    return BundleError(f"{path} is damaged ({error}): copy it again, or {WHAT_TO_DO}.")


def bundle_id(path: Path) -> str:
    """Return 12 hexadecimal digits of the file's SHA-256: a bundle is known by its content.

    Raises
    ------
    BundleError
        If the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:12]
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror}.") from error
