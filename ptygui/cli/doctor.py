"""`ptygui doctor`: does everything that ptygui stands on work here, and if not, what installs it."""

from __future__ import annotations

import click

from ptygui.cli.group import print_json


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Check the installation: packages, system libraries, Qt, HDF5 filters, devices."""
    from ptygui.cli.checkup import check_all, missing_packages

    findings = list(check_all())
    command = missing_packages(findings)
    healthy = all(finding.ok or not finding.needed for finding in findings)
    if as_json:
        plain = [{"what": f.what, "ok": f.ok, "needed": f.needed, "text": f.text} for f in findings]
        print_json({"healthy": healthy, "findings": plain, "install": command})
    else:
        for finding in findings:
            mark = "ok" if finding.ok else "MISSING" if finding.needed else "absent"
            click.echo(f"{mark:<8} {finding.what:<22} {finding.text}".rstrip())
        if command:
            click.echo(f"\nInstall what is missing with:\n  {command}")
    context.exit(0 if healthy else 1)
