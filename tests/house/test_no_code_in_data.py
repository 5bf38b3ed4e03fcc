"""Reading a file never runs it: no pickle and its relatives, no eval, no unsafe loader, in anything we ship."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("robomem", "envs", "policies", "sim_assets", "scripts", "ros_ws")
FILES = sorted(file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))

BANNED_MODULES = {"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
BANNED_CALLS = {"eval", "exec", "os.system", "yaml.load", "yaml.unsafe_load", "yaml.full_load", "pandas.read_pickle"}
SAFE_ONLY_WITH = {"torch.load": ("weights_only", True)}
NEVER_WITH = {("allow_pickle", True), ("shell", True)}


def violations(source: str) -> Iterator[str]:
    """Yield what in ``source`` could run data as code."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] in BANNED_MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in BANNED_MODULES:
            yield node.module or ""
        elif isinstance(node, ast.Call):
            yield from _unsafe_call(node)


def _unsafe_call(node: ast.Call) -> Iterator[str]:
    name = ast.unparse(node.func)
    keywords = {(word.arg, word.value.value) for word in node.keywords if isinstance(word.value, ast.Constant)}
    if name in BANNED_CALLS or (name in SAFE_ONLY_WITH and SAFE_ONLY_WITH[name] not in keywords):
        yield name
    yield from (f"{name}({word}={value})" for word, value in keywords & NEVER_WITH)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_nothing_we_ship_runs_data(file):
    assert list(violations(file.read_text())) == []


@pytest.mark.parametrize(
    "unsafe",
    [
        "import pickle",
        "def late():\n    from cloudpickle import loads",
        "eval(text)",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "yaml.load(text, Loader=yaml.Loader)",
        "np.load(path, allow_pickle=True)",
        "subprocess.run(line, shell=True)",
    ],
)
def test_the_check_sees(unsafe):
    assert list(violations(unsafe))


@pytest.mark.parametrize(
    "safe", ["model.eval()", "torch.load(path, weights_only=True)", "yaml.safe_load(text)", "import json"]
)
def test_the_check_lets_pass(safe):
    assert not list(violations(safe))
