"""The header of a bundle: found, checked and turned into a card, without torch.

Layout (https://github.com/huggingface/safetensors): 8 bytes little-endian header length, a JSON header, the
tensors. Its `__metadata__` holds the card under CARD_KEY; every other key is a tensor. The weights are called
'generator.<parameter>'; 'probe' is (modes, H, W, 2) float32, real and imaginary part.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ptygui.core.errors import BundleError
from ptygui.generators.contract import BundleCard

SCHEMA = 1
CARD_KEY = "ptygui.card"
WEIGHTS = "generator."
PROBE = "probe"
WHAT_TO_DO = "choose a bundle written by `ptygui train` (bundle.safetensors)"

_LENGTH_BYTES = 8
_FLOAT_BYTES = 4
_FOREIGN = {
    b"PK": "a zip archive or PyTorch checkpoint",
    b"\x80": "a pickle",
    b"\x89HDF": "an HDF5 file",
}
"""How files begin that are often mistaken for a bundle. Those that can carry code are never opened."""

T = TypeVar("T")


class TensorEntry(msgspec.Struct):
    """What a header says of one tensor."""

    dtype: str
    shape: list[int]
    data_offsets: tuple[int, int]
    """First byte and end, counted from the end of the header."""


def read_card(path: Path) -> BundleCard:
    """Read the card of a bundle from its header alone, and check the header against the file.

    Raises
    ------
    BundleError
        If the file is no bundle, is damaged, or needs another version of ptygui.
    """
    header, payload_bytes = _read_header(path)
    metadata = _convert(path, header.pop("__metadata__", {}), dict[str, str])
    if CARD_KEY not in metadata:
        raise BundleError(f"{path} is a .safetensors file without a ptygui card: {WHAT_TO_DO}.")
    card = _decode_card(path, metadata[CARD_KEY])
    tensors = _convert(path, header, dict[str, TensorEntry])
    for name, entry in tensors.items():
        _check_tensor(path, name, entry, payload_bytes)
    _check_probe(path, card, tensors.pop(PROBE, None))
    _check_weights(path, card, tensors)
    return card


def _read_header(path: Path) -> tuple[dict[str, Any], int]:
    """Return the JSON header and the number of bytes behind it."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(_LENGTH_BYTES)
            length = int.from_bytes(start, "little")
            if len(start) < _LENGTH_BYTES or length > size - _LENGTH_BYTES:
                _refuse_foreign(path, start)
                raise BundleError(f"{path} is no bundle, or was cut short: {WHAT_TO_DO}.")
            text = file.read(length)
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror}.") from error
    return _decode(path, text, dict[str, Any]), size - _LENGTH_BYTES - length


def _refuse_foreign(path: Path, start: bytes) -> None:
    """Name a well-known other format by its first bytes; only asked when they are no sensible length.

    A bundle's own length may begin like a mark: 0x80, a pickle's first byte, does in one file of 32.
    """
    for mark, what in _FOREIGN.items():
        if start.startswith(mark):
            raise BundleError(f"{path} is {what}, which ptygui does not open as a generator: {WHAT_TO_DO}.")


def _decode_card(path: Path, text: str) -> BundleCard:
    schema = _decode(path, text, dict[str, Any]).get("schema")
    if schema != SCHEMA:
        raise BundleError(
            f"{path} has a card of schema {schema!r}, this ptygui reads schema {SCHEMA}: "
            "open it with the version that wrote it, or update ptygui."
        )
    return _decode(path, text, BundleCard)


def _check_tensor(path: Path, name: str, entry: TensorEntry, payload_bytes: int) -> None:
    start, end = entry.data_offsets
    whole = end - start == math.prod(entry.shape) * _FLOAT_BYTES
    if entry.dtype != "F32" or min(entry.shape, default=0) < 0 or not whole:
        raise BundleError(f"{path}: tensor '{name}' is not as float32 as a bundle's must be: {WHAT_TO_DO}.")
    if not 0 <= start <= end <= payload_bytes:
        raise BundleError(f"{path} was cut short: tensor '{name}' ends behind the file's end; copy it again.")


def _check_probe(path: Path, card: BundleCard, entry: TensorEntry | None) -> None:
    size = card.spec.input_size
    if entry is None or len(entry.shape) != 4 or entry.shape[1:] != [size, size, 2]:
        found = "nothing" if entry is None else entry.shape
        raise BundleError(f"{path}: 'probe' must be (modes, {size}, {size}, 2), found {found}: {WHAT_TO_DO}.")


def _check_weights(path: Path, card: BundleCard, tensors: dict[str, TensorEntry]) -> None:
    foreign = [name for name in tensors if not name.startswith(WEIGHTS)]
    count = sum(math.prod(entry.shape) for entry in tensors.values())
    if foreign or count != card.parameters:
        unknown = f" and unknown tensors {foreign[:3]}" if foreign else ""
        raise BundleError(
            f"{path}: its card promises {card.parameters} parameters, the file holds {count}{unknown}: "
            f"{WHAT_TO_DO}."
        )


def _decode(path: Path, text: bytes | str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise _damaged(path, error) from error


def _convert(path: Path, value: object, kind: type[T]) -> T:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> BundleError:
    return BundleError(f"{path} has a header that is no bundle's ({error}): {WHAT_TO_DO}.")
