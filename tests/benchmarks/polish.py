"""What polishing brings at which noise, after a network pass on a simulated object it never saw.

python tests/benchmarks/polish.py
"""

from __future__ import annotations

from ptygui.core.events import Finished, Reconstruction
from ptygui.core.simulate import lines_scan
from ptygui.jobs.api import ReconstructRequest, Session
from ptygui.resources import shipped_generators

PHOTONS = (3e4, 1e5, 3e5, 1e6, 1e7)
STEPS = (1, 2, 3, 5)
SEED = 3000


def main() -> None:
    """Print a table: complex error and amplitude SSIM by photons and steps."""
    generator = next(path for path in shipped_generators() if path.stem.startswith("fno"))
    session = Session()
    print("counts/px | steps: complex error, amplitude SSIM")
    for photons in PHOTONS:
        scan = lines_scan(64, seed=SEED, photons_per_pattern=photons)
        results = [_run(session, ReconstructRequest(scan, generator, polish_steps=n)) for n in STEPS]
        raw = results[0].stages[0].quality
        qualities = [raw] + [result.best.quality for result in results]
        cells = [
            f"{steps}: {quality.complex_error:.4f} {quality.amplitude_ssim:.3f}"
            for steps, quality in zip((0, *STEPS), qualities, strict=True)
            if quality is not None
        ]
        print(f"{photons / 64**2:9.0f} | {'   '.join(cells)}", flush=True)


def _run(session: Session, request: ReconstructRequest) -> Reconstruction:
    events = list(session.reconstruct(request))
    assert isinstance(events[-1], Finished)
    return events[-1].result


if __name__ == "__main__":
    main()
