"""LeRobot, or the stand-in for it; and policies of it, saved as it saves them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

STAND_IN = importlib.util.find_spec("lerobot") is None
if STAND_IN:
    sys.path.append(str(Path(__file__).parent / "standin"))


@pytest.fixture(scope="module", autouse=True)
def lerobot_leaves_nothing() -> Any:
    """Let no other test meet the stand-in."""
    path, modules = list(sys.path), set(sys.modules)
    yield
    if STAND_IN:
        for name in set(sys.modules) - modules:
            if name.partition(".")[0] in ("lerobot", "lerobot_policy_memoryvla"):
                del sys.modules[name]
        sys.path[:] = path


@pytest.fixture
def lerobot_saved(tmp_path: Path) -> Callable[..., Path]:
    """Save a LeRobot policy of random weights: pictures 64 x 64, 4 numbers of state, 2 of action."""

    def save(kind: str, **fields: Any) -> Path:
        from lerobot.configs.types import FeatureType, PolicyFeature
        from lerobot.policies import factory

        config = factory.make_policy_config(
            kind,
            input_features={
                "observation.images.pixels": PolicyFeature(FeatureType.VISUAL, (3, 64, 64)),
                "observation.state": PolicyFeature(FeatureType.STATE, (4,)),
            },
            output_features={"action": PolicyFeature(FeatureType.ACTION, (2,))},
            device="cpu",
            **fields,
        )
        torch.manual_seed(0)
        network = factory.get_policy_class(kind)(config)
        numbers = {"observation.state": 4, "action": 2}
        stats = {n: {"mean": torch.zeros(d), "std": torch.ones(d)} for n, d in numbers.items()}
        stats |= {n: {**part, "min": -part["std"], "max": part["std"]} for n, part in stats.items()}
        channels = torch.ones(3, 1, 1)
        picture = {"mean": 0 * channels, "std": channels, "min": 0 * channels, "max": channels}
        stats["observation.images.pixels"] = picture
        folder = tmp_path / kind / "pretrained_model"
        network.save_pretrained(folder)
        for processor in factory.make_pre_post_processors(config, dataset_stats=stats):
            processor.save_pretrained(folder)
        return folder

    return save
