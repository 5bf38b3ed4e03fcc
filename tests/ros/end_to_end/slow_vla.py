"""A MemoryVLA whose plans take four periods of the arm, and which says what it takes in; as a program a policy node."""

import sys
import time

from robomem import policy as policies
from robomem_policies.memory_vla.policy import MemoryVLA

PLAN_S = 0.2


class SlowVLA(MemoryVLA):
    """Says ``took STEP`` of each step that it has taken in, and ``planned STEP``."""

    kind = "slow_vla"

    def plan(self, *rest, **more):
        time.sleep(PLAN_S)
        chunk, state = super().plan(*rest, **more)
        say("planned", state)
        return chunk, self._told_of(state)

    def observe(self, *rest, **more):
        return self._told_of(super().observe(*rest, **more))

    def _told_of(self, state):
        say("took", state)
        return state


def say(what, state):
    sys.stdout.write(f"{what} {state['step'][0] - 1}\n")
    sys.stdout.flush()


if "slow_vla" not in policies.policies:
    policies.policies.add("slow_vla", "slow_vla:SlowVLA")

if __name__ == "__main__":
    from robomem_bridge.policy_node import main

    main()
