"""The waist: what every agent is, and how it is saved and found again.

``predict`` has the signature of stable-baselines3, so that its ``evaluate_policy`` and its users' scripts work on
every agent here. What an agent remembers is the explicit ``state``: nothing hides in the object, so one policy serves
any number of episodes at once and an episode can be paused, saved and resumed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol, runtime_checkable

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from robomem import spaces
from robomem.errors import CheckpointError, suggest
from robomem.registry import Registry
from robomem.serialization import MANIFEST, read_bundle, write_bundle
from robomem.types import Action, Observation, PolicyState

__all__ = [
    "Instructed",
    "Policy",
    "Saveable",
    "Seeded",
    "Watching",
    "exporters",
    "foreign",
    "info",
    "is_foreign",
    "load",
    "policies",
    "pretrained",
    "save",
    "spaces_of",
]


@runtime_checkable
class Policy(Protocol):
    """Maps observations and what it remembers to actions.

    Attributes:
        observation_space: the space of one observation (no batch axis).
        action_space: the space of one action.
    """

    observation_space: gym.Space[Any]
    action_space: gym.Space[Any]

    def predict(
        self,
        observation: Observation,
        state: PolicyState | None = None,
        episode_start: npt.ArrayLike | None = None,
        deterministic: bool = False,
    ) -> tuple[Action, PolicyState | None]:
        """Choose actions.

        Args:
            observation: one observation, or a batch of B with a leading axis.
            state: what the previous call returned; None begins B new memories.
            episode_start: [B] bool (or one bool): True where this observation is the first of an episode; that row's
                state is ignored.
            deterministic: take the mode of the action distribution instead of a sample.

        Returns:
            the action (batched if the observation was), and the state to hand to the next call. A row's action and
            state do not depend on which other rows share the batch.

        Raises:
            SpaceError: the observation does not fit ``observation_space``.
            EnvironmentFault: the observation holds NaN or infinity.
        """
        ...


@runtime_checkable
class Seeded(Policy, Protocol):
    """A policy whose rows draw their random numbers from streams of their own, kept in its state."""

    def initial_state(self, batch: int, seeds: npt.ArrayLike | None = None) -> PolicyState:
        """Return what ``predict`` starts from.

        Args:
            batch: B.
            seeds: [B] int, one a row, e.g. the seeds of its episodes: a row's random numbers are a function of its
                seed, whichever row it is. Row numbers if None.
        """
        ...


@runtime_checkable
class Watching(Policy, Protocol):
    """A policy that can remember a step without planning, so that slow plans need not cost it memories.

    A step of the environment is one call of ``predict``, ``plan`` or ``observe``, or one that ``elapse`` counts; time
    is in the state.

    Attributes:
        execute: after how many steps of a chunk it would plan anew.
    """

    execute: int

    def plan(
        self,
        observation: Observation,
        state: PolicyState | None = None,
        episode_start: npt.ArrayLike | None = None,
        deterministic: bool = False,
    ) -> tuple[Action, PolicyState]:
        """Return the chunk [H, A] (or [B, H, A]) that begins now, and the state; otherwise as ``predict``."""
        ...

    def observe(
        self, observation: Observation, state: PolicyState | None = None, episode_start: npt.ArrayLike | None = None
    ) -> PolicyState:
        """Return the state after a step in which nothing is planned."""
        ...

    def elapse(self, state: PolicyState, steps: int) -> PolicyState:
        """Return the state after steps that nobody saw: what comes next is as much later."""
        ...


@runtime_checkable
class Instructed(Policy, Protocol):
    """A policy that is told in words what to do."""

    def instruct(self, text: str) -> None:
        """Say what episodes that begin from now on are about; raises ConfigError for what it cannot take."""
        ...


@runtime_checkable
class Saveable(Policy, Protocol):
    """A policy that can be written to a folder and read back by name.

    Attributes:
        kind: the name under which its class is registered in ``policies``.
    """

    kind: ClassVar[str]

    def config(self) -> dict[str, Any]:
        """Return the JSON-serialisable fields from which ``restore`` rebuilds the policy."""
        ...

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return the policy's parameters by name."""
        ...

    @classmethod
    def restore(
        cls,
        config: Mapping[str, Any],
        arrays: Mapping[str, npt.NDArray[Any]],
        observation_space: gym.Space[Any],
        action_space: gym.Space[Any],
    ) -> Saveable:
        """Rebuild a policy from what ``config`` and ``arrays`` returned."""
        ...


