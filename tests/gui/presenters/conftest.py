"""A runner whose work a test does when it likes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import Mock

import pytest
from gui.fakes import FakeBackend


@dataclass
class LateRunner:
    """Keeps the work until `work` is called; starts no job, but remembers its listener."""

    waiting: list[Callable[[], None]] = field(default_factory=list)
    jobs: list[tuple[str, Any, Any]] = field(default_factory=list)
    handle: Mock = field(default_factory=Mock)

    def call(self, lane, work, on_result, on_error, *, latest_only=True) -> None:
        def do() -> None:
            try:
                result = work()
            except Exception as error:  # noqa: BLE001
                on_error(error)
            else:
                on_result(result)

        self.waiting.append(do)

    def start_job(self, lane, start, listener):
        self.jobs.append((lane, start, listener))
        return self.handle

    def work(self) -> None:
        while self.waiting:
            self.waiting.pop(0)()


@pytest.fixture
def runner() -> LateRunner:
    return LateRunner()


@pytest.fixture
def backend() -> FakeBackend:
    return FakeBackend()
