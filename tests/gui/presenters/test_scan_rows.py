from dataclasses import replace

from ptygui.core.describe import scan_facts
from ptygui.core.simulate import lines_scan
from ptygui.gui.presenters.scan_rows import scan_rows

FACTS = scan_facts(lines_scan(32, object_px=60, step_px=8.0, photons_per_pattern=5e4, seed=1))


def test_photons_are_a_number_or_said_to_be_unknown():
    counted = {name: text for name, text, *_ in scan_rows(FACTS)}
    unknown = {name: text for name, text, *_ in scan_rows(replace(FACTS, photons_per_pattern=None))}
    assert "10⁴" in counted["photons a pattern"]
    assert unknown["photons a pattern"] == "arbitrary units"
