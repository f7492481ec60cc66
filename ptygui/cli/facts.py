"""What a file is, as plain values and as lines to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import msgspec

from ptygui.core import describe
from ptygui.core.preparation_words import words
from ptygui.core.scan import Scan
from ptygui.generators.bundle import bundle_id, read_card


def scan_facts(scan: Scan) -> dict[str, object]:
    """Return the facts of a scan, and its steps in words; raises ScanError if patterns cannot be read."""
    steps = scan.metadata.preparation.steps
    return {
        "kind": "scan",
        **asdict(describe.scan_facts(scan)),
        "fingerprint": describe.scan_fingerprint(scan),
        "steps": [words(step, scan.positions.unit) for step in steps],
    }


def bundle_facts(path: Path) -> dict[str, object]:
    """Return the card of a trained generator; raises BundleError."""
    card = read_card(path)
    return {"kind": "generator", "id": bundle_id(path), **msgspec.to_builtins(card)}


def facts_as_text(facts: Mapping[str, object]) -> str:
    """Write one fact a line; what is unknown is left out, and guesses say why."""
    apart = ("guesses", "notes", "steps", "too_little")
    lines = _lines({key: value for key, value in facts.items() if key not in apart})
    steps, notes = _sentences(facts.get("steps")), _sentences(facts.get("notes"))
    return "\n".join(
        [
            *lines,
            *_guess_lines(facts.get("guesses", ())),
            *(f"step {number}: {text}" for number, text in enumerate(steps, 1)),
            *(f"note: {text}" for text in notes),
            *(f"warning: {text}" for text in _sentences(facts.get("too_little"))),
        ]
    )


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


def _sentences(texts: object) -> list[str]:
    return [str(text) for text in texts] if isinstance(texts, (list, tuple)) else []


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(_text(part) for part in value)
    return str(value)
