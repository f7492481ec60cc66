"""MDA files by the layout of sscan's documentation, written with struct."""

import struct


def string(text: str) -> bytes:
    raw = text.encode()
    if not raw:
        return struct.pack(">i", 0)
    return struct.pack(">2i", len(raw), len(raw)) + raw + b"\0" * (-len(raw) % 4)


def scan(
    rank: int,
    planned: int,
    measured: int,
    positioners: list[tuple[str, str, list[float]]],
    detectors: list[tuple[str, list[float]]] = [],  # noqa: B006
    lower: list[int] = [],  # noqa: B006
) -> bytes:
    """One scan: positioners are name, unit, values; detectors name, values."""
    head = struct.pack(">3i", rank, planned, measured) + struct.pack(f">{len(lower)}i", *lower)
    head += string("scan1") + string("Nov 24, 2026 12:00:00.000000")
    head += struct.pack(">3i", len(positioners), len(detectors), 1)
    for number, (name, unit, _) in enumerate(positioners):
        head += struct.pack(">i", number) + string(name) + string("") + string("LINEAR") + string(unit)
        head += string("") * 3
    for number, (name, _) in enumerate(detectors):
        head += struct.pack(">i", number) + string(name) + string("counts") + string("")
    head += struct.pack(">i", 0) + string("trigger") + struct.pack(">f", 1.0)
    data = b"".join(struct.pack(f">{planned}d", *values) for *_, values in positioners)
    return head + data + b"".join(struct.pack(f">{planned}f", *values) for _, values in detectors)


def header(dimensions: list[int]) -> bytes:
    rank = len(dimensions)
    return struct.pack(f">f2i{rank}i2i", 1.3, 17, rank, *dimensions, 1, 0)


def one_dimension() -> bytes:
    """Seven points planned, five measured: x = i, y = -2 i micrometres and millimetres."""
    x, y = [float(i) for i in range(7)], [-2e-3 * i for i in range(7)]
    return header([7]) + scan(1, 7, 5, [("m1.VAL", "micron", x), ("m2.VAL", "mm", y)], [("d", [1.0] * 7)])


def two_dimensions(finished: int = 3) -> bytes:
    """Three lines (y = 10, 20, 30 um) of four points (x = 0, 1, 2, 3 um)."""
    start = header([3, 4])
    fast = scan(1, 4, 4, [("m1.VAL", "um", [0.0, 1.0, 2.0, 3.0])], [("d", [5.0] * 4)])
    places = [("m2.VAL", "um", [10.0, 20.0, 30.0])]
    size = len(start) + len(scan(2, 3, finished, places, lower=[0, 0, 0]))
    lower = [size + i * len(fast) for i in range(3)]
    return start + scan(2, 3, finished, places, lower=lower) + fast * 3
