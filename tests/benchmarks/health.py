"""What the detectors of train/health.py see on networks that die and on networks that live.

The stress test of tests/generators/test_stability.py in the product's own training: 32 x 32 patterns, a loss
of single patterns, Adam at ten times the usual rate. 'historical' networks die of it, present ones do not.

python tests/benchmarks/health.py [SEEDS]     (16 CPU-seconds a run)
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from ptygui.runs.layout import RunPaths
from ptygui.runs.reader import RunReader
from ptygui.train.config import SimulatedLines, TrainConfig, dump_config
from ptygui.train.session import train

CONSTANT = 1e-3
"""A network whose amplitude varies by less at the end is dead, whatever the detectors say."""
HISTORICAL = {"decoder_norm": False, "flat_start": False}
STRESS = {
    "neighbourhood": 1, "neighbourhoods_per_step": 16, "polish_steps": 0, "steps": 160,
    "learning_rate": 1.5e-2, "schedule": "constant", "warmup_steps": 0, "clip": "none",
}  # fmt: skip
RECIPE = {"steps": 200}
ARMS: dict[str, tuple[str, dict[str, object], dict[str, object]]] = {
    "historical stable_hybrid, 1.5e-2": ("stable_hybrid", STRESS | {"encoding": "amplitude"}, HISTORICAL),
    "historical stable_hybrid, 3e-2": (
        "stable_hybrid", STRESS | {"encoding": "amplitude", "learning_rate": 3e-2, "steps": 100}, HISTORICAL,
    ),
    "stable_hybrid, stress": ("stable_hybrid", STRESS, {}),
    "hybrid, stress": ("hybrid", STRESS, {}),
    **{f"{name}, recipe": (name, RECIPE, {}) for name in ("stable_hybrid", "hybrid", "cnn", "fno")},
}  # fmt: skip


def main(seeds: int) -> None:
    """Print a line for every run, and what was seen in all."""
    for arm, (generator, settings, network) in ARMS.items():
        seen: Counter[str] = Counter()
        for seed in range(seeds):
            config = TrainConfig(
                name=f"{arm}, seed {seed}",
                generator=generator,
                generator_config={"width": 8} | network,
                data=SimulatedLines(
                    pattern_px=32, object_px=196, step_px=8.0, scans=1, first_seed=100 + 10 * seed
                ),
                seed=seed,
                rollbacks=0,  # watched only
                validate_every=20,
                validation_patterns=100,
                **settings,
            )
            seen.update(_run(config))
        print(f"{arm}: {seeds} runs, of which {dict(seen)}", flush=True)


def _run(config: TrainConfig) -> set[str]:
    """Train; return what was seen, and 'constant' if it ended so."""
    with tempfile.TemporaryDirectory() as folder:
        paths = RunPaths(Path(folder))
        paths.config.write_text(dump_config(config), encoding="utf-8")
        train(paths.root)
        update = RunReader(paths.root).poll()
    spread = [row.value for row in update.rows if row.metric == "amplitude_spread"][-1]
    told = [f"{event.ailment} at {event.step}" for event in update.events]
    print(f"  {config.name}: spread {spread:.2g} at the end; {', '.join(told) or 'nothing seen'}", flush=True)
    return {event.ailment for event in update.events} | ({"constant"} if spread < CONSTANT else set())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
