"""What README says of formats is what there is, and tests hold it."""

import ast

import pytest
from interoperability import FACTS, README, ROOT, Fact, known, unnamed, with_table


def test_readme_has_the_table_that_is_made() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == with_table(text), "run `python tests/io/interoperability.py`"


@pytest.mark.parametrize("kind", ["readers", "writers", "result_readers", "formats"])
def test_facts_name_what_there_is_once_and_all_that_is_written(kind: str) -> None:
    named = [name for fact in FACTS for name in getattr(fact, kind)]
    assert len(set(named)) == len(named)
    assert set(named) <= known()[kind]
    if kind in ("writers", "formats"):
        assert set(named) == known()[kind]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.title)
def test_each_fact_is_held_by_tests_that_exist(fact: Fact) -> None:
    for file, name in fact.tests:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert name in functions or (not name and any(function.startswith("test_") for function in functions))


def test_every_other_reader_has_a_test_of_its_own() -> None:
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests/io").rglob("test_*.py"))
    sampled = {path.stem for path in (ROOT / "tests/io/samples").glob("*.py")}
    without = [
        module
        for name, _, module in unnamed()
        if module not in sampled and module not in tests and name not in tests
    ]
    assert without == []
