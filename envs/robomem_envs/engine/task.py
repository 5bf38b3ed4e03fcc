"""What a task is: one kind of episode, written over a batch of B rows.

A task holds all that its episodes remember in an ``Episode`` (arrays with a leading B) and, if it has physics, in a
``Simulation``. It knows nothing of Gymnasium's single, vector or autoreset forms: ``TaskEnv`` and ``TaskVectorEnv``
serve the same task in each, so that equal seeds give equal trajectories in all of them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeAlias

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from robomem.errors import CheckpointError
from robomem.types import BoolArray, FloatArray, IntArray

__all__ = ["Episode", "RowGenerators", "Task"]

Bound: TypeAlias = float | Sequence[float] | FloatArray


class Episode:
    """Named arrays [B, ...]: everything that a task's episodes remember. Saved and restored as a whole.

    An array is an attribute; assigning to it writes into the array, in all rows.
    """

    batch: int
    _arrays: dict[str, npt.NDArray[Any]]

    def __init__(self, batch: int) -> None:
        self.__dict__.update(batch=batch, _arrays={})

    def allot(self, **fields: tuple[Any, ...]) -> None:
        """Add zero arrays, ``name=(dtype, *shape)`` becoming [B, *shape]."""
        for name, (dtype, *shape) in fields.items():
            self.__dict__[name] = self._arrays[name] = np.zeros((self.batch, *shape), dtype)

    def __getattr__(self, name: str) -> npt.NDArray[Any]:  # asked only for what is not there
        raise AttributeError(f"episode has no {name!r}; allotted: {', '.join(self.__dict__.get('_arrays', ()))}")

    def __setattr__(self, name: str, value: Any) -> None:
        getattr(self, name)[...] = value

    def state_dict(self) -> dict[str, npt.NDArray[Any]]:
        """Return copies of all arrays."""
        return {name: array.copy() for name, array in self._arrays.items()}

    def load_state_dict(self, state: Mapping[str, npt.NDArray[Any]]) -> None:
        """Overwrite all arrays, or none: raises CheckpointError when one is missing or does not fit."""
        for name, array in self._arrays.items():
            if name not in state:
                raise CheckpointError(
                    f"the saved state has no {name!r}; it is of another task. It has {sorted(state)}."
                )
            if state[name].shape != array.shape or state[name].dtype != array.dtype:
                raise CheckpointError(
                    f"the saved {name!r} is {state[name].dtype}{list(state[name].shape)}, this environment's is "
                    f"{array.dtype}{list(array.shape)}: the task, its options or the number of environments differ."
                )
        for name, array in self._arrays.items():
            array[...] = state[name]


class RowGenerators:
    """Draws for several rows, each from its own generator, so that a row never depends on its neighbours."""

    def __init__(self, generators: Sequence[np.random.Generator]) -> None:
        self._generators = generators

    def __len__(self) -> int:
        return len(self._generators)

    def draw(self, sample: Callable[[np.random.Generator], Any]) -> npt.NDArray[Any]:
        """Return ``sample(generator)`` of each row, stacked: [rows, ...]."""
        return np.array([sample(generator) for generator in self._generators])

    def uniform(self, low: Bound = 0.0, high: Bound = 1.0, size: Any = None) -> FloatArray:
        """Uniform floats, [rows, *size]."""
        return self.draw(lambda generator: generator.uniform(low, high, size))

    def integers(self, low: int, high: int | None = None, size: Any = None) -> IntArray:
        """Integers in [low, high), [rows, *size]."""
        return self.draw(lambda generator: generator.integers(low, high, size))

    def permutation(self, n: int) -> IntArray:
        """Permutations of 0..n-1, [rows, n]."""
        return self.draw(lambda generator: generator.permutation(n))

    def choice(self, n: int, size: int) -> IntArray:
        """``size`` of 0..n-1 without replacement, in random order, [rows, size]."""
        return self.draw(lambda generator: generator.choice(n, size, replace=False))


class Task(ABC):
    """One kind of episode, over B rows.

    Subclasses take their options as keyword arguments of ``__init__`` (all with defaults), then override the abstract
    methods. ``clock`` [B] counts the steps since each row's reset; the engine keeps it.

    Attributes:
        observation_space: the space of one observation.
        action_space: the space of one action.
        max_steps: the episode is truncated when its clock reaches this.
        reward_range: bounds of one step's reward.
        chance: the success rate of the best policy that remembers nothing; None where the task needs no memory.
        happenings: what can go on that is worth a note, in words: signs as they are told ("the lamp flashed"), acts as
            they are asked for ("press the button").
        frames_per_second: rate of the control loop, for videos.
    """

    observation_space: gym.Space[Any]
    action_space: gym.Space[Any]
    max_steps: int
    reward_range: tuple[float, float] = (0.0, 1.0)
    chance: float | None = None
    happenings: tuple[str, ...] = ()
    frames_per_second: ClassVar[int] = 20
    batch: int
    clock: IntArray
    episode: Episode

    def allocate(self, batch: int, threads: int) -> None:
        """Make room for B rows. Subclasses extend this to allot episode arrays and to build the simulation.

        Args:
            batch: B.
            threads: physics threads; 0 chooses by batch size.
        """
        del threads
        self.batch = batch
        self.episode = Episode(batch)
        self.episode.allot(clock=(np.int64,))
        self.clock = self.episode.clock

    @abstractmethod
    def reset(self, rows: IntArray, rng: RowGenerators) -> None:
        """Begin new episodes in ``rows`` (sorted indices), drawing only from ``rng``. The clock is 0 already."""

    @abstractmethod
    def act(self, action: npt.NDArray[Any]) -> None:
        """Advance every row by one control step under ``action`` [B, ...]. The clock has counted the step already."""

    @abstractmethod
    def observe(self) -> dict[str, npt.NDArray[Any]] | npt.NDArray[Any]:
        """Return fresh arrays [B, ...] that fit ``observation_space``."""

    def observe_rows(self, rows: IntArray) -> dict[str, npt.NDArray[Any]] | npt.NDArray[Any]:
        """Return ``observe`` of ``rows`` alone; worth overriding where observing is dear, as it is with pictures."""
        observation = self.observe()
        return {k: v[rows] for k, v in observation.items()} if isinstance(observation, dict) else observation[rows]

    @abstractmethod
    def reward(self) -> dict[str, FloatArray]:
        """Return the weighted terms of the last step's reward, each [B]; their sum is the reward."""

    @abstractmethod
    def success(self) -> BoolArray:
        """Return where the task is done, [B]."""

    def failure(self) -> BoolArray:
        """Return where the task can no longer be done, [B]; the episode ends there."""
        return np.zeros(self.batch, bool)

    def diverged(self) -> BoolArray:
        """Return where the physics broke in the last step, [B]; such rows were put back to a finite state."""
        return np.zeros(self.batch, bool)

    def expert(self) -> npt.NDArray[Any]:
        """Return a scripted expert's actions [B, ...]; it may read what an agent cannot see."""
        raise NotImplementedError(f"{type(self).__name__} has no scripted expert.")

    def annotations(self) -> dict[str, npt.NDArray[Any]]:
        """Return what an annotator would note of the present state; nothing where nothing need be remembered.

        ``cue`` [B] int64 says which thing is to be remembered, counted from 0, -1 while nobody can know; ``event`` [B]
        bool that it is in sight or that a decision is due; ``happening`` [B] int64 which of ``happenings`` is going on,
        counted from 1, 0 for none. Privileged: for learning, never part of an observation.
        """
        return {}

    def render(self, row: int) -> npt.NDArray[np.uint8]:
        """Return a picture of one row, [height, width, 3]."""
        raise NotImplementedError(f"{type(self).__name__} cannot be rendered.")

    def state_dict(self) -> dict[str, npt.NDArray[Any]]:
        """Return all that the episodes remember, copied."""
        return self.episode.state_dict()

    def load_state_dict(self, state: dict[str, npt.NDArray[Any]]) -> None:
        """Restore what ``state_dict`` returned."""
        self.episode.load_state_dict(state)

    def close(self) -> None:  # noqa: B027 (most tasks hold nothing)
        """Free renderers and threads; safe to call twice."""
