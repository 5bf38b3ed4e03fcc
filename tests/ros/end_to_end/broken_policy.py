"""A policy that is well for a while and then is not; saved and found as any other. As a program: a policy node."""

import gymnasium as gym
import numpy as np

from robomem import policy as policies

GOOD_STEPS = 15


class BrokenPolicy:
    """Moves steadily after the go signal; after 15 steps of that it does what ``faults`` say, one an episode by turns.

    Args:
        faults: a number to multiply its actions with, "raise", or "size"; several with commas between.
    """

    kind = "broken"
    observation_space = gym.spaces.Dict(
        {
            "proprio": gym.spaces.Box(-10, 10, (23,), np.float32),
            "go": gym.spaces.Box(0, 1, (1,), np.float32),
        }
    )
    action_space = gym.spaces.Box(-1, 1, (5,), np.float32)

    def __init__(self, faults):
        self.faults, self.episodes = faults, 0

    def predict(self, observation, state=None, episode_start=None, deterministic=False):
        begins = state is None or bool(np.all(episode_start))
        self.episodes += begins
        steps = 0 if begins else int(state["steps"][0])
        steps += int(observation["go"][0] >= 0.5)
        action = np.full(5, 0.4, np.float32)
        if steps > GOOD_STEPS:
            faults = self.faults.split(",")
            fault = faults[(self.episodes - 1) % len(faults)]
            if fault == "raise":
                raise ValueError("on purpose")
            action = action[:3] if fault == "size" else action * float(fault)
        return action, {"steps": np.array([steps])}

    def config(self):
        return {"faults": self.faults}

    def arrays(self):
        return {}

    @classmethod
    def restore(cls, config, arrays, observation_space, action_space):
        return cls(config["faults"])


if "broken" not in policies.policies:
    policies.policies.add("broken", "broken_policy:BrokenPolicy")

if __name__ == "__main__":
    from robomem_bridge.policy_node import main

    main()
