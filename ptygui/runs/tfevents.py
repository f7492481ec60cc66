"""The scalars in an event file of TensorBoard, read from the public definitions alone.

A file is a sequence of TFRecords (https://www.tensorflow.org/tutorials/load_data/tfrecord): uint64 length,
uint32 masked CRC-32C of the length, data, uint32 masked CRC-32C of the data, little-endian; the mask of a CRC
is ((crc >> 15) | (crc << 17)) + 0xa282ead8. The data are a protobuf message `Event` (TensorFlow's
event.proto, summary.proto, tensor.proto; wire format: https://protobuf.dev/programming-guides/encoding/):

    Event        1 wall_time double, 2 step int64, 5 summary Summary
    Summary      1 value, repeated Value
    Value        1 tag string, 2 simple_value float, 8 tensor TensorProto
    TensorProto  1 dtype enum, 4 tensor_content bytes, 5 float_val, 6 double_val (repeated, packed or not)
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_HEAD, _TAIL = 12, 4
_MASK = 0xA282EAD8
_POLYNOMIAL = 0x82F63B78
_CHECKED_BYTES = 1024
"""Larger records hold pictures and graphs: their checksum would cost more than it saves."""
_FLOAT, _DOUBLE = 1, 2
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
# Keys of fields: number << 3 | wire type.
_WALL_TIME, _STEP, _SUMMARY = 1 << 3 | _FIXED64, 2 << 3 | _VARINT, 5 << 3 | _BYTES
_SUMMARY_VALUE = 1 << 3 | _BYTES
_TAG, _SIMPLE_VALUE, _TENSOR = 1 << 3 | _BYTES, 2 << 3 | _FIXED32, 8 << 3 | _BYTES
_DTYPE = 1 << 3 | _VARINT
_NUMBERS = {number << 3 | kind for number in (4, 5, 6) for kind in (_BYTES, _FIXED32, _FIXED64)}


class Scalar(NamedTuple):
    """One value of one curve."""

    wall_time_s: float
    """Seconds since 1970."""
    step: int
    tag: str
    value: float


class DamagedMessageError(ValueError):
    """A message is not what the definition says."""


def whole_records(data: bytes) -> int:
    """Return how many bytes are whole records; ends before a length whose checksum is wrong."""
    end = 0
    for start, length in _frames(data):
        end = start + length + _TAIL
    return end


def read_scalars(data: bytes) -> list[Scalar]:
    """Read the scalars of whole records, in their order; damaged records are left out."""
    frames = list(_frames(data))
    sound = _sound(np.frombuffer(data, np.uint8), frames)
    scalars: list[Scalar] = []
    for (start, length), is_sound in zip(frames, sound, strict=True):
        if is_sound:
            try:
                scalars += _event(data[start : start + length])
            except (DamagedMessageError, IndexError, struct.error, UnicodeDecodeError):
                continue
    return scalars


def _frames(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield (start, length) of the data of every whole record."""
    at = 0
    while at + _HEAD <= len(data):
        head = data[at : at + _HEAD]
        length = _length(head)
        if length is None or at + _HEAD + length + _TAIL > len(data):
            return
        yield at + _HEAD, length
        at += _HEAD + length + _TAIL


@cache
def _crc_table() -> NDArray[np.uint32]:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(_POLYNOMIAL), table >> 1).astype(np.uint32)
    return table


def masked_crc(messages: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Return the masked CRC-32C of messages of equal length, (n, length) uint8 -> (n,) uint32."""
    table = _crc_table()
    crc = np.full(len(messages), 0xFFFFFFFF, np.uint32)
    for column in messages.T:
        crc = table[(crc ^ column) & 0xFF] ^ (crc >> 8)
    crc = ~crc
    return (((crc >> 15) | (crc << 17)) + np.uint32(_MASK)).astype(np.uint32)


@lru_cache(65536)  # lengths repeat, so most are known
def _length(head: bytes) -> int | None:
    """Read a record's head; None if its checksum is wrong."""
    length, told = struct.unpack("<QI", head)
    return int(length) if masked_crc(np.frombuffer(head, np.uint8, 8)[None])[0] == told else None


def _sound(data: NDArray[np.uint8], frames: list[tuple[int, int]]) -> NDArray[np.bool_]:
    """Check the data's checksums, all records of one length at once."""
    sound = np.ones(len(frames), bool)
    by_length: defaultdict[int, list[int]] = defaultdict(list)
    for number, (_, length) in enumerate(frames):
        by_length[length].append(number)
    for length, numbers in by_length.items():
        if length > _CHECKED_BYTES:
            continue
        starts = np.array([frames[number][0] for number in numbers])
        messages = data[starts[:, None] + np.arange(length + _TAIL)]
        told = np.ascontiguousarray(messages[:, length:]).view("<u4")[:, 0]
        sound[numbers] = masked_crc(messages[:, :length]) == told
    return sound


def _event(data: bytes) -> list[Scalar]:
    wall_time_s, step, values = 0.0, 0, []
    for key, value in _fields(data):
        if key == _WALL_TIME:
            wall_time_s = struct.unpack("<d", value)[0]
        elif key == _STEP:
            step = value - (1 << 64) if value >> 63 else value
        elif key == _SUMMARY:
            values += [
                found
                for part_key, part in _fields(value)
                if part_key == _SUMMARY_VALUE and (found := _value(part))
            ]
    return [Scalar(wall_time_s, step, tag, number) for tag, number in values]


def _value(data: bytes) -> tuple[str, float] | None:
    """Read a Value; None if it is no scalar."""
    tag, number = "", None
    for key, value in _fields(data):
        if key == _TAG:
            tag = value.decode()
        elif key == _SIMPLE_VALUE:
            number = struct.unpack("<f", value)[0]
        elif key == _TENSOR:
            number = _single(value)
    return None if number is None or not tag else (tag, number)


def _single(data: bytes) -> float | None:
    """Read a TensorProto of one floating-point number; None if it holds anything else."""
    dtype, numbers = 0, b""
    for key, value in _fields(data):
        if key == _DTYPE:
            dtype = value
        elif key in _NUMBERS:
            numbers += value
    form = {_FLOAT: "<f", _DOUBLE: "<d"}.get(dtype)
    if form is None or len(numbers) != struct.calcsize(form):
        return None
    return float(struct.unpack(form, numbers)[0])


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Yield (key, value) of the fields of a message: an int for a varint, else bytes.

    Raises
    ------
    DamagedMessageError, IndexError
        If it ends too soon, or has a wire type that is not used.
    """
    at = 0
    while at < len(data):
        key, at = (data[at], at + 1) if data[at] < 0x80 else _varint(data, at)  # nearly all are one byte
        kind = key & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield key, value
            continue
        if kind == _BYTES:
            size, at = (data[at], at + 1) if data[at] < 0x80 else _varint(data, at)
        elif kind == _FIXED64:
            size = 8
        elif kind == _FIXED32:
            size = 4
        else:
            raise DamagedMessageError(f"wire type {kind}")
        if at + size > len(data):
            raise DamagedMessageError("cut short")
        yield key, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Read a varint; returns it and where the next begins."""
    byte = data[at]
    if byte < 0x80:
        return byte, at + 1
    value, shift = byte & 0x7F, 7
    while byte & 0x80:
        at += 1
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift += 7
        if shift > 70:
            raise DamagedMessageError("a varint without an end")
    return value, at + 1
