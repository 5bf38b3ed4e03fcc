"""A MemoryVLA policy as a plugin of LeRobot's, after its guide "Adding a Policy", path A.

```
OUT/
  lerobot_policy_memoryvla/   the package: pip install it beside lerobot
  pretrained_model/           what --policy.path takes: LeRobot's JSON, and the policy in robomem/
  README.md
```
"""

from __future__ import annotations

import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

import robomem
from robomem import policy as policies
from robomem.data.naming import ACTION, feature_name
from robomem.errors import ConfigError
from robomem.serialization import move_into_place, write_atomically, write_json

__all__ = ["export"]

PACKAGE = "lerobot_policy_memoryvla"
"""LeRobot imports every distribution whose name begins with ``lerobot_policy_``, by that name."""


def export(run: Path, out: Path) -> str:
    """Write a policy for LeRobot.

    Args:
        run: a training run or a policy's folder.
        out: a new folder; it appears whole or not at all.

    Returns:
        what to do next.

    Raises:
        ConfigError: it is no memory_vla policy, or something is there already.
        CheckpointError: the policy is missing or damaged.
    """
    agent: Any = policies.load(run)
    if agent.kind != "memory_vla":
        raise ConfigError(f"{run} is a {agent.kind!r} policy; memory_vla is what LeRobot's interface is written for.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"{out} is there already, and nothing is overwritten; give another folder.")
    out.absolute().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.absolute().parent, prefix=f".{out.name}.") as scratch:
        whole = Path(scratch) / out.name
        _write_package(whole / PACKAGE)
        model = whole / "pretrained_model"
        policies.save(agent, model / "robomem", info=policies.info(run))
        write_json(model / "config.json", _config(agent))
        write_json(model / "policy_preprocessor.json", _steps("policy_preprocessor", _BEFORE))
        write_json(model / "policy_postprocessor.json", _steps("policy_postprocessor", _AFTER))
        write_atomically(whole / "README.md", _readme(out).encode())
        move_into_place(whole, out)
    return _readme(out)


_DEVICE = {"registry_name": "device_processor", "config": {"device": "cpu", "float_dtype": None}}
_AFTER = [_DEVICE]
_BEFORE = [
    {"registry_name": "rename_observations_processor", "config": {"rename_map": {}}},
    {"registry_name": "to_batch_processor", "config": {}},
    _DEVICE,
]


def _steps(name: str, steps: list[dict[str, Any]]) -> dict[str, Any]:
    return {"name": name, "steps": steps}


def _config(agent: Any) -> dict[str, Any]:
    """Return ``config.json``: what draccus reads as ``MemoryVLAConfig``, and the defaults of LeRobot's version."""
    inputs = {}
    for name, part in agent.observation_space.items():
        picture = len(part.shape) == 3
        shape = [part.shape[2], *part.shape[:2]] if picture else list(part.shape)
        inputs[feature_name(name, picture)] = {"type": "VISUAL" if picture else "STATE", "shape": shape}
    return {
        "type": "memoryvla",
        "n_obs_steps": 1,
        "input_features": inputs,
        "output_features": {ACTION: {"type": "ACTION", "shape": list(agent.action_space.shape)}},
        "device": "cpu",
        "push_to_hub": False,
        "chunk_size": agent.chunk,
        "n_action_steps": agent.execute,
    }


def _write_package(folder: Path) -> None:
    source = resources.files(__package__) / PACKAGE
    for part in source.iterdir():
        if part.name.endswith(".py"):
            write_atomically(folder / "src" / PACKAGE / part.name, part.read_bytes())
    write_atomically(folder / "pyproject.toml", _PYPROJECT.encode())


_PYPROJECT = f"""[build-system]
requires = ["hatchling>=1.26"]
build-backend = "hatchling.build"

[project]
name = "{PACKAGE}"
description = "MemoryVLA of RoboMem as a policy of LeRobot's."
version = "{robomem.__version__}"
requires-python = ">=3.11"
license = "Apache-2.0"
dependencies = ["robomem[vla]"]

[tool.hatch.build.targets.wheel]
packages = ["src/{PACKAGE}"]
"""


def _readme(out: Path) -> str:
    return f"""A MemoryVLA policy of RoboMem for LeRobot. In an environment that has lerobot and robomem:

    pip install {out / PACKAGE}
    lerobot-eval --policy.path={out / "pretrained_model"} --env.type=...

It is trained by robomem train memory-vla; lerobot-train says so and ends.
"""
