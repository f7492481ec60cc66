import pytest

from ptygui import resources
from ptygui.core.errors import BundleError
from ptygui.jobs.catalogue import read_catalogue, runs_folder, user_folder


@pytest.fixture
def shipped(monkeypatch, make_bundle, tmp_path):
    path = make_bundle("house", tmp_path / "shipped")
    monkeypatch.setattr(resources, "shipped_generators", lambda: [path])
    return path


def test_shipped_own_and_trained_generators_are_found(shipped, make_bundle):
    own = make_bundle("mine", user_folder())
    trained = make_bundle("bundle", runs_folder() / "2026-11-23_1412_run")
    entries = read_catalogue().entries
    assert [(entry.path, entry.shipped) for entry in entries] == [
        (shipped, True),
        (own, False),
        (trained, False),
    ]


def test_a_broken_file_is_left_out_and_named(shipped, make_bundle, caplog):
    broken = make_bundle("broken", user_folder())
    broken.write_bytes(broken.read_bytes()[:100])
    found = read_catalogue()
    assert [entry.path for entry in found.entries] == [shipped]
    assert len(found.unusable) == 1
    assert "broken.safetensors" in found.unusable[0]
    assert "broken.safetensors" in caplog.text


def test_nothing_there_is_no_error(monkeypatch):
    monkeypatch.setattr(resources, "shipped_generators", list)
    assert read_catalogue().entries == ()


def test_a_user_s_own_generator_comes_before_a_shipped_one_of_the_same_name(shipped, make_bundle):
    own = make_bundle("house", user_folder())
    assert read_catalogue().find("house").path == own


def test_an_unknown_name_is_answered_with_those_that_there_are(shipped):
    with pytest.raises(BundleError, match="no generator 'nobody' \\(known: house\\)"):
        read_catalogue().find("nobody")