policies: Registry[type[Saveable]] = Registry(
    "policy", hint="A new one is one folder in robomem_policies or in your plugin (see CONTRIBUTING.md)."
)
# By name alone, imported when a run of a peer is loaded: this floor knows nothing of those above.
policies.add("sb3", "robomem.train.sb3_policy:Sb3Policy")

pretrained: Registry[Path] = Registry("pretrained policy", hint="A folder of your own works too.")
"""Folders of policies that come with a package, by name."""

foreign: Registry[Callable[[str], Saveable]] = Registry("format of policies")
"""What loads the policies of another project: ``load("lerobot:FOLDER")`` calls ``lerobot``'s with the folder."""

exporters: Registry[Callable[[Path, Path], str]] = Registry("format to export policies to")
"""What writes a saved policy (first path) into a new folder (second) for another project, and says what to do next."""


def save(policy: Saveable, directory: Path | str, *, info: Mapping[str, Any] | None = None) -> None:
    """Write ``policy`` to ``directory``, atomically, as JSON and safetensors with checksums.

    Args:
        policy: what to save.
        directory: made when missing; a policy that was there is replaced in one step.
        info: JSON-serialisable facts to keep beside it: environment, steps, training command.
    """
    meta = {
        "kind": policy.kind,
        "config": policy.config(),
        "observation_space": spaces.to_json(policy.observation_space),
        "action_space": spaces.to_json(policy.action_space),
        "info": dict(info or {}),
    }
    write_bundle(directory, "policy", meta, {"weights": policy.arrays()})


def load(directory: Path | str) -> Saveable:
    """Load the policy that ``save`` wrote.

    Args:
        directory: its folder, a run folder, the name of a ``pretrained`` policy, or FORMAT:ADDRESS of a ``foreign``
            one.

    Raises:
        CheckpointError: the folder is missing, damaged, tampered with or from another version.
        UnknownNameError: its kind of policy is not installed.
    """
    if is_foreign(directory):
        kind, _, address = str(directory).partition(":")
        return foreign[kind](address)
    path = _folder(directory)
    bundle = read_bundle(path, "policy")
    factory = policies[bundle.meta["kind"]]
    try:
        return factory.restore(
            bundle.meta["config"],
            bundle.arrays["weights"],
            spaces.from_json(bundle.meta["observation_space"]),
            spaces.from_json(bundle.meta["action_space"]),
        )
    except (KeyError, ValueError, TypeError, RuntimeError) as error:
        kind = bundle.meta["kind"]
        raise CheckpointError(f"{path} does not fit the {kind!r} policy of this RoboMem: {error}") from error


def info(directory: Path | str) -> dict[str, Any]:
    """Return the facts that were kept beside a saved policy, none of a foreign one; ``directory`` as for ``load``."""
    if is_foreign(directory):
        return {}
    return dict(read_bundle(_folder(directory), "policy").meta["info"])


def is_foreign(directory: Path | str) -> bool:
    """Return whether it is FORMAT:ADDRESS of another project's policy, and no folder of that name."""
    kind, colon, _ = str(directory).partition(":")
    return bool(colon) and kind.isidentifier() and not Path(directory).exists() and kind in foreign


def spaces_of(directory: Path | str) -> tuple[gym.Space[Any], gym.Space[Any]]:
    """Return the observation and action space of a saved policy without making it; ``directory`` as for ``load``."""
    meta = read_bundle(_folder(directory), "policy").meta
    return spaces.from_json(meta["observation_space"]), spaces.from_json(meta["action_space"])


def _folder(directory: Path | str) -> Path:
    path, name = Path(directory), str(directory)
    if not path.exists() and name in pretrained:
        return pretrained[name]
    if not path.exists() and len(path.parts) == 1 and pretrained:
        raise CheckpointError(
            f"{name!r} is neither a folder nor the name of a policy that ships with a package. "
            f"{suggest(name, pretrained)} A run's policies lie in its folder, e.g. runs/demo/hcam."
        )
    inside = path / "policy"
    return inside if not (path / MANIFEST).exists() and (inside / MANIFEST).exists() else path


def as_batch(episode_start: npt.ArrayLike | None, batch: int, begin: bool) -> npt.NDArray[np.bool_]:
    """Return ``episode_start`` as [B] bool; None means ``begin`` everywhere."""
    if episode_start is None:
        return np.full(batch, begin)
    return np.broadcast_to(np.asarray(episode_start, dtype=bool), (batch,)).copy()
