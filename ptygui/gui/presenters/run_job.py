"""What can be run, what it is doing and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import partial

from ptygui.core.scan import Scan
from ptygui.gui.presenters.backend import Backend
from ptygui.gui.presenters.runner import StartJob
from ptygui.jobs.api import ReconstructRequest, RefineRequest


class Outcome(Enum):
    """How a run ended, in words."""

    DONE = "done"
    STOPPED = "stopped early, kept"
    CANCELLED = "cancelled"
    FAILED = "failed"
    EMPTY = "ended without a result"

    @property
    def left_result(self) -> bool:
        """Whether there is something to look at."""
        return self in (Outcome.DONE, Outcome.STOPPED)


class RunState(Enum):
    """What the run is doing; it says which buttons act."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping, keeping what there is"
    CANCELLING = "cancelling"


@dataclass(frozen=True)
class Missing:
    """What either kind of run still needs, in words.

    None: nothing; empty: only a moment has to pass.
    """

    reconstruct: str | None
    refine: str | None


@dataclass(frozen=True)
class Job:
    """A reconstruction or a refinement, ready to be started."""

    scan: Scan
    device_id: str
    start: StartJob
    refines: bool = False
    """A refinement: it begins with the picture on the screen, has epochs, and can be held."""
    repeats: bool = False
    """A reconstruction that follows another one of the same scan, which has grown."""

    @property
    def activity(self) -> str:
        """'Reconstructing star'."""
        return f"{'Refining' if self.refines else 'Reconstructing'} {self.scan.metadata.name}"

    @property
    def noun(self) -> str:
        """'reconstruction' or 'refinement'."""
        return "refinement" if self.refines else "reconstruction"


def reconstruct_job(backend: Backend, request: ReconstructRequest, *, repeats: bool = False) -> Job:
    """Describe a reconstruction."""
    return Job(request.scan, request.device_id, partial(backend.reconstruct, request), repeats=repeats)


def refine_job(backend: Backend, request: RefineRequest) -> Job:
    """Describe a refinement."""
    return Job(request.scan, request.device_id, partial(backend.refine, request), refines=True)
