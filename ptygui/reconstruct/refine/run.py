"""A whole refinement: phases, guard, previews, evidence. Yields events and ends with Finished."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace

import msgspec

from ptygui.core.errors import PtyguiError
from ptygui.core.events import Epoch, Event, Finished, JobControl, Notice, Preview, Reconstruction
from ptygui.core.evidence import Residual
from ptygui.physics.slope import Tally
from ptygui.physics.unknowns import Unknowns
from ptygui.reconstruct.pace import PreviewClock, preview_stride
from ptygui.reconstruct.refine.config import RefineConfig
from ptygui.reconstruct.refine.engines.base import engine_class
from ptygui.reconstruct.refine.evidence import half_scan, look_back
from ptygui.reconstruct.refine.finish import settle
from ptygui.reconstruct.refine.guard import Guard
from ptygui.reconstruct.refine.outcome import Outcome
from ptygui.reconstruct.refine.phases import Phase, phases
from ptygui.reconstruct.refine.problem import Problem
from ptygui.reconstruct.refine.workshop import Workshop

KEEP_INTERVAL_S = 10.0
"""How often the state so far is kept: at most so much is lost when the process is killed."""

FAILURES = (PtyguiError, RuntimeError, MemoryError, OSError)
"""What may happen to work that is sound: memory, devices and files fail."""
Keep = Callable[[Reconstruction], None]


@dataclass
class Refiner:
    """Carries out one refinement.

    Attributes
    ----------
    workshop : Workshop
    config : RefineConfig
    control : JobControl
    keep : callable or None
        Told the result so far every KEEP_INTERVAL_S.
    """

    workshop: Workshop
    config: RefineConfig
    control: JobControl
    keep: Keep | None = None
    notices: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.at = self.workshop.start_at
        self.epochs = 0
        self._began = self._kept = time.monotonic()
        self._clock = PreviewClock()

    def run(self) -> Iterator[Event]:
        """Refine; the notices that pass are kept with the result.

        If something fails when epochs are done already, what there is comes as `Finished` first, stopped
        early, and the error is raised after it: nothing that was computed is lost.

        Raises
        ------
        DeviceError
            If not even one pattern fits into memory.
        ScanError
            If the patterns cannot be read.
        """
        for event in self._events():
            if isinstance(event, Notice):
                self.notices.append(event.text)
            yield event

    def _events(self) -> Iterator[Event]:
        start = self.workshop.start
        plan, notices = phases(
            self.config, flat=start.before is None, doubtful=self.workshop.probe_is_doubtful()
        )
        yield Notice(f"Refining {start.words} with {self.config.engine}, {self.config.epochs} epochs.")
        yield from notices
        failure: Exception | None = None
        stopped = False
        try:
            for phase in plan:
                stopped = stopped or (yield from self._phase(phase))
        except FAILURES as error:
            if self.epochs == 0:
                raise
            failure = error
        failure = yield from self._finish(stopped=stopped, failure=failure)
        if failure is not None:
            raise failure

    def _phase(self, phase: Phase) -> Generator[Event, None, bool]:
        """Run the epochs of a phase; returns whether it was stopped."""
        if self.control.stop_requested:
            return True
        config = msgspec.structs.replace(self.config, epochs=phase.epochs)
        problem = self.workshop.problem.judged_by(phase.likelihood)
        engine = engine_class(phase.engine)(problem, self.at, phase.free, config)
        begun = yield from problem.tally(self.at)
        if begun is None:
            return True
        guard = Guard(self.at, begun.misfit)
        for _ in range(phase.epochs):
            tally = yield from engine.epoch()
            if tally is None:
                return True
            complaint = guard.check(engine, tally)
            self.at = guard.latest
            self.epochs += 1
            yield from self._tell(tally, complaint)
            if guard.gave_up or engine.settled:
                yield Notice(f"After {self.epochs} epochs nothing better is found: it has settled.")
                break
        return False if engine.proven else (yield from self._prove(problem, guard))

    def _prove(self, problem: Problem, guard: Guard) -> Generator[Event, None, bool]:
        """Look at what the last epoch left, which no figure has proven yet; returns if it was stopped."""
        found = yield from problem.tally(self.at)
        if found is not None and not guard.accepts(found.misfit):
            self.at = guard.safe
            yield Notice("The last epoch made it worse: it is taken back.", "warning")
        return found is None

    def _tell(self, tally: Tally, complaint: Notice | None) -> Iterator[Event]:
        """Tell where it stands, show it, and keep it from time to time."""
        residual = self.workshop.problem.data.residual(tally)
        seconds = time.monotonic() - self._began
        yield Epoch(self.epochs, self.config.epochs, residual, self.workshop.deviance(tally), seconds)
        if complaint is not None:
            yield complaint
        if self._clock.due():
            yield self._preview()
            self._clock.shown()
        if self.keep is not None and time.monotonic() - self._kept > KEEP_INTERVAL_S:
            yield from self._keep_state(self.keep, residual)
            self._kept = time.monotonic()

    def _keep_state(self, keep: Keep, residual: Residual) -> Iterator[Event]:
        """Keep what there is; the work goes on if that fails."""
        try:
            keep(self._outcome(self._settled()).result(residual, None, self.notices))
        except (PtyguiError, OSError) as error:
            self.keep = None
            yield Notice(f"What was reached so far cannot be kept on disk: {error}", "warning")

    def _preview(self) -> Preview:
        easel = self.workshop.easel
        image = easel.image(self.at, preview_stride(easel.windows.shape))
        return Preview(image, "refined", 1.0, probe=self.at.probe.cpu().numpy())

    def _finish(
        self, *, stopped: bool, failure: Exception | None
    ) -> Generator[Event, None, Exception | None]:
        """Settle the gauge, gather the evidence, hand over; returns what failed on the way."""
        at = self._settled()
        outcome = self._outcome(at)
        evidence = residual = None
        if failure is None:
            try:
                evidence, residual = yield from look_back(self.workshop.problem, at, outcome.easel)
                if self.config.half_scan and not self.control.stop_requested:
                    halves = yield from half_scan(self.workshop.problem, at, outcome.easel)
                    evidence = replace(evidence, half_scan=halves)
            except FAILURES as error:
                failure = error
        yield Preview(outcome.easel.image(at), "refined", 1.0, probe=at.probe.cpu().numpy())
        early = stopped or failure is not None
        yield Finished(outcome.result(residual, evidence, self.notices), stopped_early=early)
        return failure

    def _settled(self) -> Unknowns:
        return settle(self.at, self.workshop.easel.power, self.workshop.free)

    def _outcome(self, at: Unknowns) -> Outcome:
        seconds = time.monotonic() - self._began
        return Outcome(self.workshop, self.config, at, self.epochs, seconds)
