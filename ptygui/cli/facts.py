"""What a file is, as plain values and as lines to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import msgspec

from ptygui.core import describe
from ptygui.generators.bundle import bundle_id, read_card
from ptygui.io.registry import open_scan


def scan_facts(path: Path) -> dict[str, object]:
    """Return the facts of a scan; raises ScanError."""
    scan = open_scan(path)
    return {
        "kind": "scan",
        **asdict(describe.scan_facts(scan)),
        "fingerprint": describe.scan_fingerprint(scan),
    }


def bundle_facts(path: Path) -> dict[str, object]:
    """Return the card of a trained generator; raises BundleError."""
    card = read_card(path)
    return {"kind": "generator", "id": bundle_id(path), **msgspec.to_builtins(card)}


def facts_as_text(facts: Mapping[str, object]) -> str:
    """Write one fact a line; what is unknown is left out, and guesses say why."""
    lines = _lines({key: value for key, value in facts.items() if key != "guesses"})
    return "\n".join([*lines, *_guess_lines(facts.get("guesses", ()))])


def _lines(facts: Mapping[str, object], indent: str = "") -> Iterator[str]:
    """Write one fact a line; the parts of one follow it, each on an indented line."""
    known = {key: value for key, value in facts.items() if value not in (None, "", (), {}, [])}
    width = max((len(key) for key, value in known.items() if not isinstance(value, Mapping)), default=0)
    for key, value in known.items():
        if isinstance(value, Mapping):
            yield f"{indent}{key}"
            yield from _lines(value, f"{indent}    ")
        else:
            yield f"{indent}{key:<{width}}  {_text(value)}"


def _guess_lines(guesses: object) -> list[str]:
    if not isinstance(guesses, (list, tuple)):
        return []
    return [f"guessed: {guess['what']} = {guess['value']}: {guess['why']}" for guess in guesses]


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(_text(part) for part in value)
    return str(value)
