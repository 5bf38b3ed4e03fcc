"""Draw the tables of the suite manipulate for its page: docs/images/manipulate.jpg."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from draw_homes import jpeg
from PIL import Image

from robomem.embodied import suites
from robomem.serialization import write_atomically

FILE = Path(__file__).parent.parent / "docs/images/manipulate.jpg"
MOST_BYTES = 140_000
SHOWN = (("base", 1, 9), ("base", 2, 4), ("base", 3, 6))
"""Subset, index of the task, and actions of the oracle after which to look."""
PIXELS = 480


def main() -> None:
    rows = []
    env = suites["manipulate"].make(observation="vision", picture_size=2 * PIXELS)
    for subset, index, actions in SHOWN:
        observation, _ = env.reset(options={"task": suites["manipulate"].tasks(subset)[index]})
        marked, done = observation["rgb"], 0
        while done < actions and (plan := env.expert_plan()):
            for action in plan[: actions - done]:
                env.step(action)
                done += 1
        rows.append(np.vstack([marked, env.render()]))
    env.close()
    picture = Image.fromarray(np.hstack(rows)).resize((3 * PIXELS, 2 * PIXELS), Image.Resampling.LANCZOS)
    quality = 90
    while len(data := jpeg(picture, quality)) > MOST_BYTES:
        quality -= 5
    write_atomically(FILE, data)
    print(f"{FILE.name} {len(data) // 1000} kB")


if __name__ == "__main__":
    main()
