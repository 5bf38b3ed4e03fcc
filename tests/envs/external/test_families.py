"""Families of other packages' environments: by name, without importing them, and honest about what is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import gymnasium as gym
import pytest

import robomem_envs  # noqa: F401
from robomem import families as library
from robomem.cli.list import catalogue
from robomem.cli.main import main
from robomem.errors import ConfigError, UnknownNameError
from robomem.families import Family, families
from robomem.rollout import make_vector, resolve
from robomem_envs.external import FAMILIES

FOREIGN = {package for family in FAMILIES for package in family.packages} | {"bddl", "dm_control"}

ADAPTER = '''
"""Counts how often it was imported."""
import gymnasium as gym
import toys

def enter():
    ids = ("toys/Top-v0", "toys/Kite-v0")
    for env_id in ids:
        if env_id not in gym.registry:
            gym.register(env_id, entry_point="gymnasium.envs.classic_control:CartPoleEnv", max_episode_steps=9)
    return ids
'''


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Family:
    """A family whose package lies in a folder of its own; its modules and ids are gone afterwards."""
    (tmp_path / "toys.py").write_text("")
    (tmp_path / "toys_adapter.py").write_text(ADAPTER)
    monkeypatch.syspath_prepend(tmp_path)
    family = Family("toys", "things to play with", ("toys",), "toys_adapter:enter", "Go to the shop.")
    len(families)  # plugins first: what they add must stay
    monkeypatch.setattr(families, "_entries", {**families._entries, "toys": family})
    monkeypatch.setattr(gym.envs.registration, "registry", dict(gym.registry))
    monkeypatch.setattr(gym, "registry", gym.envs.registration.registry)
    for name in ("toys", "toys_adapter"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return family


def test_an_id_is_entered_when_it_is_asked_for(toys: Family) -> None:
    assert "toys" not in sys.modules
    assert resolve("toys/Kite-v0") == "toys/Kite-v0"
    assert "toys" in sys.modules
    env = make_vector("toys/Kite-v0", 2)
    env.reset(seed=0)
    env.close()
    assert resolve("toys/Top-v0") == "toys/Top-v0"  # a second call enters nothing twice


def test_a_misspelt_id_and_a_misspelt_namespace_get_a_suggestion(toys: Family) -> None:
    with pytest.raises(UnknownNameError, match=r"Did you mean 'toys/Kite-v0'"):
        resolve("toyz/Kite-v0")
    with pytest.raises(UnknownNameError, match=r"'toys/Kit-v0'.*Did you mean 'toys/Kite-v0'.*of its 2"):
        resolve("toys/Kit-v0")
    with pytest.raises(UnknownNameError, match=r"these families: .*toys/…"):
        resolve("nothing-like-it")


def test_a_missing_package_is_named_with_the_way_to_get_it(toys: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    absent = Family("toys", "things", ("toys", "no_such_package"), toys.adapter, "Go to the shop.")
    monkeypatch.setattr(families, "_entries", {**families._entries, "toys": absent})
    with pytest.raises(ConfigError, match=r"toys/… needs no_such_package, which is not .*Go to the shop\."):
        resolve("toys/Kite-v0")
    assert "toys" not in sys.modules
    assert "Not installed (no_such_package): Go to the shop." in catalogue("envs")["envs"]["toys/…"]


def test_a_package_that_does_not_import_is_an_error_of_its_own(toys: Family, tmp_path: Path) -> None:
    (tmp_path / "toys.py").write_text("raise AttributeError('made for another MuJoCo')")
    with pytest.raises(ConfigError, match=r"toys is installed but fails with AttributeError: made for another MuJoCo"):
        resolve("toys/Kite-v0")
    assert "made for another MuJoCo" in catalogue("envs")["envs"]["toys/…"]


def test_the_listing_counts(toys: Family) -> None:
    assert catalogue("envs")["envs"]["toys/…"] == "things to play with. Installed: 2 ids, e.g. toys/Top-v0."


def test_importing_our_environments_imports_no_other_ones() -> None:
    names = sorted(FOREIGN)
    code = f"import sys, robomem_envs, robomem.cli.main; print([name for name in {names!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_each_family_has_a_namespace_that_gymnasium_takes() -> None:
    for family in FAMILIES:
        assert gym.envs.registration.parse_env_id(f"{family.name}/Some-v0")[0] == family.name
        assert families[family.name] is family


@pytest.mark.skipif(not library.missing(("popgym",)), reason="POPGym is installed here")
def test_the_command_line_says_how_to_get_a_family(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "random", "--env", "popgym/RepeatPreviousEasy-v0"]) == 2
    assert "make bench-env" in capsys.readouterr().err
