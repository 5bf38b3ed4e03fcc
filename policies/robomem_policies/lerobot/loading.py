"""LeRobot's folders: ``config.json``, ``model.safetensors``, and what goes before and after the network.

A folder names the steps of its processors; LeRobot imports and calls whatever class it names. So that a folder from
somewhere cannot run anything, steps other than LeRobot's and its plugins' are refused before LeRobot sees them.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path
from typing import Any

from robomem.errors import CheckpointError, ConfigError, suggest
from robomem_policies.lerobot.policy import LeRobotPolicy

__all__ = ["load"]

_CONFIG, _WEIGHTS = "config.json", "model.safetensors"
_PROCESSORS = ("policy_preprocessor.json", "policy_postprocessor.json")
_TRUSTED = ("lerobot.policies.", "lerobot.processor.", "lerobot_policy_")
_DEVICE = "device_processor"


def load(address: str) -> LeRobotPolicy:
    """Load a policy of LeRobot's (0.4 or later), with its weights complete.

    Args:
        address: the folder that ``lerobot-train`` wrote (``pretrained_model``, or one above it), or OWNER/NAME of the
            hub.

    Raises:
        ConfigError: LeRobot is not installed.
        CheckpointError: there is no such folder, or it is not whole, or LeRobot cannot load it.
    """
    installed = importlib.util.find_spec("lerobot")
    if installed is None or installed.origin is None:  # a folder of that name is no package
        raise ConfigError(
            "lerobot:… is a policy of LeRobot's, which is not installed. It asks for another torch than RoboMem's "
            "newest: give both an environment of their own, see docs/memory_vla/lerobot.md."
        )
    folder = _found(address)
    about = {name: _json(folder / name) for name in (_CONFIG, *_PROCESSORS)}
    steps = {name: _steps(folder / name, about[name]) for name in _PROCESSORS}
    if not (folder / _WEIGHTS).is_file() and not (folder / "robomem").is_dir():
        adapter = (
            " It holds an adapter alone; merge it into its model first." * (folder / "adapter_config.json").exists()
        )
        raise CheckpointError(f"{folder} has no {_WEIGHTS}; LeRobot's policies are saved with one.{adapter}")
    network, before, after = _made(folder, str(about[_CONFIG].get("type")), steps)
    listens = any("tokenizer" in step for step in steps[_PROCESSORS[0]])
    return LeRobotPolicy({"address": str(folder), "sha256": _digest(folder)}, network, before, after, listens=listens)


def _made(folder: Path, kind: str, steps: dict[str, list[str]]) -> tuple[Any, Any, Any]:
    from lerobot.configs.policies import PreTrainedConfig
    from lerobot.policies import factory
    from lerobot.utils.import_utils import register_third_party_plugins

    register_third_party_plugins()
    known = PreTrainedConfig.get_known_choices()
    if kind not in known:
        raise CheckpointError(f"{folder} is of type {kind!r}, which this LeRobot does not have. {suggest(kind, known)}")
    try:
        config = PreTrainedConfig.from_pretrained(folder)
        network = factory.get_policy_class(kind).from_pretrained(folder, config=config, strict=True)
        here = {_DEVICE: {"device": config.device}}  # the folder says where it was trained
        before, after = factory.make_pre_post_processors(
            config,
            pretrained_path=str(folder),
            preprocessor_overrides=here if _DEVICE in steps[_PROCESSORS[0]] else {},
        )
    except Exception as error:  # LeRobot has no errors of its own
        raise CheckpointError(f"LeRobot cannot load {folder}: {type(error).__name__}: {error}") from error
    return network.eval(), before, after


def _found(address: str) -> Path:
    """Return the folder; of the hub it is fetched, JSON and safetensors alone."""
    path = Path(address)
    for inside in (path, path / "pretrained_model", path / "checkpoints" / "last" / "pretrained_model"):
        if (inside / _CONFIG).is_file():
            return inside.resolve()
    if path.exists() or address.count("/") != 1 or address.startswith((".", "/", "~")):
        raise CheckpointError(
            f"{address or 'lerobot:'} is no folder of a LeRobot policy: it has no {_CONFIG}. lerobot-train writes one "
            "to OUTPUT/checkpoints/last/pretrained_model."
        )
    try:
        from huggingface_hub import snapshot_download

        return Path(snapshot_download(address, allow_patterns=["*.json", "*.safetensors"]))
    except Exception as error:  # offline, private, misspelt: the hub says which
        raise CheckpointError(f"{address} is no folder, and could not be fetched from the hub: {error}") from error


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"{path} is missing or damaged ({error}). Folders from before LeRobot 0.4 have no processors; convert them "
            "with lerobot.processor.migrate_policy_normalization."
        ) from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path} is damaged: it holds no fields.")
    return content


def _steps(path: Path, content: dict[str, Any]) -> list[str]:
    """Return the registered names of a processor's steps; raises CheckpointError for a class of anyone else's."""
    steps = content.get("steps")
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise CheckpointError(f"{path} is damaged: it lists no steps.")
    for step in steps:
        named = step.get("class")
        if "registry_name" not in step and not (isinstance(named, str) and named.startswith(_TRUSTED)):
            raise CheckpointError(f"{path} wants to call {named!r}, which is no step of LeRobot's; it is not loaded.")
    return [str(step.get("registry_name")) for step in steps]


def _digest(folder: Path) -> str:
    """Return a checksum of every JSON and safetensors file of the folder."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".json", ".safetensors")):
        with path.open("rb") as file:
            digest.update(str(path.relative_to(folder)).encode() + hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
