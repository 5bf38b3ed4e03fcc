"""The shape of the house: small files, one idea each, named after the idea."""

import ast
import statistics
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = [
    ROOT / path for path in ("robomem", "envs/robomem_envs", "policies/robomem_policies", "sim_assets/robomem_assets")
]
SOURCES = sorted(file for package in PACKAGES for file in package.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
SCRIPTS = sorted((ROOT / "scripts").rglob("*.py"))


def lines(file: Path) -> int:
    return len(file.read_text().splitlines())


def named(file: Path) -> str:
    return str(file.relative_to(ROOT))


def test_no_file_is_longer_than_500_lines():
    assert {named(file): lines(file) for file in SOURCES + TESTS + SCRIPTS if lines(file) > 500} == {}


def test_most_files_are_short():
    lengths = sorted(lines(file) for file in SOURCES)
    assert statistics.median(lengths) <= 150
    assert lengths[int(0.9 * len(lengths))] <= 350


@pytest.mark.parametrize("vague", ["util", "utils", "common", "helpers", "misc", "base"])
def test_no_module_is_a_drawer(vague):
    assert [named(path) for path in SOURCES if vague in (path.stem, path.parent.name)] == []


def test_every_module_says_what_it_is():
    assert [named(file) for file in SOURCES if not ast.get_docstring(ast.parse(file.read_text()))] == []


def test_every_package_is_typed_and_every_folder_of_code_a_package():
    assert [named(package) for package in PACKAGES if not (package / "py.typed").is_file()] == []
    assert {named(file.parent) for file in SOURCES if not (file.parent / "__init__.py").is_file()} == set()


@pytest.mark.parametrize("folder", ["envs", "policies", "sim_assets", "tests"])
def test_generic_folder_names_are_no_import_names(folder):
    """A package called `envs` would overwrite the one of a user's project."""
    assert not (ROOT / folder / "__init__.py").exists()


def test_test_files_have_names_of_their_own():
    """Without packages in tests/, pytest knows a test module by its basename alone."""
    alone = [file for file in TESTS if file.name != "conftest.py" and not (file.parent / "__init__.py").is_file()]
    assert [name for name, count in Counter(file.name for file in alone).items() if count > 1] == []
