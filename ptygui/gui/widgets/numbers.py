"""Numbers as people read them: units, SI prefixes, narrow spaces, true minus signs. No Qt.

All spaces inside a number are narrow no-break spaces (U+202F), so that a line never breaks between a
value and its unit; the minus is U+2212. SI prefixes follow the SI brochure (9th edition, table 7), bytes
the binary prefixes of IEC 80000-13.
"""

from __future__ import annotations

import math

SPACE = "\u202f"
MINUS = "\u2212"
UNKNOWN = "\u2013"

_SUPERSCRIPTS = str.maketrans("-0123456789", "\u207b⁰¹²³⁴⁵⁶⁷⁸⁹")
_PREFIXES = {-15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T"}
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def fixed(value: float, decimals: int = 2) -> str:
    """Write a fixed number of decimals: '−0.71'; a value that is not finite is '–'; never '−0.00'."""
    if not math.isfinite(value):
        return UNKNOWN
    text = f"{value:.{decimals}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def significant(value: float, digits: int = 3) -> str:
    """Write `digits` significant digits without an exponent: '0.0412', '12.3', '1 230'."""
    if not math.isfinite(value):
        return UNKNOWN
    if value == 0:
        return "0"
    decimals = digits - 1 - _exponent_of(value, digits)
    if decimals > 0:
        return fixed(value, decimals)
    return grouped(round(value, decimals))


def grouped(value: float) -> str:
    """Write a whole number in groups of three: '41 200'; four digits stay together: '1230'."""
    if not math.isfinite(value):
        return UNKNOWN
    whole = round(value)
    text = str(whole) if abs(whole) < 10_000 else f"{whole:,}".replace(",", SPACE)
    return text.replace("-", MINUS)


def scientific(value: float, digits: int = 2) -> str:
    """Write a power of ten: '4.6 × 10⁵'; values from 0.01 to 9999 are written plainly."""
    if not math.isfinite(value):
        return UNKNOWN
    if value == 0 or 0.01 <= abs(value) < 10_000:
        return significant(value, max(digits, 2)) if value % 1 else grouped(value)
    exponent = _exponent_of(value, digits)
    mantissa = fixed(value / 10.0**exponent, digits - 1)
    return f"{mantissa}{SPACE}×{SPACE}10{str(exponent).translate(_SUPERSCRIPTS)}"


def quantity(value: float, unit: str, digits: int = 3) -> str:
    """Write a value in `unit` with the SI prefix that suits it: 1.23e-5 m is '12.3 µm'."""
    if not math.isfinite(value):
        return UNKNOWN
    exponent = 0 if value == 0 else 3 * math.floor(_exponent_of(value, digits) / 3)
    exponent = min(max(exponent, min(_PREFIXES)), max(_PREFIXES))
    number = significant(value / 10.0**exponent, digits)
    return f"{number}{SPACE}{_PREFIXES[exponent]}{unit}"


def percent(share: float, decimals: int = 0) -> str:
    """Write a share 0..1 as '78 %'."""
    return f"{fixed(100 * share, decimals)}{SPACE}%"


def rate(per_second: float, unit: str = "patterns") -> str:
    """Write '41 200 patterns/s'."""
    return f"{significant(per_second, 3)}{SPACE}{unit}/s"


def duration(seconds: float) -> str:
    """Write a time span as one would say it: '0.1 s', '42 s', '3 min 20 s', '2 h 05 min'."""
    if not math.isfinite(seconds):
        return UNKNOWN
    if seconds < 9.95:
        return f"{fixed(seconds, 1)}{SPACE}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}{SPACE}s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}{SPACE}min {rest:02d}{SPACE}s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{grouped(hours)}{SPACE}h {minutes:02d}{SPACE}min"


def remaining(seconds: float) -> str:
    """Write '3 min 20 s left'."""
    return f"{duration(seconds)} left"


def byte_size(count: float) -> str:
    """Write a size in memory or on disk: '412 MiB', '3.1 GiB'."""
    if not math.isfinite(count):
        return UNKNOWN
    power = 0
    while abs(count) >= 999.5 and power < len(_BINARY) - 1:
        count, power = count / 1024, power + 1
    number = grouped(count) if power == 0 or abs(count) >= 9.95 else fixed(count, 1)
    return f"{number}{SPACE}{_BINARY[power]}"


def _exponent_of(value: float, digits: int) -> int:
    """Power of ten of `value` after rounding to `digits` significant digits: 9.996 gives 1 for 3."""
    return int(f"{value:.{digits - 1}e}".partition("e")[2])
