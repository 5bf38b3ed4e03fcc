"""Writes episodes without end and says which are saved, to be killed at any moment."""

import itertools
import sys
from pathlib import Path

from demo_sets import FEATURES, FPS, PLAIN, frame, length, task

from robomem.data import DatasetWriter

if __name__ == "__main__":
    features = FEATURES if sys.argv[2] == "films" else PLAIN
    with DatasetWriter(Path(sys.argv[1]), FPS, features, robot_type="so101", append=True) as writer:
        for episode in itertools.count(writer.info.total_episodes):
            for step in range(length(episode)):
                writer.add(frame(episode, step, features), task(episode))
            sys.stdout.write(f"{writer.save_episode({'seed': episode})}\n")
            sys.stdout.flush()
