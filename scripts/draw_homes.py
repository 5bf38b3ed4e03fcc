"""Draw the apartments for the README, docs/images/apartment-*.jpg, and an episode in one, docs/images/episode.jpg."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from robomem.embodied import AgentOptions, Executed, Situation, agents, suites
from robomem.serialization import write_atomically
from robomem_envs.household.physical import PhysicalHome

FOLDER = Path(__file__).parent.parent / "docs" / "images"
MOST_BYTES = 60_000
VIEWS = (
    ("apartment-1-top", "apartment-1", "sofa_1", "top"),
    ("apartment-7-top", "apartment-7", "counter_1", "top"),
    ("apartment-3-person", "apartment-3", "dining_table_1", "person"),
    ("apartment-2-person", "apartment-2", "sink_1", "person"),
)
EPISODE = "household-base-006"
"""Which the agent `rules` plays for its picture."""
COLUMNS, SIDE, CAPTION = 5, 260, 22
MOST_BYTES_EPISODE = 110_000


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, world, at, camera in VIEWS:
        home = PhysicalHome(world, 0)
        home.go(at)
        picture = Image.fromarray(home.picture(1000, 1000, camera)).resize((640, 640), Image.Resampling.LANCZOS)
        write(name, picture, MOST_BYTES)
    write("episode", episode(), MOST_BYTES_EPISODE)


def episode() -> Image.Image:
    """Return an episode of `rules`, a frame a skill."""
    suite, agent = suites["household"], agents["rules"](AgentOptions())
    task = next(task for task in suite.tasks("base") if task.id == EPISODE)
    env = suite.make(task=task)
    observation, _ = env.reset(seed=task.seed)
    agent.begin(task.world, task.seed, {})
    frames = [captioned(env.render(), "at first")]
    history: tuple[Executed, ...] = ()
    done = False
    while not done:
        reply = agent.plan(Situation(task.instruction, env.skills, env.action_space, observation, history, 30))
        assert reply.plan, reply.error
        for action in reply.plan.actions:
            observation, _, terminated, truncated, info = env.step(action.id)
            history += (Executed(action, bool(info["last_action_success"]), str(info["env_feedback"])),)
            mark = "" if info["last_action_success"] else " (fails)"
            frames.append(captioned(env.render(), f"{len(history)}. {action.name}{mark}"))
            done = terminated or truncated
            if done or not info["last_action_success"]:
                break
    assert info["task_success"], "choose an episode that succeeds"
    env.close()
    rows = -(-len(frames) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * SIDE, rows * (SIDE + CAPTION)), "white")
    for k, frame in enumerate(frames):
        sheet.paste(frame, (k % COLUMNS * SIDE, k // COLUMNS * (SIDE + CAPTION)))
    return sheet


def captioned(pixels: np.ndarray, text: str) -> Image.Image:
    frame = Image.new("RGB", (SIDE, SIDE + CAPTION), "white")
    frame.paste(Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.LANCZOS), (0, CAPTION))
    ImageDraw.Draw(frame).text((4, 4), text, "black", ImageFont.load_default(13))
    return frame


def write(name: str, picture: Image.Image, most: int) -> None:
    quality = 88
    while len(data := jpeg(picture, quality)) > most:
        quality -= 6
    write_atomically(FOLDER / f"{name}.jpg", data)
    print(f"{name}.jpg {len(data) // 1000} kB")


def jpeg(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
