from __future__ import annotations

import os
import subprocess
import sys

import pytest

from ptygui.threads import sleep_while_waiting

ASK = """
import os, sys
import click
from ptygui import cli
answer = lambda: print(os.environ["OMP_WAIT_POLICY"], "torch" in sys.modules)
cli.main.add_command(click.Command("ask", callback=answer))
cli.main(["ask"])
"""


@pytest.mark.parametrize(("before", "after"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_threads_sleep_unless_the_user_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, before: str | None, after: str
) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY")
    if before is not None:
        monkeypatch.setenv("OMP_WAIT_POLICY", before)
    sleep_while_waiting()
    assert os.environ["OMP_WAIT_POLICY"] == after


def test_every_command_says_so_before_torch_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY")
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["PASSIVE", "False"]
