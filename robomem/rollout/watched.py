"""A policy whose memory is looked at while it acts, and the picture that comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from robomem.bank import Inspection, strip
from robomem.bank.inspection import Moment
from robomem.errors import ConfigError
from robomem.policy import Policy, Seeded
from robomem.rollout.actors import Actor
from robomem.types import Action, Observation, PolicyState

__all__ = ["Inspectable", "Noting", "Watched"]


@runtime_checkable
class Inspectable(Seeded, Protocol):
    """A policy that can say what its memory holds and looks at."""

    def inspect(
        self, observation: Observation, state: PolicyState | None = None, episode_start: npt.ArrayLike | None = None
    ) -> Mapping[str, Inspection]:
        """Return what each stream holds and looks at, by its name; arguments as for ``predict``."""
        ...


@runtime_checkable
class Noting(Protocol):
    """A policy that keeps some of what it remembers in words."""

    def written(self, state: PolicyState) -> Sequence[str]:
        """Return what each row holds in words, parts with ``; `` between them."""
        ...


class Watched:
    """Acts as a policy does, and keeps what its memory held at every step of the first episode of the first row.

    Args:
        agent: the policy.
        label: how errors call it.

    Raises:
        ConfigError: it is not ``Inspectable``.
    """

    def __init__(self, agent: Policy | Actor, label: str) -> None:
        if not isinstance(agent, Inspectable):
            raise ConfigError(
                f"{label} cannot be asked what it remembers: it has no inspect(). memory-vla with a bank does."
            )
        self._policy = agent
        self.observation_space, self.action_space = agent.observation_space, agent.action_space
        self._episodes = 0
        self._streams: dict[str, list[Moment]] = {}
        self._frames: list[npt.NDArray[np.uint8]] = []
        self._words: list[str] = []

    def initial_state(self, batch: int, seeds: npt.ArrayLike | None = None) -> PolicyState:
        """See ``Seeded``."""
        return self._policy.initial_state(batch, seeds)

    def predict(
        self,
        observation: Observation,
        state: PolicyState | None = None,
        episode_start: npt.ArrayLike | None = None,
        deterministic: bool = False,
    ) -> tuple[Action, PolicyState | None]:
        """See ``robomem.policy.Policy``."""
        self._episodes += state is None or bool(np.ravel(episode_start)[0] if episode_start is not None else False)
        if self._episodes == 1:
            for name, seen in self._policy.inspect(observation, state, episode_start).items():
                self._streams.setdefault(name, []).append(seen.row(0))
            self._frames.extend(_pictures(observation))
        action, after = self._policy.predict(observation, state, episode_start, deterministic)
        if self._episodes == 1 and after is not None and isinstance(self._policy, Noting):
            self._words.append(self._policy.written(after)[0])
        return action, after

    def picture(self, title: str = "") -> bytes:
        """Return ``bank.strip`` of the episode, a PNG, with the first picture that the policy saw at each step."""
        return strip(self._streams, self._frames or None, words=self._words or None, title=title)


def _pictures(observation: Any) -> list[npt.NDArray[np.uint8]]:
    """Return the first RGB picture of the first row of a batch, if there is any."""
    parts = observation.values() if isinstance(observation, Mapping) else [observation]
    arrays = [np.asarray(part) for part in parts]
    return [part[0] for part in arrays if part.dtype == np.uint8 and part.ndim == 4 and part.shape[-1] == 3][:1]
