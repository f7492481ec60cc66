from dataclasses import replace

from ptygui.core.describe import scan_facts
from ptygui.core.scan import Guess
from ptygui.core.simulate import lines_scan
from ptygui.gui.presenters.scan_rows import scan_rows

FACTS = scan_facts(lines_scan(32, object_px=60, step_px=8.0, photons_per_pattern=5e4, seed=1))


def test_photons_are_a_number_or_said_to_be_unknown():
    counted = {name: text for name, text, *_ in scan_rows(FACTS)}
    unknown = {name: text for name, text, *_ in scan_rows(replace(FACTS, photons_per_pattern=None))}
    assert "10⁴" in counted["photons a pattern"]
    assert unknown["photons a pattern"] == "arbitrary units"


def test_what_there_is_too_little_of_stands_first_and_deserves_a_look():
    sentence = "Of 3 patterns hardly anything can be reconstructed: at least 4 that overlap are needed."
    first, *rest = scan_rows(replace(FACTS, too_little=(sentence,)))
    assert (first[1], first[3]) == (sentence, True)
    assert rest == scan_rows(FACTS)


def test_a_guess_says_that_it_is_one():
    guess = Guess("zero frequency", "corner", "Most counts lie there.")
    assert scan_rows(replace(FACTS, guesses=(guess,)))[-1] == (
        "zero frequency", "corner · guessed", "Most counts lie there.", True,
    )  # fmt: skip
