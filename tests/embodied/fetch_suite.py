"""A small suite: fetch things in a flat of two rooms. Small, but a whole ``SkillEnv``: it hides what was not seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np

from robomem.embodied import EmbodiedTask, Suite, write_tasks
from robomem.errors import ConfigError
from robomem.seeding import generator

PLACES = {"shelf": "hall", "bench": "hall", "table": "den", "chest": "den"}
THINGS = ("ball", "book", "cup")
SKILLS = (
    *(f"go to the {place}" for place in PLACES),
    *(f"pick up the {thing}" for thing in THINGS),
    *(f"place at the {place}" for place in PLACES),
    "open the chest",
    "close the chest",
)
COLOURS = {"shelf": (90, 140, 200), "bench": (200, 170, 90), "table": (120, 180, 120), "chest": (170, 110, 160)}


class FetchEnv:
    """Things lie at places by the task's seed; a grasp slips with ``slip`` in 10, drawn from the episode's seed."""

    max_steps, max_invalid = 30, 10

    def __init__(self, observation: str = "text", broken: bool = False) -> None:
        if observation not in ("text", "vision"):
            raise ConfigError(f"observation {observation!r} is neither text nor vision.")
        self.observation, self.broken = observation, broken
        self.skills = SKILLS
        self.action_space = gym.spaces.Discrete(len(SKILLS))
        parts: dict[str, gym.Space[Any]] = {"scene": gym.spaces.Text(10_000)}
        if observation == "vision":
            parts["rgb"] = gym.spaces.Box(0, 255, (96, 128, 3), np.uint8)
        self.observation_space = gym.spaces.Dict(parts)
        self.closed = False

    def reset(self, *, seed: int | None = None, options: Mapping[str, Any] | None = None):
        self.task: EmbodiedTask = (options or {})["task"]
        draw = generator(self.task.seed, "things")
        self.where = {thing: str(draw.choice(list(PLACES))) for thing in THINGS}
        self.where |= self.task.details.get("where", {})
        self.draw = generator(self.task.seed if seed is None else seed, "slips")
        self.at, self.holding, self.open = "shelf", "", False
        self.env_step = self.invalid = 0
        return self._observe(), self._info()

    def step(self, action):
        if self.broken and self.task.id.endswith("-1"):
            raise ZeroDivisionError("the world broke")
        known = isinstance(action, int) and 0 <= action < len(SKILLS)
        refusal, said = self._do(SKILLS[action]) if known else (f"There is no action {action}.", "")
        self.env_step += 1
        self.invalid += bool(refusal)
        feedback = f"Last action is invalid. {refusal}" if refusal else said
        done = {"action_id": int(action), "action_description": SKILLS[action] if known else "unknown action"}
        done |= {"last_action_success": not refusal, "env_feedback": feedback}
        info = {**self._info(), **done}
        truncated = self.env_step >= self.max_steps or self.invalid >= self.max_invalid
        return self._observe(), float(info["subgoal_reward"]), bool(info["task_success"]), truncated, info

    def _do(self, skill: str) -> tuple[str, str]:
        verb, _, name = skill.partition(" the ")
        if verb == "go to":
            self.at = name
            return "", f"You are at the {name}, in the {PLACES[name]}."
        if verb == "pick up":
            if self.holding:
                return f"Your hand is full: you hold the {self.holding}.", ""
            if name not in self._seen():
                return f"You see no {name} here.", ""
            if self.draw.random() < self.task.details.get("slip", 0) / 10:
                return f"The {name} slipped.", ""
            self.holding, self.where[name] = name, "hand"
            return "", f"You hold the {name}."
        if verb == "place at":
            if not self.holding:
                return "Your hand is empty.", ""
            if name != self.at or (name == "chest" and not self.open):
                return f"You cannot reach into the {name}.", ""
            self.where[self.holding], self.holding = name, ""
            return "", f"It is at the {name} now."
        wanted = verb == "open"
        if self.at != "chest" or self.open == wanted:
            return f"You cannot {verb} the chest.", ""
        self.open = wanted
        return "", f"The chest is {'open' if wanted else 'closed'}."

    def _seen(self) -> list[str]:
        if self.at == "chest" and not self.open:
            return []
        return [thing for thing in THINGS if self.where[thing] == self.at]

    def _observe(self) -> dict[str, Any]:
        scene = {"room": PLACES[self.at], "at": self.at, "holding": self.holding, "step": self.env_step}
        scene |= {"fixtures": [{"name": place, "room": room, "opens": place == "chest", "open": self.open}
                               for place, room in PLACES.items()]}  # fmt: skip
        scene |= {"objects": [{"name": thing, "place": self.at} for thing in self._seen()]}
        found = {"scene": json.dumps(scene)}
        return found | ({"rgb": self.render()} if self.observation == "vision" else {})

    def _info(self) -> dict[str, Any]:
        met = sum(self.where[goal["object"]] == goal["on"] for goal in self.task.goals)
        share = met / len(self.task.goals)
        return {
            "instruction": self.task.instruction,
            "env_step": self.env_step,
            "task_success": share == 1.0,
            "task_progress": share,
            "subgoal_reward": share,
            "invalid_actions": self.invalid,
        }

    def expert_plan(self) -> list[int]:
        plan: list[str] = []
        at, opened, where = self.at, self.open, dict(self.where)

        def go(place: str) -> None:
            nonlocal at, opened
            plan.extend([f"go to the {place}"] * (at != place))
            at = place
            if place == "chest" and not opened:
                plan.append("open the chest")
                opened = True

        if self.holding:
            go(next((goal["on"] for goal in self.task.goals if goal["object"] == self.holding), self.at))
            plan.append(f"place at the {at}")
            where[self.holding] = at
        for goal in self.task.goals:
            if where[goal["object"]] != goal["on"]:
                go(where[goal["object"]])
                plan.append(f"pick up the {goal['object']}")
                go(goal["on"])
                plan.append(f"place at the {goal['on']}")
        return [SKILLS.index(skill) for skill in plan]

    def render(self) -> np.ndarray:
        picture = np.full((96, 128, 3), 235, np.uint8)
        for number, place in enumerate(PLACES):
            left = 4 + 31 * number
            picture[40:80, left : left + 27] = COLOURS[place]
            if place == self.at:
                picture[84:90, left : left + 27] = 30
            for row, thing in enumerate(THINGS):
                if self.where[thing] == place:
                    picture[20 + 6 * row : 24 + 6 * row, left + 4 : left + 20] = (200 - 60 * row, 60, 40 + 80 * row)
        return picture

    def close(self) -> None:
        self.closed = True


def make_fetch(**kwargs: Any) -> FetchEnv:
    return FetchEnv(**kwargs)


def fetch_suite(folder: Path, *, tasks: int = 8, slip: int = 0) -> Suite:
    """Write the tasks of three subsets into ``folder`` and return the suite ``fetch``."""

    def task(subset: str, number: int, goals: int, world: str = "flat", day: int = 0) -> EmbodiedTask:
        draw = generator(number, "fetch", subset)
        things = draw.permutation(THINGS)[:goals]
        wanted = [{"object": str(thing), "on": str(draw.choice(list(PLACES)))} for thing in things]
        text = "Bring " + " and ".join(f"the {goal['object']} to the {goal['on']}" for goal in wanted) + "."
        # each thing begins elsewhere than where it is wanted
        where = {goal["object"]: next(place for place in PLACES if place != goal["on"]) for goal in wanted}
        details = {"where": where} | ({"slip": slip} if slip else {})
        return EmbodiedTask(
            f"fetch-{subset}-{number}", "fetch", subset, world, number, text, tuple(wanted), day, details
        )

    for held_out in (False, True):
        at, first = (folder / "held_out", 1000) if held_out else (folder, 0)
        write_tasks(at / "base.yaml", [task("base", first + number, 1) for number in range(tasks)])
        write_tasks(at / "long.yaml", [task("long", first + number, 3) for number in range(tasks)])
        visits = [
            task("visits", first + 10 * world + day, 1, f"flat-{world}", day) for day in (1, 0, 2) for world in range(3)
        ]
        write_tasks(at / "visits.yaml", visits)
    return Suite("fetch", "Fetch things in a flat of two rooms.", folder, make_fetch)
