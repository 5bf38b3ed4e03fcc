"""A policy that takes as long as it is told, in steps of whoever plays the control path meanwhile."""

import gymnasium as gym
import numpy as np

CHUNK = 6


class Slow:
    """Remembers which steps it was shown and at what time it took each to be.

    An action is [the step for which the chunk was planned, the step for which the action is meant, 0, 0, 0].

    Args:
        plan_takes, observe_takes: steps that pass meanwhile, one of them for each call by turns.
        execute: after how many steps it would plan anew.
        fails: steps at which it raises.
    """

    observation_space = gym.spaces.Dict({"clock": gym.spaces.Box(-np.inf, np.inf, (1,), np.float32)})
    action_space = gym.spaces.Box(-np.inf, np.inf, (5,), np.float32)

    def __init__(self, plan_takes=(0,), observe_takes=(0,), execute=3, fails=()):
        self.plan_takes, self.observe_takes, self.execute, self.fails = plan_takes, observe_takes, execute, fails
        self.meanwhile = lambda: None
        self.planned, self.called, self.told = [], 0, ""

    def predict(self, observation, state=None, episode_start=None, deterministic=False):
        chunk, state = self.plan(observation, state, episode_start)
        return chunk[0], state

    def plan(self, observation, state=None, episode_start=None, deterministic=False):
        step = int(observation["clock"][0])
        self.planned.append(step)
        steps = step + np.arange(CHUNK)
        chunk = np.stack([np.full(CHUNK, step), steps, *np.zeros((3, CHUNK))], axis=1)
        return chunk.astype(np.float32), self._taken_in(step, state, episode_start, self.plan_takes)

    def observe(self, observation, state=None, episode_start=None):
        return self._taken_in(int(observation["clock"][0]), state, episode_start, self.observe_takes)

    def elapse(self, state, steps):
        return {**state, "now": state["now"] + steps}

    def instruct(self, text):
        self.told = text

    def _taken_in(self, step, state, episode_start, takes):
        if state is None or bool(episode_start):
            state = {"now": np.array(0), "seen": np.zeros(0, int), "times": np.zeros(0, int)}
        self.called += 1
        for _ in range(takes[self.called % len(takes)]):
            self.meanwhile()
        if step in self.fails:
            raise ValueError("on purpose")
        now = state["now"]
        return {"now": now + 1, "seen": np.append(state["seen"], step), "times": np.append(state["times"], now)}
