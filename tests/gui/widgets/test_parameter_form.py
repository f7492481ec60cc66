from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import Meta
from PySide6.QtWidgets import QCheckBox, QComboBox
from pytestqt.qtbot import QtBot

from ptygui.gui.widgets.form_controls import OptionalBox, show_value
from ptygui.gui.widgets.form_fields import convert, error_words, form_fields, label_of
from ptygui.gui.widgets.parameter_form import ParameterForm
from ptygui.jobs.api import PRESETS, RefineConfig


class Config(msgspec.Struct, frozen=True):
    engine: Annotated[Literal["fast", "sound"], Meta(description="Which way.")] = "sound"
    steps: Annotated[int, Meta(ge=1, le=9)] = 3
    rate: Annotated[float, Meta(gt=0, lt=1)] = 0.02
    free_probe: bool = False
    gap_m: float = -1.5
    comment: Annotated[str, Meta(min_length=1)] = "said"
    minutes: Annotated[float, Meta(gt=0)] | None = None
    extra: dict[str, int] = {}


@pytest.fixture
def form(qtbot: QtBot) -> ParameterForm[Config]:
    made = ParameterForm(Config())
    qtbot.addWidget(made)
    return made


def test_there_is_a_control_for_each_field_that_can_have_one(form: ParameterForm[Config]) -> None:
    names = ["engine", "steps", "rate", "free_probe", "gap_m", "comment", "minutes"]
    assert list(form.controls) == names
    assert isinstance(form.controls["engine"], QComboBox)
    assert form.controls["engine"].toolTip() == "Which way."
    assert isinstance(form.controls["free_probe"], QCheckBox)
    assert (form.controls["steps"].minimum(), form.controls["steps"].maximum()) == (1, 9)


def test_what_goes_in_comes_out(form: ParameterForm[Config]) -> None:
    assert form.config() == (Config(), "")
    other = Config(
        engine="fast",
        steps=9,
        rate=0.5,
        free_probe=True,
        gap_m=0.25,
        comment="too",
        minutes=2.5,
        extra={"a": 1},
    )
    form.set_config(other)
    assert form.config() == (other, "")
    assert form.values()["extra"] == {"a": 1}


def test_a_number_may_be_left_open(form: ParameterForm[Config]) -> None:
    box = form.controls["minutes"]
    assert isinstance(box, OptionalBox)
    assert not box.box.isEnabled()
    box.switch.setChecked(True)
    box.box.setValue(1.5)
    assert form.config()[0] == Config(minutes=1.5)
    box.switch.setChecked(False)
    assert form.config()[0] == Config(minutes=None)


def test_every_change_is_told(qtbot: QtBot, form: ParameterForm[Config]) -> None:
    for name, value in {
        "engine": "fast", "steps": 4, "free_probe": True, "comment": "x", "minutes": 3.0
    }.items():  # fmt: skip
        with qtbot.waitSignal(form.changed):
            show_value(form.controls[name], value)


def test_fields_with_a_control_elsewhere_stay_as_they_came(qtbot: QtBot) -> None:
    made = ParameterForm(Config(steps=5), without=("steps", "comment"))
    qtbot.addWidget(made)
    assert not {"steps", "comment"} & set(made.controls)
    assert made.config() == (Config(steps=5), "")


@pytest.mark.parametrize("config", PRESETS.values())
def test_every_preset_goes_through_the_form_unchanged(qtbot: QtBot, config: RefineConfig) -> None:
    made = ParameterForm(config)
    qtbot.addWidget(made)
    assert made.config() == (config, "")
    assert len(made.controls) == len(config.__struct_fields__)
    assert all(control.toolTip() for control in made.controls.values())


def test_numbers_are_written_without_idle_zeros(form: ParameterForm[Config]) -> None:
    box = form.controls["rate"]
    assert box.text() == "0.02"
    for value, text in ((0.0, "0"), (0.5, "0.5"), (0.000001, "0.000001")):
        box.setValue(value)
        assert box.text() == text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"rate": 0.0}, "Rate must be more than 0."),
        ({"rate": 1.0}, "Rate must be less than 1."),
        ({"steps": 0}, "Steps must be at least 1."),
        ({"steps": 10}, "Steps must be at most 9."),
        ({"comment": ""}, "Comment must not be empty."),
        ({"minutes": 0.0}, "Minutes must be more than 0."),
        ({"gap_m": "wide"}, "Gap (m) is not valid: Expected `float`, got `str`."),
    ],
)
def test_what_is_wrong_is_said_in_words(values: dict[str, object], words: str) -> None:
    assert convert(values, Config) == (None, words)


def test_a_complaint_about_the_whole_is_passed_on() -> None:
    assert error_words("Steps and rate do not go together.") == "Steps and rate do not go together."


def test_labels_are_words_with_units() -> None:
    assert [label_of(name) for name in ("position_limit_px", "seed", "free_probe", "m")] == [
        "position limit (px)",
        "seed",
        "free probe",
        "m",
    ]
    assert form_fields(Config)[4].label == "gap (m)"
