"""Observes without end and says what is acknowledged, to be killed at any moment."""

import itertools
import sys

from robomem.lifelong import LifelongMemory, Observation, Pose, Sighting

THINGS = 3


def step(number: int) -> Observation:
    """What is seen at a step: three new things on a table, one old one moved, a picture."""
    things = [
        Sighting(f"thing {number} {part}", pose=Pose((float(number), float(part), 0.0)), facts=(("on", "table"),))
        for part in range(THINGS)
    ]
    cup = Sighting("cup", key="cup", facts=(("on", f"shelf {number % 5}"),), attributes={"step": str(number)})
    return Observation(float(number), f"Step {number}.", (*things, cup), media=f"frames/{number}.jpg")


if __name__ == "__main__":
    with LifelongMemory(sys.argv[1], encoder="hash") as memory:
        for number in itertools.count(int(sys.argv[2])):
            memory.observe(step(number), queries=("where is the cup?",))
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()
