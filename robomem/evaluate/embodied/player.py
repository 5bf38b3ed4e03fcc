"""Who plays units of work: in this process, in several processes, or on a Ray cluster."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Any

from robomem.embodied import Agent, AgentOptions, SkillEnv, Suite
from robomem.errors import ConfigError, EnvironmentFault
from robomem.evaluate.embodied.episode import play_episode
from robomem.evaluate.embodied.record import EpisodeRecord
from robomem.evaluate.embodied.units import Unit

__all__ = ["Cast", "make_env", "play_units"]

Records = tuple[EpisodeRecord, ...]


@dataclass(frozen=True)
class Cast:
    """Who plays in what.

    Attributes:
        suite: whose tasks are played.
        make_agent: makes the agent of a unit.
        options: with which it is made.
        env_kwargs: arguments of the suite's environment.
    """

    suite: Suite
    make_agent: Callable[[AgentOptions], Agent]
    options: AgentOptions
    env_kwargs: Mapping[str, Any] = field(default_factory=dict)

    def make_env(self) -> SkillEnv:
        """Return the suite's environment."""
        return make_env(self.suite, self.env_kwargs)

    def play(self, env: SkillEnv, unit: Unit) -> Records:
        """Play a unit with an agent of its own."""
        agent = self.make_agent(self.options)
        return tuple(
            play_episode(env, agent, task, seed=seed, facts={"suite": task.suite, "day": task.day}, film=unit.film)
            for task, seed in zip(unit.tasks, unit.seeds)
        )


def make_env(suite: Suite, env_kwargs: Mapping[str, Any]) -> SkillEnv:
    """Return the environment of a suite; raises ConfigError if it refuses its arguments."""
    try:
        return suite.make(**env_kwargs)
    except TypeError as error:
        raise ConfigError(f"The environment of {suite.name} refused its arguments: {error}.") from error


def play_units(cast: Cast, units: Sequence[Unit], *, jobs: int = 1, ray: bool = False) -> Iterator[tuple[int, Records]]:
    """Yield the index of each unit and its episodes as they finish; what they are does not depend on ``jobs``."""
    if ray:
        from robomem.evaluate.distributed import map_on_ray

        yield from map_on_ray(_play_alone, cast, units)
    elif jobs > 1 and len(units) > 1:
        yield from _in_processes(cast, units, min(jobs, len(units)))
    elif units:
        env = cast.make_env()
        try:
            for index, unit in enumerate(units):
                yield index, cast.play(env, unit)
        finally:
            env.close()


def _play_alone(cast: Cast, unit: Unit) -> Records:
    env = cast.make_env()
    try:
        return cast.play(env, unit)
    finally:
        env.close()


def _in_processes(cast: Cast, units: Sequence[Unit], jobs: int) -> Iterator[tuple[int, Records]]:
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=(cast,))
    try:
        futures = {pool.submit(_play_in_worker, unit): index for index, unit in enumerate(units)}
        for future in as_completed(futures):
            yield futures.pop(future), future.result()
    except BrokenProcessPool as error:
        raise EnvironmentFault(
            "A worker process died, perhaps for want of memory. What is finished is kept; the same command goes on, "
            "and fewer --jobs need less memory."
        ) from error
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()


class _Worker:
    """What a worker process keeps between units: making an environment is slow, playing in it again is not."""

    cast: Cast
    env: SkillEnv | None = None


def _begin(cast: Cast) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends its workers
    _Worker.cast = cast


def _end_with_parent() -> None:
    """End this process when its parent is gone, also when it was killed while this process was still starting."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _play_in_worker(unit: Unit) -> Records:
    if _Worker.env is None:
        _Worker.env = _Worker.cast.make_env()
    return _Worker.cast.play(_Worker.env, unit)
