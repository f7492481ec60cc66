"""Decides about one training before it starts: what it would take, and whether it may start."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ptygui.gui.presenters.complaints import complaint_of
from ptygui.gui.presenters.runner import Runner
from ptygui.gui.presenters.train_offer import TrainOffer
from ptygui.gui.presenters.train_words import estimate_words, memory_words
from ptygui.gui.presenters.training_backend import TrainingBackend
from ptygui.train.config import TrainConfig

if TYPE_CHECKING:
    from ptygui.jobs.sizes import SizeEstimate

_WEIGHTY = (
    "generator", "generator_config", "encoding", "neighbourhood", "neighbourhoods_per_step", "polish_steps",
    "loss", "optimiser", "precision", "accumulate", "device", "processes",
)  # fmt: skip
"""What size and time depend on; the rest may be changed without measuring again."""


class TrainDialogView(Protocol):
    """The training dialog."""

    def show_offer(self, offer: TrainOffer) -> None:
        """Show what there is to choose, and the settings to begin with."""

    def show_config(self, config: TrainConfig) -> None:
        """Show other settings."""

    def show_summary(self, words: str, is_warning: bool, how: str = "") -> None:
        """Say what would be trained and how long it takes, and how that was found."""

    def show_problem(self, words: str) -> None:
        """Say what is wrong; empty for nothing."""

    def allow_start(self, allowed: bool) -> None:
        """Enable the button that starts, or not."""

    def leave(self) -> None:
        """Close: the training has started."""


class TrainDialogPresenter:
    """Looks at settings while they are typed; starts a training with them."""

    def __init__(
        self,
        view: TrainDialogView,
        runner: Runner,
        backend: TrainingBackend,
        offer: TrainOffer,
        on_started: Callable[[Path, TrainConfig, TrainOffer], None],
    ) -> None:
        self._view, self._runner, self._backend = view, runner, backend
        self._offer, self._on_started = offer, on_started
        self._config: TrainConfig | None = None
        self._estimated: tuple[tuple[object, ...], SizeEstimate] | None = None
        self._open = True
        view.show_offer(offer)

    def look(self, config: TrainConfig | None, problem: str) -> None:
        """Take the settings as they are typed; None: what is wrong is said in `problem`."""
        self._config = config
        self._view.show_problem(problem)
        self._view.allow_start(config is not None)
        if config is not None:
            self._estimate(config)

    def start(self) -> None:
        """Start a training with the settings at hand."""
        if self._config is None:
            return
        self._view.allow_start(False)
        self._view.show_summary("Starting…", is_warning=False)
        config = self._config
        self._runner.call(
            "training", partial(self._backend.start, config), partial(self._started, config), self._refuse,
            latest_only=False,
        )  # fmt: skip

    def load(self, path: Path) -> None:
        """Take settings from a file; what is trained on stays, unless both are simulated."""
        work = partial(self._backend.read_settings, path)
        self._runner.call("settings", work, self._take, self._complain)

    def save(self, path: Path) -> None:
        """Write the settings at hand to a file."""
        if self._config is not None:
            work = partial(self._backend.write_settings, self._config, path)
            self._runner.call("settings", work, lambda _: None, self._complain)

    def close(self) -> None:
        """Answer nothing any more: the dialog is gone."""
        self._open = False

    def _take(self, config: TrainConfig) -> None:
        if self._open:
            self._view.show_config(self._offer.adopt(config))

    def _estimate(self, config: TrainConfig) -> None:
        key = self._key(config)
        if self._estimated is not None and self._estimated[0] == key:
            self._show_estimate(self._estimated[1])
            return
        self._view.show_summary("Finding out how large it is and how long a step takes…", is_warning=False)
        work = partial(self._backend.estimate, config, self._offer.pattern_px(config))
        self._runner.call("sizes", work, partial(self._keep_estimate, key), self._no_estimate)

    def _key(self, config: TrainConfig) -> tuple[object, ...]:
        return (self._offer.pattern_px(config), *(getattr(config, name) for name in _WEIGHTY))

    def _keep_estimate(self, key: tuple[object, ...], estimate: SizeEstimate) -> None:
        self._estimated = key, estimate
        if self._open and self._config is not None and self._key(self._config) == key:
            self._show_estimate(estimate)

    def _show_estimate(self, estimate: SizeEstimate) -> None:
        if self._config is None:
            return
        words, warning = estimate_words(self._config, estimate), memory_words(self._config, estimate)
        self._view.show_summary(warning or words, is_warning=bool(warning), how=estimate.how)

    def _no_estimate(self, error: Exception) -> None:
        if self._open:
            self._view.show_summary("", is_warning=False)
            self._view.show_problem(complaint_of(error).text)

    def _started(self, config: TrainConfig, run: Path) -> None:
        if self._open:
            self._view.leave()
        self._on_started(run, config, self._offer)

    def _refuse(self, error: Exception) -> None:
        self._complain(error)
        if self._open:
            self._view.show_summary("", is_warning=False)
            self._view.allow_start(self._config is not None)

    def _complain(self, error: Exception) -> None:
        complaint = complaint_of(error)
        if self._open:
            self._view.show_problem(complaint.text)
