"""The house rules that a machine can count: sizes, docstrings, nothing unpickled."""

from __future__ import annotations

import ast
import subprocess
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "ptygui").rglob("*.py"))
FILE_LIMIT, FILE_AIM = 400, 250
FUNCTION_LIMIT, FUNCTION_AIM = 60, 25
TOP_FOLDERS = {"ptygui", "resources", "tests", "packaging"}
UNPICKLERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def function_lengths(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield each function's name and its lines of code: without decorators and docstring."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node.name, _code_lines(node)


def _code_lines(node: Function) -> int:
    assert node.end_lineno is not None
    documented = ast.get_docstring(node) is not None
    text = node.body[0]
    text_lines = (text.end_lineno or 0) - text.lineno + 1 if documented else 0
    return node.end_lineno - node.lineno + 1 - text_lines


def called(node: ast.Call) -> str:
    """Write the called thing as in the source: 'np.load'."""
    return ast.unparse(node.func)


def unpickling(tree: ast.Module) -> Iterator[str]:
    """Yield what could unpickle: imports of picklers, torch.load, np.load that does not refuse."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] in UNPICKLERS)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in UNPICKLERS:
            yield f"from {node.module}"
        elif isinstance(node, ast.Call) and _may_unpickle(node):
            yield ast.unparse(node)


def _may_unpickle(node: ast.Call) -> bool:
    name, keywords = called(node), {keyword.arg: keyword.value for keyword in node.keywords}
    if name in {"np.load", "numpy.load"} or name.endswith("read_array"):
        return not _is(keywords.get("allow_pickle"), False)
    if name == "torch.load":
        return not _is(keywords.get("weights_only"), True)
    return False


def _is(node: ast.expr | None, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def test_files_are_small() -> None:
    lengths = {relative(path): len(path.read_text().splitlines()) for path in SOURCES}
    above = {name: lines for name, lines in lengths.items() if lines > FILE_AIM}
    _report("files", above, FILE_AIM)
    assert {name: lines for name, lines in lengths.items() if lines > FILE_LIMIT} == {}


def test_functions_are_small() -> None:
    lengths = {
        f"{relative(path)}: {name}": lines
        for path in SOURCES
        for name, lines in function_lengths(parse(path))
    }
    _report(
        "functions", {name: lines for name, lines in lengths.items() if lines > FUNCTION_AIM}, FUNCTION_AIM
    )
    assert {name: lines for name, lines in lengths.items() if lines > FUNCTION_LIMIT} == {}


def _report(what: str, above: dict[str, int], aim: int) -> None:
    """Print what is allowed, but above the aim; shown by `pytest -s`."""
    print(f"\n{len(above)} {what} above {aim} lines:")
    for name, lines in sorted(above.items(), key=lambda item: -item[1]):
        print(f"  {lines:4d}  {name}")


def test_nothing_is_ever_unpickled() -> None:
    found = {relative(path): list(unpickling(parse(path))) for path in SOURCES}
    assert {name: calls for name, calls in found.items() if calls} == {}


@pytest.mark.parametrize(
    ("source", "refused"),
    [
        ("import pickle", True),
        ("from joblib import load", True),
        ("np.load(p)", True),
        ("np.load(p, allow_pickle=True)", True),
        ("np.load(p, allow_pickle=False)", False),
        ("torch.load(p)", True),
        ("torch.load(p, weights_only=True)", False),
        ("json.load(p)", False),
    ],
)
def test_the_search_for_unpickling_finds_it(source: str, refused: bool) -> None:
    assert bool(list(unpickling(ast.parse(source)))) is refused


def test_every_module_says_what_it_is_for() -> None:
    trees = {relative(path): parse(path) for path in SOURCES}
    assert [name for name, tree in trees.items() if tree.body and not ast.get_docstring(tree)] == []


def test_every_module_compiles_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for path in SOURCES:
            compile(path.read_text(encoding="utf-8"), str(path), "exec")


def test_the_count_of_lines_leaves_the_docstring_out() -> None:
    source = 'def f():\n    """One.\n\n    Two.\n    """\n    a = 1\n    return a\n'
    assert list(function_lengths(ast.parse(source))) == [("f", 3)]


def test_only_the_known_folders_stand_at_the_top() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout: what is tracked is not known")
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    folders = {file.split("/", 1)[0] for file in listing.stdout.splitlines() if "/" in file}
    assert {name for name in folders if not name.startswith(".")} <= TOP_FOLDERS
