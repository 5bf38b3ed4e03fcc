"""The whole state of a MemoryPPO as named arrays, exact to the bit."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from robomem.errors import CheckpointError

if TYPE_CHECKING:
    from robomem.train.memory_ppo import MemoryPPO

__all__ = ["apply", "capture"]

Arrays = dict[str, npt.NDArray[Any]]
_SINGLE = "observation"


def capture(algorithm: MemoryPPO) -> dict[str, Arrays]:
    """Return copies of everything that learning depends on."""
    groups = {
        "weights": {name: _array(tensor) for name, tensor in algorithm.policy.state_dict().items()},
        "optimizer": _capture_adam(algorithm),
        "memory": {name: _array(part) for name, part in algorithm.memory.items()},
        "algorithm": {
            "num_timesteps": np.array(algorithm.num_timesteps),
            "n_updates": np.array(algorithm._n_updates),
            "rng.actions": _array(algorithm.action_noise_generator.get_state()),
            "rng.minibatches": _array(algorithm.minibatch_generator.get_state()),
            "rng.torch": _array(torch.get_rng_state()),
            **_capture_episodes(algorithm),
        },
    }
    observation, starts = algorithm._last_obs, algorithm._last_episode_starts
    if observation is not None and starts is not None:
        named = observation if isinstance(observation, dict) else {_SINGLE: observation}
        groups["observation"] = {name: np.array(part) for name, part in named.items()}
        groups["algorithm"]["episode_starts"] = np.array(starts)
    return groups


def apply(algorithm: MemoryPPO, groups: Mapping[str, Mapping[str, npt.NDArray[Any]]]) -> None:
    """Put back what ``capture`` returned, after checking that it fits."""
    try:
        state = groups["algorithm"]
        weights = {name: torch.tensor(array) for name, array in groups["weights"].items()}
        _require_same("weights", algorithm.policy.state_dict(), weights)
        memory = {name: torch.tensor(array, device=algorithm.device) for name, array in groups["memory"].items()}
        _require_same("memory", algorithm.memory, memory)
        adam = _adam(algorithm, groups["optimizer"])
        counters = int(state["num_timesteps"]), int(state["n_updates"])
        generators = [torch.tensor(state[f"rng.{name}"]) for name in ("actions", "minibatches", "torch")]
        episodes = {name: state[f"episode.{name}"].tolist() for name in ("r", "l", "t", "success")}
    except KeyError as error:
        raise CheckpointError(f"the checkpoint lacks {error}; it is not one of MemoryPPO's.") from error
    algorithm.policy.load_state_dict(weights)
    algorithm.optimizer.state.clear()
    algorithm.optimizer.state.update(adam)
    algorithm.memory = memory
    algorithm.num_timesteps, algorithm._n_updates = counters
    algorithm.action_noise_generator.set_state(generators[0])
    algorithm.minibatch_generator.set_state(generators[1])
    torch.set_rng_state(generators[2])
    window = algorithm._stats_window_size
    rows = zip(episodes["r"], episodes["l"], episodes["t"])
    algorithm.ep_info_buffer = deque(({"r": r, "l": length, "t": t} for r, length, t in rows), maxlen=window)
    algorithm.ep_success_buffer = deque(episodes["success"], maxlen=window)
    if "observation" in groups:
        named = {name: np.array(array) for name, array in groups["observation"].items()}
        algorithm._last_obs = named[_SINGLE] if list(named) == [_SINGLE] else named
        algorithm._last_episode_starts = np.array(state["episode_starts"])


def _capture_adam(algorithm: MemoryPPO) -> Arrays:
    return {
        f"{part}.{name}": _array(tensor)
        for name, parameter in algorithm.policy.named_parameters()
        for part, tensor in algorithm.optimizer.state.get(parameter, {}).items()
    }


def _adam(algorithm: MemoryPPO, arrays: Mapping[str, npt.NDArray[Any]]) -> dict[Tensor, dict[str, Tensor]]:
    """Return Adam's state by parameter; empty where no update was made yet."""
    if not arrays:
        return {}
    parts = ("step", "exp_avg", "exp_avg_sq")
    return {
        parameter: {part: torch.tensor(arrays[f"{part}.{name}"], device=parameter.device) for part in parts}
        for name, parameter in algorithm.policy.named_parameters()
        if f"step.{name}" in arrays
    }


def _capture_episodes(algorithm: MemoryPPO) -> Arrays:
    """Return the window of episodes that the log averages over."""
    infos = list(algorithm.ep_info_buffer or ())
    return {
        **{f"episode.{key}": np.array([float(info[key]) for info in infos]) for key in ("r", "l", "t")},
        "episode.success": np.array([float(success) for success in algorithm.ep_success_buffer or ()]),
    }


def _require_same(what: str, present: Mapping[str, Tensor], stored: Mapping[str, Tensor]) -> None:
    wanted = {name: tuple(tensor.shape) for name, tensor in present.items()}
    found = {name: tuple(tensor.shape) for name, tensor in stored.items()}
    if wanted != found:
        names = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
        raise CheckpointError(
            f"the checkpoint's {what} differ from this configuration's in {', '.join(names[:4])}; resume with the "
            "configuration it was written with, or start a new run."
        )


def _array(tensor: Tensor) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = tensor.detach().cpu().numpy().copy()
    return array
