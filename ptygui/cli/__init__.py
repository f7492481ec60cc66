"""The command line: thin commands over jobs.api, the same jobs as the window.

Exit codes: 0 done, 1 an error (in a sentence on stderr), 2 wrong usage, 130 interrupted. Everything heavy is
imported inside the commands, so that `ptygui --help` answers at once.
"""

from __future__ import annotations

import click

from ptygui import __version__
from ptygui.cli.convert import convert
from ptygui.cli.demo import demo
from ptygui.cli.doctor import doctor
from ptygui.cli.group import SentenceGroup
from ptygui.cli.look import devices, generators, info
from ptygui.cli.reconstruct import reconstruct
from ptygui.cli.refine import refine
from ptygui.cli.runs import runs
from ptygui.cli.study import study
from ptygui.cli.train import train
from ptygui.cli.watch import watch
from ptygui.cli.window import gui
from ptygui.threads import sleep_while_waiting


@click.group(
    cls=SentenceGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="ptygui")
@click.pass_context
def main(context: click.Context) -> None:
    """Reconstruct ptychography scans with trained generators.

    Without a command the window opens.
    """
    sleep_while_waiting()
    if context.invoked_subcommand is None:
        context.invoke(gui, files=())


for command in (
    gui,
    demo,
    reconstruct,
    refine,
    train,
    study,
    runs,
    watch,
    info,
    convert,
    generators,
    devices,
    doctor,
):
    main.add_command(command)
