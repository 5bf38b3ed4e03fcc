"""What a release promises about itself: version, entry points, versions that were tested."""

import importlib
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import robomem

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]


def pins(file: str) -> dict[str, str]:
    """Return what a constraints file pins, by canonical name."""
    rows = [line.split("==") for line in (ROOT / file).read_text().splitlines() if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in rows}


def expanded(requirements: list[str]) -> list[Requirement]:
    """Return ``requirements`` with our own extras replaced by what they stand for."""
    found = []
    for requirement in map(Requirement, requirements):
        if requirement.name == PROJECT["name"]:
            found += [part for extra in requirement.extras for part in expanded(EXTRAS[extra])]
        else:
            found.append(requirement)
    return found


def test_the_changelog_knows_this_version():
    headings = re.findall(r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert robomem.__version__ in headings


@pytest.mark.parametrize(
    ("file", "requirements"),
    [
        ("constraints.txt", PROJECT["dependencies"] + EXTRAS["dev"]),
        ("constraints-bench.txt", EXTRAS["bench"] + EXTRAS["external"]),
    ],
    ids=["dev", "bench"],
)
def test_what_was_tested_is_pinned_and_allowed(file, requirements):
    pinned = pins(file)
    for requirement in expanded(requirements):
        version = pinned.get(canonicalize_name(requirement.name))
        assert version, f"{file} does not pin {requirement.name}"
        assert requirement.specifier.contains(version), f"{file} has {requirement.name} {version}, asked: {requirement}"


def test_pins_hold_on_every_machine():
    """A local version such as 2.13.0+cpu exists on one machine only."""
    assert [name for name, version in pins("constraints.txt").items() if "+" in version] == []


def test_ros_stays_out_of_all():
    """Its start-up hook restarts every Python of the environment."""
    assert not [part.name for part in expanded(EXTRAS["all"]) if part.name.startswith("ros-")]


def test_entry_points_lead_somewhere():
    groups = [PROJECT["scripts"], *PROJECT["entry-points"].values()]
    for target in [target for group in groups for target in group.values()]:
        module, _, attribute = target.partition(":")
        assert callable(getattr(importlib.import_module(module), attribute)), target
