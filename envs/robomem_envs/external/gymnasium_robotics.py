"""gymnasium-robotics (de Lazcano et al. 2023): its environments on MuJoCo, the newest version of each."""

from __future__ import annotations

from typing import Any

import gymnasium as gym

from robomem_envs.external.entering import enter_all
from robomem_envs.external.plain import PlainObservation, is_plain
from robomem_envs.external.quiet import quiet

__all__ = ["KitchenVerdict", "enter", "make"]

_FOLDERS = ("adroit_hand", "fetch", "franka_kitchen", "maze", "shadow_dexterous_hand")


def enter() -> tuple[str, ...]:
    """Enter ``gymnasium-robotics/FetchReach-v4`` and its like."""
    _import()
    newest: dict[str, gym.envs.registration.EnvSpec] = {}
    for spec in gym.registry.values():
        if _on_mujoco(spec) and (spec.version or 0) >= (newest.get(spec.name, spec).version or 0):
            newest[spec.name] = spec
    ids = {f"gymnasium-robotics/{spec.id}": {"of": spec.id} for _, spec in sorted(newest.items())}
    return enter_all(f"{__name__}:make", ids)


def make(of: str, **kwargs: Any) -> gym.Env[Any, Any]:
    """Make the environment ``of`` with its time limit, nested observations flat and success in ``info``."""
    _import()
    env: gym.Env[Any, Any] = gym.make(of, disable_env_checker=True, **kwargs)
    if "Kitchen" in of:
        env = KitchenVerdict(env)
    return env if is_plain(env.observation_space) else PlainObservation(env)


class KitchenVerdict(gym.Wrapper[Any, Any, Any, Any]):
    """Says ``success`` once every task of the episode is complete; Franka Kitchen lists the tasks alone."""

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Step; lists of names, which differ in length, become their numbers."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        done, asked = len(info["episode_task_completions"]), len(self.unwrapped.goal)  # type: ignore[attr-defined]
        kept = {name: value for name, value in info.items() if not isinstance(value, list | set)}
        return observation, reward, terminated, truncated, {**kept, "success": done == asked, "tasks_completed": done}

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin an episode."""
        observation, info = self.env.reset(seed=seed, options=options)
        return observation, {name: value for name, value in info.items() if not isinstance(value, list | set)}


def _on_mujoco(spec: gym.envs.registration.EnvSpec) -> bool:
    """Return whether an id is of this package and needs no mujoco-py, as its oldest do."""
    module, _, attribute = str(spec.entry_point).partition(":")
    folder = module.removeprefix("gymnasium_robotics.envs.").partition(".")[0]
    return module.startswith("gymnasium_robotics.") and folder in _FOLDERS and not attribute.startswith("MujocoPy")


def _import() -> None:
    with quiet():
        import gymnasium_robotics

    gym.register_envs(gymnasium_robotics)
    if "FetchReach-v4" not in gym.registry:
        gymnasium_robotics.register_robotics_envs()
