"""Tables in text as no program should write them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random

Lines = list[bytes]
TOKENS = (
    b"nan", b"inf", b"-1", b"1e400", b"0x1f", b"1_000", b"1,5", b"word", b"", b'"', b"9" * 400, b"\xff\xfe",
    b"\0", "٣".encode(),
)  # fmt: skip


def is_text(content: bytes) -> bool:
    """Tell by the bytes; asked after all others."""
    return b"\0" not in content


def alter(content: bytes, kind: str, rng: Random) -> bytes:
    """Change one thing; the content must be lines of text."""
    lines = content.splitlines(keepends=True)
    ALTERATIONS[kind](lines, rng)
    return b"".join(lines)


def other_token(lines: Lines, rng: Random, token: bytes) -> None:
    """Change a cell of a row, sometimes of every row."""
    rows = range(len(lines)) if rng.random() < 0.25 else [rng.randrange(len(lines))]
    column = rng.randrange(4)
    for row in rows:
        separator = b"," if b"," in lines[row] else None
        cells = lines[row].split(separator)
        if cells:
            cells[column % len(cells)] = token
            lines[row] = (separator or b" ").join(cells).rstrip(b"\n") + b"\n"


def change(lines: Lines, rng: Random, what: Callable[[Lines, int], Lines]) -> None:
    row = rng.randrange(len(lines))
    lines[row : row + 1] = what(lines, row)


ALTERATIONS: dict[str, Callable[[Lines, Random], None]] = {
    **{f"a cell is {token[:8]!r}": partial(other_token, token=token) for token in TOKENS},
    "row gone": partial(change, what=lambda lines, row: []),
    "row twice": partial(change, what=lambda lines, row: [lines[row]] * 2),
    "row cut": partial(change, what=lambda lines, row: [lines[row][: len(lines[row]) // 2]]),
    "long row": partial(change, what=lambda lines, row: [lines[row].rstrip() * 500 + b"\n"]),
    "blank rows": partial(change, what=lambda lines, row: [b"\n"] * 50),
    "other ends": partial(change, what=lambda lines, row: [lines[row].replace(b"\n", b"\r")]),
    "no rows": lambda lines, rng: lines.clear(),
    "many rows": lambda lines, rng: lines.extend(lines[1:] * 200),
}
"""By name: what becomes of a table."""
