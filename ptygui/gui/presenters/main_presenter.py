"""Puts the presenters of the cards and panels together: who is told when something changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ptygui.core.errors import PtyguiError
from ptygui.core.events import StageResult
from ptygui.core.mapping import Mapping
from ptygui.core.preparation import Preparation
from ptygui.core.scan import Scan
from ptygui.gui.presenters.backend import Backend
from ptygui.gui.presenters.compare_presenter import ComparePresenter
from ptygui.gui.presenters.complaints import complaint_of
from ptygui.gui.presenters.device_presenter import DevicePresenter
from ptygui.gui.presenters.evidence_presenter import EvidencePresenter
from ptygui.gui.presenters.export_presenter import ExportPresenter, ExportView
from ptygui.gui.presenters.file_presenter import FilePresenter
from ptygui.gui.presenters.following import FollowingPresenter
from ptygui.gui.presenters.generator_presenter import GeneratorPresenter
from ptygui.gui.presenters.memory import Memory
from ptygui.gui.presenters.orientation_presenter import OrientationPresenter
from ptygui.gui.presenters.pattern_presenter import PatternPresenter
from ptygui.gui.presenters.positions_presenter import PositionsPresenter, PositionsView
from ptygui.gui.presenters.prepare_presenter import PreparePresenter
from ptygui.gui.presenters.recovery_presenter import RecoveryPresenter
from ptygui.gui.presenters.refine_presenter import RefinePresenter
from ptygui.gui.presenters.results_presenter import ResultsPresenter
from ptygui.gui.presenters.run_follower import RunFollower
from ptygui.gui.presenters.run_job import Job, Missing, Outcome, RunState, reconstruct_job, refine_job
from ptygui.gui.presenters.run_presenter import RunPresenter
from ptygui.gui.presenters.runner import Runner
from ptygui.gui.presenters.scan_presenter import ScanPresenter
from ptygui.gui.presenters.shell import Shell
from ptygui.gui.presenters.train_starter import ShowOffer, TrainStarter
from ptygui.gui.presenters.training_presenter import TrainingPresenter
from ptygui.jobs.api import ReconstructRequest, RefineConfig, RefineRequest

if TYPE_CHECKING:
    from ptygui.jobs.training_runs import RunSummary


class MainPresenter:
    """The one object that knows all presenters."""

    def __init__(
        self,
        shell: Shell,
        runner: Runner,
        backend: Backend,
        memory: Memory,
        clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        self._shell, self._runner, self._backend, self._memory = shell, runner, backend, memory
        self.refine = RefinePresenter(shell.refine_view, memory)
        self.evidence = EvidencePresenter(shell.evidence_view, runner, backend, self.complain)
        self.compare = ComparePresenter(shell.compare_view, runner, backend)
        self.patterns = PatternPresenter(shell.pattern_view, runner, backend, self.complain)
        self.results = ResultsPresenter(shell, memory, clock, self._stage_shown)
        self.generator = GeneratorPresenter(
            shell.generator_view, runner, backend, self._choice_changed, self.complain, self._warn
        )
        self.device = DevicePresenter(shell.device_view, runner, backend, self._choice_changed, self.complain)
        follower = RunFollower(shell, self.results, self.device, self._run_ended)
        self.run = RunPresenter(shell.run_view, follower, runner, self.complain)
        self._noted: tuple[str, ...] = ()
        """What was said of the open scan in the log."""
        self._make_scan(shell)
        self.files = FilePresenter(
            shell,
            runner,
            backend,
            self.generator,
            self.scan,
            self.results,
            self._choice_changed,
            self.complain,
        )
        self.following = FollowingPresenter(
            shell.follow_view,
            runner,
            backend,
            self.scan,
            self._is_idle,
            self._start_again,
            self._choice_changed,
            self.note,
            self.complain,
        )
        self.recovery = RecoveryPresenter(
            shell.recovery_view, runner, backend, self.open_result, self.complain, clock
        )
        self.training = TrainingPresenter(
            shell.training_view,
            runner,
            backend.training,
            memory,
            self._training_ended,
            self._use_trained,
            self.note,
            self.complain,
        )
        self.trainer = TrainStarter(runner, backend.training, memory, self._training_started, self.complain)
        shell.show_activity("Ready")
        shell.show_device("looking for devices…")

    def _make_scan(self, shell: Shell) -> None:
        self.scan = ScanPresenter(
            shell.scan_view,
            self._runner,
            self._backend,
            self._memory,
            self._scan_opened,
            self._scan_refused,
            self._scan_told,
            self.note,
        )
        self.prepare = PreparePresenter(
            shell.prepare_view,
            self._runner,
            self._backend,
            self.scan,
            self._may_open,
            self.note,
            self.complain,
        )
        self.orientation = OrientationPresenter(
            shell.prepare_view, self._runner, self._backend, self.prepare.take_orientation, self.complain
        )

    def begin(self) -> None:
        """Look for generators and devices, and for what a crash left."""
        self.recovery.look()
        self.generator.load(self._memory.last_generator)
        self.device.load(self._memory.last_device)
        self.training.begin()

    def open_file(self, path: Path) -> None:
        """Open what was dropped or chosen, as what it is: a scan, a generator or a result."""
        if self._may_open():
            self.files.open(path.absolute())

    def open_result(self, path: Path, name: str = "") -> None:
        """Open a result; `name` names it, else its file does."""
        if self._may_open():
            self.files.open_result(path.absolute(), name)

    def open_mapped(self, path: Path, mapping: Mapping) -> None:
        """Open an HDF5 file as the user said by hand where things are in it."""
        if self._may_open():
            self.scan.open(path.absolute(), Preparation(mapping=mapping))

    def reload(self) -> None:
        """Open the scan's file again, because it may have grown."""
        if self._may_open():
            self.scan.reload()
            self._choice_changed()

    def find_orientation(self) -> None:
        """Look how the frames of the open scan lie to its positions, or stop looking."""
        self._shell.hide_complaint()
        self.orientation.find(self.scan.scan)

    def positions_presenter(self, view: PositionsView, path: Path) -> PositionsPresenter:
        """Make the presenter of the dialog for a file with the positions of the scan at hand."""
        latest = self.scan.latest
        patterns = 0 if latest is None else latest.raw.frames.shape[0]
        return PositionsPresenter(
            view, self._runner, self._backend, path, patterns, self.prepare.take_positions
        )

    def start(self, polish_steps: int | None) -> None:
        """Reconstruct with what is chosen; None leaves the polish steps to the noise."""
        self._memory.polish_steps = polish_steps
        scan, entry, device = self.scan.scan, self.generator.entry, self.device.device
        if scan is not None and entry is not None and device is not None:
            request = ReconstructRequest(scan, entry.path, device.id, polish_steps=polish_steps)
            self.run.start(reconstruct_job(self._backend, request))

    def _start_again(self) -> bool:
        """Reconstruct the scan, which has grown, as it was last; False if that cannot be now."""
        scan, entry, device = self.scan.scan, self.generator.entry, self.device.device
        if not self.run.can_start or scan is None or entry is None or device is None:
            return False
        steps = self._memory.polish_steps
        request = ReconstructRequest(scan, entry.path, device.id, polish_steps=steps)
        self.run.start(reconstruct_job(self._backend, request, repeats=True))
        return True

    def start_refining(self, config: RefineConfig | None = None) -> None:
        """Refine the picture on the screen, or from the flat object; as is chosen, unless told how."""
        scan, device = self.scan.scan, self.device.device
        if scan is not None and device is not None:
            start = self.results.start
            result, stage = (None, None) if start is None else (self.results.shown, start.stage)
            request = RefineRequest(scan, result, stage, device.id, config or self.refine.config)
            self.run.start(refine_job(self._backend, request))

    def train_on_scan(self, show: ShowOffer) -> None:
        """Offer to train a generator on the open scan."""
        if self.scan.scan is not None:
            self._shell.hide_complaint()
            self.trainer.offer_scan(self.scan.scan, self._device_id, self.device.ids, show)

    def train_on_simulated(self, show: ShowOffer) -> None:
        """Offer to train a generator on simulated objects."""
        self._shell.hide_complaint()
        self.trainer.offer_simulated(self._device_id, self.device.ids, show)

    def export_presenter(self, view: ExportView) -> ExportPresenter | None:
        """Make the presenter of an export of the result on the screen, None if there is none."""
        result = self.results.shown
        if result is None:
            return None
        return ExportPresenter(
            view, self._runner, self._backend, result, lambda paths: self.results.exported(result, paths)
        )

    def closing_question(self) -> str | None:
        """Ask before results are lost, and say what becomes of a run; None if no result would be."""
        question = self.results.closing_question()
        if question is None or self.run.job is None:
            return question
        kept = "ends it, and what was kept of it is offered at the next start"
        end = kept if self.run.job.refines else "cancels it"
        return f"{question}\n\nA {self.run.job.noun} is running: closing {end}."

    def complain(self, error: BaseException) -> None:
        """Say in place what went wrong, and in the log."""
        complaint = complaint_of(error)
        self._shell.show_complaint(complaint)
        self._shell.write_log(complaint.text, "error")
        if self.run.state is RunState.IDLE:
            self._shell.show_activity("Ready")

    def _is_idle(self) -> bool:
        """Tell whether nothing is under way that needs the scan as it is."""
        return self.run.job is None and not self.files.busy and not self.orientation.searching

    def _run_ended(self, job: Job, outcome: Outcome) -> None:
        self.following.ran(job, outcome)

    def _may_open(self) -> bool:
        """Tell whether files may be opened now; if not, say why."""
        self._shell.hide_complaint()
        if self.run.job is None:
            return True
        words = f"A {self.run.job.noun} is running: stop it before opening something else."
        self.complain(PtyguiError(words))
        return False

    @property
    def _device_id(self) -> str:
        return "cpu" if self.device.device is None else self.device.device.id

    def _training_started(self, run: Path) -> None:
        self.note(f"Training in {run}")
        self._shell.show_training_tab()
        self.training.follow_new(run)

    def _training_ended(self, run: RunSummary, was_mine: bool) -> None:
        """List its generator; nothing is chosen in the user's place."""
        if run.bundle is not None and was_mine:
            self.generator.suggest(run.bundle)
        else:
            self.generator.load()

    def _use_trained(self, bundle: Path) -> None:
        if self._may_open():
            self.generator.choose_path(bundle)
            self.note(f"The generator of {bundle.parent} is chosen.")

    def note(self, sentence: str) -> None:
        """Say something in the log."""
        self._shell.write_log(sentence, "info")

    def _warn(self, sentence: str) -> None:
        self._shell.write_log(sentence, "warning")

    def _scan_opened(self, scan: Scan) -> None:
        if self.scan.goes_on:
            self._scan_read_again(scan)
        else:
            self._shell.show_activity("Ready")
            self._write_notes(scan)
            self._shell.progress_view.show_outcome("Nothing is running.")
            self.patterns.set_scan(scan)
            self.results.scan_opened(scan, self.scan.fingerprint)
        self.generator.set_scan(scan)
        self.files.scan_settled()

    def _scan_read_again(self, scan: Scan) -> None:
        """Go on with the scan, which may have grown: what is looked at stays."""
        if not self.following.on:  # else the same would be said again and again, with other numbers
            self._write_notes(scan)
        self.patterns.set_scan(scan, again=True)
        self.results.scan_read_again(scan, self.scan.fingerprint)

    def _write_notes(self, scan: Scan) -> None:
        for note in scan.metadata.notes:
            if note not in self._noted:  # a scan that is prepared otherwise need not say all of it again
                self._shell.write_log(note, "info")
        self._noted = scan.metadata.notes

    def _scan_told(self) -> None:
        """Follow what became of the scan: it is there, it lacks something, or a change was refused."""
        if self.scan.lacking:
            self._shell.show_activity("Ready")
            self.files.scan_settled()
        self._judge_generator()
        self.prepare.told()
        self.orientation.scan_changed()
        self.following.told()
        self._choice_changed()

    def _judge_generator(self) -> None:
        """Judge the generator by what the user works on, never by the scan before it."""
        if self.scan.lacking or self.scan.scan is None:
            self.generator.set_no_scan(self.scan.lacking)
        else:
            self.generator.set_scan(self.scan.scan)

    def _scan_refused(self, error: Exception) -> None:
        self.complain(error)
        self.files.scan_settled()
        self._choice_changed()

    def _choice_changed(self) -> None:
        entry, device = self.generator.entry, self.device.device
        if entry is not None and self.generator.chosen_by_user:
            self._memory.last_generator = entry.path
        if device is not None:
            self._memory.last_device = device.id
        self._shell.show_device(device.id if device else "")
        self.run.set_missing(Missing(self._missing(), self._missing_to_refine()))

    def _stage_shown(self, stage: StageResult | None) -> None:
        start = None if stage is None else self.results.start
        self.refine.set_start(None if start is None else start.stage)
        self.patterns.set_stage(start)
        self.evidence.show(stage)
        if stage is not None:
            self.compare.offer(self.results.shelf.kept)

    def _missing(self) -> str | None:
        if self.files.busy or self.scan.opening or self.generator.checking:
            return ""
        if self._missing_scan():
            return self._missing_scan()
        if self.generator.entry is None:
            return "choose a generator"
        if not self.generator.fits:
            return "choose a generator that fits this scan, or train one"
        return self._missing_device()

    def _missing_to_refine(self) -> str | None:
        if self.files.busy or self.scan.opening:
            return ""
        return self._missing_scan() or self._missing_device()

    def _missing_scan(self) -> str | None:
        if self.scan.lacking:
            return "tell what the scan lacks"
        return "open a scan" if self.scan.scan is None else None

    def _missing_device(self) -> str | None:
        if self.device.device is None:
            return "wait for the devices" if self.device.searching else "choose a device"
        return None
