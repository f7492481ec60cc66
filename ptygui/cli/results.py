"""What a result that ptygui exported is: no scan, but what was made of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from ptygui.cli.report import plain_judgements
from ptygui.core.events import Reconstruction
from ptygui.io.result_files import peek_record, read_result


def result_facts(path: Path) -> dict[str, object] | None:
    """Return the facts of a result that ptygui wrote as .npz or as product (.h5); None if it is none.

    Raises
    ------
    ResultError
        If it is one, but damaged.
    """
    record = peek_record(path)
    if record is None:
        return None
    result = read_result(path)
    stage = result.best
    known: dict[str, Any] = msgspec.to_builtins(record)
    return {
        "kind": "result",
        "what": _words(result),
        **{key: value for key, value in known.items() if key != "recipe"},
        "positions": len(stage.positions_px),
        "probe_modes": len(stage.probe),
        "judgements": {one["what"]: f"{one['level']}: {one['words']}" for one in plain_judgements(stage)},
        "recipe": known["recipe"],
    }


def _words(result: Reconstruction) -> str:
    rows, cols = result.best.image.values.shape
    return f"a ptygui result: object {rows} x {cols}, {_maker(result)} from {result.scan_name}"


def _maker(result: Reconstruction) -> str:
    refining, generator = result.recipe.get("refine"), result.recipe.get("generator_name")
    if not isinstance(refining, dict):
        return f"made by {generator or 'an unnamed generator'}"
    begun = f"begun by {generator}, " if generator else ""
    return f"{begun}refined by {refining.get('engine')} in {result.best.steps} epochs"
