"""Naming things is free: nothing heavy is imported until it is used."""

import importlib.util
import json
import subprocess
import sys

import pytest

HEAVY = [
    *("torch", "mujoco", "stable_baselines3", "matplotlib", "imageio", "tensorboard", "mink", "ray", "transformers"),
    *("pyarrow", "rosbags", "imageio_ffmpeg", "PIL"),
]
LIGHT = [
    "robomem",
    "robomem.policy",
    "robomem.rollout",
    "robomem.data",
    "robomem.deploy",
    "robomem.deploy.bags",
    "robomem.train",
    "robomem.train.config",
    "robomem.evaluate",
    "robomem.cli.main",
    "robomem_envs",
    "robomem_policies",
    "robomem_assets",
]


@pytest.mark.parametrize("module", LIGHT)
def test_imports_nothing_heavy(module):
    code = f"import sys, json, {module}; print(json.dumps([name for name in {HEAVY} if name in sys.modules]))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(printed.stdout) == []


def test_the_list_names_real_libraries():
    present = [name for name in HEAVY if importlib.util.find_spec(name)]
    assert {"torch", "mujoco", "stable_baselines3", "pyarrow", "rosbags"} <= set(present)
