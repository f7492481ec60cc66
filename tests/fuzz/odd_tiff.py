"""TIFF files whose directories say something else: classic ones, in the byte order of Intel."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from random import Random

ENTRY = struct.Struct("<2H2I")
"""Tag, type, count, value or where it is."""


def is_tiff(content: bytes) -> bool:
    """Tell by the magic number."""
    return content.startswith(b"II*\0")


def alter(content: bytes, kind: str, rng: Random) -> bytes:
    """Change one thing; the content must be a sound file."""
    changed = bytearray(content)
    ALTERATIONS[kind](changed, rng)
    return bytes(changed)


def directories(content: bytearray) -> list[int]:
    """Return where they are."""
    (at,) = struct.unpack_from("<I", content, 4)
    found: list[int] = []
    while at and at not in found and at + 2 < len(content):
        found.append(at)
        (at,) = struct.unpack_from("<I", content, link_of(content, at))
    return found


def link_of(content: bytearray, directory: int) -> int:
    """Return where a directory says which one follows."""
    (entries,) = struct.unpack_from("<H", content, directory)
    return directory + 2 + ENTRY.size * int(entries)


def other_entry(content: bytearray, rng: Random, tag: int | None, value: int) -> None:
    """Change the value, the count or the type of an entry."""
    directory = rng.choice(directories(content))
    places = range(directory + 2, link_of(content, directory), ENTRY.size)
    known = [place for place in places if tag in (None, struct.unpack_from("<H", content, place)[0])]
    place = rng.choice(known or list(places))
    found, kind, count, old = ENTRY.unpack_from(content, place)
    changes = (
        [(kind, count, value)]
        if tag
        else [(kind, count, value), (kind, value, old), (value % 20, count, old)]
    )
    ENTRY.pack_into(content, place, found, *rng.choice(changes))


def other_link(content: bytearray, rng: Random, where: Callable[[bytearray], int]) -> None:
    directory = rng.choice(directories(content))
    struct.pack_into("<I", content, link_of(content, directory), where(content))


WIDTH, LENGTH, BITS, COMPRESSION, SAMPLES, OFFSETS, COUNTS = 256, 257, 258, 259, 277, 273, 279
VALUES = (0, 1, 7, 65_535, 2**31 - 1, 2**32 - 1)

ALTERATIONS: dict[str, Callable[[bytearray, Random], None]] = {
    **{
        f"tag {tag or 'any'} is {value}": partial(other_entry, tag=tag, value=value)
        for tag in (None, WIDTH, LENGTH, BITS, COMPRESSION, SAMPLES, OFFSETS, COUNTS)
        for value in VALUES
    },
    "directories in a circle": partial(other_link, where=lambda content: directories(content)[0]),
    "directory beyond the end": partial(other_link, where=lambda content: 2**32 - 1),
    "no more directories": partial(other_link, where=lambda content: 0),
}
"""By name: what becomes of a file."""
