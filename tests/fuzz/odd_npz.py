"""Archives (.npz, .npz.bz2) as no program should write them: one thing in a sample is changed."""

from __future__ import annotations

import bz2
import io
import os
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from fuzz.odd_arrays import NUMBERS, odd

Members = dict[str, bytes]
BOMB_BYTES = 16 << 20


class Payload:
    """What a pickle would run: it leaves a folder behind that the tests look for."""

    folder = Path("/tmp/ptygui-pickle-was-run")

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


def is_npz(content: bytes) -> bool:
    """Tell by the magic numbers."""
    return content.startswith((b"PK\x03\x04", b"BZh"))


def alter(content: bytes, kind: str, rng: Random) -> bytes:
    """Change one thing; the content must be a sound archive."""
    packed = content.startswith(b"BZh")
    with zipfile.ZipFile(io.BytesIO(bz2.decompress(content) if packed else content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
        stored = all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())
    ALTERATIONS[kind](members, rng)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return bz2.compress(written.getvalue()) if packed else written.getvalue()


def npy(value: Any, *, pickles: bool = False) -> bytes:
    """Return the bytes of an .npy file."""
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asanyarray(value), allow_pickle=pickles)
    return file.getvalue()


def header(text: str, data: bytes = b"") -> bytes:
    """Return an .npy file with such a header."""
    raw = text.encode("latin-1", "replace") + b"\n"
    return b"\x93NUMPY\x01\x00" + len(raw).to_bytes(2, "little") + raw + data


def other_numbers(members: Members, rng: Random, kind: str) -> None:
    name = rng.choice(list(members))
    values = np.lib.format.read_array(io.BytesIO(members[name]), allow_pickle=False)
    members[name] = npy(odd(kind, values, rng))


def other_bytes(members: Members, rng: Random, make: Callable[[], bytes]) -> None:
    members[rng.choice(list(members))] = make()


def deleted(members: Members, rng: Random) -> None:
    del members[rng.choice(list(members))]


def renamed(members: Members, rng: Random) -> None:
    name = rng.choice(list(members))
    members[rng.choice(["../" + name, "/" + name, name.removesuffix(".npy"), "é\n.npy"])] = members.pop(name)


def exchanged(members: Members, rng: Random) -> None:
    first, second = rng.choice(list(members)), rng.choice(list(members))
    members[first], members[second] = members[second], members[first]


def fortran(members: Members, rng: Random) -> None:
    name = rng.choice(list(members))
    values = np.lib.format.read_array(io.BytesIO(members[name]), allow_pickle=False)
    members[name] = npy(np.asfortranarray(values))


def absurd(descr: str, shape: str) -> Callable[[], bytes]:
    return lambda: header(f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}", b"\0" * 64)


ALTERATIONS: dict[str, Callable[[Members, Random], None]] = {
    **{f"numbers: {kind}": partial(other_numbers, kind=kind) for kind in NUMBERS},
    "deleted": deleted,
    "renamed": renamed,
    "exchanged": exchanged,
    "column by column": fortran,
    "dates": partial(other_bytes, make=lambda: npy(np.arange(5).astype("M8[s]"))),
    "pickle": partial(other_bytes, make=lambda: npy(np.array([Payload()], object), pickles=True)),
    "pickle of nothing": partial(other_bytes, make=lambda: npy(np.empty((0, 4, 4), object), pickles=True)),
    "no array": partial(other_bytes, make=lambda: b"some text"),
    "no bytes": partial(other_bytes, make=lambda: b""),
    "bomb": partial(other_bytes, make=lambda: npy(np.zeros(BOMB_BYTES // 8))),
    "absurd shape": partial(other_bytes, make=absurd("'<f8'", "(1099511627776, 8, 6)")),
    "shape beyond all": partial(other_bytes, make=absurd("'<f8'", "(9223372036854775807, 8, 6)")),
    "negative shape": partial(other_bytes, make=absurd("'<f8'", "(-5, 8, -6)")),
    "nameless shape": partial(other_bytes, make=absurd("'<f8'", "'many'")),
    "no size": partial(other_bytes, make=absurd("'V0'", "(5, 8, 6)")),
    "deep header": partial(other_bytes, make=absurd("[" * 200 + "]" * 200, "(5,)")),
    "expression": partial(other_bytes, make=absurd("__import__('os').getcwd()", "(5,)")),
}
"""By name: what becomes of an archive."""
